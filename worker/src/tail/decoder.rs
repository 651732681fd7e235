//! [`Decoder`]: the bytes of keys and values, Avro or JSON, as JSON.
//!
//! A record says itself what it is: Avro in the registry's wire format begins with a zero byte, which no JSON does.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::{Client, StatusCode};
use schemas::wire_format::{self, SchemaId};
use serde_json::Value as Json;
use tokio::runtime::{Builder, Runtime};

use super::avro::WriterSchema;
use super::error::TailError;
use super::record::Record;

/// A registry on its way back is waited for so many times.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);
const TIMEOUT: Duration = Duration::from_secs(10);

/// Decodes records; every schema is asked for once.
pub(super) struct Decoder {
    registry: Option<Registry>,
    schemas: HashMap<SchemaId, WriterSchema>,
}

impl Decoder {
    pub(super) fn new(registry: Option<&str>) -> Result<Self, TailError> {
        let registry = registry.map(Registry::new).transpose()?;
        Ok(Decoder {
            registry,
            schemas: HashMap::new(),
        })
    }

    /// A record's key, if it has one.
    pub(super) fn key(&mut self, record: &Record) -> Result<Option<Json>, TailError> {
        record
            .key
            .as_deref()
            .map(|bytes| self.decode(record, bytes))
            .transpose()
    }

    /// A record's value; `None` is a tombstone.
    pub(super) fn value(&mut self, record: &Record) -> Result<Option<Json>, TailError> {
        record
            .value
            .as_deref()
            .map(|bytes| self.decode(record, bytes))
            .transpose()
    }

    fn decode(&mut self, record: &Record, bytes: &[u8]) -> Result<Json, TailError> {
        let undecodable = |reason: String| TailError::Undecodable {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            reason,
        };
        match wire_format::parse(bytes) {
            Some((id, datum)) => self.schema(id, &record.topic)?.decode(datum).map_err(undecodable),
            None => serde_json::from_slice(bytes)
                .map(without_schema)
                .map_err(|error| undecodable(format!("neither avro of a registry nor json: {error}"))),
        }
    }

    fn schema(&mut self, id: SchemaId, topic: &str) -> Result<&WriterSchema, TailError> {
        let Some(registry) = &self.registry else {
            return Err(TailError::NoRegistry {
                topic: topic.to_owned(),
            });
        };
        Ok(match self.schemas.entry(id) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(unknown) => unknown.insert(registry.schema(id)?),
        })
    }
}

/// What the JSON converter writes with `schemas.enable=true`, without the schema.
fn without_schema(json: Json) -> Json {
    match json {
        Json::Object(mut object) if object.len() == 2 && object.contains_key("schema") => {
            match object.remove("payload") {
                Some(payload) => payload,
                None => Json::Object(object),
            }
        }
        json => json,
    }
}

/// The one question to a registry: which schema has this id.
struct Registry {
    url: String,
    client: Client,
    runtime: Runtime,
}

impl Registry {
    fn new(url: &str) -> Result<Self, TailError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| TailError::System {
                doing: "starting the registry's client",
                source,
            })?;
        // As the worker's, this client takes a proxy from nobody's environment.
        let client = Client::builder().no_proxy().timeout(TIMEOUT).build();
        let client = client.map_err(|error| problem(url, SchemaId(0), error))?;
        Ok(Registry {
            url: url.trim_end_matches('/').to_owned(),
            client,
            runtime,
        })
    }

    fn schema(&self, id: SchemaId) -> Result<WriterSchema, TailError> {
        let answer = self.runtime.block_on(self.ask(id))?;
        let text = serde_json::from_str::<Json>(&answer).ok();
        let text = text
            .as_ref()
            .and_then(|answer| answer.get("schema"))
            .and_then(Json::as_str);
        let text = text.ok_or_else(|| problem(&self.url, id, "the answer holds no schema"))?;
        WriterSchema::parse(text).map_err(|reason| problem(&self.url, id, reason))
    }

    async fn ask(&self, id: SchemaId) -> Result<String, TailError> {
        let mut attempt = 1;
        loop {
            match self.answer(id).await {
                Ok((StatusCode::OK, text)) => return Ok(text),
                Ok((status, text)) if !status.is_server_error() || attempt == ATTEMPTS => {
                    return Err(problem(&self.url, id, format!("{status} {text}")));
                }
                Err(error) if attempt == ATTEMPTS => return Err(problem(&self.url, id, error)),
                Ok(_) | Err(_) => {}
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn answer(&self, id: SchemaId) -> reqwest::Result<(StatusCode, String)> {
        let answer = self
            .client
            .get(format!("{}/schemas/ids/{}", self.url, id.0))
            .send()
            .await?;
        Ok((answer.status(), answer.text().await?))
    }
}

/// Credentials in the URL stay out of messages.
fn problem(url: &str, id: SchemaId, reason: impl std::fmt::Display) -> TailError {
    let shown = reqwest::Url::parse(url).map_or_else(
        |_| "the registry".to_owned(),
        |url| format!("{}{}", url.host_str().unwrap_or_default(), url.path()),
    );
    TailError::Registry {
        id: id.0,
        url: shown,
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Decoder, Record, TailError};

    fn record(value: &[u8]) -> Record {
        Record {
            value: Some(value.to_vec()),
            ..Record::of_topic("shop.db.t")
        }
    }

    #[test]
    fn json_is_read_with_and_without_its_schema() {
        let mut decoder = Decoder::new(None).unwrap();
        for text in [r#"{"id":1}"#, r#"{"schema":{"type":"struct"},"payload":{"id":1}}"#] {
            assert_eq!(
                decoder.value(&record(text.as_bytes())).unwrap(),
                Some(json!({"id": 1})),
                "{text}"
            );
        }
        let other = r#"{"schema":1,"id":1}"#;
        assert_eq!(
            decoder.value(&record(other.as_bytes())).unwrap(),
            Some(json!({"schema": 1, "id": 1}))
        );
        assert_eq!(decoder.key(&record(b"1")).unwrap(), None);
    }

    #[test]
    fn avro_without_a_registry_says_what_to_give() {
        let error = Decoder::new(None)
            .unwrap()
            .value(&record(&[0, 0, 0, 0, 1, 2]))
            .unwrap_err();
        assert!(matches!(&error, TailError::NoRegistry { .. }) && error.to_string().contains("--registry"));
    }

    #[test]
    fn what_is_neither_names_its_place() {
        let error = Decoder::new(None)
            .unwrap()
            .value(&record(b"\xff\xfe"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("record 0 in partition 0 of topic shop.db.t cannot be decoded"),
            "{error}"
        );
    }
}
