//! [`ScriptFilter`]: keeps the records for which an expression holds (`io.debezium.transforms.Filter`).

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, ParsedConfig};

use super::chain::{Next, Transform, TransformError};
use super::record::Record;
use super::script::{self, Script, Verdict};

/// The transform.
pub struct ScriptFilter {
    script: Script,
}

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let doc = "The expression; records for which it is not true are dropped.";
    script::keys(ConfigKey::new("condition", ConfigType::String, doc).display_name("Filtering condition"))
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let script = Script::new("condition", options)?;
    Ok(Box::new(ScriptFilter { script }))
}

impl Transform for ScriptFilter {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        match self.script.judge(record)? {
            Verdict::Keep | Verdict::Answer(cel::Value::Bool(true)) => next(record),
            Verdict::Drop | Verdict::Answer(cel::Value::Bool(false)) => {}
            Verdict::Answer(other) => {
                let answer = other.type_of();
                return Err(TransformError::new(format!(
                    "the condition is neither true nor false but of type {answer}"
                )));
            }
        }
        Ok(())
    }
}
