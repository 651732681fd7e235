//! [`ColumnDefinition`]: a column as `CREATE TABLE` and `ALTER TABLE` declare it.
//!
//! Types keep the words they were written with, and defaults the text of their literal, because the schema history stores
//! both in that form. Attributes that change neither names, types, keys nor defaults are passed over.
//! Grammar: <https://dev.mysql.com/doc/refman/9.4/en/create-table.html>.

use super::cursor::Cursor;
use super::data_type::DataType;
use super::error::DdlError;
use super::statement::{Key, KeyKind};
use super::timestamps::zero_default;
use crate::schema::table::Column;

/// A column's declaration. Its character set is what the declaration itself says; the table's default is filled in later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDefinition {
    /// The column.
    pub column: Column,
    /// `PRIMARY KEY` stands at the column.
    pub primary: bool,
    /// `UNIQUE` stands at the column.
    pub unique: bool,
    /// The zero default of a TIMESTAMP that states none, where `explicit_defaults_for_timestamp` is off.
    pub zero_implied: bool,
}

impl ColumnDefinition {
    /// The indexes that stand at the column itself.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let primary = self.primary.then_some(KeyKind::Primary);
        let unique = self.unique.then_some(KeyKind::Unique);
        primary.into_iter().chain(unique).map(|kind| Key {
            kind,
            name: None,
            columns: Some(vec![self.column.name.clone()]),
            has_prefix: false,
        })
    }
}

/// A DEFAULT clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// `DEFAULT NULL`.
    Null,
    /// A literal, as Debezium keeps its text.
    Literal(String),
    /// An expression: its value is not known.
    Expression,
}

/// What `CURRENT_TIMESTAMP` and its synonyms become: Debezium replaces the function by the epoch.
pub(super) const EPOCH: &str = "1970-01-01 00:00:00";

/// Parses a name and its definition.
pub(super) fn column_definition(cursor: &mut Cursor<'_>) -> Result<ColumnDefinition, DdlError> {
    let name = cursor.name()?;
    definition_of(name, cursor)
}

/// Parses the definition of the column `name`.
pub(super) fn definition_of(name: String, cursor: &mut Cursor<'_>) -> Result<ColumnDefinition, DdlError> {
    let declared = DataType::parse(cursor)?;
    let mut attributes = Attributes {
        charset: declared.charset,
        ..Attributes::default()
    };
    if declared.is_serial {
        attributes.serial();
    }
    while attributes.take_next(cursor)? {}
    let null_stated = attributes.optional == Some(true) || attributes.default == Some(DefaultValue::Null);
    if cursor.has_implicit_timestamps() && declared.name == "TIMESTAMP" && !null_stated {
        attributes.optional = Some(false);
    }
    // AUTO_INCREMENT makes a column NOT NULL, whatever else is said.
    let optional = attributes.optional.unwrap_or(true) && !attributes.auto_increment;
    let zero_implied = cursor.has_implicit_timestamps()
        && declared.name == "TIMESTAMP"
        && !optional
        && !attributes.computed
        && attributes.default.is_none();
    let default = match attributes.default {
        Some(DefaultValue::Literal(text)) => Some(Some(text)),
        Some(DefaultValue::Expression) => Some(None),
        None if zero_implied => Some(Some(zero_default(declared.length))),
        // A column that may be NULL has the implicit default NULL.
        Some(DefaultValue::Null) | None => optional.then_some(None),
    };
    Ok(ColumnDefinition {
        column: Column {
            name,
            type_name: declared.name,
            length: declared.length,
            scale: declared.scale,
            charset: attributes.charset.or(attributes.charset_of_collation),
            optional,
            auto_incremented: attributes.generated,
            generated: attributes.generated,
            default,
            enum_values: declared.values,
            comment: attributes.comment,
        },
        primary: attributes.primary,
        unique: attributes.unique,
        zero_implied,
    })
}

/// The character set a collation belongs to: its name up to the first underscore.
pub(super) fn charset_of_collation(collation: &str) -> String {
    collation.split('_').next().unwrap_or(collation).to_owned()
}

#[derive(Default)]
struct Attributes {
    optional: Option<bool>,
    default: Option<DefaultValue>,
    /// AUTO_INCREMENT or ON UPDATE: Debezium marks both kinds as auto-incremented and generated.
    generated: bool,
    auto_increment: bool,
    /// `AS (...)`: the value is computed, so that there is no default.
    computed: bool,
    primary: bool,
    unique: bool,
    charset: Option<String>,
    charset_of_collation: Option<String>,
    comment: Option<String>,
}

impl Attributes {
    fn serial(&mut self) {
        self.optional = Some(false);
        self.generated = true;
        self.auto_increment = true;
        self.unique = true;
    }

