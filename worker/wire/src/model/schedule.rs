//! [`Schedule`]: what an application does with its producers, and what must be in the log in the end.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use rand::Rng;

use super::brokers::{PARTITIONS, TOPIC};
use super::wires::{Wires, World};
use crate::error::{Error, Kind};
use crate::producer::Producer;
use crate::record::{Headers, Record};
use crate::settings::{Address, ConnectionSettings, ProducerSettings};

const PATIENCE: Duration = Duration::from_secs(60);
/// Enough for everything to be tried again.
const MUCH_PATIENCE: Duration = Duration::from_secs(3600);
const TRANSACTIONS: usize = 8;
const MEMORY: usize = 4 << 10;
/// How often a new producer may fail to begin, with a cluster that is in trouble, before that is a fault.
const ATTEMPTS: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Committed,
    Aborted,
    Unknown,
}

/// A transaction, and its records by partition.
struct Written {
    fate: Fate,
    records: Vec<Vec<String>>,
}

pub(super) struct Schedule {
    world: Rc<RefCell<World>>,
    written: Vec<Written>,
    /// Producers that another one has replaced.
    zombies: Vec<Producer<Wires>>,
}

impl Schedule {
    pub(super) fn new(seed: u64, transaction_version: i16) -> Self {
        let mut world = World::new(seed, transaction_version);
        world.trouble = *[0, 20, 100, 250]
            .get(world.dice.random_range(0..4))
            .expect("one of them");
        world.is_mild = world.chance(500);
        Schedule {
            world: Rc::new(RefCell::new(world)),
            written: Vec::new(),
            zombies: Vec::new(),
        }
    }

    /// Answers how many transactions were committed.
    pub(super) fn run(mut self) -> Result<usize, String> {
        let mut producer = self.producer()?;
        for _ in 0..TRANSACTIONS {
            if self.write(&mut producer)? {
                let lost = std::mem::replace(&mut producer, self.producer()?);
                self.zombies.push(lost);
            }
            self.let_a_zombie_write()?;
        }
        // A last producer ends what is open.
        self.world.borrow_mut().trouble = 0;
        self.producer()?;
        self.world.borrow_mut().settle();
        self.check()
    }

    fn producer(&self) -> Result<Producer<Wires>, String> {
        let address = |port| Address {
            host: "broker".to_owned(),
            port,
        };
        let mut settings = ProducerSettings::new(ConnectionSettings::new(vec![address(9001), address(9002)]));
        settings.transactional_id = Some("id".to_owned());
        settings.max_in_flight = self.world.borrow().max_in_flight;
        settings.batch_size = 256;
        settings.delivery_timeout = 2 * self.patience();
        settings.buffer_memory = MEMORY;
        settings.max_request_size = 700;
        let mut reason = String::new();
        for _ in 0..ATTEMPTS {
            let mut producer =
                Producer::over(Wires::new(&self.world), settings.clone()).map_err(|error| error.to_string())?;
            match producer.fence(PATIENCE) {
                Ok(()) => return Ok(producer),
                Err(error) => reason = error.to_string(),
            }
        }
        Err(format!("no producer begins: {reason}"))
    }

    fn patience(&self) -> Duration {
        match self.world.borrow().is_mild {
            true => MUCH_PATIENCE,
            false => PATIENCE,
        }
    }

    fn chance(&self, in_thousand: u32) -> bool {
        self.world.borrow_mut().chance(in_thousand)
    }

