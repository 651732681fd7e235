//! [`StatusWriter`]: a queue of statuses that keeps the newest of each key, and the task that empties it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::warn;

use super::record::{StatusKey, StatusValue};
use crate::kafka::{LogProducer, partition_for_key};
use crate::store::StoreError;

/// Between attempts to store a status.
const RETRY_WAIT: Duration = Duration::from_millis(500);

#[derive(Default)]
struct Queue {
    pending: Mutex<BTreeMap<StatusKey, Option<StatusValue>>>,
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<StatusKey, Option<StatusValue>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn first(&self) -> Option<(StatusKey, Option<StatusValue>)> {
        self.lock()
            .first_key_value()
            .map(|(key, value)| (key.clone(), value.clone()))
    }

    /// Removes `key` unless it was overtaken by a newer value meanwhile.
    fn done(&self, key: &StatusKey, written: &Option<StatusValue>) {
        let mut pending = self.lock();
        if pending.get(key) == Some(written) {
            pending.remove(key);
        }
    }
}

/// Hands statuses to a task that writes them one after the other.
pub(super) struct StatusWriter {
    queue: Arc<Queue>,
    /// Counts puts, to wake the writer; the writer answers with the number at which the queue was empty.
    puts: watch::Sender<u64>,
    emptied: watch::Receiver<u64>,
    topic: String,
    task: JoinHandle<()>,
}

impl StatusWriter {
    pub(super) fn start(producer: LogProducer, topic: String, partitions: i32) -> Self {
        let queue = Arc::<Queue>::default();
        let (puts, mut wake) = watch::channel(0);
        let (report, emptied) = watch::channel(0);
        let pending = Arc::clone(&queue);
        let name = topic.clone();
        let producer = Arc::new(Mutex::new(producer));
        let task = tokio::spawn(async move {
            loop {
                let seen = *wake.borrow_and_update();
                while let Some((key, value)) = pending.first() {
                    if write(&producer, &topic, partitions, &key, value.as_ref()).await {
                        pending.done(&key, &value);
                    } else {
                        tokio::time::sleep(RETRY_WAIT).await;
                    }
                }
                report.send_replace(seen);
                if wake.changed().await.is_err() {
                    return;
                }
            }
        });
        StatusWriter {
            queue,
            puts,
            emptied,
            topic: name,
            task,
        }
    }

    pub(super) fn put(&self, key: StatusKey, value: Option<StatusValue>) {
        self.queue.lock().insert(key, value);
        self.puts.send_modify(|puts| *puts += 1);
    }

    pub(super) async fn flush(&self, longest: Duration) -> Result<(), StoreError> {
        let target = *self.puts.borrow();
        let mut emptied = self.emptied.clone();
        match tokio::time::timeout(longest, emptied.wait_for(|seen| *seen >= target)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(StoreError::Stopping),
            Err(_) => Err(StoreError::TimedOut {
                topic: self.topic.clone(),
                seconds: longest.as_secs(),
                reason: "statuses are still waiting to be stored".to_owned(),
            }),
        }
    }
}

impl Drop for StatusWriter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Whether the status needs no further attempt.
async fn write(
    producer: &Arc<Mutex<LogProducer>>,
    topic: &str,
    partitions: i32,
    key: &StatusKey,
    value: Option<&StatusValue>,
) -> bool {
    let bytes = match value.map(StatusValue::encode).transpose() {
        Ok(bytes) => bytes,
        Err(error) => {
            warn!(?key, %error, "a status cannot be written as JSON");
            return true;
        }
    };
    let (producer, topic, key_bytes) = (Arc::clone(producer), topic.to_owned(), key.encode());
    let partition = partition_for_key(&key_bytes, partitions);
    let appended = tokio::task::spawn_blocking(move || {
        let mut producer = producer.lock().unwrap_or_else(PoisonError::into_inner);
        producer.append(&topic, partition, Some(&key_bytes), bytes.as_deref())
    });
    let error = match appended.await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    warn!(?key, error, "a status is not stored yet; trying again");
    false
}
