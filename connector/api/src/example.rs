//! [`NumbersConnector`]: a whole connector in a page. It writes 1, 2, 3, … to a topic and can resume after any of them.
//!
//! The worker's exactly-once tests use it: whatever is killed, a reader must see every number once, in order.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::config::{ConfigDef, ConfigKey, ConfigType, ConfigValue};
use crate::data::{Schema, SchemaType, Value};
use crate::{
    ConfigMap, ConnectError, HeaderSet, Partitioning, Progress, RecordPart, RecordSink, SourceConnector, SourceOffset,
    SourcePartition, SourceRecord, SourceTask, TaskContext, TaskError,
};

static CONFIG: LazyLock<ConfigDef> = LazyLock::new(|| {
    ConfigDef::new([
        ConfigKey::new("topic", ConfigType::String, "The topic the numbers go to.").required(),
        ConfigKey::new("batch", ConfigType::Int, "How many numbers are sent per round.").default_value("10"),
        ConfigKey::new(
            "interval.ms",
            ConfigType::Long,
            "How long a round rests, in milliseconds.",
        )
        .default_value("0"),
        ConfigKey::new("last", ConfigType::Long, "The last number.").default_value("9223372036854775807"),
    ])
});

/// Numbers, one record each.
pub struct NumbersConnector;

impl SourceConnector for NumbersConnector {
    fn class(&self) -> &'static str {
        "io.rowmill.example.NumbersConnector"
    }
    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
    fn config_def(&self) -> &ConfigDef {
        &CONFIG
    }
    fn validate(&self, config: &ConfigMap) -> Vec<ConfigValue> {
        CONFIG.validate(config)
    }
    fn task_configs(&self, config: &ConfigMap, _max_tasks: usize) -> Result<Vec<ConfigMap>, ConnectError> {
        Ok(vec![config.clone()])
    }
    fn task_class(&self) -> &'static str {
        "io.rowmill.example.NumbersTask"
    }
    fn start_task(
        &self,
        config: &ConfigMap,
        context: Arc<dyn TaskContext>,
    ) -> Result<Box<dyn SourceTask>, ConnectError> {
        let parsed = CONFIG
            .parse(config)
            .map_err(|problems| ConnectError::fatal(format!("{problems:?}")))?;
        let partition = SourcePartition::single("numbers", parsed.string("topic").unwrap_or_default());
        let stored = context.stored_offset(&partition)?;
        Ok(Box::new(NumbersTask {
            topic: parsed.string("topic").unwrap_or_default().to_owned(),
            batch: parsed.number("batch").unwrap_or_default(),
            interval: Duration::from_millis(parsed.number("interval.ms").unwrap_or_default().unsigned_abs()),
            last: parsed.number("last").unwrap_or_default(),
            number: stored
                .and_then(|offset| offset.0.get("number")?.as_i64())
                .unwrap_or_default(),
            partition,
            schema: Schema::new(SchemaType::Int64).shared(),
            headers: Arc::default(),
        }))
    }
}

struct NumbersTask {
    topic: String,
    batch: i64,
    interval: Duration,
    last: i64,
    /// The newest number that was sent.
    number: i64,
    partition: SourcePartition,
    schema: Arc<Schema>,
    headers: Arc<HeaderSet>,
}

fn offset_of(number: i64) -> SourceOffset {
    SourceOffset([("number".to_owned(), number.into())].into_iter().collect())
}

impl SourceTask for NumbersTask {
    fn run_once(&mut self, sink: &mut dyn RecordSink, wait: Duration) -> Result<Progress, TaskError> {
        for number in self.number + 1..=self.last.min(self.number + self.batch) {
            let value = Value::Int64(number);
            let part = RecordPart {
                schema: &self.schema,
                value: &value,
            };
            let record = SourceRecord {
                topic: &self.topic,
                partitioning: Partitioning::Fixed(0),
                key: Some(part),
                value: Some(part),
                headers: &[],
                shared_headers: &self.headers,
                committed_at_ms: None,
            };
            sink.send(&[record], &|| offset_of(number - 1))?;
            self.number = number;
        }
        if self.number == self.last {
            return Ok(Progress::Finished);
        }
        std::thread::sleep(self.interval.min(wait));
        Ok(if self.interval.is_zero() {
            Progress::More
        } else {
            Progress::Idle
        })
    }

    fn partition(&self) -> SourcePartition {
        self.partition.clone()
    }

    fn offset(&self) -> Option<SourceOffset> {
        Some(offset_of(self.number))
    }
}
