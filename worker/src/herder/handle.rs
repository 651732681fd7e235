//! [`HerderHandle`]: what REST may ask. Reads answer from the stores at once; writes go to the herder's loop.

use std::sync::Arc;
use std::time::Duration;

use connector_api::{ConfigMap, SourceOffset, SourcePartition};
use tokio::sync::{mpsc, oneshot};

use super::answers::{ConnectorInfo, ConnectorStatus, TaskInfo, TaskState};
use super::requests::Reply;
use super::{HerderError, OffsetChange, Put, Request, RestartPlan};
use crate::config::WorkerConfig;
use crate::connector_plugins::ConnectorPlugins;
use crate::store::config::{ClusterConfig, Properties, RestartRequest, TargetState};
use crate::store::status::State;
use crate::store::{ConnectorTaskId, Stores};
use crate::validation::{self, Validation, ValidationError};

/// How long a request may take, as in Kafka Connect.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(90);

/// Asks the herder. Cheap to clone.
#[derive(Clone)]
pub struct HerderHandle {
    config: Arc<WorkerConfig>,
    plugins: ConnectorPlugins,
    stores: Stores,
    requests: mpsc::Sender<Request>,
}

impl HerderHandle {
    pub(super) fn new(
        config: Arc<WorkerConfig>,
        plugins: ConnectorPlugins,
        stores: Stores,
        requests: mpsc::Sender<Request>,
    ) -> Self {
        HerderHandle {
            config,
            plugins,
            stores,
            requests,
        }
    }

    /// The worker's configuration.
    pub fn worker_config(&self) -> &WorkerConfig {
        &self.config
    }

    /// The connectors there are.
    pub fn plugins(&self) -> &ConnectorPlugins {
        &self.plugins
    }

    /// The Kafka cluster's id.
    pub fn cluster_id(&self) -> &str {
        &self.stores.cluster_id
    }

    fn cluster(&self) -> Arc<ClusterConfig> {
        self.stores.configs.current()
    }

