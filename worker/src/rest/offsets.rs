//! `/connectors/{connector}/offsets` (KIP-875).

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use connector_api::{SourceOffset, SourcePartition};
use serde_json::{Map, Value};

use super::body::{JsonObject, kind, only_fields};
use super::entities::{ConnectorOffsets, Message};
use super::error::ApiError;
use super::server::Herder;
use crate::herder::OffsetChange;

const ALTERED: &str = "The Connect framework-managed offsets for this connector have been altered successfully. However, if \
                       this connector manages offsets externally, they will need to be manually altered in the system that \
                       the connector uses.";
const RESET: &str = "The Connect framework-managed offsets for this connector have been reset successfully. However, if \
                     this connector manages offsets externally, they will need to be manually reset in the system that the \
                     connector uses.";

/// `GET`.
pub(super) async fn list(Herder(herder): Herder, Path(name): Path<String>) -> Result<Response, ApiError> {
    let offsets = herder.offsets(&name)?.into_iter().map(Into::into).collect();
    Ok(Json(ConnectorOffsets { offsets }).into_response())
}

/// `PATCH`: partitions with their new offsets; null starts a partition afresh.
pub(super) async fn alter(
    Herder(herder): Herder,
    Path(name): Path<String>,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiError> {
    herder.connector(&name)?;
    herder
        .change_offsets(&name, OffsetChange::Alter(changes(body)?))
        .await?;
    Ok(Json(Message { message: ALTERED }).into_response())
}

/// `DELETE`: every partition starts afresh.
pub(super) async fn reset(Herder(herder): Herder, Path(name): Path<String>) -> Result<Response, ApiError> {
    herder.change_offsets(&name, OffsetChange::Reset).await?;
    Ok(Json(Message { message: RESET }).into_response())
}

fn changes(mut body: Map<String, Value>) -> Result<Vec<(SourcePartition, Option<SourceOffset>)>, ApiError> {
    only_fields(&body, &["offsets"])?;
    let elements = match body.remove("offsets") {
        Some(Value::Array(elements)) if !elements.is_empty() => elements,
        None | Some(Value::Null | Value::Array(_)) => {
            let message = "Partitions / offsets need to be provided for an alter offsets request";
            return Err(ApiError::bad_request(message));
        }
        Some(other) => {
            return Err(ApiError::bad_request(format!(
                "\"offsets\" is {}; an array is expected",
                kind(&other)
            )));
        }
    };
    elements.into_iter().map(change).collect()
}

fn change(element: Value) -> Result<(SourcePartition, Option<SourceOffset>), ApiError> {
    let Value::Object(mut element) = element else {
        return Err(ApiError::bad_request(
            "Each element of \"offsets\" must be an object with \"partition\" and \"offset\"",
        ));
    };
    only_fields(&element, &["partition", "offset"])?;
    // Kafka Connect accepts an element without a partition and stores an offset that nothing ever reads.
    let Some(Value::Object(partition)) = element.remove("partition") else {
        return Err(ApiError::bad_request(
            "\"partition\" must be an object, such as {\"server\":\"inventory\"}",
        ));
    };
    match element.remove("offset") {
        Some(Value::Object(offset)) => Ok((SourcePartition(partition), Some(SourceOffset(offset)))),
        Some(Value::Null) => Ok((SourcePartition(partition), None)),
        None => Err(ApiError::bad_request(
            "\"offset\" is missing; it must be an object, or null to start afresh",
        )),
        Some(other) => Err(ApiError::bad_request(format!(
            "\"offset\" is {}; an object or null is expected",
            kind(&other)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{ConnectorOffsets, SourceOffset, SourcePartition, changes};

    fn parse(body: Value) -> Result<usize, String> {
        let body: Map<String, Value> = serde_json::from_value(body).expect("an object");
        changes(body)
            .map(|changes| changes.len())
            .map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn elements_need_a_partition_and_an_offset_or_null() {
        let good = json!({"offsets": [{"partition": {"server": "p"}, "offset": {"file": "x"}}, {"partition": {"a": 1}, "offset": null}]});
        assert_eq!(parse(good), Ok(2));
        for bad in [
            json!({}),
            json!({"offsets": []}),
            json!({"offsets": null}),
            json!({"offsets": 7}),
            json!({"offset": []}),
            json!({"offsets": [{}]}),
            json!({"offsets": [7]}),
            json!({"offsets": [{"partition": {"server": "p"}}]}),
            json!({"offsets": [{"partition": null, "offset": {}}]}),
            json!({"offsets": [{"partition": {}, "offset": 7}]}),
        ] {
            assert!(parse(bad.clone()).is_err_and(|error| error.contains("400")), "{bad}");
        }
    }

    /// What a real Kafka Connect 4.3.0 answered, byte for byte.
    #[test]
    fn offsets_are_written_as_recorded() {
        let lines = include_str!("../../tests/goldens/rest.jsonl").lines();
        let lines = lines.map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
        let mut compared = 0;
        for line in lines.filter(|line| line["path"].as_str().is_some_and(|path| path.ends_with("/offsets"))) {
            let text = line["resp"].as_str().expect("an answer");
            let recorded: Value = serde_json::from_str(text).expect("JSON");
            let map = |value: &Value| value.as_object().expect("an object").clone();
            let offsets = recorded["offsets"].as_array().expect("an array").iter().map(|element| {
                (
                    SourcePartition(map(&element["partition"])),
                    SourceOffset(map(&element["offset"])),
                )
                    .into()
            });
            let ours = ConnectorOffsets {
                offsets: offsets.collect(),
            };
            assert_eq!(serde_json::to_string(&ours).expect("JSON"), text);
            compared += 1;
        }
        assert!(compared >= 3, "{compared} answers");
    }
}
