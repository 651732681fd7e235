//! From the user's strings to [`MySqlConfig`], and the answer to a validation.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use connector_api::config::{ConfigProblem, ConfigValue};
use connector_api::{ConfigMap, ConnectError};

use super::capture_lists::CaptureLists;
use super::column_converters::ColumnConverters;
use super::column_mappings::ColumnMappings;
use super::definition::config_def;
use super::former_names;
use super::gtid_sources::GtidSources;
use super::reader::Reader;
use super::table_filter::{ColumnFilter, CustomKeys, TableFilter};
use super::{
    GuardrailAction, HeartbeatConfig, MySqlConfig, NameAdjustment, RecordOptions, SchemaHistoryConfig,
    SkippedOperations, SnapshotLocking, SnapshotMode, SnapshotReads, TopicNaming, UndefinedRows, ValueModes,
};
use crate::server::{ConnectionOptions, SslMode, SslOptions};

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigProblem>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<&str> = self.0.iter().map(|problem| problem.message.as_str()).collect();
        write!(f, "the configuration is invalid: {}", messages.join("; "))
    }
}

impl From<ConfigErrors> for ConnectError {
    fn from(errors: ConfigErrors) -> Self {
        ConnectError::fatal(errors.to_string())
    }
}

/// Every key with what is wrong with it, for a validation. Like Debezium's, it echoes no values.
///
/// Problems of keys that the definition does not list follow at the end.
pub fn validate(config: &ConfigMap) -> Vec<ConfigValue> {
    let mut problems = MySqlConfig::parse(config)
        .err()
        .map(|errors| errors.0)
        .unwrap_or_default();
    problems.extend(former_names::problems(config));
    problems.extend(impossible_wishes(config));
    let mut values: Vec<ConfigValue> = config_def().keys().iter().map(ConfigValue::unset).collect();
    for ConfigProblem { key, message } in problems {
        match values.iter_mut().find(|value| value.name == key) {
            Some(value) => value.errors.push(message),
            None => values.push(ConfigValue {
                name: key,
                value: None,
                recommended_values: Vec::new(),
                errors: vec![message],
                visible: true,
            }),
        }
    }
    values
}

/// What Debezium refuses, or what stops its tasks, although a task of ours would run: a connector that runs with it was not
/// created by this worker, and goes on.
fn impossible_wishes(config: &ConfigMap) -> Vec<ConfigProblem> {
    let mut reader = Reader::new(config);
    let number = |key| reader.text(key).parse::<i64>().ok();
    let (queue, batch) = (number("max.queue.size"), number("max.batch.size"));
    let tasks = config
        .get("tasks.max")
        .and_then(|tasks| tasks.trim().parse::<i64>().ok());
    if let (Some(queue), Some(batch)) = (queue, batch)
        && queue <= batch
    {
        let error = format!("Must be larger than the maximum batch size: max.batch.size is {batch}");
        reader.reject("max.queue.size", error);
    }
    if tasks.is_some_and(|tasks| tasks > 1) {
        reader.reject("tasks.max", "Only a single connector task may be started: set it to 1");
    }
    reader.into_problems()
}

impl MySqlConfig {
    /// Reads a configuration.
    ///
    /// # Errors
    /// All problems, each with its key.
    pub fn parse(config: &ConfigMap) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(config);
        reader.check_known_keys();
        let topic_prefix = topic_prefix(&mut reader);
        let parsed = MySqlConfig {
            connection: connection(&mut reader),
            server_id: server_id(&mut reader),
            validation_timeout: reader.milliseconds("connection.validation.timeout.ms", 1),
            keep_alive_interval: reader.milliseconds("connect.keep.alive.interval.ms", 1),
            net_write_timeout: seconds(reader.number("binlog.net.write.timeout", 0)),
            net_read_timeout: seconds(reader.number("binlog.net.read.timeout", 0)),
            gtid_sources: GtidSources::read(&mut reader),
            tables: TableFilter {
                databases: reader.name_filter("database.include.list", "database.exclude.list"),
                tables: reader.name_filter("table.include.list", "table.exclude.list"),
                built_in_too: !reader.boolean("table.ignore.builtin"),
            },
            capture_lists: CaptureLists::of(&reader),
            columns: ColumnFilter {
                columns: reader.name_filter("column.include.list", "column.exclude.list"),
            },
            custom_keys: custom_keys(&mut reader),
            converters: ColumnConverters::read(&mut reader),
            mappings: ColumnMappings::read(&mut reader),
            guardrail: guardrail(&mut reader),
            snapshot_reads: SnapshotReads::read(&mut reader),
            snapshot_mode: SnapshotMode::read(&mut reader),
            snapshot_locking: snapshot_locking(&reader),
            snapshot_lock_timeout: reader.milliseconds("snapshot.lock.timeout.ms", 0),
            undefined_rows: undefined_rows(&reader),
            schema_comments: reader.boolean("include.schema.comments"),
            schema_history: SchemaHistoryConfig::read(&mut reader),
            records: record_options(&mut reader, &topic_prefix),
            heartbeat: heartbeat(&mut reader, &topic_prefix),
            topic_prefix,
        };
        let problems = reader.into_problems();
        if problems.is_empty() {
            Ok(parsed)
        } else {
            Err(ConfigErrors(problems))
        }
    }
}

