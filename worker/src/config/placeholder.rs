//! Placeholders of config providers, such as `${file:/etc/secrets:password}` (KIP-297).
//!
//! There are no config providers here yet. A placeholder that stayed text would be looked up as a host or offered as a
//! password, and no error would name the cause; so it is refused wherever it stands, by its key.

use std::sync::LazyLock;

use connector_api::ConfigMap;
use regex::Regex;

/// `${provider:key}` and `${provider:path:key}`, as Kafka's ConfigTransformer finds them.
static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\$\{([^}:]*):[^}]*\}").expect("a valid expression"));

/// The name of the provider that `value` asks for, if it holds a placeholder.
pub(crate) fn provider(value: &str) -> Option<&str> {
    let found = PLACEHOLDER.captures(value)?;
    found.get(1).map(|name| name.as_str())
}

/// What is wrong with every value that holds a placeholder, after its key.
pub(crate) fn problems(config: &ConfigMap) -> Vec<(&str, String)> {
    let placeholders = config
        .iter()
        .filter_map(|(key, value)| Some((key.as_str(), provider(value)?)));
    placeholders.map(|(key, provider)| (key, refusal(provider))).collect()
}

fn refusal(provider: &str) -> String {
    format!(
        "it holds a placeholder of the config provider `{provider}`; config providers are not supported yet: write the value \
         itself"
    )
}

#[cfg(test)]
mod tests {
    use super::provider;

    #[test]
    fn placeholders_are_found_as_kafka_finds_them() {
        for (value, expected) in [
            ("${env:MYSQL_HOST}", Some("env")),
            ("jdbc:${file:/opt/a.properties:user}@x", Some("file")),
            ("${secrets:ns/name:password}", Some("secrets")),
            ("${directory:/a:b} and ${env:c}", Some("directory")),
            ("outbox.${routedByValue}", None),
            ("$1-${1}-{a:b}-$", None),
            ("${", None),
            ("${a:b", None),
        ] {
            assert_eq!(provider(value), expected, "{value}");
        }
    }
}
