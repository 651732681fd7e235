//! [`Datums`]: what the Avro converters have in common: bytes that say which schema it is, then the datum.

use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::data::Schema;

use super::prepared::PreparedSchemas;
use super::{Converted, ConverterError, Headers};
use crate::avro::{AvroPlan, AvroWriter};

/// Writes values of the schemas that are known.
#[derive(Default)]
pub(super) struct Datums {
    prepared: PreparedSchemas<Prepared>,
    writer: AvroWriter,
}

#[derive(Debug)]
struct Prepared {
    before: Box<[u8]>,
    plan: AvroPlan,
    headers: Vec<(String, Vec<u8>)>,
}

impl Datums {
    pub(super) fn knows(&self, topic: &str, schema: &Arc<Schema>) -> bool {
        self.prepared.find(topic, schema).is_some()
    }

    /// `before`: what stands before every datum.
    pub(super) fn insert(
        &mut self,
        topic: &str,
        schema: &Arc<Schema>,
        before: impl Into<Box<[u8]>>,
        plan: AvroPlan,
        headers: Vec<(String, Vec<u8>)>,
    ) {
        let before = before.into();
        self.prepared.insert(topic, schema, Prepared { before, plan, headers });
    }

    pub(super) fn convert(
        &mut self,
        topic: &str,
        part: &RecordPart<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Converted, ConverterError> {
        let Some(prepared) = self.prepared.find(topic, part.schema) else {
            return Err(ConverterError::Unprepared {
                topic: topic.to_owned(),
            });
        };
        let mark = out.len();
        out.extend_from_slice(&prepared.before);
        self.writer.write(&prepared.plan, part.value, out).map_err(|reason| {
            out.truncate(mark);
            ConverterError::Value {
                topic: topic.to_owned(),
                reason,
            }
        })?;
        Ok(Converted::Bytes)
    }

    pub(super) fn headers(&self, topic: &str, schema: &Arc<Schema>) -> Headers<'_> {
        self.prepared
            .find(topic, schema)
            .map_or(&[], |prepared| &prepared.headers)
    }
}
