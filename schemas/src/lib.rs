//! The Connect data model on its way to bytes: as Avro with a schema registry, or as JSON.
//!
//! Three words: a *schema* says what a value is ([`connector_api::data::Schema`]); a *plan* is a schema compiled into the
//! steps of writing its values; a *converter* ([`converter::Converter`]) turns record parts into the bytes of a Kafka
//! record, and is the only thing the worker knows of this crate.
//!
//! ```text
//! record part -> converter -> { avro::AvroPlan, registry::Registry, wire_format }  -> bytes
//!                          or { avro, apicurio::Artifacts }                        -> bytes
//!                          or { json }                                             -> bytes
//! ```
//!
//! A converter is prepared for a schema, which may wait for a registry, and then converts without waiting:
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use connector_api::RecordPart;
//! use connector_api::data::{Field, Schema, SchemaType, Value};
//! use schemas::converter::{Role, create};
//!
//! let runtime = tokio::runtime::Runtime::new().unwrap();
//! let settings = BTreeMap::from([("schemas.enable".to_owned(), "false".to_owned())]);
//! let mut converter = create("json", Role::Value, &settings, runtime.handle().clone()).ok().unwrap();
//!
//! let schema = Schema::structure("shop.order", vec![Field::new("id", Schema::new(SchemaType::Int64).shared())]).shared();
//! let value = Value::Struct(vec![Value::Int64(7)]);
//! let order = RecordPart { schema: &schema, value: &value };
//! converter.prepare("orders", &order, &|| false).unwrap();
//! let mut bytes = Vec::new();
//! converter.convert("orders", &order, &mut bytes).unwrap();
//! assert_eq!(bytes, br#"{"id":7}"#);
//! ```

#![forbid(unsafe_code)]

pub mod apicurio;
pub mod avro;
pub mod converter;
pub mod json;
pub mod registry;
pub mod text;
pub mod wire_format;

mod decimal;
mod plan;
#[cfg(test)]
mod recordings;
mod settings;
