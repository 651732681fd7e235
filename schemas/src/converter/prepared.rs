//! [`PreparedSchemas`]: what a converter learnt about a schema, found again by the schema's identity.
//!
//! Comparing schemas would cost more than converting a record, so the key is the address of the `Arc`. The cache holds the
//! `Arc`, which keeps the address from being given to another schema. A schema that nobody but the cache holds can never be
//! asked for again: it is dropped at the next sweep, so the cache is bounded by the schemas that are alive.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use connector_api::data::Schema;

/// The number of schemas at which the first sweep happens.
const FIRST_SWEEP: usize = 64;

/// Values of `T` by schema and topic.
#[derive(Debug)]
pub(super) struct PreparedSchemas<T> {
    by_address: HashMap<usize, Entry<T>, BuildHasherDefault<AddressHasher>>,
    next_sweep: usize,
}

#[derive(Debug)]
struct Entry<T> {
    schema: Arc<Schema>,
    /// One, unless a schema goes to several topics.
    topics: Vec<(Box<str>, T)>,
}

impl<T> PreparedSchemas<T> {
    pub(super) fn new() -> Self {
        PreparedSchemas {
            by_address: HashMap::default(),
            next_sweep: FIRST_SWEEP,
        }
    }

    pub(super) fn find(&self, topic: &str, schema: &Arc<Schema>) -> Option<&T> {
        let entry = self.by_address.get(&address(schema))?;
        entry
            .topics
            .iter()
            .find(|(known, _)| **known == *topic)
            .map(|(_, value)| value)
    }

    pub(super) fn insert(&mut self, topic: &str, schema: &Arc<Schema>, value: T) {
        if self.by_address.len() >= self.next_sweep {
            self.by_address.retain(|_, entry| Arc::strong_count(&entry.schema) > 1);
            self.next_sweep = (self.by_address.len() * 2).max(FIRST_SWEEP);
        }
        let entry = self.by_address.entry(address(schema)).or_insert_with(|| Entry {
            schema: Arc::clone(schema),
            topics: Vec::with_capacity(1),
        });
        entry.topics.retain(|(known, _)| **known != *topic);
        entry.topics.push((topic.into(), value));
    }
}

fn address(schema: &Arc<Schema>) -> usize {
    Arc::as_ptr(schema).addr()
}

/// Spreads addresses, whose low bits are always zero.
#[derive(Debug, Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0.rotate_left(8) ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
    }

    fn write_usize(&mut self, address: usize) {
        // Fibonacci hashing; the table takes its buckets from the low bits and its tags from the high ones.
        let product = (address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = product ^ (product >> 32);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use connector_api::data::{Schema, SchemaType};

    use super::{FIRST_SWEEP, PreparedSchemas};

    fn schema() -> Arc<Schema> {
        Schema::new(SchemaType::String).shared()
    }

    #[test]
    fn a_schema_is_found_by_its_identity_and_its_topic() {
        let mut prepared = PreparedSchemas::new();
        let (one, equal) = (schema(), schema());
        prepared.insert("a", &one, 1);
        prepared.insert("b", &one, 2);
        prepared.insert("b", &one, 3);
        assert_eq!(prepared.find("a", &one), Some(&1));
        assert_eq!(prepared.find("b", &one), Some(&3));
        assert_eq!(prepared.find("c", &one), None);
        assert_eq!(prepared.find("a", &equal), None);
    }

    #[test]
    fn schemas_that_nobody_holds_are_dropped_and_others_kept() {
        let mut prepared = PreparedSchemas::new();
        let kept: Vec<_> = (0..10).map(|_| schema()).collect();
        kept.iter().for_each(|schema| prepared.insert("t", schema, ()));
        for _ in 0..100 * FIRST_SWEEP {
            prepared.insert("t", &schema(), ());
        }
        assert!(prepared.by_address.len() <= FIRST_SWEEP);
        assert!(kept.iter().all(|schema| prepared.find("t", schema).is_some()));
    }
}
