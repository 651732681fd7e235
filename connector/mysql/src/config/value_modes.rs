//! [`ValueModes`]: which form values have in records, where Debezium knows more than one for a type.

use super::reader::Reader;

/// The forms that the user chose, for every column of a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ValueModes {
    /// `decimal.handling.mode`.
    pub decimals: DecimalMode,
    /// `bigint.unsigned.handling.mode`.
    pub unsigned_bigints: UnsignedBigintMode,
}

/// What a DECIMAL is in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DecimalMode {
    /// Connect's `Decimal`: exact.
    #[default]
    Precise,
    /// The nearest `float64`.
    Double,
    /// Its plain text with every digit of the scale.
    Text,
}

/// What a BIGINT UNSIGNED is in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnsignedBigintMode {
    /// An `int64`, into whose negative half the upper half of the values wraps.
    #[default]
    Long,
    /// Connect's `Decimal`: exact.
    Precise,
}

impl ValueModes {
    /// The modes that a configuration names.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let decimals = [
            ("string", DecimalMode::Text),
            ("double", DecimalMode::Double),
            ("precise", DecimalMode::Precise),
        ];
        let bigints = [
            ("precise", UnsignedBigintMode::Precise),
            ("long", UnsignedBigintMode::Long),
        ];
        ValueModes {
            decimals: reader.one_of("decimal.handling.mode", &decimals, DecimalMode::default()),
            unsigned_bigints: reader.one_of("bigint.unsigned.handling.mode", &bigints, UnsignedBigintMode::default()),
        }
    }
}
