//! [`RegexRouter`]: renames topics (`org.apache.kafka.connect.transforms.RegexRouter`).

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig};

use super::chain::{Next, Transform, TransformError};
use super::record::Record;
use super::topic_pattern::TopicPattern;

/// Gives a record whose topic matches another one.
pub struct RegexRouter {
    pattern: TopicPattern,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let required = |name, doc| {
        ConfigKey::new(name, ConfigType::String, doc)
            .required()
            .importance(Importance::High)
    };
    vec![
        required("regex", "A Java regular expression for the whole name of a topic."),
        required(
            "replacement",
            "The new name, in which $1 or ${name} stand for what a group of the expression has found.",
        ),
    ]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let option = |name| options.string(name).unwrap_or_default();
    let pattern = TopicPattern::of(("regex", option("regex")), ("replacement", option("replacement")))?;
    Ok(Box::new(RegexRouter { pattern }))
}

impl Transform for RegexRouter {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        match self.pattern.rename(record.topic)? {
            Some(topic) => next(&Record { topic, ..*record }),
            None => next(record),
        }
        Ok(())
    }
}
