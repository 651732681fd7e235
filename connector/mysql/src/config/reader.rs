//! [`Reader`]: typed values out of the user's strings, with every problem collected in Debezium's words.

use std::time::Duration;

use connector_api::ConfigMap;
use connector_api::config::{ConfigProblem, ConfigType, Password};

use super::definition::{GROUPS, Handling, Row, Undeclared};
use super::former_names;
use super::keys::undeclared;
use super::regex_list::RegexList;
use super::table_filter::NameFilter;

/// Reads one configuration. Getters return the default after they noted a problem, so that reading goes on.
pub(super) struct Reader<'a> {
    config: &'a ConfigMap,
    problems: Vec<ConfigProblem>,
}

/// One key of either table.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) config_type: ConfigType,
    pub(super) default: Option<&'static str>,
    pub(super) handling: Handling,
}

/// Every key with a name, shown or not.
pub(super) fn known_keys() -> impl Iterator<Item = Known> {
    let shown = GROUPS.iter().flat_map(|(_, rows)| rows.iter());
    let shown = shown.map(|&Row(name, config_type, _, _, default, _, handling, _)| Known {
        name,
        config_type,
        default,
        handling,
    });
    let others = undeclared::KEYS.iter();
    shown.chain(
        others.map(|&Undeclared(name, config_type, default, handling, _)| Known {
            name,
            config_type,
            default,
            handling,
        }),
    )
}

impl<'a> Reader<'a> {
    pub(super) fn new(config: &'a ConfigMap) -> Self {
        Reader {
            config,
            problems: Vec::new(),
        }
    }

    /// Checks every known key's type and whether its value is carried out.
    pub(super) fn check_known_keys(&mut self) {
        for known in known_keys() {
            if let Some(given) = self.given(known.name) {
                match type_error(known.config_type, given) {
                    Some(error) => self.reject(known.name, error),
                    None => self.check_handling(&known, given),
                }
            }
        }
        for (name, given) in self.config {
            if let Some(Undeclared(.., Handling::Refused(why), _)) = family_of(name)
                && !given.trim().is_empty()
            {
                self.reject(name, format!("this key is refused: {why}; remove it"));
            }
        }
    }

    fn check_handling(&mut self, known: &Known, given: &str) {
        let default = known.default.unwrap_or_default();
        match known.handling {
            Handling::CarriedOut | Handling::NoEffect(_) => {}
            Handling::Refused(why) => {
                if !given.eq_ignore_ascii_case(default) {
                    let way_out = if default.is_empty() {
                        "remove it".to_owned()
                    } else {
                        format!("only {default} is possible")
                    };
                    self.reject(known.name, format!("{given} is refused: {why}; {way_out}"));
                }
            }
            Handling::Only(values, why) => {
                if !values.iter().any(|value| value.eq_ignore_ascii_case(given)) {
                    let reason = refusal(known.name, given).unwrap_or(why);
                    let error = format!("{given} is refused: {reason}; possible here: {}", values.join(", "));
                    self.reject(known.name, error);
                }
            }
        }
    }

