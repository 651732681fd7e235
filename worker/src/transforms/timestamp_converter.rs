//! [`TimestampConverter`]: a time in another form (`org.apache.kafka.connect.transforms.TimestampConverter`).

use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator};
use connector_api::data::{Field, Schema, SchemaMap, SchemaType, Value, ValueCollector, ValueWriter, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::date_format::DateFormat;
use super::key_or_value::KeyOrValue;
use super::keys::{replace_null_with_default, required};
use super::logical::Logical;
use super::reading::{position, read_field_or};
use super::record::{Part, Record};
use super::shape::{Origin, Shape, Shaped, require_struct, struct_like};

/// The transform.
pub struct TimestampConverter {
    target: KeyOrValue,
    /// Empty: all of the key or value is a time.
    field: String,
    conversion: Conversion,
    defaults: bool,
    known: SchemaMap<Converted>,
}

/// What a time becomes, and how texts and numbers are read.
struct Conversion {
    to: Form,
    format: Option<DateFormat>,
    precision: Precision,
}

/// How a time is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Unix,
    Logical(Logical),
}

/// What a number of `unix` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Precision {
    Seconds,
    Milliseconds,
    /// So many in a millisecond.
    Finer(i64),
}

/// What becomes of values of one schema.
struct Converted {
    schema: Arc<Schema>,
    time: Option<Time>,
    /// `None`: the value is the time.
    shape: Option<Shape>,
}

/// The time in a value.
struct Time {
    form: Form,
    index: usize,
    default: Option<Value>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let text = |name, doc| ConfigKey::new(name, ConfigType::String, doc);
    vec![
        text("field", "The field with the time; without one all of the key or value is a time.")
            .default_value("")
            .importance(Importance::High),
        required("target.type", ConfigType::String, "What it becomes: string, unix, Date, Time or Timestamp.")
            .validator(Validator::OneOf(&["string", "unix", "Date", "Time", "Timestamp"])),
        text(
            "format",
            "How texts are written and read: a pattern of Java's SimpleDateFormat with the letters y M d H k K h m s S a E z Z X, in \
             UTC.",
        )
        .default_value(""),
        text(
            "unix.precision",
            "What numbers count: seconds, milliseconds, microseconds or nanoseconds since 1970; what is finer than a millisecond is \
             lost.",
        )
        .default_value("milliseconds")
        .importance(Importance::Low)
        .validator(Validator::OneOf(&["nanoseconds", "microseconds", "milliseconds", "seconds"])),
        replace_null_with_default(),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(target: KeyOrValue, options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let option = |name| options.string(name).unwrap_or_default();
    let problem = |message: String| vec![ConfigProblem::new("format", message)];
    let to = match option("target.type") {
        "unix" => Form::Unix,
        "Date" => Form::Logical(Logical::Date),
        "Time" => Form::Logical(Logical::Time),
        "Timestamp" => Form::Logical(Logical::Timestamp),
        _ => Form::Text,
    };
    let format = match (option("format"), to) {
        ("", Form::Text) => {
            return Err(problem(
                "target.type=string needs a pattern to write times by".to_owned(),
            ));
        }
        ("", _) => None,
        (pattern, _) => {
            let now_ms = chrono::Utc::now().timestamp_millis();
            Some(DateFormat::new(pattern, now_ms).map_err(|reason| problem(format!("{pattern}: {reason}")))?)
        }
    };
    Ok(Box::new(TimestampConverter {
        target,
        field: option("field").to_owned(),
        conversion: Conversion {
            to,
            format,
            precision: match option("unix.precision") {
                "seconds" => Precision::Seconds,
                "microseconds" => Precision::Finer(1_000),
                "nanoseconds" => Precision::Finer(1_000_000),
                _ => Precision::Milliseconds,
            },
        },
        defaults: options.boolean("replace.null.with.default").unwrap_or(true),
        known: SchemaMap::default(),
    }))
}

impl Transform for TimestampConverter {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some(part) = self.target.part(record) else {
            next(record);
            return Ok(());
        };
        let (field, conversion, defaults) = (&self.field, &self.conversion, self.defaults);
        let converted = self
            .known
            .find_or(part.schema, || Converted::of(part.schema, field, conversion, defaults))?;
        let Some(value) = part.value else {
            let schema = &converted.schema;
            next(&self.target.replaced(record, Some(Part { schema, value: None })));
            return Ok(());
        };
        let time = match (&converted.time, &converted.shape) {
            (None, _) => Value::Null,
            (Some(time), Some(_)) => {
                let given = read_field_or(value, time.index, time.default.as_ref())?;
                self.conversion.convert(time.form, &given).map_err(|reason| {
                    TransformError::new(format!("field `{field}` cannot become another time: {reason}"))
                })?
            }
            (Some(time), None) => {
                let converted = self.conversion.convert(time.form, &ValueCollector::collect(value)?);
                converted.map_err(|reason| TransformError::new(format!("it cannot become another time: {reason}")))?
            }
        };
        let extras = |_: usize, writer: &mut dyn ValueWriter| time.write(writer);
        let shaped;
        let value: Option<&dyn WriteValue> = match &converted.shape {
            Some(shape) => {
                shaped = Shaped {
                    shape,
                    input: value,
                    extras: &extras,
                };
                Some(&shaped)
            }
            None => (time != Value::Null).then_some(&time as &dyn WriteValue),
        };
        let schema = &converted.schema;
        next(&self.target.replaced(record, Some(Part { schema, value })));
        Ok(())
    }
}

impl Converted {
    fn of(schema: &Schema, field: &str, conversion: &Conversion, defaults: bool) -> Result<Self, TransformError> {
        if field.is_empty() {
            let form = Form::of(schema).map_err(|reason| TransformError::new(format!("it {reason}")))?;
            let time = Time {
                form,
                index: 0,
                default: None,
            };
            return Ok(Converted {
                schema: conversion.schema(schema.optional),
                time: Some(time),
                shape: None,
            });
        }
        require_struct(schema)?;
        let mut fields = schema.fields().to_vec();
        let mut origins: Vec<Origin> = (0..fields.len())
            .map(|index| Origin::input(schema, index, defaults))
            .collect();
        let mut time = None;
        if let Some(index) = position(schema, field) {
            let given = Arc::clone(&fields[index].schema);
            let form = Form::of(&given).map_err(|reason| TransformError::new(format!("field `{field}` {reason}")))?;
            fields[index] = Field::new(field, conversion.schema(given.optional));
            origins[index] = Origin::Extra(0);
            time = Some(Time {
                form,
                index,
                default: given.default.clone().filter(|_| defaults),
            });
        }
        let like = struct_like(schema, fields)?;
        let schema = Schema {
            optional: schema.optional,
            ..(*like).clone()
        };
        Ok(Converted {
            schema: schema.shared(),
            time,
            shape: Some(Shape { fields: origins }),
        })
    }
}

impl Form {
    fn of(schema: &Schema) -> Result<Self, String> {
        match (Logical::of(schema), &schema.schema_type) {
            (Some(logical), _) => Ok(Form::Logical(logical)),
            (None, SchemaType::String) => Ok(Form::Text),
            (None, SchemaType::Int64) => Ok(Form::Unix),
            _ => Err(
                "is no time: neither a text nor an INT64 nor Connect's Date, Time or Timestamp \
                 (time.precision.mode=connect)"
                    .to_owned(),
            ),
        }
    }
}

impl Conversion {
    fn schema(&self, optional: bool) -> Arc<Schema> {
        let schema = match self.to {
            Form::Text => Schema::new(SchemaType::String),
            Form::Unix => Schema::new(SchemaType::Int64),
            Form::Logical(logical) => logical.schema(),
        };
        Schema { optional, ..schema }.shared()
    }

