//! [`ErrorPolicy`]: what `errors.*` of a connector asks for when a record cannot be brought to Kafka, and [`Fault`]: where on the
//! way that was (`org.apache.kafka.connect.runtime.errors`).

use std::fmt;
use std::time::Duration;

use connector_api::SourceRecord;
use tracing::error;

use super::failure::TaskFailure;
use crate::transforms::chain::TransformError;
use crate::transforms::header_text::header_text;
use crate::transforms::record::Part;

/// What is done about errors.
#[derive(Debug, Clone, Copy, Default)]
pub struct ErrorPolicy {
    /// `errors.tolerance=all`: a change with a record that cannot be transformed or converted or is too large is left out, all
    /// of it: of a changed key the delete without the create would lose the row.
    pub skips: bool,
    /// `errors.retry.timeout`: how long something that may heal is tried again; `None`: for as long as it takes.
    pub retries_for: Option<Duration>,
    /// `errors.log.enable`: an error is logged with its stage, also one that fails the task.
    pub logs: bool,
    /// `errors.log.include.messages`: and with the record.
    pub shows_records: bool,
}

/// A station on the way of a record, in Kafka Connect's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Transformation,
    KeyConverter,
    ValueConverter,
    HeaderConverter,
    KafkaProduce,
}

/// Why a record cannot be brought to Kafka.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) stage: Stage,
    pub(super) reason: TaskFailure,
    /// Whether the record is to blame, and not, say, a registry.
    pub(super) is_the_records: bool,
}

/// A log line is to be read by people; a row may have megabytes.
const MOST_SHOWN: usize = 16 << 10;

impl ErrorPolicy {
    /// Whether the change of the record is left out.
    pub(super) fn tolerates(&self, fault: &Fault) -> bool {
        self.skips && fault.is_the_records
    }

    /// Logs what happened to `record`, which the connector sent, if that is wanted.
    pub(super) fn tell(&self, record: &SourceRecord<'_>, fault: &Fault) {
        if !self.logs {
            return;
        }
        let shown = self.shows_records.then(|| shown(record));
        error!(
            stage = %fault.stage,
            topic = record.topic,
            reason = %fault.reason,
            record = shown.as_ref().map(tracing::field::display),
            "a record cannot be brought to Kafka"
        );
    }
}

impl Fault {
    pub(super) fn new(stage: Stage, reason: impl Into<TaskFailure>) -> Self {
        Fault {
            stage,
            reason: reason.into(),
            is_the_records: true,
        }
    }
}

impl From<TransformError> for Fault {
    fn from(error: TransformError) -> Self {
        Fault::new(Stage::Transformation, error)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Transformation => "TRANSFORMATION",
            Stage::KeyConverter => "KEY_CONVERTER",
            Stage::ValueConverter => "VALUE_CONVERTER",
            Stage::HeaderConverter => "HEADER_CONVERTER",
            Stage::KafkaProduce => "KAFKA_PRODUCE",
        })
    }
}

fn shown(record: &SourceRecord<'_>) -> String {
    let text = |part: Option<Part<'_>>| match part.map(header_text) {
        None | Some(Ok(None)) => "null".to_owned(),
        Some(Ok(Some(text))) => cut(String::from_utf8_lossy(&text).into_owned()),
        Some(Err(error)) => format!("not to be shown: {error}"),
    };
    let (key, value) = (record.key.map(Part::from), record.value.map(Part::from));
    format!("key {}, value {}", text(key), text(value))
}

fn cut(mut text: String) -> String {
    if text.len() > MOST_SHOWN {
        let end = (0..=MOST_SHOWN).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        text.push_str("..");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use connector_api::data::{Field, Schema, SchemaType, Value};
    use connector_api::{HeaderSet, Partitioning, RecordPart, SourceRecord};

    use super::{ErrorPolicy, Fault, MOST_SHOWN, Stage, cut, shown};
    use crate::task::failure::TaskFailure;

    #[test]
    fn a_record_is_shown_with_key_and_value() {
        let schema =
            Schema::structure("t.Key", vec![Field::new("id", Schema::new(SchemaType::Int32).shared())]).shared();
        let (id, none) = (Value::Struct(vec![Value::Int32(7)]), Arc::new(HeaderSet::default()));
        let record = SourceRecord {
            topic: "t",
            partitioning: Partitioning::ByKey,
            key: Some(RecordPart {
                schema: &schema,
                value: &id,
            }),
            value: None,
            headers: &[],
            shared_headers: &none,
            committed_at_ms: None,
        };
        assert_eq!(shown(&record), r#"key {"id":7}, value null"#);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = cut(format!("x{}", "é".repeat(MOST_SHOWN)));
        assert_eq!((text.len(), text.ends_with("é..")), (MOST_SHOWN + 1, true));
    }

    #[test]
    fn only_what_is_the_records_fault_is_tolerated() {
        let policy = ErrorPolicy {
            skips: true,
            ..ErrorPolicy::default()
        };
        let fault = Fault::new(Stage::ValueConverter, TaskFailure::operator("no"));
        assert!(policy.tolerates(&fault) && !ErrorPolicy::default().tolerates(&fault));
        assert!(!policy.tolerates(&Fault {
            is_the_records: false,
            ..fault
        }));
    }
}
