//! [`Width`]: how many bytes a column's value takes in a row image.

use crate::binlog::table_map::WireType;

use super::decimal;

/// How a value's length is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// It is the same for every value.
    Fixed(u32),
    /// It stands in front of the value, in so many bytes (1 to 4).
    Prefixed(u8),
}

impl Width {
    /// The width of values of this type, or why there is none.
    pub(super) fn of(wire_type: WireType) -> Result<Self, &'static str> {
        Ok(match wire_type {
            WireType::Tiny | WireType::Year => Width::Fixed(1),
            WireType::Short => Width::Fixed(2),
            WireType::Int24 | WireType::Date => Width::Fixed(3),
            WireType::Long | WireType::Float => Width::Fixed(4),
            WireType::LongLong | WireType::Double => Width::Fixed(8),
            WireType::NewDecimal { precision, scale } => Width::Fixed(
                decimal::packed_length(precision, scale).ok_or("its table map has an impossible precision")?,
            ),
            WireType::Time2 { fsp } => Width::Fixed(3 + fraction(fsp)?),
            WireType::DateTime2 { fsp } => Width::Fixed(5 + fraction(fsp)?),
            WireType::Timestamp2 { fsp } => Width::Fixed(4 + fraction(fsp)?),
            WireType::VarChar { max_bytes } | WireType::String { max_bytes } => {
                Width::Prefixed(if max_bytes > 255 { 2 } else { 1 })
            }
            WireType::Blob { length_bytes }
            | WireType::Json { length_bytes }
            | WireType::Geometry { length_bytes }
            | WireType::Vector { length_bytes } => match length_bytes {
                1..=4 => Width::Prefixed(length_bytes),
                _ => return Err("its table map has an impossible length"),
            },
            WireType::Bit { bits } => Width::Fixed(u32::from(bits.div_ceil(8))),
            WireType::Enum { bytes } | WireType::Set { bytes } => Width::Fixed(u32::from(bytes)),
            WireType::Unknown { .. } => {
                return Err(
                    "its type in the binlog is not known; a type from before MySQL 5.6 is renewed by ALTER TABLE ... FORCE",
                );
            }
        })
    }

    /// Takes the value in front of `bytes`: how many bytes are before it, and how long it is.
    pub(super) fn measure(self, bytes: &[u8]) -> Option<(usize, usize)> {
        match self {
            Width::Fixed(length) => Some((0, length as usize)),
            Width::Prefixed(1) => bytes.first().map(|length| (1, usize::from(*length))),
            Width::Prefixed(2) => bytes
                .first_chunk()
                .map(|length| (2, usize::from(u16::from_le_bytes(*length)))),
            Width::Prefixed(3) => bytes
                .first_chunk()
                .map(|[a, b, c]| (3, u32::from_le_bytes([*a, *b, *c, 0]) as usize)),
            Width::Prefixed(_) => bytes
                .first_chunk()
                .map(|length| (4, u32::from_le_bytes(*length) as usize)),
        }
    }
}

/// The bytes of a fraction of seconds: two digits in each.
fn fraction(fsp: u8) -> Result<u32, &'static str> {
    if fsp > 6 {
        return Err("its table map has an impossible number of fractional digits");
    }
    Ok(u32::from(fsp).div_ceil(2))
}
