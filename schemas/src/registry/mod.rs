//! A schema registry: gives a schema's text an id.
//!
//! Registries break and come back, and nothing may be lost or fail meanwhile. So [`Registry::schema_id`] asks until it has
//! an answer that time cannot change: every address in turn, then again with backoff (`patience`), for as long as the
//! task lives. `http` and `auth` serve other registries' clients, too.

pub(crate) mod auth;
mod client;
pub(crate) mod difference;
pub(crate) mod error;
pub(crate) mod http;
mod normalized;
pub(crate) mod patience;
#[cfg(test)]
pub(crate) mod scripted_server;
pub(crate) mod settings;
mod subject;

pub use auth::{Credentials, KeyStore, Secret, Tls, TrustStore};
pub use client::Registry;
pub use error::RegistryError;
pub use http::{HttpSettings, ProxyServer};
pub use settings::{Registration, RegistrySettings};
pub use subject::{Role, Subject, SubjectNames};
