//! [`JsonPlan`] and [`JsonWriter`]: values as `JsonConverter` writes them, without a tree of nodes in between.
//!
//! Field names are escaped once, when the plan is compiled. Whether a comma is due is read off the last byte written:
//! after an opening bracket there is none.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connector_api::data::{Schema, SchemaType, ValueWriter, WriteError, WriteValue};

use super::text::{JacksonWriter, push_double, push_float, push_integer, push_string};
use crate::decimal::push_decimal;
use crate::plan::{Constants, Cursor, Format, Kind, Parent, Plan, Span};

const DECIMAL: &str = "org.apache.kafka.connect.data.Decimal";

/// Why a Connect schema has no JSON form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// A `Decimal` that does not tell its scale.
    #[error("a Decimal needs the parameter `scale`")]
    Scale,
    /// A default that does not fit its own schema.
    #[error("the default of {schema} does not fit its schema: {reason}")]
    Default {
        /// The schema's name or type.
        schema: String,
        /// Where and why.
        reason: WriteError,
    },
}

impl JsonError {
    pub(crate) fn default_of(schema: &Schema) -> impl FnOnce(WriteError) -> JsonError {
        move |reason| {
            let name = schema.name.as_ref().map(|name| format!("`{name}`"));
            JsonError::Default {
                schema: name.unwrap_or_else(|| "a field".to_owned()),
                reason,
            }
        }
    }
}

/// What JSON is written for the values that have two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JsonForm {
    /// `replace.null.with.default=false`: a null is null also where the schema has a default.
    pub keeps_nulls: bool,
    /// `decimal.format=NUMERIC`: a `Decimal` is a number.
    pub numeric_decimals: bool,
}

/// A schema compiled for writing values as JSON.
#[derive(Debug)]
pub struct JsonPlan {
    plan: Plan<JsonNode>,
    constants: Constants,
}

impl JsonPlan {
    /// Compiles a schema.
    ///
    /// # Errors
    /// If a default does not fit its schema.
    pub fn compile(schema: &Schema, form: JsonForm) -> Result<Self, JsonError> {
        let mut compiled = Compiled {
            constants: Constants::default(),
            form,
        };
        let plan = Plan::compile(schema, &mut compiled)?;
        let constants = compiled.constants;
        Ok(JsonPlan { plan, constants })
    }
}

/// What is collected while a plan is compiled.
struct Compiled {
    constants: Constants,
    form: JsonForm,
}

#[derive(Debug)]
struct JsonNode {
    before: Before,
    after: After,
    null: Option<Span>,
    /// Of a `Decimal` that is written as a number.
    scale: Option<i32>,
    /// Whether the entries of this map are the fields of an object.
    is_object: bool,
}

/// What precedes a value.
#[derive(Debug, Clone, Copy)]
enum Before {
    Nothing,
    /// A comma, unless it is the first.
    Comma,
    /// The name of the field.
    Name(Span),
    /// A comma unless it is the first, then the bracket of a pair of key and value.
    Pair,
    /// The comma between key and value of a pair.
    Value,
}

/// What follows a value.
#[derive(Debug, Clone, Copy)]
enum After {
    Nothing,
    Colon,
    EndOfPair,
}

impl Format for JsonNode {
    type Constants = Compiled;
    type Error = JsonError;

    fn placeholder() -> Self {
        JsonNode {
            before: Before::Nothing,
            after: After::Nothing,
            null: None,
            scale: None,
            is_object: false,
        }
    }

