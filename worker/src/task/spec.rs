//! [`TaskSpec`]: everything a task needs to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use connector_api::{ConfigMap, SourceConnector};
use schemas::converter::{Converter, Role};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::bad_record::ErrorPolicy;
use super::failure::TaskFailure;
use super::header_converter::HeaderConverterSpec;
use super::lifecycle::{Control, Target};
use super::transaction::TransactionPolicy;
use crate::config::ConnectorClients;
use crate::config::topic_creation::TopicCreationGroup;
use crate::kafka::Guarantee;

/// A converter's class and settings, as configured.
#[derive(Clone)]
pub struct ConverterSpec {
    pub class: String,
    pub role: Role,
    pub settings: BTreeMap<String, String>,
}

impl ConverterSpec {
    pub(super) fn create(&self) -> Result<Box<dyn Converter>, TaskFailure> {
        schemas::converter::create(&self.class, self.role, &self.settings, Handle::current()).map_err(|problems| {
            let lines: Vec<String> = problems
                .iter()
                .map(|problem| format!("{}: {}", problem.key, problem.message))
                .collect();
            TaskFailure::operator(lines.join("\n"))
        })
    }
}

/// How a task uses Kafka.
#[derive(Clone)]
pub struct TaskSettings {
    pub clients: ConnectorClients,
    pub guarantee: Guarantee,
    pub offsets_topic: String,
    pub key_converter: ConverterSpec,
    pub value_converter: ConverterSpec,
    pub header_converter: HeaderConverterSpec,
    pub topic_creation: Vec<TopicCreationGroup>,
    pub policy: TransactionPolicy,
    pub errors: ErrorPolicy,
}

/// Everything a task needs to run.
pub struct TaskSpec {
    pub connector: String,
    pub task: u32,
    /// That of [`TaskContext::identity`](connector_api::TaskContext::identity).
    pub identity: String,
    /// That of [`TaskContext::start`](connector_api::TaskContext::start).
    pub start: String,
    pub plugin: Arc<dyn SourceConnector>,
    pub config: ConfigMap,
    pub settings: TaskSettings,
    pub control: Arc<Control>,
}

impl TaskSpec {
    /// A task that has not been started.
    pub fn new(
        connector: impl Into<String>,
        task: u32,
        identity: String,
        plugin: Arc<dyn SourceConnector>,
        config: ConfigMap,
        settings: TaskSettings,
    ) -> Self {
        let control = Arc::new(Control::new(Target::Run));
        TaskSpec {
            connector: connector.into(),
            task,
            identity,
            start: Uuid::new_v4().to_string(),
            plugin,
            config,
            settings,
            control,
        }
    }
}
