//! [`ApiError`]: the one place that knows status codes.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::concealed::conceal;
use crate::herder::HerderError;
use crate::store::StoreError;
use crate::validation::ValidationError;

/// A refusal in Connect's shape. Clients need a non-zero code and a message that is not null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    status: StatusCode,
    message: String,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error_code: u16,
    message: &'a str,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        ApiError {
            status,
            message: message.into(),
        }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        ApiError::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        ApiError::new(StatusCode::NOT_FOUND, message)
    }

    /// What the HTTP layer itself refuses, in the words of Connect's.
    pub(super) fn http(status: StatusCode) -> Self {
        let reason = status.canonical_reason().unwrap_or("Error");
        ApiError::new(status, format!("HTTP {} {reason}", status.as_u16()))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            error_code: self.status.as_u16(),
            message: &conceal(&self.message),
        };
        (self.status, Json(body)).into_response()
    }
}

impl From<HerderError> for ApiError {
    fn from(error: HerderError) -> Self {
        let status = match &error {
            HerderError::NotFound(_) => StatusCode::NOT_FOUND,
            HerderError::AlreadyExists(_) => StatusCode::CONFLICT,
            HerderError::BadRequest(_) => StatusCode::BAD_REQUEST,
            HerderError::Store(StoreError::Stopping) => StatusCode::SERVICE_UNAVAILABLE,
            HerderError::Store(_) | HerderError::TimedOut(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        ApiError::new(status, error.to_string())
    }
}

impl From<ValidationError> for ApiError {
    fn from(error: ValidationError) -> Self {
        let status = match &error {
            ValidationError::NoClass(_) | ValidationError::UnknownClass { .. } => StatusCode::BAD_REQUEST,
            ValidationError::Panicked(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        ApiError::new(status, error.to_string())
    }
}

/// No such path.
pub(super) async fn not_found() -> ApiError {
    ApiError::http(StatusCode::NOT_FOUND)
}

/// No such method here. `OPTIONS` is answered; axum adds the `Allow` header.
pub(super) async fn method_not_allowed(method: Method) -> Response {
    match method {
        Method::OPTIONS => StatusCode::OK.into_response(),
        _ => ApiError::http(StatusCode::METHOD_NOT_ALLOWED).into_response(),
    }
}
