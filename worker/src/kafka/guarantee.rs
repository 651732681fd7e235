//! [`Guarantee`]: exactly once, or at least once.

/// What a reader may rely on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guarantee {
    /// Kafka transactions under this transactional id.
    ExactlyOnce { transactional_id: String },
    /// An idempotent producer; offsets follow the records.
    AtLeastOnce,
}
