//! The options of the transform, under Debezium's names.

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator};
use connector_api::data::SchemaMap;

use super::HeaderToValue;
use crate::transforms::chain::Transform;

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let high = |name, kind, title, doc, order| {
        ConfigKey::new(name, kind, doc)
            .display_name(title)
            .importance(Importance::High)
            .in_group("", order)
    };
    vec![
        high(
            "fields",
            ConfigType::List,
            "Field names list",
            "The fields, in the order of the headers; one in a struct has its name behind the struct's, with a dot between them.",
            1,
        ),
        high("headers", ConfigType::List, "Header names list", "The headers.", 2),
        high(
            "operation",
            ConfigType::String,
            "Operation: mover or copy",
            "copy leaves the headers where they are, move takes them away.",
            3,
        )
        .validator(Validator::OneOfIgnoreCase(&["move", "copy"])),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let list = |name: &str| options.list(name).unwrap_or_default();
    let (fields, headers) = (list("fields"), list("headers"));
    let operation = options.string("operation").unwrap_or_default();
    let mut problems = Vec::new();
    let mut problem = |option: &str, message: String| problems.push(ConfigProblem::new(option, message));
    for (option, is_missing) in [
        ("fields", fields.is_empty()),
        ("headers", headers.is_empty()),
        ("operation", operation.is_empty()),
    ] {
        if is_missing {
            problem(option, "A value is required".to_owned());
        }
    }
    for (option, names) in [("fields", fields), ("headers", headers)] {
        if names
            .iter()
            .any(|name| name.is_empty() || name.contains(char::is_whitespace))
        {
            problem(option, "a name is empty or has a space in it".to_owned());
        }
    }
    if fields.iter().any(|field| field.split('.').any(str::is_empty)) {
        problem("fields", "a name has nothing before or behind a dot".to_owned());
    }
    if fields.len() != headers.len() {
        problem(
            "fields",
            format!(
                "{} headers have {} fields; name one for each",
                headers.len(),
                fields.len()
            ),
        );
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Box::new(HeaderToValue {
        headers: headers.to_vec(),
        paths: fields
            .iter()
            .map(|field| field.split('.').map(str::to_owned).collect())
            .collect(),
        moves: operation.eq_ignore_ascii_case("move"),
        known: SchemaMap::default(),
    }))
}
