//! What happens to a record: the task sends a change, transforms make of its records what the configuration asks for, their
//! topics are known or created, converters turn key and value into bytes, the partition is the Java producer's, and the change
//! joins the open Kafka transaction, which is committed together with the offset that covers it.
//!
//! | file             | noun                                                                         |
//! |------------------|------------------------------------------------------------------------------|
//! | [`lifecycle`]    | what a task is asked to be, and what it says of itself                        |
//! | [`spec`]         | everything a task needs to run                                               |
//! | [`runner`]       | the task's thread: one session after another, with backoff                    |
//! | [`session`]      | one attempt: fence, read the offset, start the source, pump, commit           |
//! | [`failure`]      | why a session failed, and who acts next                                      |
//! | [`transaction`]  | the sink: cuts transactions between whole changes                             |
//! | [`serialiser`]   | one change behind its transforms, whole or left out                           |
//! | [`encoder`]      | the bytes of its records; asks for what it does not know                      |
//! | [`header_converter`] | the bytes of a header                                                    |
//! | [`bad_record`]   | what is done about a record that cannot be brought to Kafka                   |
//! | [`patience`]     | a wait that may be long: said in the status, ended when the task should stop  |
//! | [`destination`]  | topics: looked up, created, checked against the key                           |
//! | [`context`]      | what a task is given: its stored offset, logs of its own                      |
//! | [`log_appends`]  | what a task appends to those, at once or with its next offset                |
//!
//! Exactly once rests on three things: the predecessor is fenced before the offset is read; a record and the offset that
//! counts it as done commit together; and after any failure the task starts again from the stored offset, never from memory.

pub mod backoff;
pub mod bad_record;
pub mod context;
pub mod destination;
mod encoder;
pub mod failure;
pub mod header_converter;
pub mod lifecycle;
pub mod log_appends;
pub mod metrics;
pub mod patience;
pub mod runner;
pub mod serialiser;
pub mod session;
pub mod spec;
pub mod transaction;

pub use lifecycle::{TaskEvent, TaskHandle, TaskStatus};
pub use runner::spawn;
pub use spec::TaskSpec;
