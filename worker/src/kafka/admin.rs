//! [`Admin`]: topics, their settings, and the cluster's id.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use wire::{Creation, Look};

use super::brokers::Brokers;
use super::connection_settings::connection_settings;
use super::{ClientSettings, KafkaError, Outcome};

/// So many refusals of a topic for want of brokers are not believed.
const REFUSALS: u32 = 3;
const BETWEEN_REFUSALS: Duration = Duration::from_secs(1);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

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

/// Administers topics. Its calls block, for up to 15 s each, and one waits for the other.
pub struct Admin {
    client: Mutex<wire::Admin>,
}

impl Admin {
    /// Creates the client; it connects when it is first asked.
    pub fn new(settings: &ClientSettings) -> Result<Self, KafkaError> {
        let settings =
            connection_settings(settings).map_err(|refusal| refusal.of("making an administration client"))?;
        Ok(Admin {
            client: Mutex::new(wire::Admin::new(settings)?),
        })
    }

    fn client(&self) -> MutexGuard<'_, wire::Admin> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates a topic. Answers `false` if it was there already.
    ///
    /// That there are too few brokers for its replicas can be said by a cluster that is just coming back, so it is asked again a
    /// few times before it is believed.
    pub fn create_topic(&self, topic: &NewTopic) -> Result<bool, KafkaError> {
        let settings: Vec<(&str, &str)> = topic
            .configs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let new = wire::NewTopic {
            name: &topic.name,
            partitions: topic.partitions,
            replication_factor: i16::try_from(topic.replication_factor).unwrap_or(i16::MAX),
            settings: &settings,
        };
        let mut refusals = 0;
        loop {
            let created = self.client().create_topic(&new, PATIENCE)?;
            match created {
                Creation::Created => return Ok(true),
                Creation::WasThere => return Ok(false),
                Creation::TooFewBrokers(error) if refusals == REFUSALS => {
                    let look = self.client().look(None, false, PATIENCE)?;
                    let (outcome, why) = Brokers::of(&look).refuse(topic.replication_factor);
                    return Err(KafkaError::new(
                        outcome,
                        error.context(),
                        format!("{}: {why}", error.message()),
                    ));
                }
                Creation::TooFewBrokers(_) => refusals += 1,
            }
            std::thread::sleep(BETWEEN_REFUSALS);
        }
    }

    /// Describes a topic; `None` if there is none.
    pub fn describe_topic(&self, name: &str) -> Result<Option<TopicDescription>, KafkaError> {
        let look = self.client().look(Some(&[name]), false, PATIENCE)?;
        Ok(look.topics.first().map(|topic| TopicDescription {
            partitions: topic.replicas.len() as i32,
        }))
    }

    /// The names of all topics that this client may see.
    pub fn topic_names(&self) -> Result<Vec<String>, KafkaError> {
        let Look { topics, .. } = self.client().look(None, false, PATIENCE)?;
        Ok(topics.into_iter().map(|topic| topic.name).collect())
    }

    /// Asks for the metadata of a topic in the way that makes a broker with `auto.create.topics.enable` create it.
    pub fn auto_create_topic(&self, name: &str) -> Result<(), KafkaError> {
        match self.client().look(Some(&[name]), true, PATIENCE) {
            Ok(_) => Ok(()),
            // It is being made.
            Err(error) if error.kind() == wire::Kind::Retry => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A topic's settings.
    ///
    /// # Errors
    /// [`Outcome::Refused`]: the broker does not show them.
    pub fn topic_configs(&self, name: &str) -> Result<BTreeMap<String, String>, KafkaError> {
        let settings = self.client().topic_settings(name, PATIENCE)?;
        Ok(settings.into_iter().collect())
    }

    /// The cluster's id. Waits for at most `wait`.
    pub fn cluster_id(&self, wait: Duration) -> Result<String, KafkaError> {
        let look = self.client().look(Some(&[]), false, wait)?;
        look.cluster_id
            .ok_or_else(|| KafkaError::new(Outcome::Refused, "asking for the cluster's id", "the cluster has none"))
    }
}
