//! [`TinyIntToBoolean`]: TINYINT as a boolean, true above 0 (`TinyIntOneToBooleanConverter`).

use super::{Conversion, Offered, wants_name};
use crate::config::reader::Reader;
use crate::config::regex_list::RegexList;

/// The class, by its names of today and of Debezium 2.
pub(super) const CLASSES: [&str; 2] = [
    "io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter",
    "io.debezium.connector.mysql.converters.TinyIntOneToBooleanConverter",
];

/// TINYINT as a boolean.
#[derive(Debug, Clone)]
pub(super) struct TinyIntToBoolean {
    /// `NAME.selector`, for `database.table.column`; absent: every column.
    selector: Option<RegexList>,
    /// `NAME.length.checker`: only a `TINYINT(1)`.
    only_of_length_one: bool,
}

impl TinyIntToBoolean {
    pub(super) fn read(reader: &mut Reader<'_>, name: &str) -> Self {
        let length_checker = reader.given(&format!("{name}.length.checker"));
        TinyIntToBoolean {
            only_of_length_one: length_checker.is_none_or(|given| given.eq_ignore_ascii_case("true")),
            selector: reader.regex_list(&format!("{name}.selector")),
        }
    }

    pub(super) fn conversion(&self, column: &Offered<'_>) -> Option<Conversion> {
        let is_tinyint = ["TINYINT", "TINYINT UNSIGNED"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(column.type_name));
        let has_length = !self.only_of_length_one || column.length == Some(1);
        let wants = is_tinyint && has_length && self.selector.as_ref().is_none_or(|list| wants_name(list, column));
        wants.then_some(Conversion::Boolean)
    }
}
