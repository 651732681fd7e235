//! `topic.creation.*` of a connector: which topics are made how (KIP-158).

use std::collections::BTreeMap;

use connector_api::ConfigMap;
use connector_api::pattern::{Case, Pattern, Runaway};

const PREFIX: &str = "topic.creation.";
const DEFAULT: &str = "default";

/// One group of `topic.creation.*`: which topics it is for and how they are made.
#[derive(Debug, Clone)]
pub struct TopicCreationGroup {
    /// `default` or one of `topic.creation.groups`.
    pub name: String,
    /// The expressions of the list as alternatives of one, as Kafka joins them; `None` matches no name.
    pub include: Option<Pattern>,
    pub exclude: Option<Pattern>,
    pub partitions: i32,
    pub replication_factor: i32,
    pub configs: BTreeMap<String, String>,
}

impl TopicCreationGroup {
    /// Whether the group makes `topic`.
    pub(crate) fn matches(&self, topic: &str) -> Result<bool, Runaway> {
        let is_in = |list: &Option<Pattern>| list.as_ref().map_or(Ok(false), |pattern| pattern.matches(topic));
        Ok(self.name == DEFAULT || (is_in(&self.include)? && !is_in(&self.exclude)?))
    }
}

/// Reads the groups in their order, the default group last; none if the connector has no such keys, and topics are then left
/// to the broker. Problems come with their keys.
pub(crate) fn topic_creation_groups(connector: &ConfigMap) -> Result<Vec<TopicCreationGroup>, Vec<(String, String)>> {
    if !connector.keys().any(|key| key.starts_with(PREFIX)) {
        return Ok(Vec::new());
    }
    let mut problems = Vec::new();
    let names = connector
        .get("topic.creation.groups")
        .map(String::as_str)
        .unwrap_or_default();
    let names = names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && *name != DEFAULT);
    let mut read = |name, inherited| {
        let keys = super::below(connector, &format!("{PREFIX}{name}."));
        GroupReader {
            name,
            keys: &keys,
            inherited,
            problems: &mut problems,
        }
        .read()
    };
    let default = read(DEFAULT, None);
    let mut groups: Vec<TopicCreationGroup> = names.map(|name| read(name, Some(&default))).collect();
    groups.push(default);
    if problems.is_empty() { Ok(groups) } else { Err(problems) }
}

struct GroupReader<'a> {
    name: &'a str,
    keys: &'a ConfigMap,
    /// The default group, whose numbers the others inherit.
    inherited: Option<&'a TopicCreationGroup>,
    problems: &'a mut Vec<(String, String)>,
}

