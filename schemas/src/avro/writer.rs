//! [`AvroPlan`] and [`AvroWriter`]: values into Avro's binary encoding, without a detour over a data model.
//!
//! Everything that depends on the schema alone is decided when the plan is compiled: which branch of a union a value
//! takes, what a null becomes, and the bytes of every default. What remains per value is one comparison and the bytes
//! themselves (Avro specification, "Binary encoding"). Nothing is allocated per value.

use connector_api::data::{Schema, ValueWriter, WriteError, WriteValue};

use super::error::SchemaError;
use crate::plan::{Constants, Cursor, Format, Kind, Parent, Plan, Span};

/// What a null in an optional field with a default becomes. See `ignore.default.for.nullables` of Confluent's converter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NullDefaults {
    /// The default, which is what Kafka Connect's `Struct.get` answers.
    #[default]
    Substitute,
    /// Null, as it stands in the row.
    KeepNull,
}

/// A schema compiled for writing.
#[derive(Debug)]
pub struct AvroPlan {
    plan: Plan<AvroNode>,
    constants: Constants,
}

impl AvroPlan {
    /// Compiles a schema.
    ///
    /// # Errors
    /// If a default does not fit its schema.
    pub fn compile(schema: &Schema, nulls: NullDefaults) -> Result<Self, SchemaError> {
        let mut building = Building {
            constants: Constants::default(),
            nulls,
        };
        let plan = Plan::compile(schema, &mut building)?;
        Ok(AvroPlan {
            plan,
            constants: building.constants,
        })
    }
}

/// How one node is written.
#[derive(Debug)]
struct AvroNode {
    /// The byte of the union's branch of a value that is not null.
    branch: Option<u8>,
    null: Null,
}

#[derive(Debug, Clone, Copy)]
enum Null {
    Refused,
    Branch(u8),
    Default(Span),
}

struct Building {
    constants: Constants,
    nulls: NullDefaults,
}

impl Format for AvroNode {
    type Constants = Building;
    type Error = SchemaError;

    fn placeholder() -> Self {
        AvroNode {
            branch: None,
            null: Null::Refused,
        }
    }

    fn compile(
        schema: &Schema,
        parent: Parent,
        plan: &mut Plan<Self>,
        index: u32,
        building: &mut Building,
    ) -> Result<(), SchemaError> {
        // A union's branch is written as a zigzag long: 0 is the byte 0, 1 the byte 2. `[T, "null"]` if there is a default.
        let (value, null) = if schema.default.is_some() { (0, 2) } else { (2, 0) };
        if schema.optional {
            plan.node_mut(index).format = AvroNode {
                branch: Some(value),
                null: Null::Branch(null),
            };
        }
        let Some(default) = &schema.default else { return Ok(()) };
        let keeps_null = schema.optional && building.nulls == NullDefaults::KeepNull;
        let mut encoded = Vec::new();
        let mut cursor = Cursor::default();
        cursor.start_at(index);
        let mut datum = Datum {
            plan,
            constants: &building.constants,
            cursor: &mut cursor,
            out: &mut encoded,
        };
        datum.write(default).map_err(|error| SchemaError::Default {
            field: plan.field_name(index).unwrap_or_default().to_owned(),
            reason: error.to_string(),
        })?;
        // Only a struct's getter substitutes defaults; an item of an array that is null stays null.
        if matches!(parent, Parent::Field(_)) && !keeps_null {
            plan.node_mut(index).format.null = Null::Default(building.constants.add(&encoded));
        }
        Ok(())
    }
}

/// Writes values to the end of a buffer. Keeps nothing but a stack, which is reused.
#[derive(Debug, Default)]
pub struct AvroWriter {
    cursor: Cursor,
}

impl AvroWriter {
    /// Appends the datum of `value` to `out`.
    ///
    /// # Errors
    /// If the value does not fit the plan's schema, or fails itself; `out` is then as long as before.
    pub fn write(&mut self, plan: &AvroPlan, value: &dyn WriteValue, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let mark = out.len();
        self.cursor.start_at(0);
        let mut datum = Datum {
            plan: &plan.plan,
            constants: &plan.constants,
            cursor: &mut self.cursor,
            out,
        };
        let result = datum.write(value);
        if result.is_err() {
            out.truncate(mark);
        }
        result
    }
}

/// One datum on its way into a buffer.
struct Datum<'a> {
    plan: &'a Plan<AvroNode>,
    constants: &'a Constants,
    cursor: &'a mut Cursor,
    out: &'a mut Vec<u8>,
}

impl Datum<'_> {
    fn write(&mut self, value: &dyn WriteValue) -> Result<(), WriteError> {
        value.write(self)?;
        if self.cursor.is_complete() {
            return Ok(());
        }
        Err(self
            .cursor
            .error(self.plan, "the value ended before it was complete".to_owned()))
    }

    /// A value of a fixed width.
    #[inline(always)]
    fn fixed<const N: usize>(&mut self, kind: Kind, bytes: [u8; N]) -> Result<(), WriteError> {
        let node = self.cursor.expect(self.plan, kind)?;
        if let Some(branch) = node.format.branch {
            self.out.push(branch);
        }
        self.out.extend_from_slice(&bytes);
        self.cursor.advance();
        Ok(())
    }

    #[inline(always)]
    fn integer(&mut self, kind: Kind, value: i64) -> Result<(), WriteError> {
        let node = self.cursor.expect(self.plan, kind)?;
        push_long(self.out, node.format.branch, value);
        self.cursor.advance();
        Ok(())
    }

    #[inline(always)]
    fn counted(&mut self, kind: Kind, bytes: &[u8]) -> Result<(), WriteError> {
        let node = self.cursor.expect(self.plan, kind)?;
        push_long(self.out, node.format.branch, bytes.len() as i64);
        self.out.extend_from_slice(bytes);
        self.cursor.advance();
        Ok(())
    }

    /// The head of the only block of an array or map; one without items has none.
    fn open_block(&mut self, kind: Kind, len: usize) -> Result<(), WriteError> {
        let plan = self.plan;
        let node = self.cursor.expect(plan, kind)?;
        let rounds = u32::try_from(len).map_err(|_| {
            self.cursor
                .error(plan, format!("{len} items are more than an array may have"))
        })?;
        if let Some(branch) = node.format.branch {
            self.out.push(branch);
        }
        if len > 0 {
            push_long(self.out, None, i64::from(rounds));
        }
        self.cursor.enter(node, rounds);
        Ok(())
    }

    fn close_block(&mut self, kind: Kind) -> Result<(), WriteError> {
        self.cursor.leave(self.plan, kind)?;
        self.out.push(0);
        Ok(())
    }
}

