//! [`schema_text`]: the Avro schema of a Connect schema, as the text Confluent's converter would register.
//!
//! A registry finds a schema again by its text, so a property out of order or a number for a string would give every
//! existing subject a new version. The text is therefore printed directly, in the order of Java's `Schema.toString`, and
//! compared with recordings of the original in the tests. What the original prints although it is no legal schema is an
//! error here, before a registry is asked.

mod definition;
mod pieces;

use std::collections::HashMap;

use connector_api::data::{Field, Schema, SchemaType, Value};

use super::default::{Floats, is_avro_map_key, is_valid_default, push_default};
use super::error::SchemaError;
use super::name::split;
use super::style::{Metadata, SchemaStyle};
use crate::json::text::{JacksonWriter, push_integer, push_string};

use definition::{Definition, is_same_record};
pub use pieces::{SchemaPiece, schema_pieces};

/// The namespace of records that have no name of their own.
const DEFAULT_NAMESPACE: &str = "io.confluent.connect.avro";
/// The precision of a `Decimal` that does not tell its own (`CONNECT_AVRO_DECIMAL_PRECISION_DEFAULT`).
const DEFAULT_PRECISION: i64 = 64;
/// Parameters with this prefix steer Confluent's converter instead of describing the value.
const STEERING_PREFIX: &str = "io.confluent.connect.avro";

/// The compact JSON text of the Avro schema of `schema`.
///
/// # Errors
/// If a name is not allowed, a record is defined twice in different ways, or a default does not fit.
pub fn schema_text(schema: &Schema, style: SchemaStyle) -> Result<String, SchemaError> {
    let mut printer = Printer {
        out: Vec::with_capacity(1024),
        style,
        ..Printer::default()
    };
    printer.schema(schema)?;
    printer.into_text()
}

#[derive(Default)]
struct Printer<'s> {
    out: Vec<u8>,
    style: SchemaStyle,
    defined: HashMap<String, Definition<'s>>,
    unnamed: Vec<&'s Schema>,
    namespace: Option<String>,
    path: Vec<&'s str>,
}

impl<'s> Printer<'s> {
    fn into_text(self) -> Result<String, SchemaError> {
        String::from_utf8(self.out).map_err(|error| SchemaError::Rejected {
            reason: error.to_string(),
        })
    }

    /// The full name of a record.
    fn name_of(&mut self, schema: &'s Schema) -> Result<String, SchemaError> {
        match &schema.name {
            Some(name) => self.style.full_name(name),
            None => Ok(self.name_for_unnamed(schema)),
        }
    }

    /// The schema, as a union if null is a legal value.
    fn schema(&mut self, schema: &'s Schema) -> Result<(), SchemaError> {
        if !schema.optional {
            return self.non_null(schema);
        }
        // The default of a union is of its first branch (Avro specification, "Unions").
        if schema.default.is_some() {
            self.raw("[");
            self.non_null(schema)?;
            self.raw(",\"null\"]");
        } else {
            self.raw("[\"null\",");
            self.non_null(schema)?;
            self.raw("]");
        }
        Ok(())
    }

    fn non_null(&mut self, schema: &'s Schema) -> Result<(), SchemaError> {
        let avro_type = match &schema.schema_type {
            SchemaType::Boolean => "boolean",
            SchemaType::Int8 | SchemaType::Int16 | SchemaType::Int32 => "int",
            SchemaType::Int64 => "long",
            SchemaType::Float32 => "float",
            SchemaType::Float64 => "double",
            SchemaType::String => "string",
            SchemaType::Bytes => "bytes",
            SchemaType::Array(items) => {
                self.raw("{\"type\":\"array\",\"items\":");
                self.schema(items)?;
                return self.close(schema);
            }
            SchemaType::Map(keys, values) if is_avro_map_key(keys) => {
                self.raw("{\"type\":\"map\",\"values\":");
                self.schema(values)?;
                return self.close(schema);
            }
            SchemaType::Map(keys, values) => {
                self.raw("{\"type\":\"array\",\"items\":");
                self.map_entry(schema, keys, values)?;
                return self.close(schema);
            }
            SchemaType::Struct(fields) => return self.record(schema, fields),
        };
        if self.is_bare(schema) {
            self.string(avro_type);
            return Ok(());
        }
        self.raw("{\"type\":");
        self.string(avro_type);
        if is_named(schema, "org.apache.kafka.connect.data.Decimal") {
            let scale = self
                .number_parameter(schema, "scale")?
                .ok_or_else(|| SchemaError::Default {
                    field: self.place(),
                    reason: "a Decimal needs the parameter `scale`".to_owned(),
                })?;
            let precision = self
                .number_parameter(schema, "connect.decimal.precision")?
                .unwrap_or(DEFAULT_PRECISION);
            self.raw(",\"scale\":");
            push_integer(&mut self.out, scale);
            self.raw(",\"precision\":");
            push_integer(&mut self.out, precision);
        }
        self.close(schema)
    }

