//! [`TransactionMetadata`]: which transaction the stream is in, and how many changes of it were sent, for those who asked for that
//! (`provide.transaction.metadata`).
//!
//! The record of a beginning goes with the first change of the transaction, as one change, so that none is sent without the other;
//! that of a transaction without captured changes goes with its end. Inside of a transaction the offset holds its id and the
//! counts, under Debezium's keys, and who resumes there goes on counting.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use connector_api::{Flow, OffsetFn, RecordSink, SinkError, SourceRecord};
use serde_json::{Map, Value};

use crate::event_time::EventTime;
use crate::record::{TransactionPlace, TransactionRecords};
use crate::schema::java_set_order;
use crate::table_id::TableId;

/// Debezium's keys in an offset: the transaction, and before a table's name the changes of it that were sent.
const ID: &str = "transaction_id";
const COUNT: &str = "transaction_data_collection_order_";

/// The transaction that the stream is in.
pub struct TransactionMetadata {
    records: TransactionRecords,
    open: Counted,
    /// Its beginning was sent.
    has_begun: bool,
    /// A transaction that is partly sent and has to come again: the stored offset is inside of it, or the connection broke there.
    awaited: Option<Counted>,
}

/// A transaction and its changes that were sent; without a name it is none.
#[derive(Default)]
struct Counted {
    id: String,
    all: i64,
    of_tables: BTreeMap<TableId, i64>,
}

impl TransactionMetadata {
    /// That of a stream that begins with a stored offset, whose keys that we do not use are `carried`.
    pub fn new(records: TransactionRecords, carried: &Map<String, Value>) -> Self {
        TransactionMetadata {
            records,
            open: Counted::default(),
            has_begun: false,
            awaited: Counted::read(carried),
        }
    }

    /// What follows is in no transaction that is told of.
    pub fn leave(&mut self) {
        if self.has_begun {
            self.awaited = Some(std::mem::take(&mut self.open));
        }
        self.open.forget();
        self.has_begun = false;
    }

    /// A transaction begins.
    pub fn begin(&mut self, id: fmt::Arguments<'_>) {
        self.leave();
        // Writing into a String cannot fail.
        write!(self.open.id, "{id}").expect("a String takes any text");
        let again = self.awaited.take_if(|awaited| awaited.id == self.open.id);
        self.has_begun = again.is_some();
        if let Some(again) = again {
            self.open = again;
        }
    }

    /// The place of the next change, if it is of `table`; `None` outside of transactions.
    pub fn place(&self, table: &TableId) -> Option<TransactionPlace<'_>> {
        let open = &self.open;
        (!open.id.is_empty()).then(|| TransactionPlace {
            id: &open.id,
            total_order: 1 + open.all,
            collection_order: 1 + open.of_tables.get(table).copied().unwrap_or_default(),
        })
    }

    /// Sends the records of a change, with that of the beginning if they are the first.
    pub fn send(
        &self,
        change: &[SourceRecord<'_>],
        at: EventTime,
        sink: &mut dyn RecordSink,
        before: OffsetFn<'_>,
    ) -> Result<Flow, SinkError> {
        if self.has_begun || self.open.id.is_empty() {
            return sink.send(change, before);
        }
        self.records.with_begin(&self.open.id, at, |begin| {
            let all: Vec<SourceRecord<'_>> = std::iter::once(begin).chain(change.iter().copied()).collect();
            sink.send(&all, before)
        })
    }

    /// So many changes of `table` were sent.
    pub fn sent(&mut self, table: &TableId, changes: i64) {
        let open = &mut self.open;
        if open.id.is_empty() || changes == 0 {
            return;
        }
        self.has_begun = true;
        open.all += changes;
        match open.of_tables.get_mut(table) {
            Some(count) => *count += changes,
            None => _ = open.of_tables.insert(table.clone(), changes),
        }
    }

    /// Sends the end of the transaction; `before` is the offset without it.
    pub fn end(&mut self, at: EventTime, sink: &mut dyn RecordSink, before: OffsetFn<'_>) -> Result<Flow, SinkError> {
        let Counted { id, of_tables, .. } = &self.open;
        if id.is_empty() {
            return Ok(Flow::Continue);
        }
        // In the order of Debezium's hash map.
        let tables = java_set_order(of_tables.keys());
        let counts: Vec<(&TableId, i64)> = tables.iter().map(|table| (table, of_tables[table])).collect();
        let flow = self
            .records
            .with_end(id, &counts, at, |end| self.send(&[end], at, sink, before))?;
        self.open.forget();
        self.has_begun = false;
        Ok(flow)
    }

    /// Writes what an offset that is inside of a transaction says of it.
    pub fn store(&self, carried: &mut Map<String, Value>) {
        carried.retain(|key, _| key != ID && !key.starts_with(COUNT));
        let counted = match self.has_begun {
            true => Some(&self.open),
            false => self.awaited.as_ref(),
        };
        if let Some(counted) = counted {
            carried.insert(ID.to_owned(), counted.id.as_str().into());
            for (table, count) in &counted.of_tables {
                carried.insert(format!("{COUNT}{table}"), (*count).into());
            }
        }
    }
}

