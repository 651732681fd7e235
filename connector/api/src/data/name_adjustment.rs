//! [`NameAdjustment`]: making names fit for Avro, as `schema.name.adjustment.mode` and `field.name.adjustment.mode` ask.
//!
//! Avro names are `[A-Za-z_][A-Za-z0-9_]*`, joined by dots in a full name
//! (<https://avro.apache.org/docs/1.12.0/specification/#names>). Debezium looks at the first character of the whole text
//! only, so a later part that begins with a digit stays as it is; schemas registered by it have to be found again.

use std::borrow::Cow;
use std::fmt::Write;

/// What happens to characters that an Avro name cannot have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NameAdjustment {
    /// Nothing: the converter may refuse the name.
    #[default]
    None,
    /// They become `_`; a leading digit gets `_` before it.
    Avro,
    /// They, and `_` itself, become `_uXXXX`: no two names become one.
    AvroUnicode,
}

impl NameAdjustment {
    /// A full name of a schema; dots stay.
    pub fn schema_name<'a>(self, name: &'a str) -> Cow<'a, str> {
        self.adjust(name, true)
    }

    /// The name of a field; a dot is a character like any other.
    pub fn field_name<'a>(self, name: &'a str) -> Cow<'a, str> {
        self.adjust(name, false)
    }

    fn adjust<'a>(self, name: &'a str, dots_stay: bool) -> Cow<'a, str> {
        let fits = |index: usize, c: char| match c {
            'a'..='z' | 'A'..='Z' => true,
            '_' => self == NameAdjustment::Avro,
            '0'..='9' => index > 0,
            '.' => dots_stay && index > 0,
            _ => false,
        };
        if self == NameAdjustment::None || name.char_indices().all(|(index, c)| fits(index, c)) {
            return Cow::Borrowed(name);
        }
        let mut adjusted = String::with_capacity(name.len() + 8);
        for (index, c) in name.char_indices() {
            match (fits(index, c), self) {
                (true, _) => adjusted.push(c),
                (false, NameAdjustment::AvroUnicode) => {
                    // Java's characters are UTF-16 units: one beyond the basic plane becomes two escapes.
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        // Writing to a String cannot fail.
                        let _ = write!(adjusted, "_u{unit:04x}");
                    }
                }
                (false, _) if c.is_ascii_digit() => adjusted.extend(['_', c]),
                (false, _) => adjusted.extend(std::iter::repeat_n('_', c.len_utf16())),
            }
        }
        Cow::Owned(adjusted)
    }
}

#[cfg(test)]
mod tests {
    use super::NameAdjustment::{self, Avro, AvroUnicode, None};

    fn check(adjustment: NameAdjustment, name: &str, schema: &str, field: &str) {
        assert_eq!(adjustment.schema_name(name), schema, "schema {name}");
        assert_eq!(adjustment.field_name(name), field, "field {name}");
    }

    #[test]
    fn names_are_adjusted_as_debezium_does() {
        check(None, "my-prefix.db.t-x", "my-prefix.db.t-x", "my-prefix.db.t-x");
        check(Avro, "my-prefix.db.t-x", "my_prefix.db.t_x", "my_prefix_db_t_x");
        check(Avro, "p.1db.t", "p.1db.t", "p_1db_t");
        check(Avro, "1st", "_1st", "_1st");
        check(Avro, "größe_x", "gr__e_x", "gr__e_x");
        check(Avro, ".a", "_a", "_a");
        check(AvroUnicode, "a-b", "a_u002db", "a_u002db");
        check(AvroUnicode, "a_b.c", "a_u005fb.c", "a_u005fb_u002ec");
        check(AvroUnicode, "1st", "_u0031st", "_u0031st");
        check(AvroUnicode, "😀", "_ud83d_ude00", "_ud83d_ude00");
    }
}