    /// A record: its definition the first time, its name ever after.
    fn record(&mut self, schema: &'s Schema, fields: &'s [Field]) -> Result<(), SchemaError> {
        let full_name = self.name_of(schema)?;
        if self.is_defined(&full_name, Definition::Struct(schema))? {
            return Ok(());
        }
        let outer = self.open_record(&full_name);
        for (at, field) in fields.iter().enumerate() {
            let name = self.style.field_name(&field.name, &full_name)?;
            if fields[..at]
                .iter()
                .any(|earlier| self.style.as_printed(&earlier.name) == name)
            {
                return Err(SchemaError::DuplicateField {
                    record: full_name,
                    field: field.name.clone(),
                });
            }
            self.separate(at);
            self.field(&field.name, &field.schema)?;
        }
        self.raw("]");
        self.namespace = outer;
        self.close(schema)
    }

    fn map_entry(&mut self, map: &'s Schema, keys: &'s Schema, values: &'s Schema) -> Result<(), SchemaError> {
        let full_name = match &map.name {
            Some(name) => self.style.full_name(name)?,
            None => format!("{DEFAULT_NAMESPACE}.MapEntry"),
        };
        if self.is_defined(&full_name, Definition::Entry(keys, values))? {
            return Ok(());
        }
        let outer = self.open_record(&full_name);
        self.field("key", keys)?;
        self.raw(",");
        self.field("value", values)?;
        self.raw("]");
        if map.name.is_some() && self.style.metadata == Metadata::Kept {
            self.raw(",\"connect.internal.type\":\"MapEntry\"");
        }
        self.raw("}");
        self.namespace = outer;
        Ok(())
    }

    fn field(&mut self, name: &'s str, schema: &'s Schema) -> Result<(), SchemaError> {
        self.path.push(name);
        self.raw("{\"name\":");
        self.string(&self.style.as_printed(name));
        self.raw(",\"type\":");
        self.schema(schema)?;
        if let Some(doc) = schema.doc.as_deref().filter(|_| self.style.field_docs) {
            self.raw(",\"doc\":");
            self.string(doc);
        }
        match &schema.default {
            Some(default) if is_valid_default(schema, default) => {
                self.raw(",\"default\":");
                self.default_value(schema, default, Floats::AsDouble)?;
            }
            // Java's AvroData leaves a default out that would not be of the first branch of a nested union.
            Some(_) => {}
            None if schema.optional => self.raw(",\"default\":null"),
            None => {}
        }
        self.raw("}");
        self.path.pop();
        Ok(())
    }

    /// The `connect.*` properties, and the end of the object.
    fn close(&mut self, schema: &'s Schema) -> Result<(), SchemaError> {
        if self.style.metadata == Metadata::Kept {
            self.metadata(schema)?;
        }
        if let Some(logical_type) = logical_type(schema) {
            self.raw(",\"logicalType\":");
            self.string(logical_type);
        }
        self.raw("}");
        Ok(())
    }

    fn metadata(&mut self, schema: &'s Schema) -> Result<(), SchemaError> {
        if let Some(doc) = &schema.doc {
            self.raw(",\"connect.doc\":");
            self.string(doc);
        }
        if let Some(version) = schema.version {
            self.raw(",\"connect.version\":");
            push_integer(&mut self.out, version.into());
        }
        if !schema.parameters.is_empty() {
            self.parameters(schema)?;
        }
        if let Some(default) = &schema.default {
            self.raw(",\"connect.default\":");
            self.default_value(schema, default, Floats::AsFloat)?;
        }
        if let Some(name) = &schema.name {
            self.raw(",\"connect.name\":");
            self.string(name);
        }
        match schema.schema_type {
            SchemaType::Int8 => self.raw(",\"connect.type\":\"int8\""),
            SchemaType::Int16 => self.raw(",\"connect.type\":\"int16\""),
            _ => {}
        }
        Ok(())
    }

