//! [`connector_warnings`]: which of the worker's own keys of a connector are set and do nothing, and which keys are probably
//! meant to be one of them. The plugin says the same of its keys.

use connector_api::config::ConfigDef;
use connector_api::{ConfigMap, SourceConnector};

use super::WorkerConfig;
use super::connector_keys::{CONNECT_VERSION, Defaults, connector_keys};
use crate::transforms::configuration as transforms;

/// What becomes of a key.
enum Handling {
    /// It is carried out, or refused by validation.
    CarriedOut,
    /// A value other than the default does nothing, for this reason.
    NoEffect(&'static str),
}

use Handling::{CarriedOut, NoEffect};

/// Between two questions to a schema registry.
const LONGEST_PAUSE_MS: i64 = 1_000;
const PLUGIN: &str = "it is compiled into the worker, in one version";

/// What becomes of the worker's key `name`.
fn handling(name: &str) -> Handling {
    match name {
        "tasks.max.enforce" => NoEffect("a connector that makes more tasks than tasks.max always fails"),
        "config.action.reload" => NoEffect("no config provider here says how long its values are good for"),
        "connector.plugin.version"
        | "key.converter.plugin.version"
        | "value.converter.plugin.version"
        | "header.converter.plugin.version" => NoEffect(PLUGIN),
        _ => CarriedOut,
    }
}

/// Beginnings of keys that the plugin leaves to the worker. Those of converters and clients are looked at with them.
const FAMILIES: [&str; 9] = [
    "name.",
    "connector.class.",
    "connector.plugin.version.",
    "tasks.max.",
    "config.action.reload.",
    "errors.",
    "topic.creation.",
    "exactly.once.support.",
    "transaction.boundary.",
];

/// One sentence per key that is set but does nothing, in the order of the keys.
pub(crate) fn connector_warnings(
    worker: &WorkerConfig,
    plugin: Option<&dyn SourceConnector>,
    config: &ConfigMap,
) -> Vec<String> {
    let definition = connector_keys(&Defaults {
        plugin_version: plugin.map_or("", |plugin| plugin.version()),
        worker: None,
    })
    .merged(&ConfigDef::new(transforms::keys(config)));
    let mut found: Vec<String> = config
        .iter()
        .filter_map(|(key, value)| match definition.key(key) {
            Some(known) => without_effect(key, value.trim(), known.default().unwrap_or(CONNECT_VERSION)),
            None => unknown(key, config, &definition),
        })
        .collect();
    found.extend(errors(config));
    found.extend(boundary(config));
    found.extend(disabled_creation(worker, config));
    found.extend(groups_without_topics(config));
    found.extend(plugin.and_then(|plugin| surplus_tasks(plugin, config)));
    found
}

fn without_effect(key: &str, value: &str, default: &str) -> Option<String> {
    match handling(key) {
        NoEffect(why) if !value.is_empty() && !value.eq_ignore_ascii_case(default) => {
            Some(format!("`{key}` has no effect: {why}"))
        }
        _ => None,
    }
}

fn unknown(key: &str, config: &ConfigMap, definition: &ConfigDef) -> Option<String> {
    if key.starts_with("errors.deadletterqueue.") {
        return Some(format!(
            "`{key}` has no effect: only sink connectors have a dead letter queue"
        ));
    }
    if let Some(reason) = transforms::unknown(key, config) {
        return Some(format!("`{key}` has no effect: {reason}"));
    }
    if !FAMILIES.iter().any(|family| key.starts_with(family)) {
        return None;
    }
    if let Some(rest) = key.strip_prefix("topic.creation.")
        && let Some((group, _)) = rest.split_once('.')
    {
        return (!is_creation_group(group, config)).then(|| {
            format!("`{key}` has no effect: `{group}` is neither `default` nor one of `topic.creation.groups`")
        });
    }
    Some(match definition.nearest(key) {
        Some(meant) => format!("`{key}` is unknown; did you mean `{meant}`?"),
        None => format!("`{key}` is unknown"),
    })
}

fn is_creation_group(name: &str, config: &ConfigMap) -> bool {
    let groups = config
        .get("topic.creation.groups")
        .map(String::as_str)
        .unwrap_or_default();
    name == "default" || groups.split(',').any(|group| group.trim() == name)
}

fn errors(config: &ConfigMap) -> Vec<String> {
    let given = |key: &str| config.get(key).map(|value| value.trim());
    let number = |key: &str| given(key).and_then(|text| text.parse::<i64>().ok());
    let is_true = |key: &str| given(key).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let mut found = Vec::new();
    if number("errors.retry.delay.max.ms").is_some_and(|longest| longest < LONGEST_PAUSE_MS) {
        found.push(format!(
            "`errors.retry.delay.max.ms` has no effect below {LONGEST_PAUSE_MS}: attempts are up to a second apart"
        ));
    }
    if is_true("errors.log.include.messages") {
        found.push(match is_true("errors.log.enable") {
            true => "`errors.log.include.messages`: rows will stand in the log of the worker".to_owned(),
            false => "`errors.log.include.messages` has no effect without `errors.log.enable=true`".to_owned(),
        });
    }
    found
}

fn boundary(config: &ConfigMap) -> Option<String> {
    let is_interval = config
        .get("transaction.boundary")
        .is_some_and(|boundary| boundary.trim().eq_ignore_ascii_case("interval"));
    let has_interval = config.contains_key("transaction.boundary.interval.ms");
    match (is_interval, has_interval) {
        (false, false) => None,
        (false, true) => Some(
            "`transaction.boundary.interval.ms` has no effect without `transaction.boundary=interval`".to_owned(),
        ),
        (true, _) => Some(
            "`transaction.boundary=interval` is carried out in part: a transaction is committed as soon as nothing more \
             waits in the source, and `transaction.boundary.interval.ms` is how long one may last while more does"
                .to_owned(),
        ),
    }
}

fn disabled_creation(worker: &WorkerConfig, config: &ConfigMap) -> Option<String> {
    let is_given = config.keys().any(|key| key.starts_with("topic.creation."));
    (is_given && !worker.topic_creation).then(|| {
        "`topic.creation.*` has no effect: the worker's properties say `topic.creation.enable=false`".to_owned()
    })
}

fn groups_without_topics(config: &ConfigMap) -> Vec<String> {
    let groups = config
        .get("topic.creation.groups")
        .map(String::as_str)
        .unwrap_or_default();
    let named = groups.split(',').map(str::trim);
    let is_empty = |group: &&str| {
        let include = config.get(&format!("topic.creation.{group}.include"));
        !matches!(*group, "" | "default") && include.is_none_or(|names| names.trim().is_empty())
    };
    named
        .filter(is_empty)
        .map(|group| {
            format!(
                "`topic.creation.{group}.*` has no effect: without `topic.creation.{group}.include` it is for no topic"
            )
        })
        .collect()
}

fn surplus_tasks(plugin: &dyn SourceConnector, config: &ConfigMap) -> Option<String> {
    let most: usize = config.get("tasks.max")?.trim().parse().ok()?;
    let made = plugin.task_configs(config, most).ok()?.len();
    (made < most).then(|| format!("`tasks.max` has no effect beyond {made}: the connector makes no more tasks"))
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;
    use connector_api::example::NumbersConnector;

    use super::{WorkerConfig, connector_warnings};

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn warnings(worker: &[(&str, &str)], connector: &[(&str, &str)]) -> Vec<String> {
        let mut properties = map(&[
            ("group.id", "g"),
            ("config.storage.topic", "c"),
            ("offset.storage.topic", "o"),
            ("status.storage.topic", "s"),
            ("key.converter", "json"),
            ("value.converter", "json"),
        ]);
        properties.extend(map(worker));
        let worker = WorkerConfig::from_properties(properties).expect("valid");
        connector_warnings(&worker, Some(&NumbersConnector), &map(connector))
    }

    fn check(connector: &[(&str, &str)], says: &str) {
        let found = warnings(&[], connector);
        assert!(
            found.len() == 1 && found[0].contains(says),
            "{connector:?} gives {found:?} and not {says}"
        );
    }

    #[test]
    fn a_misspelt_key_is_named_with_the_one_that_was_meant() {
        check(&[("errors.tolerence", "all")], "did you mean `errors.tolerance`");
        check(&[("topic.creation.group", "a")], "did you mean `topic.creation.groups`");
        check(&[("errors.deadletterqueue.topic.name", "t")], "only sink connectors");
    }

    #[test]
    fn a_key_that_does_nothing_says_so_when_it_asks_for_something() {
        check(&[("errors.retry.delay.max.ms", "200")], "has no effect below 1000");
        check(
            &[("errors.log.include.messages", "true")],
            "has no effect without `errors.log.enable=true`",
        );
        check(
            &[("errors.log.enable", "true"), ("errors.log.include.messages", "true")],
            "rows will stand in the log",
        );
        check(&[("connector.plugin.version", "1.0")], "compiled into the worker");
        check(&[("key.converter.plugin.version", "1.0")], "compiled into the worker");
        check(
            &[("transaction.boundary.interval.ms", "5")],
            "without `transaction.boundary=interval`",
        );
        check(&[("transaction.boundary", "INTERVAL")], "carried out in part");
        check(
            &[("tasks.max", "4"), ("topic", "t")],
            "`tasks.max` has no effect beyond 1",
        );
        check(
            &[("topic.creation.compacted.cleanup.policy", "compact")],
            "`compacted` is neither",
        );
        check(
            &[("topic.creation.groups", "a")],
            "`topic.creation.a.include` it is for no topic",
        );
        let quiet = [
            ("errors.retry.timeout", "5000"),
            ("errors.log.enable", "true"),
            ("errors.retry.delay.max.ms", "60000"),
            ("errors.tolerance", "all"),
            ("tasks.max", "1"),
            ("topic", "t"),
            ("topic.creation.groups", "b, default"),
            ("topic.creation.b.include", ".*"),
            ("topic.creation.default.partitions", "1"),
        ];
        assert_eq!(warnings(&[], &quiet), Vec::<String>::new());
    }

    #[test]
    fn topic_creation_that_the_worker_has_turned_off_is_told() {
        let found = warnings(
            &[("topic.creation.enable", "false")],
            &[("topic.creation.default.partitions", "1")],
        );
        assert!(
            found.len() == 1 && found[0].contains("topic.creation.enable=false"),
            "{found:?}"
        );
    }
}
