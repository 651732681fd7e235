use connector_api::ConfigMap;

use super::schema_history::MEMORY_HISTORY;
use super::*;
use crate::server::SslMode;
use crate::table_id::TableId;

/// The smallest configuration that is accepted, with changes: an empty value takes a key away.
fn config(changes: &[(&str, &str)]) -> ConfigMap {
    let smallest = [
        ("topic.prefix", "p"),
        ("database.hostname", "db.example"),
        ("database.user", "cdc"),
        ("schema.history.internal.kafka.topic", "history-p"),
    ];
    let mut config = ConfigMap::new();
    for (key, value) in smallest.iter().chain(changes) {
        config.insert((*key).to_owned(), (*value).to_owned());
    }
    config
}

fn parse(changes: &[(&str, &str)]) -> MySqlConfig {
    MySqlConfig::parse(&config(changes)).unwrap()
}

/// `key` is the only key that is wrong, and its text contains `part`.
fn check_refused(changes: &[(&str, &str)], key: &str, part: &str) {
    let problems = MySqlConfig::parse(&config(changes)).unwrap_err().0;
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert!(keys.iter().all(|wrong| *wrong == key), "{changes:?}: {problems:?}");
    assert!(
        problems.iter().any(|problem| problem.message.contains(part)),
        "{changes:?}: {problems:?}"
    );
}

#[test]
fn the_smallest_configuration_has_debeziums_defaults() {
    let config = parse(&[]);
    assert_eq!(config.connection.address(), "db.example:3306");
    assert_eq!(config.connection.ssl.mode, SslMode::Preferred);
    assert_eq!(config.connection.connect_timeout, Duration::from_secs(30));
    assert_eq!(config.server_id, None);
    assert_eq!(config.snapshot_mode, SnapshotMode::INITIAL);
    assert_eq!(config.snapshot_locking, SnapshotLocking::WhileOpening);
    assert_eq!(config.snapshot_lock_timeout, Duration::from_secs(10));
    assert_eq!(config.records, RecordOptions::default());
    assert_eq!(config.heartbeat, None);
    assert_eq!(config.net_write_timeout, None);
    let HistoryPlace::Topic(history) = config.schema_history.place else {
        panic!("a topic");
    };
    assert_eq!((history.topic.as_str(), history.bootstrap_servers), ("history-p", None));
    assert!(config.tables.captures(&TableId::new("a", "b")));
    assert!(!config.tables.captures(&TableId::new("mysql", "user")));
}

/// Debezium's words, recorded from 3.6.3.
#[test]
fn texts_are_those_of_debezium() {
    let empty = MySqlConfig::parse(&ConfigMap::new()).unwrap_err().0;
    let messages: Vec<&str> = empty.iter().map(|problem| problem.message.as_str()).collect();
    for key in ["topic.prefix", "database.hostname", "database.user"] {
        assert!(
            messages.contains(&format!("The '{key}' value is invalid: A value is required").as_str()),
            "{key}"
        );
    }
    for (changes, key, text) in [
        (
            vec![("topic.prefix", "bad prefix!")],
            "topic.prefix",
            "The 'topic.prefix' value is invalid: bad prefix! has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)",
        ),
        (
            vec![("database.server.id", "0")],
            "database.server.id",
            "The 'database.server.id' value is invalid: A positive, non-zero long value is expected",
        ),
        (
            vec![("database.port", "abc")],
            "database.port",
            "The 'database.port' value is invalid: An integer is expected",
        ),
        (
            vec![("table.include.list", "a.b"), ("table.exclude.list", "c.d")],
            "table.exclude.list",
            "The 'table.exclude.list' value is invalid: \"table.include.list\" is already specified",
        ),
        (
            vec![("table.include.list", "a.(b")],
            "table.include.list",
            "The 'table.include.list' value is invalid: A comma-separated list of valid regular expressions is expected, but `a.(b`: unclosed group",
        ),
        (
            vec![("database.ssl.mode", "maybe")],
            "database.ssl.mode",
            "Value must be one of disabled, preferred, required, verify_ca, verify_identity",
        ),
    ] {
        check_refused(&changes, key, text);
    }
}

