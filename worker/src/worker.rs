//! [`Worker`]: the connectors and tasks that run in this process, and what is said of them in the status topic.
//!
//! The herder decides, the worker does. Everything a task says of itself comes back as a
//! [`TaskEvent`] and becomes a status here; a word of an earlier incarnation is dropped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use connector_api::{ConfigMap, SourceConnector};
use tokio::sync::mpsc;
use tracing::{error, info, warn};

use crate::concealed::conceal;
use crate::config::providers::with_placeholders;
use crate::config::{ExactlyOnce, WorkerConfig};
use crate::connector_plugins::ConnectorPlugins;
use crate::running::{Running, RunningConnector, RunningTask};
use crate::store::ConnectorTaskId;
use crate::store::config::{Properties, TargetState};
use crate::store::status::{State, Status, StatusKey, StatusStore};
use crate::task::lifecycle::Target;
use crate::task::{TaskEvent, TaskHandle, TaskSpec, TaskStatus, spawn};
use crate::task_settings::task_settings;
use crate::validation::warnings;

/// Runs connectors and tasks.
pub(crate) struct Worker {
    config: Arc<WorkerConfig>,
    plugins: ConnectorPlugins,
    /// The Kafka cluster's id.
    cluster_id: String,
    statuses: Arc<StatusStore>,
    events: mpsc::UnboundedSender<TaskEvent>,
    running: Running,
    handles: BTreeMap<ConnectorTaskId, TaskHandle>,
    generation: i32,
}

impl Worker {
    /// A worker that runs nothing yet. Tasks speak through `events`: at most a few words per attempt and second.
    pub(crate) fn new(
        config: Arc<WorkerConfig>,
        plugins: ConnectorPlugins,
        cluster_id: String,
        statuses: Arc<StatusStore>,
        events: mpsc::UnboundedSender<TaskEvent>,
    ) -> Self {
        Worker {
            config,
            plugins,
            cluster_id,
            statuses,
            events,
            running: Running::default(),
            handles: BTreeMap::new(),
            generation: 0,
        }
    }

    /// What runs.
    pub(crate) fn running(&self) -> &Running {
        &self.running
    }

    /// The generation that statuses carry from now on.
    pub(crate) fn enter_generation(&mut self, generation: i32) {
        self.generation = generation;
    }

    fn plugin(&self, properties: &Properties) -> Result<Arc<dyn SourceConnector>, String> {
        let class = properties.value("connector.class").unwrap_or_default();
        self.plugins.find(class).cloned().ok_or_else(|| {
            format!(
                "this worker has no connector class {class}; it has: {}",
                self.plugins.class_names()
            )
        })
    }

    fn status(&self, state: State, trace: Option<String>, version: Option<&str>) -> Status {
        Status {
            state,
            trace: trace.map(|trace| conceal(&trace).into_owned()),
            worker_id: self.config.worker_id(),
            generation: self.generation,
            version: version.map(str::to_owned),
        }
    }

    fn put_connector(&self, name: &str, state: State, trace: Option<String>, version: Option<&str>) {
        self.statuses.put(
            StatusKey::Connector(name.to_owned()),
            self.status(state, trace, version),
        );
    }

    fn put_task(&self, id: &ConnectorTaskId, state: State, trace: Option<String>, version: Option<&str>) {
        self.statuses
            .put(StatusKey::Task(id.clone()), self.status(state, trace, version));
    }

    /// Starts a connector, or starts it anew with another configuration.
    pub(crate) fn start_connector(&mut self, name: &str, properties: &Arc<Properties>, target: TargetState) {
        match self.plugin(properties) {
            Ok(plugin) => {
                info!(connector = name, class = plugin.class(), ?target, "connector starts");
                for warning in warnings(&self.config, &self.plugins, &properties.to_map()) {
                    warn!(connector = name, "{warning}");
                }
                self.put_connector(name, connector_state(target), None, Some(plugin.version()));
            }
            Err(problem) => self.connector_failed(name, problem),
        }
        let connector = RunningConnector {
            properties: Arc::clone(properties),
            target,
            made_tasks: None,
        };
        self.running.connectors.insert(name.to_owned(), connector);
    }

    /// Says that a connector cannot go on.
    pub(crate) fn connector_failed(&self, name: &str, trace: String) {
        error!(connector = name, reason = trace, "connector failed");
        self.put_connector(name, State::Failed, Some(trace), None);
    }

    /// Says what a connector is asked to do, before it does it.
    pub(crate) fn announce_connector(&self, name: &str, state: State) {
        self.put_connector(name, state, None, None);
    }

    /// Says what a task is asked to do, before it does it.
    pub(crate) fn announce_task(&self, id: &ConnectorTaskId, state: State) {
        self.put_task(id, state, None, None);
    }

