//! [`Validator`]: what a value must fulfil beyond its type, with Kafka's own texts.

use super::ParsedValue;

/// A check of one value. An absent value passes every check; whether it may be absent is the key's matter.
#[derive(Debug, Clone, Copy)]
pub enum Validator {
    /// Everything of the right type.
    Any,
    /// One of these texts, exactly.
    OneOf(&'static [&'static str]),
    /// One of these texts in any case; listed in upper case, as Kafka does.
    OneOfIgnoreCase(&'static [&'static str]),
    /// A number not below this.
    AtLeast(i64),
    /// A number within these bounds, both included.
    Between(i64, i64),
    /// Text or a list with something in it.
    NonEmpty,
    /// A name: not empty, no control characters.
    Name,
    /// Anything else; the text it returns follows `Invalid value .. for configuration ..: `.
    Custom(fn(&ParsedValue) -> Result<(), String>),
}

impl Validator {
    /// Checks `value`, which already has its key's type.
    pub fn validate(&self, value: &ParsedValue) -> Result<(), String> {
        if *value == ParsedValue::Null {
            return Ok(());
        }
        match self {
            Validator::Any => Ok(()),
            Validator::OneOf(allowed) => require(value.text().is_some_and(|text| allowed.contains(&text)), || {
                format!("String must be one of: {}", allowed.join(", "))
            }),
            Validator::OneOfIgnoreCase(allowed) => {
                let found = |text: &str| allowed.iter().any(|one| one.eq_ignore_ascii_case(text));
                require(value.text().is_some_and(found), || {
                    format!(
                        "String must be one of (case insensitive): {}",
                        allowed.join(", ").to_ascii_uppercase()
                    )
                })
            }
            Validator::AtLeast(least) => in_range(value, *least, i64::MAX),
            Validator::Between(least, most) => in_range(value, *least, *most),
            Validator::NonEmpty => match value {
                ParsedValue::List(items) => require(!items.is_empty(), || "List must be non-empty".to_owned()),
                _ => require(value.text() != Some(""), || "String must be non-empty".to_owned()),
            },
            Validator::Name => validate_name(value.text().unwrap_or_default()),
            Validator::Custom(check) => check(value),
        }
    }
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn in_range(value: &ParsedValue, least: i64, most: i64) -> Result<(), String> {
    let (below, above) = match value {
        ParsedValue::Double(number) => (*number < least as f64, *number > most as f64),
        _ => match value.number() {
            Some(number) => (number < least, number > most),
            None => return Ok(()),
        },
    };
    if below {
        return Err(format!("Value must be at least {least}"));
    }
    require(!above, || format!("Value must be no more than {most}"))
}

fn validate_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("String may not be empty".to_owned());
    }
    let control: Vec<String> = name
        .chars()
        .filter(|c| c.is_control())
        .map(|c| (u32::from(c)).to_string())
        .collect();
    require(control.is_empty(), || {
        format!(
            "String may not contain control sequences but had the following ASCII chars: {}",
            control.join(", ")
        )
    })
}
