//! [`RegexList`]: a comma-separated list of regular expressions, as Debezium reads them.
//!
//! An expression must match the whole name, in any case; `\,` is a comma inside an expression. Expressions are Java's
//! there and Rust's here: look-around and back-references do not exist here and are refused when the list is parsed.

use regex::{Regex, RegexBuilder};

/// A list of expressions. A name is in it when any of them matches.
#[derive(Debug, Clone, Default)]
pub struct RegexList {
    expressions: Vec<Regex>,
}

impl RegexList {
    /// Parses a list.
    ///
    /// # Errors
    /// The first expression that is none, in one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expressions = split(text)
            .iter()
            .map(|expression| compile(expression))
            .collect::<Result<_, _>>()?;
        Ok(RegexList { expressions })
    }

    /// The expressions as they are matched.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.expressions.iter().map(Regex::as_str)
    }

    /// Whether any expression matches all of `name`.
    pub fn matches(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The place of the first expression that matches all of `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.expressions.iter().position(|expression| expression.is_match(name))
    }
}

/// The items between commas, trimmed; `\,` becomes a comma. Blank items are none.
fn split(text: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, items.last_mut()) {
            (',', _) => items.push(String::new()),
            ('\\', Some(item)) => match characters.next() {
                Some(',') => item.push(','),
                Some(escaped) => item.extend(['\\', escaped]),
                None => item.push('\\'),
            },
            (other, Some(item)) => item.push(other),
            (_, None) => {}
        }
    }
    items
        .iter()
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

fn compile(expression: &str) -> Result<Regex, String> {
    // Compiled by itself first: a group left open must not swallow the anchors.
    let anchored = Regex::new(expression).and_then(|_| {
        RegexBuilder::new(&format!(r"\A(?:{expression})\z"))
            .case_insensitive(true)
            .build()
    });
    anchored.map_err(|error| match error {
        // The crate's text draws the expression on several lines; its last line is the reason.
        regex::Error::Syntax(text) => {
            let reason = text
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned();
            format!("`{expression}`: {reason}")
        }
        _ => format!("`{expression}` is too large"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, name: &str, expected: bool) {
        assert_eq!(RegexList::parse(list).unwrap().matches(name), expected, "{list} {name}");
    }

    #[test]
    fn an_expression_matches_whole_names_in_any_case() {
        check("inventory", "inventory", true);
        check("inventory", "INVENTORY", true);
        check("inventory", "inventory2", false);
        check("inventory", "my_inventory", false);
        check("a|b", "b", true);
        check("a|b", "ab", false);
    }

    #[test]
    fn commas_separate_and_backslash_commas_do_not() {
        check(r" a\.b , c\.d ", "c.d", true);
        check(r"x{1\,3}", "xx", true);
        check(r"x{1\,3}", "xxxx", false);
        check(r"a\.b", "a.b", true);
        check(r"a\.b", "axb", false);
        check(",, a,", "a", true);
        check(",, ,", "", false);
    }

    #[test]
    fn what_is_no_expression_is_named() {
        for (list, part) in [
            ("a.(b", "unclosed group"),
            ("a,(?!b).*", "look-around"),
            ("[", "unclosed character class"),
        ] {
            let error = RegexList::parse(list).unwrap_err();
            assert!(error.contains(part) && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn an_expression_cannot_escape_its_anchors() {
        assert!(RegexList::parse("a)|(b").is_err());
    }
}