    /// Tells a connector what it should be.
    pub(crate) fn transition_connector(&mut self, name: &str, target: TargetState) {
        let Some(connector) = self.running.connectors.get_mut(name) else {
            return;
        };
        connector.target = target;
        let properties = Arc::clone(&connector.properties);
        if let Ok(plugin) = self.plugin(&properties) {
            info!(connector = name, ?target, "connector changes");
            self.put_connector(name, connector_state(target), None, Some(plugin.version()));
        }
    }

    /// Stops a connector. `is_gone`: it was deleted, and everything said about it goes too.
    pub(crate) fn stop_connector(&mut self, name: &str, is_gone: bool) {
        self.running.connectors.remove(name);
        info!(connector = name, is_gone, "connector stops");
        if is_gone {
            self.statuses.delete_connector(name);
        } else {
            self.put_connector(name, State::Unassigned, None, None);
        }
    }

    /// Forgets that a connector runs, so that it is started again.
    pub(crate) fn forget_connector(&mut self, name: &str) {
        self.running.connectors.remove(name);
    }

    /// A connector's task configurations. Blocks for as long as the connector likes.
    pub(crate) async fn make_tasks(&self, name: &str) -> Result<Vec<Properties>, String> {
        let Some(connector) = self.running.connectors.get(name) else {
            return Ok(Vec::new());
        };
        let plugin = self.plugin(&connector.properties)?;
        let given = connector.properties.to_map();
        let worker = Arc::clone(&self.config);
        let made = tokio::task::spawn_blocking(move || {
            let config = worker.providers().resolve(&given).complete()?;
            let tasks_max = config
                .get("tasks.max")
                .and_then(|count| count.trim().parse().ok())
                .unwrap_or(1);
            let tasks = plugin
                .task_configs(&config, tasks_max)
                .map_err(|error| error.with_causes())?;
            if tasks.len() > tasks_max {
                return Err(format!(
                    "the connector made {} tasks and tasks.max is {tasks_max}",
                    tasks.len()
                ));
            }
            Ok(tasks
                .into_iter()
                .map(|task| task_properties(&with_placeholders(&given, task), plugin.task_class()))
                .collect())
        });
        made.await
            .unwrap_or_else(|error| Err(format!("the connector panicked while it made its tasks: {error}")))
    }

    /// Notes that a connector made `count` tasks.
    pub(crate) fn tasks_were_made(&mut self, name: &str, count: usize) {
        if let Some(connector) = self.running.connectors.get_mut(name) {
            connector.made_tasks = Some(count);
        }
    }

    /// Starts a task.
    pub(crate) fn start_task(
        &mut self,
        id: &ConnectorTaskId,
        properties: &Arc<Properties>,
        connector: &Properties,
        is_paused: bool,
    ) {
        let task = RunningTask {
            properties: Arc::clone(properties),
            is_paused,
        };
        self.running.tasks.insert(id.clone(), task);
        match self.spawn(id, properties, connector, is_paused) {
            Ok(handle) => {
                self.handles.insert(id.clone(), handle);
            }
            Err(trace) => {
                error!(task = %id, reason = trace, "task cannot start");
                self.put_task(id, State::Failed, Some(trace), None);
            }
        }
    }

    fn spawn(
        &self,
        id: &ConnectorTaskId,
        properties: &Properties,
        connector: &Properties,
        is_paused: bool,
    ) -> Result<TaskHandle, String> {
        let plugin = self.plugin(properties)?;
        let config = self.config.providers().resolve(&properties.to_map()).complete()?;
        let settings = task_settings(&self.config, id, &connector.to_map()).map_err(|problems| problems.join("\n"))?;
        let identity = format!("{}/{}", self.cluster_id, id.transactional_id(&self.config.group_id));
        let spec = TaskSpec::new(&id.connector, id.task, identity, plugin, config, settings);
        let initially = if is_paused { Target::Pause } else { Target::Run };
        let events = self.events.clone();
        // The herder is gone only when the process ends; there is nobody left to tell then.
        let tell = Arc::new(move |event| drop(events.send(event)));
        spawn(spec, initially, tell).map_err(|error| format!("no thread for the task: {error}"))
    }

    /// Lets a task rest, or go on.
    pub(crate) fn set_task_paused(&mut self, id: &ConnectorTaskId, is_paused: bool) {
        if let Some(task) = self.running.tasks.get_mut(id) {
            task.is_paused = is_paused;
        }
        match self.handles.get(id) {
            Some(handle) if is_paused => handle.pause(),
            Some(handle) => handle.resume(),
            None => {}
        }
    }

