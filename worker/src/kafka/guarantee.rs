//! [`Guarantee`]: exactly once, or at least once.

use rdkafka::ClientConfig;

use super::ClientSettings;
use super::linger::linger_ms;

/// What a reader may rely on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guarantee {
    /// Kafka transactions under this transactional id.
    ExactlyOnce { transactional_id: String },
    /// An idempotent producer; offsets follow the records.
    AtLeastOnce,
}

impl Guarantee {
    /// The configuration of a producer that gives it.
    pub(super) fn producer_config(&self, settings: &ClientSettings) -> ClientConfig {
        let mut config = settings.to_config(&[]);
        config
            .set("enable.idempotence", "true")
            .set("delivery.report.only.error", "true")
            .set("linger.ms", linger_ms(settings).to_string());
        if let Guarantee::ExactlyOnce { transactional_id } = self {
            config.set("transactional.id", transactional_id);
        }
        config
    }
}
