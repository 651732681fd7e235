//! [`Schema`]: type, name, version, parameters and default of a value, as Kafka Connect knows them.
//!
//! A schema is immutable and shared by `Arc`. Converters key their compiled plans by the `Arc`'s identity, so whoever
//! owns a schema keeps one `Arc` for as long as the schema stays the same, and makes a new one when it changes.

use std::sync::Arc;

use super::Value;

/// The type of a value, with the schemas of what it contains.
#[derive(Debug, Clone, PartialEq)]
pub enum SchemaType {
    /// Signed 8-bit integer, written with [`ValueWriter::int32`](super::ValueWriter::int32).
    Int8,
    /// Signed 16-bit integer, written with [`ValueWriter::int32`](super::ValueWriter::int32).
    Int16,
    /// Signed 32-bit integer.
    Int32,
    /// Signed 64-bit integer.
    Int64,
    /// IEEE 754 single precision.
    Float32,
    /// IEEE 754 double precision.
    Float64,
    /// True or false.
    Boolean,
    /// UTF-8 text.
    String,
    /// Bytes; also the carrier of `org.apache.kafka.connect.data.Decimal`.
    Bytes,
    /// A list of values of one schema.
    Array(Arc<Schema>),
    /// A map; keys first, values second.
    Map(Arc<Schema>, Arc<Schema>),
    /// A record of named fields, in order.
    Struct(Vec<Field>),
}

/// One field of a struct.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The field's name.
    pub name: String,
    /// The field's schema.
    pub schema: Arc<Schema>,
}

/// What a value is. Fields mirror `org.apache.kafka.connect.data.Schema`.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The type of the value.
    pub schema_type: SchemaType,
    /// Whether null is a legal value.
    pub optional: bool,
    /// The value a reader assumes when none is given.
    pub default: Option<Value>,
    /// The semantic name, e.g. `io.debezium.time.Date`; for structs the record's full name.
    pub name: Option<String>,
    /// The version of the schema.
    pub version: Option<i32>,
    /// A description for people.
    pub doc: Option<String>,
    /// Parameters of the semantic type, in insertion order.
    pub parameters: Vec<(String, String)>,
}

impl Schema {
    /// A required schema of this type without name, version, default or parameters.
    pub fn new(schema_type: SchemaType) -> Self {
        Schema {
            schema_type,
            optional: false,
            default: None,
            name: None,
            version: None,
            doc: None,
            parameters: Vec::new(),
        }
    }

    /// A required struct of these fields, called `name`.
    pub fn structure(name: impl Into<String>, fields: Vec<Field>) -> Self {
        Schema::new(SchemaType::Struct(fields)).named(name)
    }

    /// Makes null a legal value.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Sets the semantic name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the version.
    #[must_use]
    pub fn version(mut self, version: i32) -> Self {
        self.version = Some(version);
        self
    }

    /// Sets the documentation.
    #[must_use]
    pub fn doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = Some(doc.into());
        self
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((key.into(), value.into()));
        self
    }

    /// Sets the default.
    #[must_use]
    pub fn default_value(mut self, default: Value) -> Self {
        self.default = Some(default);
        self
    }

    /// Ends the building: the schema, ready to be shared.
    pub fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }

    /// The fields of a struct; empty for every other type.
    pub fn fields(&self) -> &[Field] {
        match &self.schema_type {
            SchemaType::Struct(fields) => fields,
            _ => &[],
        }
    }
}

impl Field {
    /// A field called `name`.
    pub fn new(name: impl Into<String>, schema: Arc<Schema>) -> Self {
        Field {
            name: name.into(),
            schema,
        }
    }
}
