//! [`SchemaPiece`]: a schema that names the records in it instead of defining them, each of which is a piece of its own.
//!
//! Apicurio's converter registers records so, one by one, and refers from one to the next. Which records it takes out
//! decides what the text of the others is: those that are a field, alone or beside null, and those that are the items or
//! values of a required collection. Others, such as the items of an optional array, stay where they are.

use connector_api::data::{Field, Schema, SchemaType};

use super::Printer;
use super::definition::Definition;
use crate::avro::default::is_avro_map_key;
use crate::avro::error::SchemaError;
use crate::avro::style::SchemaStyle;

/// A schema, and the records that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaPiece {
    /// The text, in which the records of `uses` are names.
    pub text: String,
    /// Records under their full names, as often as they are named.
    pub uses: Vec<(String, SchemaPiece)>,
}

/// The pieces of `schema`. What is legal as a whole is legal in pieces, so [`super::schema_text`] should be asked first.
///
/// # Errors
/// As those of [`super::schema_text`].
pub fn schema_pieces(schema: &Schema, style: SchemaStyle) -> Result<SchemaPiece, SchemaError> {
    let mut whole = Printer {
        style,
        ..Printer::default()
    };
    whole.schema(schema)?;
    let numbered = whole.unnamed;
    piece(schema, schema.optional, style, &numbered)
}

/// `may_be_null`: the text is that of the union, which defines no record itself.
fn piece<'s>(
    schema: &'s Schema,
    may_be_null: bool,
    style: SchemaStyle,
    numbered: &[&'s Schema],
) -> Result<SchemaPiece, SchemaError> {
    let mut printer = Printer {
        style,
        unnamed: numbered.to_vec(),
        ..Printer::default()
    };
    let mut uses: Vec<(String, SchemaPiece)> = Vec::new();
    let used = match &schema.schema_type {
        SchemaType::Struct(_) if may_be_null => vec![schema],
        SchemaType::Struct(fields) => fields.iter().filter_map(record_of_field).collect(),
        _ if may_be_null => Vec::new(),
        _ => items(schema).into_iter().collect(),
    };
    for record in used {
        let name = printer.name_of(record)?;
        uses.push((name.clone(), piece(record, false, style, numbered)?));
        printer.defined.entry(name).or_insert(Definition::Struct(record));
    }
    match may_be_null {
        true => printer.schema(schema)?,
        false => printer.non_null(schema)?,
    }
    Ok(SchemaPiece {
        text: printer.into_text()?,
        uses,
    })
}

fn record_of_field(field: &Field) -> Option<&Schema> {
    match &field.schema.schema_type {
        SchemaType::Struct(_) => Some(&field.schema),
        _ if field.schema.optional => None,
        _ => items(&field.schema),
    }
}

/// The record that a collection holds.
fn items(collection: &Schema) -> Option<&Schema> {
    let item = match &collection.schema_type {
        SchemaType::Array(items) => items,
        SchemaType::Map(keys, values) if is_avro_map_key(keys) => values,
        _ => return None,
    };
    let is_record = matches!(item.schema_type, SchemaType::Struct(_)) && !item.optional;
    is_record.then_some(&**item)
}

#[cfg(test)]
mod tests {
    use connector_api::data::{Field, Schema, SchemaType};

    use super::{SchemaPiece, schema_pieces};
    use crate::avro::SchemaStyle;

    fn record(name: &str, fields: Vec<Field>) -> Schema {
        Schema::structure(name, fields)
    }

    fn field(name: &str, schema: Schema) -> Field {
        Field::new(name, schema.shared())
    }

    fn array(items: Schema) -> Schema {
        Schema::new(SchemaType::Array(items.shared()))
    }

    fn pieces(schema: &Schema) -> SchemaPiece {
        let style = SchemaStyle {
            metadata: crate::avro::Metadata::Dropped,
            ..SchemaStyle::default()
        };
        schema_pieces(schema, style).unwrap()
    }

    fn names(piece: &SchemaPiece) -> Vec<&str> {
        piece.uses.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn records_in_fields_and_required_collections_are_pieces_of_their_own() {
        let inner = record("q.I", vec![]);
        let value = record("p.V", vec![field("i", inner.clone())]);
        let whole = record(
            "p.E",
            vec![
                field("before", value.clone().optional()),
                field("after", value.optional()),
                field("source", record("q.S", vec![])),
                field("list", array(record("p.L", vec![]))),
                field("maybe", array(record("p.M", vec![])).optional()),
                field("nulls", array(inner.optional())),
            ],
        );
        let found = pieces(&whole);
        assert_eq!(names(&found), ["p.V", "p.V", "q.S", "p.L"]);
        assert_eq!(
            found.text,
            r#"{"type":"record","name":"E","namespace":"p","fields":[{"name":"before","type":["null","V"],"default":null},{"name":"after","type":["null","V"],"default":null},{"name":"source","type":"q.S"},{"name":"list","type":{"type":"array","items":"L"}},{"name":"maybe","type":["null",{"type":"array","items":{"type":"record","name":"M","fields":[]}}],"default":null},{"name":"nulls","type":{"type":"array","items":["null",{"type":"record","name":"I","namespace":"q","fields":[]}]}}]}"#
        );
        let value = &found.uses[0].1;
        assert_eq!(
            value.text,
            r#"{"type":"record","name":"V","namespace":"p","fields":[{"name":"i","type":"q.I"}]}"#
        );
        assert_eq!(names(value), ["q.I"]);
        assert_eq!(
            value.uses[0].1.text,
            r#"{"type":"record","name":"I","namespace":"q","fields":[]}"#
        );
    }

    #[test]
    fn a_record_that_may_be_null_is_a_piece_of_its_union() {
        let found = pieces(&record("p.V", vec![]).optional());
        assert_eq!(found.text, r#"["null","p.V"]"#);
        assert_eq!(names(&found), ["p.V"]);
        assert_eq!(
            found.uses[0].1.text,
            r#"{"type":"record","name":"V","namespace":"p","fields":[]}"#
        );
        assert_eq!(pieces(&Schema::new(SchemaType::Int32)).text, r#""int""#);
    }
}
