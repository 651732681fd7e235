//! [`Unwrapped`]: what becomes of envelopes of one schema.

use std::sync::{Arc, LazyLock};

use connector_api::data::{Field, Schema, SchemaType, Value, WriteError, WriteValue};

use super::field_reference::{EnvelopePlace, FieldReference};
use super::{Additions, OwnHeader};
use crate::transforms::chain::TransformError;
use crate::transforms::reading::position;
use crate::transforms::shape::{Origin, Shape, struct_like};

/// The mark of deleted rows.
const DELETED: &str = "__deleted";

/// How rows are marked.
#[derive(Debug, Clone, Copy)]
struct Mark {
    deleted: &'static str,
    /// Whether a null becomes its default with that.
    fills_nulls: bool,
}

/// Compiled once for each schema of an envelope.
#[derive(Debug)]
pub(super) struct Unwrapped {
    pub(super) before: usize,
    pub(super) after: usize,
    /// The schema of both rows.
    pub(super) row: Arc<Schema>,
    /// What a row that is there gets.
    pub(super) present: Added,
    /// What a row that was deleted gets, if deletes are rewritten.
    pub(super) gone: Added,
    pub(super) headers: Vec<AddedHeader>,
    /// The field of the row that names the topic.
    pub(super) route_by: Option<usize>,
}

/// What a row gets.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) schema: Arc<Schema>,
    /// `None`: nothing, it is handed on as it is.
    pub(super) shape: Option<Shape>,
    /// Where in the envelope the extra fields of the shape are.
    pub(super) places: Vec<EnvelopePlace>,
}

/// A field of the envelope that becomes a header.
#[derive(Debug)]
pub(super) struct AddedHeader {
    pub(super) name: String,
    pub(super) schema: Arc<Schema>,
    pub(super) place: EnvelopePlace,
}

impl Unwrapped {
    pub(super) fn compile(
        envelope: &Arc<Schema>,
        wanted: &Additions,
        marks_rows: bool,
    ) -> Result<Self, TransformError> {
        let of_row =
            |name| position(envelope, name).ok_or_else(|| TransformError::new(format!("it has no field `{name}`")));
        let (before, after) = (of_row("before")?, of_row("after")?);
        let row = Arc::clone(&envelope.fields()[after].schema);
        let mark = |deleted| {
            marks_rows.then_some(Mark {
                deleted,
                fills_nulls: wanted.fills_nulls,
            })
        };
        let added = |deleted| Added::compile(envelope, &row, &wanted.fields, mark(deleted));
        let mut headers = Vec::new();
        for header in &wanted.headers {
            if let Some((place, schema)) = header.find(envelope)? {
                headers.push(AddedHeader {
                    name: header.name.clone(),
                    schema,
                    place,
                });
            }
        }
        Ok(Unwrapped {
            before,
            after,
            present: added("false")?,
            gone: added("true")?,
            headers,
            route_by: wanted
                .route_by
                .as_deref()
                .map(|name| text_field(&row, name))
                .transpose()?,
            row,
        })
    }

    /// What an envelope gives to the headers.
    pub(super) fn own_headers(&self, envelope: &dyn WriteValue) -> Result<Vec<OwnHeader>, WriteError> {
        let own = self.headers.iter().map(|header| {
            Ok(OwnHeader {
                name: header.name.clone(),
                schema: Arc::clone(&header.schema),
                value: header.place.read(envelope)?,
            })
        });
        own.collect()
    }
}

fn text_field(row: &Schema, name: &str) -> Result<usize, TransformError> {
    let index =
        position(row, name).ok_or_else(|| TransformError::new(format!("it has no field `{name}` to route by")))?;
    match row.fields()[index].schema.schema_type {
        SchemaType::String => Ok(index),
        _ => Err(TransformError::new(format!(
            "the field `{name}` to route by is no string"
        ))),
    }
}

impl Added {
    fn compile(
        envelope: &Schema,
        row: &Arc<Schema>,
        references: &[FieldReference],
        mark: Option<Mark>,
    ) -> Result<Self, TransformError> {
        let mut fields = row.fields().to_vec();
        let fills_nulls = mark.is_some_and(|mark| mark.fills_nulls);
        let mut origins: Vec<Origin> = (0..fields.len())
            .map(|index| Origin::input(row, index, fills_nulls))
            .collect();
        let mut places = Vec::new();
        if let Some(mark) = mark {
            fields.push(Field::new(DELETED, Arc::clone(optional_text())));
            origins.push(Origin::Constant(Value::String(mark.deleted.to_owned())));
        }
        for reference in references {
            let Some((place, schema)) = reference.find(envelope)? else {
                continue;
            };
            fields.push(Field::new(reference.name.clone(), schema));
            origins.push(Origin::Extra(places.len()));
            places.push(place);
        }
        let is_row = fields.len() == row.fields().len();
        Ok(Added {
            schema: struct_like(row, fields)?,
            shape: (!is_row).then_some(Shape { fields: origins }),
            places,
        })
    }
}

/// A string that is there.
pub(super) fn required_text() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| Schema::new(SchemaType::String).shared());
    &SCHEMA
}

fn optional_text() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| Schema::new(SchemaType::String).optional().shared());
    &SCHEMA
}
