//! [`EventForm`]: what changes of one schema are as CloudEvents.

use std::sync::Arc;

use chrono::DateTime;
use connector_api::RecordPart;
use connector_api::data::{Field, Schema, SchemaType, Value, ValueCollector, ValueWriter, WriteError, WriteValue};

use super::{Attributes, DataForm, is_envelope};

/// Schemas of an event and its data, and where in the envelope its attributes are.
pub(super) struct EventForm {
    pub(super) schema: Arc<Schema>,
    pub(super) data_schema: Arc<Schema>,
    content_type: &'static str,
    has_extensions: bool,
    /// `before` and `after`.
    rows: Vec<usize>,
    op: usize,
    source: usize,
    transaction: Option<usize>,
    /// The names of the fields of `source`.
    source_fields: Vec<String>,
    /// What a null of theirs is read as.
    defaults: Vec<Value>,
}

const ROWS: [&str; 2] = ["before", "after"];
/// Of the block `transaction`.
const TRANSACTION_FIELDS: [&str; 3] = ["id", "total_order", "data_collection_order"];

impl EventForm {
    /// `None` of what is no change. The first record tells connector and database, which are in the schema's names.
    pub(super) fn of(
        part: &RecordPart<'_>,
        data: &DataForm,
        attributes: &Attributes,
    ) -> Result<Option<Self>, WriteError> {
        let fields = part.schema.fields();
        let position = |name: &str| fields.iter().position(|field| field.name == name);
        let (Some(op), Some(source), true) = (position("op"), position("source"), is_envelope(part.schema)) else {
            return Ok(None);
        };
        let source_schema = &fields[source].schema;
        let source_fields: Vec<String> = source_schema.fields().iter().map(|field| field.name.clone()).collect();
        let found = Found::of(&source_fields, part.value, source)?;
        let (connector, name, database) = (found.text("connector"), found.text("name"), found.text("db"));
        let rows: Vec<usize> = ROWS.iter().filter_map(|row| position(row)).collect();
        let data_fields = rows.iter().map(|row| fields[*row].clone()).collect();
        let data_schema = Schema::structure(format!("io.debezium.connector.{connector}.Data"), data_fields).shared();
        let default_name = || format!("{name}.{database}.CloudEvents.Envelope");
        let schema_name = attributes.schema_name.clone().unwrap_or_else(default_name);
        let schema_name = attributes.adjustment.schema_name(&schema_name).into_owned();
        let mut event = vec!["id", "source", "specversion", "type", "time", "datacontenttype"];
        if matches!(data, DataForm::Avro { .. }) {
            event.push("dataschema");
        }
        let mut event: Vec<Field> = event
            .into_iter()
            .map(|name| Field::new(name, text().shared()))
            .collect();
        if attributes.extensions {
            event.push(Field::new(extension("op"), text().shared()));
            for field in source_schema.fields() {
                event.push(Field::new(extension(&field.name), attribute_schema(&field.schema)));
            }
            let transaction = TRANSACTION_FIELDS.iter().map(|name| extension(&format!("tx{name}")));
            event.extend(transaction.map(|name| Field::new(name, text().optional().shared())));
        }
        let embedded = match data {
            DataForm::Json => Schema::new(SchemaType::Struct(Vec::new())),
            DataForm::Avro { .. } => Schema::new(SchemaType::Bytes),
        };
        event.push(Field::new("data", embedded.shared()));
        Ok(Some(EventForm {
            schema: Schema::structure(schema_name, event).shared(),
            data_schema,
            content_type: match data {
                DataForm::Json => "application/json",
                DataForm::Avro { .. } => "application/avro",
            },
            has_extensions: attributes.extensions,
            rows,
            op,
            source,
            transaction: position("transaction"),
            source_fields,
            defaults: source_schema.fields().iter().map(default_of).collect(),
        }))
    }

