//! [`ColumnForm`]: what the values of a column are in the binlog, and what they are in records.
//!
//! Made once per version of a table. The schema of a column, its default and both decoders of its values are compiled
//! from the same form, so that they cannot disagree.

use crate::config::{UnsignedBigintMode, ValueModes};
use crate::schema::{Column, ColumnType, UnsupportedColumn};

/// The type of a column, and the form its values have in records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnForm {
    /// What the bytes mean.
    pub column_type: ColumnType,
    /// What a record has for them. Only the modes of the type count.
    pub modes: ValueModes,
    /// What becomes of values that this form has no room for.
    pub misfits: Misfits,
}

/// What becomes of a value that its form has no room for, such as a TIME of 25 hours that has to be a time of day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Misfits {
    /// It stops the task.
    #[default]
    Refused,
    /// It is null in its record, or the default of the column, and the log says so.
    Lost,
}

impl ColumnForm {
    /// The form of `column`.
    ///
    /// # Errors
    /// If its type is one that cannot be captured.
    pub fn of(column: &Column, modes: &ValueModes) -> Result<Self, UnsupportedColumn> {
        let mut form = ColumnForm {
            column_type: ColumnType::of(column)?,
            modes: *modes,
            misfits: Misfits::Refused,
        };
        if !is_unsigned_bigint(&column.type_name) {
            form.modes.unsigned_bigints = UnsignedBigintMode::Long;
        }
        Ok(form)
    }

    /// The form that Debezium gives values by default.
    #[cfg(any(test, feature = "fuzzing"))]
    pub fn usual(column_type: ColumnType) -> Self {
        ColumnForm {
            column_type,
            modes: ValueModes::default(),
            misfits: Misfits::Refused,
        }
    }
}

/// Whether Debezium takes the type for a BIGINT UNSIGNED. It does not see one in SERIAL and in BIGINT ZEROFILL.
fn is_unsigned_bigint(type_name: &str) -> bool {
    const NAMES: [&str; 4] = [
        "BIGINT UNSIGNED",
        "BIGINT UNSIGNED ZEROFILL",
        "INT8 UNSIGNED",
        "INT8 UNSIGNED ZEROFILL",
    ];
    NAMES.iter().any(|name| name.eq_ignore_ascii_case(type_name))
}

#[cfg(test)]
mod tests {
    use super::is_unsigned_bigint;

    #[test]
    fn debezium_sees_an_unsigned_bigint_where_it_is_called_so() {
        for (type_name, expected) in [
            ("BIGINT UNSIGNED", true),
            ("bigint unsigned", true),
            ("BIGINT UNSIGNED ZEROFILL", true),
            ("INT8 UNSIGNED", true),
            ("BIGINT ZEROFILL", false),
            ("SERIAL", false),
            ("BIGINT", false),
        ] {
            assert_eq!(is_unsigned_bigint(type_name), expected, "{type_name}");
        }
    }
}