    /// # Errors
    /// Why the value has no such form; not the value.
    fn convert(&self, from: Form, value: &Value) -> Result<Value, String> {
        let epoch_ms = match (from, value) {
            (_, Value::Null) => return Ok(Value::Null),
            (Form::Text, Value::String(text)) => {
                let format = self
                    .format
                    .as_ref()
                    .ok_or("it is a text, and the option format has no pattern to read it by")?;
                let instant = format.parse(text);
                instant.ok_or_else(|| format!("its text is not as the option format says, {}", format.pattern()))?
            }
            (Form::Unix, Value::Int64(number)) => self.precision.to_ms(*number),
            (Form::Logical(logical), value) => logical.epoch_ms(value).ok_or("it is not of its schema's type")?,
            _ => return Err("it is not of its schema's type".to_owned()),
        };
        match self.to {
            Form::Text => {
                let mut text = String::new();
                if let Some(format) = &self.format {
                    format.push(&mut text, epoch_ms);
                }
                Ok(Value::String(text))
            }
            Form::Unix => Ok(Value::Int64(self.precision.of_ms(epoch_ms))),
            Form::Logical(logical) => logical
                .value(epoch_ms)
                .ok_or_else(|| "it is too far away for the type".to_owned()),
        }
    }
}

/// As `java.util.concurrent.TimeUnit` has it: towards zero, and at its bounds.
impl Precision {
    fn to_ms(self, number: i64) -> i64 {
        match self {
            Precision::Seconds => number.saturating_mul(1_000),
            Precision::Milliseconds => number,
            Precision::Finer(units) => number / units,
        }
    }

    fn of_ms(self, epoch_ms: i64) -> i64 {
        match self {
            Precision::Seconds => epoch_ms / 1_000,
            Precision::Milliseconds => epoch_ms,
            Precision::Finer(units) => epoch_ms.saturating_mul(units),
        }
    }
}