    /// The event of a change with this envelope.
    pub(super) fn event(
        &self,
        envelope: &dyn WriteValue,
        data_schema: Option<String>,
        data: Value,
    ) -> Result<Value, WriteError> {
        let source = Found::of(&self.source_fields, envelope, self.source)?;
        let (connector, name) = (source.text("connector"), source.text("name"));
        let place = format!("file:{};pos:{}", source.text("file"), source.text("pos"));
        let mut event = vec![
            Value::String(format!("name:{name};{place}")),
            Value::String(format!("/debezium/{connector}/{name}")),
            Value::String("1.0".to_owned()),
            Value::String(format!("io.debezium.connector.{connector}.DataChangeEvent")),
            Value::String(time(source.value("ts_ms"))?),
            Value::String(self.content_type.to_owned()),
        ];
        event.extend(data_schema.map(Value::String));
        if self.has_extensions {
            event.push(value_at(envelope, self.op)?);
            let values = source.values.iter().zip(&self.defaults);
            event.extend(values.map(|(value, default)| match value {
                Value::Null => attribute(default),
                value => attribute(value),
            }));
            let transaction = match self.transaction {
                Some(at) => struct_at(envelope, at)?,
                None => None,
            };
            let absent = || vec![Value::Null; TRANSACTION_FIELDS.len()];
            event.extend(transaction.unwrap_or_else(absent).iter().map(attribute));
        }
        event.push(data);
        Ok(Value::Struct(event))
    }
}

/// The rows of a change.
pub(super) struct DataOf<'a> {
    pub(super) envelope: &'a dyn WriteValue,
    pub(super) form: &'a EventForm,
}

impl WriteValue for DataOf<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        for row in &self.form.rows {
            self.envelope.write_field(*row, writer)?;
        }
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        let row = self.form.rows.get(index);
        let row = row.ok_or_else(|| WriteError::new(format!("the data have no field at {index}")))?;
        self.envelope.write_field(*row, writer)
    }
}

/// The values of `source`, by name.
struct Found<'a> {
    names: &'a [String],
    values: Vec<Value>,
}

impl<'a> Found<'a> {
    fn of(names: &'a [String], envelope: &dyn WriteValue, source: usize) -> Result<Self, WriteError> {
        let values = struct_at(envelope, source)?.ok_or_else(|| WriteError::new("the change has no source"))?;
        Ok(Found { names, values })
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let at = self.names.iter().position(|known| known == name)?;
        self.values.get(at)
    }

    fn text(&self, name: &str) -> String {
        match self.value(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Int64(number)) => number.to_string(),
            _ => "null".to_owned(),
        }
    }
}

fn text() -> Schema {
    Schema::new(SchemaType::String)
}

/// An attribute's name has lower-case letters and digits only.
fn extension(field: &str) -> String {
    format!("iodebezium{}", field.replace('_', ""))
}

/// CloudEvents knows no number of 64 bits: it is a text.
fn attribute_schema(field: &Schema) -> Arc<Schema> {
    let schema_type = match &field.schema_type {
        SchemaType::Int64 => SchemaType::String,
        other => other.clone(),
    };
    let schema = Schema::new(schema_type);
    match field.optional {
        true => schema.optional().shared(),
        false => schema.shared(),
    }
}

fn default_of(field: &Field) -> Value {
    field.schema.default.clone().unwrap_or(Value::Null)
}

fn attribute(value: &Value) -> Value {
    match value {
        Value::Int64(number) => Value::String(number.to_string()),
        other => other.clone(),
    }
}

fn time(milliseconds: Option<&Value>) -> Result<String, WriteError> {
    let time = match milliseconds {
        Some(Value::Int64(milliseconds)) => DateTime::from_timestamp_millis(*milliseconds),
        _ => None,
    };
    let time = time.ok_or_else(|| WriteError::new("the change's source has no time"))?;
    Ok(time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

fn value_at(envelope: &dyn WriteValue, index: usize) -> Result<Value, WriteError> {
    let mut collector = ValueCollector::default();
    envelope.write_field(index, &mut collector)?;
    collector.finish()
}

/// The fields of a struct; `None` of a null.
fn struct_at(envelope: &dyn WriteValue, index: usize) -> Result<Option<Vec<Value>>, WriteError> {
    match value_at(envelope, index)? {
        Value::Struct(fields) => Ok(Some(fields)),
        _ => Ok(None),
    }
}
