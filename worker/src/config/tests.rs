use connector_api::ConfigMap;

use super::{ClientKind, ConfigError, ExactlyOnce, WorkerConfig};

const MINIMAL: &[(&str, &str)] = &[
    ("bootstrap.servers", "127.0.0.1:9092"),
    ("group.id", "connect"),
    ("config.storage.topic", "c"),
    ("offset.storage.topic", "o"),
    ("status.storage.topic", "s"),
    ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
    ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
];

fn read(more: &[(&str, &str)]) -> Result<WorkerConfig, ConfigError> {
    let all = MINIMAL
        .iter()
        .chain(more)
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    WorkerConfig::from_properties(all.collect())
}

fn problems(result: Result<WorkerConfig, ConfigError>) -> Vec<String> {
    match result {
        Err(ConfigError::Invalid { problems }) => problems.into_iter().map(|problem| problem.message).collect(),
        Err(other) => vec![other.to_string()],
        Ok(_) => Vec::new(),
    }
}

#[test]
fn what_is_absent_has_kafka_connects_default_or_the_documented_one() {
    let config = read(&[]).unwrap();
    assert_eq!(config.exactly_once, ExactlyOnce::Enabled);
    assert_eq!(config.worker_id(), "127.0.0.1:8083");
    assert!(config.listeners.iter().all(super::Listener::is_loopback));
    assert_eq!(
        (config.config_topic.partitions, config.config_topic.replication_factor),
        (1, 3)
    );
    assert_eq!(
        (config.offset_topic.partitions, config.status_topic.partitions),
        (25, 5)
    );
    assert_eq!(config.task_shutdown_timeout.as_millis(), 5000);
    assert_eq!(config.leader_transactional_id(), "connect-cluster-connect");
    assert_eq!(config.warnings, Vec::<String>::new());
}

#[test]
fn every_problem_is_reported_at_once_and_by_key() {
    let found = problems(WorkerConfig::from_properties(ConfigMap::from([
        ("offset.storage.partitions".to_owned(), "many".to_owned()),
        ("exactly.once.source.support".to_owned(), "yes".to_owned()),
        ("listeners".to_owned(), "https://:1".to_owned()),
        ("producer.ssl.cipher.suites".to_owned(), "X".to_owned()),
        (
            "rest.extension.classes".to_owned(),
            "BasicAuthSecurityRestExtension".to_owned(),
        ),
    ])));
    for key in [
        "group.id",
        "config.storage.topic",
        "offset.storage.topic",
        "status.storage.topic",
        "key.converter",
        "value.converter",
        "offset.storage.partitions",
        "exactly.once.source.support",
        "listeners",
        "ssl.cipher.suites",
        "rest.extension.classes",
    ] {
        assert!(
            found.iter().any(|problem| problem.contains(&format!("`{key}`"))),
            "{key} is not in {found:#?}"
        );
    }
}

#[test]
fn unknown_keys_are_named_with_the_nearest_known_one() {
    let config = read(&[("offset.flush.intervall.ms", "1"), ("plugin.path", "/plugins")]).unwrap();
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("did you mean `offset.flush.interval.ms`"))
    );
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("`plugin.path` is ignored"))
    );
}

#[test]
fn placeholders_of_the_workers_own_keys_are_resolved_at_its_start() {
    let providers = [
        ("config.providers", "env"),
        (
            "config.providers.env.class",
            "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
        ),
    ];
    let with = |more: &[(&str, &str)]| read(&[&providers[..], more].concat());
    let config = with(&[("key.converter.x", "a${env:PATH}")]).unwrap();
    let path = std::env::var("PATH").unwrap();
    assert_eq!(config.property("key.converter.x"), Some(format!("a{path}").as_str()));
    let unresolved = problems(with(&[("offset.storage.partitions", "${env:NO_SUCH_VARIABLE}")]));
    assert!(
        unresolved.len() == 1 && unresolved[0].contains("has no variable `NO_SUCH_VARIABLE`"),
        "{unresolved:?}"
    );
    let wrong = problems(with(&[("offset.storage.partitions", "${env:PATH}")]));
    assert!(
        wrong.len() == 1 && wrong[0].contains("`${env:PATH}` is not a number"),
        "{wrong:?}"
    );
    let off = problems(read(&[("offset.storage.partitions", "${env:PATH}")]));
    assert!(
        off.len() == 1 && off[0].contains("`env`, which is not configured"),
        "{off:?}"
    );
}

#[test]
fn topic_settings_pass_to_the_topic() {
    let config = read(&[
        ("status.storage.partitions", "2"),
        ("status.storage.min.insync.replicas", "1"),
        ("status.storage.cleanup.policy", "delete"),
    ]);
    let topic = config.unwrap().status_topic;
    assert_eq!(topic.partitions, 2);
    assert_eq!(
        topic.settings.into_iter().collect::<Vec<_>>(),
        [("min.insync.replicas".to_owned(), "1".to_owned())]
    );
}

#[test]
fn client_settings_are_layered_by_prefix_and_override() {
    let config = read(&[
        ("producer.batch.size", "5"),
        ("consumer.fetch.min.bytes", "9"),
        ("session.timeout.ms", "12"),
    ])
    .unwrap();
    let overrides = ConfigMap::from([("batch.size".to_owned(), "7".to_owned())]);
    let producer = config
        .connector_client(ClientKind::Producer, &overrides)
        .unwrap()
        .settings;
    assert_eq!(producer.value("batch.size"), Some("7"));
    assert_eq!(producer.value("bootstrap.servers"), Some("127.0.0.1:9092"));
    assert_eq!(producer.value("fetch.min.bytes"), None);
    assert_eq!(
        config
            .internal_client(ClientKind::Producer)
            .unwrap()
            .value("batch.size"),
        None
    );
    assert_eq!(
        config.internal_client(ClientKind::Consumer).unwrap().value("group.id"),
        Some("connect")
    );
}

#[test]
fn client_settings_that_the_library_refuses_stop_the_worker_by_their_key() {
    let found = problems(read(&[
        ("producer.batch.size", "-1"),
        ("consumer.request.timeout.ms", "600000"),
    ]));
    for key in ["batch.size", "request.timeout.ms"] {
        assert!(
            found.iter().any(|problem| problem.starts_with(&format!("`{key}`"))),
            "{found:?}"
        );
    }
    let config = read(&[("producer.delivery.timeout.ms", "120000")]).unwrap();
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("`delivery.timeout.ms` is taken as 60000"))
    );
    let class = "org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy";
    let config = read(&[("connector.client.config.override.policy", class)]).unwrap();
    assert_eq!(config.override_policy, super::OverridePolicy::Principal);
}

#[test]
fn an_open_listener_is_honoured_and_warned_about() {
    let config = read(&[("listeners", "http://:8083")]).unwrap();
    assert_eq!(config.listeners[0].bind_address(), ("0.0.0.0".to_owned(), 8083));
    assert!(
        config
            .warnings
            .iter()
            .any(|warning| warning.contains("without authentication"))
    );
}

#[test]
fn admin_listeners_empty_turns_admin_off() {
    assert!(read(&[]).unwrap().admin_endpoints);
    assert!(!read(&[("admin.listeners", "")]).unwrap().admin_endpoints);
    assert!(!problems(read(&[("admin.listeners", "http://:9")])).is_empty());
}
