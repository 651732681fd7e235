//! [`TopicPattern`]: a Java regular expression that renames topics, and the names it has made.

use std::collections::HashMap;

use connector_api::config::ConfigProblem;
use connector_api::pattern::{Renaming, RenamingError, Runaway};

use super::chain::TransformError;

/// Renames topics; each once, and one that the expression takes too long for is given up once, too.
#[derive(Debug)]
pub struct TopicPattern {
    renaming: Renaming,
    known: HashMap<String, Result<Option<String>, Runaway>>,
}

/// Topics are few, but a topic can be made of every value of a column.
const MOST_KNOWN: usize = 1_024;

impl TopicPattern {
    /// Pattern and replacement, each with the option that gives it.
    ///
    /// # Errors
    /// What is wrong with which option.
    pub fn of(pattern: (&str, &str), replacement: (&str, &str)) -> Result<Self, Vec<ConfigProblem>> {
        let renaming = Renaming::new(pattern.1, replacement.1).map_err(|error| {
            vec![match error {
                RenamingError::Pattern(reason) => ConfigProblem::new(pattern.0, format!("Invalid regex: {reason}")),
                RenamingError::Replacement(reason) => ConfigProblem::new(replacement.0, reason),
            }]
        })?;
        Ok(TopicPattern {
            renaming,
            known: HashMap::new(),
        })
    }

    /// The new name, if the whole of `topic` matches.
    ///
    /// # Errors
    /// If the expression takes too long.
    pub fn rename(&mut self, topic: &str) -> Result<Option<&str>, TransformError> {
        if !self.known.contains_key(topic) {
            let renamed = self.renaming.rename(topic);
            if self.known.len() >= MOST_KNOWN {
                self.known.clear();
            }
            self.known.insert(topic.to_owned(), renamed);
        }
        match self.known.get(topic) {
            Some(Ok(renamed)) => Ok(renamed.as_deref()),
            Some(Err(runaway)) => Err(TransformError::from(runaway)),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TopicPattern;

    /// Each record of such a topic took the steps again.
    #[test]
    fn a_runaway_expression_is_remembered() {
        let pattern = ("regex", "(a*)(a*)(?>b)");
        let mut topics = TopicPattern::of(pattern, ("replacement", "x")).expect("an expression");
        let topic = "a".repeat(2_000);
        let error = topics.rename(&topic).expect_err("too long").to_string();
        assert!(error.contains(pattern.1) && !error.contains(&topic), "{error}");
        assert!(topics.known.get(&topic).is_some_and(Result::is_err));
        assert_eq!(topics.rename(&topic).expect_err("still").to_string(), error);
    }
}
