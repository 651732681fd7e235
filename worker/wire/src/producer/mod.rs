//! [`Producer`]: records in transactions, exactly once; one thread, whose calls block.
//!
//! ```text
//! append ─▶ queue: open batch ──full, or a flush──▶ waiting ──turn──▶ on the way ──acknowledged──▶ gone
//!                                                     ▲                    │ refused for now, connection lost
//!                                                     └────────────────────┘
//! ```
//!
//! A partition's records keep their order and come once, because batches are numbered (`queue`). What the coordinator is to
//! be told is in `transaction`, what brokers were asked in [`nodes`](crate::nodes), and `turn` puts these together: it runs whenever a batch is
//! full and whenever something is waited for; `answers` and `consequences` are what comes back. Memory is that of the batches, and bounded (`memory`).

mod answers;
mod appending;
mod asked;
mod consequences;
mod failing;
mod memory;
mod queue;
mod silence;
mod transaction;
mod turn;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::cluster::Cluster;
use crate::error::{Error, Kind};
use crate::network::{Event, Network, Sockets};
use crate::nodes::Nodes;
use crate::record::Compressor;
use crate::settings::ProducerSettings;

use asked::Asked;
use memory::Memory;
use queue::Queue;
use silence::Silence;
use transaction::{End, Phase, Protocol, Transaction};

/// A partition that a producer writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId(usize);

impl PartitionId {
    /// Its number among those of its producer, from 0 on, in the order in which they were asked for.
    pub fn index(self) -> usize {
        self.0
    }
}

/// How a commit went: it is done either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The longest time in which something was waited for and nothing came, since the transaction began.
    pub silence: Duration,
}

/// Writes records. See the module's documentation.
pub struct Producer<N: Network = Sockets> {
    settings: ProducerSettings,
    network: N,
    events: Vec<Event>,
    nodes: Nodes<Asked>,
    cluster: Cluster,
    queues: Vec<Queue>,
    by_place: HashMap<String, HashMap<i32, PartitionId>>,
    /// Partitions with batches that wait.
    listed: Vec<PartitionId>,
    /// Open batches in the order in which they were begun: partition and number.
    opened: VecDeque<(PartitionId, u64)>,
    appended: u32,
    transaction: Transaction,
    compressor: Compressor,
    memory: Memory,
    /// Batches that are sealed and not acknowledged.
    batches: usize,
    silence: Silence,
    /// Why the open transaction, or this producer, is lost.
    failure: Option<Error>,
}

impl Producer<Sockets> {
    /// A producer that has connected to nobody yet.
    ///
    /// # Errors
    /// [`Kind::Refused`]: the settings are of no use.
    pub fn new(settings: ProducerSettings) -> Result<Self, Error> {
        let sockets = Sockets::new(settings.connection.clone())?;
        Producer::over(sockets, settings)
    }
}

impl<N: Network> Producer<N> {
    /// A producer over this network.
    ///
    /// # Errors
    /// [`Kind::Refused`]: the settings are of no use.
    pub fn over(network: N, settings: ProducerSettings) -> Result<Self, Error> {
        let now = network.now();
        let refuse = |what: &str, why: String| Error::new(Kind::Refused, format!("the producer's setting {what}"), why);
        let compressor =
            Compressor::new(settings.compression).map_err(|error| refuse("compression.type", error.to_string()))?;
        if settings.connection.bootstrap.is_empty() {
            return Err(refuse("bootstrap.servers", "names no broker".to_owned()));
        }
        if !(1..=5).contains(&settings.max_in_flight) {
            let why = "an idempotent producer takes 1 to 5".to_owned();
            return Err(refuse("max.in.flight.requests.per.connection", why));
        }
        let connection = &settings.connection;
        let backoff = (connection.retry_backoff, connection.retry_backoff_max);
        let id = settings.transactional_id.clone();
        Ok(Producer {
            network,
            events: Vec::new(),
            nodes: Nodes::new(connection.clone(), now),
            cluster: Cluster::new(connection, now),
            queues: Vec::new(),
            by_place: HashMap::new(),
            listed: Vec::new(),
            opened: VecDeque::new(),
            appended: 0,
            transaction: Transaction::new(id, settings.transaction_timeout, backoff),
            compressor,
            memory: Memory::new(settings.buffer_memory),
            batches: 0,
            silence: Silence::NONE,
            failure: None,
            settings,
        })
    }

    /// Takes the transactional id: whatever another producer has open under it is aborted, and whatever that one writes
    /// later fails. Without a transactional id it takes a number of its own.
    ///
    /// # Errors
    /// [`Kind::Retry`]: the cluster did not answer in this time. Calling again continues where it is.
    pub fn fence(&mut self, patience: Duration) -> Result<(), Error> {
        if !matches!(self.transaction.phase, Phase::Unfenced | Phase::Fencing) {
            return self.misused("fencing a second time");
        }
        self.failure = None;
        self.transaction.phase = Phase::Fencing;
        let deadline = self.network.now() + patience;
        match self.turn_until(deadline, |producer| producer.transaction.phase == Phase::Ready)? {
            true => Ok(()),
            false => Err(self.explain(Error::new(
                Kind::Retry,
                "taking the transactional id",
                "no answer in time",
            ))),
        }
    }

