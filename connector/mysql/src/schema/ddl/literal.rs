//! String literals and quoted names: their values, and values as literals.

/// What stands between the quotes.
pub(super) fn inside_quotes(spelling: &str) -> &str {
    let mut characters = spelling.chars();
    characters.next();
    characters.next_back();
    characters.as_str()
}

/// A name that was quoted.
pub(super) fn unquote_name(spelling: &str) -> String {
    let quote = spelling.chars().next().unwrap_or('`');
    inside_quotes(spelling).replace(&format!("{quote}{quote}"), &quote.to_string())
}

/// A string's value: <https://dev.mysql.com/doc/refman/9.4/en/string-literals.html>.
pub(super) fn unescape(raw: &str, quote: char, no_backslash_escapes: bool) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if !no_backslash_escapes => match characters.next() {
                Some('0') => value.push('\0'),
                Some('b') => value.push('\u{8}'),
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some('t') => value.push('\t'),
                Some('Z') => value.push('\u{1a}'),
                // Outside of patterns these two keep their backslash.
                Some(wildcard @ ('%' | '_')) => value.extend(['\\', wildcard]),
                Some(other) => value.push(other),
                None => value.push('\\'),
            },
            _ if character == quote => {
                characters.next_if_eq(&quote);
                value.push(quote);
            }
            _ => value.push(character),
        }
    }
    value
}

/// `value` as a string literal, as `SHOW CREATE TABLE` spells the values of an ENUM.
pub(in crate::schema) fn quoted_text(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('\'');
    for character in value.chars() {
        match character {
            '\'' => text.push_str("''"),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\0' => text.push_str("\\0"),
            '\u{1a}' => text.push_str("\\Z"),
            _ => text.push(character),
        }
    }
    text.push('\'');
    text
}

/// The value of a string literal; text that is none stands for itself.
pub(in crate::schema) fn unquoted_text(text: &str) -> String {
    match text.chars().next() {
        Some(quote @ ('\'' | '"')) if text.len() > 1 && text.ends_with(quote) => {
            unescape(inside_quotes(text), quote, false)
        }
        _ => text.to_owned(),
    }
}
