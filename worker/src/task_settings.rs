//! How a task uses Kafka, from the worker's configuration and its connector's.

use std::time::Duration;

use connector_api::ConfigMap;
use schemas::converter::Role;

use crate::config::topic_creation::topic_creation_groups;
use crate::config::{ClientKind, ConnectorClient, ConnectorClients, OverridePolicy, WorkerConfig};
use crate::kafka::{COMMIT_DEADLINE, ClientSettings};
use crate::store::ConnectorTaskId;
use crate::task::bad_record::ErrorPolicy;
use crate::task::header_converter::HeaderConverterSpec;
use crate::task::spec::{ConverterSpec, TaskSettings};
use crate::task::transaction::TransactionPolicy;

/// A transaction under load is cut at this size: large enough that a commit's milliseconds do not count, small enough to
/// bound the producer's memory.
const MAX_TRANSACTION_BYTES: usize = 8 << 20;
/// And at this age, so that consumers see a steady stream while we catch up.
const MAX_TRANSACTION_AGE: Duration = Duration::from_millis(500);
/// Java's default of `max.request.size`; librdkafka's own is 1,000,000.
const MAX_REQUEST_SIZE: &str = "1048576";

/// The settings of task `id` of the connector configured by `connector`, whose placeholders are looked up. Problems are
/// sentences that name their keys.
pub(crate) fn task_settings(
    worker: &WorkerConfig,
    id: &ConnectorTaskId,
    connector: &ConfigMap,
) -> Result<TaskSettings, Vec<String>> {
    let connector = &worker
        .providers()
        .resolve(connector)
        .complete()
        .map_err(|problem| vec![problem])?;
    let refused = worker.endpoint_problems(connector).into_iter();
    let mut problems: Vec<String> = refused.map(|(_, sentence)| sentence).collect();
    let mut client = |kind| {
        worker
            .connector_client(kind, &OverridePolicy::overrides(kind, connector))
            .unwrap_or_else(|error| {
                problems.push(error.to_string());
                ConnectorClient::default()
            })
    };
    let named = |client: ConnectorClient, name: &str| ConnectorClient {
        settings: client
            .settings
            .with_default("client.id", format!("connector-{name}-{id}")),
        ..client
    };
    let mut producer = named(client(ClientKind::Producer), "producer");
    producer.settings = producer.settings.with_default("message.max.bytes", MAX_REQUEST_SIZE);
    let consumer = named(client(ClientKind::Consumer), "consumer");
    let admin = named(client(ClientKind::Admin), "adminclient");
    let topic_creation = if worker.topic_creation {
        topic_creation_groups(connector).unwrap_or_else(|found| {
            problems.extend(found.into_iter().map(|(key, message)| format!("{key}: {message}")));
            Vec::new()
        })
    } else {
        Vec::new()
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(TaskSettings {
        policy: policy(&producer.settings, connector),
        errors: errors(connector),
        clients: ConnectorClients {
            producer,
            consumer,
            admin,
        },
        guarantee: worker.exactly_once.guarantee(id.transactional_id(&worker.group_id)),
        offsets_topic: worker.offset_topic.name.clone(),
        key_converter: converter(worker, Role::Key, connector),
        value_converter: converter(worker, Role::Value, connector),
        header_converter: header_converter(worker, connector),
        topic_creation,
    })
}

fn converter(worker: &WorkerConfig, role: Role, connector: &ConfigMap) -> ConverterSpec {
    let key = match role {
        Role::Key => "key.converter",
        Role::Value => "value.converter",
    };
    let (class, settings) = worker.converter(key, connector);
    ConverterSpec { class, role, settings }
}

fn header_converter(worker: &WorkerConfig, connector: &ConfigMap) -> HeaderConverterSpec {
    let (class, settings) = worker.converter("header.converter", connector);
    HeaderConverterSpec { class, settings }
}

/// Whether `key` is given with this value.
fn is(connector: &ConfigMap, key: &str, value: &str) -> bool {
    let given = connector.get(key);
    given.is_some_and(|given| given.trim().eq_ignore_ascii_case(value))
}

/// The default of `errors.retry.timeout`, 0, is as if it were left out: what may heal is waited for.
fn errors(connector: &ConfigMap) -> ErrorPolicy {
    let timeout = connector
        .get("errors.retry.timeout")
        .and_then(|text| text.trim().parse().ok());
    ErrorPolicy {
        skips: is(connector, "errors.tolerance", "all"),
        retries_for: timeout.filter(|ms| *ms > 0).map(Duration::from_millis),
        logs: is(connector, "errors.log.enable", "true"),
        shows_records: is(connector, "errors.log.include.messages", "true"),
    }
}

fn policy(producer: &ClientSettings, connector: &ConfigMap) -> TransactionPolicy {
    let interval = connector
        .get("transaction.boundary.interval.ms")
        .and_then(|text| text.trim().parse().ok());
    // The coordinator aborts what is older.
    let transaction_timeout = producer
        .value("transaction.timeout.ms")
        .and_then(|text| text.parse().ok())
        .map_or(COMMIT_DEADLINE, Duration::from_millis);
    TransactionPolicy {
        max_bytes: MAX_TRANSACTION_BYTES,
        max_age: match interval {
            Some(ms) if is(connector, "transaction.boundary", "interval") => {
                Duration::from_millis(ms).min(transaction_timeout / 2)
            }
            _ => MAX_TRANSACTION_AGE,
        },
        max_record_bytes: producer
            .value("message.max.bytes")
            .and_then(|text| text.parse().ok())
            .unwrap_or(1 << 20),
    }
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::{ConnectorTaskId, WorkerConfig, task_settings};
    use crate::kafka::Guarantee;

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn worker(more: &[(&str, &str)]) -> WorkerConfig {
        let mut properties = map(&[
            ("bootstrap.servers", "k:1"),
            ("group.id", "g"),
            ("config.storage.topic", "c"),
            ("offset.storage.topic", "o"),
            ("status.storage.topic", "s"),
            ("key.converter", "json"),
            ("value.converter", "avro"),
            ("value.converter.schema.registry.url", "http://r"),
        ]);
        properties.extend(map(more));
        WorkerConfig::from_properties(properties).expect("valid")
    }

    #[test]
    fn a_task_has_connects_transactional_id_client_ids_and_request_size() {
        let settings = task_settings(&worker(&[]), &ConnectorTaskId::new("c", 2), &ConfigMap::new()).expect("valid");
        assert_eq!(
            settings.guarantee,
            Guarantee::ExactlyOnce {
                transactional_id: "g-c-2".to_owned()
            }
        );
        assert_eq!(
            settings.clients.producer.settings.value("client.id"),
            Some("connector-producer-c-2")
        );
        assert_eq!(settings.policy.max_record_bytes, 1_048_576);
        assert_eq!(settings.offsets_topic, "o");
    }

    #[test]
    fn a_connectors_overrides_and_converters_win() {
        let connector = map(&[
            ("producer.override.max.request.size", "5000000"),
            ("key.converter", "avro"),
            ("key.converter.schema.registry.url", "http://other"),
            (
                "value.converter.schema.registry.url",
                "counts for nothing without the class",
            ),
        ]);
        let settings = task_settings(&worker(&[]), &ConnectorTaskId::new("c", 0), &connector).expect("valid");
        assert_eq!(settings.policy.max_record_bytes, 5_000_000);
        assert_eq!(settings.key_converter.class, "avro");
        assert_eq!(
            settings
                .value_converter
                .settings
                .get("schema.registry.url")
                .map(String::as_str),
            Some("http://r")
        );
    }

    #[test]
    fn a_converter_of_headers_is_the_connectors_or_the_workers_or_the_simple_one() {
        let class = |worker: &[(&str, &str)], connector: &[(&str, &str)]| {
            let settings = task_settings(&self::worker(worker), &ConnectorTaskId::new("c", 0), &map(connector));
            settings.expect("valid").header_converter.class
        };
        let simple = "org.apache.kafka.connect.storage.SimpleHeaderConverter";
        assert_eq!(class(&[], &[]), simple);
        assert_eq!(class(&[("header.converter", "json")], &[]), "json");
        let own = [("header.converter", "StringConverter")];
        assert_eq!(class(&[("header.converter", "json")], &own), "StringConverter");
    }

    #[test]
    fn the_default_of_the_retry_timeout_is_as_if_it_were_left_out() {
        let retries_for = |given: &str| {
            let connector = map(&[("errors.retry.timeout", given)]);
            super::errors(&connector).retries_for.map(|time| time.as_millis())
        };
        assert_eq!((retries_for("0"), retries_for("-1")), (None, None));
        assert_eq!(retries_for(" 5000 "), Some(5_000));
    }

    #[test]
    fn without_exactly_once_there_is_no_transaction() {
        for support in ["disabled", "preparing"] {
            let worker = worker(&[("exactly.once.source.support", support)]);
            let settings = task_settings(&worker, &ConnectorTaskId::new("c", 0), &ConfigMap::new()).expect("valid");
            assert_eq!(settings.guarantee, Guarantee::AtLeastOnce, "{support}");
        }
    }

    #[test]
    fn an_interval_never_lets_a_transaction_time_out() {
        let age = |interval: &str, timeout: &str| {
            let connector = map(&[
                ("transaction.boundary", "interval"),
                ("transaction.boundary.interval.ms", interval),
                ("producer.override.transaction.timeout.ms", timeout),
            ]);
            let settings = task_settings(&worker(&[]), &ConnectorTaskId::new("c", 0), &connector);
            settings.expect("valid").policy.max_age.as_millis()
        };
        assert_eq!((age("2000", "10000"), age("600000", "10000")), (2000, 5000));
    }

    #[test]
    fn topic_creation_can_be_turned_off_for_all() {
        let connector = map(&[
            ("topic.creation.default.partitions", "1"),
            ("topic.creation.default.replication.factor", "1"),
        ]);
        let groups = |worker: &WorkerConfig| {
            task_settings(worker, &ConnectorTaskId::new("c", 0), &connector)
                .expect("valid")
                .topic_creation
                .len()
        };
        assert_eq!(groups(&worker(&[])), 1);
        assert_eq!(groups(&worker(&[("topic.creation.enable", "false")])), 0);
    }
}
