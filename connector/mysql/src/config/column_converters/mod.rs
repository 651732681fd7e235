//! [`ColumnConverters`]: the converters of columns that Debezium ships for MySQL (`converters`), by their class names.
//!
//! A converter is a name of the user's with a class (`NAME.type`) and options (`NAME.selector`); the first one that wants a
//! column gets it, in keys and in rows. Other classes are Java code.

mod jdbc_sink_data_types;
mod tiny_int_to_boolean;
mod zero_date_fallback;

use super::reader::Reader;
use super::regex_list::RegexList;
use crate::table_id::TableId;
use jdbc_sink_data_types::JdbcSinkDataTypes;
use tiny_int_to_boolean::TinyIntToBoolean;
pub use zero_date_fallback::Fallback;
use zero_date_fallback::ZeroDateFallback;

/// The converters, in the order of `converters`.
#[derive(Debug, Clone, Default)]
pub struct ColumnConverters(Vec<ColumnConverter>);

#[derive(Debug, Clone)]
enum ColumnConverter {
    TinyIntToBoolean(TinyIntToBoolean),
    JdbcSinkDataTypes(JdbcSinkDataTypes),
    ZeroDateFallback(ZeroDateFallback),
}

/// A column that converters are asked about.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'a> {
    /// Its table.
    pub table: &'a TableId,
    /// Its name.
    pub name: &'a str,
    /// The name of its type.
    pub type_name: &'a str,
    /// Its declared length.
    pub length: Option<i32>,
}

/// What a converter makes of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversion {
    /// A boolean, true above 0.
    Boolean,
    /// An int16: 1 above 0, else 0.
    Flag,
    /// A float64.
    Double,
    /// A float32.
    Single,
    /// A text whose schema names the character set of the column.
    TextWithCharset,
    /// A date or time, with this in the place of one with zeros, of NULL, and of the DEFAULT.
    ZeroDates(Fallback),
    /// The same with a value of another type.
    NoFallback,
}

impl ColumnConverters {
    /// What becomes of a column, if a converter wants it.
    pub fn conversion(&self, column: &Offered<'_>) -> Option<Conversion> {
        self.0.iter().find_map(|converter| match converter {
            ColumnConverter::TinyIntToBoolean(converter) => converter.conversion(column),
            ColumnConverter::JdbcSinkDataTypes(converter) => converter.conversion(column),
            ColumnConverter::ZeroDateFallback(converter) => converter.conversion(column),
        })
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
            let converter = ColumnConverter::read(class, reader, name);
            if converter.is_none() {
                reader.reject(
                    KEY,
                    format!(
                        "{class_key}={class} is not carried out: converters are Java code; there are {}, {} and {}",
                        tiny_int_to_boolean::CLASSES[0],
                        jdbc_sink_data_types::CLASSES[0],
                        zero_date_fallback::CLASS
                    ),
                );
            }
            converter
        });
        ColumnConverters(converters.collect())
    }
}

impl ColumnConverter {
    fn read(class: &str, reader: &mut Reader<'_>, name: &str) -> Option<Self> {
        Some(match class {
            class if tiny_int_to_boolean::CLASSES.contains(&class) => {
                ColumnConverter::TinyIntToBoolean(TinyIntToBoolean::read(reader, name))
            }
            class if jdbc_sink_data_types::CLASSES.contains(&class) => {
                ColumnConverter::JdbcSinkDataTypes(JdbcSinkDataTypes::read(reader, name))
            }
            zero_date_fallback::CLASS => ColumnConverter::ZeroDateFallback(ZeroDateFallback::read(reader, name)),
            _ => return None,
        })
    }
}

/// Whether a selector, which is for `database.table.column`, has the column.
fn wants_name(selector: &RegexList, column: &Offered<'_>) -> bool {
    selector.matches(&format!("{}.{}", column.table, column.name))
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
        let class = ("b.type", tiny_int_to_boolean::CLASSES[0]);
        let all = read(&[("converters", "b"), class]).unwrap();
        let some = read(&[("converters", " b, "), class, ("b.selector", r"d\.t\.(x|y)")]).unwrap();
        let any_length = read(&[
            ("converters", "b"),
            ("b.type", tiny_int_to_boolean::CLASSES[1]),
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
            let found = [&all, &some, &any_length].map(|converters| {
                converters.conversion(&Offered {
                    table: &TableId::new("d", "t"),
                    name,
                    type_name,
                    length,
                })
            });
            assert_eq!(
                found.map(|conversion| conversion == Some(Conversion::Boolean)),
                expected,
                "{name} {type_name} {length:?}"
            );
        }
    }

    #[test]
    fn the_first_converter_and_its_first_selector_get_a_column() {
        let jdbc = |more: &[(&str, &str)]| {
            let pairs = [
                ("converters", "flags,jdbc"),
                ("flags.type", tiny_int_to_boolean::CLASSES[1]),
                ("flags.selector", r"d\.t\.flag"),
                ("jdbc.type", jdbc_sink_data_types::CLASSES[1]),
                ("jdbc.selector.boolean", r".*\.(flag|is_.*)"),
                ("jdbc.selector.real", r".*\.(is_real|real)"),
                ("jdbc.selector.string", ".*name"),
            ];
            read(&[&pairs, more].concat()).unwrap()
        };
        let conversion = |converters: &ColumnConverters, name: &str| {
            converters.conversion(&Offered {
                table: &TableId::new("d", "t"),
                name,
                type_name: "TINYINT",
                length: Some(1),
            })
        };
        let usual = jdbc(&[]);
        for (name, expected) in [
            ("flag", Some(Conversion::Boolean)),
            ("is_real", Some(Conversion::Flag)),
            ("real", Some(Conversion::Double)),
            ("name", Some(Conversion::TextWithCharset)),
            ("other", None),
        ] {
            assert_eq!(conversion(&usual, name), expected, "{name}");
        }
        let single = jdbc(&[("jdbc.treat.real.as.double", "false")]);
        assert_eq!(conversion(&single, "real"), Some(Conversion::Single));
    }

    #[test]
    fn what_is_no_converter_is_refused_by_its_class() {
        assert!(read(&[("converters", "b")]).unwrap_err().contains("set b.type"));
        let foreign = read(&[("converters", "b"), ("b.type", "com.example.Isbn")]).unwrap_err();
        assert!(
            foreign.contains("com.example.Isbn") && foreign.contains(tiny_int_to_boolean::CLASSES[0]),
            "{foreign}"
        );
        assert!(
            read(&[
                ("converters", "b"),
                ("b.type", tiny_int_to_boolean::CLASSES[0]),
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
