//! The Kafka Connect data model: what a value *is* ([`Schema`]) and how it is handed over ([`WriteValue`]).
//!
//! | here            | Kafka Connect (`org.apache.kafka.connect.data`) |
//! |-----------------|--------------------------------------------------|
//! | [`Schema`]      | `Schema`, built once per table and shared by `Arc` |
//! | [`SchemaType`]  | `Schema.Type`                                    |
//! | [`WriteValue`]  | no counterpart: a borrowed value that can be replayed into any writer |
//! | [`ValueWriter`] | no counterpart: a converter, a transform, or the owned model |
//! | [`Value`]       | the Java objects and `Struct`: owned, for defaults, tests and tools |

mod schema;
mod value;
mod visit;

pub use schema::{Field, Schema, SchemaType};
pub use value::{Value, ValueCollector};
pub use visit::{ValueWriter, WriteError, WriteValue};
