//! [`TopicPattern`]: a Java regular expression that renames topics, as `Matcher.matches` and `Matcher.replaceFirst` do
//! (`java.util.regex.Matcher`).

use std::borrow::Cow;

use connector_api::config::ConfigProblem;
use regex::{Captures, Regex};

/// A pattern for whole names, and what takes the place of its first match.
#[derive(Debug)]
pub struct TopicPattern {
    whole: Regex,
    anywhere: Regex,
    replacement: Vec<Piece>,
}

/// A piece of a replacement.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
    Named(String),
}

impl TopicPattern {
    /// Pattern and replacement, each with the option that gives it.
    ///
    /// # Errors
    /// What is wrong with which option.
    pub fn of(pattern: (&str, &str), replacement: (&str, &str)) -> Result<Self, Vec<ConfigProblem>> {
        let invalid = |option: &str, reason: String| vec![ConfigProblem::new(option, reason)];
        let of_pattern = |reason| invalid(pattern.0, format!("Invalid regex: {reason}"));
        let anywhere = Regex::new(pattern.1).map_err(|error| of_pattern(one_line(&error)))?;
        let whole = whole(pattern.1).map_err(of_pattern)?;
        let replacement = parse(replacement.1, &anywhere).map_err(|reason| invalid(replacement.0, reason))?;
        Ok(TopicPattern {
            whole,
            anywhere,
            replacement,
        })
    }

    /// The new name, if the whole of `topic` matches. The first match is replaced, which need not be the whole name: `a|ab`
    /// finds only the `a` of `ab`.
    pub fn rename<'t>(&self, topic: &'t str) -> Option<Cow<'t, str>> {
        if !self.whole.is_match(topic) {
            return None;
        }
        Some(
            self.anywhere
                .replacen(topic, 1, |found: &Captures<'_>| self.replaced(found)),
        )
    }

    fn replaced(&self, found: &Captures<'_>) -> String {
        let mut text = String::new();
        for piece in &self.replacement {
            let group = match piece {
                Piece::Text(plain) => {
                    text.push_str(plain);
                    None
                }
                Piece::Group(number) => found.get(*number),
                Piece::Named(name) => found.name(name),
            };
            text.push_str(group.map_or("", |group| group.as_str()));
        }
        text
    }
}

/// `pattern` for whole names.
///
/// # Errors
/// A sentence about the expression.
pub fn whole(pattern: &str) -> Result<Regex, String> {
    Regex::new(&format!("^(?:{pattern})$")).map_err(|error| one_line(&error))
}

fn one_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// `$1`, `${name}`, and whatever follows a backslash as it is. Of `$12` the second digit belongs to the group only if there is
/// a group 12.
fn parse(replacement: &str, pattern: &Regex) -> Result<Vec<Piece>, String> {
    let groups = pattern.captures_len() - 1;
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = replacement.chars().peekable();
    while let Some(c) = rest.next() {
        let piece = match c {
            '\\' => {
                text.push(rest.next().ok_or("the replacement ends with a backslash")?);
                continue;
            }
            '$' if rest.next_if_eq(&'{').is_some() => {
                let name: String = std::iter::from_fn(|| rest.next_if(char::is_ascii_alphanumeric)).collect();
                if rest.next() != Some('}') {
                    return Err("a group's name in the replacement is not closed with `}`".to_owned());
                }
                if !pattern.capture_names().flatten().any(|known| known == name) {
                    return Err(format!("the expression has no group with the name {{{name}}}"));
                }
                Piece::Named(name)
            }
            '$' => {
                let first = rest.next().and_then(|digit| digit.to_digit(10));
                let mut number =
                    first.ok_or("a `$` in the replacement is not followed by a group; write \\$ for itself")? as usize;
                while let Some(longer) = rest
                    .peek()
                    .and_then(|digit| digit.to_digit(10))
                    .map(|digit| number * 10 + digit as usize)
                    && longer <= groups
                {
                    number = longer;
                    rest.next();
                }
                if number > groups {
                    return Err(format!(
                        "the replacement wants group {number}, of which the expression has {groups}"
                    ));
                }
                Piece::Group(number)
            }
            c => {
                text.push(c);
                continue;
            }
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(piece);
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::TopicPattern;

    #[track_caller]
    fn check(pattern: &str, replacement: &str, topic: &str, expected: Option<&str>) {
        let pattern = TopicPattern::of(("regex", pattern), ("replacement", replacement)).expect("valid");
        assert_eq!(pattern.rename(topic).as_deref(), expected);
    }

    #[test]
    fn whole_names_are_renamed_as_java_does() {
        check("(.*)", "$1-cdc", "p.db.t", Some("p.db.t-cdc"));
        check(r"(.*)\.(.*)\.(.*)", "$3", "p.db.t", Some("t"));
        check("shop.(.*)", "shop-$1", "my.shop.orders", None);
        check("(?<db>[^.]*).*", "${db}_$0", "a.b", Some("a_a.b"));
        check("(.)(.*)", "$12", "xyz", Some("x2"));
        check("(.*)", r"\$1\\", "t", Some(r"$1\"));
        check("a|ab", "z", "ab", Some("zb"));
        check("(a)?b", "[$1]", "b", Some("[]"));
        check(".*", "", "t", Some(""));
    }

    #[test]
    fn what_java_refuses_is_refused() {
        for (pattern, replacement) in [
            ("(", ""),
            (".*", "$1"),
            (".*", "$"),
            (".*", "a\\"),
            (".*", "${x}"),
            ("(?<x>.)", "${x"),
        ] {
            assert!(
                TopicPattern::of(("regex", pattern), ("replacement", replacement)).is_err(),
                "{pattern} {replacement}"
            );
        }
    }
}
