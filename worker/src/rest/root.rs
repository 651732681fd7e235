//! `GET /` and `GET /health`.

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::entities::{Health, ServerInfo};
use super::server::{Herder, Phase, Shared};
use crate::config::connector_keys::CONNECT_VERSION;

/// Clients gate their features by the version, so it is the contract's; the commit names what answers.
pub(super) async fn root(Herder(herder): Herder) -> Response {
    let info = ServerInfo {
        version: CONNECT_VERSION,
        commit: format!("rowmill-{}", env!("CARGO_PKG_VERSION")),
        kafka_cluster_id: herder.cluster_id(),
    };
    Json(info).into_response()
}

/// How long the herder may take to answer before the worker counts as unhealthy, as in Kafka Connect.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(10);

/// A worker that is starting says what it is doing; one that has started asks its herder.
pub(super) async fn health(state: Shared) -> Response {
    let phase = state.phase.borrow().clone();
    let (code, status, message) = match phase {
        Phase::Starting(stage) => {
            let message = format!("Worker is still starting up. It is {stage}.");
            (StatusCode::SERVICE_UNAVAILABLE, "starting", message)
        }
        Phase::Ready(herder) if herder.is_responsive(HEALTH_TIMEOUT).await => {
            let message = "Worker has completed startup and is ready to handle requests.";
            (StatusCode::OK, "healthy", message.to_owned())
        }
        Phase::Ready(_) => {
            let message = "Worker was unable to handle this request and may be unable to handle other requests.";
            (StatusCode::INTERNAL_SERVER_ERROR, "unhealthy", message.to_owned())
        }
    };
    (code, Json(Health { status, message })).into_response()
}