    fn compile(
        schema: &Schema,
        parent: Parent,
        plan: &mut Plan<Self>,
        index: u32,
        compiled: &mut Compiled,
    ) -> Result<(), JsonError> {
        let Compiled { constants, form } = compiled;
        if form.numeric_decimals && schema.name.as_deref() == Some(DECIMAL) {
            plan.node_mut(index).format.scale = Some(scale(schema)?);
        }
        if let SchemaType::Map(keys, _) = &schema.schema_type {
            let is_object = keys.schema_type == SchemaType::String;
            plan.node_mut(index).format.is_object = is_object;
            let (key, value) = plan.map_children(index);
            let [around_key, around_value] = match is_object {
                true => [(Before::Comma, After::Colon), (Before::Nothing, After::Nothing)],
                false => [(Before::Pair, After::Nothing), (Before::Value, After::EndOfPair)],
            };
            for (child, (before, after)) in [(key, around_key), (value, around_value)] {
                plan.node_mut(child).format.before = before;
                plan.node_mut(child).format.after = after;
            }
        }
        let mut null = schema.optional.then(|| constants.add(b"null"));
        if let Some(default) = schema.default.as_ref().filter(|_| !form.keeps_nulls) {
            let mut text = Vec::new();
            let mut cursor = Cursor::default();
            cursor.start_at(index);
            Document {
                plan,
                constants,
                cursor: &mut cursor,
                out: &mut text,
            }
            .write(default)
            .map_err(JsonError::default_of(schema))?;
            null = Some(constants.add(&text));
        }
        let before = match parent {
            Parent::Field(at) => {
                let mut text = if at > 0 { vec![b','] } else { Vec::new() };
                push_string(
                    &mut text,
                    plan.field_name(index).unwrap_or_default(),
                    JacksonWriter::Bytes,
                );
                text.push(b':');
                Before::Name(constants.add(&text))
            }
            Parent::Item => Before::Comma,
            // A map decides about its own children.
            Parent::Root | Parent::Key | Parent::MapValue => Before::Nothing,
        };
        let node = &mut plan.node_mut(index).format;
        node.before = before;
        node.null = null;
        Ok(())
    }
}

/// Writes values to the end of a buffer. Keeps nothing but a stack, which is reused.
#[derive(Debug, Default)]
pub struct JsonWriter {
    cursor: Cursor,
}

impl JsonWriter {
    /// Appends the JSON of `value` to `out`.
    ///
    /// # Errors
    /// If the value does not fit the plan's schema, or fails itself; `out` is then as long as before.
    pub fn write(&mut self, plan: &JsonPlan, value: &dyn WriteValue, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let mark = out.len();
        self.cursor.start_at(0);
        let result = Document {
            plan: &plan.plan,
            constants: &plan.constants,
            cursor: &mut self.cursor,
            out,
        }
        .write(value);
        if result.is_err() {
            out.truncate(mark);
        }
        result
    }
}

/// One value on its way into a buffer.
struct Document<'a> {
    plan: &'a Plan<JsonNode>,
    constants: &'a Constants,
    cursor: &'a mut Cursor,
    out: &'a mut Vec<u8>,
}

impl<'a> Document<'a> {
    fn write(&mut self, value: &dyn WriteValue) -> Result<(), WriteError> {
        value.write(self)?;
        if self.cursor.is_complete() {
            return Ok(());
        }
        Err(self
            .cursor
            .error(self.plan, "the value ended before it was complete".to_owned()))
    }

    fn leaf(&mut self, kind: Kind, push: impl FnOnce(&mut Vec<u8>)) -> Result<(), WriteError> {
        self.leaf_of(kind, |out, _| push(out))
    }

    fn leaf_of(&mut self, kind: Kind, push: impl FnOnce(&mut Vec<u8>, &JsonNode)) -> Result<(), WriteError> {
        let node = self.cursor.expect(self.plan, kind)?;
        self.before(&node.format);
        push(self.out, &node.format);
        self.after(&node.format);
        self.cursor.advance();
        Ok(())
    }

    fn open(&mut self, kind: Kind, len: usize) -> Result<(), WriteError> {
        let plan = self.plan;
        let node = self.cursor.expect(plan, kind)?;
        let rounds = u32::try_from(len).map_err(|_| {
            self.cursor
                .error(plan, format!("{len} items are more than an array may have"))
        })?;
        self.before(&node.format);
        self.out.push(if kind == Kind::Struct || node.format.is_object {
            b'{'
        } else {
            b'['
        });
        self.cursor.enter(node, rounds);
        Ok(())
    }

    fn close(&mut self, kind: Kind) -> Result<(), WriteError> {
        let node = self.cursor.leave(self.plan, kind)?;
        self.out.push(if kind == Kind::Struct || node.format.is_object {
            b'}'
        } else {
            b']'
        });
        self.after(&node.format);
        Ok(())
    }

