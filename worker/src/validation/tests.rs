use std::sync::Arc;

use connector_api::example::NumbersConnector;
use connector_api::{ConfigMap, SourceConnector};

use super::{ConnectorPlugins, Validation, ValidationError, WorkerConfig, validate, warnings};

fn map(pairs: &[(&str, &str)]) -> ConfigMap {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn worker(more: &[(&str, &str)]) -> WorkerConfig {
    let mut properties = map(&[
        ("group.id", "g"),
        ("config.storage.topic", "c"),
        ("offset.storage.topic", "o"),
        ("status.storage.topic", "s"),
        ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
        ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
    ]);
    properties.extend(map(more));
    WorkerConfig::from_properties(properties).expect("valid")
}

fn plugins() -> ConnectorPlugins {
    ConnectorPlugins::new([Arc::new(NumbersConnector) as Arc<dyn SourceConnector>])
}

fn run(worker: &WorkerConfig, pairs: &[(&str, &str)]) -> Result<Validation, ValidationError> {
    validate(worker, &plugins(), &map(pairs))
}

fn check_error(worker: &WorkerConfig, more: &[(&str, &str)], key: &str) {
    let mut pairs = vec![("name", "n"), ("connector.class", "Numbers"), ("topic", "t")];
    pairs.extend(more);
    let validation = run(worker, &pairs).unwrap_or_else(|error| panic!("{error}"));
    let infos = validation.infos();
    let failed: Vec<&str> = infos
        .configs
        .iter()
        .filter(|config| !config.value.errors.is_empty())
        .map(|config| config.value.name.as_str())
        .collect();
    assert_eq!(failed, [key]);
    assert!(
        validation
            .refusal()
            .is_some_and(|text| text.contains("the following 1 error(s):\n"))
    );
}

#[test]
fn a_configuration_without_a_class_or_with_an_unknown_one_is_refused_without_its_secrets() {
    let error = run(&worker(&[]), &[("name", "a"), ("database.password", "canary")])
        .err()
        .expect("no class");
    assert_eq!(
        error.to_string(),
        "Connector config {database.password=[hidden], name=a} contains no connector type"
    );
    let error = run(&worker(&[]), &[("connector.class", "nope.X")])
        .err()
        .expect("unknown")
        .to_string();
    assert!(error.starts_with("Failed to find any class that implements Connector and which name matches nope.X"));
}

#[test]
fn a_good_configuration_has_no_error_and_the_groups_of_worker_and_plugin() {
    let validation = run(
        &worker(&[]),
        &[("name", "n"), ("connector.class", "Numbers"), ("topic", "t")],
    );
    let validation = validation.unwrap_or_else(|error| panic!("{error}"));
    assert!(validation.refusal().is_none());
    let infos = validation.infos();
    assert_eq!((infos.error_count, infos.name.as_str()), (0, "Numbers"));
    assert_eq!(infos.groups.first().copied(), Some("Common"));
}

#[test]
fn each_layer_finds_its_own_problems() {
    check_error(&worker(&[]), &[("tasks.max", "0")], "tasks.max");
    check_error(&worker(&[]), &[("batch", "x")], "batch");
    check_error(&worker(&[]), &[("transforms", "unwrap")], "transforms.unwrap.type");
    check_error(&worker(&[]), &[("predicates", "p")], "predicates.p.type");
    check_error(&worker(&[]), &[("batch", "${env:BATCH}")], "batch");
    check_error(&worker(&[]), &[("unknown", "${file:/a:b}")], "unknown");
    check_error(&worker(&[]), &[("value.converter", "x.Y")], "value.converter");
    check_error(
        &worker(&[]),
        &[("topic.creation.default.partitions", "1")],
        "topic.creation.default.replication.factor",
    );
    check_error(
        &worker(&[]),
        &[("producer.override.partitioner.class", "X")],
        "producer.override.partitioner.class",
    );
    check_error(
        &worker(&[]),
        &[("producer.override.max.request.size", "lots")],
        "producer.override.max.request.size",
    );
    check_error(
        &worker(&[("connector.client.config.override.policy", "None")]),
        &[("producer.override.linger.ms", "5")],
        "producer.override.linger.ms",
    );
    check_error(
        &worker(&[("exactly.once.source.support", "disabled")]),
        &[("exactly.once.support", "required")],
        "exactly.once.support",
    );
}

/// The worker's environment is that of the test: `PATH` is in it, and is no number.
#[test]
fn what_a_placeholder_stands_for_is_looked_at_and_not_shown() {
    let worker = worker(&[
        ("config.providers", "env"),
        (
            "config.providers.env.class",
            "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
        ),
    ]);
    check_error(&worker, &[("batch", "${env:PATH}")], "batch");
    check_error(&worker, &[("batch", "${env:NO_SUCH_VARIABLE}")], "batch");
    check_error(&worker, &[("batch", "${file:/a:b}")], "batch");
    let pairs = [
        ("name", "n"),
        ("connector.class", "Numbers"),
        ("topic", "t.${env:PATH}"),
        ("batch", "${env:PATH}"),
    ];
    let validation = run(&worker, &pairs).unwrap_or_else(|error| panic!("{error}"));
    let answer = serde_json::to_string(&validation.infos()).expect("JSON");
    assert!(!answer.contains(&std::env::var("PATH").expect("a path")), "{answer}");
    let infos = validation.infos();
    let value = |name: &str| {
        infos
            .configs
            .iter()
            .find(|config| config.value.name == name)
            .expect("a key")
    };
    assert_eq!(value("topic").value.value.as_deref(), Some("t.${env:PATH}"));
    let error = "Invalid value ${env:PATH} for configuration batch: Not a number of type INT";
    assert_eq!(value("batch").value.errors, [error]);
}

#[test]
fn settings_of_a_converter_that_is_not_named_are_warned_about() {
    let config = map(&[
        ("connector.class", "Numbers"),
        ("value.converter.schemas.enable", "false"),
    ]);
    let found = warnings(&worker(&[]), &plugins(), &config);
    assert!(
        found
            .iter()
            .any(|text| text.contains("`value.converter.*` has no effect")),
        "{found:?}"
    );
}
