//! [`ValueModes`]: which form values have in records, where Debezium knows more than one for a type.

use super::reader::Reader;

/// The forms that the user chose, for every column of a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ValueModes {
    /// `decimal.handling.mode`.
    pub decimals: DecimalMode,
    /// `bigint.unsigned.handling.mode`.
    pub unsigned_bigints: UnsignedBigintMode,
    /// `time.precision.mode`.
    pub times: TimePrecision,
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

/// What DATE, TIME and DATETIME are in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TimePrecision {
    /// Debezium's types; a DATETIME as precise as its column, a TIME in microseconds.
    #[default]
    Adaptive,
    /// Debezium's types in microseconds.
    Microseconds,
    /// Debezium's types in nanoseconds.
    Nanoseconds,
    /// Connect's types, in milliseconds.
    Connect,
    /// Text as ISO 8601 has it.
    IsoText,
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
            times: time_precision(reader),
            decimals: reader.one_of("decimal.handling.mode", &decimals, DecimalMode::default()),
            unsigned_bigints: reader.one_of("bigint.unsigned.handling.mode", &bigints, UnsignedBigintMode::default()),
        }
    }
}

/// One of Debezium's modes is none for MySQL, and it says so in these words.
fn time_precision(reader: &mut Reader<'_>) -> TimePrecision {
    const KEY: &str = "time.precision.mode";
    let times = [
        ("adaptive", None),
        ("adaptive_time_microseconds", Some(TimePrecision::Adaptive)),
        ("isostring", Some(TimePrecision::IsoText)),
        ("microseconds", Some(TimePrecision::Microseconds)),
        ("nanoseconds", Some(TimePrecision::Nanoseconds)),
        ("connect", Some(TimePrecision::Connect)),
    ];
    let chosen = reader.one_of(KEY, &times, Some(TimePrecision::Adaptive));
    chosen.unwrap_or_else(|| {
        reader.reject(KEY, "The 'adaptive' time.precision.mode is no longer supported");
        TimePrecision::Adaptive
    })
}
