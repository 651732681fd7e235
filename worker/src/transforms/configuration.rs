//! From a connector's configuration to its transforms: [`keys`] and [`chain`].
//!
//! `transforms` and `predicates` list aliases; `transforms.ALIAS.*` are the options of one. Names, order and texts of the keys
//! are those of Kafka Connect's `ConnectorConfig.enrich`.

use connector_api::ConfigMap;
use connector_api::config::{ConfigDef, ConfigKey, ConfigProblem, ConfigType, Importance, Width};

use super::chain::{Condition, Step, Transform, TransformChain};
use super::classes::{Class, PREDICATES, TRANSFORMS};
use super::predicate::Predicate;

/// A family of classes under one key.
struct Family<T: 'static> {
    key: &'static str,
    noun: &'static str,
    group: &'static str,
    title: &'static str,
    classes: &'static [Class<T>],
}

const TRANSFORM: Family<Box<dyn Transform>> = Family {
    key: "transforms",
    noun: "transformation",
    group: "Transforms",
    title: "Transformation",
    classes: TRANSFORMS,
};
const PREDICATE: Family<Predicate> = Family {
    key: "predicates",
    noun: "predicate",
    group: "Predicates",
    title: "Predicate",
    classes: PREDICATES,
};

/// The keys of all transforms and predicates that `config` lists.
pub fn keys(config: &ConfigMap) -> Vec<ConfigKey> {
    let transforms = aliases(config, TRANSFORM.key);
    let predicates = aliases(config, PREDICATE.key);
    let transforms = transforms
        .iter()
        .flat_map(|alias| TRANSFORM.keys(config, alias, conditions()));
    let predicates = predicates
        .iter()
        .flat_map(|alias| PREDICATE.keys(config, alias, Vec::new()));
    transforms.chain(predicates).collect()
}

/// The transforms that `config` lists.
///
/// # Errors
/// Every problem, by the full key, in sentences.
pub fn chain(config: &ConfigMap) -> Result<TransformChain, Vec<ConfigProblem>> {
    let mut problems = Vec::new();
    let mut steps = Vec::new();
    for alias in unique_aliases(config, PREDICATE.key, &mut problems) {
        // One that no transform refers to is built for its problems.
        problems.extend(PREDICATE.build(config, &alias, Vec::new()).err().into_iter().flatten());
    }
    for alias in unique_aliases(config, TRANSFORM.key, &mut problems) {
        match step(config, alias) {
            Ok(step) => steps.push(step),
            Err(found) => problems.extend(found),
        }
    }
    problems.dedup();
    if problems.is_empty() {
        Ok(TransformChain::new(steps))
    } else {
        Err(problems)
    }
}

fn step(config: &ConfigMap, alias: String) -> Result<Step, Vec<ConfigProblem>> {
    let condition = condition(config, &alias);
    let (class, transform) = TRANSFORM.build(config, &alias, conditions())?;
    Ok(Step {
        alias,
        class,
        predicate: condition?,
        transform,
    })
}

fn condition(config: &ConfigMap, alias: &str) -> Result<Option<Condition>, Vec<ConfigProblem>> {
    let option = |name: &str| {
        config
            .get(&format!("transforms.{alias}.{name}"))
            .map(|text| text.trim())
    };
    let Some(predicate) = option(PREDICATE_OPTION).filter(|name| !name.is_empty()) else {
        return match option(NEGATE) {
            None => Ok(None),
            Some(_) => Err(vec![invalid(
                &format!("transforms.{alias}.{NEGATE}"),
                &format!("there is nothing to negate; name a predicate in transforms.{alias}.{PREDICATE_OPTION}"),
            )]),
        };
    };
    if !aliases(config, PREDICATE.key).iter().any(|known| known == predicate) {
        return Err(vec![invalid(
            &format!("transforms.{alias}.{PREDICATE_OPTION}"),
            &format!("{predicate} is not one of the aliases in `predicates`"),
        )]);
    }
    let (_, predicate) = PREDICATE.build(config, predicate, Vec::new())?;
    Ok(Some(Condition {
        predicate,
        negate: option(NEGATE).is_some_and(|text| text.eq_ignore_ascii_case("true")),
    }))
}

/// Why a key below `transforms` or `predicates` that is not one of [`keys`] does nothing; `None` if it is none of these.
pub fn unknown(key: &str, config: &ConfigMap) -> Option<String> {
    TRANSFORM
        .unknown(key, config)
        .or_else(|| PREDICATE.unknown(key, config))
}

const PREDICATE_OPTION: &str = "predicate";
const NEGATE: &str = "negate";

/// What every transform has beside the options of its class.
fn conditions() -> Vec<ConfigKey> {
    let doc = "The alias of a predicate: only records for which it holds pass through the transform.";
    let predicate = ConfigKey::new(PREDICATE_OPTION, ConfigType::String, doc);
    let doc = "Whether it is the records for which the predicate does not hold.";
    let negate = ConfigKey::new(NEGATE, ConfigType::Boolean, doc).default_value("false");
    vec![predicate, negate]
}

