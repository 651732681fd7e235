//! [`TopicPattern`]: a Java regular expression that renames topics, and the names it has made.

use std::collections::HashMap;

use connector_api::config::ConfigProblem;
use connector_api::pattern::{Renaming, RenamingError};

use super::chain::TransformError;

/// Renames topics; each once.
#[derive(Debug)]
pub struct TopicPattern {
    renaming: Renaming,
    known: HashMap<String, Option<String>>,
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
            let renamed = self.renaming.rename(topic)?;
            if self.known.len() >= MOST_KNOWN {
                self.known.clear();
            }
            self.known.insert(topic.to_owned(), renamed);
        }
        Ok(self.known.get(topic).and_then(Option::as_deref))
    }
}
