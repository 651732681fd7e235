//! [`Class`]: the converters there are, by the names of Java's classes.

use connector_api::config::ConfigProblem;

use super::primitive::Primitive;
use crate::registry::Role;

/// The converters there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    ApicurioAvro,
    ApicurioJson,
    Avro,
    BinaryData,
    CloudEvents,
    Json,
    Primitive(Primitive),
}

/// The full names of the converters' classes, in their order.
pub(super) const CLASSES: [(&str, Class); 15] = [
    (
        "io.apicurio.registry.utils.converter.AvroConverter",
        Class::ApicurioAvro,
    ),
    (
        "io.apicurio.registry.utils.converter.ExtJsonConverter",
        Class::ApicurioJson,
    ),
    ("io.confluent.connect.avro.AvroConverter", Class::Avro),
    ("io.debezium.converters.BinaryDataConverter", Class::BinaryData),
    // The older name of the same.
    ("io.debezium.converters.ByteArrayConverter", Class::BinaryData),
    ("io.debezium.converters.CloudEventsConverter", Class::CloudEvents),
    (
        "org.apache.kafka.connect.converters.BooleanConverter",
        Class::Primitive(Primitive::Boolean),
    ),
    (
        "org.apache.kafka.connect.converters.ByteArrayConverter",
        Class::Primitive(Primitive::Bytes),
    ),
    (
        "org.apache.kafka.connect.converters.DoubleConverter",
        Class::Primitive(Primitive::Float64),
    ),
    (
        "org.apache.kafka.connect.converters.FloatConverter",
        Class::Primitive(Primitive::Float32),
    ),
    (
        "org.apache.kafka.connect.converters.IntegerConverter",
        Class::Primitive(Primitive::Int32),
    ),
    (
        "org.apache.kafka.connect.converters.LongConverter",
        Class::Primitive(Primitive::Int64),
    ),
    (
        "org.apache.kafka.connect.converters.ShortConverter",
        Class::Primitive(Primitive::Int16),
    ),
    ("org.apache.kafka.connect.json.JsonConverter", Class::Json),
    (
        "org.apache.kafka.connect.storage.StringConverter",
        Class::Primitive(Primitive::Text),
    ),
];

/// The full names of all converters.
pub fn class_names() -> impl ExactSizeIterator<Item = &'static str> {
    CLASSES.iter().map(|(name, _)| *name)
}

impl Class {
    /// By the full name, the simple one, or that without the ending `Converter`, in any case. Of two that are
    /// called `AvroConverter` or `ByteArrayConverter` the last one is meant, Confluent's and Kafka's.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let is_alias = |full: &str| {
            let simple = full.rsplit_once('.').map_or(full, |(_, simple)| simple);
            let short = simple.strip_suffix("Converter").unwrap_or(simple);
            name == simple || name.eq_ignore_ascii_case(short)
        };
        let named = CLASSES.iter().find(|(full, _)| name == *full);
        let found = named.or_else(|| CLASSES.iter().rfind(|(full, _)| is_alias(full)));
        found.map(|(_, class)| *class)
    }

    pub(super) fn parse_for(name: &str, role: Role) -> Result<Self, Vec<ConfigProblem>> {
        Class::parse(name).ok_or_else(|| {
            let key = match role {
                Role::Key => "key.converter",
                Role::Value => "value.converter",
            };
            let known: Vec<&str> = class_names().collect();
            let message = format!("{name} is not supported; there are {}", known.join(", "));
            vec![ConfigProblem::new(key, message)]
        })
    }
}
