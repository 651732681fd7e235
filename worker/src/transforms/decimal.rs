//! Kafka Connect's `Decimal`: [`scale`], how many digits of one are a fraction; [`magnitude`], its unscaled number without a sign.

use connector_api::data::Schema;

/// `None` if `schema` is of something else.
pub(super) fn scale(schema: &Schema) -> Option<i32> {
    let is_decimal = schema.name.as_deref() == Some("org.apache.kafka.connect.data.Decimal");
    let (_, scale) = schema.parameters.iter().find(|(key, _)| is_decimal && key == "scale")?;
    scale.parse().ok()
}

/// Of a number in two's complement, big-endian; and whether it is negative.
pub(super) fn magnitude(unscaled: &[u8]) -> (bool, Vec<u8>) {
    let is_negative = unscaled.first().is_some_and(|first| first & 0x80 != 0);
    let mut magnitude = unscaled.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in magnitude.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    (is_negative, magnitude)
}