impl Counted {
    fn read(carried: &Map<String, Value>) -> Option<Self> {
        let count = |(key, count): (&String, &Value)| {
            let (database, table) = key.strip_prefix(COUNT)?.split_once('.')?;
            Some((TableId::new(database, table), count.as_i64()?))
        };
        let id = carried.get(ID).and_then(Value::as_str)?;
        let of_tables: BTreeMap<TableId, i64> = carried.iter().filter_map(count).collect();
        Some(Counted {
            id: id.to_owned(),
            all: of_tables.values().sum(),
            of_tables,
        })
    }

    fn forget(&mut self) {
        self.id.clear();
        self.all = 0;
        self.of_tables.clear();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::MySqlConfig;

    fn metadata(carried: &Value) -> TransactionMetadata {
        let settings = [
            ("topic.prefix", "p"),
            ("database.hostname", "localhost"),
            ("database.user", "u"),
            ("schema.history.internal.kafka.topic", "h"),
            ("provide.transaction.metadata", "true"),
        ];
        let settings = settings.iter();
        let config = settings
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let config = MySqlConfig::parse(&config).expect("a configuration");
        let records = TransactionRecords::of(&config).expect("boundaries are told");
        TransactionMetadata::new(records, carried.as_object().expect("an object"))
    }

    fn stored(metadata: &TransactionMetadata) -> Value {
        let mut carried = Map::new();
        metadata.store(&mut carried);
        carried.into()
    }

    fn orders(metadata: &TransactionMetadata, table: &str) -> Option<(i64, i64)> {
        let place = metadata.place(&TableId::new("d", table))?;
        Some((place.total_order, place.collection_order))
    }

    #[test]
    fn who_resumes_inside_of_a_transaction_goes_on_counting() {
        let mut first = metadata(&json!({}));
        assert_eq!(orders(&first, "a"), None);
        first.begin(format_args!("x:1"));
        first.sent(&TableId::new("d", "a"), 2);
        first.sent(&TableId::new("d", "b"), 1);
        assert_eq!(orders(&first, "a"), Some((4, 3)));
        let offset = stored(&first);
        assert_eq!(
            offset,
            json!({"transaction_id": "x:1", "transaction_data_collection_order_d.a": 2, "transaction_data_collection_order_d.b": 1})
        );
        // Another server may send others first.
        let mut second = metadata(&offset);
        second.begin(format_args!("y:7"));
        assert_eq!((orders(&second, "a"), second.has_begun), (Some((1, 1)), false));
        second.begin(format_args!("x:1"));
        assert_eq!((orders(&second, "b"), second.has_begun), (Some((4, 2)), true));
        // The connection breaks, and the transaction comes again.
        second.begin(format_args!("x:1"));
        assert_eq!((orders(&second, "a"), second.has_begun), (Some((4, 3)), true));
    }

    #[test]
    fn an_offset_between_transactions_tells_of_none() {
        let mut metadata = metadata(&json!({}));
        metadata.begin(format_args!("x:1"));
        assert_eq!(stored(&metadata), json!({}));
        metadata.sent(&TableId::new("d", "a"), 0);
        assert_eq!(stored(&metadata), json!({}));
        metadata.leave();
        assert_eq!(orders(&metadata, "a"), None);
    }
}
