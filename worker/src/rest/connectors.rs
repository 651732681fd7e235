//! `/connectors`: creating, changing, watching and deleting connectors.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery};
use axum::http::header::{HOST, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::body::{JsonObject, config_values, flag, kind, only_fields, query};
use super::entities::Expanded;
use super::error::ApiError;
use super::server::{Herder, Shared};
use crate::herder::{ConnectorInfo, HerderHandle, Put};
use crate::store::config::{Properties, RestartRequest, TargetState};

/// `GET /connectors`: names, or with `expand` what is known of each.
pub(super) async fn list(Herder(herder): Herder, RawQuery(text): RawQuery) -> Response {
    let query = query(text.as_deref());
    let Some(expand) = query.get("expand") else {
        return Json(herder.connectors()).into_response();
    };
    let mut expanded = Map::new();
    for name in herder.connectors() {
        // As in Connect, a connector that was deleted meanwhile or has no status yet is left out.
        if let Ok(entry) = expand_one(&herder, &name, expand) {
            expanded.insert(name, serde_json::to_value(entry).unwrap_or(Value::Null));
        }
    }
    Json(expanded).into_response()
}

/// Unknown expansions are ignored.
fn expand_one(herder: &HerderHandle, name: &str, expand: &[String]) -> Result<Expanded, ApiError> {
    let wanted = |expansion: &str| expand.iter().any(|given| given == expansion);
    Ok(Expanded {
        info: wanted("info").then(|| herder.connector(name)).transpose()?,
        status: wanted("status").then(|| herder.status(name)).transpose()?,
    })
}

/// `POST /connectors`.
pub(super) async fn create(
    Herder(herder): Herder,
    state: Shared,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let CreateRequest {
        name,
        properties,
        target,
    } = CreateRequest::parse(body)?;
    if herder.connector(&name).is_ok() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            format!("Connector {name} already exists"),
        ));
    }
    check(&herder, &properties).await?;
    herder.create(&name, properties, target).await?;
    created(&state, &headers, &herder.connector(&name)?)
}

struct CreateRequest {
    name: String,
    properties: Properties,
    target: Option<TargetState>,
}

impl CreateRequest {
    fn parse(mut body: Map<String, Value>) -> Result<Self, ApiError> {
        only_fields(&body, &["name", "config", "initial_state"])?;
        let name = match body.remove("name") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(name)) => name.trim().to_owned(),
            Some(other) => {
                return Err(ApiError::bad_request(format!(
                    "\"name\" is {}; a string is expected",
                    kind(&other)
                )));
            }
        };
        let target = body
            .remove("initial_state")
            .map(|state| initial_state(&state))
            .transpose()?
            .flatten();
        let config = match body.remove("config") {
            Some(Value::Object(config)) => config,
            None | Some(Value::Null) => {
                return Err(ApiError::bad_request(
                    "\"config\" is missing; an object with the configuration is expected",
                ));
            }
            Some(other) => {
                return Err(ApiError::bad_request(format!(
                    "\"config\" is {}; an object is expected",
                    kind(&other)
                )));
            }
        };
        let properties = named(&name, config_values(config)?)?;
        Ok(CreateRequest {
            name,
            properties,
            target,
        })
    }
}

fn initial_state(value: &Value) -> Result<Option<TargetState>, ApiError> {
    match value.as_str().map(str::to_uppercase).as_deref() {
        Some("RUNNING") => Ok(Some(TargetState::Started)),
        Some("PAUSED") => Ok(Some(TargetState::Paused)),
        Some("STOPPED") => Ok(Some(TargetState::Stopped)),
        _ if value.is_null() => Ok(None),
        _ => Err(ApiError::bad_request(
            "\"initial_state\" must be one of RUNNING, PAUSED, STOPPED",
        )),
    }
}

/// The configuration of the connector called `name`: its own name is added at the end when it is not there.
fn named(name: &str, values: Vec<(String, Option<String>)>) -> Result<Properties, ApiError> {
    let mut properties = Properties::from_values(values);
    match properties.value("name") {
        Some(given) if given == name => {}
        Some(given) => {
            return Err(ApiError::bad_request(format!(
                "Connector name configuration ({given}) doesn't match connector name in the URL ({name})"
            )));
        }
        None => properties.set("name", name),
    }
    Ok(properties)
}

/// Refuses an invalid configuration with all its errors.
async fn check(herder: &HerderHandle, properties: &Properties) -> Result<(), ApiError> {
    match herder.validate(properties.to_map()).await?.refusal() {
        None => Ok(()),
        Some(message) => Err(ApiError::bad_request(message)),
    }
}

/// 201 with the connector and where it is.
fn created(state: &Shared, headers: &HeaderMap, info: &ConnectorInfo) -> Result<Response, ApiError> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    let host = host.unwrap_or_else(|| state.config.worker_id());
    let location = format!("http://{host}/connectors/{}", path_segment(&info.name));
    let location =
        HeaderValue::from_str(&location).map_err(|_| ApiError::bad_request("The Host header is no valid host"))?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(info)).into_response())
}