impl GroupReader<'_> {
    fn read(mut self) -> TopicCreationGroup {
        let include = self.pattern("include");
        let exclude = self.pattern("exclude");
        let inherited = self
            .inherited
            .map(|group| (group.replication_factor, group.partitions))
            .unzip();
        let replication_factor = self.number("replication.factor", i32::from(i16::MAX), inherited.0);
        let partitions = self.number("partitions", i32::MAX, inherited.1);
        let own = ["include", "exclude", "replication.factor", "partitions"];
        let configs: BTreeMap<String, String> = self
            .keys
            .iter()
            .filter(|(key, _)| !own.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        TopicCreationGroup {
            name: self.name.to_owned(),
            include,
            exclude,
            partitions,
            replication_factor,
            configs,
        }
    }

    fn problem(&mut self, key: &str, message: String) {
        self.problems.push((format!("{PREFIX}{}.{key}", self.name), message));
    }

    /// A group without an `include` is for no topic, as in Kafka Connect.
    fn pattern(&mut self, key: &str) -> Option<Pattern> {
        let text = self.keys.get(key).map(|text| text.trim()).unwrap_or_default();
        let items: Vec<&str> = text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
        let problems: Vec<String> = items
            .iter()
            .filter_map(|item| Pattern::new(item, Case::Sensitive).err())
            .collect();
        if items.is_empty() || !problems.is_empty() {
            for problem in problems {
                self.problem(key, format!("no regular expression: {problem}"));
            }
            return None;
        }
        let joined = Pattern::new(&items.join("|"), Case::Sensitive);
        joined
            .map_err(|problem| self.problem(key, format!("no regular expression: {problem}")))
            .ok()
    }

    /// At least 1, or -1 for the broker's default. The default group has to name it.
    fn number(&mut self, key: &str, most: i32, inherited: Option<i32>) -> i32 {
        match self.keys.get(key).map(|text| text.trim().parse::<i32>()) {
            Some(Ok(number)) if number == -1 || (1..=most).contains(&number) => number,
            Some(_) => {
                self.problem(
                    key,
                    format!("must be -1, for the broker's default, or a number from 1 to {most}"),
                );
                -1
            }
            None => inherited.unwrap_or_else(|| {
                self.problem(key, "is missing; -1 takes the broker's default".to_owned());
                -1
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use connector_api::ConfigMap;
    use connector_api::pattern::{Case, Pattern};

    use super::{TopicCreationGroup, topic_creation_groups};

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn without_keys_topics_are_left_to_the_broker() {
        assert!(topic_creation_groups(&map(&[("topic.prefix", "p")])).is_ok_and(|groups| groups.is_empty()));
    }

    #[test]
    fn groups_keep_their_order_and_the_default_comes_last() {
        let groups = topic_creation_groups(&map(&[
            ("topic.creation.groups", "compacted, small"),
            ("topic.creation.default.partitions", "1"),
            ("topic.creation.default.replication.factor", "-1"),
            ("topic.creation.compacted.include", "p\\.shop\\..*, p\\.other"),
            ("topic.creation.compacted.cleanup.policy", "compact"),
            ("topic.creation.small.include", ".*"),
            ("topic.creation.small.exclude", ".*big.*"),
            ("topic.creation.small.partitions", "2"),
        ]));
        let groups = groups.expect("valid");
        let shape: Vec<_> = groups
            .iter()
            .map(|group| {
                (
                    group.name.as_str(),
                    group.include.is_some(),
                    group.exclude.is_some(),
                    group.partitions,
                    group.configs.len(),
                )
            })
            .collect();
        assert_eq!(
            shape,
            [
                ("compacted", true, false, 1, 1),
                ("small", true, true, 2, 0),
                ("default", false, false, 1, 0)
            ]
        );
    }

    #[test]
    fn a_group_without_names_is_for_no_topic() {
        let groups = topic_creation_groups(&map(&[
            ("topic.creation.groups", "g"),
            ("topic.creation.default.partitions", "3"),
            ("topic.creation.default.replication.factor", "1"),
        ]));
        let groups = groups.expect("valid");
        assert_eq!(groups[0].name, "g");
        assert_eq!(groups[0].matches("anything"), Ok(false));
    }

    #[test]
    fn problems_are_named_by_their_keys_all_at_once() {
        let problems = topic_creation_groups(&map(&[
            ("topic.creation.groups", "g"),
            ("topic.creation.g.exclude", "("),
            ("topic.creation.g.partitions", "0"),
            ("topic.creation.default.partitions", "x"),
        ]));
        let keys: Vec<String> = problems.expect_err("invalid").into_iter().map(|(key, _)| key).collect();
        assert_eq!(
            keys,
            [
                "topic.creation.default.replication.factor",
                "topic.creation.default.partitions",
                "topic.creation.g.exclude",
                "topic.creation.g.partitions",
            ]
        );
    }

    fn group(name: &str, include: Option<&str>, exclude: Option<&str>) -> TopicCreationGroup {
        let pattern = |text| Pattern::new(text, Case::Sensitive).unwrap();
        TopicCreationGroup {
            name: name.into(),
            include: include.map(pattern),
            exclude: exclude.map(pattern),
            partitions: 1,
            replication_factor: 1,
            configs: BTreeMap::new(),
        }
    }

    #[test]
    fn a_group_takes_whole_names_that_are_included_and_not_excluded() {
        let orders = group("orders", Some("shop\\.orders(?!_tmp).*|shop"), Some(".*_old"));
        for (topic, expected) in [
            ("shop.orders", true),
            ("shop.orders_2026", true),
            ("shop", true),
            ("shop.orders_tmp", false),
            ("shop.orders_old", false),
            ("my.shop.orders", false),
            ("Shop.orders", false),
        ] {
            assert_eq!(orders.matches(topic), Ok(expected), "{topic}");
        }
        assert_eq!(group("default", None, None).matches("anything"), Ok(true));
    }
}
