//! The clients of a connector's own log, such as its schema history, checked before a task opens it.

use connector_api::{ConfigMap, ConfiguredLog};

use super::client::{self, layer_log, translate_for};
use super::{ClientKind, OverridePolicy, WorkerConfig};

/// What is wrong with the settings of `log`, after their keys. Clients are made of them, which connect to nothing.
pub(crate) fn problems(worker: &WorkerConfig, connector: &ConfigMap, log: &ConfiguredLog) -> Vec<(String, String)> {
    let kinds = [
        (ClientKind::Producer, &log.options.producer, log.producer_prefix),
        (ClientKind::Consumer, &log.options.consumer, log.consumer_prefix),
    ];
    let mut found = Vec::new();
    for (kind, own, prefix) in kinds {
        // What is wrong below is reported where it stands.
        let Ok(below) = worker.connector_client(kind, &OverridePolicy::overrides(kind, connector)) else {
            continue;
        };
        let java = layer_log(&below.java, log.options.bootstrap_servers.as_deref(), own);
        let problems = match translate_for(kind, &java) {
            Ok(translated) => client::refusal(kind, &translated.settings, &java).into_iter().collect(),
            Err(problems) => problems,
        };
        found.extend(
            problems
                .into_iter()
                .map(|problem| (format!("{prefix}{}", problem.key), problem.message)),
        );
    }
    found
}
