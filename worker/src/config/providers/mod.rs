//! [`ConfigProviders`]: what `${alias:path:key}` in a value stands for (KIP-297), and who may know it.
//!
//! A provider is there only if `config.providers` of worker.properties names it. The worker's own keys are resolved once, at
//! its start. A connector's are resolved where they are used, to validate and to start, and nowhere kept: what is stored, and
//! what REST shows, is the placeholder. What was read is kept out of every text, too ([`crate::concealed`]).

mod allowed_paths;
mod placeholder;
mod source;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use connector_api::ConfigMap;
use connector_api::config::ConfigProblem;

use super::{below, client};
use crate::concealed;
use placeholder::{Placeholder, placeholders, replace};
use source::{FilesRead, Source};

/// What the keys that configure the providers begin with. Their own values are not resolved, as in Kafka.
const KEYS: &str = "config.providers";

/// The config providers of a worker, by their aliases.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConfigProviders {
    by_alias: BTreeMap<String, Provider>,
}

#[derive(Debug, Clone)]
enum Provider {
    Known(Source),
    /// Why the alias resolves nothing.
    Unusable(String),
}

/// A configuration whose placeholders were looked up.
#[derive(Clone)]
pub(crate) struct Resolved {
    /// With what they stand for; those that cannot be resolved are there as they stood.
    pub(crate) config: ConfigMap,
    /// Which placeholders cannot be resolved, and why, after their keys.
    pub(crate) problems: Vec<(String, String)>,
}

impl ConfigProviders {
    /// Reads `config.providers` and the keys below it.
    pub(super) fn new(properties: &ConfigMap) -> Result<Self, Vec<ConfigProblem>> {
        let aliases = properties.get(KEYS).map(String::as_str).unwrap_or_default().split(',');
        let mut problems = Vec::new();
        let mut by_alias = BTreeMap::new();
        for alias in aliases.map(str::trim).filter(|alias| !alias.is_empty()) {
            let class = format!("{KEYS}.{alias}.class");
            let params = below(properties, &format!("{KEYS}.{alias}.param."));
            let provider = match properties.get(&class).map(|class| class.trim()) {
                None => Provider::Unusable(format!(
                    "it has no class: `{class}` is missing in the worker's properties"
                )),
                Some(named) => match Source::new(named, &params) {
                    None => Provider::Unusable(format!(
                        "its class {named} is not there; there are FileConfigProvider, DirectoryConfigProvider and \
                         EnvVarConfigProvider of org.apache.kafka.common.config.provider"
                    )),
                    Some(Ok(source)) => Provider::Known(source),
                    Some(Err((key, problem))) => {
                        problems.push(client::about(&format!("{KEYS}.{alias}.param.{key}"), problem));
                        continue;
                    }
                },
            };
            by_alias.insert(alias.to_owned(), provider);
        }
        match problems.is_empty() {
            true => Ok(ConfigProviders { by_alias }),
            false => Err(problems),
        }
    }

    /// What is worth knowing about the providers: those that resolve nothing.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        self.by_alias.iter().filter_map(|(alias, provider)| match provider {
            Provider::Known(_) => None,
            Provider::Unusable(why) => Some(format!(
                "`config.providers`: the provider `{alias}` resolves nothing, and its placeholders are refused by the keys \
                 they stand in: {why}"
            )),
        })
    }

    /// Looks up every placeholder of `config`. Reads files; what it finds is concealed from then on.
    pub(crate) fn resolve(&self, config: &ConfigMap) -> Resolved {
        let mut problems = Vec::new();
        let mut files = FilesRead::new();
        let resolved = config.iter().map(|(key, value)| {
            if is_providers_own(key) {
                return (key.clone(), value.clone());
            }
            let value = replace(value, |placeholder| match self.value(placeholder, &mut files) {
                Ok(found) => {
                    concealed::conceal_from_now_on(&found, placeholder.text);
                    found
                }
                Err(problem) => {
                    problems.push((key.clone(), problem));
                    placeholder.text.to_owned()
                }
            });
            (key.clone(), value)
        });
        Resolved {
            config: resolved.collect(),
            problems,
        }
    }

    fn value(&self, placeholder: Placeholder<'_>, files: &mut FilesRead) -> Result<String, String> {
        let (text, alias) = (placeholder.text, placeholder.provider);
        match self.by_alias.get(alias) {
            Some(Provider::Known(source)) => source
                .value(placeholder, files)
                .map_err(|why| format!("its placeholder {text} cannot be resolved: {why}")),
            Some(Provider::Unusable(why)) => Err(format!(
                "it holds a placeholder of the config provider `{alias}`, which resolves nothing: {why}"
            )),
            None => Err(format!(
                "it holds a placeholder of the config provider `{alias}`, which is not configured: name it in \
                 `config.providers` of the worker's properties, with its class, or write the value itself"
            )),
        }
    }
}

impl Resolved {
    /// The configuration, if every placeholder of it could be resolved; else one line for each that could not.
    pub(crate) fn complete(self) -> Result<ConfigMap, String> {
        if self.problems.is_empty() {
            return Ok(self.config);
        }
        let lines = self.problems.iter().map(|(key, problem)| format!("`{key}`: {problem}"));
        Err(lines.collect::<Vec<_>>().join("\n"))
    }
}

/// `made` of the resolved `config`, with the placeholders again wherever a key of `config` has them.
pub(crate) fn with_placeholders(config: &ConfigMap, mut made: ConfigMap) -> ConfigMap {
    for (key, value) in config.iter().filter(|(_, value)| has_placeholder(value)) {
        if let Some(resolved) = made.get_mut(key) {
            value.clone_into(resolved);
        }
    }
    made
}

/// Whether `value` is not what it says.
pub(crate) fn has_placeholder(value: &str) -> bool {
    placeholders(value).next().is_some()
}

fn is_providers_own(key: &str) -> bool {
    key.strip_prefix(KEYS)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
