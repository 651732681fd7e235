//! [`ValueModes`]: which form values have in records, where Debezium knows more than one for a type.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

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
    /// `enable.time.adjuster`.
    pub early_years: EarlyYears,
    /// `binary.handling.mode`.
    pub binaries: BinaryMode,
    /// Whether a converter wants the column.
    pub tiny_ints: TinyIntMode,
    /// Whether a converter wants the column.
    pub timestamps: TimestampDigits,
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

/// What becomes of the years 0 to 99 of a DATE or DATETIME.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EarlyYears {
    /// They are taken for years of two digits: 1970 to 2069.
    #[default]
    Moved,
    /// They stay.
    Kept,
}

/// What a TINYINT is in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TinyIntMode {
    /// A number.
    #[default]
    Number,
    /// True if it is above 0, as Debezium's converter has it.
    Boolean,
    /// 1 if it is above 0, else 0, as Debezium's converter for JDBC sinks has it.
    Flag,
}

/// How many digits the fraction of a streamed TIMESTAMP has in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TimestampDigits {
    /// As many as its column.
    #[default]
    OfColumn,
    /// As many as it needs, which is what a snapshot's have anyway.
    Needed,
}

/// What the bytes of a BINARY, VARBINARY or BLOB are in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BinaryMode {
    /// Bytes.
    #[default]
    Bytes,
    /// Text in base64, with padding.
    Base64,
    /// Text in base64 with the alphabet for URLs, with padding.
    Base64UrlSafe,
    /// Text of hexadecimal digits, in lower case.
    Hex,
}

impl BinaryMode {
    /// Appends bytes as text, as this mode has it.
    pub fn push_text(self, bytes: &[u8], out: &mut String) {
        match self {
            BinaryMode::Base64 => STANDARD.encode_string(bytes, out),
            BinaryMode::Base64UrlSafe => URL_SAFE.encode_string(bytes, out),
            BinaryMode::Hex | BinaryMode::Bytes => {
                let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 15)]);
                out.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]));
            }
        }
    }
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
        let binaries = [
            ("bytes", BinaryMode::Bytes),
            ("base64", BinaryMode::Base64),
            ("base64-url-safe", BinaryMode::Base64UrlSafe),
            ("hex", BinaryMode::Hex),
        ];
        ValueModes {
            times: time_precision(reader),
            early_years: match reader.boolean("enable.time.adjuster") {
                true => EarlyYears::Moved,
                false => EarlyYears::Kept,
            },
            tiny_ints: TinyIntMode::Number,
            timestamps: TimestampDigits::OfColumn,
            binaries: reader.one_of("binary.handling.mode", &binaries, BinaryMode::default()),
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

#[cfg(test)]
mod tests {
    use super::BinaryMode;

    #[test]
    fn bytes_as_text() {
        for (bytes, base64, url_safe, hex) in [
            (&b""[..], "", "", ""),
            (&[0xff, 2, 0, 0], "/wIAAA==", "_wIAAA==", "ff020000"),
            (&[0xff, 0xfe], "//4=", "__4=", "fffe"),
            (b"foo", "Zm9v", "Zm9v", "666f6f"),
        ] {
            for (mode, expected) in [
                (BinaryMode::Base64, base64),
                (BinaryMode::Base64UrlSafe, url_safe),
                (BinaryMode::Hex, hex),
            ] {
                let mut text = String::new();
                mode.push_text(bytes, &mut text);
                assert_eq!(text, expected);
            }
        }
    }
}
