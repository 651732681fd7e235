//! [`TopicAdmin`]: makes a store's topic, or checks the one that is there.
//!
//! State is the latest record of each key, so a topic that deletes by age would lose connectors, and a config topic of
//! several partitions would lose their order. Both are refused, as Kafka Connect does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};

use super::StoreError;
use crate::config::InternalTopic;
use crate::kafka::{Admin, ClientSettings, KafkaError, NewTopic, Outcome};

/// Between attempts while the cluster does not answer.
const RETRY_WAIT: Duration = Duration::from_millis(500);
/// How long the first answer of the cluster is waited for before the wait is logged.
const LOOK: Duration = Duration::from_secs(5);

/// Looks after the topics of the stores.
#[derive(Clone)]
pub struct TopicAdmin {
    admin: Arc<Admin>,
}

impl TopicAdmin {
    /// With these settings; it connects in the background.
    pub fn new(settings: &ClientSettings) -> Result<Self, StoreError> {
        Ok(TopicAdmin {
            admin: Arc::new(Admin::new(settings)?),
        })
    }

    /// The cluster's id, for as long as it takes to hear it; `waiting` hears why it takes long.
    pub async fn cluster_id(&self, waiting: impl Fn(&str)) -> String {
        loop {
            let admin = Arc::clone(&self.admin);
            let reason = match tokio::task::spawn_blocking(move || admin.cluster_id(LOOK)).await {
                Ok(Ok(id)) => return id,
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            };
            warn!(reason, "waiting for the Kafka cluster");
            waiting(&reason);
            tokio::time::sleep(RETRY_WAIT).await;
        }
    }

    /// Makes sure that `topic` is there and fit, and answers how many partitions it has. `key` is the property that names
    /// it. Retries for as long as the cluster does not answer.
    pub async fn ensure(&self, topic: &InternalTopic, key: &str) -> Result<i32, StoreError> {
        loop {
            match self.attempt_apart(topic, key).await {
                Err(StoreError::Kafka(error)) if error.outcome() == Outcome::Retry => {
                    warn!(topic = topic.name, %error, "waiting for the Kafka cluster");
                    tokio::time::sleep(RETRY_WAIT).await;
                }
                other => return other,
            }
        }
    }

    /// On a thread that may block.
    async fn attempt_apart(&self, topic: &InternalTopic, key: &str) -> Result<i32, StoreError> {
        let (admin, own_topic, key) = (self.clone(), topic.clone(), key.to_owned());
        let attempted = tokio::task::spawn_blocking(move || admin.attempt(&own_topic, &key)).await;
        attempted.unwrap_or_else(|error| {
            let context = format!("looking up topic {}", topic.name);
            Err(KafkaError::new(Outcome::Retry, context, error.to_string()).into())
        })
    }

    fn attempt(&self, topic: &InternalTopic, key: &str) -> Result<i32, StoreError> {
        match self.partitions(&topic.name)? {
            None => self.create(topic, key),
            Some(partitions) if topic.partitions == 1 && partitions != 1 => Err(StoreError::UnfitTopic(format!(
                "topic {} (`{key}`) has {partitions} partitions and must have exactly 1, or the order of its records is \
                 lost; name another topic or create it anew",
                topic.name
            ))),
            Some(partitions) => {
                self.check_cleanup_policy(topic, key)?;
                Ok(partitions)
            }
        }
    }

    fn partitions(&self, name: &str) -> Result<Option<i32>, KafkaError> {
        let described = self.admin.describe_topic(name)?;
        Ok(described.map(|description| description.partitions))
    }

    fn create(&self, topic: &InternalTopic, key: &str) -> Result<i32, StoreError> {
        let mut configs: BTreeMap<String, String> = topic.settings.clone();
        configs.insert("cleanup.policy".to_owned(), "compact".to_owned());
        let new = NewTopic {
            name: topic.name.clone(),
            partitions: topic.partitions,
            replication_factor: topic.replication_factor,
            configs,
        };
        let created = self.admin.create_topic(&new).map_err(|error| match error.outcome() {
            Outcome::Refused => StoreError::UnfitTopic(format!(
                "{error} ({} replicas, set by `{}`); with fewer brokers than that, lower it",
                topic.replication_factor,
                key.replace(".topic", ".replication.factor"),
            )),
            _ => StoreError::Kafka(error),
        })?;
        if created {
            info!(topic = topic.name, partitions = topic.partitions, "created topic");
        }
        // The broker's metadata follows the creation; asked until it does.
        loop {
            if let Some(partitions) = self.partitions(&topic.name)? {
                return Ok(partitions);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn check_cleanup_policy(&self, topic: &InternalTopic, key: &str) -> Result<(), StoreError> {
        let configs = match self.admin.topic_configs(&topic.name) {
            Ok(configs) => configs,
            // Reading a topic's settings is a right of its own, and the worker can do without.
            Err(error) if error.outcome() == Outcome::Refused => {
                warn!(topic = topic.name, %error, "cannot see whether the topic is compacted; it has to be");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        match configs.get("cleanup.policy").map(String::as_str) {
            None | Some("compact") => Ok(()),
            Some(policy) => Err(StoreError::UnfitTopic(format!(
                "topic {name} (`{key}`) has cleanup.policy={policy} and must have cleanup.policy=compact, or state is lost; \
                 change it with `kafka-configs.sh --alter --topic {name} --add-config cleanup.policy=compact`",
                name = topic.name
            ))),
        }
    }
}
