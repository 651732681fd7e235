//! [`WireType`]: how the values of a column are packed in a row image: its type byte and its metadata, made sense of.

use crate::binlog::bytes::{ByteReader, Truncated};

/// A column's type in a table map. Names follow `enum_field_types` of MySQL's sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireType {
    /// TINYINT.
    Tiny,
    /// SMALLINT.
    Short,
    /// MEDIUMINT.
    Int24,
    /// INT.
    Long,
    /// BIGINT.
    LongLong,
    /// FLOAT.
    Float,
    /// DOUBLE.
    Double,
    /// DECIMAL.
    NewDecimal {
        /// Digits in all.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// YEAR.
    Year,
    /// DATE.
    Date,
    /// TIME.
    Time2 {
        /// Digits of the seconds' fraction.
        fsp: u8,
    },
    /// DATETIME.
    DateTime2 {
        /// Digits of the seconds' fraction.
        fsp: u8,
    },
    /// TIMESTAMP.
    Timestamp2 {
        /// Digits of the seconds' fraction.
        fsp: u8,
    },
    /// VARCHAR and VARBINARY.
    VarChar {
        /// The longest value in bytes.
        max_bytes: u32,
    },
    /// CHAR and BINARY.
    String {
        /// The longest value in bytes.
        max_bytes: u32,
    },
    /// The TEXT and BLOB families.
    Blob {
        /// How many bytes the length in front of a value takes.
        length_bytes: u8,
    },
    /// JSON.
    Json {
        /// How many bytes the length in front of a value takes.
        length_bytes: u8,
    },
    /// The spatial types.
    Geometry {
        /// How many bytes the length in front of a value takes.
        length_bytes: u8,
    },
    /// VECTOR.
    Vector {
        /// How many bytes the length in front of a value takes.
        length_bytes: u8,
    },
    /// BIT.
    Bit {
        /// How many bits.
        bits: u16,
    },
    /// ENUM.
    Enum {
        /// How many bytes a value takes.
        bytes: u8,
    },
    /// SET.
    Set {
        /// How many bytes a value takes.
        bytes: u8,
    },
    /// A type this reader does not know, or one that only tables from before MySQL 5.6 have.
    Unknown {
        /// The type byte.
        code: u8,
    },
}

impl WireType {
    /// The type `code`, whose metadata are next in `metadata`.
    pub(super) fn parse(code: u8, metadata: &mut ByteReader<'_>) -> Result<Self, Truncated> {
        Ok(match code {
            1 => WireType::Tiny,
            2 => WireType::Short,
            3 => WireType::Long,
            4 => {
                metadata.u8()?;
                WireType::Float
            }
            5 => {
                metadata.u8()?;
                WireType::Double
            }
            8 => WireType::LongLong,
            9 => WireType::Int24,
            10 | 14 => WireType::Date,
            13 => WireType::Year,
            15 | 253 => WireType::VarChar {
                max_bytes: u32::from(metadata.u16()?),
            },
            16 => {
                let [odd_bits, bytes] = metadata.array()?;
                WireType::Bit {
                    bits: u16::from(bytes) * 8 + u16::from(odd_bits),
                }
            }
            17 => WireType::Timestamp2 { fsp: metadata.u8()? },
            18 => WireType::DateTime2 { fsp: metadata.u8()? },
            19 => WireType::Time2 { fsp: metadata.u8()? },
            242 => WireType::Vector {
                length_bytes: metadata.u8()?,
            },
            245 => WireType::Json {
                length_bytes: metadata.u8()?,
            },
            246 => {
                let [precision, scale] = metadata.array()?;
                WireType::NewDecimal { precision, scale }
            }
            252 => WireType::Blob {
                length_bytes: metadata.u8()?,
            },
            254 => Self::string(metadata.array()?),
            255 => WireType::Geometry {
                length_bytes: metadata.u8()?,
            },
            code => WireType::Unknown { code },
        })
    }

    /// CHAR, BINARY, ENUM and SET share a type byte; the first byte of the metadata tells them apart. A CHAR can be longer
    /// than 255 bytes: then two bits of the length are hidden, inverted, in the bits 4 and 5 of the type.
    fn string([real_type, length]: [u8; 2]) -> Self {
        match real_type {
            247 => WireType::Enum { bytes: length },
            248 => WireType::Set { bytes: length },
            _ => {
                let high = u32::from((real_type & 0x30) ^ 0x30);
                WireType::String {
                    max_bytes: high << 4 | u32::from(length),
                }
            }
        }
    }

    /// Whether the SIGNEDNESS metadata have a bit for it.
    pub(super) fn is_numeric(self) -> bool {
        matches!(
            self,
            WireType::Tiny
                | WireType::Short
                | WireType::Int24
                | WireType::Long
                | WireType::LongLong
                | WireType::Float
                | WireType::Double
                | WireType::NewDecimal { .. }
                | WireType::Year
        )
    }

    /// Whether the charset metadata have an entry for it.
    pub(super) fn is_character(self) -> bool {
        matches!(
            self,
            WireType::VarChar { .. } | WireType::String { .. } | WireType::Blob { .. }
        )
    }

    /// Whether it is ENUM or SET.
    pub(super) fn is_enum_or_set(self) -> bool {
        matches!(self, WireType::Enum { .. } | WireType::Set { .. })
    }
}
