//! [`RegexList`]: a comma-separated list of regular expressions, as Debezium reads them.
//!
//! An expression is Java's ([`Pattern`]). It must match the whole name, in any case; `\,` is a comma inside an expression.

use std::sync::{Arc, OnceLock};

use connector_api::pattern::{Case, Pattern, Runaway};

/// A list of expressions. A name is in it when any of them matches.
#[derive(Debug, Clone, Default)]
pub struct RegexList {
    expressions: Vec<Pattern>,
    runaway: Arc<OnceLock<Runaway>>,
}

impl RegexList {
    /// Parses a list.
    ///
    /// # Errors
    /// The first expression that is none, in one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expressions = split(text)
            .iter()
            .map(|expression| Pattern::new(expression, Case::Insensitive))
            .collect::<Result<_, _>>()?;
        Ok(RegexList {
            expressions,
            runaway: Arc::default(),
        })
    }

    /// The expressions as filters have always been recognised by them.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.expressions
            .iter()
            .map(|expression| format!(r"\A(?:{})\z", expression.as_str()))
    }

    /// Whether any expression matches all of `name`.
    pub fn matches(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The place of the first expression that matches all of `name`. One that cannot tell counts as one that does not, until
    /// whoever acts on the answers asks for a [runaway](Self::runaway).
    pub fn position(&self, name: &str) -> Option<usize> {
        self.expressions.iter().position(|expression| {
            expression.matches(name).unwrap_or_else(|runaway| {
                self.runaway.get_or_init(|| runaway);
                false
            })
        })
    }

    /// The first expression that took too long on a name: what the list says since then may be wrong.
    pub fn runaway(&self) -> Option<&Runaway> {
        self.runaway.get()
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
    fn an_expression_may_look_around() {
        check(r"shop\.(?!tmp_).*", "Shop.Orders", true);
        check(r"shop\.(?!tmp_).*", "shop.TMP_1", false);
        check(r"(\w+)\.\1_log", "shop.SHOP_log", true);
    }

    #[test]
    fn a_list_remembers_that_it_could_not_tell() {
        let list = RegexList::parse("(a*)(a*)(?>b)").unwrap();
        assert!(!list.matches("c") && list.runaway().is_none());
        assert!(!list.matches(&"a".repeat(2_000)) && !list.matches("c"));
        assert!(
            list.clone()
                .runaway()
                .is_some_and(|runaway| runaway.name.len() == 2_000)
        );
    }

    #[test]
    fn what_is_no_expression_is_named() {
        for (list, part) in [
            ("a.(b", "unclosed group"),
            ("a,(?!b.*", "(?!b.*"),
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
