//! [`Logical`]: the times that Kafka Connect has types of its own for (`org.apache.kafka.connect.data.Date`, `Time` and
//! `Timestamp`), which are all `java.util.Date` there.

use connector_api::data::{Schema, SchemaType, Value};

use super::calendar::DAY_MS;

/// One of those types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Logical {
    /// Days since the epoch.
    Date,
    /// Milliseconds of a day.
    Time,
    /// Milliseconds since the epoch.
    Timestamp,
}

impl Logical {
    /// That of `schema`, by its name.
    pub(super) fn of(schema: &Schema) -> Option<Self> {
        let name = schema.name.as_deref()?;
        [Logical::Date, Logical::Time, Logical::Timestamp]
            .into_iter()
            .find(|logical| logical.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Logical::Date => "org.apache.kafka.connect.data.Date",
            Logical::Time => "org.apache.kafka.connect.data.Time",
            Logical::Timestamp => "org.apache.kafka.connect.data.Timestamp",
        }
    }

    /// Its schema, required and without a default.
    pub(super) fn schema(self) -> Schema {
        let schema_type = match self {
            Logical::Date | Logical::Time => SchemaType::Int32,
            Logical::Timestamp => SchemaType::Int64,
        };
        Schema::new(schema_type).named(self.name()).version(1)
    }

    /// The instant that a value stands for; `None` if it is no number.
    pub(super) fn epoch_ms(self, value: &Value) -> Option<i64> {
        match (self, value) {
            (Logical::Date, Value::Int32(days)) => Some(i64::from(*days) * DAY_MS),
            (Logical::Time, Value::Int32(milliseconds)) => Some(i64::from(*milliseconds)),
            (Logical::Timestamp, Value::Int64(milliseconds)) => Some(*milliseconds),
            _ => None,
        }
    }

    /// What is left of an instant; `None` if it is beyond the type.
    pub(super) fn value(self, epoch_ms: i64) -> Option<Value> {
        match self {
            Logical::Date => i32::try_from(epoch_ms.div_euclid(DAY_MS)).ok().map(Value::Int32),
            Logical::Time => i32::try_from(epoch_ms.rem_euclid(DAY_MS)).ok().map(Value::Int32),
            Logical::Timestamp => Some(Value::Int64(epoch_ms)),
        }
    }
}
