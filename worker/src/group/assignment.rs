//! [`Assignment`]: what one worker runs in one generation.

use std::collections::BTreeSet;

use crate::store::ConnectorTaskId;
use crate::store::config::ClusterConfig;

/// Connectors and tasks of one worker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assignment {
    /// The generation in which it is valid.
    pub generation: i32,
    /// Names of the connectors that this worker runs.
    pub connectors: BTreeSet<String>,
    /// The tasks that this worker runs.
    pub tasks: BTreeSet<ConnectorTaskId>,
}

impl Assignment {
    /// Everything that `config` knows.
    pub(super) fn of_everything(config: &ClusterConfig, generation: i32) -> Self {
        let connectors: BTreeSet<String> = config.connectors().map(str::to_owned).collect();
        let tasks = connectors.iter().flat_map(|name| {
            let count = config.connector(name).map_or(0, |view| view.tasks().len());
            (0..u32::try_from(count).unwrap_or(u32::MAX)).map(move |task| ConnectorTaskId::new(name, task))
        });
        Assignment {
            generation,
            tasks: tasks.collect(),
            connectors,
        }
    }
}
