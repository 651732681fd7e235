//! Any bytes as a record of the schema history. What is read must be written and read back as the same record.
#![no_main]

use connector_mysql::schema::HistoryRecord;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = HistoryRecord::decode(bytes) {
        assert_eq!(HistoryRecord::decode(&record.encode()), Ok(record));
    }
});
