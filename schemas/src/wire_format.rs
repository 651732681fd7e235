//! The five bytes before a datum: a zero, and the schema's id in the registry, big-endian.
//!
//! Confluent's wire format. A null value has no header: it is a record without a value, a tombstone.

/// The id a registry gave a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SchemaId(pub u32);

/// The first byte of every message in this format.
pub const MAGIC: u8 = 0;

/// The header of messages with this schema.
pub fn header(id: SchemaId) -> [u8; 5] {
    let [a, b, c, d] = id.0.to_be_bytes();
    [MAGIC, a, b, c, d]
}

/// Splits a message into its schema's id and the datum; `None` if it has no such header.
pub fn parse(message: &[u8]) -> Option<(SchemaId, &[u8])> {
    let (header, datum) = message.split_at_checked(5)?;
    match *header {
        [MAGIC, a, b, c, d] => Some((SchemaId(u32::from_be_bytes([a, b, c, d])), datum)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{SchemaId, header, parse};

    #[test]
    fn a_message_gives_back_its_schema_id() {
        let mut message = header(SchemaId(0x0102_0304)).to_vec();
        assert_eq!(message, [0, 1, 2, 3, 4]);
        message.extend(b"datum");
        assert_eq!(parse(&message), Some((SchemaId(0x0102_0304), b"datum".as_slice())));
        assert_eq!(parse(&message[..4]), None);
        message[0] = 1;
        assert_eq!(parse(&message), None);
    }
}
