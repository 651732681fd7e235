//! [`ContentBasedRouter`]: the topic that an expression names (`io.debezium.transforms.ContentBasedRouter`).

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, ParsedConfig};

use super::chain::{Next, Transform, TransformError};
use super::record::Record;
use super::script::{self, Script, Verdict};

/// The transform.
pub struct ContentBasedRouter {
    script: Script,
}

const EXPRESSION: &str = "topic.expression";

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let doc = "The expression; the text that it answers is the topic, and null leaves the record where it is.";
    script::keys(ConfigKey::new(EXPRESSION, ConfigType::String, doc).display_name("Topic name expression"))
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let script = Script::new(EXPRESSION, options)?;
    Ok(Box::new(ContentBasedRouter { script }))
}

impl Transform for ContentBasedRouter {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        match self.script.judge(record)? {
            Verdict::Keep | Verdict::Answer(cel::Value::Null) => next(record),
            Verdict::Drop => {}
            Verdict::Answer(cel::Value::String(topic)) => next(&Record {
                topic: &topic,
                ..*record
            }),
            Verdict::Answer(other) => {
                let answer = other.type_of();
                return Err(TransformError::new(format!(
                    "the expression names no topic but is of type {answer}"
                )));
            }
        }
        Ok(())
    }
}
