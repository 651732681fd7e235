//! [`ColumnConverters`]: the converters of columns that Debezium ships for MySQL (`converters`), by their class names.
//!
//! A converter is a name of the user's with a class (`NAME.type`) and options (`NAME.selector`); the first one that wants a
//! column gets it, in keys and in rows. Other classes are Java code.

use super::reader::Reader;
use super::regex_list::RegexList;
use crate::table_id::TableId;

/// The converters, in the order of `converters`.
#[derive(Debug, Clone, Default)]
pub struct ColumnConverters(Vec<TinyIntToBoolean>);

/// TINYINT as a boolean, true above 0.
#[derive(Debug, Clone)]
struct TinyIntToBoolean {
    /// `NAME.selector`, for `database.table.column`; absent: every column.
    selector: Option<RegexList>,
    /// `NAME.length.checker`: only a `TINYINT(1)`.
    only_of_length_one: bool,
}

/// The class, by its names of today and of Debezium 2.
const TINYINT_TO_BOOLEAN: [&str; 2] = [
    "io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter",
    "io.debezium.connector.mysql.converters.TinyIntOneToBooleanConverter",
];

impl ColumnConverters {
    /// Whether a column of this name, type and length becomes a boolean.
    pub fn make_boolean(&self, table: &TableId, column: &str, type_name: &str, length: Option<i32>) -> bool {
        let mut converters = self.0.iter();
        converters.any(|converter| converter.wants_type(type_name, length) && converter.wants_name(table, column))
    }

    /// The converters that a configuration names.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        const KEY: &str = "converters";
        let names = names(reader.given(KEY));
        let converters = names.into_iter().filter_map(|name| {
            let class_key = format!("{name}.type");
            let Some(class) = reader.given(&class_key) else {
                reader.reject(KEY, format!("the converter {name} has no class; set {class_key}"));
                return None;
            };
            if !TINYINT_TO_BOOLEAN.contains(&class) {
                reader.reject(
                    KEY,
                    format!(
                        "{class_key}={class} is not carried out: converters are Java code; there is {}",
                        TINYINT_TO_BOOLEAN[0]
                    ),
                );
                return None;
            }
            let length_checker = reader.given(&format!("{name}.length.checker"));
            Some(TinyIntToBoolean {
                selector: reader.regex_list(&format!("{name}.selector")),
                only_of_length_one: length_checker.is_none_or(|given| given.eq_ignore_ascii_case("true")),
            })
        });
        ColumnConverters(converters.collect())
    }
}

impl TinyIntToBoolean {
    fn wants_type(&self, type_name: &str, length: Option<i32>) -> bool {
        let is_tinyint = ["TINYINT", "TINYINT UNSIGNED"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(type_name));
        is_tinyint && (!self.only_of_length_one || length == Some(1))
    }

    fn wants_name(&self, table: &TableId, column: &str) -> bool {
        let selector = self.selector.as_ref();
        selector.is_none_or(|list| list.matches(&format!("{table}.{column}")))
    }
}

/// The names of a list.
fn names(list: Option<&str>) -> Vec<&str> {
    let names = list.unwrap_or_default().split(',').map(str::trim);
    names.filter(|name| !name.is_empty()).collect()
}

/// Whether `key` belongs to one of the converters that are listed in `converters`.
pub(super) fn is_of_a_converter(key: &str, converters: Option<&str>) -> bool {
    let options = |name: &str| key.strip_prefix(name).and_then(|rest| rest.strip_prefix('.'));
    names(converters).into_iter().any(|name| options(name).is_some())
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<ColumnConverters, String> {
        let pairs = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let config: ConfigMap = pairs.collect();
        let mut reader = Reader::new(&config);
        let converters = ColumnConverters::read(&mut reader);
        match reader.into_problems().first() {
            None => Ok(converters),
            Some(problem) => Err(problem.message.clone()),
        }
    }

    #[test]
    fn a_converter_wants_columns_of_its_type_length_and_name() {
        let class = ("b.type", TINYINT_TO_BOOLEAN[0]);
        let all = read(&[("converters", "b"), class]).unwrap();
        let some = read(&[("converters", " b, "), class, ("b.selector", r"d\.t\.(x|y)")]).unwrap();
        let any_length = read(&[
            ("converters", "b"),
            ("b.type", TINYINT_TO_BOOLEAN[1]),
            ("b.length.checker", "false"),
        ])
        .unwrap();
        for (name, type_name, length, expected) in [
            ("x", "TINYINT", Some(1), [true, true, true]),
            ("z", "TINYINT", Some(1), [true, false, true]),
            ("x", "TINYINT UNSIGNED", Some(1), [true, true, true]),
            ("x", "TINYINT UNSIGNED", None, [false, false, true]),
            ("x", "TINYINT", Some(4), [false, false, true]),
            ("x", "INT", Some(1), [false; 3]),
            ("x", "TINYINT UNSIGNED ZEROFILL", Some(1), [false; 3]),
        ] {
            let table = TableId::new("d", "t");
            let found =
                [&all, &some, &any_length].map(|converters| converters.make_boolean(&table, name, type_name, length));
            assert_eq!(found, expected, "{name} {type_name} {length:?}");
        }
    }

    #[test]
    fn what_is_no_converter_is_refused_by_its_class() {
        assert!(read(&[("converters", "b")]).unwrap_err().contains("set b.type"));
        let foreign = read(&[("converters", "b"), ("b.type", "com.example.Isbn")]).unwrap_err();
        assert!(
            foreign.contains("com.example.Isbn") && foreign.contains(TINYINT_TO_BOOLEAN[0]),
            "{foreign}"
        );
        assert!(
            read(&[
                ("converters", "b"),
                ("b.type", TINYINT_TO_BOOLEAN[0]),
                ("b.selector", "(")
            ])
            .is_err()
        );
        assert!(read(&[]).is_ok());
    }

    #[test]
    fn options_belong_to_converters_that_are_listed() {
        assert!(is_of_a_converter("b.selector", Some("a, b")));
        assert!(!is_of_a_converter("c.selector", Some("a, b")));
        assert!(!is_of_a_converter("b.selector", None));
    }
}
