//! [`Request`]: what REST may ask the herder to do. Most are writes to the config topic; restarts of single parts leave no
//! record, as in Kafka Connect, and a sign of life changes nothing.

use thiserror::Error;
use tokio::sync::oneshot;

use super::{Herder, OffsetChange, RestartPlan};
use crate::error::WorkerError;
use crate::store::config::{ConfigRecord, Properties, RestartRequest, TargetState};
use crate::store::{ConnectorTaskId, StoreError};

/// Why a request was not carried out. Texts are Kafka Connect's, since clients match them.
#[derive(Debug, Clone, Error)]
pub enum HerderError {
    /// What it is about does not exist.
    #[error("{0}")]
    NotFound(String),
    /// It exists already.
    #[error("{0}")]
    AlreadyExists(String),
    /// It makes no sense, or not now.
    #[error("{0}")]
    BadRequest(String),
    /// The state could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody answered in time.
    #[error("Request timed out. The worker is currently {0}")]
    TimedOut(String),
}

/// What became of a connector that was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Created,
    /// It was there.
    Replaced,
}

/// Where the answer goes.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, HerderError>>;

/// A request with the way back for its answer.
pub enum Request {
    /// Creates a connector; refused if it exists.
    Create {
        /// Its name.
        name: String,
        /// Its configuration, validated.
        properties: Properties,
        /// What it should be at first.
        target: Option<TargetState>,
        /// The answer.
        reply: Reply<Put>,
    },
    /// Creates a connector or changes its configuration.
    Put {
        /// Its name.
        name: String,
        /// Its configuration, validated.
        properties: Properties,
        /// The answer.
        reply: Reply<Put>,
    },
    /// Deletes a connector.
    Delete(String, Reply<()>),
    /// Pauses, resumes or stops a connector.
    SetTarget(String, TargetState, Reply<()>),
    /// Starts a connector again, and perhaps its tasks.
    Restart(String, RestartRequest, Reply<RestartPlan>),
    /// Starts a task again.
    RestartTask(ConnectorTaskId, Reply<()>),
    /// Changes offsets of a stopped connector.
    ChangeOffsets(String, OffsetChange, Reply<()>),
    /// Answers, as a sign that requests are taken.
    SignOfLife(Reply<()>),
}

impl Herder {
    pub(super) async fn handle_request(&mut self, request: Request) -> Result<(), WorkerError> {
        match request {
            Request::Create {
                name,
                properties,
                target,
                reply,
            } => {
                let result = self.create(name, properties, target).await;
                answer(reply, result)?;
            }
            Request::Put {
                name,
                properties,
                reply,
            } => {
                let result = self.put(&name, properties, None).await;
                answer(reply, result)?;
            }
            Request::Delete(name, reply) => {
                let result = self.delete(&name).await;
                answer(reply, result)?;
            }
            Request::SetTarget(name, target, reply) => {
                let result = self.set_target(&name, target).await;
                answer(reply, result)?;
            }
            Request::Restart(name, request, reply) => {
                let result = self.request_restart(&name, request).await;
                answer(reply, result)?;
            }
            Request::RestartTask(id, reply) => {
                let result = self.restart_task(&id).await;
                answer(reply, result)?;
            }
            Request::ChangeOffsets(name, change, reply) => {
                let result = self.change_offsets(&name, change).await;
                answer(reply, result)?;
            }
            Request::SignOfLife(reply) => {
                drop(reply.send(Ok(())));
                return Ok(());
            }
        }
        self.settle().await
    }

    fn exists(&self, name: &str) -> bool {
        self.stores.configs.current().connector(name).is_some()
    }

    async fn create(
        &mut self,
        name: String,
        properties: Properties,
        target: Option<TargetState>,
    ) -> Result<Put, HerderError> {
        if self.exists(&name) {
            return Err(HerderError::AlreadyExists(format!("Connector {name} already exists")));
        }
        self.put(&name, properties, target).await
    }

    async fn put(
        &mut self,
        name: &str,
        properties: Properties,
        target: Option<TargetState>,
    ) -> Result<Put, HerderError> {
        let put = if self.exists(name) { Put::Replaced } else { Put::Created };
        self.stores.configs.put_connector(name, properties, target).await?;
        Ok(put)
    }

    async fn delete(&mut self, name: &str) -> Result<(), HerderError> {
        if !self.exists(name) {
            return Err(HerderError::NotFound(format!("Connector {name} not found")));
        }
        Ok(self.stores.configs.delete_connector(name).await?)
    }

    async fn set_target(&mut self, name: &str, target: TargetState) -> Result<(), HerderError> {
        if !self.exists(name) {
            return Err(HerderError::NotFound(format!("Unknown connector {name}")));
        }
        if target == TargetState::Stopped {
            // First no tasks, then the state: whoever reads between them never sees a stopped connector with tasks.
            self.stores.configs.put_tasks(name, Vec::new()).await?;
        }
        Ok(self
            .stores
            .configs
            .put(ConfigRecord::TargetState(name.to_owned(), Some(target)))
            .await?)
    }

    async fn request_restart(&mut self, name: &str, request: RestartRequest) -> Result<RestartPlan, HerderError> {
        if !self.exists(name) {
            return Err(HerderError::NotFound(format!("Unknown connector: {name}")));
        }
        let statuses = &self.stores.statuses;
        let plan = RestartPlan::new(request, statuses.connector(name).as_ref(), &statuses.tasks(name));
        if request.include_tasks || request.only_failed {
            self.stores
                .configs
                .put(ConfigRecord::Restart(name.to_owned(), Some(request)))
                .await?;
        } else {
            // As in Kafka Connect, a plain restart leaves no record.
            self.restart(
                name,
                &RestartPlan {
                    connector: true,
                    tasks: Vec::new(),
                },
            )
            .await;
        }
        Ok(plan)
    }

    async fn restart_task(&mut self, id: &ConnectorTaskId) -> Result<(), HerderError> {
        if !self.exists(&id.connector) {
            return Err(HerderError::NotFound(format!("Unknown connector: {}", id.connector)));
        }
        if !self.worker.running().tasks.contains_key(id) {
            return Err(HerderError::NotFound(format!("Unknown task: {id}")));
        }
        self.restart(
            &id.connector,
            &RestartPlan {
                connector: false,
                tasks: vec![id.task],
            },
        )
        .await;
        Ok(())
    }
}

/// Gives the answer. A worker that lost its place ends.
fn answer<T>(reply: Reply<T>, result: Result<T, HerderError>) -> Result<(), WorkerError> {
    let fenced = match &result {
        Err(HerderError::Store(error @ StoreError::Fenced { .. })) => Some(error.clone()),
        _ => None,
    };
    // Whoever asked may have given up waiting; what was written stands.
    drop(reply.send(result));
    fenced.map_or(Ok(()), |error| Err(error.into()))
}