#[test]
fn what_is_not_carried_out_is_refused_by_name() {
    for (key, value, part) in [
        ("snapshot.mode", "custom", "possible here: initial, when_needed"),
        ("snapshot.mode", "schema_only_recovery", "use recovery"),
        ("snapshot.mode", "never", "use no_data"),
        (
            "snapshot.locking.mode",
            "custom",
            "possible here: minimal, extended, none",
        ),
        ("snapshot.locking.mode", "minimal_percona", "possible here: minimal"),
        (
            "decimal.handling.mode",
            "x",
            "Value must be one of string, double, precise",
        ),
        (
            "bigint.unsigned.handling.mode",
            "x",
            "Value must be one of precise, long",
        ),
        (
            "time.precision.mode",
            "x",
            "Value must be one of adaptive, adaptive_time_microseconds, isostring",
        ),
        (
            "time.precision.mode",
            "adaptive",
            "The 'adaptive' time.precision.mode is no longer supported",
        ),
        (
            "binary.handling.mode",
            "x",
            "Value must be one of bytes, base64, base64-url-safe, hex",
        ),
        ("converters", "isbn", "set isbn.type"),
        ("gtid.source.includes", "(", "valid regular expressions"),
        (
            "column.truncate.to.x.chars",
            "a.b.c",
            "column.truncate.to.<number>.chars",
        ),
        ("snapshot.select.statement.overrides", "a", "write DATABASE.TABLE"),
        ("snapshot.query.mode", "custom", "snapshot.select.statement.overrides"),
        (
            "topic.naming.strategy",
            "io.debezium.schema.DefaultRegexTopicNamingStrategy",
            "leave the key out",
        ),
        (
            "inconsistent.schema.handling.mode",
            "pass",
            "possible here: fail, warn, skip, ignore",
        ),
        (
            "skipped.operations",
            "t,none",
            "'none' cannot be specified with other skipped operation types",
        ),
        (
            "message.key.columns",
            "a",
            "a has an invalid format (expecting '^\\s*([^:]+):([^:,]+(,[^:,]+)*)\\s*$')",
        ),
        ("heartbeat.interval.ms", "-1", "An non-negative integer is expected"),
        ("database.hostname", "a b", "a b has invalid format"),
        ("skipped.operations", "t,x", "Invalid operation x"),
    ] {
        check_refused(&[(key, value)], key, part);
    }
}

#[test]
fn statements_are_parted_by_single_semicolons() {
    let config = parse(&[("database.initial.statements", " SET @a = 'x;;y' ; SET @b = 1;; ;")]);
    assert_eq!(config.connection.initial_statements, ["SET @a = 'x;y'", "SET @b = 1;"]);
}

#[test]
fn a_refused_key_at_its_default_is_accepted() {
    parse(&[
        ("decimal.handling.mode", "PRECISE"),
        ("enable.time.adjuster", "true"),
        ("topic.naming.strategy", "io.debezium.schema.DefaultTopicNamingStrategy"),
        ("converters", ""),
    ]);
}

#[test]
fn modes_of_values_are_read_in_any_case() {
    assert_eq!(parse(&[]).records.values, ValueModes::default());
    let modes = parse(&[
        ("decimal.handling.mode", "String"),
        ("bigint.unsigned.handling.mode", "PRECISE"),
        ("time.precision.mode", "isostring"),
        ("enable.time.adjuster", "false"),
        ("binary.handling.mode", "base64-url-safe"),
    ]);
    assert_eq!(
        modes.records.values,
        ValueModes {
            decimals: DecimalMode::Text,
            unsigned_bigints: UnsignedBigintMode::Precise,
            times: TimePrecision::IsoText,
            early_years: EarlyYears::Kept,
            binaries: BinaryMode::Base64UrlSafe,
            tiny_ints: TinyIntMode::Number,
            timestamps: TimestampDigits::OfColumn,
        }
    );
    let double = parse(&[("decimal.handling.mode", "double")]);
    assert_eq!(double.records.values.decimals, DecimalMode::Double);
}

