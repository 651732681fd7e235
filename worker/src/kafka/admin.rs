//! [`Admin`]: topics, their settings, and the cluster's id.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic as ClientTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::types::RDKafkaErrorCode;

use super::brokers::Brokers;
use super::complaints::{Complaints, explained, serve};
use super::tokens::AdminTokens;
use super::{ClientSettings, KafkaError, Outcome};

/// So many refusals of a topic for want of brokers are not believed.
const REFUSALS: u32 = 3;
const BETWEEN_REFUSALS: Duration = Duration::from_secs(1);

/// A topic to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    pub name: String,
    /// -1: the broker's default.
    pub partitions: i32,
    /// -1: the broker's default.
    pub replication_factor: i32,
    /// Topic settings, e.g. `cleanup.policy`.
    pub configs: BTreeMap<String, String>,
}

/// What the cluster says about a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicDescription {
    pub partitions: i32,
}

/// Administers topics. Its calls are asynchronous where the library's are, and short where not.
pub struct Admin {
    client: Arc<AdminClient<Complaints>>,
    tokens: Arc<AdminTokens>,
    /// Looks without creating: the admin client is a producer, whose look at a missing topic may create it.
    observer: Arc<BaseConsumer<Complaints>>,
    timeout: Duration,
}

impl Admin {
    /// Creates the client; it connects in the background.
    pub fn new(settings: &ClientSettings) -> Result<Self, KafkaError> {
        let client = settings
            .to_config(&["transactional.id"])
            .create_with_context(Complaints::default())
            .map_err(|error| KafkaError::client("creating the admin client", &error))?;
        let observer = settings
            .to_config(&["transactional.id"])
            .set("allow.auto.create.topics", "false")
            .create_with_context(Complaints::default())
            .map_err(|error| KafkaError::client("creating the observing client", &error))?;
        Ok(Admin {
            client: Arc::new(client),
            tokens: Arc::new(AdminTokens::of(settings)),
            observer: Arc::new(observer),
            timeout: Duration::from_secs(15),
        })
    }

    /// Creates a topic. Answers `false` if it was there already.
    ///
    /// That there are too few brokers for its replicas can be said by a cluster that is just coming back, so it is asked again a
    /// few times before it is believed.
    pub async fn create_topic(&self, topic: &NewTopic) -> Result<bool, KafkaError> {
        let mut refusals = 0;
        loop {
            match self.try_create(topic).await? {
                Ok(()) => return Ok(true),
                Err(RDKafkaErrorCode::TopicAlreadyExists) => return Ok(false),
                Err(code @ RDKafkaErrorCode::InvalidReplicationFactor) if refusals == REFUSALS => {
                    let (outcome, why) = self.brokers().await?.refuse(topic.replication_factor);
                    return Err(KafkaError::new(outcome, creating(topic), format!("{code}: {why}")));
                }
                Err(RDKafkaErrorCode::InvalidReplicationFactor) => refusals += 1,
                Err(code) => return Err(KafkaError::code(creating(topic), code)),
            }
            tokio::time::sleep(BETWEEN_REFUSALS).await;
        }
    }

    async fn try_create(&self, topic: &NewTopic) -> Result<Result<(), RDKafkaErrorCode>, KafkaError> {
        let mut new = ClientTopic::new(
            &topic.name,
            topic.partitions,
            TopicReplication::Fixed(topic.replication_factor),
        );
        for (key, value) in &topic.configs {
            new = new.set(key, value);
        }
        let client = self.client().await?;
        let results = client
            .create_topics([&new], &self.options())
            .await
            .map_err(|error| KafkaError::client(creating(topic), &error))?;
        match results.into_iter().next() {
            Some(Ok(_)) => Ok(Ok(())),
            Some(Err((_, code))) => Ok(Err(code)),
            None => Err(KafkaError::new(
                Outcome::Retry,
                creating(topic),
                "the broker gave no answer",
            )),
        }
    }