fn topic_prefix(reader: &mut Reader<'_>) -> String {
    let prefix = reader.required("topic.prefix");
    if !prefix.is_empty() {
        check_topic_part(reader, "topic.prefix", &prefix);
    }
    prefix
}

fn check_topic_part(reader: &mut Reader<'_>, key: &str, part: &str) {
    if !part
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
    {
        let allowed = "only the underscore, hyphen, dot and alphanumeric characters are allowed";
        reader.reject(key, format!("{part} has invalid format ({allowed})"));
    }
}

fn connection(reader: &mut Reader<'_>) -> ConnectionOptions {
    let secret = |reader: &Reader<'_>, key: &str| reader.password(key).unwrap_or_default();
    let modes = [
        ("disabled", SslMode::Disabled),
        ("preferred", SslMode::Preferred),
        ("required", SslMode::Required),
        ("verify_ca", SslMode::VerifyCa),
        ("verify_identity", SslMode::VerifyIdentity),
    ];
    ConnectionOptions {
        hostname: hostname(reader),
        port: port(reader),
        user: reader.required("database.user"),
        password: secret(reader, "database.password"),
        ssl: SslOptions {
            mode: reader.one_of("database.ssl.mode", &modes, SslMode::Preferred),
            truststore: reader.given("database.ssl.truststore").map(PathBuf::from),
            truststore_password: secret(reader, "database.ssl.truststore.password"),
            keystore: reader.given("database.ssl.keystore").map(PathBuf::from),
            keystore_password: secret(reader, "database.ssl.keystore.password"),
        },
        connect_timeout: reader.milliseconds("connect.timeout.ms", 1),
        initial_statements: reader.statements("database.initial.statements"),
        task: None,
    }
}

/// Debezium's rule, widened by the colons and brackets of IPv6.
fn hostname(reader: &mut Reader<'_>) -> String {
    let hostname = reader.required("database.hostname");
    if hostname
        .chars()
        .any(|c| !c.is_ascii_alphanumeric() && !"_-.:[]".contains(c))
    {
        let allowed = "only the underscore, hyphen, dot and alphanumeric characters are allowed";
        reader.reject(
            "database.hostname",
            format!("{hostname} has invalid format ({allowed})"),
        );
    }
    hostname
}

fn port(reader: &mut Reader<'_>) -> u16 {
    let number = reader.number("database.port", 1);
    u16::try_from(number).unwrap_or_else(|_| {
        reader.reject("database.port", "A port of at most 65535 is expected");
        0
    })
}

fn server_id(reader: &mut Reader<'_>) -> Option<u32> {
    reader.given("database.server.id")?;
    let number = reader.number("database.server.id", 1);
    let id = u32::try_from(number).ok();
    if id.is_none() {
        reader.reject("database.server.id", "MySQL's server ids end at 4294967295");
    }
    id
}

/// MySQL's `net_*_timeout` variables count in seconds; 0 leaves the choice to us.
fn seconds(number: i64) -> Option<Duration> {
    (number > 0).then(|| Duration::from_secs(number.unsigned_abs()))
}

fn custom_keys(reader: &mut Reader<'_>) -> CustomKeys {
    let Some(given) = reader.given("message.key.columns") else {
        return CustomKeys::default();
    };
    CustomKeys::parse(given).unwrap_or_else(|error| {
        reader.reject("message.key.columns", error);
        CustomKeys::default()
    })
}

fn guardrail(reader: &mut Reader<'_>) -> Option<(usize, GuardrailAction)> {
    let actions = [("warn", GuardrailAction::Warn), ("fail", GuardrailAction::Fail)];
    let action = reader.one_of("guardrail.collections.limit.action", &actions, GuardrailAction::Warn);
    let limit = usize::try_from(reader.number("guardrail.collections.max", 0)).ok()?;
    (limit > 0).then_some((limit, action))
}

/// Other modes were already refused by the table.
fn snapshot_locking(reader: &Reader<'_>) -> SnapshotLocking {
    match reader.text("snapshot.locking.mode").to_ascii_lowercase().as_str() {
        "none" => SnapshotLocking::None,
        _ => SnapshotLocking::WhileOpening,
    }
}

/// Other modes were already refused by the table.
fn undefined_rows(reader: &Reader<'_>) -> UndefinedRows {
    match reader
        .text("inconsistent.schema.handling.mode")
        .to_ascii_lowercase()
        .as_str()
    {
        "warn" => UndefinedRows::LeaveOut,
        "skip" | "ignore" => UndefinedRows::LeaveOutQuietly,
        _ => UndefinedRows::Stop,
    }
}

/// Without the key topics are named by Debezium's strategy for databases without schemas, whatever default is shown.
fn topic_naming(reader: &Reader<'_>) -> TopicNaming {
    match reader.given("topic.naming.strategy") {
        Some(class) if class.eq_ignore_ascii_case("io.debezium.schema.SchemaTopicNamingStrategy") => TopicNaming::Table,
        _ => TopicNaming::DatabaseAndTable,
    }
}