/// A name as a segment of a URL (RFC 3986 unreserved characters stay).
fn path_segment(name: &str) -> String {
    let mut segment = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

/// `GET /connectors/{connector}`.
pub(super) async fn info(Herder(herder): Herder, Path(name): Path<String>) -> Result<Response, ApiError> {
    Ok(Json(herder.connector(&name)?).into_response())
}

/// `GET /connectors/{connector}/config`.
pub(super) async fn config(Herder(herder): Herder, Path(name): Path<String>) -> Result<Response, ApiError> {
    Ok(Json(&*herder.connector(&name)?.config).into_response())
}

/// `PUT /connectors/{connector}/config`.
pub(super) async fn put_config(
    Herder(herder): Herder,
    state: Shared,
    Path(name): Path<String>,
    headers: HeaderMap,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let properties = named(&name, config_values(body)?)?;
    check(&herder, &properties).await?;
    match herder.put(&name, properties).await? {
        Put::Created => created(&state, &headers, &herder.connector(&name)?),
        Put::Replaced => Ok(Json(herder.connector(&name)?).into_response()),
    }
}

/// `PATCH /connectors/{connector}/config` (KIP-477): given keys are set, those with null removed.
pub(super) async fn patch_config(
    Herder(herder): Herder,
    Path(name): Path<String>,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    let patch = config_values(body)?;
    let mut properties: Properties = Arc::unwrap_or_clone(herder.connector(&name)?.config);
    for (key, value) in patch {
        match value {
            Some(value) => properties.set(&key, value),
            None => properties.remove(&key),
        }
    }
    if properties.value("name") != Some(name.as_str()) {
        return Err(ApiError::bad_request(format!(
            "A connector cannot be renamed; leave \"name\" as it is ({name})"
        )));
    }
    check(&herder, &properties).await?;
    herder.put(&name, properties).await?;
    Ok(Json(herder.connector(&name)?).into_response())
}

/// `DELETE /connectors/{connector}`.
pub(super) async fn delete(Herder(herder): Herder, Path(name): Path<String>) -> Result<StatusCode, ApiError> {
    herder.delete(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /connectors/{connector}/status`.
pub(super) async fn status(Herder(herder): Herder, Path(name): Path<String>) -> Result<Response, ApiError> {
    Ok(Json(herder.status(&name)?).into_response())
}

/// `PUT /connectors/{connector}/pause`. Bodies and content types of the requests below do not matter: clients send odd ones.
pub(super) async fn pause(Herder(herder): Herder, Path(name): Path<String>) -> Result<StatusCode, ApiError> {
    herder.set_target(&name, TargetState::Paused).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `PUT /connectors/{connector}/resume`.
pub(super) async fn resume(Herder(herder): Herder, Path(name): Path<String>) -> Result<StatusCode, ApiError> {
    herder.set_target(&name, TargetState::Started).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `PUT /connectors/{connector}/stop`.
pub(super) async fn stop(Herder(herder): Herder, Path(name): Path<String>) -> Result<StatusCode, ApiError> {
    herder.set_target(&name, TargetState::Stopped).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /connectors/{connector}/restart` (KIP-745).
pub(super) async fn restart(
    Herder(herder): Herder,
    Path(name): Path<String>,
    RawQuery(text): RawQuery,
) -> Result<Response, ApiError> {
    let query = query(text.as_deref());
    let request = RestartRequest {
        include_tasks: flag(&query, "includeTasks").unwrap_or(false),
        only_failed: flag(&query, "onlyFailed").unwrap_or(false),
    };
    let planned = herder.restart(&name, request).await;
    if request.include_tasks || request.only_failed {
        Ok((StatusCode::ACCEPTED, Json(planned?)).into_response())
    } else {
        planned?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{CreateRequest, TargetState, named, path_segment};

    fn parse(body: Value) -> Result<CreateRequest, super::ApiError> {
        let body: Map<String, Value> = serde_json::from_value(body).expect("an object");
        CreateRequest::parse(body)
    }

    #[test]
    fn a_create_request_trims_its_name_and_adds_it_to_the_configuration() {
        let Ok(request) = parse(json!({"name": " c1 ", "config": {"b": 1, "a": "x"}, "initial_state": "paused"}))
        else {
            panic!("valid")
        };
        assert_eq!(
            (request.name.as_str(), request.target),
            ("c1", Some(TargetState::Paused))
        );
        assert_eq!(
            serde_json::to_string(&request.properties).unwrap(),
            r#"{"b":"1","a":"x","name":"c1"}"#
        );
    }

    #[test]
    fn wrong_shapes_are_bad_requests_with_a_sentence() {
        for (body, naming) in [
            (json!({"name": "a"}), "config"),
            (json!({"name": "a", "config": 7}), "config"),
            (json!({"name": 7, "config": {}}), "name"),
            (json!({"name": "a", "config": {}, "bogus": 1}), "bogus"),
            (json!({"name": "a", "config": {"x": {"y": 1}}}), "x"),
            (
                json!({"name": "a", "config": {}, "initial_state": "WAT"}),
                "initial_state",
            ),
            (json!({"name": "a", "config": {"name": "b"}}), "doesn't match"),
        ] {
            let error = parse(body.clone())
                .err()
                .map(|error| format!("{error:?}"))
                .unwrap_or_default();
            assert!(error.contains(naming) && error.contains("400"), "{body}: {error}");
        }
    }

    #[test]
    fn nulls_are_kept_and_count_as_absent() {
        let values = [("a", None), ("b", Some("1".to_owned())), ("name", None)];
        let values = values.map(|(key, value)| (key.to_owned(), value)).into();
        let properties = named("c", values).unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(
            serde_json::to_string(&properties).unwrap(),
            r#"{"a":null,"b":"1","name":"c"}"#
        );
        assert!(!properties.to_map().contains_key("a"));
    }

    #[test]
    fn names_are_escaped_in_locations_as_recorded() {
        assert_eq!(path_segment("sp ace"), "sp%20ace");
        assert_eq!(path_segment("€"), "%E2%82%AC");
        assert_eq!(path_segment("a-b_c.1"), "a-b_c.1");
    }
}
