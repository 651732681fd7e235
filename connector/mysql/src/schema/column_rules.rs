//! What MySQL makes of a column that a statement declares or names.

use super::apply_error::ApplyError;
use super::ddl::{Key, KeyKind};
use super::indexes::Indexes;
use super::jdbc_type::has_charset;
use super::table::{Column, TableSchema};

/// `column` with its character set filled in.
pub(super) fn resolved(column: &Column, default_charset: Option<&str>) -> Column {
    let mut column = column.clone();
    if !has_charset(&column.type_name) {
        column.charset = None;
    } else if matches!(column.charset.as_deref(), None | Some("default")) {
        column.charset = default_charset.map(str::to_owned);
    }
    column
}

/// Adds an index, whose columns must be there; those of a primary key become NOT NULL.
pub(super) fn add_key(table: &mut TableSchema, indexes: &mut Indexes, key: &Key) -> Result<(), ApplyError> {
    for name in key.columns.iter().flatten().filter(|_| key.kind != KeyKind::Other) {
        let place = position_of(&table.columns, name).ok_or_else(|| ApplyError::unknown_column(&table.id, name))?;
        if key.kind == KeyKind::Primary
            && let Some(column) = table.columns.get_mut(place)
        {
            make_not_null(column);
        }
    }
    indexes.add(key);
    Ok(())
}

/// Makes `column` NOT NULL, without the default NULL that follows from being nullable.
pub(super) fn make_not_null(column: &mut Column) {
    if column.optional {
        column.optional = false;
        column.default = column.default.take().filter(Option::is_some);
    }
}

/// Where the column called `name` is; the case of column names never matters in MySQL.
pub(super) fn position_of(columns: &[Column], name: &str) -> Option<usize> {
    columns.iter().position(|column| same_name(&column.name, name))
}

/// Whether two column names are the same to MySQL.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}
