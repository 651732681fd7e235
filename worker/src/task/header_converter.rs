//! [`HeaderConverter`]: from the value of a header to its bytes (`header.converter`).

use std::collections::BTreeMap;

use schemas::converter::{Converted, Converter, ConverterError, create_for_headers};

use super::failure::TaskFailure;
use crate::config::is_simple_header_converter;
use crate::transforms::header_text::header_text;
use crate::transforms::record::Part;

/// A header converter's class and settings, as configured.
#[derive(Clone)]
pub struct HeaderConverterSpec {
    pub class: String,
    pub settings: BTreeMap<String, String>,
}

/// Turns the values of headers into bytes.
pub enum HeaderConverter {
    /// `SimpleHeaderConverter`: texts.
    Simple,
    /// One that is for keys and values, too.
    Common(Box<dyn Converter>),
}

impl HeaderConverterSpec {
    pub(super) fn create(&self) -> Result<HeaderConverter, TaskFailure> {
        if is_simple_header_converter(&self.class) {
            return Ok(HeaderConverter::Simple);
        }
        create_for_headers(&self.class, &self.settings)
            .map(HeaderConverter::Common)
            .map_err(|problems| {
                let lines: Vec<&str> = problems.iter().map(|problem| &*problem.message).collect();
                TaskFailure::operator(format!("header.converter: {}", lines.join("\n")))
            })
    }
}

impl HeaderConverter {
    /// `None` for a null that has no bytes. Waits for nothing.
    pub(super) fn convert(&mut self, topic: &str, value: Part<'_>) -> Result<Option<Vec<u8>>, ConverterError> {
        let converter = match self {
            HeaderConverter::Simple => {
                return header_text(value).map_err(|reason| ConverterError::Value {
                    topic: topic.to_owned(),
                    reason,
                });
            }
            HeaderConverter::Common(converter) => converter,
        };
        if value.value.is_none() && !converter.writes_nulls() {
            return Ok(None);
        }
        let part = value.to_convert();
        // What it has to know of a schema, it finds out by itself.
        converter.prepare(topic, &part, &|| true)?;
        let mut bytes = Vec::new();
        Ok(match converter.convert(topic, &part, &mut bytes)? {
            Converted::Bytes => Some(bytes),
            Converted::Null => None,
        })
    }
}
