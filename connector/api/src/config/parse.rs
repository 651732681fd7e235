//! From the strings a user gave to typed values; every problem is collected, each with its key.

use std::collections::HashMap;

use super::{ConfigDef, ConfigKey, ConfigMap, ConfigProblem, ConfigType, Password};

/// A value of a key's type.
#[derive(Debug, Clone, PartialEq)]
pub enum ParsedValue {
    /// Neither given nor defaulted.
    Null,
    /// `BOOLEAN`.
    Boolean(bool),
    /// `STRING` and `CLASS`.
    String(String),
    /// `INT`, `SHORT` and `LONG`.
    Number(i64),
    /// `DOUBLE`.
    Double(f64),
    /// `LIST`.
    List(Vec<String>),
    /// `PASSWORD`.
    Password(Password),
}

/// A configuration whose every known key has a value of its type.
#[derive(Debug, Clone, Default)]
pub struct ParsedConfig {
    values: HashMap<String, ParsedValue>,
}

impl ConfigDef {
    /// Parses and checks every key of the table; keys outside of it are left alone.
    ///
    /// # Errors
    /// All problems, in the order of the table.
    pub fn parse(&self, config: &ConfigMap) -> Result<ParsedConfig, Vec<ConfigProblem>> {
        let mut parsed = ParsedConfig::default();
        let mut problems = Vec::new();
        for key in self.keys() {
            let (value, errors) = key.parse(config.get(key.name()).map(String::as_str));
            problems.extend(
                errors
                    .into_iter()
                    .map(|message| ConfigProblem::new(key.name(), message)),
            );
            parsed
                .values
                .insert(key.name().to_owned(), value.unwrap_or(ParsedValue::Null));
        }
        if problems.is_empty() { Ok(parsed) } else { Err(problems) }
    }
}

impl ConfigKey {
    /// The value of this key when `given` is what the user wrote, and what is wrong with it.
    ///
    /// A value that has its type but fails its check is returned beside the error, as Kafka's `validate` shows it.
    pub fn parse(&self, given: Option<&str>) -> (Option<ParsedValue>, Vec<String>) {
        let Some(text) = given.or_else(|| self.default()) else {
            let missing = || {
                format!(
                    "Missing required configuration \"{}\" which has no default value.",
                    self.name()
                )
            };
            return (
                Some(ParsedValue::Null),
                self.is_required().then(missing).into_iter().collect(),
            );
        };
        let invalid = |reason: String| {
            let shown = if self.config_type() == ConfigType::Password {
                Password::HIDDEN
            } else {
                text
            };
            vec![format!(
                "Invalid value {shown} for configuration {}: {reason}",
                self.name()
            )]
        };
        match parse_as(self.config_type(), text) {
            Err(reason) => (None, invalid(reason)),
            Ok(value) => {
                let errors = self.check().validate(&value).err().map(invalid).unwrap_or_default();
                (Some(value), errors)
            }
        }
    }
}

/// Kafka trims everything but passwords (`ConfigDef.parseType`).
fn parse_as(config_type: ConfigType, text: &str) -> Result<ParsedValue, String> {
    let trimmed = text.trim();
    let not_a_number = || format!("Not a number of type {}", config_type.name());
    let whole = |least: i64, most: i64| match trimmed.parse::<i64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(ParsedValue::Number(number)),
        _ => Err(not_a_number()),
    };
    match config_type {
        ConfigType::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(ParsedValue::Boolean(true)),
        ConfigType::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(ParsedValue::Boolean(false)),
        ConfigType::Boolean => Err("Expected value to be either true or false".to_owned()),
        ConfigType::Int => whole(i64::from(i32::MIN), i64::from(i32::MAX)),
        ConfigType::Short => whole(i64::from(i16::MIN), i64::from(i16::MAX)),
        ConfigType::Long => whole(i64::MIN, i64::MAX),
        ConfigType::Double => trimmed.parse().map(ParsedValue::Double).map_err(|_| not_a_number()),
        ConfigType::List if trimmed.is_empty() => Ok(ParsedValue::List(Vec::new())),
        ConfigType::List => Ok(ParsedValue::List(
            trimmed.split(',').map(|item| item.trim().to_owned()).collect(),
        )),
        ConfigType::String | ConfigType::Class => Ok(ParsedValue::String(trimmed.to_owned())),
        ConfigType::Password => Ok(ParsedValue::Password(Password::new(text))),
    }
}

impl ParsedValue {
    /// The text of a `STRING` or `CLASS`.
    pub fn text(&self) -> Option<&str> {
        match self {
            ParsedValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number of an `INT`, `SHORT` or `LONG`.
    pub fn number(&self) -> Option<i64> {
        match self {
            ParsedValue::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// As the REST interface shows it; a password as `[hidden]`.
    pub fn shown(&self) -> Option<String> {
        match self {
            ParsedValue::Null => None,
            ParsedValue::Boolean(value) => Some(value.to_string()),
            ParsedValue::String(text) => Some(text.clone()),
            ParsedValue::Number(number) => Some(number.to_string()),
            ParsedValue::Double(number) => Some(format!("{number:?}")),
            ParsedValue::List(items) => Some(items.join(",")),
            ParsedValue::Password(password) => Some(password.to_string()),
        }
    }
}

/// Typed look-ups. A key that was neither given nor defaulted, or is of another type, is `None`.
impl ParsedConfig {
    /// The value of `name`.
    pub fn value(&self, name: &str) -> &ParsedValue {
        self.values.get(name).unwrap_or(&ParsedValue::Null)
    }

    /// A `STRING` or `CLASS`.
    pub fn string(&self, name: &str) -> Option<&str> {
        self.value(name).text()
    }

    /// An `INT`, `SHORT` or `LONG`.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.value(name).number()
    }

    /// A `BOOLEAN`.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.value(name) {
            ParsedValue::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// A `DOUBLE`.
    pub fn double(&self, name: &str) -> Option<f64> {
        match self.value(name) {
            ParsedValue::Double(value) => Some(*value),
            _ => None,
        }
    }

    /// A `LIST`.
    pub fn list(&self, name: &str) -> Option<&[String]> {
        match self.value(name) {
            ParsedValue::List(items) => Some(items),
            _ => None,
        }
    }

    /// A `PASSWORD`.
    pub fn password(&self, name: &str) -> Option<&Password> {
        match self.value(name) {
            ParsedValue::Password(password) => Some(password),
            _ => None,
        }
    }
}
