//! The transforms and predicates there are, by the names of their Java classes: the only list of them.

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig};
use connector_api::pattern::{Case, Pattern};

use super::chain::Transform;
use super::filter::Filter;
use super::key_or_value::KeyOrValue::{Key, Value};
use super::predicate::Predicate;
use super::read_to_insert_event::ReadToInsertEvent;
use super::{
    by_logical_table_router, cast, content_based_router, event_router, extract_changed_record_state, extract_field,
    extract_new_record_state, flatten, header_from, header_to_value, headers, hoist_field, insert_field, mask_field,
    partition_routing, regex_router, replace_field, schema_change_event_filter, script_filter, set_schema_metadata,
    timestamp_converter, timestamp_router, timezone_converter, value_to_key,
};

/// The version under which Debezium's own classes are reported.
pub(crate) const DEBEZIUM: &str = "3.6.3.Final";
/// The version under which Kafka's own classes are reported.
const KAFKA: &str = "4.3.0";

/// A class of `T`: what it is called, which options it has, and how one is made of them.
pub struct Class<T: 'static> {
    pub name: &'static str,
    pub version: &'static str,
    /// Options that it had, each with what takes its place.
    pub former: &'static [(&'static str, &'static str)],
    /// Options that it reads, but that no answer to a validation lists.
    pub unlisted: fn() -> Vec<ConfigKey>,
    /// Its options, without their prefix.
    pub keys: fn() -> Vec<ConfigKey>,
    pub build: fn(&ParsedConfig) -> Result<T, Vec<ConfigProblem>>,
}

impl<T> Class<T> {
    /// The class of this full or simple name. Of two with one simple name it is Kafka's: a Kafka Connect without Debezium's
    /// scripting, which is a plugin of its own, knows no other `Filter`.
    pub fn find(classes: &'static [Class<T>], name: &str) -> Option<&'static Class<T>> {
        let is_it = |class: &&Class<T>| class.name == name || simple(class.name) == name;
        classes.iter().rfind(is_it)
    }
}

fn simple(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, simple)| simple)
}

