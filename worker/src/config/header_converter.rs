//! Which class converts headers, and what may be wrong with it: Kafka Connect's simple one, or one that is for keys and values, too.

use connector_api::ConfigMap;
use connector_api::config::ConfigProblem;
use schemas::converter::{create_for_headers, header_class_names, warnings};

/// The one that is for headers alone, and the default.
pub(crate) const SIMPLE: &str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

/// The full names of all there are.
pub(crate) fn class_names() -> impl Iterator<Item = &'static str> {
    header_class_names().chain([SIMPLE])
}

/// Whether the class is `SimpleHeaderConverter`, by its full name, its simple one, or that without the ending.
pub fn is_simple_header_converter(class: &str) -> bool {
    class == SIMPLE || class == "SimpleHeaderConverter" || class.eq_ignore_ascii_case("Simple")
}

/// Every problem of a class and its settings, under keys without `header.converter.`; that of an unknown class is
/// `header.converter`.
pub(crate) fn problems(class: &str, settings: &ConfigMap) -> Vec<ConfigProblem> {
    if is_simple_header_converter(class) {
        return Vec::new();
    }
    let problems = create_for_headers(class, settings).err().unwrap_or_default();
    let with_simple = |problem: ConfigProblem| match &*problem.key {
        "header.converter" => ConfigProblem::new("header.converter", format!("{}, {SIMPLE}", problem.message)),
        _ => problem,
    };
    problems.into_iter().map(with_simple).collect()
}

/// What is worth knowing of its settings but no error.
pub(crate) fn settings_without_effect(class: &str, settings: &ConfigMap) -> Vec<String> {
    match is_simple_header_converter(class) {
        true => settings
            .keys()
            .filter(|key| *key != "converter.type")
            .map(|key| format!("{key} has no effect here"))
            .collect(),
        false => warnings(class, settings),
    }
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::{problems, settings_without_effect};

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn what_is_no_converter_of_headers_is_refused_with_those_there_are() {
        for class in ["io.confluent.connect.avro.AvroConverter", "com.example.Mine"] {
            let found = problems(class, &ConfigMap::new());
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].key, "header.converter");
            assert!(
                found[0].message.ends_with("SimpleHeaderConverter"),
                "{}",
                found[0].message
            );
        }
        let found = problems("json", &map(&[("schemas.enable", "maybe")]));
        assert_eq!(found[0].key, "schemas.enable");
        for class in ["simple", "SimpleHeaderConverter", "StringConverter"] {
            assert_eq!(problems(class, &ConfigMap::new()), Vec::new());
        }
    }

    #[test]
    fn settings_that_do_nothing_are_told() {
        let schemas = map(&[("schemas.enable", "false")]);
        assert_eq!(
            settings_without_effect("simple", &schemas),
            ["schemas.enable has no effect here"]
        );
        assert_eq!(settings_without_effect("json", &schemas), Vec::<String>::new());
    }
}
