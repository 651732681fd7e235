//! [`Context`]: what the worker lends a task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use connector_api::{ConnectError, LogOptions, RecordLog, SourceOffset, SourcePartition, TaskContext};
use tracing::{info, warn};

use super::lifecycle::{Control, StatusSink, Target, TaskStatus, WAIT_IS_LONG};
use super::log_appends::{LogAppends, SessionLogs};
use crate::config::client::{layer_log, translate_for};
use crate::config::{ClientKind, ConnectorClients};
use crate::kafka::{
    Admin, ClientSettings, Isolation, KafkaError, LogProducer, LogReader, NewTopic, Outcome, partition_for_key,
};
use crate::store::offset;

/// Implements [`TaskContext`] for one session of a task.
pub struct Context {
    pub connector: String,
    pub task: u32,
    pub identity: String,
    /// That of [`TaskContext::start`].
    pub start: String,
    pub control: Arc<Control>,
    pub offsets_topic: String,
    pub clients: ConnectorClients,
    /// Tells the task's status.
    pub report: StatusSink,
    pub kafka_failures: KafkaFailures,
    /// What the task appends to logs of its own.
    pub logs: SessionLogs,
}

impl Context {
    /// An offset of ours may be committed behind another connector's open transaction. Reading before that one ends would
    /// start the task from a stale offset; who waits says so in its status.
    fn await_open_transactions(&self, reader: &LogReader, partition: i32) -> Result<(), ConnectError> {
        let began = Instant::now();
        let mut is_told = false;
        let mut waiting = || {
            if !is_told && began.elapsed() > WAIT_IS_LONG {
                is_told = true;
                let topic = &self.offsets_topic;
                let reason = format!(
                    "waiting for open transactions of other producers on partition {partition} of topic {topic} to end; the \
                     broker ends one after its transaction.timeout.ms, and kafka-transactions.sh find-hanging finds one that \
                     it forgot"
                );
                info!(reason);
                (self.report)(TaskStatus::Waiting { reason });
            }
            !self.is_stopping()
        };
        reader
            .await_open_transactions(&mut waiting)
            .map_err(|error| self.kafka_failures.tell(&error))
    }
}

impl TaskContext for Context {
    fn connector(&self) -> &str {
        &self.connector
    }

    fn task(&self) -> u32 {
        self.task
    }

    fn identity(&self) -> &str {
        &self.identity
    }

    fn start(&self) -> &str {
        &self.start
    }

    fn is_stopping(&self) -> bool {
        self.control.target() != Target::Run
    }

    fn stored_offset(&self, partition: &SourcePartition) -> Result<Option<SourceOffset>, ConnectError> {
        let key = offset::encode_key(&self.connector, partition);
        let admin = Admin::new(&self.clients.admin.settings).map_err(|error| self.kafka_failures.tell(&error))?;
        let described = admin
            .describe_topic(&self.offsets_topic)
            .map_err(|error| self.kafka_failures.tell(&error))?;
        let partitions = described
            .ok_or_else(|| ConnectError::retriable(format!("offsets topic {} does not exist", self.offsets_topic)))?
            .partitions;
        let home = partition_for_key(&key, partitions);
        let reader = LogReader::open(
            &self.clients.consumer.settings,
            &self.offsets_topic,
            Some(home),
            Isolation::ReadCommitted,
        )
        .map_err(|error| self.kafka_failures.tell(&error))?;
        let mut newest: Option<Vec<u8>> = None;
        self.await_open_transactions(&reader, home)?;
        reader
            .read_to_end(&mut || !self.is_stopping(), &mut |record| {
                if record.key == Some(key.as_slice()) {
                    newest = record.value.map(<[u8]>::to_vec);
                }
            })
            .map_err(|error| self.kafka_failures.tell(&error))?;
        newest.map(|value| offset::decode_value(&value)).transpose()
    }

    fn open_log(&self, options: &LogOptions) -> Result<Box<dyn RecordLog>, ConnectError> {
        let log = Log::open(self, options).map_err(|error| self.kafka_failures.tell(&error))?;
        Ok(Box::new(log))
    }
}

/// A [`RecordLog`] on a Kafka topic.
struct Log {
    topic: String,
    appends: LogAppends,
    consumer: ClientSettings,
    control: Arc<Control>,
    kafka_failures: KafkaFailures,
}

/// What the worker adds to a client's settings, unless the user has set it.
const WORKERS_OWN: [&str; 3] = ["client.id", "group.id", "message.max.bytes"];

