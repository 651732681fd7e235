//! [`Session`]: one attempt of a task, from fencing its predecessor to its end.
//!
//! Order matters: the writer is opened (which fences the predecessor and settles its transaction) *before* the stored offset
//! is read, and the source is started from that offset. Nothing survives a session but where its newest transaction went: the
//! next one begins in the same order, and sees to it that this transaction has ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use connector_api::{Progress, SourceTask, TaskContext, TaskError};
use tracing::warn;

use super::backoff::Backoff;
use super::context::{Context, KafkaFailures};
use super::destination::Destinations;
use super::encoder::Converters;
use super::failure::TaskFailure;
use super::lifecycle::{StatusSink, Target, TaskStatus};
use super::log_appends::SessionLogs;
use super::metrics::TaskMetrics;
use super::patience::Surroundings;
use super::serialiser::Serialiser;
use super::spec::TaskSpec;
use super::transaction::{Clients, MARKERS_ARE_WRITTEN_WITHIN, OffsetSlot, TransactionalSink};
use crate::kafka::{
    Admin, COMMIT_DEADLINE, GETTING_INTO_ORDER, Guarantee, KafkaError, Outcome, TransactionalWriter, WrittenPartition,
    hidden_partitions, partition_for_key,
};
use crate::store::offset;
use crate::transforms;

/// Why a session ended without a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The target is no longer [`Target::Run`].
    AsAsked,
    /// The source has nothing more to give.
    Finished,
}

/// How long a round waits for the first change; also how soon a task notices that it should stop.
const WAIT: Duration = Duration::from_millis(100);
/// A quiet captured table on a busy server must not fall off the purged end: its offset is stored at least this often.
const OFFSET_INTERVAL: Duration = Duration::from_secs(10);

/// Behind a failure of Kafka: twice what a broker takes to find back into its cluster after its session was over.
const FIRST_COMMIT: Duration = Duration::from_secs(20);

/// One attempt of a task. Blocks the task's thread until it ends.
pub struct Session<'a> {
    spec: &'a TaskSpec,
    report: StatusSink,
    kafkas_failures: u32,
}

impl<'a> Session<'a> {
    /// A session that has not begun; Kafka may be why as many before it have failed in a row.
    pub fn new(spec: &'a TaskSpec, report: StatusSink, kafkas_failures: u32) -> Self {
        Session {
            spec,
            report,
            kafkas_failures,
        }
    }

    /// Runs until the target changes, the source is exhausted, or something fails.
    ///
    /// `unsettled` is where the newest transaction of the session before went, if Kafka may have forgotten to end it; after a
    /// failure it is where that of this one did.
    pub fn run(self, unsettled: &mut Vec<WrittenPartition>) -> Result<Ended, TaskFailure> {
        let Some(mut writer) = self.open_writer()? else {
            return Ok(Ended::AsAsked);
        };
        if self.kafkas_failures > 0 {
            self.settle(&mut writer, unsettled)?;
        }
        unsettled.clear();
        let context = Arc::new(self.context());
        self.run_with(writer, &context, unsettled)
            .map_err(|failure| TaskFailure {
                // A connector's failure can be one of a log that it keeps in Kafka.
                may_be_kafkas: failure.may_be_kafkas || context.kafka_failures.has_told(),
                ..failure
            })
    }

    fn run_with(
        &self,
        writer: TransactionalWriter,
        context: &Arc<Context>,
        unsettled: &mut Vec<WrittenPartition>,
    ) -> Result<Ended, TaskFailure> {
        let mut task = self
            .spec
            .plugin
            .start_task(&self.spec.config, Arc::clone(context) as Arc<dyn TaskContext>)?;
        let result = match self.sink(writer, &*task, context.logs.clone()) {
            Ok(mut sink) => {
                (self.report)(TaskStatus::Running);
                let ended = self.pump(&mut *task, &mut sink);
                if ended.is_err() {
                    *unsettled = sink.places().to_vec();
                }
                ended
            }
            Err(failure) => Err(failure),
        };
        task.stop();
        result
    }

    /// Opens the writer, for as long as the cluster does not answer and the task is wanted.
    fn open_writer(&self) -> Result<Option<TransactionalWriter>, TaskFailure> {
        let settings = &self.spec.settings;
        let mut backoff = Backoff::default();
        loop {
            if self.spec.control.target() != Target::Run {
                return Ok(None);
            }
            let has_been_trouble = self.kafkas_failures > 0 || backoff.attempts() > 0;
            let in_order = if has_been_trouble { self.await_order() } else { Ok(()) };
            let opened = in_order.and_then(|()| {
                TransactionalWriter::open(
                    &settings.clients.producer.settings,
                    settings.guarantee.clone(),
                    first_deadline(self.kafkas_failures),
                )
            });
            match opened {
                Ok(writer) => return Ok(Some(writer)),
                Err(error) if error.outcome() == Outcome::Retry && backoff.attempts() < 5 => {
                    let reason = error.to_string();
                    (self.report)(TaskStatus::Waiting { reason });
                    self.spec.control.wait_while(Target::Run, backoff.next_wait());
                }
                Err(error) => return Err(TaskFailure::kafka(&error)),
            }
        }
    }

    /// Until the cluster has answered and had a moment more: opening a writer ends the predecessor's transaction, and a cluster
    /// that is not in order may forget to (see [`TransactionalWriter`]).
    fn await_order(&self) -> Result<(), KafkaError> {
        let settings = &self.spec.settings;
        Admin::new(&settings.clients.admin.settings)?.describe_topic(&settings.offsets_topic)?;
        self.spec.control.wait_while(Target::Run, GETTING_INTO_ORDER);
        Ok(())
    }