#[test]
fn every_problem_is_reported_at_once() {
    let changes = [
        ("topic.prefix", ""),
        ("database.port", "x"),
        ("snapshot.mode", "x"),
        ("heartbeat.interval.ms", "-1"),
    ];
    let problems = MySqlConfig::parse(&config(&changes)).unwrap_err().0;
    for (key, _) in changes {
        assert!(problems.iter().any(|problem| problem.key == key), "{key}: {problems:?}");
    }
}

#[test]
fn a_validation_lists_every_key_and_never_a_value() {
    let values = validate(&config(&[
        ("database.password", "s3cret"),
        ("column.mask.with.x.chars", "x"),
    ]));
    assert_eq!(values.len(), 125);
    assert!(values.iter().all(|value| value.value.is_none()));
    let wrong: Vec<&str> = values
        .iter()
        .filter(|value| !value.errors.is_empty())
        .map(|value| value.name.as_str())
        .collect();
    assert_eq!(wrong, ["column.mask.with.x.chars"]);
    assert!(
        values
            .iter()
            .filter(|value| !value.visible)
            .map(|value| &value.name[..4])
            .eq(["sche", "gtid"])
    );
}

#[test]
fn a_prefix_that_is_no_avro_name_needs_an_adjustment() {
    const AVRO: (&str, &str) = ("value.converter", "io.confluent.connect.avro.AvroConverter");
    check_refused(
        &[("topic.prefix", "my-shop"), AVRO],
        "topic.prefix",
        "schema.name.adjustment.mode=avro",
    );
    check_refused(
        &[("topic.prefix", "a..b"), ("key.converter", "avro")],
        "topic.prefix",
        "Avro namespace",
    );
    parse(&[
        ("topic.prefix", "my-shop"),
        AVRO,
        ("schema.name.adjustment.mode", "avro"),
    ]);
    parse(&[
        ("topic.prefix", "my-shop"),
        ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
    ]);
    parse(&[("topic.prefix", "my_shop.eu1"), AVRO]);
}

#[test]
fn field_names_follow_the_converter_unless_told_otherwise() {
    const AVRO: (&str, &str) = ("value.converter", "io.apicurio.registry.utils.converter.AvroConverter");
    assert_eq!(parse(&[]).records.field_names, NameAdjustment::None);
    assert_eq!(parse(&[AVRO]).records.field_names, NameAdjustment::Avro);
    assert_eq!(parse(&[AVRO]).records.schema_names, NameAdjustment::None);
    assert_eq!(
        parse(&[AVRO, ("field.name.adjustment.mode", "none")])
            .records
            .field_names,
        NameAdjustment::None
    );
    assert_eq!(
        parse(&[("field.name.adjustment.mode", "avro_unicode")])
            .records
            .field_names,
        NameAdjustment::AvroUnicode
    );
}

#[test]
fn heartbeats_find_their_topic() {
    let topic = |changes: &[(&str, &str)]| {
        let mut all = vec![("heartbeat.interval.ms", "5000")];
        all.extend(changes);
        parse(&all).heartbeat.unwrap().topic
    };
    assert_eq!(topic(&[]), "__debezium-heartbeat.p");
    assert_eq!(topic(&[("heartbeat.topics.prefix", "hb")]), "hb.p");
    assert_eq!(
        topic(&[("heartbeat.topics.prefix", "old"), ("topic.heartbeat.prefix", "new")]),
        "new.p"
    );
    assert_eq!(topic(&[("topic.delimiter", "_")]), "__debezium-heartbeat_p");
    assert_eq!(topic(&[("topic.heartbeat.name", "alive")]), "alive");
}

#[test]
fn client_settings_of_the_history_are_passed_on() {
    let history = parse(&[
        ("schema.history.internal.kafka.bootstrap.servers", "k1:9092"),
        ("schema.history.internal.producer.security.protocol", "SASL_SSL"),
        ("schema.history.internal.consumer.sasl.mechanism", "PLAIN"),
        ("schema.history.internal.store.only.captured.tables.ddl", "true"),
    ])
    .schema_history;
    let HistoryPlace::Topic(log) = &history.place else {
        panic!("a topic");
    };
    assert_eq!(log.bootstrap_servers.as_deref(), Some("k1:9092"));
    assert_eq!(
        log.producer.get("security.protocol").map(String::as_str),
        Some("SASL_SSL")
    );
    assert_eq!(log.consumer.get("sasl.mechanism").map(String::as_str), Some("PLAIN"));
    assert!(history.only_captured_tables && !history.only_captured_databases);
}

