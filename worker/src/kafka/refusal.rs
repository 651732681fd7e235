//! [`Refusal`]: why the client library does not take settings, found by making a client that connects to nothing.
//!
//! The library checks each value when it is set, and how values fit together when a client is made. Whoever accepts a
//! configuration asks here first; otherwise every start of a task would fail with the same words.

use rdkafka::ClientConfig;
use rdkafka::admin::AdminClient;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError as ClientError;
use rdkafka::producer::BaseProducer;

use super::complaints::Complaints;
use super::delivery_reports::DeliveryReports;
use super::{ClientSettings, Guarantee};

/// Why settings are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The settings it is about, as the library names them.
    pub settings: Vec<String>,
    /// The library's words.
    pub reason: String,
}

impl Refusal {
    /// Of a task's or the worker's producer.
    pub fn of_producer(settings: &ClientSettings, guarantee: &Guarantee) -> Option<Self> {
        let mut config = guarantee.producer_config(settings);
        config.remove("bootstrap.servers");
        of(config.create_with_context::<_, BaseProducer<_>>(DeliveryReports::default()))
    }

    /// Of a reader.
    pub fn of_consumer(settings: &ClientSettings) -> Option<Self> {
        of(unconnected(settings).create_with_context::<_, BaseConsumer<_>>(Complaints::default()))
    }

    /// Of an administration client.
    pub fn of_admin(settings: &ClientSettings) -> Option<Self> {
        of(unconnected(settings).create_with_context::<_, AdminClient<_>>(Complaints::default()))
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
