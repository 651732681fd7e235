//! [`DerivedCopy`]: what the records of tables add up to, in the order of their offsets: the tables.
//!
//! This is the idea of a compacted topic. It keeps the last record of each key, so whoever reads it from offset 0 and folds
//! as here has the table; before compaction the same comes out, because a later record of a key replaces an earlier one.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Value as Json, json};

use super::error::TailError;
use super::event::{Body, Event};

/// Rows by topic and key. Memory grows with the number of rows.
#[derive(Debug, Default)]
pub(super) struct DerivedCopy {
    rows: HashMap<(String, String), Row>,
    pub records: u64,
}

#[derive(Debug)]
struct Row {
    key: Json,
    row: Json,
}

impl DerivedCopy {
    /// Takes the next record of a topic's partition.
    pub(super) fn apply(&mut self, event: Event) -> Result<(), TailError> {
        self.records += 1;
        let row = match event.body {
            Body::Change(change) => change.after,
            Body::Tombstone => None,
            Body::Plain(row) => Some(row),
            Body::Ddl { .. } => return Ok(()),
        };
        let Some(key) = event.key else {
            return Err(TailError::Keyless { topic: event.topic });
        };
        match (self.rows.entry((event.topic, key.to_string())), row) {
            (Entry::Occupied(mut known), Some(row)) => known.get_mut().row = row,
            (Entry::Vacant(unknown), Some(row)) => {
                unknown.insert(Row { key, row });
            }
            (Entry::Occupied(known), None) => {
                known.remove();
            }
            (Entry::Vacant(_), None) => {}
        }
        Ok(())
    }

    /// The rows, sorted by topic and key, one JSON object each.
    pub(super) fn lines(&self) -> Vec<Json> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by(|((a_topic, _), a), ((b_topic, _), b)| a_topic.cmp(b_topic).then_with(|| compare(&a.key, &b.key)));
        rows.into_iter()
            .map(|((topic, _), row)| json!({"topic": topic, "key": row.key, "row": row.row}))
            .collect()
    }
}

/// Numbers by size, text by bytes, structs field by field.
fn compare(a: &Json, b: &Json) -> Ordering {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => match (x.as_i64(), y.as_i64()) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => x.as_f64().unwrap_or(0.0).total_cmp(&y.as_f64().unwrap_or(0.0)),
        },
        (Json::String(x), Json::String(y)) => x.cmp(y),
        (Json::Object(x), Json::Object(y)) => {
            let fields = x.values().zip(y.values()).map(|(x, y)| compare(x, y));
            fields.fold(Ordering::Equal, Ordering::then)
        }
        _ => a.to_string().cmp(&b.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{DerivedCopy, Event, TailError};
    use crate::tail::record::Record;

    fn copy_of(records: &[(Json, Option<Json>)]) -> Result<Vec<Json>, TailError> {
        let mut copy = DerivedCopy::default();
        for (key, value) in records {
            let key = Some(key.clone()).filter(|key| !key.is_null());
            copy.apply(Event::new(&Record::of_topic("p.d.t"), key, value.clone()))?;
        }
        Ok(copy.lines())
    }

    fn change(op: &str, after: Json) -> Option<Json> {
        Some(json!({"op": op, "before": null, "after": after, "source": {"db": "d", "table": "t"}}))
    }

    fn line(key: Json, row: Json) -> Json {
        json!({"topic": "p.d.t", "key": key, "row": row})
    }

    #[test]
    fn the_last_record_of_a_key_is_its_row_and_a_delete_its_end() {
        let key = |id: i64| json!({"id": id});
        let records = [
            (key(10), change("r", json!({"v": 1}))),
            (key(9), change("c", json!({"v": 2}))),
            (key(8), change("c", json!({"v": 3}))),
            (key(10), change("u", json!({"v": 4}))),
            (key(8), change("d", Json::Null)),
            (key(8), None),
            (key(7), None),
        ];
        let expected = vec![line(key(9), json!({"v": 2})), line(key(10), json!({"v": 4}))];
        assert_eq!(copy_of(&records).unwrap(), expected);
        // As after compaction: only the last record of each key is left.
        assert_eq!(
            copy_of(&records[1..2].iter().chain(&records[3..4]).cloned().collect::<Vec<_>>()).unwrap(),
            expected
        );
    }

    #[test]
    fn rows_without_keys_make_no_copy() {
        let error = copy_of(&[(Json::Null, change("c", json!({"v": 1})))]).unwrap_err();
        assert!(error.to_string().contains("message.key.columns"), "{error}");
    }
}
