//! Any table map, and any bytes as rows of that table, also as updates that may log differences.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: (&[u8], &[u8])| connector_mysql::fuzz::row(input));
