//! [`Envelopes`]: the schemas of values with more than the payload.

use std::convert::Infallible;
use std::sync::Arc;

use connector_api::data::{Schema, SchemaMap};

/// Kept so that a converter meets each of them once.
#[derive(Default)]
pub(super) struct Envelopes {
    /// By the schema of the payload itself, which is found at once.
    by_identity: SchemaMap<Arc<Schema>>,
    /// By what that schema says; the newest last.
    by_payload: Vec<(Arc<Schema>, Arc<Schema>)>,
    /// By the version that the event gives; the newest last.
    by_version: Vec<(Option<i32>, Arc<Schema>)>,
}

/// Payloads and versions whose schemas are kept: both come from values of rows.
const MOST_KNOWN: usize = 1_000;

impl Envelopes {
    /// One for each payload's schema.
    pub(super) fn of_payload(&mut self, payload: &Arc<Schema>, envelope: impl FnOnce() -> Schema) -> Arc<Schema> {
        let known = &mut self.by_payload;
        let Ok(schema) = self
            .by_identity
            .find_or(payload, || Ok::<_, Infallible>(found_or(known, payload, envelope)));
        Arc::clone(schema)
    }

    /// One for each version, whatever payload the first one had.
    pub(super) fn of_version(&mut self, version: Option<i32>, envelope: impl FnOnce() -> Schema) -> Arc<Schema> {
        found_or(&mut self.by_version, &version, || Schema { version, ..envelope() })
    }
}

/// The older half makes room for new ones.
fn found_or<K: PartialEq + Clone>(
    known: &mut Vec<(K, Arc<Schema>)>,
    key: &K,
    envelope: impl FnOnce() -> Schema,
) -> Arc<Schema> {
    if let Some((_, schema)) = known.iter().rev().find(|(known, _)| known == key) {
        return Arc::clone(schema);
    }
    if known.len() >= MOST_KNOWN {
        known.drain(..MOST_KNOWN / 2);
    }
    let schema = envelope().shared();
    known.push((key.clone(), Arc::clone(&schema)));
    schema
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use connector_api::data::{Field, Schema, SchemaType};

    use super::{Envelopes, MOST_KNOWN};

    fn payload(number: usize) -> Arc<Schema> {
        let field = Field::new(format!("f{number}"), Schema::new(SchemaType::Int32).shared());
        Schema::structure("payload", vec![field]).shared()
    }

    fn envelope() -> Schema {
        Schema::structure("envelope", Vec::new())
    }

    #[test]
    fn a_payload_that_says_the_same_has_the_same_envelope() {
        let mut envelopes = Envelopes::default();
        let (first, second) = (payload(1), payload(1));
        let schema = envelopes.of_payload(&first, envelope);
        assert!(Arc::ptr_eq(&schema, &envelopes.of_payload(&first, envelope)));
        assert!(Arc::ptr_eq(&schema, &envelopes.of_payload(&second, envelope)));
        assert!(!Arc::ptr_eq(&schema, &envelopes.of_payload(&payload(2), envelope)));
        let versioned = envelopes.of_version(Some(7), envelope);
        assert_eq!(versioned.version, Some(7));
        assert!(Arc::ptr_eq(&versioned, &envelopes.of_version(Some(7), envelope)));
    }

    /// They were kept for ever, and looked through for each event.
    #[test]
    fn envelopes_are_bounded() {
        let mut envelopes = Envelopes::default();
        for number in 0..3 * MOST_KNOWN {
            envelopes.of_payload(&payload(number), envelope);
            envelopes.of_version(i32::try_from(number).ok(), envelope);
        }
        assert!(envelopes.by_payload.len() <= MOST_KNOWN && envelopes.by_version.len() <= MOST_KNOWN);
    }
}
