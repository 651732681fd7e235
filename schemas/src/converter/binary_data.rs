//! [`BinaryDataConverter`]: Debezium's converter for records whose values are bytes already, such as the payloads of an outbox.
//! What is not bytes is left to another converter.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::config::ConfigProblem;
use connector_api::data::{Schema, SchemaType, Value, ValueCollector, WriteError};
use tokio::runtime::Handle;

use super::primitive::TypeError;
use super::{Converted, Converter, ConverterError, Headers, Role, create, validate};

/// The key of the other converter's class; its settings follow behind a dot.
pub(super) const DELEGATE: &str = "delegate.converter.type";

/// The class of the other converter, if there is one, and its settings.
pub(super) fn delegate(given: &BTreeMap<String, String>) -> Option<(&str, BTreeMap<String, String>)> {
    let class = given.get(DELEGATE)?.trim();
    let inside = given
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(DELEGATE)?.strip_prefix('.')?.to_owned(), value.clone())));
    (!class.is_empty()).then(|| (class, inside.collect()))
}

/// What is wrong with the settings.
pub(super) fn check(role: Role, given: &BTreeMap<String, String>) -> Result<(), Vec<ConfigProblem>> {
    let problems = delegate(given).map(|(class, inside)| validate(class, role, &inside));
    match problems.unwrap_or_default() {
        none if none.is_empty() => Ok(()),
        found => Err(named(found)),
    }
}

/// An unknown class is a problem of the key that names it.
fn named(problems: Vec<ConfigProblem>) -> Vec<ConfigProblem> {
    let key = |key: &str| match key {
        "key.converter" | "value.converter" => DELEGATE.to_owned(),
        key => format!("{DELEGATE}.{key}"),
    };
    let problems = problems.into_iter();
    problems
        .map(|problem| ConfigProblem::new(key(&problem.key), problem.message))
        .collect()
}

/// Bytes as they are, and everything else by another converter.
pub struct BinaryDataConverter {
    delegate: Option<Box<dyn Converter>>,
}

impl BinaryDataConverter {
    pub(super) fn new(
        role: Role,
        given: &BTreeMap<String, String>,
        runtime: Handle,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let delegate = delegate(given).map(|(class, inside)| create(class, role, &inside, runtime).map_err(named));
        Ok(BinaryDataConverter {
            delegate: delegate.transpose()?,
        })
    }

    fn delegate(&mut self, topic: &str, schema: &Schema) -> Result<&mut dyn Converter, ConverterError> {
        match &mut self.delegate {
            Some(delegate) => Ok(delegate.as_mut()),
            None => Err(ConverterError::Type {
                topic: topic.to_owned(),
                reason: TypeError::without_delegate(schema),
            }),
        }
    }
}

/// A `Decimal` is a number to Java, not bytes.
fn is_binary(schema: &Schema) -> bool {
    let name = schema.name.as_deref().unwrap_or_default();
    schema.schema_type == SchemaType::Bytes && !name.starts_with("org.apache.kafka.connect.data.")
}

impl Converter for BinaryDataConverter {
    fn prepare(
        &mut self,
        topic: &str,
        part: &RecordPart<'_>,
        stopping: &dyn Fn() -> bool,
    ) -> Result<(), ConverterError> {
        match is_binary(part.schema) {
            true => Ok(()),
            false => self.delegate(topic, part.schema)?.prepare(topic, part, stopping),
        }
    }

    fn convert(&mut self, topic: &str, part: &RecordPart<'_>, out: &mut Vec<u8>) -> Result<Converted, ConverterError> {
        if !is_binary(part.schema) {
            return self.delegate(topic, part.schema)?.convert(topic, part, out);
        }
        let reason = match ValueCollector::collect(part.value) {
            Ok(Value::Null) => return Ok(Converted::Null),
            Ok(Value::Bytes(bytes)) => {
                out.extend_from_slice(&bytes);
                return Ok(Converted::Bytes);
            }
            Ok(_) => WriteError::new("the value is not of its schema's type"),
            Err(error) => error,
        };
        let topic = topic.to_owned();
        Err(ConverterError::Value { topic, reason })
    }

    fn writes_nulls(&self) -> bool {
        self.delegate.as_ref().is_some_and(|delegate| delegate.writes_nulls())
    }

    fn headers(&self, topic: &str, schema: &Arc<Schema>) -> Headers<'_> {
        match &self.delegate {
            Some(delegate) if !is_binary(schema) => delegate.headers(topic, schema),
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use connector_api::data::SchemaType;

    use super::*;
    use crate::converter::warnings;

    const CLASS: &str = "io.debezium.converters.BinaryDataConverter";

    fn settings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        owned.collect()
    }

    fn converter(given: &[(&str, &str)]) -> BinaryDataConverter {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        BinaryDataConverter::new(Role::Value, &settings(given), runtime.handle().clone()).expect("valid settings")
    }

    fn converted(converter: &mut BinaryDataConverter, schema: Schema, value: &Value) -> Result<Vec<u8>, String> {
        let (schema, mut bytes) = (schema.shared(), Vec::new());
        let part = RecordPart { schema: &schema, value };
        let prepared = converter.prepare("t", &part, &|| false);
        let done = prepared.and_then(|()| converter.convert("t", &part, &mut bytes));
        done.map(|_| bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn bytes_stay_as_they_are_and_the_rest_is_the_delegates() {
        let bytes = || Schema::new(SchemaType::Bytes).optional();
        let text = (Schema::new(SchemaType::String), Value::String("x".to_owned()));
        let mut with_json = converter(&[
            (DELEGATE, "org.apache.kafka.connect.json.JsonConverter"),
            ("delegate.converter.type.schemas.enable", "false"),
        ]);
        let raw = Value::Bytes(vec![0, 255]);
        assert_eq!(converted(&mut with_json, bytes(), &raw), Ok(vec![0, 255]));
        assert_eq!(converted(&mut with_json, bytes(), &Value::Null), Ok(Vec::new()));
        assert_eq!(
            converted(&mut with_json, text.0.clone(), &text.1),
            Ok(b"\"x\"".to_vec())
        );
        let decimal = Schema::new(SchemaType::Bytes)
            .named("org.apache.kafka.connect.data.Decimal")
            .parameter("scale", "2");
        let number = Value::Bytes(vec![125]);
        assert_eq!(converted(&mut with_json, decimal, &number), Ok(b"\"fQ==\"".to_vec()));

        let mut alone = converter(&[]);
        assert_eq!(converted(&mut alone, bytes(), &raw), Ok(vec![0, 255]));
        let refused = converted(&mut alone, text.0, &text.1).expect_err("a text");
        assert!(
            refused.contains("without delegate.converter.type, only, and this is STRING"),
            "{refused}"
        );
    }

    #[test]
    fn problems_and_warnings_of_the_delegate_have_its_keys() {
        let checked = |given: &[(&str, &str)]| -> Vec<String> {
            let problems = validate(CLASS, Role::Value, &settings(given));
            problems.into_iter().map(|problem| problem.key).collect()
        };
        assert_eq!(checked(&[]), Vec::<String>::new());
        assert_eq!(checked(&[(DELEGATE, "com.example.None")]), [DELEGATE]);
        let json = (DELEGATE, "json");
        let wrong = ("delegate.converter.type.schemas.enable", "maybe");
        assert_eq!(checked(&[json, wrong]), [wrong.0]);
        let unknown = ("delegate.converter.type.x", "1");
        assert_eq!(
            warnings(CLASS, &settings(&[json, unknown])),
            ["delegate.converter.type.x is not a known key of this converter"]
        );
    }
}
