//! Any bytes as a record of the schema history. What is read must be written and read back as the same record.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| connector_mysql::fuzz::history_record(bytes));
