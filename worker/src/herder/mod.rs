//! [`Herder`]: decides what this worker runs. One loop over one closed enum of events.
//!
//! It is single-threaded on purpose: requests, changes of the config topic and the words of tasks are taken one after the
//! other, so no two decisions overlap and no lock is held over one. What takes long happens elsewhere: a connector validates
//! before its request comes here, tasks run on threads of their own, statuses wait in a queue. What is left are writes to the
//! config topic; while one waits for Kafka, the others wait too, and reads ([`HerderHandle`]) answer from the stores.
//!
//! Requests only write. What follows from a write follows from *reading* it: the config topic changes, and `reconcile`
//! compares what should be with what is. A restart of the worker is the same comparison with nothing running.

mod answers;
mod handle;
mod metrics;
mod offsets;
mod reconcile;
mod requests;
mod restart;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tracing::{error, info, warn};

pub use answers::{ConnectorInfo, ConnectorStatus};
#[cfg(test)]
pub use answers::{ConnectorState, TaskState};
pub use handle::HerderHandle;
pub(crate) use metrics::{herder_metrics, of_living_connectors};
pub use offsets::OffsetChange;
pub use requests::{HerderError, Put, Request};
pub use restart::RestartPlan;

use crate::config::WorkerConfig;
use crate::connector_plugins::ConnectorPlugins;
use crate::error::WorkerError;
use crate::group::{Assignment, Membership, MembershipChange};
use crate::store::config::{ClusterConfig, ConfigRecord, ConnectorView, Properties};
use crate::store::status::State;
use crate::store::{ConnectorTaskId, StoreError, Stores};
use crate::task::TaskEvent;
use crate::worker::Worker;
use reconcile::{Action, reconcile};

/// Requests that may wait.
const QUEUE: usize = 64;
/// How long after a step that failed it is tried again.
const RETRY_WAIT: Duration = Duration::from_secs(5);
/// Rounds of reconciling in a row. A round leaves work for the next only because it wrote to the config topic.
const MAX_ROUNDS: usize = 20;

/// What the loop reacts to.
enum Event {
    Request(Request),
    ConfigChanged,
    Task(TaskEvent),
    RetryDue,
    Shutdown,
}

/// How a step went.
enum Step {
    Done,
    /// The config topic has changed by it.
    Wrote,
    /// It concerns one connector; the others go on.
    Failed,
    /// Kafka does not take writes: nothing more can be done now.
    Later,
}

/// Decides. See the module's documentation.
pub(crate) struct Herder {
    config: Arc<WorkerConfig>,
    stores: Stores,
    membership: Box<dyn Membership>,
    worker: Worker,
    assignment: Assignment,
    requests: mpsc::Receiver<Request>,
    task_events: mpsc::UnboundedReceiver<TaskEvent>,
    config_changes: watch::Receiver<Arc<ClusterConfig>>,
    shutdown: watch::Receiver<bool>,
    /// Per connector: where in the log the last wish to restart it stands that was fulfilled, or is too old.
    restarts_done: BTreeMap<String, i64>,
    retry_at: Option<Instant>,
}

impl Herder {
    /// A herder over `stores`, which are read, and the handle to ask it by.
    pub(crate) fn new(
        config: Arc<WorkerConfig>,
        plugins: ConnectorPlugins,
        stores: Stores,
        membership: Box<dyn Membership>,
        shutdown: watch::Receiver<bool>,
    ) -> (Self, HerderHandle) {
        let (sender, requests) = mpsc::channel(QUEUE);
        // A task's thread must not wait to say a word; it says few: backoff spaces its attempts.
        let (events, task_events) = mpsc::unbounded_channel();
        let handle = HerderHandle::new(Arc::clone(&config), plugins.clone(), stores.clone(), sender);
        let worker = Worker::new(
            Arc::clone(&config),
            plugins,
            stores.cluster_id.clone(),
            Arc::clone(&stores.statuses),
            events,
        );
        let current = stores.configs.current();
        let restarts_done = current
            .connectors()
            .filter_map(|name| Some((name.to_owned(), current.connector(name)?.restart()?.0)))
            .collect();
        let herder = Herder {
            config_changes: stores.configs.follow(),
            config,
            stores,
            membership,
            worker,
            assignment: Assignment::default(),
            requests,
            task_events,
            shutdown,
            restarts_done,
            retry_at: None,
        };
        (herder, handle)
    }

