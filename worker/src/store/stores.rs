//! [`Stores`]: the three stores of a worker, opened together.

use std::sync::Arc;

use tracing::info;

use super::StoreError;
use super::config::ConfigStore;
use super::offset::OffsetStore;
use super::status::StatusStore;
use super::topic_admin::TopicAdmin;
use crate::config::{ClientKind, WorkerConfig};
use crate::kafka::LogProducer;

/// A worker's state.
#[derive(Clone)]
pub(crate) struct Stores {
    pub(crate) configs: Arc<ConfigStore>,
    pub(crate) statuses: Arc<StatusStore>,
    pub(crate) offsets: Arc<OffsetStore>,
    /// The offset topic's partitions.
    pub(crate) offset_partitions: i32,
    /// The cluster's id.
    pub(crate) cluster_id: String,
}

impl Stores {
    /// Makes or checks the topics, takes the leader's id and reads everything. Waits for the cluster for as long as it takes;
    /// `phase` hears what is being done.
    pub(crate) async fn open(config: &WorkerConfig, phase: impl Fn(&str)) -> Result<Self, StoreError> {
        let stage = |text: &str| {
            info!("{text}");
            phase(text);
        };
        stage("looking for the Kafka cluster");
        let admin = TopicAdmin::new(&config.internal_client(ClientKind::Admin)?)?;
        let waiting = |reason: &str| phase(&format!("looking for the Kafka cluster: {reason}"));
        let cluster_id = admin.cluster_id(waiting).await;
        stage("making and checking the topics of the stores");
        let (_, offset_partitions, status_partitions) = tokio::try_join!(
            admin.ensure(&config.config_topic, "config.storage.topic"),
            admin.ensure(&config.offset_topic, "offset.storage.topic"),
            admin.ensure(&config.status_topic, "status.storage.topic"),
        )?;
        // Statuses and offsets are read while the id is being taken: other producers write them, and they are followed. Only
        // what the former leader may write has to be read afterwards.
        let consumer = config.internal_client(ClientKind::Consumer)?;
        let producer = LogProducer::new(config.internal_client(ClientKind::Producer)?);
        let statuses = StatusStore::open(consumer.clone(), producer, &config.status_topic.name, status_partitions);
        let offsets = OffsetStore::open(consumer, &config.offset_topic.name);
        stage("taking the leader's transactional id");
        let configs = ConfigStore::open(config).await?;
        for (log, topic) in [
            (configs.log(), &config.config_topic.name),
            (statuses.log(), &config.status_topic.name),
            (offsets.log(), &config.offset_topic.name),
        ] {
            stage(&format!("reading topic {topic}"));
            log.read_to_end().await.map_err(StoreError::from)?;
        }
        info!(
            cluster_id,
            connectors = configs.current().connectors().count(),
            "stores are read"
        );
        Ok(Stores {
            configs: Arc::new(configs),
            statuses: Arc::new(statuses),
            offsets: Arc::new(offsets),
            offset_partitions,
            cluster_id,
        })
    }
}
