//! [`Reader`]: the values of a worker.properties file, and everything that is wrong with them.

use std::fmt::Display;
use std::time::Duration;

use connector_api::ConfigMap;
use connector_api::config::{ConfigProblem, nearest_name};

use super::definition::{self, Handling, Key, Kind};
use super::{
    Advertised, ClientKind, ExactlyOnce, InternalTopic, Listener, OverridePolicy, TranslatedClient, below, client,
    header_converter, prefix, top_level,
};

/// Reads values and collects what is wrong with them.
pub(super) struct Reader<'a> {
    properties: &'a ConfigMap,
    pub(super) problems: Vec<ConfigProblem>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Looks at every key that was given; values are read afterwards, one by one.
    pub(super) fn new(properties: &'a ConfigMap) -> Self {
        let mut reader = Reader {
            properties,
            problems: Vec::new(),
            warnings: Vec::new(),
        };
        reader.look_at_every_key();
        reader
    }

    fn look_at_every_key(&mut self) {
        for (name, value) in self.properties {
            match definition::find(name) {
                Some(key) => self.look_at(key, value.trim()),
                None if client::is_client_key(name) => {}
                None if definition::PREFIXES.iter().any(|prefix| name.starts_with(prefix)) => {}
                None if name.starts_with("listeners.https.") => {}
                None => {
                    let known = definition::KEYS.iter().map(|key| key.name).chain(client::client_keys());
                    let hint = nearest_name(name, known)
                        .map(|near| format!("; did you mean `{near}`?"))
                        .unwrap_or_default();
                    self.warnings
                        .push(format!("`{name}` is not a known worker property and is ignored{hint}"));
                }
            }
        }
    }

    fn look_at(&mut self, key: &Key, value: &str) {
        let problem = match (key.handling, key.kind) {
            (Handling::Refused(_), _) if value.is_empty() => None,
            (Handling::Refused(remedy), _) => Some(remedy.to_owned()),
            (Handling::Ignored(reason), _) => {
                self.warnings.push(format!("`{}` is ignored: {reason}", key.name));
                None
            }
            (Handling::Honoured, Kind::Text) => None,
            (Handling::Honoured, Kind::Boolean) if is_boolean(value) => None,
            (Handling::Honoured, Kind::Boolean) => Some(format!("`{value}` is neither true nor false")),
            (Handling::Honoured, Kind::Number(low, high)) => match value.parse::<i64>() {
                Ok(number) if (low..=high).contains(&number) => None,
                _ => Some(format!("`{value}` is not a number from {low} to {high}")),
            },
            (Handling::Honoured, Kind::Word(words)) if words.iter().any(|word| word.eq_ignore_ascii_case(value)) => {
                None
            }
            (Handling::Honoured, Kind::Word(words)) => Some(format!("`{value}` is not one of {}", words.join(", "))),
        };
        if let Some(problem) = problem {
            self.problem(key.name, problem);
        }
    }

    /// Placeholders that stayed text. What else is wrong with such a key is wrong with the placeholder.
    pub(super) fn unresolved(&mut self, unresolved: &[(String, String)]) {
        self.problems
            .retain(|problem| unresolved.iter().all(|(key, _)| *key != problem.key));
        for (key, problem) in unresolved {
            self.problem(key, problem);
        }
    }

    fn problem(&mut self, key: &str, text: impl Display) {
        self.problems.push(client::about(key, text));
    }

    /// The value given for `name`, or its default.
    fn value(&self, name: &str) -> Option<&'a str> {
        let given = self.properties.get(name).map(|value| value.trim());
        given.or_else(|| definition::find(name).and_then(|key| key.default))
    }

    pub(super) fn required(&mut self, name: &str) -> String {
        match self.value(name).filter(|value| !value.is_empty()) {
            Some(value) => value.to_owned(),
            None => {
                let missing = format!("`{name}` is missing and has no default");
                self.problems.push(ConfigProblem::new(name, missing));
                String::new()
            }
        }
    }

    pub(super) fn non_empty(&self, name: &str) -> Option<String> {
        self.value(name).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// A number that [`look_at`](Self::look_at) has already checked; a wrong one is reported there.
    fn number(&self, name: &str) -> i64 {
        self.value(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    pub(super) fn milliseconds(&self, name: &str) -> Duration {
        Duration::from_millis(u64::try_from(self.number(name)).unwrap_or(0))
    }

    pub(super) fn boolean(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(super) fn topic(&mut self, store: &str, partitions: Option<i32>) -> InternalTopic {
        let settings = below(self.properties, &format!("{store}."))
            .into_iter()
            .filter(|(key, _)| {
                !matches!(
                    key.as_str(),
                    "topic" | "partitions" | "replication.factor" | "cleanup.policy"
                )
            })
            .collect();
        InternalTopic {
            name: self.required(&format!("{store}.topic")),
            partitions: partitions
                .unwrap_or_else(|| self.number(&format!("{store}.partitions")).try_into().unwrap_or(-1)),
            replication_factor: self
                .number(&format!("{store}.replication.factor"))
                .try_into()
                .unwrap_or(-1),
            settings,
        }
    }

    pub(super) fn exactly_once(&self) -> ExactlyOnce {
        match self
            .value("exactly.once.source.support")
            .map(str::to_lowercase)
            .as_deref()
        {
            Some("disabled") => ExactlyOnce::Disabled,
            Some("preparing") => ExactlyOnce::Preparing,
            _ => ExactlyOnce::Enabled,
        }
    }

    pub(super) fn listeners(&mut self) -> Vec<Listener> {
        match Listener::parse_list(self.value("listeners").unwrap_or_default()) {
            Ok(listeners) => {
                let open = listeners.iter().find(|listener| !listener.is_loopback());
                if let Some(listener) = open.filter(|_| self.properties.contains_key("listeners")) {
                    self.warnings.push(format!(
                        "REST listens on {listener} without authentication: who reaches it controls the connectors and reads \
                         their passwords; set `listeners=http://127.0.0.1:{}` or put an authenticating proxy before it",
                        listener.port
                    ));
                }
                listeners
            }
            Err(problem) => {
                self.problem("listeners", problem);
                Vec::new()
            }
        }
    }

    pub(super) fn advertised(&mut self, listeners: &[Listener]) -> Advertised {
        if self
            .value("rest.advertised.listener")
            .is_some_and(|listener| listener.eq_ignore_ascii_case("https"))
        {
            self.problem("rest.advertised.listener", "https is not supported, use http");
        }
        let port = self.value("rest.advertised.port").and_then(|port| port.parse().ok());
        Advertised::new(listeners, self.non_empty("rest.advertised.host.name"), port)
    }

    pub(super) fn admin_endpoints(&mut self) -> bool {
        match self.properties.get("admin.listeners").map(|value| value.trim()) {
            None => true,
            Some("") => false,
            Some(_) => {
                self.problem(
                    "admin.listeners",
                    "a listener of its own is not supported; leave the key out, or empty to turn /admin off",
                );
                true
            }
        }
    }

    pub(super) fn override_policy(&self) -> OverridePolicy {
        OverridePolicy::new(
            self.value("connector.client.config.override.policy")
                .unwrap_or_default(),
            self.value("connector.client.config.override.allowlist")
                .unwrap_or_default(),
        )
    }

    pub(super) fn header_converter(&mut self) {
        const KEY: &str = "header.converter";
        let class = self.value(KEY).unwrap_or_default();
        for problem in header_converter::problems(class, &below(self.properties, "header.converter.")) {
            match problem.key == KEY {
                true => self.problem(KEY, problem.message),
                false => self.problem(&format!("{KEY}.{}", problem.key), problem.message),
            }
        }
    }

    /// Client settings are translated when a client is made; their problems and warnings belong to the start.
    pub(super) fn check_clients(&mut self) {
        let top = top_level(self.properties);
        for kind in [ClientKind::Producer, ClientKind::Consumer, ClientKind::Admin] {
            self.check_client(kind, &top);
            self.check_client(kind, &client::layer(&[&top, &below(self.properties, prefix(kind))]));
        }
        self.warnings.sort();
        self.warnings.dedup();
        self.problems.sort();
        self.problems.dedup();
    }

    fn check_client(&mut self, kind: ClientKind, java: &ConfigMap) {
        match client::translate_for(kind, java) {
            Ok(translated) => {
                let TranslatedClient { settings, warnings } = self.exactly_once().fitted(translated);
                self.problems.extend(client::refusal(kind, &settings, java));
                self.warnings
                    .extend(warnings.into_iter().map(|warning| warning.message));
            }
            Err(problems) => self.problems.extend(problems),
        }
    }
}

fn is_boolean(value: &str) -> bool {
    value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false")
}