type Build = fn(&ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>>;

const fn kafkas(name: &'static str, keys: fn() -> Vec<ConfigKey>, build: Build) -> Class<Box<dyn Transform>> {
    Class {
        name,
        version: KAFKA,
        former: &[],
        unlisted: Vec::new,
        keys,
        build,
    }
}

const fn debeziums(name: &'static str, keys: fn() -> Vec<ConfigKey>, build: Build) -> Class<Box<dyn Transform>> {
    Class {
        name,
        version: DEBEZIUM,
        former: &[],
        unlisted: Vec::new,
        keys,
        build,
    }
}

/// In the order in which Kafka Connect lists them.
pub static TRANSFORMS: &[Class<Box<dyn Transform>>] = &[
    debeziums(
        "io.debezium.connector.mysql.transforms.ReadToInsertEvent",
        Vec::new,
        |_| Ok(Box::new(ReadToInsertEvent)),
    ),
    debeziums(
        "io.debezium.transforms.ByLogicalTableRouter",
        by_logical_table_router::keys,
        by_logical_table_router::build,
    ),
    debeziums(
        "io.debezium.transforms.ContentBasedRouter",
        content_based_router::keys,
        content_based_router::build,
    ),
    debeziums(
        "io.debezium.transforms.ExtractChangedRecordState",
        extract_changed_record_state::keys,
        extract_changed_record_state::build,
    ),
    Class {
        former: &[
            ("drop.tombstones", "delete.tombstone.handling.mode"),
            ("delete.handling.mode", "delete.tombstone.handling.mode"),
            ("operation.header", "add.headers"),
            ("add.source.fields", "add.fields"),
        ],
        unlisted: extract_new_record_state::unlisted_keys,
        ..debeziums(
            "io.debezium.transforms.ExtractNewRecordState",
            extract_new_record_state::keys,
            extract_new_record_state::build,
        )
    },
    debeziums(
        "io.debezium.transforms.Filter",
        script_filter::keys,
        script_filter::build,
    ),
    debeziums(
        "io.debezium.transforms.HeaderToValue",
        header_to_value::keys,
        header_to_value::build,
    ),
    debeziums(
        "io.debezium.transforms.SchemaChangeEventFilter",
        schema_change_event_filter::keys,
        schema_change_event_filter::build,
    ),
    debeziums(
        "io.debezium.transforms.TimezoneConverter",
        timezone_converter::keys,
        timezone_converter::build,
    ),
    debeziums(
        "io.debezium.transforms.outbox.EventRouter",
        event_router::keys,
        event_router::build,
    ),
    debeziums(
        "io.debezium.transforms.partitions.PartitionRouting",
        partition_routing::keys,
        partition_routing::build,
    ),
    kafkas("org.apache.kafka.connect.transforms.Cast$Key", cast::keys, |options| {
        cast::build(Key, options)
    }),
    kafkas(
        "org.apache.kafka.connect.transforms.Cast$Value",
        cast::keys,
        |options| cast::build(Value, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.DropHeaders",
        headers::drop_keys,
        headers::build_drop,
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.ExtractField$Key",
        extract_field::keys,
        |options| extract_field::build(Key, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.ExtractField$Value",
        extract_field::keys,
        |options| extract_field::build(Value, options),
    ),
    kafkas("org.apache.kafka.connect.transforms.Filter", Vec::new, |_| {
        Ok(Box::new(Filter))
    }),
    kafkas(
        "org.apache.kafka.connect.transforms.Flatten$Key",
        flatten::keys,
        |options| flatten::build(Key, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.Flatten$Value",
        flatten::keys,
        |options| flatten::build(Value, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.HeaderFrom$Key",
        header_from::keys,
        |options| header_from::build(Key, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.HeaderFrom$Value",
        header_from::keys,
        |options| header_from::build(Value, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.HoistField$Key",
        hoist_field::keys,
        |options| hoist_field::build(Key, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.HoistField$Value",
        hoist_field::keys,
        |options| hoist_field::build(Value, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.InsertField$Key",
        insert_field::keys,
        |options| insert_field::build(Key, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.InsertField$Value",
        insert_field::keys,
        |options| insert_field::build(Value, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.InsertHeader",
        headers::insert_keys,
        headers::build_insert,
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.MaskField$Key",
        mask_field::keys,
        |options| mask_field::build(Key, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.MaskField$Value",
        mask_field::keys,
        |options| mask_field::build(Value, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.RegexRouter",
        regex_router::keys,
        regex_router::build,
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.ReplaceField$Key",
        replace_field::keys,
        |options| replace_field::build(Key, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.ReplaceField$Value",
        replace_field::keys,
        |options| replace_field::build(Value, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.SetSchemaMetadata$Key",
        set_schema_metadata::keys,
        |options| set_schema_metadata::build(Key, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.SetSchemaMetadata$Value",
        set_schema_metadata::keys,
        |options| set_schema_metadata::build(Value, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.TimestampConverter$Key",
        timestamp_converter::keys,
        |options| timestamp_converter::build(Key, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.TimestampConverter$Value",
        timestamp_converter::keys,
        |options| timestamp_converter::build(Value, options),
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.TimestampRouter",
        timestamp_router::keys,
        timestamp_router::build,
    ),
    kafkas(
        "org.apache.kafka.connect.transforms.ValueToKey",
        value_to_key::keys,
        value_to_key::build,
    ),
];

/// In the order in which Kafka Connect lists them.
pub static PREDICATES: &[Class<Predicate>] = &[
    Class {
        name: "org.apache.kafka.connect.transforms.predicates.HasHeaderKey",
        version: KAFKA,
        former: &[],
        unlisted: Vec::new,
        keys: || {
            let name = ConfigKey::new("name", ConfigType::String, "The name of the header.");
            vec![name.required().importance(Importance::Medium)]
        },
        build: |options| {
            Ok(Predicate::HasHeaderKey(
                options.string("name").unwrap_or_default().to_owned(),
            ))
        },
    },
    Class {
        name: "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
        version: KAFKA,
        former: &[],
        unlisted: Vec::new,
        keys: Vec::new,
        build: |_| Ok(Predicate::RecordIsTombstone),
    },
    Class {
        name: "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        version: KAFKA,
        former: &[],
        unlisted: Vec::new,
        keys: || {
            let doc = "A Java regular expression for the whole name of a record's topic.";
            let pattern = ConfigKey::new("pattern", ConfigType::String, doc);
            vec![pattern.required().importance(Importance::Medium)]
        },
        build: |options| {
            let pattern = options.string("pattern").unwrap_or_default();
            let pattern = Pattern::new(pattern, Case::Sensitive)
                .map_err(|reason| vec![ConfigProblem::new("pattern", format!("Invalid regex: {reason}"))]);
            pattern.map(Predicate::TopicNameMatches)
        },
    },
];
