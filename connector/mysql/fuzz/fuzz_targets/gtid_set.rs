//! Any bytes as a GTID set, in the wire form and as text. What is read must be written and read back as the same set.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| connector_mysql::fuzz::gtid_set(bytes));
