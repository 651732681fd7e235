//! [`Refusal`]: why a client does not take settings, found without connecting to anything.
//!
//! Whoever accepts a configuration asks here first; otherwise every start of a task would fail with the same words. Of readers the
//! library says so: it checks each value when it is set, and how values fit together when a client is
//! made.

use rdkafka::ClientConfig;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError as ClientError;

use super::complaints::Complaints;
use super::connection_settings::connection_settings;
use super::producer_settings::producer_settings;
use super::{ClientSettings, Guarantee, KafkaError, Outcome};

/// Why settings are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The settings it is about, as [`ClientSettings`] names them.
    pub settings: Vec<String>,
    pub reason: String,
}

impl Refusal {
    /// Of a producer.
    pub fn of_producer(settings: &ClientSettings) -> Option<Self> {
        producer_settings(settings, &Guarantee::AtLeastOnce).err()
    }

    /// Of a reader.
    pub fn of_consumer(settings: &ClientSettings) -> Option<Self> {
        of(unconnected(settings).create_with_context::<_, BaseConsumer<_>>(Complaints::default()))
    }

    /// Of an administration client.
    pub fn of_admin(settings: &ClientSettings) -> Option<Self> {
        connection_settings(settings).err()
    }

    /// Of the value of one setting.
    pub(super) fn of_setting(setting: &str, reason: String) -> Self {
        Refusal {
            settings: vec![setting.to_owned()],
            reason,
        }
    }

    /// As the failure of whoever wanted to use them for this.
    pub(super) fn of(self, doing: &str) -> KafkaError {
        KafkaError::new(
            Outcome::Refused,
            format!("{doing} ({})", self.settings.join(", ")),
            self.reason,
        )
    }
}

/// Without servers there is nobody to connect to.
fn unconnected(settings: &ClientSettings) -> ClientConfig {
    settings.to_config(&["bootstrap.servers"])
}

fn of<C>(created: Result<C, ClientError>) -> Option<Refusal> {
    let (setting, reason) = match created.err()? {
        ClientError::ClientConfig(_, reason, setting, _) => (Some(setting), reason),
        ClientError::ClientCreation(reason) => (None, reason),
        other => (None, other.to_string()),
    };
    // The library writes the names of settings in backquotes.
    let named = reason.split('`').skip(1).step_by(2).map(str::to_owned);
    Some(Refusal {
        settings: setting.into_iter().chain(named).collect(),
        reason: reason.trim_end().to_owned(),
    })
}
