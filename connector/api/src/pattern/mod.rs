//! [`Pattern`]: a regular expression as Java reads it, matched against whole names; [`Renaming`]: one that makes other names.
//!
//! Configurations are written for `java.util.regex`. What its expressions have in common with Rust's is matched in linear
//! time; one with look-around, a back-reference or a possessive quantifier by backtracking, with a limit to how long that may
//! take. What reads differently in the two languages is translated or refused (`java`). Two things remain: where letters are compared
//! in any case, those outside of ASCII are as well, and `.` stands for every character but the line feed.

mod java;
mod matcher;
mod renaming;

use std::error::Error;
use std::fmt;

use matcher::Matcher;
pub use renaming::{Renaming, RenamingError};

/// How letters are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `A` is not `a`.
    Sensitive,
    /// `A` is `a`.
    Insensitive,
}

/// A regular expression that matches whole names.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    matcher: Matcher,
}

/// An expression that was given up on a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runaway {
    /// The expression.
    pub pattern: String,
    /// The name.
    pub name: String,
}

impl fmt::Display for Runaway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the expression `{}` takes too long to decide whether it matches `{}`: repetitions within repetitions, such as \
             `(a+)+`, have to be written as one",
            self.pattern, self.name
        )
    }
}

impl Error for Runaway {}

impl Pattern {
    /// Reads an expression of Java's.
    ///
    /// # Errors
    /// Why it is none, in one line.
    pub fn new(text: &str, case: Case) -> Result<Self, String> {
        let matcher = Matcher::new(text, &java::translate(text)?, [r"\A(?:", r")\z"], case)?;
        Ok(Pattern {
            text: text.to_owned(),
            matcher,
        })
    }

    /// The expression as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches all of `name`.
    ///
    /// # Errors
    /// It could not be decided in time.
    pub fn matches(&self, name: &str) -> Result<bool, Runaway> {
        self.matcher.is_match(name).map_err(|_| self.runaway(name))
    }

    fn runaway(&self, name: &str) -> Runaway {
        Runaway {
            pattern: self.text.clone(),
            name: name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Pattern};

    fn check(expression: &str, matching: &[&str], others: &[&str]) {
        let pattern = Pattern::new(expression, Case::Sensitive).expect(expression);
        for (names, expected) in [(matching, true), (others, false)] {
            for name in names {
                assert_eq!(pattern.matches(name), Ok(expected), "{expression}: {name}");
            }
        }
    }

    #[test]
    fn whole_names_are_matched() {
        check("a|ab", &["a", "ab"], &["b", "abc", ""]);
        check("shop\\..*", &["shop.t", "shop."], &["shopXt", "my.shop.t"]);
        let insensitive = Pattern::new("Shop", Case::Insensitive).expect("an expression");
        assert_eq!(insensitive.matches("sHOP"), Ok(true));
    }

    #[test]
    fn expressions_that_look_around_or_back_are_javas() {
        check("shop\\.(?!tmp_).*", &["shop.orders"], &["shop.tmp_1"]);
        check(".*(?<!_old)", &["orders"], &["orders_old"]);
        check("(?=.*a)(?=.*b).*", &["ab", "xbya"], &["aa"]);
        check("(\\w+)\\.\\1_log", &["shop.shop_log"], &["shop.crm_log"]);
        check("(?<db>\\w+)\\.\\k<db>", &["a.a"], &["a.b"]);
        check("(?>a*)b", &["aab"], &["aa"]);
        check("a*+a", &[], &["a", "aaa"]);
        check("a++b", &["aab"], &["b"]);
    }

    #[test]
    fn what_reads_differently_in_rust_is_read_as_in_java() {
        check("\\d+", &["12"], &["\u{661}"]);
        check("\\w+", &["a_1"], &["\u{e4}"]);
        check("[\\w.]+", &["a.b"], &["\u{e4}"]);
        check("[^\\d]", &["a", "\u{661}"], &["1"]);
        check("\\D", &["a", "\u{661}"], &["1"]);
        check("[\\D]", &["a"], &["1"]);
        check("\\s", &[" ", "\t"], &["\u{a0}"]);
        check("\\h", &["\u{a0}", " "], &["a", "f", "1"]);
        check("\\Qa.b\\E+", &["a.b", "a.bb"], &["axb"]);
        check("\\Qa.b", &["a.b"], &["axb"]);
        check("\\p{Alpha}+", &["ab"], &["\u{e4}", "1"]);
        check("[\\p{Lower}_]+", &["a_b"], &["A"]);
        check("\\P{Digit}", &["a"], &["1"]);
        check("[a-z&&[^bc]]+", &["ad"], &["b"]);
        check("[+--]", &["+", ",", "-"], &["."]);
        check("[~~a]", &["~", "a"], &["b"]);
        check("[\\w-.]+", &["a-b.c"], &["a b"]);
        check("[\\w-\u{e4}]+", &["a-\u{e4}"], &["{", "~"]);
        check("[^\\d-]+", &["a"], &["-", "1"]);
        check("[]a-]+", &["]a-"], &["b"]);
        check("[^]a]+", &["b"], &["]"]);
        check("[[:alpha:]]+", &["alpha:"], &["b"]);
        check("a\\vb", &["a\nb", "a\rb", "a\u{2028}b"], &["a b"]);
        check("\\x41\\u0042", &["AB"], &["ab"]);
    }

    #[test]
    fn what_is_no_expression_is_named_in_one_line() {
        for (expression, part) in [
            ("a.(b", "unclosed group"),
            ("[", "unclosed character class"),
            ("a)|(b", "unopened group"),
            ("(?!a", "`(?!a`"),
            ("a{2}+", "possessive"),
            ("a\\", "`a\\`"),
        ] {
            let error = Pattern::new(expression, Case::Sensitive).expect_err(expression);
            assert!(error.contains(part) && !error.contains('\n'), "{expression}: {error}");
        }
    }

    /// A few milliseconds for most, and more steps than a name may take here.
    #[test]
    fn a_runaway_expression_is_an_error() {
        let pattern = Pattern::new("(a*)(a*)(?>b)", Case::Sensitive).expect("an expression");
        let runaway = pattern.matches(&"a".repeat(2_000)).expect_err("too long");
        assert!(runaway.to_string().contains("(a*)(a*)(?>b)"));
    }

    #[test]
    fn flags_that_mean_something_else_in_rust_are_refused() {
        for expression in ["(?U)a", "(?iU:a)", "(?U-i)a"] {
            let error = Pattern::new(expression, Case::Sensitive).expect_err(expression);
            assert!(error.contains("the flag U"), "{expression}: {error}");
        }
        assert!(Pattern::new("(?i)a(?:U)(?<U>b)", Case::Sensitive).is_ok());
    }
}
