use super::*;

fn worker_keys() -> ConfigDef {
    ConfigDef::new([
        ConfigKey::new(
            "name",
            ConfigType::String,
            "Globally unique name to use for this connector.",
        )
        .required()
        .importance(Importance::High)
        .in_group("Common", 1)
        .width(Width::Medium)
        .display_name("Connector name")
        .validator(Validator::Name),
        ConfigKey::new("tasks.max", ConfigType::Int, "How many tasks at most.")
            .default_value("1")
            .importance(Importance::High)
            .in_group("Common", 4)
            .width(Width::Short)
            .display_name("Tasks max")
            .validator(Validator::AtLeast(1)),
        ConfigKey::new("transforms", ConfigType::List, "Aliases.")
            .default_value("")
            .in_group("Transforms", 12),
        ConfigKey::new("errors.tolerance", ConfigType::String, "What to do with a bad record.")
            .default_value("none")
            .in_group("Error Handling", 3)
            .validator(Validator::OneOf(&["none", "all"])),
        ConfigKey::new(
            "exactly.once.support",
            ConfigType::String,
            "Whether exactly-once is demanded.",
        )
        .default_value("requested")
        .in_group("Exactly Once Support", 2)
        .validator(Validator::OneOfIgnoreCase(&["required", "requested"])),
        ConfigKey::new(
            "offsets.storage.topic",
            ConfigType::String,
            "A topic of its own for offsets.",
        )
        .in_group("offsets.topic", 1)
        .validator(Validator::NonEmpty),
    ])
}

fn source_keys() -> ConfigDef {
    ConfigDef::new([
        ConfigKey::new("host", ConfigType::String, "Where.").in_group("Source", 1),
        ConfigKey::new("password", ConfigType::Password, "Secret.").in_group("Source", 2),
        ConfigKey::new("ratio", ConfigType::Double, "How much.")
            .default_value("0.5")
            .in_group("Source", 3),
        ConfigKey::new("flag", ConfigType::Boolean, "Whether.")
            .default_value("true")
            .in_group("Common", 9),
    ])
}

fn config(entries: &[(&str, &str)]) -> ConfigMap {
    entries
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// The errors of `key` when it is the only thing wrong, in the words recorded from Kafka Connect 4.3.
fn check(key: &str, given: &str, expected: &str) {
    let def = worker_keys().merged(&source_keys());
    let values = def.validate(&config(&[("name", "x"), (key, given)]));
    let value = values.iter().find(|value| value.name == key).unwrap();
    assert_eq!(value.errors.join("|"), expected, "{key}={given}");
}

#[test]
fn errors_are_in_the_words_of_kafka() {
    check(
        "tasks.max",
        "0",
        "Invalid value 0 for configuration tasks.max: Value must be at least 1",
    );
    check(
        "tasks.max",
        "abc",
        "Invalid value abc for configuration tasks.max: Not a number of type INT",
    );
    check(
        "tasks.max",
        "2147483648",
        "Invalid value 2147483648 for configuration tasks.max: Not a number of type INT",
    );
    check("tasks.max", " 3 ", "");
    check(
        "errors.tolerance",
        "maybe",
        "Invalid value maybe for configuration errors.tolerance: String must be one of: none, all",
    );
    check(
        "exactly.once.support",
        "bogus",
        "Invalid value bogus for configuration exactly.once.support: String must be one of (case insensitive): REQUIRED, REQUESTED",
    );
    check("exactly.once.support", "REQUIRED", "");
    check(
        "offsets.storage.topic",
        "",
        "Invalid value  for configuration offsets.storage.topic: String must be non-empty",
    );
    check(
        "name",
        "",
        "Invalid value  for configuration name: String may not be empty",
    );
    check(
        "flag",
        "yes",
        "Invalid value yes for configuration flag: Expected value to be either true or false",
    );
    check("flag", "TRUE", "");
    check(
        "ratio",
        "x",
        "Invalid value x for configuration ratio: Not a number of type DOUBLE",
    );
}

#[test]
fn all_problems_are_reported_at_once_and_by_key() {
    let problems = worker_keys()
        .parse(&config(&[("tasks.max", "x"), ("errors.tolerance", "y")]))
        .unwrap_err();
    let keys: Vec<&str> = problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["name", "tasks.max", "errors.tolerance"]);
    assert_eq!(
        problems[0].message,
        "Missing required configuration \"name\" which has no default value."
    );
}

#[test]
fn values_come_out_typed_with_defaults_filled_in() {
    let def = worker_keys().merged(&source_keys());
    let given = config(&[
        ("name", " n "),
        ("transforms", "a , b"),
        ("password", " s3cret "),
        ("unknown", "1"),
    ]);
    let parsed = def.parse(&given).unwrap();
    assert_eq!(parsed.string("name"), Some("n"));
    assert_eq!(parsed.list("transforms"), Some(&["a".to_owned(), "b".to_owned()][..]));
    assert_eq!(parsed.number("tasks.max"), Some(1));
    assert_eq!(parsed.double("ratio"), Some(0.5));
    assert_eq!(parsed.boolean("flag"), Some(true));
    assert_eq!(parsed.password("password").map(Password::reveal), Some(" s3cret "));
    assert_eq!(parsed.string("host"), None);
    assert!(!format!("{parsed:?}").contains("s3cret"));
}

#[test]
fn merging_keeps_the_workers_groups_first() {
    let merged = worker_keys().merged(&source_keys());
    let expected = [
        "Common",
        "Transforms",
        "Error Handling",
        "Exactly Once Support",
        "offsets.topic",
        "Source",
    ];
    assert_eq!(merged.groups(), expected);
    assert_eq!(merged.keys().last().map(ConfigKey::name), Some("flag"));
}

/// Recorded from Kafka Connect 4.3.0 for a connector without a name.
#[test]
fn a_validation_answer_has_the_bytes_of_connects() {
    let def = ConfigDef::new(worker_keys().keys().iter().take(1).cloned());
    let answer = def.answer(
        "io.debezium.connector.mysql.MySqlConnector",
        def.validate(&ConfigMap::new()),
    );
    assert_eq!(
        serde_json::to_string(&answer).unwrap(),
        r#"{"name":"io.debezium.connector.mysql.MySqlConnector","error_count":1,"groups":["Common"],"configs":[{"definition":{"name":"name","type":"STRING","required":true,"default_value":null,"importance":"HIGH","documentation":"Globally unique name to use for this connector.","group":"Common","order_in_group":1,"width":"MEDIUM","display_name":"Connector name","dependents":[]},"value":{"name":"name","value":null,"recommended_values":[],"errors":["Missing required configuration \"name\" which has no default value."],"visible":true}}]}"#
    );
}

#[test]
fn a_password_is_never_shown() {
    let values = source_keys().validate(&config(&[("password", "s3cret")]));
    assert_eq!(values[1].value.as_deref(), Some("[hidden]"));
}

#[test]
fn an_unknown_key_comes_with_the_key_it_resembles() {
    let given = config(&[("task.max", "1"), ("zzz", "1"), ("name", "n")]);
    assert_eq!(
        worker_keys().unknown(&given),
        [("task.max", Some("tasks.max")), ("zzz", None)]
    );
}
