//! [`ConfigKey`]: one line of the table.

use std::borrow::Cow;

use serde::Serialize;

use super::Validator;

/// A configuration key: what it means, what it may hold, and how a form shows it.
#[derive(Debug, Clone)]
pub struct ConfigKey {
    name: Cow<'static, str>,
    config_type: ConfigType,
    required: bool,
    default: Option<Cow<'static, str>>,
    importance: Importance,
    documentation: Cow<'static, str>,
    group: Cow<'static, str>,
    order: u32,
    width: Width,
    display_name: Cow<'static, str>,
    dependents: Vec<&'static str>,
    validator: Validator,
    recommended: Vec<Cow<'static, str>>,
    visible: bool,
}

/// The type of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ConfigType {
    /// `true` or `false`, in any case.
    Boolean,
    /// Any text.
    String,
    /// A signed 32-bit number.
    Int,
    /// A signed 16-bit number.
    Short,
    /// A signed 64-bit number.
    Long,
    /// A floating-point number.
    Double,
    /// Texts separated by commas.
    List,
    /// The name of a class.
    Class,
    /// Text that is never shown.
    Password,
}

/// How much a user should care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Importance {
    /// Look at it first.
    High,
    /// Worth a look.
    Medium,
    /// The default is almost always right.
    Low,
}

/// How wide an input field a form should offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Width {
    /// No opinion.
    None,
    /// A number or a word.
    Short,
    /// A name.
    Medium,
    /// A list or a sentence.
    Long,
}

impl ConfigType {
    /// The name in Kafka's texts, e.g. `INT`.
    pub fn name(self) -> &'static str {
        match self {
            ConfigType::Boolean => "BOOLEAN",
            ConfigType::String => "STRING",
            ConfigType::Int => "INT",
            ConfigType::Short => "SHORT",
            ConfigType::Long => "LONG",
            ConfigType::Double => "DOUBLE",
            ConfigType::List => "LIST",
            ConfigType::Class => "CLASS",
            ConfigType::Password => "PASSWORD",
        }
    }
}

impl ConfigKey {
    /// An optional key without a default, of medium importance, that any value of its type fits.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        config_type: ConfigType,
        documentation: impl Into<Cow<'static, str>>,
    ) -> Self {
        let name = name.into();
        ConfigKey {
            display_name: name.clone(),
            name,
            config_type,
            required: false,
            default: None,
            importance: Importance::Medium,
            documentation: documentation.into(),
            group: Cow::Borrowed(""),
            order: 0,
            width: Width::None,
            dependents: Vec::new(),
            validator: Validator::Any,
            recommended: Vec::new(),
            visible: true,
        }
    }

    /// A configuration without this key is invalid.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The text assumed when the key is absent.
    #[must_use]
    pub fn default_value(mut self, default: impl Into<Cow<'static, str>>) -> Self {
        self.default = Some(default.into());
        self
    }

    /// How much a user should care.
    #[must_use]
    pub fn importance(mut self, importance: Importance) -> Self {
        self.importance = importance;
        self
    }

    /// The group it is shown in, and its place there.
    #[must_use]
    pub fn in_group(mut self, group: impl Into<Cow<'static, str>>, order: u32) -> Self {
        self.group = group.into();
        self.order = order;
        self
    }

    /// The key as it stands in the table of somebody who embeds its own: its name behind `prefix`, its group below `group`, at
    /// another place.
    #[must_use]
    pub fn embedded(mut self, prefix: &str, group: &str, order: u32) -> Self {
        self.name = Cow::Owned(format!("{prefix}{}", self.name));
        self.group = match &*self.group {
            "" => Cow::Owned(group.to_owned()),
            own => Cow::Owned(format!("{group}: {own}")),
        };
        self.order = order;
        self
    }

    /// How wide its input field is.
    #[must_use]
    pub fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    /// Its title for people.
    #[must_use]
    pub fn display_name(mut self, display_name: impl Into<Cow<'static, str>>) -> Self {
        self.display_name = display_name.into();
        self
    }

    /// Keys whose recommended values depend on this one.
    #[must_use]
    pub fn dependents(mut self, dependents: &[&'static str]) -> Self {
        self.dependents = dependents.to_vec();
        self
    }

    /// What a value must fulfil beyond its type.
    #[must_use]
    pub fn validator(mut self, validator: Validator) -> Self {
        self.validator = validator;
        self
    }

    /// Values worth offering.
    #[must_use]
    pub fn recommended(mut self, values: impl IntoIterator<Item = impl Into<Cow<'static, str>>>) -> Self {
        self.recommended = values.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps the key out of forms.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.visible = false;
        self
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of its value.
    pub fn config_type(&self) -> ConfigType {
        self.config_type
    }

    /// Whether a configuration without it is invalid.
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// The text assumed when it is absent.
    pub fn default(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// The group it is shown in.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Its place in its group.
    pub fn order(&self) -> u32 {
        self.order
    }

    /// How much a user should care.
    pub fn how_important(&self) -> Importance {
        self.importance
    }

    /// How wide its input field is.
    pub fn field_width(&self) -> Width {
        self.width
    }

    /// What it does.
    pub fn documentation(&self) -> &str {
        &self.documentation
    }

    /// Its title for people.
    pub fn title(&self) -> &str {
        &self.display_name
    }

    /// Keys whose recommended values depend on this one.
    pub fn dependent_keys(&self) -> &[&'static str] {
        &self.dependents
    }

    /// What a value must fulfil beyond its type.
    pub fn check(&self) -> &Validator {
        &self.validator
    }

    /// Values worth offering.
    pub fn recommended_values(&self) -> impl Iterator<Item = &str> {
        self.recommended.iter().map(AsRef::as_ref)
    }

    /// Whether forms show it.
    pub fn is_visible(&self) -> bool {
        self.visible
    }
}