    fn kind(&self, cluster: &ClusterConfig, name: &str) -> &'static str {
        let class = cluster
            .connector(name)
            .and_then(|view| view.properties().value("connector.class"));
        if class.is_some_and(|class| self.plugins.find(class).is_some()) {
            "source"
        } else {
            "unknown"
        }
    }

    /// The names of all connectors.
    pub fn connectors(&self) -> Vec<String> {
        self.cluster().connectors().map(str::to_owned).collect()
    }

    /// A connector.
    pub fn connector(&self, name: &str) -> Result<ConnectorInfo, HerderError> {
        let cluster = self.cluster();
        let view = cluster.connector(name).ok_or_else(|| not_found(name))?;
        Ok(ConnectorInfo {
            name: name.to_owned(),
            config: Arc::clone(view.properties()),
            tasks: (0..)
                .zip(view.tasks())
                .map(|(task, _)| ConnectorTaskId::new(name, task))
                .collect(),
            kind: self.kind(&cluster, name),
        })
    }

    /// A connector's tasks.
    pub fn tasks(&self, name: &str) -> Result<Vec<TaskInfo>, HerderError> {
        let cluster = self.cluster();
        let view = cluster.connector(name).ok_or_else(|| not_found(name))?;
        let tasks = (0..).zip(view.tasks()).map(|(task, properties)| TaskInfo {
            id: ConnectorTaskId::new(name, task),
            config: Arc::clone(properties),
        });
        Ok(tasks.collect())
    }

    /// The states of a connector and its tasks.
    pub fn status(&self, name: &str) -> Result<ConnectorStatus, HerderError> {
        let status = self.stores.statuses.connector(name);
        let status = status.ok_or_else(|| HerderError::NotFound(format!("No status found for connector {name}")))?;
        Ok(ConnectorStatus::new(
            name,
            status,
            self.stores.statuses.tasks(name),
            self.kind(&self.cluster(), name),
        ))
    }

    /// The state of a task.
    pub fn task_status(&self, id: &ConnectorTaskId) -> Result<TaskState, HerderError> {
        let status = self.stores.statuses.task(id);
        let status = status.ok_or_else(|| HerderError::NotFound(format!("No status found for task {id}")))?;
        Ok(TaskState::new(id.task, status))
    }

    /// The topics a connector has written to.
    pub fn topics(&self, name: &str) -> Vec<String> {
        self.stores.statuses.topics(name)
    }

    /// Forgets the topics a connector has written to.
    pub fn reset_topics(&self, name: &str) {
        self.stores.statuses.reset_topics(name);
    }

    /// A connector's offsets.
    pub fn offsets(&self, name: &str) -> Result<Vec<(SourcePartition, SourceOffset)>, HerderError> {
        self.cluster().connector(name).ok_or_else(|| not_found(name))?;
        Ok(self.stores.offsets.offsets(name))
    }

    /// Checks a configuration; may connect to the source.
    pub async fn validate(&self, config: ConfigMap) -> Result<Validation, ValidationError> {
        let (worker, plugins) = (Arc::clone(&self.config), self.plugins.clone());
        let validated = tokio::task::spawn_blocking(move || validation::validate(&worker, &plugins, &config));
        validated
            .await
            .unwrap_or_else(|error| Err(ValidationError::Panicked(error.to_string())))
    }

    /// Everything worth knowing about a connector: of its configuration, and of its source, which is asked.
    pub async fn check(&self, config: ConfigMap) -> Vec<String> {
        let (worker, plugins) = (Arc::clone(&self.config), self.plugins.clone());
        let checked = tokio::task::spawn_blocking(move || validation::check(&worker, &plugins, &config));
        checked
            .await
            .unwrap_or_else(|error| vec![format!("the connector panicked while it was asked: {error}")])
    }

    /// Whether the herder's loop answers within `limit`.
    pub async fn is_responsive(&self, limit: Duration) -> bool {
        let asked = self.ask(Request::SignOfLife);
        matches!(tokio::time::timeout(limit, asked).await, Ok(Ok(())))
    }

    /// Creates a connector from a validated configuration.
    pub async fn create(
        &self,
        name: &str,
        properties: Properties,
        target: Option<TargetState>,
    ) -> Result<Put, HerderError> {
        self.ask(|reply| Request::Create {
            name: name.to_owned(),
            properties,
            target,
            reply,
        })
        .await
    }

    /// Creates or changes a connector from a validated configuration.
    pub async fn put(&self, name: &str, properties: Properties) -> Result<Put, HerderError> {
        self.ask(|reply| Request::Put {
            name: name.to_owned(),
            properties,
            reply,
        })
        .await
    }

    /// Deletes a connector.
    pub async fn delete(&self, name: &str) -> Result<(), HerderError> {
        self.ask(|reply| Request::Delete(name.to_owned(), reply)).await
    }

    /// Pauses, resumes or stops a connector.
    pub async fn set_target(&self, name: &str, target: TargetState) -> Result<(), HerderError> {
        self.ask(|reply| Request::SetTarget(name.to_owned(), target, reply))
            .await
    }

    /// Starts a connector again. The answer shows what is planned as RESTARTING.
    pub async fn restart(&self, name: &str, request: RestartRequest) -> Result<ConnectorStatus, HerderError> {
        let plan: RestartPlan = self
            .ask(|reply| Request::Restart(name.to_owned(), request, reply))
            .await?;
        let mut status = self.status(name)?;
        if plan.connector {
            status.connector.state = State::Restarting;
            status.connector.trace = None;
        }
        for task in status.tasks.iter_mut().filter(|task| plan.tasks.contains(&task.id)) {
            task.state = State::Restarting;
            task.trace = None;
        }
        Ok(status)
    }

    /// Starts a task again.
    pub async fn restart_task(&self, id: ConnectorTaskId) -> Result<(), HerderError> {
        self.ask(|reply| Request::RestartTask(id, reply)).await
    }

    /// Changes a stopped connector's offsets.
    pub async fn change_offsets(&self, name: &str, change: OffsetChange) -> Result<(), HerderError> {
        self.ask(|reply| Request::ChangeOffsets(name.to_owned(), change, reply))
            .await
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, HerderError> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.requests.send(request(reply)).await.map_err(|_| stopping())?;
            answer.await.map_err(|_| stopping())?
        };
        tokio::time::timeout(REQUEST_TIMEOUT, asked).await.unwrap_or_else(|_| {
            Err(HerderError::TimedOut(
                "waiting for the Kafka cluster to take a write.".to_owned(),
            ))
        })
    }
}

fn not_found(name: &str) -> HerderError {
    HerderError::NotFound(format!("Connector {name} not found"))
}

fn stopping() -> HerderError {
    HerderError::Store(crate::store::StoreError::Stopping)
}
