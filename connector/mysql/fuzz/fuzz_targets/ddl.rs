//! Any text as a statement, after some tables were made. What is read must have a text that says the same, and applying it
//! must either succeed or leave the tables as they were.
#![no_main]

libfuzzer_sys::fuzz_target!(|source: &str| connector_mysql::fuzz::ddl(source));
