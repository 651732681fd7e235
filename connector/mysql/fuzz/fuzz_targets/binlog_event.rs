//! Any bytes as an event: split, verified, decoded, and expanded if they are a payload.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| connector_mysql::fuzz::binlog_event(bytes));