    /// Runs until asked to shut down, or until another worker takes over.
    pub(crate) async fn run(mut self) -> Result<(), WorkerError> {
        let mut result = self.settle().await;
        while result.is_ok() {
            result = match self.next_event().await {
                Event::Request(request) => self.handle_request(request).await,
                Event::ConfigChanged | Event::RetryDue => self.settle().await,
                Event::Task(event) => {
                    self.worker.note(event);
                    Ok(())
                }
                Event::Shutdown => {
                    self.drain().await;
                    return Ok(());
                }
            };
        }
        error!("this worker ends; its tasks stop without a word");
        self.worker.abandon().await;
        result
    }

    /// Cancel-safe in each of its branches: nothing is taken from a channel without being returned.
    async fn next_event(&mut self) -> Event {
        let retry_at = self.retry_at;
        let retry = async move {
            match retry_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = self.shutdown.wait_for(|stop| *stop) => Event::Shutdown,
            Some(event) = self.task_events.recv() => Event::Task(event),
            Ok(()) = self.config_changes.changed() => Event::ConfigChanged,
            Some(request) = self.requests.recv() => Event::Request(request),
            () = retry => {
                self.retry_at = None;
                Event::RetryDue
            }
            else => Event::Shutdown,
        }
    }

    async fn drain(&mut self) {
        info!("stopping: tasks commit what they hold");
        self.worker.drain().await;
        info!("stopped");
    }

    /// Reconciles until nothing is left to do.
    async fn settle(&mut self) -> Result<(), WorkerError> {
        for _ in 0..MAX_ROUNDS {
            let config = Arc::clone(&self.config_changes.borrow_and_update());
            match self.membership.observe(&config) {
                MembershipChange::Unchanged => {}
                MembershipChange::Assigned(assignment) => {
                    self.worker.enter_generation(assignment.generation);
                    self.assignment = assignment;
                }
                MembershipChange::Replaced { reason } => {
                    let topic = self.config.config_topic.name.clone();
                    return Err(StoreError::Fenced { topic, reason }.into());
                }
            }
            self.fulfil_restarts(&config).await;
            let actions = reconcile(&config, &self.assignment, self.worker.running());
            if actions.is_empty() || !self.perform(&config, actions).await? {
                return Ok(());
            }
        }
        warn!("the configuration changes faster than it can be carried out; going on in a while");
        self.retry_at = Some(Instant::now() + RETRY_WAIT);
        Ok(())
    }

    /// Takes steps. Answers whether another round is worth it; a step that failed comes again later.
    async fn perform(&mut self, config: &ClusterConfig, actions: Vec<Action>) -> Result<bool, WorkerError> {
        self.stop_tasks(&actions).await;
        let mut has_progressed = false;
        for action in actions {
            match self.step(config, action).await? {
                Step::Done => has_progressed = true,
                Step::Failed => {}
                // What was read is out of date now, and with it the steps that were to follow.
                Step::Wrote => return Ok(true),
                Step::Later => return Ok(false),
            }
        }
        Ok(has_progressed)
    }

    async fn step(&mut self, config: &ClusterConfig, action: Action) -> Result<Step, WorkerError> {
        match action {
            // Done already, together with the others: they commit at the same time.
            Action::StopTask { .. } => {}
            Action::StopConnector { name, is_gone } => self.worker.stop_connector(&name, is_gone),
            Action::StartConnector(name) => {
                let view = known(config, &name);
                self.worker.start_connector(&name, view.properties(), view.target());
            }
            Action::TransitionConnector(name, target) => self.worker.transition_connector(&name, target),
            Action::StartTask { id, is_paused } => self.start_task(config, &id, is_paused),
            Action::PauseTask(id) => self.worker.set_task_paused(&id, true),
            Action::ResumeTask(id) => self.worker.set_task_paused(&id, false),
            Action::MakeTasks(name) => return self.make_tasks(config, &name).await,
            Action::Fence(name) => return self.fence(config, &name).await,
        }
        Ok(Step::Done)
    }

    async fn stop_tasks(&mut self, actions: &[Action]) {
        let stops: Vec<(ConnectorTaskId, bool)> = actions
            .iter()
            .filter_map(|action| match action {
                Action::StopTask { id, is_gone } => Some((id.clone(), *is_gone)),
                _ => None,
            })
            .collect();
        if !stops.is_empty() {
            self.worker
                .stop_tasks(&stops.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>())
                .await;
            self.worker.release_tasks(&stops);
        }
    }

