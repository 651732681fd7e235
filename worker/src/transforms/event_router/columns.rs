//! [`Outbox`]: where the columns of an outbox table are; [`Found`]: what one row holds.

use std::sync::Arc;

use connector_api::data::{Schema, SchemaType, Value, WriteError, WriteValue};

use super::{Columns, Placement, column};
use crate::transforms::chain::TransformError;
use crate::transforms::reading::{is_blank, position, read_field};

/// Compiled once for each schema of an envelope.
pub(super) struct Outbox {
    pub(super) operation: usize,
    pub(super) after: usize,
    /// When the connector handled the change.
    pub(super) processed: usize,
    pub(super) row: Arc<Schema>,
    pub(super) id: (usize, Arc<Schema>),
    pub(super) key: (usize, Arc<Schema>),
    pub(super) payload: (usize, Arc<Schema>),
    route_by: usize,
    /// With how many of its units make a millisecond.
    timestamp: Option<(usize, i64)>,
    partition: Option<usize>,
    version: Option<usize>,
    /// Names, places and schemas of columns that become headers.
    pub(super) headers: Vec<(String, usize, Arc<Schema>)>,
    /// The same of columns that stand beside the payload.
    pub(super) beside: Vec<(String, usize, Arc<Schema>)>,
}

/// What a row holds.
pub(super) struct Found {
    pub(super) id: Value,
    pub(super) key: Value,
    pub(super) payload: Value,
    pub(super) route_by: Value,
    pub(super) timestamp_ms: Option<i64>,
    pub(super) partition: Option<i32>,
    /// `None`: there is no column for it.
    pub(super) version: Option<Option<i32>>,
    pub(super) headers: Vec<Value>,
    beside: Vec<Value>,
}

impl Outbox {
    pub(super) fn of(envelope: &Schema, columns: &Columns) -> Result<Self, TransformError> {
        let of_envelope =
            |name| position(envelope, name).ok_or_else(|| TransformError::new(format!("it has no field `{name}`")));
        let after = of_envelope("after")?;
        let row = Arc::clone(&envelope.fields()[after].schema);
        let mut outbox = Outbox {
            operation: of_envelope("op")?,
            after,
            processed: of_envelope("ts_ms")?,
            id: column(&row, &columns.id)?,
            key: column(&row, &columns.key)?,
            payload: column(&row, &columns.payload)?,
            route_by: column(&row, &columns.route_by)?.0,
            timestamp: columns
                .timestamp
                .as_deref()
                .map(|name| timestamp(&row, name))
                .transpose()?,
            partition: None,
            version: columns
                .version
                .as_deref()
                .map(|name| number(&row, name, "gives the version of the schema"))
                .transpose()?,
            headers: Vec::new(),
            beside: Vec::new(),
            row: Arc::clone(&row),
        };
        for extra in &columns.extras {
            let (index, schema) = match column(&row, &extra.column) {
                Err(_) if columns.may_be_missing => continue,
                found => found?,
            };
            match extra.placement {
                Placement::Header => outbox.headers.push((extra.name.clone(), index, schema)),
                Placement::Envelope => outbox.beside.push((extra.name.clone(), index, schema)),
                Placement::Partition => outbox.partition = Some(number(&row, &extra.column, "chooses the partition")?),
            }
        }
        Ok(outbox)
    }

    /// Whether the value has more than the payload.
    pub(super) fn has_envelope(&self) -> bool {
        !self.beside.is_empty()
    }

    pub(super) fn read(&self, row: &dyn WriteValue) -> Result<Found, WriteError> {
        // As `Struct.get` does, which Debezium reads the row by.
        let read = |index: usize| {
            Ok(
                match (read_field(row, index)?, &self.row.fields()[index].schema.default) {
                    (Value::Null, Some(default)) => default.clone(),
                    (value, _) => value,
                },
            )
        };
        let all = |columns: &[(String, usize, Arc<Schema>)]| -> Result<Vec<Value>, WriteError> {
            columns.iter().map(|(_, index, _)| read(*index)).collect()
        };
        Ok(Found {
            id: read(self.id.0)?,
            key: read(self.key.0)?,
            payload: read(self.payload.0)?,
            route_by: read(self.route_by)?,
            timestamp_ms: match self
                .timestamp
                .map(|(index, units)| Ok((read(index)?, units)))
                .transpose()?
            {
                Some((Value::Int64(time), units)) => Some(time / units),
                _ => None,
            },
            partition: match self.partition.map(read).transpose()? {
                Some(Value::Int32(partition)) => Some(partition),
                _ => None,
            },
            version: self.version.map(read).transpose()?.map(|version| match version {
                Value::Int32(version) => Some(version),
                _ => None,
            }),
            headers: all(&self.headers)?,
            beside: all(&self.beside)?,
        })
    }
}

/// The place of an INT; `purpose` says what it is for.
fn number(row: &Schema, name: &str, purpose: &str) -> Result<usize, TransformError> {
    let (index, schema) = column(row, name)?;
    match schema.schema_type {
        SchemaType::Int32 => Ok(index),
        _ => Err(TransformError::new(format!(
            "column `{name}`, which {purpose}, is no INT"
        ))),
    }
}

fn timestamp(row: &Schema, name: &str) -> Result<(usize, i64), TransformError> {
    let (index, schema) = column(row, name)?;
    let units = match schema.name.as_deref() {
        Some("io.debezium.time.Timestamp") => 1,
        Some("io.debezium.time.MicroTimestamp") => 1_000,
        Some("io.debezium.time.NanoTimestamp") => 1_000_000,
        _ => {
            let message = format!("column `{name}` has no type that gives the time of an event; DATETIME has one");
            return Err(TransformError::new(message));
        }
    };
    Ok((index, units))
}

impl Found {
    /// Whether the payload is null or blank.
    pub(super) fn is_empty(&self) -> bool {
        match &self.payload {
            Value::Null => true,
            Value::String(text) => is_blank(text),
            _ => false,
        }
    }

    /// The payload with what stands beside it.
    pub(super) fn envelope(&self) -> Value {
        let payload = std::iter::once(&self.payload);
        Value::Struct(payload.chain(&self.beside).cloned().collect())
    }
}
