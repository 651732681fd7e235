//! [`Placeholder`]: `${provider:key}` or `${provider:path:key}` within a value, as Kafka's `ConfigTransformer` finds it.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Kafka's own expression. The provider ends at the first colon, the path at the second; the key may have more of them.
static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}").expect("a valid expression"));

/// A place in a value that stands for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placeholder<'a> {
    /// As it is written.
    pub(super) text: &'a str,
    /// The alias of a config provider.
    pub(super) provider: &'a str,
    /// Empty where none is written.
    pub(super) path: &'a str,
    pub(super) key: &'a str,
}

impl<'a> From<&Captures<'a>> for Placeholder<'a> {
    fn from(found: &Captures<'a>) -> Self {
        let group = |number| found.get(number).map_or("", |group| group.as_str());
        Placeholder {
            text: group(0),
            provider: group(1),
            path: group(3),
            key: group(4),
        }
    }
}

/// All placeholders of `value`, in their order.
pub(super) fn placeholders(value: &str) -> impl Iterator<Item = Placeholder<'_>> {
    PLACEHOLDER.captures_iter(value).map(|found| Placeholder::from(&found))
}

/// `value` with each placeholder replaced. What comes in is not looked at again.
pub(super) fn replace(value: &str, mut with: impl FnMut(Placeholder<'_>) -> String) -> String {
    PLACEHOLDER
        .replace_all(value, |found: &Captures<'_>| with(Placeholder::from(found)))
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::{placeholders, replace};

    /// Provider, path and key.
    type Parts = (&'static str, &'static str, &'static str);

    #[test]
    fn placeholders_are_found_as_kafka_finds_them() {
        let cases: &[(&str, &[Parts])] = &[
            ("${env:MYSQL_HOST}", &[("env", "", "MYSQL_HOST")]),
            (
                "jdbc:${file:/opt/a.properties:user}@x",
                &[("file", "/opt/a.properties", "user")],
            ),
            ("${secrets:ns/name:password}", &[("secrets", "ns/name", "password")]),
            (
                "${directory:/a:b} and ${env:c}",
                &[("directory", "/a", "b"), ("env", "", "c")],
            ),
            ("${file:/a:b:c}", &[("file", "/a", "b:c")]),
            ("${a:${b:c}}", &[("a", "${b", "c")]),
            ("${a:}${:b}", &[("a", "", ""), ("", "", "b")]),
            ("outbox.${routedByValue}", &[]),
            ("$1-${1}-{a:b}-$", &[]),
            ("${", &[]),
            ("${a:b", &[]),
        ];
        for (value, expected) in cases {
            let found: Vec<_> = placeholders(value)
                .map(|found| (found.provider, found.path, found.key))
                .collect();
            assert_eq!(found, *expected, "{value}");
        }
    }

    #[test]
    fn what_comes_in_is_not_looked_at_again() {
        let replaced = replace("a${e:x}b${e:y}c", |found| format!("${{e:{}{}}}", found.key, found.key));
        assert_eq!(replaced, "a${e:xx}b${e:yy}c");
    }
}
