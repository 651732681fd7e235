//! [`Logged`]: what has been logged, so that a table full of such rows does not say it for each of them.

use std::collections::HashMap;

/// Reasons by topic.
#[derive(Default)]
pub(super) struct Logged {
    reasons: HashMap<String, Vec<String>>,
}

/// Topics are few, but one can be made of every value of a column.
const MOST_TOPICS: usize = 1_024;

impl Logged {
    /// Whether this is the first time for this topic and reason; reasons have to be few.
    pub(super) fn is_first(&mut self, topic: &str, reason: &str) -> bool {
        if let Some(reasons) = self.reasons.get_mut(topic) {
            let is_first = !reasons.iter().any(|logged| logged == reason);
            if is_first {
                reasons.push(reason.to_owned());
            }
            return is_first;
        }
        if self.reasons.len() >= MOST_TOPICS {
            self.reasons.clear();
        }
        self.reasons.insert(topic.to_owned(), vec![reason.to_owned()]);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Logged, MOST_TOPICS};

    /// It was logged for each row.
    #[test]
    fn a_reason_is_told_once_for_each_topic() {
        let mut logged = Logged::default();
        let mut tell = |topic, reason| logged.is_first(topic, reason);
        assert!(tell("a", "x") && tell("a", "y") && tell("b", "x"));
        assert!(!tell("a", "x") && !tell("a", "y") && !tell("b", "x"));
        for topic in 0..2 * MOST_TOPICS {
            logged.is_first(&topic.to_string(), "x");
        }
        assert!(logged.reasons.len() <= MOST_TOPICS);
    }
}