    /// The value of `key` unless it is absent or blank, trimmed.
    pub(super) fn given(&self, key: &str) -> Option<&'a str> {
        self.config
            .get(key)
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
    }

    /// Text, or the default of the table, or nothing.
    pub(super) fn text(&self, key: &str) -> String {
        let default = || {
            known_keys()
                .find(|known| known.name == key)
                .and_then(|known| known.default)
        };
        self.given(key).or_else(default).unwrap_or_default().to_owned()
    }

    /// Text that must be there.
    pub(super) fn required(&mut self, key: &str) -> String {
        let text = self.text(key);
        if text.is_empty() {
            match former_names::given_for(key, self.config) {
                Some(former) => self.reject(
                    key,
                    format!("A value is required: rename `{former}`, its name in Debezium 1.x"),
                ),
                None => self.reject(key, "A value is required"),
            }
        }
        text
    }

    /// A secret, exactly as given.
    pub(super) fn password(&self, key: &str) -> Option<Password> {
        self.config
            .get(key)
            .filter(|secret| !secret.is_empty())
            .map(Password::new)
    }

    pub(super) fn boolean(&self, key: &str) -> bool {
        self.text(key).eq_ignore_ascii_case("true")
    }

    /// A number of at least `least`; one that is no number was already noted.
    pub(super) fn number(&mut self, key: &str, least: i64) -> i64 {
        let Ok(number) = self.text(key).parse::<i64>() else {
            return least;
        };
        if number < least {
            self.reject(key, out_of_range(key, least));
        }
        number.max(least)
    }

    pub(super) fn milliseconds(&mut self, key: &str, least: i64) -> Duration {
        Duration::from_millis(self.number(key, least).unsigned_abs())
    }

    /// One of these names, in any case.
    pub(super) fn one_of<T: Copy>(&mut self, key: &str, values: &[(&str, T)], default: T) -> T {
        let Some(given) = self.given(key) else { return default };
        match values.iter().find(|(name, _)| name.eq_ignore_ascii_case(given)) {
            Some((_, value)) => *value,
            None => {
                let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
                self.reject(key, format!("Value must be one of {}", names.join(", ")));
                default
            }
        }
    }

    /// A pair of lists of which only one may be given.
    pub(super) fn name_filter(&mut self, include: &str, exclude: &str) -> NameFilter {
        let (included, excluded) = (self.regex_list(include), self.regex_list(exclude));
        match (included, excluded) {
            (Some(_), Some(_)) => {
                self.reject(exclude, format!("\"{include}\" is already specified"));
                NameFilter::All
            }
            (Some(list), None) => NameFilter::Include(list),
            (None, Some(list)) => NameFilter::Exclude(list),
            (None, None) => NameFilter::All,
        }
    }

    /// A list of expressions.
    pub(super) fn regex_list(&mut self, key: &str) -> Option<RegexList> {
        let list = RegexList::parse(self.given(key)?);
        Some(list.unwrap_or_else(|error| {
            self.reject(
                key,
                format!("A comma-separated list of valid regular expressions is expected, but {error}"),
            );
            RegexList::default()
        }))
    }

    /// The statements of a text, which semicolons part; two of them are one in a statement.
    pub(super) fn statements(&self, key: &str) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut characters = self.given(key).unwrap_or_default().chars().peekable();
        while let Some(character) = characters.next() {
            if character == ';' && characters.next_if_eq(&';').is_none() {
                all.push(String::new());
            } else if let Some(statement) = all.last_mut() {
                statement.push(character);
            }
        }
        let trimmed = all.iter().map(|statement| statement.trim().to_owned());
        trimmed.filter(|statement| !statement.is_empty()).collect()
    }

    /// Every key that begins with `prefix`, without it.
    pub(super) fn family(&self, prefix: &str) -> std::collections::BTreeMap<String, String> {
        let members = self.config.iter();
        members
            .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), value.clone())))
            .collect()
    }

    /// The names of the keys that begin with `prefix` and have a value.
    pub(super) fn members(&self, prefix: &str) -> Vec<&'a str> {
        let given = self.config.iter().filter(|(_, value)| !value.trim().is_empty());
        let names = given.map(|(key, _)| key.as_str());
        names.filter(|key| key.starts_with(prefix)).collect()
    }

    /// Notes that `key` is wrong.
    pub(super) fn reject(&mut self, key: &str, reason: impl AsRef<str>) {
        let message = format!("The '{}' value is invalid: {}", without_salt(key), reason.as_ref());
        self.problems.push(ConfigProblem::new(key, message));
    }

    /// What was wrong, in the order it was found.
    pub(super) fn into_problems(self) -> Vec<ConfigProblem> {
        self.problems
    }
}

/// A key as it may be shown: the salt of hashed columns, which is part of its name, is a secret.
fn without_salt(key: &str) -> String {
    const SALT: &str = ".with.salt.";
    match key.split_once(SALT) {
        Some((beginning, _)) if beginning.starts_with("column.mask.hash.") => format!("{beginning}{SALT}****"),
        _ => key.to_owned(),
    }
}

/// The family of keys that `name` belongs to.
pub(super) fn family_of(name: &str) -> Option<&'static Undeclared> {
    let named = known_keys().any(|known| known.name == name);
    undeclared::FAMILIES
        .iter()
        .find(|Undeclared(beginning, ..)| !named && name.starts_with(beginning))
}

/// Debezium's words (`Field.isInteger` and its siblings).
fn type_error(config_type: ConfigType, given: &str) -> Option<&'static str> {
    match config_type {
        ConfigType::Boolean if !["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(given)) => {
            Some("Either 'true' or 'false' is expected")
        }
        ConfigType::Int if given.parse::<i32>().is_err() => Some("An integer is expected"),
        ConfigType::Long if given.parse::<i64>().is_err() => Some("A long value is expected"),
        _ => None,
    }
}

fn out_of_range(key: &str, least: i64) -> String {
    let int = known_keys().any(|known| known.name == key && known.config_type == ConfigType::Int);
    match (least, int) {
        // Debezium's own grammar.
        (0, true) => "An non-negative integer is expected".to_owned(),
        (0, false) => "A non-negative long value is expected".to_owned(),
        (1, true) => "A positive, non-zero integer value is expected".to_owned(),
        (1, false) => "A positive, non-zero long value is expected".to_owned(),
        _ => format!("A value of at least {least} is expected"),
    }
}

/// Why a particular value is refused, where there is more to say than for the rest of its key.
fn refusal(key: &str, given: &str) -> Option<&'static str> {
    match (key, given.to_ascii_lowercase().as_str()) {
        ("snapshot.mode", "schema_only" | "never") => Some("it is an older name; use no_data"),
        ("snapshot.mode", "schema_only_recovery") => Some("it is an older name; use recovery"),
        _ => None,
    }
}