    /// Takes one attribute. False where the definition ends.
    fn take_next(&mut self, cursor: &mut Cursor<'_>) -> Result<bool, DdlError> {
        if cursor.is_at_end()
            || cursor.is_symbol(',')
            || cursor.is_symbol(')')
            || cursor.is_any_word(&["FIRST", "AFTER", "PARTITION", "REMOVE"])
        {
            return Ok(false);
        }
        if cursor.eat_all(&["NOT", "NULL"]) {
            self.optional = Some(false);
        } else if cursor.eat("NULL") {
            self.optional = Some(true);
        } else if cursor.eat_all(&["SERIAL", "DEFAULT", "VALUE"]) {
            self.serial();
        } else if cursor.eat("DEFAULT") {
            self.default = Some(default_value(cursor)?);
        } else if cursor.eat("AUTO_INCREMENT") {
            self.generated = true;
            self.auto_increment = true;
        } else if cursor.eat_all(&["ON", "UPDATE"]) {
            self.generated = true;
            cursor.advance();
        } else if cursor.eat_all(&["PRIMARY", "KEY"]) || cursor.eat("PRIMARY") {
            self.primary = true;
            self.optional = Some(false);
        } else if cursor.eat("UNIQUE") {
            self.unique = true;
            cursor.eat("KEY");
        } else if cursor.eat("KEY") {
            self.primary = true;
            self.optional = Some(false);
        } else if cursor.eat("COMMENT") {
            self.comment = cursor.text();
        } else if cursor.eat("COLLATE") {
            self.charset_of_collation = Some(charset_of_collation(&cursor.charset_name()?));
        } else if cursor.eat_all(&["CHARACTER", "SET"]) || cursor.eat_all(&["CHAR", "SET"]) || cursor.eat("CHARSET") {
            self.charset = Some(cursor.charset_name()?);
        } else if cursor.eat("AS") {
            self.computed = true;
        } else if cursor.eat("REFERENCES") {
            skip_reference(cursor)?;
        } else {
            cursor.skip()?;
        }
        Ok(true)
    }
}

/// Parses what follows DEFAULT.
pub(super) fn default_value(cursor: &mut Cursor<'_>) -> Result<DefaultValue, DdlError> {
    if cursor.is_symbol('(') {
        cursor.skip_parentheses()?;
        return Ok(DefaultValue::Expression);
    }
    if cursor.eat("NULL") {
        return Ok(DefaultValue::Null);
    }
    if cursor.eat_any(&["CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"]) {
        if cursor.is_symbol('(') {
            cursor.skip_parentheses()?;
        }
        return Ok(DefaultValue::Literal(EPOCH.to_owned()));
    }
    let sign = if cursor.eat_symbol('-') {
        "-"
    } else if cursor.eat_symbol('+') {
        "+"
    } else {
        ""
    };
    let point = if cursor.eat_symbol('.') { "." } else { "" };
    if let Some(number) = cursor.number() {
        return Ok(DefaultValue::Literal(format!("{sign}{point}{number}")));
    }
    if let Some(bits) = cursor.bits() {
        return Ok(DefaultValue::Literal(text_inside_bits(bits).to_owned()));
    }
    // A character set introducer, or DATE, TIME and TIMESTAMP of a temporal literal.
    let mark = cursor.mark();
    if cursor
        .word_upper()
        .is_some_and(|word| word.starts_with('_') || matches!(word.as_str(), "DATE" | "TIME" | "TIMESTAMP"))
    {
        cursor.advance();
    }
    if let Some(text) = cursor.raw_text() {
        return Ok(DefaultValue::Literal(format!("{sign}{text}")));
    }
    cursor.rewind(mark);
    let word = cursor
        .word_upper()
        .filter(|word| matches!(word.as_str(), "TRUE" | "FALSE"));
    let word = word.ok_or_else(|| cursor.expected("a default value"))?;
    cursor.advance();
    Ok(DefaultValue::Literal(word))
}

/// Debezium drops the first two characters and the last of a hexadecimal or bit literal, which is right for `b'101'`
/// and loses a digit of `0x00FF`. What it stored in histories and registries is compared with this.
fn text_inside_bits(literal: &str) -> &str {
    literal.get(2..literal.len().saturating_sub(1)).unwrap_or("")
}

fn skip_reference(cursor: &mut Cursor<'_>) -> Result<(), DdlError> {
    cursor.table_name()?;
    if cursor.is_symbol('(') {
        cursor.skip_parentheses()?;
    }
    loop {
        if cursor.eat("MATCH") {
            cursor.advance();
        } else if cursor.eat_all(&["ON", "DELETE"]) || cursor.eat_all(&["ON", "UPDATE"]) {
            if !(cursor.eat_all(&["SET", "NULL"])
                || cursor.eat_all(&["SET", "DEFAULT"])
                || cursor.eat_all(&["NO", "ACTION"]))
            {
                cursor.advance();
            }
        } else {
            return Ok(());
        }
    }
}