    fn parameters(&mut self, schema: &Schema) -> Result<(), SchemaError> {
        self.raw(",\"connect.parameters\":{");
        for (at, (key, value)) in schema.parameters.iter().enumerate() {
            if key.starts_with(STEERING_PREFIX) {
                return Err(SchemaError::Parameter {
                    field: self.place(),
                    parameter: key.clone(),
                });
            }
            self.separate(at);
            self.string(key);
            self.raw(":");
            self.string(value);
        }
        self.raw("}");
        Ok(())
    }

    fn default_value(&mut self, schema: &Schema, default: &Value, floats: Floats) -> Result<(), SchemaError> {
        push_default(&mut self.out, schema, default, floats).map_err(|reason| SchemaError::Default {
            field: self.place(),
            reason: reason.to_owned(),
        })
    }

    /// Prints the name alone if `full_name` is already defined as the same thing; otherwise notes the definition.
    fn is_defined(&mut self, full_name: &str, definition: Definition<'s>) -> Result<bool, SchemaError> {
        match self.defined.get(full_name) {
            Some(earlier) if earlier.is_same_as(definition) => {
                let (namespace, name) = split(full_name);
                let short = namespace.is_none() || namespace == self.namespace.as_deref();
                self.string(if short { name } else { full_name });
                Ok(true)
            }
            Some(_) => Err(SchemaError::Redefined {
                name: full_name.to_owned(),
                field: self.place(),
            }),
            None => {
                self.defined.insert(full_name.to_owned(), definition);
                Ok(false)
            }
        }
    }

    /// Prints the head of a record and enters its namespace; returns the one left behind.
    fn open_record(&mut self, full_name: &str) -> Option<String> {
        let (namespace, name) = split(full_name);
        self.raw("{\"type\":\"record\",\"name\":");
        self.string(name);
        if namespace != self.namespace.as_deref() {
            self.raw(",\"namespace\":");
            self.string(namespace.unwrap_or_default());
        }
        self.raw(",\"fields\":[");
        std::mem::replace(&mut self.namespace, namespace.map(str::to_owned))
    }

    /// Structs without a name are numbered by what they are, in the order in which they come.
    fn name_for_unnamed(&mut self, schema: &'s Schema) -> String {
        let at = self
            .unnamed
            .iter()
            .position(|earlier| is_same_record(earlier, schema))
            .unwrap_or_else(|| {
                self.unnamed.push(schema);
                self.unnamed.len() - 1
            });
        match at {
            0 => format!("{DEFAULT_NAMESPACE}.ConnectDefault"),
            _ => format!("{DEFAULT_NAMESPACE}.ConnectDefault{}", at + 1),
        }
    }

    fn number_parameter(&self, schema: &Schema, key: &str) -> Result<Option<i64>, SchemaError> {
        let Some((_, value)) = schema.parameters.iter().find(|(name, _)| name == key) else {
            return Ok(None);
        };
        match value.parse::<i32>() {
            Ok(number) => Ok(Some(number.into())),
            Err(_) => Err(SchemaError::Parameter {
                field: self.place(),
                parameter: key.to_owned(),
            }),
        }
    }

    /// Whether a primitive schema says nothing beyond its type, so that it is printed as a bare name.
    fn is_bare(&self, schema: &Schema) -> bool {
        if self.style.metadata == Metadata::Dropped {
            return logical_type(schema).is_none();
        }
        let mut plain = Schema::new(schema.schema_type.clone());
        plain.optional = schema.optional;
        *schema == plain && !matches!(schema.schema_type, SchemaType::Int8 | SchemaType::Int16)
    }

    fn place(&self) -> String {
        self.path.join(".")
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.raw(",");
        }
    }

    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn string(&mut self, text: &str) {
        push_string(&mut self.out, text, JacksonWriter::Text);
    }
}

fn is_named(schema: &Schema, name: &str) -> bool {
    schema.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
}

fn logical_type(schema: &Schema) -> Option<&'static str> {
    [
        ("org.apache.kafka.connect.data.Decimal", "decimal"),
        ("org.apache.kafka.connect.data.Date", "date"),
        ("org.apache.kafka.connect.data.Time", "time-millis"),
        ("org.apache.kafka.connect.data.Timestamp", "timestamp-millis"),
    ]
    .into_iter()
    .find_map(|(name, logical_type)| is_named(schema, name).then_some(logical_type))
}

#[cfg(test)]
mod tests;
