//! The Connect data model on its way to bytes: as Avro with a schema registry, or as JSON.
//!
//! Three words: a *schema* says what a value is ([`connector_api::data::Schema`]); a *plan* is a schema compiled into the
//! steps of writing its values; a *converter* ([`converter::Converter`]) turns record parts into the bytes of a Kafka
//! record, and is the only thing the worker knows of this crate.
//!
//! ```text
//! record part -> converter -> { avro::AvroPlan, registry::Registry, wire_format }  -> bytes
//!                          or { json }                                             -> bytes
//! ```

pub mod avro;
pub mod converter;
pub mod json;
pub mod registry;
pub mod wire_format;

mod plan;
#[cfg(test)]
mod recordings;
