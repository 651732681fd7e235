//! [`RowBatch`]: rows of a text result, laid out one behind the other.
//!
//! The driver allocates every value by itself. Rows are flattened where they are read, so that those allocations end on
//! the thread that made them, and what waits for the task and what it gives back is two blocks of memory per batch.

use mysql_async::{Row, Value};

/// Rows of one result, each of the same columns.
#[derive(Debug, Default)]
pub struct RowBatch {
    text: Vec<u8>,
    /// Where the values are, row by row.
    values: Vec<ValuePlace>,
    columns: usize,
    rows: usize,
}

/// Where a value is.
#[derive(Debug, Clone, Copy)]
enum ValuePlace {
    Text {
        start: u32,
        end: u32,
    },
    Null,
    /// Not text: no result of ours has it.
    Other,
}

impl RowBatch {
    /// Appends a row.
    pub(super) fn push(&mut self, row: &Row) {
        self.columns = row.len();
        self.rows += 1;
        for column in 0..row.len() {
            let place = match row.as_ref(column) {
                Some(Value::Bytes(text)) => {
                    // A batch is at most one row larger than its bound, and a row at most 1 GiB (`max_allowed_packet`).
                    let start = self.text.len() as u32;
                    self.text.extend_from_slice(text);
                    let end = self.text.len() as u32;
                    ValuePlace::Text { start, end }
                }
                Some(Value::NULL) => ValuePlace::Null,
                _ => ValuePlace::Other,
            };
            self.values.push(place);
        }
    }

    /// Takes the first rows out.
    pub(super) fn remove_first(&mut self, rows: usize) {
        let rows = rows.min(self.rows);
        self.values.drain(..rows * self.columns);
        self.rows -= rows;
    }

    /// Takes out the rows that `is_left_out`.
    pub(super) fn leave_out<E>(&mut self, is_left_out: impl Fn(&RowBatch, usize) -> Result<bool, E>) -> Result<(), E> {
        let mut left = 0;
        for row in 0..self.rows {
            if is_left_out(self, row)? {
                continue;
            }
            let values = row * self.columns;
            self.values
                .copy_within(values..values + self.columns, left * self.columns);
            left += 1;
        }
        self.values.truncate(left * self.columns);
        self.rows = left;
        Ok(())
    }

    /// How many bytes of text there are.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// How many bytes hold the rows.
    pub(super) fn size(&self) -> usize {
        self.text.len() + self.values.len() * size_of::<ValuePlace>()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// How many columns a row has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// A value: its text, or `None` for NULL. The outer `None`: there is no such value, or it is no text.
    pub fn value(&self, row: usize, column: usize) -> Option<Option<&[u8]>> {
        if column >= self.columns {
            return None;
        }
        match *self.values.get(row * self.columns + column)? {
            ValuePlace::Text { start, end } => Some(Some(self.text.get(start as usize..end as usize)?)),
            ValuePlace::Null => Some(None),
            ValuePlace::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use mysql_async::Value;
    use mysql_common::row::new_row;

    use super::RowBatch;

    fn row(values: Vec<Value>) -> mysql_async::Row {
        let columns = vec![mysql_async::Column::new(mysql_async::consts::ColumnType::MYSQL_TYPE_STRING); values.len()];
        new_row(values, columns.into())
    }

    #[test]
    fn values_are_found_again_by_row_and_column() {
        let mut batch = RowBatch::default();
        assert!(batch.is_empty());
        let text = |text: &str| Value::Bytes(text.into());
        batch.push(&row(vec![text("a"), Value::NULL, text("")]));
        batch.push(&row(vec![text("bc"), text("d"), Value::Int(1)]));
        assert_eq!((batch.len(), batch.columns(), batch.bytes()), (2, 3, 4));
        assert_eq!(batch.value(0, 0), Some(Some(&b"a"[..])));
        assert_eq!(batch.value(0, 1), Some(None));
        assert_eq!(batch.value(0, 2), Some(Some(&b""[..])));
        assert_eq!(batch.value(1, 0), Some(Some(&b"bc"[..])));
        assert_eq!(batch.value(1, 2), None, "not text");
        assert_eq!(batch.value(1, 3), None, "no such column");
        assert_eq!(batch.value(2, 0), None, "no such row");
        batch.remove_first(1);
        assert_eq!((batch.len(), batch.value(0, 0)), (1, Some(Some(&b"bc"[..]))));
    }

    #[test]
    fn rows_are_left_out() {
        let mut batch = RowBatch::default();
        for text in ["a", "b", "c", "d", "e"] {
            batch.push(&row(vec![Value::Bytes(text.into()), Value::NULL]));
        }
        let is_left_out = |batch: &RowBatch, row| Ok::<_, ()>([b"a", b"c", b"d"].contains(&text_of(batch, row)));
        batch.leave_out(is_left_out).expect("no error");
        assert_eq!((batch.len(), text_of(&batch, 0), text_of(&batch, 1)), (2, b"b", b"e"));
        assert_eq!((batch.value(1, 1), batch.value(2, 0)), (Some(None), None));
        batch.leave_out(|_, _| Ok::<_, ()>(true)).expect("no error");
        assert!(batch.is_empty());
    }

    fn text_of(batch: &RowBatch, row: usize) -> &[u8; 1] {
        let text = batch.value(row, 0).flatten().expect("a text");
        text.try_into().expect("one letter")
    }
}
