//! [`ExtractChangedRecordState`]: headers with the names of the columns that a change has altered, and of those it has not
//! (`io.debezium.transforms.ExtractChangedRecordState`).

use std::sync::Arc;

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Width};
use connector_api::data::{Schema, SchemaType, Value, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::envelope::is_envelope;
use super::key_or_value::KeyOrValue;
use super::reading::{position, read_field, with_struct};
use super::record::{Header, Headers, Part, Record};

/// The transform.
pub struct ExtractChangedRecordState {
    changed: Option<NameList>,
    unchanged: Option<NameList>,
}

/// A header that lists names.
struct NameList {
    header: String,
    schema: Arc<Schema>,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let header = |name, title, doc, order| {
        ConfigKey::new(name, ConfigType::String, doc)
            .display_name(title)
            .importance(Importance::Low)
            .width(Width::Long)
            .in_group("", order)
    };
    vec![
        header(
            "header.changed.name",
            "Header change name.",
            "The header that lists the columns whose values an update has changed.",
            1,
        ),
        header(
            "header.unchanged.name",
            "Header unchanged name.",
            "The header that lists the columns that an update has left as they were.",
            2,
        ),
    ]
}

/// The transform with these options.
///
/// # Errors
/// None that its keys do not show.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let list = |option: &str| NameList::new(options.string(option)?);
    Ok(Box::new(ExtractChangedRecordState {
        changed: list("header.changed.name"),
        unchanged: list("header.unchanged.name"),
    }))
}

impl NameList {
    fn new(header: &str) -> Option<Self> {
        if header.trim().is_empty() {
            return None;
        }
        let name = Schema::new(SchemaType::String).optional().shared();
        let schema = Schema::new(SchemaType::Array(name)).optional().named(header);
        Some(NameList {
            header: header.to_owned(),
            schema: schema.shared(),
        })
    }

    fn with<'a>(&'a self, names: &'a Value) -> Header<'a> {
        Header {
            name: &self.header,
            value: Part {
                schema: &self.schema,
                value: Some(names),
            },
        }
    }
}

impl Transform for ExtractChangedRecordState {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        // Also without an update there are headers, with nothing in their lists; a tombstone shares those of the delete before it.
        let (changed, unchanged) = match KeyOrValue::Value.present(record) {
            Some((schema, envelope)) if is_envelope(schema) => compare(schema, envelope)?,
            None => (Value::Array(Vec::new()), Value::Array(Vec::new())),
            Some(_) => {
                next(record);
                return Ok(());
            }
        };
        let lists = [(&self.changed, &changed), (&self.unchanged, &unchanged)];
        let more: Vec<Header<'_>> = lists
            .into_iter()
            .filter_map(|(list, names)| Some(list.as_ref()?.with(names)))
            .collect();
        next(&Record {
            headers: Headers::With {
                rest: &record.headers,
                more: &more,
            },
            ..*record
        });
        Ok(())
    }
}

/// The names of the columns that differ between the two rows of an envelope, and of those that do not.
fn compare(schema: &Schema, envelope: &dyn WriteValue) -> Result<(Value, Value), TransformError> {
    let (mut changed, mut unchanged) = (Vec::new(), Vec::new());
    if let (Some(before), Some(after)) = (position(schema, "before"), position(schema, "after")) {
        let columns = schema.fields()[after].schema.fields();
        with_struct(envelope, before, |before| {
            with_struct(envelope, after, |after| {
                let (Some(before), Some(after)) = (before, after) else {
                    return Ok(());
                };
                for (index, column) in columns.iter().enumerate() {
                    let (old, new) = (read_field(before, index)?, read_field(after, index)?);
                    let names = match differs(&column.schema, &old, &new) {
                        true => &mut changed,
                        false => &mut unchanged,
                    };
                    names.push(Value::String(column.name.clone()));
                }
                Ok::<_, TransformError>(())
            })
        })???;
    }
    Ok((Value::Array(changed), Value::Array(unchanged)))
}

/// Debezium holds a BIT of several bits as `byte[]`, and takes two of these for two values whatever is in them.
fn differs(schema: &Schema, old: &Value, new: &Value) -> bool {
    let is_bits = schema.name.as_deref() == Some("io.debezium.data.Bits");
    !is_same(old, new) || is_bits && *new != Value::Null
}

/// Floating point numbers as `Double.equals` compares them: two zeros differ by their sign, and all that are no number are one.
fn is_same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Float32(old), Value::Float32(new)) => old.to_bits() == new.to_bits() || old.is_nan() && new.is_nan(),
        (Value::Float64(old), Value::Float64(new)) => old.to_bits() == new.to_bits() || old.is_nan() && new.is_nan(),
        (Value::Array(old), Value::Array(new)) | (Value::Struct(old), Value::Struct(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new))
        }
        _ => old == new,
    }
}

#[cfg(test)]
mod tests {
    use connector_api::data::{Schema, SchemaType, Value};

    use super::differs;

    #[test]
    fn floats_differ_by_their_bits() {
        let double = Schema::new(SchemaType::Float64);
        let differs = |old: f64, new: f64| {
            let is_alone = differs(&double, &Value::Float64(old), &Value::Float64(new));
            let list = |number| Value::Array(vec![Value::Float64(number)]);
            assert_eq!(differs(&double, &list(old), &list(new)), is_alone);
            is_alone
        };
        assert!(differs(0.0, -0.0) && differs(1.0, 2.0) && differs(1.0, f64::NAN));
        assert!(!differs(f64::NAN, f64::NAN) && !differs(1.5, 1.5));
        let single = Schema::new(SchemaType::Float32);
        assert!(super::differs(&single, &Value::Float32(0.0), &Value::Float32(-0.0)));
    }
}
