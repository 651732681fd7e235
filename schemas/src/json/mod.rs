//! The Connect data model as JSON, exactly as Kafka Connect's `JsonConverter` writes it.
//!
//! With `schemas.enable` a record is `{"schema":..,"payload":..}`, else the payload alone. A struct is an object, a map with
//! string keys too, any other map an array of pairs; bytes are base64, and `Decimal`s, too, unless they are asked for
//! as numbers.

mod schema;
pub(crate) mod text;
mod writer;

pub(crate) use schema::push_schema;
pub use writer::{JsonError, JsonForm, JsonPlan, JsonWriter};
