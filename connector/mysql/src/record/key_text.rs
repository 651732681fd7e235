//! [`KeyText`]: a key struct as the JSON text that Connect's `SimpleHeaderConverter` makes of it.
//!
//! Strings are quoted with `"` and `\` escaped and nothing else, bytes are base64, numbers are Java's `toString`.

use std::fmt::{Debug, UpperExp};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use connector_api::data::{Schema, ValueWriter, WriteError};

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Writes one struct of scalars.
pub(super) struct KeyText<'a> {
    schema: &'a Schema,
    next: usize,
    text: String,
}

impl<'a> KeyText<'a> {
    pub(super) fn new(schema: &'a Schema) -> Self {
        KeyText {
            schema,
            next: 0,
            text: String::new(),
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// Appends the name of the next field and returns its schema.
    fn field(&mut self) -> Result<&'a Schema, WriteError> {
        let field = self.schema.fields().get(self.next);
        let field = field.ok_or_else(|| WriteError::new("a key has more values than its schema has fields"))?;
        if self.next > 0 {
            self.text.push(',');
        }
        self.next += 1;
        self.quoted(&field.name);
        self.text.push(':');
        Ok(&field.schema)
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            if matches!(c, '"' | '\\') {
                self.text.push('\\');
            }
            self.text.push(c);
        }
        self.text.push('"');
    }

    fn plain(&mut self, text: &str) -> Result<(), WriteError> {
        self.field()?;
        self.text.push_str(text);
        Ok(())
    }
}

impl ValueWriter for KeyText<'_> {
    fn null(&mut self) -> Result<(), WriteError> {
        self.plain("null")
    }
    fn boolean(&mut self, value: bool) -> Result<(), WriteError> {
        self.plain(if value { "true" } else { "false" })
    }
    fn int32(&mut self, value: i32) -> Result<(), WriteError> {
        let text = match self.field()?.name.as_deref() {
            Some("org.apache.kafka.connect.data.Date") => moment(i64::from(value) * MILLIS_PER_DAY),
            Some("org.apache.kafka.connect.data.Time") => moment(i64::from(value)),
            _ => value.to_string(),
        };
        self.text.push_str(&text);
        Ok(())
    }
    fn int64(&mut self, value: i64) -> Result<(), WriteError> {
        let text = match self.field()?.name.as_deref() {
            Some("org.apache.kafka.connect.data.Timestamp") => moment(value),
            _ => value.to_string(),
        };
        self.text.push_str(&text);
        Ok(())
    }
    fn float32(&mut self, value: f32) -> Result<(), WriteError> {
        self.plain(&float(value))
    }
    fn float64(&mut self, value: f64) -> Result<(), WriteError> {
        self.plain(&float(value))
    }
    fn string(&mut self, value: &str) -> Result<(), WriteError> {
        self.field()?;
        self.quoted(value);
        Ok(())
    }
    fn bytes(&mut self, value: &[u8]) -> Result<(), WriteError> {
        let schema = self.field()?;
        match schema
            .parameters
            .iter()
            .find(|(name, _)| name == "scale")
            .and_then(|(_, scale)| scale.parse().ok())
        {
            Some(scale) => self.text.push_str(&decimal(value, scale)),
            None => {
                let text = STANDARD.encode(value);
                self.quoted(&text);
            }
        }
        Ok(())
    }
    fn begin_struct(&mut self) -> Result<(), WriteError> {
        self.text.push('{');
        Ok(())
    }
    fn end_struct(&mut self) -> Result<(), WriteError> {
        self.text.push('}');
        Ok(())
    }
    fn begin_array(&mut self, _len: usize) -> Result<(), WriteError> {
        Err(WriteError::new("a key column is never an array"))
    }
    fn end_array(&mut self) -> Result<(), WriteError> {
        Err(WriteError::new("a key column is never an array"))
    }
    fn begin_map(&mut self, _len: usize) -> Result<(), WriteError> {
        Err(WriteError::new("a key column is never a map"))
    }
    fn end_map(&mut self) -> Result<(), WriteError> {
        Err(WriteError::new("a key column is never a map"))
    }
}

/// A `java.util.Date` as Connect's `Values` shows it, in UTC: what is before the second day of 1970 as a time, midnight as a
/// date.
fn moment(millis: i64) -> String {
    let format = match millis {
        ..MILLIS_PER_DAY => "%H:%M:%S%.3fZ",
        _ if millis % MILLIS_PER_DAY == 0 => "%Y-%m-%d",
        _ => "%Y-%m-%dT%H:%M:%S%.3fZ",
    };
    DateTime::from_timestamp_millis(millis).map_or_else(|| millis.to_string(), |time| time.format(format).to_string())
}

