//! What Connect does not have: `/metrics`, `/rowmill/info` and `/rowmill/connectors/{connector}/check`.

use axum::Json;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::error::ApiError;
use super::server::{Herder, Phase, Shared};
use crate::config::ExactlyOnce;
use crate::herder::{herder_metrics, of_living_connectors};
use crate::task::metrics::refresh_lags;

/// `GET /metrics`: Prometheus' text format.
pub(super) async fn metrics(state: Shared) -> Response {
    refresh_lags();
    let mut text = state.telemetry.render_metrics();
    if let Phase::Ready(herder) = &*state.phase.borrow() {
        text = of_living_connectors(&text, &herder.connectors());
        text.push_str(&herder_metrics(herder));
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

#[derive(Serialize)]
struct Info<'a> {
    name: &'static str,
    version: &'static str,
    worker_id: String,
    group_id: &'a str,
    exactly_once: bool,
    /// What is worth knowing about worker.properties.
    warnings: &'a [String],
}

/// `GET /rowmill/info`: what this worker is.
pub(super) async fn info(state: Shared) -> Response {
    let config = &state.config;
    Json(Info {
        name: "rowmill",
        version: env!("CARGO_PKG_VERSION"),
        worker_id: config.worker_id(),
        group_id: &config.group_id,
        exactly_once: config.exactly_once == ExactlyOnce::Enabled,
        warnings: &config.warnings,
    })
    .into_response()
}

#[derive(Serialize)]
struct Check {
    connector: String,
    warnings: Vec<String>,
}

/// `GET /rowmill/connectors/{connector}/check`: keys that are unknown or not carried out, and what could be better at the
/// source, which is asked.
pub(super) async fn check(Herder(herder): Herder, Path(name): Path<String>) -> Result<Response, ApiError> {
    let config = herder.connector(&name)?.config.to_map();
    let warnings = herder.check(config).await;
    Ok(Json(Check {
        connector: name,
        warnings,
    })
    .into_response())
}
