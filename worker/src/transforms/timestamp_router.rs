//! [`TimestampRouter`]: a topic made of the topic and of the record's time (`org.apache.kafka.connect.transforms.TimestampRouter`).
//!
//! Records of a connector have no time of their own yet; those have that a transform gave one, as the outbox `EventRouter` does.

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig};

use super::chain::{Next, Transform, TransformError};
use super::date_format::DateFormat;
use super::record::Record;

/// The transform.
pub struct TimestampRouter {
    topic_format: String,
    times: DateFormat,
}

const TOPIC: &str = "${topic}";
const TIMESTAMP: &str = "${timestamp}";

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let text = |name, doc| ConfigKey::new(name, ConfigType::String, doc).importance(Importance::High);
    vec![
        text("topic.format", "The new topic, in which ${topic} and ${timestamp} stand for the old one and the time.")
            .default_value("${topic}-${timestamp}"),
        text(
            "timestamp.format",
            "How the time is written: a pattern of Java's SimpleDateFormat with the letters y M d H k K h m s S a E z Z X, in UTC.",
        )
        .default_value("yyyyMMdd"),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let option = |name| options.string(name).unwrap_or_default();
    let pattern = option("timestamp.format");
    let now_ms = chrono::Utc::now().timestamp_millis();
    let times = DateFormat::new(pattern, now_ms)
        .map_err(|reason| vec![ConfigProblem::new("timestamp.format", format!("{pattern}: {reason}"))])?;
    Ok(Box::new(TimestampRouter {
        topic_format: option("topic.format").to_owned(),
        times,
    }))
}

impl Transform for TimestampRouter {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some(timestamp_ms) = record.timestamp_ms else {
            return Err(TransformError::new(
                "it has no time, as nothing that comes from a connector: only behind the outbox EventRouter have records one",
            ));
        };
        let mut time = String::new();
        self.times.push(&mut time, timestamp_ms);
        let topic = self.topic_format.replace(TOPIC, record.topic).replace(TIMESTAMP, &time);
        next(&Record {
            topic: &topic,
            ..*record
        });
        Ok(())
    }
}
