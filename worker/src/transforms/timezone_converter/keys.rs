//! The options of the transform, under Debezium's names.

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Width};
use connector_api::data::SchemaMap;

use super::TimezoneConverter;
use super::rules::Rules;
use super::zone::Zone;
use crate::transforms::chain::Transform;

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let high = |name, kind, title, doc, order| {
        ConfigKey::new(name, kind, doc)
            .display_name(title)
            .importance(Importance::High)
            .width(Width::Medium)
            .in_group("", order)
    };
    vec![
        high(
            "converted.timezone",
            ConfigType::String,
            "Converted Timezone",
            "The time zone: a name such as America/Los_Angeles, or an offset as +08:00.",
            1,
        ),
        high(
            "exclude.list",
            ConfigType::List,
            "Exclude List",
            "What is left as it is: rules as in include.list.",
            2,
        ),
        high(
            "include.list",
            ConfigType::List,
            "Include List",
            "What alone is converted: source:TABLE, topic:TOPIC, either with :FIELD behind it, or NAME:FIELD.",
            3,
        ),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let list = |name: &str| options.list(name).unwrap_or_default();
    let (include, exclude) = (list("include.list"), list("exclude.list"));
    let name = options.string("converted.timezone").unwrap_or_default();
    let zone = match (name, Zone::parse(name)) {
        ("", _) => Err(ConfigProblem::new("converted.timezone", "A value is required")),
        (_, Some(zone)) => Ok(zone),
        (name, None) => {
            let message =
                format!("{name} is no time zone; write a name such as America/Los_Angeles or an offset as +08:00");
            Err(ConfigProblem::new("converted.timezone", message))
        }
    };
    let mut problems = Vec::new();
    if !include.is_empty() && !exclude.is_empty() {
        problems.push(ConfigProblem::new(
            "exclude.list",
            "include.list is there, too; keep one of them",
        ));
    }
    let is_exclusion = include.is_empty() && !exclude.is_empty();
    let (option, entries) = if is_exclusion {
        ("exclude.list", exclude)
    } else {
        ("include.list", include)
    };
    let rules = Rules::parse(entries).map_err(|reason| problems.push(ConfigProblem::new(option, reason)));
    let zone = zone.map_err(|problem| problems.push(problem));
    match (zone, rules) {
        (Ok(zone), Ok(rules)) if problems.is_empty() => Ok(Box::new(TimezoneConverter {
            zone,
            rules: Rules { is_exclusion, rules },
            known: SchemaMap::default(),
        })),
        _ => Err(problems),
    }
}
