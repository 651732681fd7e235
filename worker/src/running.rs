//! [`Running`]: what this worker runs, as it was last asked to. The worker keeps it; `herder::reconcile` compares it with what
//! should run.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::store::ConnectorTaskId;
use crate::store::config::{Properties, TargetState};

/// A connector that this worker runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunningConnector {
    /// The configuration it was started with.
    pub(crate) properties: Arc<Properties>,
    /// The state that was last asked of it.
    pub(crate) target: TargetState,
    /// How many task configurations it made since it was started or resumed; `None`: it was not asked yet.
    pub(crate) made_tasks: Option<usize>,
}

/// A task that this worker runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunningTask {
    /// The configuration it was started with.
    pub(crate) properties: Arc<Properties>,
    /// Whether it was last asked to pause.
    pub(crate) is_paused: bool,
}

/// What this worker runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) connectors: BTreeMap<String, RunningConnector>,
    pub(crate) tasks: BTreeMap<ConnectorTaskId, RunningTask>,
}
