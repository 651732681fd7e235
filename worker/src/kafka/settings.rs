//! [`ClientSettings`]: settings of one client under the client library's own names.

use std::collections::BTreeMap;

use rdkafka::ClientConfig;

/// Settings of a Kafka client, in librdkafka's names. Made from Java's names by `config::client`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ClientSettings(pub BTreeMap<String, String>);

impl ClientSettings {
    /// The same settings with `key` set to `value`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// The same settings with `key` set to `value` unless the user has set it.
    #[must_use]
    pub fn with_default(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.entry(key.to_owned()).or_insert_with(|| value.into());
        self
    }

    /// A setting's value.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The library's configuration, without the keys for which `skip` holds.
    pub(super) fn to_config(&self, skip: &[&str]) -> ClientConfig {
        let mut config = ClientConfig::new();
        for (key, value) in &self.0 {
            if !skip.contains(&key.as_str()) {
                config.set(key, value);
            }
        }
        config
    }
}

/// Secrets are among the settings, so only the names are shown.
impl std::fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
