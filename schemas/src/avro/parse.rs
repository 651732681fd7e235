//! [`parse`]: apache-avro as the second opinion on a schema, and as the decoder of tools.
//!
//! Avro's Java library, and so Debezium and the registries, take any letter for a letter; apache-avro by itself takes
//! ASCII only. It is given our rule ([`super::name`]) before it parses for the first time, for the whole process.

use std::sync::Once;

use apache_avro::AvroResult;
use apache_avro::error::Details;
use apache_avro::validator::{
    RecordFieldNameValidator, SchemaNameValidator, SchemaNamespaceValidator, set_record_field_name_validator,
    set_schema_name_validator, set_schema_namespace_validator,
};

use super::error::SchemaError;
use super::name::{check_full_name, check_namespace, is_name, split};

/// Parses a schema.
///
/// # Errors
/// If it is none.
pub fn parse(schema: &str) -> Result<apache_avro::Schema, SchemaError> {
    static RULES: Once = Once::new();
    RULES.call_once(|| {
        // Whoever set other rules before us, or parsed before us, keeps theirs: names that are not ASCII are refused then.
        let _ = set_schema_name_validator(Box::new(AnyLetter));
        let _ = set_schema_namespace_validator(Box::new(AnyLetter));
        let _ = set_record_field_name_validator(Box::new(AnyLetter));
    });
    apache_avro::Schema::parse_str(schema).map_err(|error| SchemaError::Rejected {
        reason: error.to_string(),
    })
}

struct AnyLetter;

const RULE: &str = "letters, digits and `_` only, no digit first";

impl SchemaNameValidator for AnyLetter {
    fn validate(&self, full_name: &str) -> AvroResult<usize> {
        match check_full_name(full_name) {
            Ok(()) => Ok(full_name.len() - split(full_name).1.len()),
            Err(_) => Err(Details::InvalidSchemaName(full_name.to_owned(), RULE).into()),
        }
    }
}

impl SchemaNamespaceValidator for AnyLetter {
    fn validate(&self, namespace: &str) -> AvroResult<()> {
        if namespace.is_empty() || check_namespace(namespace).is_ok() {
            return Ok(());
        }
        Err(Details::InvalidNamespace(namespace.to_owned(), RULE).into())
    }
}

impl RecordFieldNameValidator for AnyLetter {
    fn validate(&self, field: &str) -> AvroResult<()> {
        if is_name(field) {
            Ok(())
        } else {
            Err(Details::FieldName(field.to_owned()).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_schema_may_have_letters_of_any_script() {
        let schema = r#"{"type":"record","name":"表","namespace":"p.größe","fields":[{"name":"名前","type":"string"},
            {"name":"again","type":["null","表"],"default":null}]}"#;
        assert_eq!(parse(schema).unwrap().name().unwrap().fullname(None), "p.größe.表");
        for wrong in ["a-b", "1a", "a😀", "a$"] {
            assert!(parse(&schema.replace("名前", wrong)).is_err(), "{wrong}");
            assert!(parse(&schema.replace("größe", wrong)).is_err(), "{wrong}");
        }
    }
}
