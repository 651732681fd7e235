//! [`ByLogicalTableRouter`]: the changes of several tables in one topic, their keys told apart by a field
//! (`io.debezium.transforms.ByLogicalTableRouter`).

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator, Width};
use connector_api::data::{Field, NameAdjustment, Schema, SchemaMap, SchemaType, ValueWriter};

use super::chain::{Next, Transform, TransformError};
use super::envelope::is_envelope;
use super::key_or_value::KeyOrValue;
use super::record::{Part, Record};
use super::shape::{Origin, Shape, Shaped, require_struct, struct_like};
use super::topic_pattern::TopicPattern;

/// The transform.
pub struct ByLogicalTableRouter {
    topics: TopicPattern,
    /// The field that tells the tables apart; `None`: their keys differ anyway.
    table: Option<TableField>,
    names: NameAdjustment,
    keys: SchemaMap<(Arc<Schema>, Shape)>,
    envelopes: SchemaMap<Arc<Schema>>,
}

struct TableField {
    name: String,
    /// What of the topic is put there; all of it where this does not match.
    pattern: Option<TopicPattern>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let low = |name, kind, title, doc| {
        ConfigKey::new(name, kind, doc)
            .display_name(title)
            .importance(Importance::Low)
            .width(Width::Long)
    };
    let text = ConfigType::String;
    let keys = [
        low(
            "key.enforce.uniqueness",
            ConfigType::Boolean,
            "Add source topic name into key",
            "Whether keys get a field that tells the tables of one topic apart.",
        )
        .default_value("true")
        .width(Width::Short),
        low(
            "key.field.name",
            text,
            "Key field name",
            "The name of that field; no column of a key may be called so.",
        )
        .default_value("__dbz__physicalTableIdentifier"),
        low(
            "key.field.regex",
            text,
            "Key field regex",
            "A Java regular expression for the whole name of the original topic, from which the field is made.",
        ),
        low(
            "key.field.replacement",
            text,
            "Key field replacement",
            "What is made of it, in which $1 or ${name} stand for what a group has found.",
        ),
        low(
            "logical.table.cache.size",
            ConfigType::Int,
            "Logical table cache size",
            "Without effect: what is known of a table is kept for as long as its definition lasts.",
        )
        .default_value("16"),
        low(
            "schema.name.adjustment.mode",
            text,
            "Schema Name Adjustment",
            "How the names of schemas, which are made of the new topic's, become names that Avro takes: none, avro or \
             avro_unicode.",
        )
        .default_value("none")
        .validator(Validator::OneOfIgnoreCase(&["none", "avro", "avro_unicode"])),
        low(
            "topic.regex",
            text,
            "Topic regex",
            "A Java regular expression for the whole name of a topic.",
        ),
        low(
            "topic.replacement",
            text,
            "Topic replacement",
            "The new name, in which $1 or ${name} stand for what a group of the expression has found.",
        ),
    ];
    let ordered = keys.into_iter().zip(1..);
    ordered.map(|(key, order)| key.in_group("", order)).collect()
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let mut problems = Vec::new();
    let text = |option| options.string(option).map(str::trim).filter(|text| !text.is_empty());
    let required = |option| text(option).ok_or_else(|| ConfigProblem::new(option, "A value is required"));
    let topics = match (required("topic.regex"), required("topic.replacement")) {
        (Ok(regex), Ok(replacement)) => TopicPattern::of(("topic.regex", regex), ("topic.replacement", replacement))
            .map_err(|found| problems.extend(found)),
        (regex, replacement) => {
            problems.extend([regex, replacement].into_iter().filter_map(Result::err));
            Err(())
        }
    };
    let pattern = text("key.field.regex").map(|regex| match text("key.field.replacement") {
        Some(replacement) => TopicPattern::of(("key.field.regex", regex), ("key.field.replacement", replacement)),
        None => Err(vec![ConfigProblem::new(
            "key.field.replacement",
            "key.field.replacement must be non-empty if key.field.regex is set.",
        )]),
    });
    let pattern = pattern.transpose().map_err(|found| problems.extend(found));
    let (Ok(topics), Ok(pattern)) = (topics, pattern) else {
        return Err(problems);
    };
    let name = options.string("key.field.name").unwrap_or_default().to_owned();
    let mode = options.string("schema.name.adjustment.mode").unwrap_or_default();
    let names = match mode.to_ascii_lowercase().as_str() {
        "avro" => NameAdjustment::Avro,
        "avro_unicode" => NameAdjustment::AvroUnicode,
        _ => NameAdjustment::None,
    };
    let tells_apart = options.boolean("key.enforce.uniqueness").unwrap_or(true);
    Ok(Box::new(ByLogicalTableRouter {
        topics,
        table: tells_apart.then_some(TableField { name, pattern }),
        names,
        keys: SchemaMap::default(),
        envelopes: SchemaMap::default(),
    }))
}

