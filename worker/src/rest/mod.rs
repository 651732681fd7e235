//! Kafka Connect's REST interface. The router is the table of contents.
//!
//! Paths, bodies, status codes and texts are those of Connect 4.3, since clients match them; the deliberate differences: a
//! malformed request gets 400 with a sentence where Connect answers 500, and `/metrics` and `/rowmill/...` are ours.
//!
//! REST listens before anything else: `/health` says what the worker is doing while it reads its topics, everything else
//! waits for that.

mod body;
mod connectors;
mod entities;
mod error;
mod listening;
mod loggers;
mod offsets;
mod plugins;
mod provenance;
mod root;
mod rowmill;
mod server;
mod shape;
mod spoken_errors;
mod tasks;

#[cfg(test)]
mod tests;

use axum::Router;
use axum::routing::{get, post, put};

pub use server::{PATIENCE, Phase, RestServer, RestState};

/// Every endpoint.
fn router(state: RestState) -> Router {
    let endpoints = Router::new()
        .route("/", get(root::root))
        .route("/health", get(root::health))
        .route("/connectors", get(connectors::list).post(connectors::create))
        .route(
            "/connectors/{connector}",
            get(connectors::info).delete(connectors::delete),
        )
        .route(
            "/connectors/{connector}/config",
            get(connectors::config)
                .put(connectors::put_config)
                .patch(connectors::patch_config),
        )
        .route("/connectors/{connector}/status", get(connectors::status))
        .route("/connectors/{connector}/pause", put(connectors::pause))
        .route("/connectors/{connector}/resume", put(connectors::resume))
        .route("/connectors/{connector}/stop", put(connectors::stop))
        .route("/connectors/{connector}/restart", post(connectors::restart))
        .route("/connectors/{connector}/tasks", get(tasks::list))
        .route("/connectors/{connector}/tasks/{task}/status", get(tasks::status))
        .route("/connectors/{connector}/tasks/{task}/restart", post(tasks::restart))
        .route("/connectors/{connector}/topics", get(tasks::topics))
        .route("/connectors/{connector}/topics/reset", put(tasks::reset_topics))
        .route(
            "/connectors/{connector}/offsets",
            get(offsets::list).patch(offsets::alter).delete(offsets::reset),
        )
        .route("/connector-plugins", get(plugins::list))
        .route("/connector-plugins/{plugin}/config", get(plugins::config))
        .route("/connector-plugins/{plugin}/config/validate", put(plugins::validate))
        .route("/admin/loggers", get(loggers::list))
        .route("/admin/loggers/{logger}", get(loggers::one).put(loggers::set))
        .route("/metrics", get(rowmill::metrics))
        .route("/rowmill/info", get(rowmill::info))
        .route("/rowmill/connectors/{connector}/check", get(rowmill::check))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .with_state(state.clone());
    shape::around(endpoints, state)
}
