//! FLOAT and DOUBLE.
//!
//! In the binlog: IEEE 754, little-endian. In text: MySQL prints a FLOAT with six significant digits, so a snapshot has
//! fewer than the stream (16777216 arrives as 16777200), as with Debezium.

use connector_api::data::{ValueWriter, WriteError};

use super::Written;

/// What a record has for a column of floating point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordFloat {
    /// A `float32`.
    Float32,
    /// A `float64` that holds the value of a FLOAT: `FLOAT(7,3)`.
    Float32AsFloat64,
    /// A `float64`.
    Float64,
}

/// Writes a value of a row image.
pub(super) fn write_image(bytes: &[u8], target: RecordFloat, writer: &mut dyn ValueWriter) -> Written {
    match (bytes.first_chunk::<4>(), bytes.first_chunk::<8>(), bytes.len()) {
        (Some(bytes), _, 4) => write32(f32::from_le_bytes(*bytes), target, writer),
        // REAL is a DOUBLE to MySQL and a float32 to Debezium.
        (_, Some(bytes), 8) if target != RecordFloat::Float64 => {
            write32(f64::from_le_bytes(*bytes) as f32, target, writer)
        }
        (_, Some(bytes), 8) => writer.float64(f64::from_le_bytes(*bytes)).map(|()| true),
        _ => Err(WriteError::new(format!(
            "a floating point number of {} bytes",
            bytes.len()
        ))),
    }
}

/// Writes a value of a text result set.
pub(super) fn write_text(text: &[u8], target: RecordFloat, writer: &mut dyn ValueWriter) -> Written {
    let no_number = || WriteError::new("the text is no number");
    let text = std::str::from_utf8(text).map_err(|_| no_number())?;
    match target {
        RecordFloat::Float64 => writer.float64(text.parse().map_err(|_| no_number())?).map(|()| true),
        target => write32(text.parse().map_err(|_| no_number())?, target, writer),
    }
}

fn write32(value: f32, target: RecordFloat, writer: &mut dyn ValueWriter) -> Written {
    match target {
        RecordFloat::Float32 => writer.float32(value)?,
        RecordFloat::Float32AsFloat64 | RecordFloat::Float64 => writer.float64(f64::from(value))?,
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::*;
    use crate::row::testing::written;

    fn check(image: &[u8], text: &str, target: RecordFloat, expected: Value) {
        assert_eq!(
            written(|writer| write_image(image, target, writer)),
            Ok(Some(expected.clone())),
            "{text}"
        );
        assert_eq!(
            written(|writer| write_text(text.as_bytes(), target, writer)),
            Ok(Some(expected)),
            "{text}"
        );
    }

    #[test]
    fn single_and_double_precision() {
        check(&1.1_f32.to_le_bytes(), "1.1", RecordFloat::Float32, Value::Float32(1.1));
        check(
            &(-0.0_f32).to_le_bytes(),
            "-0",
            RecordFloat::Float32,
            Value::Float32(-0.0),
        );
        check(
            &1e300_f64.to_le_bytes(),
            "1e300",
            RecordFloat::Float64,
            Value::Float64(1e300),
        );
        check(&2.5_f64.to_le_bytes(), "2.5", RecordFloat::Float32, Value::Float32(2.5));
    }

    #[test]
    fn a_float_with_scale_is_the_float32_in_a_float64() {
        check(
            &1.1_f32.to_le_bytes(),
            "1.100",
            RecordFloat::Float32AsFloat64,
            Value::Float64(1.100000023841858),
        );
        check(
            &9999.999_f32.to_le_bytes(),
            "9999.999",
            RecordFloat::Float32AsFloat64,
            Value::Float64(9999.9990234375),
        );
    }

    #[test]
    fn what_is_no_number_is_an_error() {
        assert!(written(|writer| write_text(b"x", RecordFloat::Float64, writer)).is_err());
        assert!(written(|writer| write_image(&[0; 3], RecordFloat::Float32, writer)).is_err());
        assert!(written(|writer| write_image(&[0; 5], RecordFloat::Float32, writer)).is_err());
    }
}
