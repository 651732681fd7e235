//! The Rowmill worker: Kafka Connect's distributed worker for source connectors, without a JVM.
//!
//! The way of a request: `rest` reads it and asks the `herder`, which writes the config topic (`store`). What comes back
//! out of the topic is compared with what runs here, given what the `group` has assigned; the difference is carried out, and
//! what the tasks then say of themselves goes to the status topic, from which REST answers.
//!
//! ```text
//! HTTP -> rest -> herder -> store/config (topic) -> group (assignment) -> herder/reconcile
//!      -> worker -> task (lifecycle) -> store/status (topic) -> rest
//! ```
//!
//! The way of a record is `task`'s; Kafka itself is behind the nouns of `kafka`. The library names no connector: a binary
//! hands its [`connector_plugins`] to [`service::run`]. Third parties build a worker of their own the same way:
//!
//! ```no_run
//! # async fn example(my_connector: std::sync::Arc<dyn connector_api::SourceConnector>) -> Result<(), Box<dyn std::error::Error>> {
//! let config = worker::config::WorkerConfig::read("worker.properties".as_ref())?;
//! let plugins = worker::connector_plugins::ConnectorPlugins::new([my_connector]);
//! worker::service::run(config, plugins, worker::telemetry::Telemetry::install()?, worker::shutdown::signalled()?).await?;
//! # Ok(())
//! # }
//! ```

pub mod allocator;
pub mod concealed;
pub mod config;
pub mod connector_plugins;
pub mod error;
pub mod migration;
pub mod service;
pub mod shutdown;
pub mod tail;
pub mod telemetry;

mod group;
mod herder;
mod kafka;
mod metrics;
mod rest;
mod running;
mod store;
mod task;
mod task_settings;
mod transforms;
mod validation;
mod worker;