    /// The partition of a topic, to append to.
    pub fn partition(&mut self, topic: &str, partition: i32) -> PartitionId {
        let known = self
            .by_place
            .get(topic)
            .and_then(|partitions| partitions.get(&partition));
        if let Some(id) = known {
            return *id;
        }
        let id = PartitionId(self.queues.len());
        let queue = Queue::new(self.cluster.topic(topic), partition);
        self.queues.push(queue);
        self.by_place.entry(topic.to_owned()).or_default().insert(partition, id);
        id
    }

    /// Begins a transaction. Without a transactional id: whatever is appended until `commit`.
    pub fn begin(&mut self) -> Result<(), Error> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        if self.transaction.phase != Phase::Ready {
            return self.misused("beginning a transaction");
        }
        self.silence = Silence::NONE;
        self.transaction.begin(Protocol::of(self.nodes.transaction_version()));
        Ok(())
    }

    /// Sends what was appended, and waits until all of it is acknowledged.
    pub fn flush(&mut self, patience: Duration) -> Result<(), Error> {
        self.check_open("flushing")?;
        self.seal_all()?;
        let deadline = self.network.now() + patience;
        match self.turn_until(deadline, |producer| producer.batches == 0)? {
            true => Ok(()),
            false => Err(self.not_delivered(Kind::Abort)),
        }
    }

    /// Commits. `Ok` means that a `read_committed` consumer sees everything as soon as the markers are written.
    ///
    /// # Errors
    /// [`Kind::Abort`]: nothing of it is seen, and [`abort`](Self::abort) goes on from there. Anything else: the outcome is
    /// unknown, or this producer is of no use any more.
    pub fn commit(&mut self, patience: Duration) -> Result<Committed, Error> {
        self.check_open("committing")?;
        self.seal_all()?;
        self.transaction.phase = Phase::Ending(End::Commit);
        let now = self.network.now();
        self.silence.waits(now);
        let done = self.turn_until(now + patience, |producer| producer.transaction.phase == Phase::Ready);
        match done {
            Ok(true) => Ok(Committed {
                silence: self.silence(),
            }),
            Ok(false) => {
                let failure = self.not_delivered(Kind::Rebuild);
                self.failure = Some(failure.clone());
                Err(failure)
            }
            Err(failure) => {
                self.transaction.phase = Phase::Open;
                Err(failure)
            }
        }
    }

    /// Aborts: nothing that was appended is ever seen.
    ///
    /// # Errors
    /// Only a new producer goes on.
    pub fn abort(&mut self, patience: Duration) -> Result<(), Error> {
        match &self.failure {
            Some(failure) if failure.kind() != Kind::Abort => return Err(failure.clone()),
            _ if self.transaction.phase != Phase::Open => return self.misused("aborting"),
            _ => self.failure = None,
        }
        self.transaction.phase = Phase::Ending(End::Abort);
        self.transaction.to_add.clear();
        let has_numbered = self.drop_what_waits();
        if has_numbered && !self.transaction.is_transactional() {
            // The next numbers would leave a gap behind those of the records that are dropped.
            let message = "records were dropped that have their numbers";
            self.failure = Some(Error::new(
                Kind::Rebuild,
                "dropping records without a transaction",
                message,
            ));
        }
        let deadline = self.network.now() + patience;
        let done = self.turn_until(deadline, |producer| producer.transaction.phase == Phase::Ready);
        let failure = match done {
            Ok(true) => return Ok(()),
            Ok(false) => self.explain(Error::new(
                Kind::Rebuild,
                "aborting the transaction",
                "no answer in time",
            )),
            Err(failure) if failure.kind() == Kind::Abort => failure.with_kind(Kind::Rebuild),
            Err(failure) => failure,
        };
        self.failure = Some(failure.clone());
        Err(failure)
    }

    /// The longest time in which something was waited for and nothing came, since the transaction began.
    pub fn silence(&self) -> Duration {
        self.silence.longest(self.network.now())
    }

    /// How much memory batches take at the moment.
    pub fn memory(&self) -> usize {
        self.memory.used()
    }

    /// Answers whether numbers were dropped with it.
    fn drop_what_waits(&mut self) -> bool {
        let mut has_numbered = false;
        for id in &self.transaction.partitions {
            let queue = &mut self.queues[id.0];
            self.batches -= queue.waiting();
            has_numbered |= queue.clear(&mut self.memory);
        }
        self.opened.clear();
        has_numbered
    }

    /// Sends and hears what can be at once.
    fn take_a_turn(&mut self) -> Result<(), Error> {
        let now = self.network.now();
        self.turn(now);
        self.failure.clone().map_or(Ok(()), Err)
    }

    fn check_open(&self, doing: &str) -> Result<(), Error> {
        match &self.failure {
            Some(failure) => Err(failure.clone()),
            None if self.transaction.phase == Phase::Open => Ok(()),
            None => self.misused(doing),
        }
    }

    fn misused(&self, doing: &str) -> Result<(), Error> {
        let message = format!(
            "the transaction is {:?}; this is a fault of the caller",
            self.transaction.phase
        );
        Err(Error::new(Kind::Rebuild, doing, message))
    }

    /// A partition's name.
    fn place(&self, id: PartitionId) -> String {
        let queue = &self.queues[id.0];
        format!("{}-{}", self.cluster.name(queue.topic), queue.partition)
    }
}