    async fn brokers(&self) -> Result<Brokers, KafkaError> {
        let (observer, timeout) = (Arc::clone(&self.observer), self.timeout);
        let told = tokio::task::spawn_blocking(move || {
            serve(&observer);
            let metadata = observer.fetch_metadata(None, timeout);
            metadata
                .map(|metadata| Brokers::of(&metadata))
                .map_err(|error| explained(&observer, KafkaError::client("counting the brokers", &error)))
        });
        told.await.unwrap_or_else(|error| {
            Err(KafkaError::new(
                Outcome::Retry,
                "counting the brokers",
                error.to_string(),
            ))
        })
    }

    /// Describes a topic; `None` if there is none. Blocks for up to the request timeout.
    pub fn describe_topic(&self, name: &str) -> Result<Option<TopicDescription>, KafkaError> {
        let context = || format!("looking up topic {name}");
        let metadata = self
            .observer()
            .fetch_metadata(Some(name), self.timeout)
            .map_err(|error| explained(&self.observer, KafkaError::client(context(), &error)))?;
        let Some(topic) = metadata.topics().iter().find(|topic| topic.name() == name) else {
            return Ok(None);
        };
        match topic.error().map(RDKafkaErrorCode::from) {
            None => Ok(Some(TopicDescription {
                partitions: topic.partitions().len() as i32,
            })),
            Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => Ok(None),
            Some(code) => Err(KafkaError::code(context(), code)),
        }
    }

    /// The names of all topics that this client may see. Blocks for up to the request timeout.
    pub fn topic_names(&self) -> Result<Vec<String>, KafkaError> {
        let metadata = self
            .observer()
            .fetch_metadata(None, self.timeout)
            .map_err(|error| explained(&self.observer, KafkaError::client("looking up topics", &error)))?;
        Ok(metadata.topics().iter().map(|topic| topic.name().to_owned()).collect())
    }

    /// Asks for the metadata of a topic in the way that makes a broker with `auto.create.topics.enable` create it.
    pub fn auto_create_topic(&self, name: &str) -> Result<(), KafkaError> {
        self.tokens.give_blocking(&self.client)?;
        let metadata = self.client.inner().fetch_metadata(Some(name), self.timeout);
        metadata
            .map(|_| ())
            .map_err(|error| KafkaError::client(format!("looking up topic {name}"), &error))
    }

    /// A topic's settings, as far as the broker shows them.
    pub async fn topic_configs(&self, name: &str) -> Result<BTreeMap<String, String>, KafkaError> {
        let context = || format!("reading the settings of topic {name}");
        let client = self.client().await?;
        let results = client
            .describe_configs([&ResourceSpecifier::Topic(name)], &self.options())
            .await
            .map_err(|error| KafkaError::client(context(), &error))?;
        match results.into_iter().next() {
            // The client library drops the broker's refusal. A topic that may be seen has settings, if only defaults.
            Some(Ok(resource)) if resource.entries.is_empty() => Err(KafkaError::new(
                Outcome::Refused,
                context(),
                "the broker shows none: the worker's user needs the right `DescribeConfigs` on the topic to see them",
            )),
            Some(Ok(resource)) => Ok(resource
                .entries
                .into_iter()
                .filter_map(|entry| entry.value.map(|value| (entry.name, value)))
                .collect()),
            Some(Err(code)) => Err(KafkaError::code(context(), code)),
            None => Err(KafkaError::new(Outcome::Retry, context(), "the broker gave no answer")),
        }
    }

    /// The cluster's id. Blocks for at most `wait`.
    pub fn cluster_id(&self, wait: Duration) -> Result<String, KafkaError> {
        self.observer().client().fetch_cluster_id(wait).ok_or_else(|| {
            let error = KafkaError::new(Outcome::Retry, "asking for the cluster's id", "no broker answers");
            explained(&self.observer, error)
        })
    }

    /// The client, logged in.
    async fn client(&self) -> Result<&AdminClient<Complaints>, KafkaError> {
        self.tokens.give(&self.client).await?;
        Ok(&self.client)
    }

    /// The observer, logged in.
    fn observer(&self) -> &BaseConsumer<Complaints> {
        serve(&self.observer);
        &self.observer
    }

    fn options(&self) -> AdminOptions {
        AdminOptions::new()
            .request_timeout(Some(self.timeout))
            .operation_timeout(Some(self.timeout))
    }
}

fn creating(topic: &NewTopic) -> String {
    format!("creating topic {}", topic.name)
}
