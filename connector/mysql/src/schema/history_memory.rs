//! [`HistoryMemory`]: a schema history that lasts as long as the process, as Debezium's `MemorySchemaHistory` lasts as long as a
//! task. One that is asked for by the same connector again, after a restart of its task, is the same.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use connector_api::{ConnectError, RecordLog};

type Records = Arc<Mutex<Vec<Vec<u8>>>>;

/// The histories of this process, by connector.
static HISTORIES: LazyLock<Mutex<BTreeMap<String, Records>>> = LazyLock::new(Mutex::default);

/// Records in memory.
pub struct HistoryMemory {
    records: Records,
}

impl HistoryMemory {
    /// The history of `connector`, empty if there was none.
    pub fn of(connector: &str) -> Self {
        let mut histories = HISTORIES.lock().unwrap_or_else(PoisonError::into_inner);
        let records = histories.entry(connector.to_owned()).or_default();
        HistoryMemory {
            records: Arc::clone(records),
        }
    }
}

impl RecordLog for HistoryMemory {
    fn read(&mut self, visit: &mut dyn FnMut(&[u8]) -> Result<(), ConnectError>) -> Result<(), ConnectError> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.iter().try_for_each(|record| visit(record))
    }

    fn append(&mut self, value: &[u8]) -> Result<(), ConnectError> {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.push(value.to_vec());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use connector_api::RecordLog;

    use super::HistoryMemory;

    #[test]
    fn a_connector_finds_its_own_history_again() {
        let of = HistoryMemory::of;
        of("kept in memory")
            .append_all(&[b"1".to_vec(), b"2".to_vec()])
            .expect("room");
        of("another in memory").append(b"3").expect("room");
        let mut found = Vec::new();
        let visited = of("kept in memory").read(&mut |record| {
            found.extend_from_slice(record);
            Ok(())
        });
        visited.expect("no error");
        assert_eq!(found, b"12");
    }
}
