//! [`HashFunction`]: a value as a number, as `Object.hashCode` or Debezium's murmur make it of the Java object that Kafka Connect holds
//! it as.

use connector_api::data::{Schema, Value};

use super::murmur3::murmur3;
use crate::transforms::decimal::{magnitude, scale};
use crate::transforms::logical::Logical;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HashFunction {
    Java,
    Murmur,
}

/// Debezium holds these as `byte[]`.
const BITS: &str = "io.debezium.data.Bits";

impl HashFunction {
    /// # Errors
    /// Why a value has none.
    pub(super) fn of(self, schema: &Schema, value: &Value) -> Result<i32, &'static str> {
        let is_bits = schema.name.as_deref() == Some(BITS);
        match (self, value) {
            (HashFunction::Murmur, Value::String(text)) => Ok(murmur3(text.as_bytes())),
            (HashFunction::Murmur, Value::Bytes(bytes)) if is_bits => Ok(murmur3(bytes)),
            (HashFunction::Java, Value::Bytes(_)) if is_bits => Err(
                "a BIT of several bits has no hash in Java that is the same twice; set partition.hash.function=murmur",
            ),
            (HashFunction::Murmur, value) => Ok(murmur3(&hash_code(schema, value)?.to_le_bytes())),
            (HashFunction::Java, value) => hash_code(schema, value),
        }
    }
}

/// `Object.hashCode`.
fn hash_code(schema: &Schema, value: &Value) -> Result<i32, &'static str> {
    if let Some(epoch_ms) = Logical::of(schema).and_then(|logical| logical.epoch_ms(value)) {
        return Ok(of_long(epoch_ms));
    }
    Ok(match value {
        Value::Boolean(true) => 1231,
        Value::Boolean(false) => 1237,
        Value::Int32(number) => *number,
        Value::Int64(number) => of_long(*number),
        Value::Float32(number) if number.is_nan() => 0x7fc0_0000,
        Value::Float32(number) => number.to_bits().cast_signed(),
        Value::Float64(number) if number.is_nan() => of_long(0x7ff8_0000_0000_0000),
        Value::Float64(number) => of_long(number.to_bits().cast_signed()),
        Value::String(text) => folded(text.encode_utf16().map(i32::from), 0),
        Value::Bytes(bytes) => match scale(schema) {
            Some(scale) => of_integer(bytes).wrapping_mul(31).wrapping_add(scale),
            // A `ByteBuffer` begins at its end.
            None => folded(bytes.iter().rev().map(|byte| i32::from(byte.cast_signed())), 1),
        },
        Value::Array(_) | Value::Map(_) | Value::Struct(_) | Value::Null => {
            return Err("it is a list, a map or a struct; name a field with one value");
        }
    })
}

fn folded(items: impl Iterator<Item = i32>, first: i32) -> i32 {
    items.fold(first, |hash, item| hash.wrapping_mul(31).wrapping_add(item))
}

fn of_long(number: i64) -> i32 {
    (number ^ (number.cast_unsigned() >> 32).cast_signed()) as i32
}

/// `BigInteger.hashCode`: over words of its magnitude, with its sign.
fn of_integer(unscaled: &[u8]) -> i32 {
    let (is_negative, magnitude) = magnitude(unscaled);
    let first = magnitude.len() % 4;
    let (head, words) = magnitude.split_at(first);
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            .cast_signed()
    };
    let words = std::iter::once(head).chain(words.chunks(4));
    let hash = folded(words.map(word), 0);
    if is_negative { hash.wrapping_neg() } else { hash }
}

#[cfg(test)]
mod tests {
    use connector_api::data::{Schema, SchemaType, Value};

    use super::HashFunction::{Java, Murmur};

    /// As Java 17 and Debezium 3.6 answer.
    #[test]
    fn values_have_the_hashes_of_java() {
        let decimal = Schema::new(SchemaType::Bytes)
            .named("org.apache.kafka.connect.data.Decimal")
            .parameter("scale", "2");
        let text = |text: &str| (Schema::new(SchemaType::String), Value::String(text.to_owned()));
        let bytes = |schema: &Schema, bytes: &[u8]| (schema.clone(), Value::Bytes(bytes.to_vec()));
        let large = [0x0a, 0x36, 0x4c, 0x98, 0x22, 0x7e, 0xaa, 0x6a, 0xdc, 0xba, 0xc0];
        let cases = [
            (text("orders"), -1_008_770_331),
            (text("é😀"), 1_996_812),
            ((Schema::new(SchemaType::Int64), Value::Int64(-5)), 4),
            ((Schema::new(SchemaType::Float64), Value::Float64(1.5)), 1_073_217_536),
            (
                (Schema::new(SchemaType::Float32), Value::Float32(-0.25)),
                -1_098_907_648,
            ),
            (bytes(&Schema::new(SchemaType::Bytes), &[1, 255]), 931),
            (bytes(&decimal, &[0x85]), -3_811),
            (bytes(&decimal, &large), -1_365_463_136),
            (bytes(&decimal, &[0x80, 0, 0, 0, 0, 0, 0, 0]), -2_147_483_646),
        ];
        for ((schema, value), expected) in cases {
            assert_eq!(Java.of(&schema, &value), Ok(expected), "{value:?}");
        }
        let (schema, _) = text("");
        assert!(Java.of(&schema, &Value::Array(Vec::new())).is_err());
    }

    #[test]
    fn values_have_the_hashes_of_murmur() {
        let check =
            |schema: Schema, value: Value, expected| assert_eq!(Murmur.of(&schema, &value), Ok(expected), "{value:?}");
        for (text, expected) in [
            ("a", -1_119_243_492),
            ("orders", 110_124_605),
            ("é😀 is longer than sixteen bytes", -1_335_693_583),
            ("0123456789abcdef", 26_898_387),
            ("", 89_125_410),
        ] {
            check(
                Schema::new(SchemaType::String),
                Value::String(text.to_owned()),
                expected,
            );
        }
        check(Schema::new(SchemaType::Int32), Value::Int32(7), -784_540_462);
        check(Schema::new(SchemaType::Int64), Value::Int64(-5), 1_233_385_530);
        let bits = Schema::new(SchemaType::Bytes).named("io.debezium.data.Bits");
        check(bits, Value::Bytes(vec![1, 0x80, 0xff]), -171_653_237);
    }
}
