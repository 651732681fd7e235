//! [`DroppedFields`]: fields that a header lists, left out of the row and of the key (`drop.fields.*`).

use std::collections::HashMap;
use std::sync::Arc;

use connector_api::data::{Schema, SchemaMap, Value, ValueCollector};

use crate::transforms::chain::{Next, TransformError};
use crate::transforms::key_or_value::KeyOrValue;
use crate::transforms::record::{Part, Record};
use crate::transforms::replace_field::without;
use crate::transforms::shape::{Shape, Shaped};

/// What is done with the fields that a record's header lists.
pub(super) struct DroppedFields {
    pub(super) header: String,
    pub(super) from_key: bool,
    /// Whether those stay that may not be null, so that readers of the old schema can read the new one.
    pub(super) keep_compatible: bool,
    pub(super) keys: SchemaMap<Remainders>,
    pub(super) rows: SchemaMap<Remainders>,
}

/// What is left of structs of one schema, by the fields that are listed. `None`: all of it.
pub(super) type Remainders = HashMap<Vec<String>, Option<(Arc<Schema>, Shape)>>;

/// Lists of fields that are remembered for one schema; an update can list any of them.
const MOST_LISTS: usize = 256;

impl DroppedFields {
    /// Hands the record on without the fields that its header lists.
    pub(super) fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let listed = self.listed(record)?;
        if listed.is_empty() {
            next(record);
            return Ok(());
        }
        let keep = self.keep_compatible;
        let (key_shaped, row_shaped);
        let mut dropped = *record;
        if let Some((schema, key)) = KeyOrValue::Key.present(record).filter(|_| self.from_key)
            && let Some((schema, shape)) = remainder(&mut self.keys, schema, &listed, keep)?
        {
            key_shaped = Shaped::new(shape, key);
            let value = Some(&key_shaped as _);
            dropped.key = Some(Part { schema, value });
        }
        if let Some((schema, row)) = KeyOrValue::Value.present(record)
            && let Some((schema, shape)) = remainder(&mut self.rows, schema, &listed, keep)?
        {
            row_shaped = Shaped::new(shape, row);
            let value = Some(&row_shaped as _);
            dropped.value = Some(Part { schema, value });
        }
        next(&dropped);
        Ok(())
    }

    /// The names in the first header of the name; none without one.
    fn listed(&self, record: &Record<'_>) -> Result<Vec<String>, TransformError> {
        let mut found = None;
        record.headers.for_each(&mut |header| {
            if found.is_none() && header.name == self.header {
                found = Some(header.value.value.map_or(Ok(Value::Null), ValueCollector::collect));
            }
        });
        match found.transpose()? {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(names)) => Ok(names
                .into_iter()
                .filter_map(|name| match name {
                    Value::String(name) => Some(name),
                    _ => None,
                })
                .collect()),
            Some(_) => Err(TransformError::new(format!(
                "its header `{}` (drop.fields.header.name) is no list of names, as ExtractChangedRecordState makes one",
                self.header
            ))),
        }
    }
}

fn remainder<'k>(
    known: &'k mut SchemaMap<Remainders>,
    schema: &Arc<Schema>,
    listed: &[String],
    keep_compatible: bool,
) -> Result<Option<&'k (Arc<Schema>, Shape)>, TransformError> {
    let Ok(remainders) = known.find_or(schema, || Ok::<_, std::convert::Infallible>(Remainders::new()));
    if !remainders.contains_key(listed) {
        if remainders.len() >= MOST_LISTS {
            remainders.clear();
        }
        let goes = |name: &str| {
            let field = schema.fields().iter().find(|field| field.name == name);
            field.is_some_and(|field| field.schema.optional || !keep_compatible)
        };
        let names: Vec<String> = listed.iter().filter(|name| goes(name)).cloned().collect();
        let left = match names.is_empty() && keep_compatible {
            true => None,
            false => Some(without(schema, names)?),
        };
        remainders.insert(listed.to_vec(), left);
    }
    Ok(remainders.get(listed).and_then(Option::as_ref))
}