/// The settings of a log's client: those of the connector's client of that kind, and on top those of the log itself.
fn log_client(context: &Context, options: &LogOptions, kind: ClientKind) -> Result<ClientSettings, KafkaError> {
    let (client, own) = match kind {
        ClientKind::Producer => (&context.clients.producer, &options.producer),
        ClientKind::Consumer => (&context.clients.consumer, &options.consumer),
        ClientKind::Admin => (&context.clients.admin, &options.producer),
    };
    let java = layer_log(&client.java, options.bootstrap_servers.as_deref(), own);
    let translated = translate_for(kind, &java).map_err(|problems| {
        let context = format!("opening topic {}", options.topic);
        let messages: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
        KafkaError::new(Outcome::Refused, context, messages.join("; "))
    })?;
    // The admin client's are the producer's once more.
    if kind != ClientKind::Admin {
        if client.java.contains_key("security.protocol") && !java.contains_key("security.protocol") {
            warn!(
                topic = options.topic,
                servers = java.get("bootstrap.servers"),
                "other servers than the connector's clients have inherit no log-in; it is given by the topic's own settings"
            );
        }
        for warning in translated.warnings_about(own) {
            warn!(topic = options.topic, "{}", warning.message);
        }
    }
    let added = WORKERS_OWN
        .iter()
        .filter_map(|key| Some((key, client.settings.value(key)?)));
    Ok(added.fold(translated.settings, |settings, (key, value)| {
        settings.with_default(key, value)
    }))
}

impl Log {
    fn open(context: &Context, options: &LogOptions) -> Result<Self, KafkaError> {
        let admin = Admin::new(&log_client(context, options, ClientKind::Admin)?)?;
        if admin.describe_topic(&options.topic)?.is_none() {
            let topic = NewTopic {
                name: options.topic.clone(),
                partitions: 1,
                replication_factor: -1,
                configs: [
                    ("cleanup.policy", "delete"),
                    ("retention.ms", "-1"),
                    ("retention.bytes", "-1"),
                ]
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            };
            admin.create_topic(&topic)?;
            info!(topic = options.topic, "created topic");
        }
        Ok(Log {
            topic: options.topic.clone(),
            appends: context.logs.open(
                &options.topic,
                LogProducer::new(log_client(context, options, ClientKind::Producer)?),
            ),
            consumer: log_client(context, options, ClientKind::Consumer)?,
            control: Arc::clone(&context.control),
            kafka_failures: context.kafka_failures.clone(),
        })
    }
}

impl RecordLog for Log {
    fn read(&mut self, visit: &mut dyn FnMut(&[u8]) -> Result<(), ConnectError>) -> Result<(), ConnectError> {
        let reader = LogReader::open(&self.consumer, &self.topic, Some(0), Isolation::ReadCommitted)
            .map_err(|error| self.kafka_failures.tell(&error))?;
        let mut first_error = None;
        reader
            .read_to_end(&mut || self.control.target() == Target::Run, &mut |record| {
                if let (Some(value), None) = (record.value, &first_error) {
                    first_error = visit(value).err();
                }
            })
            .map_err(|error| self.kafka_failures.tell(&error))?;
        first_error.map_or(Ok(()), Err)
    }

    fn append(&mut self, value: &[u8]) -> Result<(), ConnectError> {
        self.append_all(&[value.to_vec()])
    }

    fn append_all(&mut self, values: &[Vec<u8>]) -> Result<(), ConnectError> {
        self.appends
            .append(values)
            .map_err(|error| self.kafka_failures.tell(&error))
    }

    fn append_before_offset(&mut self, values: &[Vec<u8>]) -> Result<(), ConnectError> {
        self.appends
            .append_before_offset(values)
            .map_err(|error| self.kafka_failures.tell(&error))
    }
}

/// Kafka's failures as a connector sees them, from its context and from logs of its own.
#[derive(Clone, Default)]
pub struct KafkaFailures {
    has_told: Arc<AtomicBool>,
}

impl KafkaFailures {
    fn tell(&self, error: &KafkaError) -> ConnectError {
        self.has_told.store(true, Ordering::Relaxed);
        match error.outcome() {
            Outcome::Refused => ConnectError::fatal(error.to_string()),
            Outcome::Retry | Outcome::Rebuild | Outcome::Fenced => ConnectError::retriable(error.to_string()),
        }
    }

    /// Whether the connector has seen one.
    pub(super) fn has_told(&self) -> bool {
        self.has_told.load(Ordering::Relaxed)
    }
}
