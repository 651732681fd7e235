//! Options that several transforms have.

use connector_api::config::{ConfigKey, ConfigType, Importance};

/// `replace.null.with.default`.
pub(super) fn replace_null_with_default() -> ConfigKey {
    let doc = "Whether a null in a field with a default becomes that default.";
    ConfigKey::new("replace.null.with.default", ConfigType::Boolean, doc).default_value("true")
}

/// An option without which the transform cannot be, of high importance.
pub(super) fn required(name: &'static str, config_type: ConfigType, doc: &'static str) -> ConfigKey {
    ConfigKey::new(name, config_type, doc)
        .required()
        .importance(Importance::High)
}
