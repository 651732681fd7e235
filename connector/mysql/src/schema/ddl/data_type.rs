//! [`DataType`]: the type of a column as it was written, and the dimensions that the history states although the text does not.
//!
//! Grammar: <https://dev.mysql.com/doc/refman/9.4/en/data-types.html>.

use super::cursor::Cursor;
use super::error::DdlError;

/// A type with its dimensions and what else is said of it.
#[derive(Default)]
pub(super) struct DataType {
    pub(super) name: String,
    pub(super) length: Option<i32>,
    pub(super) scale: Option<i32>,
    pub(super) charset: Option<String>,
    pub(super) values: Vec<String>,
    pub(super) is_serial: bool,
}

impl DataType {
    /// Parses a type, up to the attributes of its column.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, DdlError> {
        let name = type_words(cursor)?;
        let mut declared = DataType {
            name,
            ..DataType::default()
        };
        match declared.name.as_str() {
            // SERIAL is BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE.
            "SERIAL" => {
                declared.is_serial = true;
                declared.name = "BIGINT UNSIGNED".to_owned();
                return Ok(declared);
            }
            "REAL" if cursor.sql_mode().real_as_float => {
                declared.name = "FLOAT".to_owned();
                declared.take_optional_dimensions(cursor)?;
            }
            "ENUM" | "SET" => declared.take_values(cursor)?,
            _ => declared.take_optional_dimensions(cursor)?,
        }
        declared.take_modifiers(cursor)?;
        declared.fill_in_dimensions();
        Ok(declared)
    }

    fn take_values(&mut self, cursor: &mut Cursor<'_>) -> Result<(), DdlError> {
        cursor.expect_symbol('(')?;
        loop {
            let value = cursor.text().or_else(|| cursor.bits().and_then(text_of_bits));
            self.values
                .push(value.ok_or_else(|| cursor.expected("a value of the ENUM or SET"))?);
            if !cursor.eat_symbol(',') {
                break;
            }
        }
        cursor.expect_symbol(')')
    }

    fn take_optional_dimensions(&mut self, cursor: &mut Cursor<'_>) -> Result<(), DdlError> {
        match cursor.is_symbol('(') {
            true => self.take_dimensions(cursor),
            false => Ok(()),
        }
    }

    fn take_dimensions(&mut self, cursor: &mut Cursor<'_>) -> Result<(), DdlError> {
        cursor.expect_symbol('(')?;
        self.length = Some(dimension(cursor)?);
        if cursor.eat_symbol(',') {
            self.scale = Some(dimension(cursor)?);
        }
        cursor.expect_symbol(')')
    }

    /// Takes the words that belong to the type and not to the column.
    fn take_modifiers(&mut self, cursor: &mut Cursor<'_>) -> Result<(), DdlError> {
        let (mut sign, mut zerofill, mut binary) = (None, false, false);
        loop {
            if cursor.eat("UNSIGNED") {
                sign = Some(" UNSIGNED");
            } else if cursor.eat("SIGNED") {
                sign = Some(" SIGNED");
            } else if cursor.eat("ZEROFILL") {
                zerofill = true;
            } else if cursor.eat("BINARY") {
                binary = true;
            } else if cursor.eat("BYTE") {
                // CHAR(4) BYTE is BINARY(4), as CHARACTER SET binary makes it.
                self.charset = Some("binary".to_owned());
            } else if cursor.eat("ASCII") {
                self.charset = Some("latin1".to_owned());
            } else if cursor.eat("UNICODE") {
                self.charset = Some("ucs2".to_owned());
            } else if cursor.eat_all(&["CHARACTER", "SET"]) || cursor.eat_all(&["CHAR", "SET"]) || cursor.eat("CHARSET")
            {
                self.charset = Some(cursor.charset_name()?);
            } else {
                break;
            }
        }
        match (zerofill, sign) {
            (true, _) => self.name.push_str(" UNSIGNED ZEROFILL"),
            (false, Some(sign)) => self.name.push_str(sign),
            (false, None) => {}
        }
        if binary {
            self.name.push_str(" BINARY");
        }
        Ok(())
    }

    /// Lengths that the history states although the declaration does not.
    fn fill_in_dimensions(&mut self) {
        match self.name.split(' ').next().unwrap_or("") {
            "DECIMAL" | "DEC" | "NUMERIC" | "FIXED" => {
                self.length.get_or_insert(10);
                self.scale.get_or_insert(0);
            }
            "BIT" => _ = self.length.get_or_insert(1),
            "ENUM" => self.length = Some(1),
            // One byte per value and one per comma, as if all were set.
            "SET" => {
                self.length = i32::try_from(self.values.len())
                    .ok()
                    .map(|count| (count * 2 - 1).max(0))
            }
            "NCHAR" | "NVARCHAR" | "NATIONAL" => {
                self.charset = Some("utf8".to_owned());
                if !self.name.contains("VAR") {
                    self.length.get_or_insert(1);
                }
            }
            _ => {}
        }
    }
}

/// Takes the words that name a type and joins them in upper case.
fn type_words(cursor: &mut Cursor<'_>) -> Result<String, DdlError> {
    let mut name = cursor.word_upper().ok_or_else(|| cursor.expected("a type"))?;
    cursor.advance();
    let following: &[&str] = match name.as_str() {
        "NATIONAL" => &["CHARACTER", "CHAR", "VARCHARACTER", "VARCHAR"],
        "NCHAR" => &["VARCHARACTER", "VARCHAR"],
        "LONG" => &["CHARACTER", "CHAR", "VARCHARACTER", "VARCHAR", "VARBINARY"],
        "DOUBLE" => &["PRECISION"],
        _ => &[],
    };
    if let Some(word) = following.iter().find(|word| cursor.eat(word)) {
        name = format!("{name} {word}");
    }
    if ["CHAR", "CHARACTER", "NCHAR"]
        .iter()
        .any(|ending| name.ends_with(ending))
        && cursor.eat("VARYING")
    {
        name.push_str(" VARYING");
    }
    Ok(name)
}

fn dimension(cursor: &mut Cursor<'_>) -> Result<i32, DdlError> {
    let digits = cursor.number().ok_or_else(|| cursor.expected("a length"))?;
    let whole = digits.split('.').next().unwrap_or(digits);
    let length: u64 = whole.parse().map_err(|_| cursor.expected("a length"))?;
    // LONGTEXT(4294967295) is legal; the history knows 31 bits.
    Ok(i32::try_from(length).unwrap_or(i32::MAX))
}

/// An ENUM value may be written `x'41'` or `0x41`.
fn text_of_bits(literal: &str) -> Option<String> {
    let hex = match literal.strip_prefix("0x") {
        Some(hex) => hex,
        None => literal.strip_prefix(['x', 'X'])?.trim_matches('\''),
    };
    let bytes: Option<Vec<u8>> = hex
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}
