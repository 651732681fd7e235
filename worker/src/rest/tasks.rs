//! Tasks of a connector, and the topics they write to.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::entities::ActiveTopics;
use super::error::ApiError;
use super::server::Herder;
use crate::store::ConnectorTaskId;

/// `GET /connectors/{connector}/tasks`.
pub(super) async fn list(Herder(herder): Herder, Path(name): Path<String>) -> Result<Response, ApiError> {
    Ok(Json(herder.tasks(&name)?).into_response())
}

/// `GET /connectors/{connector}/tasks/{task}/status`.
pub(super) async fn status(
    Herder(herder): Herder,
    Path((name, task)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    Ok(Json(herder.task_status(&task_id(&name, &task)?)?).into_response())
}

/// `POST /connectors/{connector}/tasks/{task}/restart`.
pub(super) async fn restart(
    Herder(herder): Herder,
    Path((name, task)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    herder.restart_task(task_id(&name, &task)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A task's number in a path; anything else is no path of ours.
fn task_id(name: &str, task: &str) -> Result<ConnectorTaskId, ApiError> {
    match task.parse() {
        Ok(task) => Ok(ConnectorTaskId::new(name, task)),
        Err(_) => Err(ApiError::http(StatusCode::NOT_FOUND)),
    }
}

/// `GET /connectors/{connector}/topics`: also for a connector that nobody knows.
pub(super) async fn topics(Herder(herder): Herder, Path(name): Path<String>) -> Result<Response, ApiError> {
    if !herder.worker_config().topic_tracking {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "Topic tracking is disabled."));
    }
    let active = ActiveTopics {
        topics: herder.topics(&name),
    };
    let body: Map<String, Value> = [(name, serde_json::to_value(active).unwrap_or(Value::Null))]
        .into_iter()
        .collect();
    Ok(Json(body).into_response())
}

/// `PUT /connectors/{connector}/topics/reset`.
pub(super) async fn reset_topics(Herder(herder): Herder, Path(name): Path<String>) -> Result<StatusCode, ApiError> {
    let config = herder.worker_config();
    if !config.topic_tracking {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "Topic tracking is disabled."));
    }
    if !config.topic_tracking_reset {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "Topic tracking reset is disabled.",
        ));
    }
    herder.reset_topics(&name);
    Ok(StatusCode::ACCEPTED)
}
