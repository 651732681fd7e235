//! `GET /` and `GET /health`.

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

/// Answers at once, whatever the worker is doing.
pub(super) async fn health(state: Shared) -> Response {
    let stage = match &*state.phase.borrow() {
        Phase::Ready(_) => None,
        Phase::Starting(stage) => Some(stage.clone()),
    };
    match stage {
        None => {
            let message = "Worker has completed startup and is ready to handle requests.".to_owned();
            Json(Health {
                status: "healthy",
                message,
            })
            .into_response()
        }
        Some(stage) => {
            let message = format!("Worker is still starting up. It is {stage}.");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(Health {
                    status: "starting",
                    message,
                }),
            )
                .into_response()
        }
    }
}