/// `Float.toString` and `Double.toString`: plain between 10^-3 and 10^7, with an exponent elsewhere, and always with a digit
/// behind the point.
fn float<T: Copy + Into<f64> + Debug + UpperExp>(value: T) -> String {
    let magnitude = value.into().abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return format!("{value:?}");
    }
    let scientific = format!("{value:E}");
    match scientific.split_once('E') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
        _ => scientific,
    }
}

/// `java.math.BigDecimal.toString` of an unscaled value and a scale.
fn decimal(unscaled: &[u8], scale: usize) -> String {
    let negative = unscaled.first().is_some_and(|byte| byte & 0x80 != 0);
    let digits = magnitude(unscaled, negative);
    let sign = if negative { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    // Java turns to scientific notation when more than five zeros would stand behind the point.
    let exponent = digits.len() as i64 - 1 - scale as i64;
    if exponent < -6 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}E{exponent}");
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// The decimal digits of the absolute value, by repeated division.
fn magnitude(unscaled: &[u8], negative: bool) -> String {
    let mut bytes: Vec<u8> = unscaled.to_vec();
    if negative {
        let mut carry = true;
        for byte in bytes.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    let mut digits = Vec::new();
    while bytes.iter().any(|byte| *byte != 0) {
        let mut remainder = 0_u16;
        for byte in &mut bytes {
            let value = remainder << 8 | u16::from(*byte);
            *byte = (value / 10).to_le_bytes()[0];
            remainder = value % 10;
        }
        digits.push(char::from(b'0' + remainder.to_le_bytes()[0]));
    }
    if digits.is_empty() {
        "0".to_owned()
    } else {
        digits.into_iter().rev().collect()
    }
}

#[cfg(test)]
mod tests {
    use connector_api::data::{Field, SchemaType, Value, WriteValue};

    use super::*;

    #[test]
    fn a_key_is_compact_json_as_javas_values_writes_it() {
        let decimal = Schema::new(SchemaType::Bytes)
            .named("org.apache.kafka.connect.data.Decimal")
            .parameter("scale", "2");
        let fields = vec![
            Field::new("id", Schema::new(SchemaType::Int32).shared()),
            Field::new("n", Schema::new(SchemaType::String).shared()),
            Field::new("b", Schema::new(SchemaType::Bytes).shared()),
            Field::new("d", decimal.shared()),
            Field::new("o", Schema::new(SchemaType::Int64).optional().shared()),
        ];
        let schema = Schema::structure("p.d.t.Key", fields);
        let key = Value::Struct(vec![
            Value::Int32(5),
            Value::String("x\"y\\".to_owned()),
            Value::Bytes(vec![1, 2]),
            Value::Bytes(vec![0xff, 0x7f]),
            Value::Null,
        ]);
        let mut text = KeyText::new(&schema);
        key.write(&mut text).unwrap();
        let text = String::from_utf8(text.into_bytes()).unwrap();
        assert_eq!(text, r#"{"id":5,"n":"x\"y\\","b":"AQI=","d":-1.29,"o":null}"#);
    }

    #[test]
    fn decimals_are_printed_as_java_prints_them() {
        for (bytes, scale, expected) in [
            (vec![0], 2, "0.00"),
            (vec![0], 10, "0E-10"),
            (vec![0x78], 2, "1.20"),
            (vec![0x80], 0, "-128"),
            (vec![0x05], 6, "0.000005"),
            (vec![0x05], 7, "5E-7"),
            (vec![0x7b], 10, "1.23E-8"),
            (vec![0x00, 0x80], 3, "0.128"),
            (vec![1, 0, 0, 0, 0, 0, 0, 0, 0], 0, "18446744073709551616"),
        ] {
            assert_eq!(decimal(&bytes, scale), expected);
        }
    }

    #[test]
    fn moments_are_shown_as_connect_shows_them() {
        for (millis, expected) in [
            (0, "00:00:00.000Z"),
            (-1, "23:59:59.999Z"),
            (3_723_004, "01:02:03.004Z"),
            (86_400_000, "1970-01-02"),
            (1_514_937_610_000, "2018-01-03T00:00:10.000Z"),
            (1_514_937_610_120, "2018-01-03T00:00:10.120Z"),
        ] {
            assert_eq!(moment(millis), expected);
        }
    }

    #[test]
    fn floats_are_printed_as_java_prints_them() {
        for (value, expected) in [
            (0.0, "0.0"),
            (1.5, "1.5"),
            (-1000.0, "-1000.0"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (-1.25e10, "-1.25E10"),
            (0.001, "0.001"),
            (0.00012, "1.2E-4"),
        ] {
            assert_eq!(float(value), expected);
        }
        assert_eq!(float(1.1_f32), "1.1");
        assert_eq!(float(1e10_f32), "1.0E10");
    }
}