fn record_options(reader: &mut Reader<'_>, topic_prefix: &str) -> RecordOptions {
    const MODES: [(&str, NameAdjustment); 3] = [
        ("none", NameAdjustment::None),
        ("avro", NameAdjustment::Avro),
        ("avro_unicode", NameAdjustment::AvroUnicode),
    ];
    let with_avro = ["key.converter", "value.converter"]
        .iter()
        .any(|key| reader.given(key).is_some_and(is_avro));
    let field_default = if with_avro {
        NameAdjustment::Avro
    } else {
        NameAdjustment::None
    };
    let schema_names = reader.one_of("schema.name.adjustment.mode", &MODES, NameAdjustment::None);
    let scrubs = |converter: &str| {
        let key = format!("{converter}.scrub.invalid.names");
        reader
            .given(&key)
            .is_some_and(|given| given.trim().eq_ignore_ascii_case("true"))
    };
    let restricts = |key: &&str| reader.given(key).is_some_and(is_avro) && !scrubs(key);
    if ["key.converter", "value.converter"].iter().any(restricts) && schema_names == NameAdjustment::None {
        check_avro_prefix(reader, topic_prefix);
    }
    let topic_delimiter = reader.text("topic.delimiter");
    check_topic_part(reader, "topic.delimiter", &topic_delimiter);
    RecordOptions {
        tombstones_on_delete: reader.boolean("tombstones.on.delete"),
        skipped: skipped_operations(reader),
        skips_unchanged: reader.boolean("skip.messages.without.change"),
        includes_query: reader.boolean("include.query"),
        extended_headers: reader.boolean("extended.headers.enabled"),
        schema_changes: reader.boolean("include.schema.changes"),
        transaction_topic: transaction_topic(reader),
        topic_delimiter,
        topic_naming: topic_naming(reader),
        schema_names,
        field_names: reader.one_of("field.name.adjustment.mode", &MODES, field_default),
        values: ValueModes::read(reader),
        refuses_misfits: reader.one_of(
            "event.converting.failure.handling.mode",
            &[("warn", false), ("skip", false), ("ignore", false), ("fail", true)],
            false,
        ),
    }
}

fn transaction_topic(reader: &mut Reader<'_>) -> Option<String> {
    const KEY: &str = "topic.transaction";
    let ending = reader.text(KEY);
    check_topic_part(reader, KEY, &ending);
    reader.boolean("provide.transaction.metadata").then_some(ending)
}

/// The classes whose schemas need Avro names, by class and by the aliases the worker accepts.
fn is_avro(converter: &str) -> bool {
    let simple = converter.rsplit('.').next().unwrap_or(converter);
    ["avro", "AvroConverter"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(simple))
}

/// The prefix begins the namespace of every schema; a namespace is Avro names joined by dots
/// (<https://avro.apache.org/docs/1.12.0/specification/#names>). Leading digits pass Confluent's registry and are left.
fn check_avro_prefix(reader: &mut Reader<'_>, prefix: &str) {
    let named = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !prefix.is_empty() && !prefix.split('.').all(named) {
        reader.reject(
            "topic.prefix",
            format!(
                "{prefix} cannot begin an Avro namespace; set schema.name.adjustment.mode=avro or choose another prefix"
            ),
        );
    }
}

fn skipped_operations(reader: &mut Reader<'_>) -> SkippedOperations {
    const KEY: &str = "skipped.operations";
    let text = reader.text(KEY);
    let mut skipped = SkippedOperations {
        truncates: false,
        ..SkippedOperations::default()
    };
    let operations: Vec<&str> = text.split(',').map(str::trim).collect();
    for operation in &operations {
        match *operation {
            "c" => skipped.creates = true,
            "u" => skipped.updates = true,
            "d" => skipped.deletes = true,
            "t" => skipped.truncates = true,
            "none" if operations.len() == 1 => {}
            "none" => reader.reject(KEY, "'none' cannot be specified with other skipped operation types"),
            other => reader.reject(
                KEY,
                format!("Invalid operation {other}; possible are c, u, d, t, or none alone"),
            ),
        }
    }
    skipped
}

fn heartbeat(reader: &mut Reader<'_>, topic_prefix: &str) -> Option<HeartbeatConfig> {
    let interval = reader.milliseconds("heartbeat.interval.ms", 0);
    let key = match reader.given("topic.heartbeat.prefix") {
        None if reader.given("heartbeat.topics.prefix").is_some() => "heartbeat.topics.prefix",
        _ => "topic.heartbeat.prefix",
    };
    let beginning = reader.text(key);
    check_topic_part(reader, key, &beginning);
    let name = reader.text("topic.heartbeat.name");
    check_topic_part(reader, "topic.heartbeat.name", &name);
    let topic = if name.is_empty() {
        format!("{beginning}{}{topic_prefix}", reader.text("topic.delimiter"))
    } else {
        name
    };
    let action = reader.given("heartbeat.action.query").map(str::to_owned);
    (!interval.is_zero()).then_some(HeartbeatConfig {
        interval,
        topic,
        action,
    })
}
