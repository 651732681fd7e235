//! [`HeaderToValue`]: headers copied or moved into the value (`io.debezium.transforms.HeaderToValue`).

mod growth;
mod keys;

use std::sync::Arc;

use connector_api::data::{Schema, SchemaMap, Value, ValueCollector, WriteError};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::record::{Header, Headers, Part, Record};
use growth::{Grown, Growth};
pub use keys::{build, keys};

/// The transform.
pub struct HeaderToValue {
    /// The headers, and for each the way to its field.
    headers: Vec<String>,
    paths: Vec<Vec<String>>,
    moves: bool,
    known: SchemaMap<Widened>,
}

/// What becomes of values of one schema.
struct Widened {
    /// Which headers have a field, with the field's schema, in the order of the fields.
    entries: Vec<(usize, Arc<Schema>)>,
    schema: Arc<Schema>,
    growth: Growth,
}

/// A header that was found.
struct Entry {
    /// Which of those wanted.
    number: usize,
    schema: Arc<Schema>,
    value: Value,
}

impl Transform for HeaderToValue {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, value)) = KeyOrValue::Value.present(record) else {
            next(record);
            return Ok(());
        };
        let entries = self.entries(record)?;
        if entries.is_empty() {
            next(record);
            return Ok(());
        }
        let paths = &self.paths;
        let widened = self
            .known
            .find_or(schema, || Widened::of(schema, paths, &entries, &[]))?;
        if !widened.has_all(&entries) {
            *widened = Widened::of(schema, paths, &entries, &widened.entries)?;
        }
        // Of two headers with one name the last one counts.
        let values: Vec<Option<&Value>> = widened
            .entries
            .iter()
            .map(|(number, _)| {
                let entry = entries.iter().rev().find(|entry| entry.number == *number);
                entry.map(|entry| &entry.value)
            })
            .collect();
        let grown = Grown {
            growth: &widened.growth,
            input: value,
            values: &values,
        };
        let value = Some(Part {
            schema: &widened.schema,
            value: Some(&grown),
        });
        let headers = match self.moves {
            false => record.headers,
            true => Headers::Without {
                rest: &record.headers,
                names: &self.headers,
            },
        };
        next(&Record {
            value,
            headers,
            ..*record
        });
        Ok(())
    }
}

impl HeaderToValue {
    fn entries(&self, record: &Record<'_>) -> Result<Vec<Entry>, WriteError> {
        let mut entries = Ok(Vec::new());
        record.headers.for_each(&mut |header| {
            let number = self.headers.iter().position(|name| name == header.name);
            if let (Some(number), Ok(found)) = (number, &mut entries) {
                match Entry::of(number, header) {
                    Ok(entry) => found.push(entry),
                    Err(error) => entries = Err(error),
                }
            }
        });
        entries
    }
}

impl Entry {
    fn of(number: usize, header: &Header<'_>) -> Result<Self, WriteError> {
        let Part { schema, value } = header.value;
        let value = value.map(ValueCollector::collect).transpose()?.unwrap_or(Value::Null);
        let schema = Arc::clone(schema);
        Ok(Entry { number, schema, value })
    }
}

impl Widened {
    fn of(
        schema: &Schema,
        paths: &[Vec<String>],
        found: &[Entry],
        before: &[(usize, Arc<Schema>)],
    ) -> Result<Self, TransformError> {
        let mut entries = before.to_vec();
        for entry in found {
            if !entries.iter().any(|(number, _)| *number == entry.number) {
                entries.push((entry.number, Arc::clone(&entry.schema)));
            }
        }
        let wanted: Vec<(&[String], &Arc<Schema>)> = entries
            .iter()
            .map(|(number, schema)| (paths[*number].as_slice(), schema))
            .collect();
        let numbers: Vec<usize> = (0..wanted.len()).collect();
        let (schema, growth) = Growth::of(schema, &wanted, &numbers, 0)?;
        Ok(Widened {
            entries,
            schema,
            growth,
        })
    }

    fn has_all(&self, found: &[Entry]) -> bool {
        found
            .iter()
            .all(|entry| self.entries.iter().any(|(number, _)| *number == entry.number))
    }
}

#[cfg(test)]
mod tests;