impl ValueWriter for Datum<'_> {
    fn null(&mut self) -> Result<(), WriteError> {
        match self.cursor.expect_any(self.plan)?.format.null {
            Null::Branch(branch) => self.out.push(branch),
            Null::Default(span) => self.out.extend_from_slice(self.constants.piece(span)),
            Null::Refused => {
                return Err(self
                    .cursor
                    .error(self.plan, "null where the schema has no place for it".to_owned()));
            }
        }
        self.cursor.advance();
        Ok(())
    }

    fn boolean(&mut self, value: bool) -> Result<(), WriteError> {
        self.fixed(Kind::Boolean, [u8::from(value)])
    }

    fn int32(&mut self, value: i32) -> Result<(), WriteError> {
        self.integer(Kind::Int32, i64::from(value))
    }

    fn int64(&mut self, value: i64) -> Result<(), WriteError> {
        self.integer(Kind::Int64, value)
    }

    fn float32(&mut self, value: f32) -> Result<(), WriteError> {
        self.fixed(Kind::Float32, value.to_le_bytes())
    }

    fn float64(&mut self, value: f64) -> Result<(), WriteError> {
        self.fixed(Kind::Float64, value.to_le_bytes())
    }

    fn string(&mut self, value: &str) -> Result<(), WriteError> {
        self.counted(Kind::String, value.as_bytes())
    }

    fn bytes(&mut self, value: &[u8]) -> Result<(), WriteError> {
        self.counted(Kind::Bytes, value)
    }

    fn begin_struct(&mut self) -> Result<(), WriteError> {
        let node = self.cursor.expect(self.plan, Kind::Struct)?;
        if let Some(branch) = node.format.branch {
            self.out.push(branch);
        }
        self.cursor.enter(node, 1);
        Ok(())
    }

    fn end_struct(&mut self) -> Result<(), WriteError> {
        self.cursor.leave(self.plan, Kind::Struct)?;
        Ok(())
    }

    fn begin_array(&mut self, len: usize) -> Result<(), WriteError> {
        self.open_block(Kind::Array, len)
    }

    fn end_array(&mut self) -> Result<(), WriteError> {
        self.close_block(Kind::Array)
    }

    fn begin_map(&mut self, len: usize) -> Result<(), WriteError> {
        self.open_block(Kind::Map, len)
    }

    fn end_map(&mut self) -> Result<(), WriteError> {
        self.close_block(Kind::Map)
    }
}

/// Appends a zigzag variable-length integer, after the byte of a union's branch if there is one.
#[inline(always)]
fn push_long(out: &mut Vec<u8>, branch: Option<u8>, value: i64) {
    let zigzag = ((value << 1) ^ (value >> 63)) as u64;
    if zigzag < 0x80 {
        match branch {
            Some(branch) => out.extend_from_slice(&[branch, zigzag as u8]),
            None => out.push(zigzag as u8),
        }
        return;
    }
    push_long_of_several_bytes(out, branch, zigzag);
}

/// Times and positions, mostly: six to nine bytes, which a loop would take one by one.
fn push_long_of_several_bytes(out: &mut Vec<u8>, branch: Option<u8>, zigzag: u64) {
    const CONTINUED: u128 = 0x8080_8080_8080_8080_8080;
    let length = (70 - zigzag.leading_zeros()) / 7;
    // Every byte but the last says that another follows.
    let continued = CONTINUED & ((1 << (8 * (length - 1))) - 1);
    let mut bytes = (in_sevens(zigzag) | continued) << 8;
    let mut start = out.len() + 1;
    bytes |= u128::from(branch.unwrap_or_default());
    if branch.is_none() {
        bytes >>= 8;
        start -= 1;
    }
    // Copying sixteen bytes and taking some back is one store; copying just enough would be a call.
    out.extend_from_slice(&bytes.to_le_bytes());
    out.truncate(start + length as usize);
}

/// Seven bits in each byte, lowest first.
fn in_sevens(value: u64) -> u128 {
    let halved = (value & 0x00ff_ffff_f000_0000) << 4 | value & 0x0000_0000_0fff_ffff;
    let quartered = (halved & 0x0fff_c000_0fff_c000) << 2 | halved & 0x0000_3fff_0000_3fff;
    let low = (quartered & 0x3f80_3f80_3f80_3f80) << 1 | quartered & 0x007f_007f_007f_007f;
    let high = value >> 56;
    u128::from(low) | u128::from(high & 0x7f) << 64 | u128::from(high >> 7) << 72
}

#[cfg(test)]
mod tests;