    /// Writes a transaction; answers whether the producer is lost.
    fn write(&mut self, producer: &mut Producer<Wires>) -> Result<bool, String> {
        let number = self.written.len();
        let mut records = vec![Vec::new(); PARTITIONS];
        let done = self.append_and_end(producer, number, &mut records);
        let (fate, is_lost) = match done {
            Ok(fate) => (fate, false),
            Err(error) if is_too_early(&error) && self.world.borrow().is_mild => {
                return Err(format!("given up too early: {error}"));
            }
            Err(error) if error.kind() == Kind::Abort => match producer.abort(self.patience()) {
                Ok(()) => (Fate::Aborted, false),
                Err(error) if error.kind() == Kind::Abort => return Err(format!("abort asks for an abort: {error}")),
                Err(_) => (Fate::Aborted, true),
            },
            Err(error) => match error.kind() {
                Kind::Rebuild | Kind::Fenced => (Fate::Unknown, true),
                Kind::Retry | Kind::Abort | Kind::Refused => return Err(format!("unexpected: {error}")),
            },
        };
        self.written.push(Written { fate, records });
        match producer.memory() {
            0 => Ok(is_lost),
            _ if is_lost => Ok(true),
            bytes => Err(format!("{bytes} bytes are kept of nothing")),
        }
    }

    fn append_and_end(
        &mut self,
        producer: &mut Producer<Wires>,
        number: usize,
        records: &mut [Vec<String>],
    ) -> Result<Fate, Error> {
        producer.begin()?;
        let count = self.world.borrow_mut().dice.random_range(0..60);
        for record in 0..count {
            let partition = self.world.borrow_mut().dice.random_range(0..PARTITIONS);
            let value = format!("{number}/{record}");
            append(producer, partition, &value, self.patience())?;
            records[partition].push(value);
            assert!(producer.memory() <= 2 * MEMORY, "{} bytes", producer.memory());
        }
        if self.chance(200) {
            producer.abort(self.patience())?;
            return Ok(Fate::Aborted);
        }
        producer.commit(self.patience())?;
        Ok(Fate::Committed)
    }

    /// Whoever was replaced can write nothing that is seen.
    fn let_a_zombie_write(&mut self) -> Result<(), String> {
        if !self.chance(300) {
            return Ok(());
        }
        let Some(mut zombie) = self.zombies.pop() else {
            return Ok(());
        };
        if zombie.begin().is_ok()
            && append(&mut zombie, 0, "zombie", PATIENCE).is_ok()
            && zombie.commit(PATIENCE).is_ok()
        {
            return Err("a producer that was replaced has committed".to_owned());
        }
        Ok(())
    }

    /// Whether a reader sees what it must, and nothing else.
    fn check(&self) -> Result<usize, String> {
        let world = self.world.borrow();
        if let Some(fault) = &world.fault {
            return Err(fault.clone());
        }
        let seen: Vec<Vec<String>> = world.cluster.logs.iter().map(|log| log.committed()).collect();
        let mut expected = vec![Vec::new(); PARTITIONS];
        let mut committed = 0;
        for (number, written) in self.written.iter().enumerate() {
            let prefix = format!("{number}/");
            let is_seen = seen.iter().flatten().any(|value| value.starts_with(&prefix));
            let is_there = match written.fate {
                Fate::Committed => true,
                Fate::Aborted => false,
                Fate::Unknown => is_seen,
            };
            if is_there {
                committed += 1;
                for (expected, records) in expected.iter_mut().zip(&written.records) {
                    expected.extend(records.iter().cloned());
                }
            }
        }
        match seen == expected {
            true => Ok(committed),
            false => Err(format!("seen {seen:?}\nexpected {expected:?}")),
        }
    }
}

/// Whether an error could have been waited for; also one that only ends an abort. A late request of a predecessor's can always
/// fence, or leave the coordinator with another transaction.
fn is_too_early(error: &Error) -> bool {
    error.kind() == Kind::Abort || error.message().starts_with("OUT_OF_ORDER_SEQUENCE_NUMBER")
}

fn append(producer: &mut Producer<Wires>, partition: usize, value: &str, patience: Duration) -> Result<(), Error> {
    let id = producer.partition(TOPIC, i32::try_from(partition).expect("small"));
    let record = Record {
        key: None,
        value: Some(value.as_bytes()),
        headers: &Headers::NONE,
        timestamp_ms: 0,
    };
    producer.append(id, &record, patience)
}
