//! A text as Java serialises it (`ObjectOutputStream.writeObject`), which the first version of hashed columns is made from.
//!
//! <https://docs.oracle.com/en/java/javase/21/docs/specs/serialization/protocol.html>

/// The stream's magic number and its version.
const HEADER: [u8; 4] = [0xac, 0xed, 0, 5];
const STRING: u8 = 0x74;
/// More than 65535 bytes.
const LONG_STRING: u8 = 0x7c;

/// Hands the bytes of the object to `take`, in parts.
pub(super) fn serialised<E>(text: &str, mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    take(&HEADER)?;
    let length: usize = text.chars().map(modified_length).sum();
    match u16::try_from(length) {
        Ok(length) => {
            take(&[STRING])?;
            take(&length.to_be_bytes())?;
        }
        Err(_) => {
            take(&[LONG_STRING])?;
            take(&(length as u64).to_be_bytes())?;
        }
    }
    if length == text.len() {
        return take(text.as_bytes());
    }
    for character in text.chars() {
        take_character(character, &mut take)?;
    }
    Ok(())
}

/// How many bytes a character has in Java's modified UTF-8.
fn modified_length(character: char) -> usize {
    match character {
        '\0' => 2,
        '\u{10000}'.. => 6,
        _ => character.len_utf8(),
    }
}

fn take_character<E>(character: char, take: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let mut buffer = [0; 4];
    match character {
        '\0' => take(&[0xc0, 0x80]),
        '\u{10000}'.. => {
            let mut units = [0; 2];
            character.encode_utf16(&mut units).iter().try_for_each(|unit| {
                let [high, low] = unit.to_be_bytes();
                take(&[0xe0 | high >> 4, 0x80 | (high & 15) << 2 | low >> 6, 0x80 | low & 0x3f])
            })
        }
        _ => take(character.encode_utf8(&mut buffer).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let taken: Result<(), ()> = serialised(text, |part| {
            bytes.extend_from_slice(part);
            Ok(())
        });
        taken.unwrap();
        bytes
    }

    /// As `ObjectOutputStream` writes them.
    #[test]
    fn objects_of_java() {
        for (text, expected) in [
            ("", &b"\xac\xed\0\x05t\0\0"[..]),
            ("ab", b"\xac\xed\0\x05t\0\x02ab"),
            ("\u{e9}", b"\xac\xed\0\x05t\0\x02\xc3\xa9"),
            ("a\0", b"\xac\xed\0\x05t\0\x03a\xc0\x80"),
            ("\u{1f600}", b"\xac\xed\0\x05t\0\x06\xed\xa0\xbd\xed\xb8\x80"),
        ] {
            assert_eq!(bytes(text), expected, "{text:?}");
        }
        let long = "x".repeat(65_536);
        let object = bytes(&long);
        assert_eq!(&object[..13], b"\xac\xed\0\x05|\0\0\0\0\0\x01\0\0");
        assert_eq!(object.len(), 13 + 65_536);
        assert_eq!(&bytes(&long[1..])[..7], b"\xac\xed\0\x05t\xff\xff");
    }
}
