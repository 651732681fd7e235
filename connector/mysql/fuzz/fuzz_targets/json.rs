//! Any bytes as a binary JSON document, the only column of a row. What is read from them must be JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|document: &[u8]| connector_mysql::fuzz::json(document));
