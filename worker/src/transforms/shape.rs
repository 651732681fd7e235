//! [`Shape`]: a struct made of the fields of another one. Compiled once for each schema, so that shaping a value only
//! redirects its fields.

use std::sync::Arc;

use connector_api::data::{Field, FieldRef, Schema, SchemaType, Value, ValueWriter, WriteError, WriteValue};

use super::chain::TransformError;
use super::or_else::OrElse;

/// What a struct becomes.
#[derive(Debug)]
pub struct Shape {
    /// Where each field of the new struct comes from.
    pub fields: Vec<Origin>,
}

/// Where a field comes from.
#[derive(Debug)]
pub enum Origin {
    /// The field of the input at this place.
    Input(usize),
    /// The same, but a null becomes this.
    InputOr(usize, Value),
    /// Always the same.
    Constant(Value),
    /// What the transform makes of each record: its own number.
    Extra(usize),
}

impl Origin {
    /// The field of the input at this place. `defaults`: a null becomes the field's default, as `Struct.get` has it.
    pub fn input(schema: &Schema, index: usize, defaults: bool) -> Origin {
        match &schema.fields()[index].schema.default {
            Some(default) if defaults => Origin::InputOr(index, default.clone()),
            _ => Origin::Input(index),
        }
    }
}

/// A schema of these fields that is like `schema` in everything else, but neither optional nor with a default: so do most
/// transforms (`SchemaUtil.copySchemaBasics`).
///
/// # Errors
/// If two fields have one name.
pub fn struct_like(schema: &Schema, fields: Vec<Field>) -> Result<Arc<Schema>, TransformError> {
    for (index, field) in fields.iter().enumerate() {
        if fields[..index].iter().any(|earlier| earlier.name == field.name) {
            return Err(TransformError::new(format!(
                "it would have two fields `{}`",
                field.name
            )));
        }
    }
    let schema = Schema {
        schema_type: SchemaType::Struct(fields),
        optional: false,
        default: None,
        ..schema.clone()
    };
    Ok(schema.shared())
}

/// `schema`, of which fields are wanted.
///
/// # Errors
/// If it is no struct.
pub fn require_struct(schema: &Schema) -> Result<(), TransformError> {
    match schema.schema_type {
        SchemaType::Struct(_) => Ok(()),
        _ => Err(TransformError::new("it is no struct, so it has no fields")),
    }
}

/// Writes what a transform makes of each record, by its number.
pub type Extras<'a> = &'a dyn Fn(usize, &mut dyn ValueWriter) -> Result<(), WriteError>;

/// A value in another shape.
#[derive(Clone, Copy)]
pub struct Shaped<'a> {
    pub shape: &'a Shape,
    pub input: &'a dyn WriteValue,
    pub extras: Extras<'a>,
}

impl<'a> Shaped<'a> {
    /// Without fields that differ from record to record.
    pub fn new(shape: &'a Shape, input: &'a dyn WriteValue) -> Self {
        let extras = &|number: usize, _: &mut dyn ValueWriter| {
            Err(WriteError::new(format!("the shape has no field {number} of its own")))
        };
        Shaped { shape, input, extras }
    }

    fn write_from(&self, origin: &Origin, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match origin {
            Origin::Input(at) => self.input.write_field(*at, writer),
            Origin::InputOr(at, default) => self.input.write_field(*at, &mut OrElse { writer, default }),
            Origin::Constant(value) => value.write(writer),
            Origin::Extra(number) => (self.extras)(*number, writer),
        }
    }
}

impl WriteValue for Shaped<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        for origin in &self.shape.fields {
            self.write_from(origin, writer)?;
        }
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self.shape.fields.get(index) {
            Some(origin) => self.write_from(origin, writer),
            None => Err(WriteError::new(format!(
                "the struct has {} fields, none at {index}",
                self.shape.fields.len()
            ))),
        }
    }

    fn field(&self, index: usize) -> FieldRef<'_> {
        match self.shape.fields.get(index) {
            Some(Origin::Input(at)) => self.input.field(*at),
            _ => FieldRef::Written,
        }
    }
}
