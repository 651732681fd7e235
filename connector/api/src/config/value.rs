//! The answers of Connect's REST interface about a configuration, field for field.
//!
//! `GET /connector-plugins/{class}/config` is a list of [`ConfigKeyInfo`]; `PUT .../config/validate` is [`ConfigInfos`].

use serde::Serialize;

use super::{ConfigDef, ConfigKey, ConfigMap, ConfigType, Importance, ParsedValue, Width};

/// What is known of one key's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigValue {
    /// The key.
    pub name: String,
    /// The value in force, as it may be shown.
    pub value: Option<String>,
    /// Values worth offering.
    pub recommended_values: Vec<String>,
    /// What is wrong with it; empty if nothing is.
    pub errors: Vec<String>,
    /// Whether a form shows the key.
    pub visible: bool,
}

/// The definition of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigKeyInfo<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    config_type: ConfigType,
    required: bool,
    default_value: Option<&'a str>,
    importance: Importance,
    documentation: &'a str,
    group: &'a str,
    order_in_group: u32,
    width: Width,
    display_name: &'a str,
    dependents: &'a [&'static str],
}

/// A key's definition and value.
#[derive(Debug, Clone, Serialize)]
pub struct ConfigInfo<'a> {
    /// The definition; `null` for a value whose key is not defined.
    pub definition: Option<ConfigKeyInfo<'a>>,
    /// The value.
    pub value: ConfigValue,
}

/// The answer to a validation.
#[derive(Debug, Clone, Serialize)]
pub struct ConfigInfos<'a> {
    /// The class as the caller named it.
    pub name: String,
    /// How many keys have errors.
    pub error_count: usize,
    /// The groups, in the order of their first key.
    pub groups: Vec<&'a str>,
    /// Every key, in order.
    pub configs: Vec<ConfigInfo<'a>>,
}

impl ConfigValue {
    /// The value of `key` when nothing is known of it yet.
    pub fn unset(key: &ConfigKey) -> Self {
        ConfigValue {
            name: key.name().to_owned(),
            value: None,
            recommended_values: key.recommended_values().map(str::to_owned).collect(),
            errors: Vec::new(),
            visible: key.is_visible(),
        }
    }
}

impl ConfigKey {
    /// The definition as REST shows it.
    pub fn info(&self) -> ConfigKeyInfo<'_> {
        ConfigKeyInfo {
            name: self.name(),
            config_type: self.config_type(),
            required: self.is_required(),
            default_value: self.default(),
            importance: self.how_important(),
            documentation: self.documentation(),
            group: self.group(),
            order_in_group: self.order(),
            width: self.field_width(),
            display_name: self.title(),
            dependents: self.dependent_keys(),
        }
    }
}

impl ConfigDef {
    /// Every definition, as `GET /connector-plugins/{class}/config` lists them.
    pub fn infos(&self) -> Vec<ConfigKeyInfo<'_>> {
        self.keys().iter().map(ConfigKey::info).collect()
    }

    /// Every key's value in `config` with what is wrong with it, in the order of the table.
    pub fn validate(&self, config: &ConfigMap) -> Vec<ConfigValue> {
        let validated = self.keys().iter().map(|key| {
            let (value, errors) = key.parse(config.get(key.name()).map(String::as_str));
            let value = value.as_ref().and_then(ParsedValue::shown);
            ConfigValue {
                value,
                errors,
                ..ConfigValue::unset(key)
            }
        });
        validated.collect()
    }

    /// The answer to a validation of a configuration for the class `name` with these values.
    ///
    /// Keys come in the order of the table; a value of a key that the table does not have comes last.
    pub fn answer(&self, name: &str, values: Vec<ConfigValue>) -> ConfigInfos<'_> {
        let error_count = values.iter().filter(|value| !value.errors.is_empty()).count();
        let position = |value: &ConfigValue| self.by_name.get(&value.name).copied().unwrap_or(usize::MAX);
        let mut values = values;
        values.sort_by_key(position);
        let configs = values.into_iter().map(|value| ConfigInfo {
            definition: self.key(&value.name).map(ConfigKey::info),
            value,
        });
        ConfigInfos {
            name: name.to_owned(),
            error_count,
            groups: self.groups(),
            configs: configs.collect(),
        }
    }
}
