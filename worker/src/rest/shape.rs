//! What every request and answer has in common: where it may come from, bodies, trailing slashes, `Accept`, encoded
//! slashes, CORS.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

use super::body;
use super::error::ApiError;
use super::server::RestState;

/// Puts the common rules around `endpoints`.
pub(super) fn around(endpoints: Router, state: RestState) -> Router {
    // A layer of the endpoints' own router would run after routing; the rules must come before.
    Router::new()
        .fallback_service(endpoints)
        .layer(middleware::from_fn_with_state(state, rules))
}

async fn rules(State(state): State<RestState>, mut request: Request, next: Next) -> Response {
    let admitted = state.admission.check(&request);
    if let Err(error) = admitted.and_then(|()| check(request.uri(), request.headers())) {
        return error.into_response();
    }
    request = match body::received(request, state.patience).await {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    if let Some(uri) = without_trailing_slash(request.uri()) {
        *request.uri_mut() = uri;
    }
    let allowed_origin = state.admission.answered_origin(request.headers());
    let asks_for_methods = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if asks_for_methods && response.status() == StatusCode::OK {
        response = methods(&response);
    }
    let config = &state.config;
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_ORIGIN, allowed_origin),
        (ACCESS_CONTROL_ALLOW_METHODS, config.allow_methods.clone()),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The methods of a path, as text too. The router has listed those it serves.
fn methods(answer: &Response) -> Response {
    let served = answer.headers().get(ALLOW).and_then(|served| served.to_str().ok());
    let mut methods: Vec<&str> = served.unwrap_or_default().split(',').map(str::trim).collect();
    methods.push("OPTIONS");
    let headers = [(ALLOW, methods.join(",")), (CONTENT_TYPE, "text/plain".to_owned())];
    (headers, methods.join(", ")).into_response()
}

fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    // Connect's HTTP server refuses it too: the name and the path would be ambiguous.
    if uri.path().to_ascii_lowercase().contains("%2f") {
        return Err(ApiError::bad_request(
            "Ambiguous URI path separator: a connector's name in a URL cannot have a slash",
        ));
    }
    if uri.path() != "/metrics" && !accepts_json(headers) {
        return Err(ApiError::http(StatusCode::NOT_ACCEPTABLE));
    }
    Ok(())
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut given = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .peekable();
    if given.peek().is_none() {
        return true;
    }
    let mut media = given
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next());
    media.any(|range| {
        matches!(
            range.trim().to_ascii_lowercase().as_str(),
            "*/*" | "application/*" | "application/json"
        )
    })
}

fn without_trailing_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() || trimmed.len() == path.len() {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{trimmed}{query}").parse().ok()
}