    /// Opening the writer has ended the transaction that the session before left behind, one way or the other; a cluster that was
    /// not in order may have forgotten to say so where the records are, and this session would wait for ever behind it. What is
    /// visible nowhere is taken back: nobody has seen it, and the stored offset does not have it.
    fn settle(&self, writer: &mut TransactionalWriter, places: &[WrittenPartition]) -> Result<(), KafkaError> {
        let settings = &self.spec.settings;
        if places.is_empty() || !matches!(settings.guarantee, Guarantee::ExactlyOnce { .. }) {
            return Ok(());
        }
        let consumer = &settings.clients.consumer.settings;
        let hidden = hidden_partitions(consumer, places, Instant::now() + MARKERS_ARE_WRITTEN_WITHIN)?;
        if hidden.len() == places.len() {
            warn!("the transaction of the session before cannot be seen to have ended anywhere: it is taken back");
            writer.take_back(places)?;
        }
        Ok(())
    }

    fn context(&self) -> Context {
        let settings = &self.spec.settings;
        Context {
            connector: self.spec.connector.clone(),
            task: self.spec.task,
            identity: self.spec.identity.clone(),
            start: self.spec.start.clone(),
            control: Arc::clone(&self.spec.control),
            offsets_topic: settings.offsets_topic.clone(),
            clients: settings.clients.clone(),
            report: Arc::clone(&self.report),
            kafka_failures: KafkaFailures::default(),
            logs: SessionLogs::default(),
        }
    }

    fn sink(
        &self,
        writer: TransactionalWriter,
        task: &dyn SourceTask,
        logs: SessionLogs,
    ) -> Result<TransactionalSink, TaskFailure> {
        let settings = &self.spec.settings;
        let admin = Admin::new(&settings.clients.admin.settings)?;
        let Some(offsets) = admin.describe_topic(&settings.offsets_topic)? else {
            return Err(TaskFailure::operator(format!(
                "offsets topic {} does not exist",
                settings.offsets_topic
            )));
        };
        let key = offset::encode_key(&self.spec.connector, &task.partition());
        let slot = OffsetSlot {
            topic: settings.offsets_topic.clone(),
            partition: partition_for_key(&key, offsets.partitions),
            key,
        };
        let converters = Converters {
            key: settings.key_converter.create()?,
            value: settings.value_converter.create()?,
            headers: settings.header_converter.create()?,
        };
        let transforms = transforms::configuration::chain(&self.spec.config).map_err(|problems| {
            let sentences: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
            TaskFailure::operator(sentences.join("\n"))
        })?;
        let clients = Clients {
            writer,
            consumer: settings.clients.consumer.settings.clone(),
            logs,
        };
        Ok(TransactionalSink::new(
            clients,
            Serialiser::new(
                transforms,
                Destinations::new(admin, settings.topic_creation.clone()),
                converters,
                settings.policy.max_record_bytes,
                settings.errors,
            ),
            slot,
            settings.policy,
            Surroundings {
                control: Arc::clone(&self.spec.control),
                report: Arc::clone(&self.report),
            },
            TaskMetrics::new(&self.spec.connector, self.spec.task),
        ))
    }

    fn pump(&self, task: &mut dyn SourceTask, sink: &mut TransactionalSink) -> Result<Ended, TaskFailure> {
        loop {
            let progress = match self.spec.control.target() {
                Target::Run => match task.run_once(sink, WAIT) {
                    Ok(progress) => Some(progress),
                    Err(error) => return Err(broken_off(error, task, sink)),
                },
                Target::Pause | Target::Stop => None,
            };
            let at = || {
                task.offset()
                    .expect("a task that has sent something can tell from where it could resume")
            };
            let committed = match progress {
                Some(Progress::More) => sink.commit_due(&at)?,
                Some(Progress::Idle | Progress::Finished) | None => sink.commit_open(&at)?,
            };
            let stored = sink.may_store_offset(OFFSET_INTERVAL)
                && match task.offset() {
                    Some(offset) => sink.commit_moved_offset(&offset, OFFSET_INTERVAL)?,
                    None => false,
                };
            if committed || stored {
                task.committed();
            }
            match progress {
                None => return Ok(Ended::AsAsked),
                Some(Progress::Finished) => return Ok(Ended::Finished),
                Some(Progress::More | Progress::Idle) => {}
            }
        }
    }
}

/// How long the first commit of a session may take: a client that was opened while a broker came back can be dead for good, so
/// the next one has its turn soon; then later, in case that the cluster is only slow.
fn first_deadline(kafkas_failures: u32) -> Duration {
    match kafkas_failures {
        0 => COMMIT_DEADLINE,
        failures => (FIRST_COMMIT * failures).min(COMMIT_DEADLINE),
    }
}

/// The source cannot go on. What it had sent until then is committed: a person who looks for the cause sees everything that
/// precedes it, and nothing of it is read again.
fn broken_off(error: TaskError, task: &dyn SourceTask, sink: &mut TransactionalSink) -> TaskFailure {
    if let (TaskError::Connector(_), Some(offset)) = (&error, task.offset())
        && let Err(failure) = sink.commit_open(&|| offset.clone())
    {
        warn!(reason = %failure, "what preceded a failure of the source is not committed; it will be sent again");
    }
    error.into()
}
