//! [`Definition`]: what the name of a record stands for in a schema.

use connector_api::data::Schema;

/// What a record's name stands for: a struct, or the entries of a map whose keys are no plain strings.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Definition<'s> {
    Struct(&'s Schema),
    Entry(&'s Schema, &'s Schema),
}

impl Definition<'_> {
    pub(super) fn is_same_as(self, other: Definition<'_>) -> bool {
        match (self, other) {
            (Definition::Struct(one), Definition::Struct(other)) => is_same_record(one, other),
            (Definition::Entry(key, value), Definition::Entry(other_key, other_value)) => {
                key == other_key && value == other_value
            }
            _ => false,
        }
    }
}

/// Whether two structs are the same record: whether null is legal is the union's business, not the record's.
pub(super) fn is_same_record(one: &Schema, other: &Schema) -> bool {
    std::ptr::eq(one, other)
        || (one.schema_type == other.schema_type
            && one.name == other.name
            && one.default == other.default
            && one.version == other.version
            && one.doc == other.doc
            && one.parameters == other.parameters)
}
