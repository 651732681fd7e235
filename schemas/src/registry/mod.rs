//! A schema registry: gives a schema's text an id.
//!
//! Registries break and come back, and nothing may be lost or fail meanwhile. So [`Registry::schema_id`] asks until it has
//! an answer that time cannot change: every address in turn, then again with backoff, for as long as the task lives.
//! The backoff stays below a second, so that records flow again soon after the registry is back.

mod auth;
mod client;
mod difference;
mod error;
mod normalized;
#[cfg(test)]
pub(crate) mod scripted_server;
mod settings;
mod subject;

pub use auth::{Credentials, KeyStore, Secret, Tls, TrustStore};
pub use client::Registry;
pub use error::RegistryError;
pub use settings::{Registration, RegistrySettings};
pub use subject::{Role, Subject, SubjectNames};
