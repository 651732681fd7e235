//! `/admin/loggers`: levels of log output while the worker runs (KIP-495).

use axum::Json;
use axum::extract::{Path, RawQuery};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::body::{JsonObject, query};
use super::error::ApiError;
use super::server::{RestState, Shared};
use crate::telemetry::LevelError;

fn is_served(state: &RestState) -> Result<(), ApiError> {
    if state.config.admin_endpoints {
        Ok(())
    } else {
        Err(ApiError::http(StatusCode::NOT_FOUND))
    }
}

/// `GET /admin/loggers`.
pub(super) async fn list(state: Shared) -> Result<Response, ApiError> {
    is_served(&state)?;
    Ok(Json(state.telemetry.loggers()).into_response())
}

/// `GET /admin/loggers/{logger}`.
pub(super) async fn one(state: Shared, Path(logger): Path<String>) -> Result<Response, ApiError> {
    is_served(&state)?;
    match state.telemetry.logger(&logger) {
        Some(level) => Ok(Json(level).into_response()),
        None => Err(ApiError::not_found(format!("Logger {logger} not found."))),
    }
}

/// `PUT /admin/loggers/{logger}`. With `scope=cluster` the answer is empty, as in Connect; one worker is the cluster.
pub(super) async fn set(
    state: Shared,
    Path(logger): Path<String>,
    RawQuery(text): RawQuery,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    is_served(&state)?;
    let Some(level) = body.get("level").and_then(Value::as_str) else {
        return Err(ApiError::bad_request(
            "Desired 'level' parameter was not specified in request.",
        ));
    };
    let changed = state.telemetry.set_level(&logger, level).map_err(|error| match error {
        LevelError::Unknown => ApiError::not_found(format!("invalid log level '{level}'.")),
        LevelError::Refused(reason) => ApiError::bad_request(reason),
    })?;
    let query = query(text.as_deref());
    let is_cluster = query
        .get("scope")
        .and_then(|scopes| scopes.first())
        .is_some_and(|scope| scope == "cluster");
    if is_cluster {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Ok(Json(changed).into_response())
    }
}
