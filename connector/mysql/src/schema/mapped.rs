//! [`as_mapped`]: what a table map knows better than statements.
//!
//! Some of a definition does not stand in the statement that made it: the character set of a text follows from its table's,
//! its database's or the session's default, and the letters of an ENUM beyond U+FFFF are question marks in `SHOW CREATE
//! TABLE`. The server puts both into its table maps: collations always (since 8.0.1), members with
//! `binlog_row_metadata=FULL`. There the map decides. That everything else agrees is checked when its rows are decoded.

use super::charset::{Charset, charset_of_collation, is_same_charset};
use super::column_rules::same_name;
use super::jdbc_type::has_charset;
use super::table::{Column, TableSchema};
use crate::binlog::table_map::{MappedColumn, TableMap};

/// `table` with what `map` knows better; `None` if that is nothing.
pub fn as_mapped(table: &TableSchema, map: &TableMap) -> Option<TableSchema> {
    if table.columns.len() != map.columns.len() {
        return None;
    }
    let mut informed = table.clone();
    let mut changed = false;
    for (column, mapped) in informed.columns.iter_mut().zip(&map.columns) {
        let is_named_so = |name: &String| same_name(name, &column.name);
        if mapped.name.as_ref().is_none_or(is_named_so) {
            changed |= take_charset(column, mapped);
            changed |= take_members(column, mapped);
        }
    }
    changed.then_some(informed)
}

/// Whether the column of this definition has members of which one may be another than it seems: `SHOW CREATE TABLE` prints
/// a question mark for each letter beyond U+FFFF.
pub fn has_doubtful_members(column: &Column) -> bool {
    column.enum_values.iter().any(|member| member.contains('?'))
}

fn take_charset(column: &mut Column, mapped: &MappedColumn) -> bool {
    let charset = mapped.collation.and_then(charset_of_collation);
    let Some(charset) = charset.filter(|_| has_charset(&column.type_name)) else {
        return false;
    };
    if column
        .charset
        .as_ref()
        .is_some_and(|known| is_same_charset(known, charset))
    {
        return false;
    }
    column.charset = Some(charset.to_owned());
    true
}

fn take_members(column: &mut Column, mapped: &MappedColumn) -> bool {
    let Some(members) = mapped.values.as_ref().filter(|_| has_doubtful_members(column)) else {
        return false;
    };
    let charset = mapped.collation.and_then(charset_of_collation).and_then(Charset::named);
    let Some(charset) = charset.filter(|_| members.len() == column.enum_values.len()) else {
        return false;
    };
    let mut changed = false;
    for (known, member) in column.enum_values.iter_mut().zip(members) {
        let decoded = charset.decode(member);
        let member = decoded.trim_end_matches(' ');
        if *known != member && is_shown_as(member, known) {
            member.clone_into(known);
            changed = true;
        }
    }
    changed
}

/// Whether `SHOW CREATE TABLE` prints `member` as `shown`. MySQL stores members without blanks at their ends.
pub fn is_shown_as(member: &str, shown: &str) -> bool {
    let (member, shown) = (member.trim_end_matches(' '), shown.trim_end_matches(' '));
    member
        .chars()
        .map(|letter| if letter > '\u{ffff}' { '?' } else { letter })
        .eq(shown.chars())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binlog::table_map::WireType;
    use crate::table_id::TableId;

    fn column(type_name: &str, charset: Option<&str>, members: &[&str]) -> Column {
        Column {
            name: "c".to_owned(),
            type_name: type_name.to_owned(),
            length: None,
            scale: None,
            charset: charset.map(str::to_owned),
            optional: true,
            auto_incremented: false,
            generated: false,
            default: None,
            enum_values: members.iter().map(ToString::to_string).collect(),
            comment: None,
        }
    }

    fn mapped(collation: Option<u32>, name: Option<&str>, members: Option<&[&[u8]]>) -> MappedColumn {
        MappedColumn {
            wire_type: WireType::VarChar { max_bytes: 80 },
            nullable: true,
            unsigned: None,
            collation,
            name: name.map(str::to_owned),
            values: members.map(|members| members.iter().map(|member| member.to_vec()).collect()),
            visible: None,
        }
    }

    /// The character set and members of `column` where the map has `mapped`; `None`: as they were.
    fn informed(column: Column, mapped: MappedColumn) -> Option<(Option<String>, Vec<String>)> {
        let table = TableSchema {
            id: TableId::new("d", "t"),
            columns: vec![column],
            key: Vec::new(),
            default_charset: None,
            comment: None,
        };
        let map = TableMap::of_columns("d", "t", vec![mapped]);
        let mut informed = as_mapped(&table, &map)?;
        let column = informed.columns.remove(0);
        Some((column.charset, column.enum_values))
    }

    #[test]
    fn the_character_set_is_that_of_the_map() {
        let charset = |type_name, known, collation, name| {
            informed(column(type_name, known, &[]), mapped(collation, name, None)).map(|(charset, _)| charset.unwrap())
        };
        assert_eq!(
            charset("VARCHAR", Some("utf8mb4"), Some(8), None).as_deref(),
            Some("latin1")
        );
        assert_eq!(charset("TEXT", None, Some(255), Some("C")).as_deref(), Some("utf8mb4"));
        assert_eq!(
            charset("TEXT", Some("latin1"), Some(63), None).as_deref(),
            Some("binary")
        );
        assert_eq!(charset("CHAR", Some("latin1"), Some(28), None).as_deref(), Some("gbk"));
        assert_eq!(
            charset("NCHAR", Some("utf8"), Some(33), None),
            None,
            "the same by its old name"
        );
        assert_eq!(charset("VARCHAR", Some("latin1"), None, None), None, "an old server");
        assert_eq!(charset("BLOB", None, Some(63), None), None);
        assert_eq!(charset("TEXT", Some("latin1"), Some(255), Some("other")), None);
    }

    #[test]
    fn members_that_show_create_table_cannot_print_are_those_of_the_map() {
        let smiles = &["??".as_bytes(), "b".as_bytes()];
        let members = |known: &[&str], map: &[&[u8]]| {
            informed(
                column("ENUM", Some("utf8mb4"), known),
                mapped(Some(255), None, Some(map)),
            )
            .map(|(_, members)| members)
        };
        let real: &[&[u8]] = &["😀😀".as_bytes(), "b ".as_bytes()];
        assert_eq!(
            members(&["??", "b"], real),
            Some(vec!["😀😀".to_owned(), "b".to_owned()])
        );
        assert_eq!(members(&["??", "b"], smiles), None, "real question marks");
        assert_eq!(members(&["?", "b"], real), None, "another definition");
        assert_eq!(members(&["??"], real), None, "another definition");
    }
}
