//! Reading request bodies: JSON of a known shape, with a sentence for everything else.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, StatusCode};
use bytes::BytesMut;
use serde_json::{Map, Value};

use super::error::ApiError;

/// The largest body. Kafka Connect has no bound; what it takes has to fit into a record of the config topic.
const MOST_BYTES: usize = 8 << 20;
const JSON: &str = "application/json";
/// What a form of a page, and some clients with no body at all, call their bodies.
const FORM: &str = "application/x-www-form-urlencoded";

/// Reads the body, and refuses one that is not declared to be JSON, also where none is wanted: a page of another site may send
/// any other kind without asking first (Fetch standard, CORS-safelisted request-header). Requests without a body pass, whether
/// their content type is absent, JSON or a form's: clients send all of these to `pause` and `restart`.
pub(super) async fn received(request: Request, patience: Duration) -> Result<Request, ApiError> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(request);
    }
    let headers = request.headers();
    let (is_json, is_declared) = (is(headers, JSON), headers.contains_key(CONTENT_TYPE));
    if is_declared && !is_json && !is(headers, FORM) {
        return Err(ApiError::http(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let (head, body) = request.into_parts();
    let bytes = tokio::time::timeout(patience, bounded(body))
        .await
        .unwrap_or_else(|_| Err(ApiError::http(StatusCode::REQUEST_TIMEOUT)))?;
    if is_json || bytes.is_empty() {
        Ok(Request::from_parts(head, Body::from(bytes)))
    } else if is_declared {
        Err(ApiError::http(StatusCode::UNSUPPORTED_MEDIA_TYPE))
    } else {
        Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "HTTP 415 Unsupported Media Type: a request with a body needs the header Content-Type: application/json",
        ))
    }
}

/// The whole body, of at most [`MOST_BYTES`]. What is larger is read all the same, and dropped: a client that still sends would
/// never read the answer.
async fn bounded(mut body: Body) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| ApiError::bad_request("The body ended early or is malformed"))?;
        let Ok(more) = frame.into_data() else { continue };
        length += more.len();
        if length <= MOST_BYTES {
            bytes.extend_from_slice(&more);
        }
    }
    if length > MOST_BYTES {
        return Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("HTTP 413 Payload Too Large: the body has {length} bytes, and at most {MOST_BYTES} are taken"),
        ));
    }
    Ok(bytes.freeze())
}

/// A JSON object. Other content types than JSON are refused with 415, everything malformed with 400.
pub(super) struct JsonObject(pub(super) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let headers = request.headers();
        if headers.contains_key(CONTENT_TYPE) && !is(headers, JSON) {
            return Err(ApiError::http(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        // It was read and bounded by `received`.
        let bytes = bounded(request.into_body()).await?;
        object(&bytes).map(JsonObject)
    }
}

/// Whether the content type is `media`, whatever its parameters.
fn is(headers: &HeaderMap, media: &str) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|given| given.to_str().ok());
    given
        .and_then(|given| given.split(';').next())
        .is_some_and(|given| given.trim().eq_ignore_ascii_case(media))
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ApiError::bad_request(
            "The request has no body; a JSON object is expected",
        ));
    }
    // The parser's message names a place, never the text there: bodies carry passwords.
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(other) => Err(ApiError::bad_request(format!(
            "The body is {}; a JSON object is expected",
            kind(&other)
        ))),
        Err(error) => Err(ApiError::bad_request(format!("The body is not JSON: {error}"))),
    }
}

/// What a JSON value is, for messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Refuses fields that are not among `known`.
pub(super) fn only_fields(map: &Map<String, Value>, known: &[&str]) -> Result<(), ApiError> {
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(ApiError::bad_request(format!(
            "Unrecognized field \"{key}\"; the known fields are {}",
            known.join(", ")
        ))),
    }
}

/// Configuration values in their order: texts, and numbers and booleans as texts, as in Connect. `None` is a null.
pub(super) fn config_values(map: Map<String, Value>) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let values = map.into_iter().map(|(key, value)| match value {
        Value::Null => Ok((key, None)),
        Value::String(text) => Ok((key, Some(text))),
        Value::Number(number) => Ok((key, Some(number.to_string()))),
        Value::Bool(flag) => Ok((key, Some(flag.to_string()))),
        other @ (Value::Array(_) | Value::Object(_)) => Err(ApiError::bad_request(format!(
            "The value of \"{key}\" is {}; a string is expected",
            kind(&other)
        ))),
    });
    values.collect()
}

/// A query such as `expand=status&expand=info`: each key with its values.
pub(super) fn query(text: Option<&str>) -> BTreeMap<String, Vec<String>> {
    let mut query: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in text.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        query
            .entry(percent_decode(key))
            .or_default()
            .push(percent_decode(value));
    }
    query
}

/// Java's rule for booleans in queries: `true` in any case, everything else is false.
pub(super) fn flag(query: &BTreeMap<String, Vec<String>>, name: &str) -> Option<bool> {
    Some(query.get(name)?.first()?.eq_ignore_ascii_case("true"))
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.split_at_checked(2).and_then(|(digits, after)| {
            let digits = std::str::from_utf8(digits).ok().filter(|_| *first == b'%')?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        rest = match escaped {
            Some((byte, after)) => {
                bytes.push(byte);
                after
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{config_values, flag, object, query};

    #[test]
    fn queries_are_read_as_java_does() {
        let parsed = query(Some(
            "expand=status&expand=in%66o&includeTasks=True&onlyFailed=abc&empty&%=%4",
        ));
        assert_eq!(parsed["expand"], ["status", "info"]);
        assert_eq!(flag(&parsed, "includeTasks"), Some(true));
        assert_eq!(flag(&parsed, "onlyFailed"), Some(false));
        assert_eq!(flag(&parsed, "empty"), Some(false));
        assert_eq!(flag(&parsed, "absent"), None);
        assert_eq!(parsed["%"], ["%4"]);
    }

    #[test]
    fn only_objects_with_plain_values_are_configurations() {
        let map = object(br#"{"a":"x","b":1,"c":true,"d":null}"#).unwrap();
        let values = config_values(map).unwrap();
        let texts: Vec<_> = values
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_deref()))
            .collect();
        assert_eq!(
            texts,
            [("a", Some("x")), ("b", Some("1")), ("c", Some("true")), ("d", None)]
        );
        for malformed in ["", " ", "{", "[]", "null", "\"x\"", "7"] {
            assert!(object(malformed.as_bytes()).is_err(), "{malformed}");
        }
        assert!(config_values(object(br#"{"a":{}}"#).unwrap()).is_err());
    }

    #[test]
    fn a_parse_error_does_not_repeat_the_text() {
        let error = object(br#"{"password":"canary"x"#).unwrap_err();
        assert!(!format!("{error:?}").contains("canary"));
    }
}
