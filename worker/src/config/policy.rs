//! [`OverridePolicy`]: which Kafka client settings a connector may set for itself (KIP-458).

use connector_api::ConfigMap;

use super::client::ClientKind;

/// The value of `connector.client.config.override.policy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OverridePolicy {
    /// Any setting.
    All,
    /// No setting.
    None,
    /// The credentials only.
    Principal,
    /// These settings.
    Allowlist(Vec<String>),
}

impl OverridePolicy {
    /// The policy of this name: Kafka Connect's class, or the word that it begins with, in any case.
    pub(crate) fn new(policy: &str, allowlist: &str) -> Self {
        let class = policy.rsplit('.').next().unwrap_or_default().to_lowercase();
        match class.trim_end_matches("connectorclientconfigoverridepolicy") {
            "none" => OverridePolicy::None,
            "principal" => OverridePolicy::Principal,
            "allowlist" => OverridePolicy::Allowlist(
                allowlist
                    .split(',')
                    .map(|key| key.trim().to_owned())
                    .filter(|key| !key.is_empty())
                    .collect(),
            ),
            _ => OverridePolicy::All,
        }
    }

    fn allows(&self, key: &str) -> bool {
        match self {
            OverridePolicy::All => true,
            OverridePolicy::None => false,
            OverridePolicy::Principal => matches!(key, "security.protocol" | "sasl.jaas.config" | "sasl.mechanism"),
            OverridePolicy::Allowlist(keys) => keys.iter().any(|allowed| allowed == key),
        }
    }

    /// The overrides of a connector's configuration for clients of `kind`, without their prefix.
    pub fn overrides(kind: ClientKind, connector: &ConfigMap) -> ConfigMap {
        super::below(connector, override_prefix(kind))
    }

    /// Keys of `connector` that are not allowed, each with a sentence.
    pub fn violations(&self, connector: &ConfigMap) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for kind in [ClientKind::Producer, ClientKind::Consumer, ClientKind::Admin] {
            let prefix = override_prefix(kind);
            for key in connector
                .keys()
                .filter_map(|key| key.strip_prefix(prefix))
                .filter(|key| !self.allows(key))
            {
                let sentence = format!(
                    "The '{}' policy does not allow '{key}' to be overridden in the connector configuration.",
                    self.name()
                );
                found.push((format!("{prefix}{key}"), sentence));
            }
        }
        found
    }

    fn name(&self) -> &'static str {
        match self {
            OverridePolicy::All => "All",
            OverridePolicy::None => "None",
            OverridePolicy::Principal => "Principal",
            OverridePolicy::Allowlist(_) => "Allowlist",
        }
    }
}

fn override_prefix(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Producer => "producer.override.",
        ClientKind::Consumer => "consumer.override.",
        ClientKind::Admin => "admin.override.",
    }
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::OverridePolicy;

    #[test]
    fn each_policy_allows_what_its_name_says() {
        let connector = ConfigMap::from([
            ("producer.override.linger.ms".to_owned(), "5".to_owned()),
            ("consumer.override.sasl.mechanism".to_owned(), "PLAIN".to_owned()),
            ("database.hostname".to_owned(), "db".to_owned()),
        ]);
        let refused = |policy: &str, list: &str| -> Vec<String> {
            OverridePolicy::new(policy, list)
                .violations(&connector)
                .into_iter()
                .map(|(key, _)| key)
                .collect()
        };
        assert_eq!(refused("All", ""), Vec::<String>::new());
        assert_eq!(
            refused("none", ""),
            ["producer.override.linger.ms", "consumer.override.sasl.mechanism"]
        );
        assert_eq!(refused("Principal", ""), ["producer.override.linger.ms"]);
        let class = "org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy";
        assert_eq!(refused(class, ""), refused("none", ""));
        assert_eq!(
            refused("Allowlist", "linger.ms, acks"),
            ["consumer.override.sasl.mechanism"]
        );
    }
}
