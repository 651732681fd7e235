//! The library's own flush, which rdkafka does not offer.
//!
//! rdkafka's `flush` asks the library for a flush of no duration and then waits for events. The library, however, sends
//! records before their `linger.ms` only while a flush is going on, and one of no duration is over before its thread has
//! seen it: every commit would wait for the linger.

use std::ffi::c_int;
use std::time::Duration;

use rdkafka::bindings::rd_kafka_flush;
use rdkafka::error::IsError;
use rdkafka::producer::{BaseProducer, Producer, ProducerContext};

/// Sends all records at once and waits at most `longest`. Whether all were delivered; one that failed counts as not
/// delivered until its report is served (`poll`).
#[allow(unsafe_code, reason = "rdkafka does not offer the flush of the library")]
pub(super) fn flush<C: ProducerContext>(producer: &BaseProducer<C>, longest: Duration) -> bool {
    let milliseconds = c_int::try_from(longest.as_millis()).unwrap_or(c_int::MAX);
    // SAFETY: the pointer is the live client's, which `producer` keeps until after the call; the function may be called
    // from any thread, keeps nothing, and calls nothing back: reports are events here, which only `poll` serves.
    let outcome = unsafe { rd_kafka_flush(producer.client().native_ptr(), milliseconds) };
    !outcome.is_error()
}
