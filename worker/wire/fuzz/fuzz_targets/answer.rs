//! Any bytes as the answer to any request, in any version that is spoken.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wire::fuzz::answer(bytes));
