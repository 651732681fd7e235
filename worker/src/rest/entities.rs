//! JSON bodies that are REST's own, fields in Connect's order. Those about connectors are the herder's.

use connector_api::{SourceOffset, SourcePartition};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::herder::{ConnectorInfo, ConnectorStatus};

/// `GET /`.
#[derive(Serialize)]
pub(super) struct ServerInfo<'a> {
    pub(super) version: &'static str,
    pub(super) commit: String,
    pub(super) kafka_cluster_id: &'a str,
}

/// `GET /health`.
#[derive(Serialize)]
pub(super) struct Health {
    pub(super) status: &'static str,
    pub(super) message: String,
}

/// One connector in `GET /connectors?expand=...`.
#[derive(Default, Serialize)]
pub(super) struct Expanded {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) info: Option<ConnectorInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<ConnectorStatus>,
}

/// One element of `GET /connector-plugins`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct PluginInfo {
    pub(super) class: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<&'static str>,
}

/// `GET /connectors/{connector}/topics`, below the connector's name.
#[derive(Serialize)]
pub(super) struct ActiveTopics {
    pub(super) topics: Vec<String>,
}

/// One element of `GET /connectors/{connector}/offsets`.
#[derive(Serialize)]
pub(super) struct ConnectorOffset {
    partition: Map<String, Value>,
    offset: Map<String, Value>,
}

impl From<(SourcePartition, SourceOffset)> for ConnectorOffset {
    fn from((partition, offset): (SourcePartition, SourceOffset)) -> Self {
        ConnectorOffset {
            partition: partition.0,
            offset: offset.0,
        }
    }
}

/// `GET /connectors/{connector}/offsets`.
#[derive(Serialize)]
pub(super) struct ConnectorOffsets {
    pub(super) offsets: Vec<ConnectorOffset>,
}

/// The answer to a change of offsets.
#[derive(Serialize)]
pub(super) struct Message {
    pub(super) message: &'static str,
}
