//! Any bytes as a record of the schema history. What is read must be written and read back as the same record.

use crate::schema::HistoryRecord;

/// One input.
pub fn history_record(bytes: &[u8]) {
    if let Ok(record) = HistoryRecord::decode(bytes) {
        assert_eq!(HistoryRecord::decode(&record.encode()), Ok(record));
    }
}