/// The aliases in the list `key`, in order.
fn aliases(config: &ConfigMap, key: &str) -> Vec<String> {
    let listed = config.get(key).map(String::as_str).unwrap_or_default().split(',');
    let aliases = listed.map(str::trim).filter(|alias| !alias.is_empty());
    aliases.map(str::to_owned).collect()
}

fn unique_aliases(config: &ConfigMap, key: &str, problems: &mut Vec<ConfigProblem>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for alias in aliases(config, key) {
        match unique.contains(&alias) {
            true => problems.push(invalid(key, &format!("`{alias}` is listed twice"))),
            false => unique.push(alias),
        }
    }
    unique
}

fn invalid(key: &str, reason: &str) -> ConfigProblem {
    ConfigProblem::new(key, format!("Invalid value for configuration {key}: {reason}"))
}

impl<T> Family<T> {
    /// The keys of one alias: what all have, and the options of its class.
    fn keys(&self, config: &ConfigMap, alias: &str, more: Vec<ConfigKey>) -> Vec<ConfigKey> {
        let (prefix, group) = (format!("{}.{alias}.", self.key), format!("{}: {alias}", self.group));
        let doc = format!("Class for the '{alias}' {}.", self.noun);
        let class = ConfigKey::new(format!("{prefix}type"), ConfigType::Class, doc)
            .display_name(format!("{} type for {alias}", self.title))
            .required()
            .importance(Importance::High)
            .width(Width::Long)
            .recommended(self.classes.iter().map(|class| class.name))
            .in_group(group.clone(), 0);
        let mut keys = vec![class];
        if let Ok(class) = self.class(config, alias) {
            let doc = format!("Version of the '{alias}' {}.", self.noun);
            let version = ConfigKey::new(format!("{prefix}plugin.version"), ConfigType::String, doc)
                .display_name(format!("{} version for {alias}", self.title))
                .default_value(class.version)
                .importance(Importance::High)
                .width(Width::Long)
                .recommended([class.version]);
            let mut options: Vec<ConfigKey> = (class.keys)().into_iter().chain(more).collect();
            options.sort_by_key(|key| {
                (
                    key.order(),
                    !key.is_required(),
                    key.how_important(),
                    key.name().to_owned(),
                )
            });
            keys.push(version.in_group(group.clone(), 1));
            let ordered = options.into_iter().zip(2..);
            keys.extend(ordered.map(|(key, order)| key.embedded(&prefix, &group, order)));
        }
        keys
    }

    fn class(&self, config: &ConfigMap, alias: &str) -> Result<&'static Class<T>, ConfigProblem> {
        let key = format!("{}.{alias}.type", self.key);
        let Some(name) = config.get(&key).map(|name| name.trim()).filter(|name| !name.is_empty()) else {
            let message = format!("Missing required configuration \"{key}\" which has no default value.");
            return Err(ConfigProblem::new(key, message));
        };
        Class::find(self.classes, name).ok_or_else(|| {
            let known: Vec<&str> = self.classes.iter().map(|class| class.name).collect();
            let known = known.join(", ");
            let message = format!(
                "Invalid value {name} for configuration {key}: Class {name} could not be found. There are: {known}"
            );
            ConfigProblem::new(key, message)
        })
    }

    fn unknown(&self, key: &str, config: &ConfigMap) -> Option<String> {
        let rest = key.strip_prefix(self.key)?.strip_prefix('.')?;
        let alias = aliases(config, self.key).into_iter().find(|alias| {
            rest.strip_prefix(alias.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
        });
        let Some(alias) = alias else {
            return Some(format!("no alias in `{}` has it", self.key));
        };
        let class = self.class(config, &alias).ok()?;
        let option = &rest[alias.len() + 1..];
        if (class.unlisted)().iter().any(|key| key.name() == option) {
            return None;
        }
        Some(match class.former.iter().find(|(former, _)| *former == option) {
            Some((_, today)) => format!("{} of today has `{today}` in its place", class.name),
            None => format!("{} has no such option", class.name),
        })
    }

    /// What one alias stands for, with the name of its class; `more` options are checked with those of the class.
    fn build(
        &self,
        config: &ConfigMap,
        alias: &str,
        more: Vec<ConfigKey>,
    ) -> Result<(&'static str, T), Vec<ConfigProblem>> {
        let class = self.class(config, alias).map_err(|problem| vec![problem])?;
        let prefix = format!("{}.{alias}.", self.key);
        let options: ConfigMap = config
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?.to_owned(), value.clone())))
            .collect();
        let full = |key: &str| format!("{prefix}{key}");
        let parsed = ConfigDef::new((class.keys)().into_iter().chain((class.unlisted)()).chain(more))
            .parse(&options)
            .map_err(|problems| {
                let problems = problems.into_iter();
                problems
                    .map(|problem| ConfigProblem::new(full(&problem.key), problem.message))
                    .collect::<Vec<_>>()
            })?;
        let built = (class.build)(&parsed).map_err(|problems| {
            let problems = problems.into_iter();
            problems
                .map(|problem| invalid(&full(&problem.key), &problem.message))
                .collect::<Vec<_>>()
        })?;
        Ok((class.name, built))
    }
}

#[cfg(test)]
mod tests;