impl Transform for ByLogicalTableRouter {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some(topic) = self.topics.rename(record.topic)?.filter(|topic| !topic.is_empty()) else {
            next(record);
            return Ok(());
        };
        let named = |part: &str| self.names.schema_name(&format!("{topic}.{part}")).into_owned();
        let mut routed = Record { topic, ..*record };
        if let Some(part) = record
            .value
            .filter(|part| part.value.is_some() && is_envelope(part.schema))
        {
            let Ok(schema) = self
                .envelopes
                .find_or(part.schema, || Ok::<_, Infallible>(envelope_of(part.schema, &named)));
            routed.value = Some(Part { schema, ..part });
        }
        let Some((schema, key)) = KeyOrValue::Key.present(record) else {
            next(&routed);
            return Ok(());
        };
        let name = self.table.as_ref().map(|field| field.name.as_str());
        let (schema, shape) = self.keys.find_or(schema, || key_of(schema, named("Key"), name))?;
        let table = match &mut self.table {
            Some(field) => field.of(record.topic)?,
            None => "",
        };
        let extras = |_: usize, writer: &mut dyn ValueWriter| writer.string(table);
        let shaped = Shaped {
            shape,
            input: key,
            extras: &extras,
        };
        routed.key = Some(Part {
            schema,
            value: Some(&shaped),
        });
        next(&routed);
        Ok(())
    }
}

impl TableField {
    fn of<'t>(&'t mut self, topic: &'t str) -> Result<&'t str, TransformError> {
        let found = match &mut self.pattern {
            Some(pattern) => pattern.rename(topic)?,
            None => None,
        };
        Ok(found.unwrap_or(topic))
    }
}

fn key_of(schema: &Schema, name: String, table: Option<&str>) -> Result<(Arc<Schema>, Shape), TransformError> {
    require_struct(schema)?;
    let mut fields = schema.fields().to_vec();
    let mut origins: Vec<Origin> = (0..fields.len())
        .map(|index| Origin::input(schema, index, true))
        .collect();
    if let Some(table) = table {
        fields.push(Field::new(table, Arc::clone(text_schema())));
        origins.push(Origin::Extra(0));
    }
    let named = Schema {
        name: Some(name),
        optional: schema.optional,
        ..(*struct_like(schema, fields)?).clone()
    };
    Ok((named.shared(), Shape { fields: origins }))
}

/// The rows in it are named after the topic, too.
fn envelope_of(schema: &Schema, named: &dyn Fn(&str) -> String) -> Arc<Schema> {
    let mut row: Option<Arc<Schema>> = None;
    let fields = schema.fields().iter().map(|field| match &*field.name {
        "before" | "after" => {
            let row = row.get_or_insert_with(|| {
                let row = Schema {
                    name: Some(named("Value")),
                    default: None,
                    ..(*field.schema).clone()
                };
                row.shared()
            });
            Field::new(&field.name, Arc::clone(row))
        }
        _ => field.clone(),
    });
    let envelope = Schema {
        schema_type: SchemaType::Struct(fields.collect()),
        name: Some(named("Envelope")),
        default: None,
        ..schema.clone()
    };
    envelope.shared()
}

fn text_schema() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| Schema::new(SchemaType::String).shared());
    &SCHEMA
}