    fn before(&mut self, node: &JsonNode) {
        match node.before {
            Before::Nothing => {}
            Before::Name(span) => self.out.extend_from_slice(self.constants.piece(span)),
            Before::Comma => self.comma(),
            Before::Pair => {
                self.comma();
                self.out.push(b'[');
            }
            Before::Value => self.out.push(b','),
        }
    }

    fn after(&mut self, node: &JsonNode) {
        match node.after {
            After::Nothing => {}
            After::Colon => self.out.push(b':'),
            After::EndOfPair => self.out.push(b']'),
        }
    }

    fn comma(&mut self) {
        if !matches!(self.out.last(), Some(b'[' | b'{')) {
            self.out.push(b',');
        }
    }
}

impl ValueWriter for Document<'_> {
    fn null(&mut self) -> Result<(), WriteError> {
        let plan = self.plan;
        let node = self.cursor.expect_any(plan)?;
        let Some(span) = node.format.null else {
            return Err(self
                .cursor
                .error(plan, "null where the schema has no place for it".to_owned()));
        };
        self.before(&node.format);
        self.out.extend_from_slice(self.constants.piece(span));
        self.after(&node.format);
        self.cursor.advance();
        Ok(())
    }

    fn boolean(&mut self, value: bool) -> Result<(), WriteError> {
        self.leaf(Kind::Boolean, |out| {
            out.extend_from_slice(if value { b"true" } else { b"false" })
        })
    }

    fn int32(&mut self, value: i32) -> Result<(), WriteError> {
        self.leaf(Kind::Int32, |out| push_integer(out, value.into()))
    }

    fn int64(&mut self, value: i64) -> Result<(), WriteError> {
        self.leaf(Kind::Int64, |out| push_integer(out, value))
    }

    fn float32(&mut self, value: f32) -> Result<(), WriteError> {
        self.leaf(Kind::Float32, |out| push_float(out, value))
    }

    fn float64(&mut self, value: f64) -> Result<(), WriteError> {
        self.leaf(Kind::Float64, |out| push_double(out, value))
    }

    fn string(&mut self, value: &str) -> Result<(), WriteError> {
        self.leaf(Kind::String, |out| push_string(out, value, JacksonWriter::Bytes))
    }

    fn bytes(&mut self, value: &[u8]) -> Result<(), WriteError> {
        self.leaf_of(Kind::Bytes, |out, node| match node.scale {
            Some(scale) => push_decimal(out, value, scale),
            None => push_base64(out, value),
        })
    }

    fn begin_struct(&mut self) -> Result<(), WriteError> {
        self.open(Kind::Struct, 1)
    }

    fn end_struct(&mut self) -> Result<(), WriteError> {
        self.close(Kind::Struct)
    }

    fn begin_array(&mut self, len: usize) -> Result<(), WriteError> {
        self.open(Kind::Array, len)
    }

    fn end_array(&mut self) -> Result<(), WriteError> {
        self.close(Kind::Array)
    }

    fn begin_map(&mut self, len: usize) -> Result<(), WriteError> {
        self.open(Kind::Map, len)
    }

    fn end_map(&mut self) -> Result<(), WriteError> {
        self.close(Kind::Map)
    }
}

/// Of a `Decimal`.
fn scale(schema: &Schema) -> Result<i32, JsonError> {
    let given = schema.parameters.iter().find(|(key, _)| key == "scale");
    given.and_then(|(_, scale)| scale.parse().ok()).ok_or(JsonError::Scale)
}

/// Bytes, and a `Decimal`'s unscaled value (`decimal.format=BASE64`), in base64 with padding.
fn push_base64(out: &mut Vec<u8>, value: &[u8]) {
    // Pieces of whole triples, so that nothing is allocated and padding comes at the end only.
    const PIECE: usize = 3 * 64;
    let mut text = [0; 4 * 64];
    out.push(b'"');
    for piece in value.chunks(PIECE) {
        let len = STANDARD.encode_slice(piece, &mut text).unwrap_or_default();
        out.extend_from_slice(&text[..len]);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests;
