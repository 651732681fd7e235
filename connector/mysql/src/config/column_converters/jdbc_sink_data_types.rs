//! [`JdbcSinkDataTypes`]: types that are the same from a snapshot and from the stream, for JDBC sinks
//! (`JdbcSinkDataTypesConverter`).

use super::{Conversion, Offered, wants_name};
use crate::config::reader::Reader;
use crate::config::regex_list::RegexList;

/// The class, by its names of today and of Debezium 2.
pub(super) const CLASSES: [&str; 2] = [
    "io.debezium.connector.binlog.converters.JdbcSinkDataTypesConverter",
    "io.debezium.connector.mysql.converters.JdbcSinkDataTypesConverter",
];

/// Which columns become what; a column that several selectors name is of the first.
#[derive(Debug, Clone)]
pub(super) struct JdbcSinkDataTypes {
    selectors: Vec<(RegexList, Conversion)>,
}

impl JdbcSinkDataTypes {
    pub(super) fn read(reader: &mut Reader<'_>, name: &str) -> Self {
        let as_double = reader
            .given(&format!("{name}.treat.real.as.double"))
            .is_none_or(|given| given.eq_ignore_ascii_case("true"));
        let real = match as_double {
            true => Conversion::Double,
            false => Conversion::Single,
        };
        let selectors = [
            ("boolean", Conversion::Flag),
            ("real", real),
            ("string", Conversion::TextWithCharset),
        ];
        let selectors = selectors.into_iter().filter_map(|(kind, conversion)| {
            Some((reader.regex_list(&format!("{name}.selector.{kind}"))?, conversion))
        });
        JdbcSinkDataTypes {
            selectors: selectors.collect(),
        }
    }

    pub(super) fn conversion(&self, column: &Offered<'_>) -> Option<Conversion> {
        let mut selectors = self.selectors.iter();
        let (_, conversion) = selectors.find(|(list, _)| wants_name(list, column))?;
        Some(conversion.clone())
    }
}
