//! [`PreparedSchemas`]: what a converter learnt about a schema for a topic.

use std::convert::Infallible;
use std::sync::Arc;

use connector_api::data::{Schema, SchemaMap};

/// Topics are few, but a transform can make one of every value of a column. What is forgotten is learnt again.
const MOST_TOPICS: usize = 1_024;

/// Values of `T` by schema, found by its identity, and topic.
#[derive(Debug)]
pub(super) struct PreparedSchemas<T> {
    /// Of one topic, unless a schema goes to several.
    by_schema: SchemaMap<Vec<(Box<str>, T)>>,
}

impl<T> Default for PreparedSchemas<T> {
    fn default() -> Self {
        PreparedSchemas {
            by_schema: SchemaMap::default(),
        }
    }
}

impl<T> PreparedSchemas<T> {
    pub(super) fn find(&self, topic: &str, schema: &Arc<Schema>) -> Option<&T> {
        let topics = self.by_schema.find(schema)?;
        topics
            .iter()
            .find(|(known, _)| **known == *topic)
            .map(|(_, value)| value)
    }

    pub(super) fn insert(&mut self, topic: &str, schema: &Arc<Schema>, value: T) {
        let Ok(topics) = self
            .by_schema
            .find_or(schema, || Ok::<_, Infallible>(Vec::with_capacity(1)));
        topics.retain(|(known, _)| **known != *topic);
        if topics.len() >= MOST_TOPICS {
            topics.clear();
        }
        topics.push((topic.into(), value));
    }
}

#[cfg(test)]
mod tests {
    use connector_api::data::{Schema, SchemaType};

    use super::{MOST_TOPICS, PreparedSchemas};

    #[test]
    fn what_was_learnt_is_found_by_schema_and_topic() {
        let mut prepared = PreparedSchemas::default();
        let one = Schema::new(SchemaType::String).shared();
        prepared.insert("a", &one, 1);
        prepared.insert("b", &one, 2);
        prepared.insert("b", &one, 3);
        assert_eq!(prepared.find("a", &one), Some(&1));
        assert_eq!(prepared.find("b", &one), Some(&3));
        assert_eq!(prepared.find("c", &one), None);
    }

    #[test]
    fn a_schema_that_goes_to_endless_topics_is_remembered_for_some() {
        let mut prepared = PreparedSchemas::default();
        let one = Schema::new(SchemaType::String).shared();
        for topic in 0..=MOST_TOPICS {
            prepared.insert(&topic.to_string(), &one, topic);
        }
        assert_eq!(prepared.find("0", &one), None);
        assert_eq!(prepared.find(&MOST_TOPICS.to_string(), &one), Some(&MOST_TOPICS));
    }
}
