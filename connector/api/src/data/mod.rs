//! The Kafka Connect data model: what a value *is* ([`Schema`]) and how it is handed over ([`WriteValue`]).
//!
//! | here            | Kafka Connect (`org.apache.kafka.connect.data`) |
//! |-----------------|--------------------------------------------------|
//! | [`Schema`]      | `Schema`, built once per table and shared by `Arc` |
//! | [`SchemaType`]  | `Schema.Type`                                    |
//! | [`WriteValue`]  | no counterpart: a borrowed value that can be replayed into any writer |
//! | [`ValueWriter`] | no counterpart: a converter, a transform, or the owned model |
//! | [`NameAdjustment`] | no counterpart: Debezium's, for names that Avro does not take |
//! | [`SchemaMap`]   | no counterpart: what was derived from a schema, by its identity |
//! | [`Value`]       | the Java objects and `Struct`: owned, for defaults, tests and tools |

mod name_adjustment;
mod schema;
mod schema_map;
mod value;
mod visit;

pub use name_adjustment::NameAdjustment;
pub use schema::{Field, Schema, SchemaType};
pub use schema_map::SchemaMap;
pub use value::{Value, ValueCollector};
pub use visit::{FieldRef, ValueWriter, WriteError, WriteValue};