#[test]
fn a_required_key_under_its_former_name_is_answered_with_its_name() {
    check_refused(
        &[("topic.prefix", ""), ("database.server.name", "p")],
        "topic.prefix",
        "rename `database.server.name`",
    );
}

/// What Debezium refuses or fails with is refused when a connector is created; one that is there goes on.
#[test]
fn what_debezium_would_not_run_is_refused_by_validation_alone() {
    for (changes, key) in [
        ([("max.batch.size", "8192")], "max.queue.size"),
        ([("tasks.max", "6")], "tasks.max"),
    ] {
        let config = config(&changes);
        let wrong: Vec<String> = validate(&config)
            .into_iter()
            .filter(|value| !value.errors.is_empty())
            .map(|value| value.name)
            .collect();
        assert_eq!(wrong, [key]);
        assert!(MySqlConfig::parse(&config).is_ok());
    }
}

#[test]
fn what_runs_otherwise_than_its_key_says_is_warned_about() {
    let given = config(&[
        ("event.processing.failure.handling.mode", "skip"),
        ("event.deserialization.failure.handling.mode", "FAIL"),
        ("topic.naming.strategy", "io.debezium.schema.SchemaTopicNamingStrategy"),
        ("inconsistent.schema.handling.mode", "Warn"),
        ("schema.history.internal", MEMORY_HISTORY),
    ]);
    let parsed = MySqlConfig::parse(&given).expect("a configuration");
    assert_eq!(parsed.undefined_rows, UndefinedRows::LeaveOut);
    assert_eq!(parsed.records.topic_naming, TopicNaming::Table);
    let found = warnings(&given);
    assert_eq!(parsed.schema_history.place, HistoryPlace::Memory);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].contains("lost when the worker ends"), "{found:?}");
    assert!(found[1].starts_with("`topic.naming.strategy`"), "{found:?}");
    assert!(
        found[2].starts_with("`event.processing.failure.handling.mode` has no effect"),
        "{found:?}"
    );
}

#[test]
fn an_error_never_holds_a_secret() {
    let errors = MySqlConfig::parse(&config(&[("database.password", "s3cret"), ("database.port", "x")])).unwrap_err();
    assert!(!format!("{errors} {errors:?}").contains("s3cret"));
    assert!(!format!("{:?}", parse(&[("database.password", "s3cret")])).contains("s3cret"));
}

#[test]
fn columns_that_may_stay_unhashed_are_warned_about() {
    const HASH: &str = "column.mask.hash.v2.SHA-256.with.salt.s";
    let warned = |others: &[(&str, &str)]| {
        let given = config(&[&[(HASH, "d.t.a")], others].concat());
        warnings(&given)
    };
    assert_eq!(warned(&[]), Vec::<String>::new());
    let found = warned(&[("column.propagate.source.type", ".*")]);
    assert!(
        found.len() == 1
            && found[0].contains("both `column.propagate.source.type` and")
            && found[0].contains("is not hashed"),
        "{found:?}"
    );
}

#[test]
fn keys_without_effect_and_unknown_keys_are_warned_about() {
    let given = config(&[
        ("name", "c"),
        ("value.converter.schema.registry.url", "http://r"),
        ("transforms.a.type", "T"),
        ("errors.tolerance", "none"),
        ("producer.override.acks", "all"),
        ("max.batch.size", "4096"),
        ("max.queue.size", "8192"),
        ("driver.useSSL", "true"),
        ("table.includes.list", "a.b"),
        ("zzz", "1"),
        ("schema.history.internal.producer.acks", "all"),
    ]);
    assert_eq!(
        warnings(&given),
        [
            "`driver.useSSL` has no effect: nothing here runs on a Java virtual machine",
            "`max.batch.size` has no effect: transactions are cut by bytes and time",
            "`table.includes.list` is unknown; did you mean `table.include.list`?",
            "`zzz` is unknown",
        ]
    );
}
