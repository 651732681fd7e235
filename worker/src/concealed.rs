//! Values that no text of this process shows: what config providers have answered.
//!
//! A type that prints no value protects what is known to be secret. What a provider answers may stand in any key, and come
//! back in the error of a library, a server or the system. So each text that leaves the process (a line of the log, a
//! status, an answer about a configuration) is searched for these values, and has the placeholder in their place.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

/// A value that is shorter is no secret, and is in too many texts by chance.
const SHORTEST: usize = 4;
/// A value as long as this is concealed wherever it is; a shorter one only where it is a word of its own, so that the host
/// `shop` does not garble `workshop`.
const UNMISTAKABLE: usize = 8;

static PLACEHOLDERS: RwLock<BTreeMap<String, String>> = RwLock::new(BTreeMap::new());

/// From now on `placeholder` is shown in the place of `value`.
pub(crate) fn conceal_from_now_on(value: &str, placeholder: &str) {
    // As it is, as it is configured (without blanks around it), and as a debugging text shows it.
    let trimmed = value.trim();
    let escaped = format!("{trimmed:?}");
    let escaped = escaped.trim_matches('"');
    let mut known = PLACEHOLDERS.write().unwrap_or_else(PoisonError::into_inner);
    for form in [value, trimmed, escaped] {
        if form.len() >= SHORTEST && !known.contains_key(form) {
            known.insert(form.to_owned(), placeholder.to_owned());
        }
    }
}

/// `text` with placeholders in the place of their values.
pub fn conceal(text: &str) -> Cow<'_, str> {
    let known = PLACEHOLDERS.read().unwrap_or_else(PoisonError::into_inner);
    let mut found: Vec<(&String, &String)> = known
        .iter()
        .filter(|(value, _)| text.contains(value.as_str()))
        .collect();
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    // A value may be within another one.
    found.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    let mut text = text.to_owned();
    for (value, placeholder) in found {
        text = replace_words(&text, value, placeholder);
    }
    Cow::Owned(text)
}

/// `text` with `placeholder` in the place of `value`, wherever it is [unmistakable](UNMISTAKABLE) or a word of its own.
pub(crate) fn replace_words(text: &str, value: &str, placeholder: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(value) {
        let (before, behind) = (&rest[..at], &rest[at + value.len()..]);
        let is_word = !before.ends_with(is_of_a_word) && !behind.starts_with(is_of_a_word);
        out.push_str(before);
        out.push_str(if is_word || value.len() >= UNMISTAKABLE {
            placeholder
        } else {
            value
        });
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn is_of_a_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::{conceal, conceal_from_now_on};

    #[test]
    fn a_value_is_shown_as_its_placeholder() {
        for (value, placeholder) in [
            ("canary-of-concealed\n", "${file:/a:p}"),
            ("canary-of-concealed-longer", "${env:L}"),
            ("kwok", "${env:W}"),
            ("a \"quoted\" canary", "${env:Q}"),
            ("1", "${env:ONE}"),
        ] {
            conceal_from_now_on(value, placeholder);
        }
        for (text, expected) in [
            (
                "x canary-of-concealed, ycanary-of-concealedz",
                "x ${file:/a:p}, y${file:/a:p}z",
            ),
            ("canary-of-concealed-longer", "${env:L}"),
            ("kwok:3306 kwoks `kwok`", "${env:W}:3306 kwoks `${env:W}`"),
            (r#"value="a \"quoted\" canary" 1"#, r#"value="${env:Q}" 1"#),
            ("nothing", "nothing"),
        ] {
            assert_eq!(conceal(text), expected);
        }
    }
}
