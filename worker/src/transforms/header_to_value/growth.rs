//! [`Growth`]: how a struct grows by fields of its own and in the structs within it; [`Grown`]: one that did.

use std::sync::Arc;

use connector_api::data::{Field, Schema, SchemaType, Value, ValueWriter, WriteError, WriteValue};

use crate::transforms::chain::TransformError;
use crate::transforms::or_else::OrElse;
use crate::transforms::reading::{position, with_struct};
use crate::transforms::shape::require_struct;

/// Compiled once for each schema.
pub(super) struct Growth {
    fields: Vec<Source>,
}

/// Where a field comes from.
enum Source {
    /// The field of the input at this place; a null becomes its default.
    Input(usize, Option<Value>),
    /// A struct of the input at this place, which grows itself.
    Inner(usize, Growth),
    /// The value of this number; without it the field whose place it takes, if there was one.
    Added(usize, Option<Box<Source>>),
    /// A struct of the values of these numbers.
    New(Vec<usize>),
}

/// The way to each new field, and the field's schema.
pub(super) type Wanted<'a> = (&'a [String], &'a Arc<Schema>);

impl Growth {
    /// The schema of `given` with the wanted fields of these `numbers`, whose ways have `depth` steps behind them. A struct that is
    /// not there is made, if it stands at the top.
    ///
    /// # Errors
    /// If there is no struct on the way, or another field at its end.
    pub(super) fn of(
        given: &Schema,
        wanted: &[Wanted<'_>],
        numbers: &[usize],
        depth: usize,
    ) -> Result<(Arc<Schema>, Self), TransformError> {
        require_struct(given)?;
        let mut growing = Growing::new(given);
        let name = |number: usize| wanted[number].0[depth].as_str();
        let (plain, nested): (Vec<usize>, Vec<usize>) =
            numbers.iter().partition(|number| wanted[**number].0.len() == depth + 1);
        for number in plain {
            growing.add(name(number), wanted[number].1, number)?;
        }
        let mut seen = Vec::new();
        for &number in &nested {
            if seen.contains(&name(number)) {
                continue;
            }
            seen.push(name(number));
            let inner: Vec<usize> = nested
                .iter()
                .copied()
                .filter(|other| name(*other) == name(number))
                .collect();
            match position(given, name(number)) {
                Some(index) => {
                    let (schema, growth) = Growth::of(&given.fields()[index].schema, wanted, &inner, depth + 1)?;
                    growing.fields[index] = Field::new(name(number), schema);
                    growing.sources[index] = Source::Inner(index, growth);
                }
                None if depth == 0 && inner.iter().all(|other| wanted[*other].0.len() == 2) => {
                    growing.add_struct(name(number), wanted, inner);
                }
                None => {
                    let (name, path) = (name(number), wanted[number].0.join("."));
                    return Err(TransformError::new(format!(
                        "it has no struct `{name}` to put `{path}` into"
                    )));
                }
            }
        }
        Ok(growing.grown())
    }
}

/// A struct to which fields are added.
struct Growing<'a> {
    given: &'a Schema,
    fields: Vec<Field>,
    sources: Vec<Source>,
}

impl<'a> Growing<'a> {
    fn new(given: &'a Schema) -> Self {
        let input = |(index, field): (usize, &Field)| Source::Input(index, field.schema.default.clone());
        Growing {
            given,
            fields: given.fields().to_vec(),
            sources: given.fields().iter().enumerate().map(input).collect(),
        }
    }

    /// A field, or another value for one that is there.
    fn add(&mut self, name: &str, schema: &Arc<Schema>, number: usize) -> Result<(), TransformError> {
        match self.fields.iter().position(|field| field.name == name) {
            None => {
                self.fields.push(Field::new(name, Arc::clone(schema)));
                self.sources.push(Source::Added(number, None));
            }
            Some(index) if self.fields[index].schema.schema_type == schema.schema_type => {
                let given = std::mem::replace(&mut self.sources[index], Source::Added(number, None));
                self.sources[index] = Source::Added(number, Some(Box::new(given)));
            }
            Some(_) => {
                let message = format!("its field `{name}` has another type than the header that goes there");
                return Err(TransformError::new(message));
            }
        }
        Ok(())
    }

    /// A struct of these fields alone.
    fn add_struct(&mut self, name: &str, wanted: &[Wanted<'_>], numbers: Vec<usize>) {
        let field = |number: &usize| Field::new(&wanted[*number].0[1], Arc::clone(wanted[*number].1));
        let schema = Schema::new(SchemaType::Struct(numbers.iter().map(field).collect())).optional();
        self.fields.push(Field::new(name, schema.shared()));
        self.sources.push(Source::New(numbers));
    }

    fn grown(self) -> (Arc<Schema>, Growth) {
        let schema = Schema {
            schema_type: SchemaType::Struct(self.fields),
            optional: false,
            default: None,
            ..self.given.clone()
        };
        (schema.shared(), Growth { fields: self.sources })
    }
}

/// A struct with what was added to it.
pub(super) struct Grown<'a> {
    pub(super) growth: &'a Growth,
    pub(super) input: &'a dyn WriteValue,
    /// `None`: the record has no such header.
    pub(super) values: &'a [Option<&'a Value>],
}

impl Grown<'_> {
    fn write_from(&self, source: &Source, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match source {
            Source::Input(at, None) => self.input.write_field(*at, writer),
            Source::Input(at, Some(default)) => self.input.write_field(*at, &mut OrElse { writer, default }),
            Source::Added(number, given) => match (self.values[*number], given) {
                (Some(value), _) => value.write(writer),
                (None, Some(given)) => self.write_from(given, writer),
                (None, None) => writer.null(),
            },
            Source::New(numbers) => {
                writer.begin_struct()?;
                for number in numbers {
                    self.values[*number].unwrap_or(&Value::Null).write(writer)?;
                }
                writer.end_struct()
            }
            Source::Inner(at, growth) => with_struct(self.input, *at, |inner| match inner {
                Some(input) => Grown { growth, input, ..*self }.write(writer),
                None => writer.null(),
            })?,
        }
    }
}

impl WriteValue for Grown<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        (0..self.growth.fields.len()).try_for_each(|index| self.write_field(index, writer))?;
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        match self.growth.fields.get(index) {
            Some(source) => self.write_from(source, writer),
            None => Err(WriteError::new(format!(
                "the struct has {} fields, none at {index}",
                self.growth.fields.len()
            ))),
        }
    }
}
