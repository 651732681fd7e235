//! The Connect data model as JSON, exactly as Kafka Connect's `JsonConverter` writes it.

pub(crate) mod text;
