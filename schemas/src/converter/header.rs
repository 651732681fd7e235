//! Converters of headers: those of Kafka Connect's own converters that are for headers, too, which is all but Avro's and
//! CloudEvents'. They know no topic and ask nobody.

use std::collections::BTreeMap;

use connector_api::config::ConfigProblem;

use super::class::{CLASSES, Class};
use super::json::{JsonConverter, JsonSettings};
use super::{Converter, PrimitiveConverter};

const KEY: &str = "header.converter";

/// The full names of the converters that are for headers.
pub fn header_class_names() -> impl Iterator<Item = &'static str> {
    CLASSES
        .iter()
        .filter(|(_, class)| class.is_for_headers())
        .map(|(name, _)| *name)
}

/// Creates a converter of headers from its class and its settings, which come without `header.converter.`.
///
/// # Errors
/// Every problem at once. The key of an unknown class is `header.converter`.
pub fn create_for_headers(
    class: &str,
    settings: &BTreeMap<String, String>,
) -> Result<Box<dyn Converter>, Vec<ConfigProblem>> {
    let known = Class::parse(class).filter(|class| class.is_for_headers());
    Ok(match known {
        Some(Class::Json) => Box::new(JsonConverter::new(&JsonSettings::read(settings)?)),
        Some(Class::Primitive(primitive)) => {
            primitive.check(settings)?;
            Box::new(PrimitiveConverter::new(primitive))
        }
        _ => {
            let names: Vec<&str> = header_class_names().collect();
            let message = format!("{class} is not supported for headers; there are {}", names.join(", "));
            return Err(vec![ConfigProblem::new(KEY, message)]);
        }
    })
}

impl Class {
    fn is_for_headers(self) -> bool {
        matches!(self, Class::Json | Class::Primitive(_))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use connector_api::RecordPart;
    use connector_api::data::{Schema, SchemaType, Value};

    use super::{create_for_headers, header_class_names};

    fn bytes(class: &str, settings: &[(&str, &str)], schema: Schema, value: &Value) -> Result<Vec<u8>, String> {
        let settings: BTreeMap<String, String> = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let mut converter = create_for_headers(class, &settings).map_err(|problems| format!("{problems:?}"))?;
        let schema = schema.shared();
        let part = RecordPart { schema: &schema, value };
        let mut out = Vec::new();
        converter
            .prepare("t", &part, &|| false)
            .and_then(|()| converter.convert("t", &part, &mut out))
            .map_err(|error| error.to_string())?;
        Ok(out)
    }

    #[test]
    fn a_text_is_written_as_each_converter_writes_it() {
        let text = || Schema::new(SchemaType::String);
        let shop = Value::String("shop".to_owned());
        let written =
            |class, settings| bytes(class, settings, text(), &shop).map(|out| String::from_utf8(out).expect("text"));
        assert_eq!(
            written("JsonConverter", &[]).as_deref(),
            Ok(r#"{"schema":{"type":"string","optional":false},"payload":"shop"}"#)
        );
        assert_eq!(
            written("JsonConverter", &[("schemas.enable", "false")]).as_deref(),
            Ok(r#""shop""#)
        );
        assert_eq!(written("StringConverter", &[]).as_deref(), Ok("shop"));
        let refused = written("IntegerConverter", &[]).expect_err("no number");
        assert!(refused.contains("writes INT32 only, and this is STRING"), "{refused}");
    }

    #[test]
    fn converters_that_need_a_registry_are_none_of_headers() {
        assert!(header_class_names().all(|name| !name.contains("Avro") && !name.contains("CloudEvents")));
        let refused = bytes(
            "io.confluent.connect.avro.AvroConverter",
            &[],
            Schema::new(SchemaType::Int32),
            &Value::Null,
        );
        assert!(refused.expect_err("it is none").contains("not supported for headers"));
    }
}
