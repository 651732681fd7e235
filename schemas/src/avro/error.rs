//! [`SchemaError`]: why a Connect schema cannot become an Avro schema.

use super::name::InvalidName;

/// Why a Connect schema has no Avro schema. Each is for a person to fix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A name that Avro does not allow.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// Two different records of one name; a reader could not tell them apart.
    #[error(
        "field `{field}`: the record `{name}` is already defined differently in the same schema; \
         give the two records different names, or drop what makes them differ, such as column.propagate.source.type"
    )]
    Redefined {
        /// The record's full name.
        name: String,
        /// Where the second definition stands.
        field: String,
    },
    /// Two fields of one name in a record.
    #[error("the record `{record}` has two fields called `{field}`; rename one of the columns")]
    DuplicateField {
        /// The record's full name.
        record: String,
        /// The field's name.
        field: String,
    },
    /// A default that does not fit its own schema, or that no Avro reader would understand.
    #[error("field `{field}`: the default does not fit its schema: {reason}")]
    Default {
        /// Where the default stands.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A parameter whose meaning is not carried out.
    #[error("field `{field}`: the schema parameter `{parameter}` is not supported")]
    Parameter {
        /// Where the schema stands.
        field: String,
        /// The parameter's key.
        parameter: String,
    },
    /// A schema that an Avro parser refuses.
    #[error("the avro schema is not valid: {reason}")]
    Rejected {
        /// What the parser says.
        reason: String,
    },
}