    /// Stops tasks together, within the graceful timeout. A task that does not end in time is left behind: its successor
    /// fences its producer, so whatever it still does has no effect.
    pub(crate) async fn stop_tasks(&mut self, ids: &[ConnectorTaskId]) {
        let mut handles: Vec<(ConnectorTaskId, TaskHandle)> = ids
            .iter()
            .filter_map(|id| Some((id.clone(), self.handles.remove(id)?)))
            .collect();
        for id in ids {
            self.running.tasks.remove(id);
        }
        for (_, handle) in &handles {
            handle.stop();
        }
        let deadline = Instant::now() + self.config.task_shutdown_timeout;
        let joined = tokio::task::spawn_blocking(move || {
            let late = handles
                .iter_mut()
                .filter_map(|(id, handle)| (!handle.join(deadline)).then(|| id.to_string()));
            late.collect::<Vec<String>>()
        });
        match joined.await {
            Ok(late) if late.is_empty() => {}
            Ok(late) => warn!(
                tasks = late.join(", "),
                "tasks did not end within task.shutdown.graceful.timeout.ms"
            ),
            Err(error) => warn!(%error, "a task panicked while it was stopped"),
        }
    }

    /// Says that nobody runs these tasks any more, or, if they are gone for good, takes back what was said.
    pub(crate) fn release_tasks(&self, ids: &[(ConnectorTaskId, bool)]) {
        for (id, is_gone) in ids {
            if *is_gone {
                self.statuses.delete(StatusKey::Task(id.clone()));
            } else {
                self.put_task(id, State::Unassigned, None, None);
            }
        }
    }

    /// Turns a task's word into its status.
    pub(crate) fn note(&mut self, event: TaskEvent) {
        let id = ConnectorTaskId::new(event.connector, event.task);
        let is_current = self
            .handles
            .get(&id)
            .is_some_and(|handle| handle.incarnation() == event.incarnation);
        if !is_current {
            return;
        }
        let version = self
            .running
            .tasks
            .get(&id)
            .and_then(|task| self.plugin(&task.properties).ok())
            .map(|plugin| plugin.version().to_owned());
        let version = version.as_deref();
        match event.status {
            // Kafka Connect says nothing while a task starts; what was said before stands until it runs or fails.
            TaskStatus::Starting | TaskStatus::Stopped => {}
            TaskStatus::Running => self.put_task(&id, State::Running, None, version),
            TaskStatus::WritesTo { topic } => self.note_topic(&id, &topic),
            TaskStatus::Waiting { reason } => self.put_task(&id, State::Restarting, Some(reason), version),
            // The task is there and healthy, with nothing left to do: Connect has no word for it but RUNNING.
            TaskStatus::Finished => self.put_task(&id, State::Running, None, version),
            TaskStatus::Paused => self.put_task(&id, State::Paused, None, version),
            TaskStatus::Failed { trace, retry_in } => {
                let trace = with_next_step(&trace, retry_in);
                self.put_task(&id, State::Failed, Some(trace), version);
            }
            // This worker owns every task it has not stopped, so the runner's next session takes the id back.
            TaskStatus::Fenced { trace } => warn!(task = %id, reason = trace, "the task's producer was fenced"),
        }
    }

    /// `GET /connectors/{c}/topics` tells it, unless `topic.tracking.enable=false`.
    fn note_topic(&self, id: &ConnectorTaskId, topic: &str) {
        if self.config.topic_tracking {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.statuses
                .put_topic(id, topic, i64::try_from(now.as_millis()).unwrap_or(i64::MAX));
        }
    }

    /// Stops everything and says so. At most the graceful timeout for the tasks and the same for the statuses.
    pub(crate) async fn drain(&mut self) {
        let tasks: Vec<ConnectorTaskId> = self.running.tasks.keys().cloned().collect();
        self.stop_tasks(&tasks).await;
        self.release_tasks(&tasks.into_iter().map(|id| (id, false)).collect::<Vec<_>>());
        let connectors: Vec<String> = self.running.connectors.keys().cloned().collect();
        for name in connectors {
            self.stop_connector(&name, false);
        }
        if let Err(error) = self.statuses.flush(self.config.task_shutdown_timeout).await {
            warn!(%error, "the last statuses are not stored");
        }
    }

    /// Ends without a word: another worker has taken over, and what it says must stand.
    pub(crate) async fn abandon(&mut self) {
        let tasks: Vec<ConnectorTaskId> = self.running.tasks.keys().cloned().collect();
        self.stop_tasks(&tasks).await;
    }

    /// Whether this worker delivers exactly once.
    pub(crate) fn is_exactly_once(&self) -> bool {
        self.config.exactly_once == ExactlyOnce::Enabled
    }
}

fn connector_state(target: TargetState) -> State {
    match target {
        TargetState::Started => State::Running,
        TargetState::Paused => State::Paused,
        TargetState::Stopped => State::Stopped,
    }
}

/// A task's configuration as Kafka Connect stores it: the connector's own, with the class of the task.
fn task_properties(task: &ConfigMap, class: &str) -> Properties {
    let mut properties: Properties = task.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    properties.set("task.class", class);
    properties
}

fn with_next_step(trace: &str, retry_in: Option<Duration>) -> String {
    match retry_in {
        Some(wait) => format!("{trace}\nThe task starts again by itself in {} ms.", wait.as_millis()),
        None => format!("{trace}\nMend the cause, then restart the task."),
    }
}
