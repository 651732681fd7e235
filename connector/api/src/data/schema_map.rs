//! [`SchemaMap`]: what somebody derived from a schema, found again by the schema's identity.
//!
//! Comparing schemas would cost more than converting a record, so the key is the address of the `Arc`. The map holds the
//! `Arc`, which keeps the address from being given to another schema. A schema that nobody but the map holds can never be
//! asked for again: it is dropped at the next sweep, so the map is bounded by the schemas that are alive.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use super::Schema;

/// The number of schemas at which the first sweep happens.
const FIRST_SWEEP: usize = 64;

/// Values of `T` by schema.
#[derive(Debug)]
pub struct SchemaMap<T> {
    by_address: HashMap<usize, Entry<T>, BuildHasherDefault<AddressHasher>>,
    next_sweep: usize,
}

#[derive(Debug)]
struct Entry<T> {
    schema: Arc<Schema>,
    value: T,
}

impl<T> Default for SchemaMap<T> {
    fn default() -> Self {
        SchemaMap {
            by_address: HashMap::default(),
            next_sweep: FIRST_SWEEP,
        }
    }
}

impl<T> SchemaMap<T> {
    /// What was derived from `schema`.
    pub fn find(&self, schema: &Arc<Schema>) -> Option<&T> {
        Some(&self.by_address.get(&address(schema))?.value)
    }

    /// What was derived from `schema`, or what `derive` answers now.
    ///
    /// # Errors
    /// That of `derive`; nothing is kept then.
    pub fn find_or<E>(&mut self, schema: &Arc<Schema>, derive: impl FnOnce() -> Result<T, E>) -> Result<&mut T, E> {
        let address = address(schema);
        if !self.by_address.contains_key(&address) {
            let value = derive()?;
            self.sweep();
            let schema = Arc::clone(schema);
            self.by_address.insert(address, Entry { schema, value });
        }
        let entry = self.by_address.get_mut(&address).expect("it is there or was put there");
        Ok(&mut entry.value)
    }

    fn sweep(&mut self) {
        if self.by_address.len() >= self.next_sweep {
            self.by_address.retain(|_, entry| Arc::strong_count(&entry.schema) > 1);
            self.next_sweep = (self.by_address.len() * 2).max(FIRST_SWEEP);
        }
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
    use std::convert::Infallible;
    use std::sync::Arc;

    use super::{FIRST_SWEEP, SchemaMap};
    use crate::data::{Schema, SchemaType};

    fn schema() -> Arc<Schema> {
        Schema::new(SchemaType::String).shared()
    }

    fn put(map: &mut SchemaMap<i32>, schema: &Arc<Schema>, value: i32) -> i32 {
        *map.find_or(schema, || Ok::<_, Infallible>(value)).expect("infallible")
    }

    #[test]
    fn what_was_derived_is_found_by_the_identity_of_its_schema() {
        let mut map = SchemaMap::default();
        let (one, equal) = (schema(), schema());
        assert_eq!((put(&mut map, &one, 1), put(&mut map, &one, 2)), (1, 1));
        assert_eq!((map.find(&one), map.find(&equal)), (Some(&1), None));
        assert_eq!(map.find_or(&equal, || Err("no")), Err("no"));
        assert_eq!(map.find(&equal), None);
    }

    #[test]
    fn schemas_that_nobody_holds_are_dropped_and_others_kept() {
        let mut map = SchemaMap::default();
        let kept: Vec<_> = (0..10).map(|_| schema()).collect();
        kept.iter().for_each(|schema| _ = put(&mut map, schema, 0));
        for _ in 0..100 * FIRST_SWEEP {
            put(&mut map, &schema(), 0);
        }
        assert!(map.by_address.len() <= FIRST_SWEEP);
        assert!(kept.iter().all(|schema| map.find(schema).is_some()));
    }
}
