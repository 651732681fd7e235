//! [`LogAppends`]: what a task appends to a log of its own, at once or with its next offset.
//!
//! A statement about tables that are not captured has to be in the schema history before an offset behind it is stored, and nobody
//! has to wait for it sooner. So it is kept, and the session's sink writes what is kept, in one go, before each offset. What could
//! not be written stays: as long as it does, no offset is stored.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::kafka::{KafkaError, LogProducer};

/// So many bytes are kept at most.
const MOST_BYTES: usize = 1 << 20;

/// The end of one log. Clones share it.
#[derive(Clone)]
pub struct LogAppends(Arc<Mutex<LogEnd>>);

struct LogEnd {
    topic: String,
    producer: LogProducer,
    kept: Vec<Vec<u8>>,
}

impl LogAppends {
    /// The end of `topic`, which has one partition.
    fn new(topic: &str, producer: LogProducer) -> Self {
        LogAppends(Arc::new(Mutex::new(LogEnd {
            topic: topic.to_owned(),
            producer,
            kept: Vec::new(),
        })))
    }

    /// Appends `values` behind what is kept, and waits until all in-sync replicas have all of it.
    pub fn append(&self, values: &[Vec<u8>]) -> Result<(), KafkaError> {
        let mut end = self.end();
        end.kept.extend_from_slice(values);
        end.write()
    }

    /// Keeps `values` until the next offset is stored, or until they are many.
    pub fn append_before_offset(&self, values: &[Vec<u8>]) -> Result<(), KafkaError> {
        let mut end = self.end();
        end.kept.extend_from_slice(values);
        match end.kept.iter().map(Vec::len).sum::<usize>() > MOST_BYTES {
            true => end.write(),
            false => Ok(()),
        }
    }

    fn end(&self) -> MutexGuard<'_, LogEnd> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogEnd {
    fn write(&mut self) -> Result<(), KafkaError> {
        if !self.kept.is_empty() {
            self.producer.append_all(&self.topic, 0, &self.kept)?;
            self.kept.clear();
        }
        Ok(())
    }
}

/// The ends of all logs of a session. Clones share them.
#[derive(Clone, Default)]
pub struct SessionLogs(Arc<Mutex<Vec<LogAppends>>>);

impl SessionLogs {
    /// The end of another log.
    pub fn open(&self, topic: &str, producer: LogProducer) -> LogAppends {
        let appends = LogAppends::new(topic, producer);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(appends.clone());
        appends
    }

    /// Writes what is kept, and waits until all in-sync replicas have it.
    pub fn write_kept(&self) -> Result<(), KafkaError> {
        let logs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logs.iter().try_for_each(|log| log.end().write())
    }
}
