//! [`Matcher`]: an expression compiled, in linear time where that is possible.

use std::ops::Range;

use super::Case;
use super::java::Translation;

/// Steps of backtracking for one name. A second's work; an expression for names that needs more never ends.
const STEPS: usize = 1_000_000;

/// A compiled expression.
#[derive(Debug, Clone)]
pub(super) enum Matcher {
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

/// What the groups of a match have found, the whole of it first.
pub(super) struct Groups<'n> {
    name: &'n str,
    ranges: Vec<Option<Range<usize>>>,
}

impl<'n> Groups<'n> {
    /// Where the match is.
    pub(super) fn whole(&self) -> Range<usize> {
        self.ranges.first().cloned().flatten().unwrap_or_default()
    }

    /// What a group has found; nothing if it is not part of the match.
    pub(super) fn text(&self, number: usize) -> &'n str {
        let range = self.ranges.get(number).cloned().flatten();
        range.map_or("", |range| &self.name[range])
    }
}

/// Backtracking took too long.
pub(super) struct TooLong;

impl Matcher {
    /// The expression between `before` and `behind`; `java` is what it was, for the error.
    pub(super) fn new(java: &str, translation: &Translation, around: [&str; 2], case: Case) -> Result<Self, String> {
        let Translation { rust, is_possessive } = translation;
        let [before, behind] = around;
        // Compiled by itself first: a group left open must not swallow what stands around it.
        let whole = format!("{before}{rust}{behind}");
        let ignore_case = case == Case::Insensitive;
        let linear = regex::Regex::new(rust)
            .and_then(|_| regex::RegexBuilder::new(&whole).case_insensitive(ignore_case).build());
        match linear {
            Ok(regex) if !is_possessive => Ok(Matcher::Linear(regex)),
            linear => {
                let backtracking = fancy_regex::Regex::new(rust).and_then(|_| {
                    fancy_regex::RegexBuilder::new(&whole)
                        .case_insensitive(ignore_case)
                        .backtrack_limit(STEPS)
                        .build()
                });
                match (backtracking, linear) {
                    (Ok(regex), _) => Ok(Matcher::Backtracking(Box::new(regex))),
                    (Err(_), Err(error)) => Err(reason(java, &error)),
                    (Err(error), Ok(_)) => Err(format!("`{java}`: {error}")),
                }
            }
        }
    }

    pub(super) fn is_match(&self, name: &str) -> Result<bool, TooLong> {
        match self {
            Matcher::Linear(regex) => Ok(regex.is_match(name)),
            Matcher::Backtracking(regex) => regex.is_match(name).map_err(|_| TooLong),
        }
    }

    /// What the first match in `name` has found.
    pub(super) fn find<'n>(&self, name: &'n str) -> Result<Option<Groups<'n>>, TooLong> {
        let ranges = match self {
            Matcher::Linear(regex) => regex
                .captures(name)
                .map(|found| found.iter().map(|group| Some(group?.range())).collect()),
            Matcher::Backtracking(regex) => {
                let found = regex.captures(name).map_err(|_| TooLong)?;
                found.map(|found| found.iter().map(|group| Some(group?.range())).collect())
            }
        };
        Ok(ranges.map(|ranges| Groups { name, ranges }))
    }

    /// How many groups there are, without the whole match.
    pub(super) fn groups(&self) -> usize {
        match self {
            Matcher::Linear(regex) => regex.captures_len() - 1,
            Matcher::Backtracking(regex) => regex.captures_len() - 1,
        }
    }

    /// The number of the group of this name.
    pub(super) fn group(&self, name: &str) -> Option<usize> {
        match self {
            Matcher::Linear(regex) => regex.capture_names().position(|known| known == Some(name)),
            Matcher::Backtracking(regex) => regex.capture_names().position(|known| known == Some(name)),
        }
    }
}

fn reason(text: &str, error: &regex::Error) -> String {
    match error {
        // The crate's text draws the expression on several lines; its last line is the reason.
        regex::Error::Syntax(drawing) => {
            let reason = drawing.lines().last().unwrap_or_default();
            format!("`{text}`: {}", reason.trim_start_matches("error: "))
        }
        _ => format!("`{text}` is too large"),
    }
}
