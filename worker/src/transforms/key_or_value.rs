//! [`KeyOrValue`]: which part of a record a transform works on; Kafka has a class for each, `..$Key` and `..$Value`.

use std::sync::Arc;

use connector_api::data::{Schema, WriteValue};

use super::record::{Part, Record};

/// Key or value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOrValue {
    Key,
    Value,
}

impl KeyOrValue {
    /// That part of the record.
    pub fn part<'a>(self, record: &Record<'a>) -> Option<Part<'a>> {
        match self {
            KeyOrValue::Key => record.key,
            KeyOrValue::Value => record.value,
        }
    }

    /// Its schema and value; `None` if there is no value.
    pub fn present<'a>(self, record: &Record<'a>) -> Option<(&'a Arc<Schema>, &'a dyn WriteValue)> {
        let part = self.part(record)?;
        Some((part.schema, part.value?))
    }

    /// The record with another one in its place.
    pub fn replaced<'a>(self, record: &Record<'a>, part: Option<Part<'a>>) -> Record<'a> {
        match self {
            KeyOrValue::Key => Record { key: part, ..*record },
            KeyOrValue::Value => Record { value: part, ..*record },
        }
    }
}
