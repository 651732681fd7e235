//! [`column_schema`]: what a column is in the schema of its row, and what a null becomes where none may be.
//!
//! The names, versions and parameters here decide whether the registry finds the schemas that Debezium registered.

use connector_api::data::{Schema, SchemaType, Value};

use super::default_value::DefaultValue;
use crate::config::{BinaryMode, DecimalMode, TimePrecision, TinyIntMode, UnsignedBigintMode};
use crate::row::ColumnForm;
use crate::schema::{Column, ColumnType};

/// 2^64-1 has so many.
const UNSIGNED_BIGINT_DIGITS: u8 = 20;

/// The schema of `column`, or `None` if its DEFAULT is not understood.
pub(super) fn column_schema(column: &Column, form: &ColumnForm) -> Option<Schema> {
    let mut schema = form_schema(form);
    schema.optional = column.optional;
    schema.doc.clone_from(&column.comment);
    match DefaultValue::of(column, form) {
        DefaultValue::Absent => Some(schema),
        DefaultValue::Is(default) => Some(schema.default_value(default)),
        DefaultValue::NotUnderstood => None,
    }
}

/// What a null becomes in a required column (a zero date, say): its default, else its type's zero.
/// `None`: the column may be null, so a null stays one.
pub(super) fn fallback(schema: &Schema) -> Option<Value> {
    if schema.optional {
        return None;
    }
    Some(schema.default.clone().unwrap_or_else(|| zero(schema)))
}

fn zero(schema: &Schema) -> Value {
    match (&schema.schema_type, schema.name.as_deref()) {
        (SchemaType::Boolean, _) => Value::Boolean(false),
        (SchemaType::Int64, _) => Value::Int64(0),
        (SchemaType::Float32, _) => Value::Float32(0.0),
        (SchemaType::Float64, _) => Value::Float64(0.0),
        (SchemaType::String, Some("io.debezium.data.Json")) => Value::String("{}".to_owned()),
        (SchemaType::String, Some("io.debezium.time.ZonedTimestamp" | "io.debezium.time.IsoTimestamp")) => {
            Value::String("1970-01-01T00:00:00Z".to_owned())
        }
        (SchemaType::String, Some("io.debezium.time.IsoDate")) => Value::String("1970-01-01Z".to_owned()),
        (SchemaType::String, _) => Value::String(String::new()),
        (SchemaType::Bytes, Some("org.apache.kafka.connect.data.Decimal")) => Value::Bytes(vec![0]),
        (SchemaType::Bytes, _) => Value::Bytes(Vec::new()),
        _ => Value::Int32(0),
    }
}

fn form_schema(form: &ColumnForm) -> Schema {
    let plain = Schema::new;
    let semantic = |schema_type, name: &str| Schema::new(schema_type).named(name).version(1);
    let decimal = |precision: u8, scale: u8| {
        semantic(SchemaType::Bytes, "org.apache.kafka.connect.data.Decimal")
            .parameter("scale", scale.to_string())
            .parameter("connect.decimal.precision", precision.to_string())
    };
    match &form.column_type {
        ColumnType::Boolean | ColumnType::Bit { length: 0 | 1 } => plain(SchemaType::Boolean),
        ColumnType::Bit { length } => {
            semantic(SchemaType::Bytes, "io.debezium.data.Bits").parameter("length", length.to_string())
        }
        ColumnType::TinyInt { .. } if form.modes.tiny_ints == TinyIntMode::Boolean => plain(SchemaType::Boolean),
        ColumnType::TinyInt { .. } | ColumnType::SmallInt { unsigned: false } => plain(SchemaType::Int16),
        ColumnType::SmallInt { unsigned: true }
        | ColumnType::MediumInt { .. }
        | ColumnType::Int { unsigned: false } => plain(SchemaType::Int32),
        ColumnType::BigInt { unsigned: true } if form.modes.unsigned_bigints == UnsignedBigintMode::Precise => {
            decimal(UNSIGNED_BIGINT_DIGITS, 0)
        }
        ColumnType::Int { unsigned: true } | ColumnType::BigInt { .. } => plain(SchemaType::Int64),
        ColumnType::Float => plain(SchemaType::Float32),
        ColumnType::FloatWithScale | ColumnType::Double => plain(SchemaType::Float64),
        ColumnType::Decimal { precision, scale } => match form.modes.decimals {
            DecimalMode::Precise => decimal(*precision, *scale),
            DecimalMode::Double => plain(SchemaType::Float64),
            DecimalMode::Text => plain(SchemaType::String),
        },
        ColumnType::Text { .. } => plain(SchemaType::String),
        ColumnType::Binary { .. } | ColumnType::Bytes => match form.modes.binaries {
            BinaryMode::Bytes => plain(SchemaType::Bytes),
            BinaryMode::Base64 | BinaryMode::Base64UrlSafe | BinaryMode::Hex => plain(SchemaType::String),
        },
        ColumnType::Date => match form.modes.times {
            TimePrecision::Connect => semantic(SchemaType::Int32, "org.apache.kafka.connect.data.Date"),
            TimePrecision::IsoText => semantic(SchemaType::String, "io.debezium.time.IsoDate"),
            _ => semantic(SchemaType::Int32, "io.debezium.time.Date"),
        },
        ColumnType::Time { .. } => match form.modes.times {
            TimePrecision::Connect => semantic(SchemaType::Int32, "org.apache.kafka.connect.data.Time"),
            TimePrecision::IsoText => semantic(SchemaType::String, "io.debezium.time.IsoTime"),
            TimePrecision::Nanoseconds => semantic(SchemaType::Int64, "io.debezium.time.NanoTime"),
            TimePrecision::Adaptive | TimePrecision::Microseconds => {
                semantic(SchemaType::Int64, "io.debezium.time.MicroTime")
            }
        },
        ColumnType::DateTime { fsp } => match form.modes.times {
            TimePrecision::Adaptive if *fsp <= 3 => semantic(SchemaType::Int64, "io.debezium.time.Timestamp"),
            TimePrecision::Adaptive | TimePrecision::Microseconds => {
                semantic(SchemaType::Int64, "io.debezium.time.MicroTimestamp")
            }
            TimePrecision::Nanoseconds => semantic(SchemaType::Int64, "io.debezium.time.NanoTimestamp"),
            TimePrecision::Connect => semantic(SchemaType::Int64, "org.apache.kafka.connect.data.Timestamp"),
            TimePrecision::IsoText => semantic(SchemaType::String, "io.debezium.time.IsoTimestamp"),
        },
        ColumnType::Timestamp { .. } => semantic(SchemaType::String, "io.debezium.time.ZonedTimestamp"),
        ColumnType::Year => semantic(SchemaType::Int32, "io.debezium.time.Year"),
        ColumnType::Json => semantic(SchemaType::String, "io.debezium.data.Json"),
        ColumnType::Enum { values } => {
            semantic(SchemaType::String, "io.debezium.data.Enum").parameter("allowed", allowed(values))
        }
        ColumnType::Set { values } => {
            semantic(SchemaType::String, "io.debezium.data.EnumSet").parameter("allowed", allowed(values))
        }
    }
}

/// The values of an ENUM or SET in one text. Debezium keeps them as the DDL spells them, so a comma or backslash
/// inside a value stays escaped.
fn allowed(values: &[String]) -> String {
    let escaped: Vec<String> = values
        .iter()
        .map(|value| value.replace('\\', "\\\\").replace(',', "\\,"))
        .collect();
    escaped.join(",")
}

#[cfg(test)]
mod tests;
