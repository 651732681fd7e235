//! [`Destinations`]: the topics a task writes to, looked up once, created if missing, checked against the key.

use std::collections::HashMap;
use std::sync::Arc;

use connector_api::pattern::Runaway;
use tracing::{info, warn};

use crate::config::topic_creation::TopicCreationGroup;
use crate::kafka::{Admin, KafkaError, NewTopic, Outcome};

/// What is known of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destination {
    /// How many partitions it has.
    pub partitions: i32,
    /// Whether the broker demands a key (`cleanup.policy` contains `compact`).
    pub needs_key: bool,
}

/// A topic that is known, without its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DestinationId(usize);

/// The topics of one task.
pub struct Destinations {
    admin: Admin,
    /// In the order of `topic.creation.groups`, the default group last. Empty: topics are left to the broker.
    groups: Vec<TopicCreationGroup>,
    known: HashMap<Arc<str>, DestinationId>,
    topics: Vec<(Arc<str>, Destination)>,
}

impl Destinations {
    /// No topic is known yet.
    pub fn new(admin: Admin, groups: Vec<TopicCreationGroup>) -> Self {
        Destinations {
            admin,
            groups,
            known: HashMap::new(),
            topics: Vec::new(),
        }
    }

    /// What is known of `topic`, without asking anybody.
    pub fn known(&self, topic: &str) -> Option<(DestinationId, Destination)> {
        let id = *self.known.get(topic)?;
        Some((id, self.topics[id.0].1))
    }

    /// The topic's name, and what is known of it.
    pub fn topic(&self, id: DestinationId) -> (&str, Destination) {
        let (name, destination) = &self.topics[id.0];
        (name, *destination)
    }

    /// Looks `topic` up and creates it if it is missing. Blocks.
    pub fn learn(&mut self, topic: &str) -> Result<Destination, KafkaError> {
        let partitions = match self.admin.describe_topic(topic)? {
            Some(description) => description.partitions,
            None => self.create(topic)?,
        };
        let needs_key = self.is_compacted(topic)?;
        let destination = Destination { partitions, needs_key };
        let (id, name) = (DestinationId(self.topics.len()), Arc::from(topic));
        self.topics.push((Arc::clone(&name), destination));
        self.known.insert(name, id);
        Ok(destination)
    }

    fn is_compacted(&self, topic: &str) -> Result<bool, KafkaError> {
        match self.admin.topic_configs(topic) {
            Ok(configs) => Ok(configs
                .get("cleanup.policy")
                .is_some_and(|policy| policy.contains("compact"))),
            // Reading a topic's settings is a right of its own (DescribeConfigs), which Kafka Connect does without. The
            // broker refuses a record without a key all the same, only later.
            Err(error) if error.outcome() == Outcome::Refused => {
                warn!(topic, %error, "cannot see whether the topic is compacted and needs keys");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn create(&self, topic: &str) -> Result<i32, KafkaError> {
        let Some(group) = self.group_of(topic)? else {
            return self.left_to_the_broker(topic);
        };
        let new = NewTopic {
            name: topic.to_owned(),
            partitions: group.partitions,
            replication_factor: group.replication_factor,
            configs: group.configs.clone(),
        };
        let created = self.admin.create_topic(&new);
        if created.map_err(|error| refused_by_the_broker(error, group))? {
            info!(
                topic,
                group = group.name,
                partitions = group.partitions,
                "created topic"
            );
        }
        self.partitions_of_new(topic)
    }

    fn group_of(&self, topic: &str) -> Result<Option<&TopicCreationGroup>, KafkaError> {
        for group in &self.groups {
            let refused = |runaway: Runaway| {
                let context = format!("topic.creation.{}", group.name);
                KafkaError::new(Outcome::Refused, context, runaway.to_string())
            };
            if group.matches(topic).map_err(refused)? {
                return Ok(Some(group));
            }
        }
        Ok(None)
    }

    fn left_to_the_broker(&self, topic: &str) -> Result<i32, KafkaError> {
        self.admin.auto_create_topic(topic)?;
        self.partitions_of_new(topic).map_err(|error| match error.outcome() {
            Outcome::Retry => KafkaError::new(
                Outcome::Retry,
                format!("creating topic {topic}"),
                "the broker does not create topics by itself; create it, or set \
                 topic.creation.default.partitions and topic.creation.default.replication.factor in the connector",
            ),
            _ => error,
        })
    }

    fn partitions_of_new(&self, topic: &str) -> Result<i32, KafkaError> {
        for _ in 0..50 {
            if let Some(description) = self.admin.describe_topic(topic)? {
                return Ok(description.partitions);
            }
            // The broker's metadata follows the creation within milliseconds; asked until it does.
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        Err(KafkaError::new(
            Outcome::Retry,
            format!("creating topic {topic}"),
            "the cluster does not know it yet",
        ))
    }
}

/// A refusal says which settings it is about.
fn refused_by_the_broker(error: KafkaError, group: &TopicCreationGroup) -> KafkaError {
    if error.outcome() != Outcome::Refused {
        return error;
    }
    KafkaError::new(
        Outcome::Refused,
        error.to_string(),
        format!(
            "it was asked for {} partitions, {} replicas and the settings {:?}, as topic.creation.{}.* of the connector say: \
             correct them, give the worker's principal the right to create the topic, or create it yourself",
            group.partitions,
            group.replication_factor,
            group.configs.keys().collect::<Vec<_>>(),
            group.name
        ),
    )
}
