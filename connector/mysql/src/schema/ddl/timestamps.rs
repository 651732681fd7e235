//! What `explicit_defaults_for_timestamp=OFF` makes of TIMESTAMP columns.
//!
//! Each is NOT NULL unless it says NULL, and has a zero default unless it says another; the first of a statement gets the
//! present time in place of the zero, also at updates (`promote_first_timestamp_column` in `sql_table.cc`).
//! <https://dev.mysql.com/doc/refman/9.4/en/server-system-variables.html#sysvar_explicit_defaults_for_timestamp>

use super::column::{ColumnDefinition, EPOCH};

/// The default of a TIMESTAMP with so many digits behind the second.
pub(super) fn zero_default(digits: Option<i32>) -> String {
    let digits = digits.and_then(|digits| usize::try_from(digits).ok()).unwrap_or(0);
    let point = if digits > 0 { "." } else { "" };
    format!("0000-00-00 00:00:00{point}{}", "0".repeat(digits))
}

/// Gives the first TIMESTAMP among the `columns` of a statement the present time, if its default was not stated.
pub(super) fn fill_in_first_default<'a>(mut columns: impl Iterator<Item = &'a mut ColumnDefinition>) {
    let first = columns.find(|definition| definition.column.type_name == "TIMESTAMP");
    let Some(ColumnDefinition {
        column, zero_implied, ..
    }) = first
    else {
        return;
    };
    if *zero_implied && !column.generated {
        column.default = Some(Some(EPOCH.to_owned()));
        (column.generated, column.auto_incremented) = (true, true);
    }
}