    fn start_task(&mut self, config: &ClusterConfig, id: &ConnectorTaskId, is_paused: bool) {
        let view = known(config, &id.connector);
        let properties = usize::try_from(id.task).ok().and_then(|task| view.tasks().get(task));
        let properties = properties.expect("reconciling starts tasks that the configuration it was given has");
        self.worker.start_task(id, properties, view.properties(), is_paused);
    }

    /// Asks a connector for its tasks and stores them if they are new.
    async fn make_tasks(&mut self, config: &ClusterConfig, name: &str) -> Result<Step, WorkerError> {
        let view = known(config, name);
        let tasks: Vec<Properties> = match self.worker.make_tasks(name).await {
            Ok(tasks) => tasks,
            Err(trace) => {
                self.worker.connector_failed(name, trace);
                self.retry_at = Some(Instant::now() + RETRY_WAIT);
                return Ok(Step::Failed);
            }
        };
        let count = tasks.len();
        let is_same = !view.is_inconsistent()
            && view.tasks().len() == count
            && view.tasks().iter().zip(&tasks).all(|(stored, made)| **stored == *made);
        if is_same {
            self.worker.tasks_were_made(name, count);
            return Ok(Step::Done);
        }
        info!(connector = name, tasks = count, "storing new task configurations");
        match self.stores.configs.put_tasks(name, tasks).await {
            Ok(()) => {
                self.worker.tasks_were_made(name, count);
                Ok(Step::Wrote)
            }
            Err(error) => self.later(error),
        }
    }

    /// Fences the producers of tasks that no longer exist, then says so in the log. Present tasks fence their predecessors
    /// themselves when they start.
    async fn fence(&mut self, config: &ClusterConfig, name: &str) -> Result<Step, WorkerError> {
        let view = known(config, name);
        let count = u32::try_from(view.tasks().len()).unwrap_or(u32::MAX);
        if self.worker.is_exactly_once() {
            for task in count..view.fenced_tasks() {
                let id = ConnectorTaskId::new(name, task);
                if let Err(error) = offsets::fence_producer(&self.config, &id, &view.properties().to_map()).await {
                    return self.later(error);
                }
            }
        }
        match self
            .stores
            .configs
            .put(ConfigRecord::TasksFencing(name.to_owned(), Some(count)))
            .await
        {
            Ok(()) => Ok(Step::Wrote),
            Err(error) => self.later(error),
        }
    }

    fn later(&mut self, error: StoreError) -> Result<Step, WorkerError> {
        if let StoreError::Fenced { .. } = error {
            return Err(error.into());
        }
        warn!(%error, "a step failed and is tried again");
        self.retry_at = Some(Instant::now() + RETRY_WAIT);
        Ok(Step::Later)
    }

    /// Carries out wishes to restart that have come out of the log.
    async fn fulfil_restarts(&mut self, config: &ClusterConfig) {
        for name in config.connectors() {
            let Some((offset, request)) = config.connector(name).and_then(|view| view.restart()) else {
                continue;
            };
            if self.restarts_done.get(name).is_some_and(|done| *done >= offset) {
                continue;
            }
            self.restarts_done.insert(name.to_owned(), offset);
            let plan = RestartPlan::new(
                request,
                self.stores.statuses.connector(name).as_ref(),
                &self.stores.statuses.tasks(name),
            );
            self.restart(name, &plan).await;
        }
    }

    /// Stops what the plan names; reconciling starts it again.
    async fn restart(&mut self, name: &str, plan: &RestartPlan) {
        info!(connector = name, itself = plan.connector, tasks = ?plan.tasks, "restarting");
        if plan.connector && self.worker.running().connectors.contains_key(name) {
            self.worker.announce_connector(name, State::Restarting);
            self.worker.forget_connector(name);
        }
        let ids: Vec<ConnectorTaskId> = plan
            .tasks
            .iter()
            .map(|task| ConnectorTaskId::new(name, *task))
            .filter(|id| self.worker.running().tasks.contains_key(id))
            .collect();
        for id in &ids {
            self.worker.announce_task(id, State::Restarting);
        }
        self.worker.stop_tasks(&ids).await;
    }
}

/// The view of a connector that a step is about.
fn known<'a>(config: &'a ClusterConfig, name: &str) -> ConnectorView<'a> {
    config
        .connector(name)
        .expect("reconciling takes steps only for connectors of the configuration it was given")
}
