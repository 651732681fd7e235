//! [`InsertField`]: fields of the record, or a text, put into its key or value
//! (`org.apache.kafka.connect.transforms.InsertField`).

use std::sync::{Arc, LazyLock};

use connector_api::Partitioning;
use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, ParsedConfig};
use connector_api::data::{Field, Schema, SchemaMap, SchemaType, Value, ValueWriter};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::keys::replace_null_with_default;
use super::record::{Part, Record};
use super::shape::{Origin, Shape, Shaped, require_struct, struct_like};

/// The transform.
pub struct InsertField {
    target: KeyOrValue,
    wanted: Insertions,
    known: SchemaMap<(Arc<Schema>, Shape)>,
}

/// The fields to put in, in Kafka's order.
struct Insertions {
    topic: Option<NewField>,
    partition: Option<NewField>,
    timestamp: Option<NewField>,
    text: Option<(NewField, String)>,
    defaults: bool,
}

/// `NAME?`, `NAME` or, if it must be there, `NAME!`.
struct NewField {
    name: String,
    optional: bool,
}

const TOPIC: usize = 0;
const PARTITION: usize = 1;
const TIMESTAMP: usize = 2;

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let text = |name, doc| ConfigKey::new(name, ConfigType::String, doc);
    vec![
        text(
            "offset.field",
            "For sink connectors only: a record of a source has no offset yet.",
        ),
        text(
            "partition.field",
            "The field for the partition that the connector chose, if it did; `!` behind the name makes it required.",
        ),
        replace_null_with_default(),
        text(
            "static.field",
            "The field for a text; `!` behind the name makes it required.",
        ),
        text("static.value", "That text."),
        text(
            "timestamp.field",
            "The field for the time that the record has so far, if any; `!` behind the name makes it required.",
        ),
        text(
            "topic.field",
            "The field for the topic; `!` behind the name makes it required.",
        ),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let field = |option: &str| options.string(option).and_then(NewField::parse);
    let problem = |option: &str, message: &str| Err(vec![ConfigProblem::new(option, message)]);
    if field("offset.field").is_some() {
        return problem(
            "offset.field",
            "a record of a source connector has no offset yet; remove the key",
        );
    }
    let text = match (field("static.field"), options.string("static.value")) {
        (Some(field), Some(text)) => Some((field, text.to_owned())),
        (Some(_), None) => return problem("static.value", "static.field needs a value to put there"),
        (None, _) => None,
    };
    let wanted = Insertions {
        topic: field("topic.field"),
        partition: field("partition.field"),
        timestamp: field("timestamp.field"),
        text,
        defaults: options.boolean("replace.null.with.default").unwrap_or(true),
    };
    if wanted.topic.is_none() && wanted.partition.is_none() && wanted.timestamp.is_none() && wanted.text.is_none() {
        return problem(
            "topic.field",
            "name at least one of topic.field, partition.field, timestamp.field and static.field",
        );
    }
    Ok(Box::new(InsertField {
        target,
        wanted,
        known: SchemaMap::default(),
    }))
}

impl NewField {
    fn parse(text: &str) -> Option<Self> {
        let (name, optional) = match (text.strip_suffix('!'), text.strip_suffix('?')) {
            (Some(name), _) => (name, false),
            (_, Some(name)) => (name, true),
            _ => (text, true),
        };
        let name = name.to_owned();
        (!name.is_empty()).then_some(NewField { name, optional })
    }
}

impl Transform for InsertField {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, value)) = self.target.present(record) else {
            next(record);
            return Ok(());
        };
        let wanted = &self.wanted;
        let (schema, shape) = self.known.find_or(schema, || wanted.of(schema))?;
        let extras = |number: usize, writer: &mut dyn ValueWriter| match (number, record.partitioning) {
            (TOPIC, _) => writer.string(record.topic),
            (PARTITION, Partitioning::Fixed(partition)) => writer.int32(partition),
            (TIMESTAMP, _) => match record.timestamp_ms {
                Some(timestamp) => writer.int64(timestamp),
                None => writer.null(),
            },
            _ => writer.null(),
        };
        let shaped = Shaped {
            shape,
            input: value,
            extras: &extras,
        };
        let part = Part {
            schema,
            value: Some(&shaped),
        };
        next(&self.target.replaced(record, Some(part)));
        Ok(())
    }
}

impl Insertions {
    fn of(&self, schema: &Schema) -> Result<(Arc<Schema>, Shape), TransformError> {
        require_struct(schema)?;
        let mut fields = schema.fields().to_vec();
        let mut origins: Vec<Origin> = (0..fields.len())
            .map(|index| Origin::input(schema, index, self.defaults))
            .collect();
        let mut add = |field: &NewField, schema: &Schema, origin| {
            let schema = Schema {
                optional: field.optional,
                ..schema.clone()
            };
            fields.push(Field::new(&field.name, schema.shared()));
            origins.push(origin);
        };
        if let Some(field) = &self.topic {
            add(field, &Schema::new(SchemaType::String), Origin::Extra(TOPIC));
        }
        if let Some(field) = &self.partition {
            add(field, &Schema::new(SchemaType::Int32), Origin::Extra(PARTITION));
        }
        if let Some(field) = &self.timestamp {
            add(field, timestamp_schema(), Origin::Extra(TIMESTAMP));
        }
        if let Some((field, text)) = &self.text {
            let text = Value::String(text.clone());
            add(field, &Schema::new(SchemaType::String), Origin::Constant(text));
        }
        Ok((struct_like(schema, fields)?, Shape { fields: origins }))
    }
}

/// Kafka Connect's own `Timestamp`.
fn timestamp_schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
        Schema::new(SchemaType::Int64)
            .named("org.apache.kafka.connect.data.Timestamp")
            .version(1)
    });
    &SCHEMA
}
