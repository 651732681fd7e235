//! [`SchemaStyle`]: what of a schema is printed, and how its names are written.

use std::borrow::Cow;

use super::error::SchemaError;
use super::name::{check_field, check_full_name, scrubbed};

/// What is printed for readers that are Kafka Connect: names, versions, parameters and defaults of its own schemas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Metadata {
    /// All of it.
    #[default]
    Kept,
    /// Nothing (`connect.meta.data=false`).
    Dropped,
}

/// What becomes of a name that Avro does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// It is refused.
    #[default]
    Checked,
    /// It is written as another one (`scrub.invalid.names=true`).
    Scrubbed,
}

/// What of a schema is printed, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SchemaStyle {
    pub metadata: Metadata,
    pub names: Names,
    /// Whether the documentation of a field is printed where Avro has a place for it, too (`discard.type.doc.default=true`).
    pub field_docs: bool,
}

impl SchemaStyle {
    /// The name of a record, as it is printed.
    pub(super) fn full_name(self, name: &str) -> Result<String, SchemaError> {
        match self.names {
            Names::Checked => check_full_name(name)?,
            Names::Scrubbed => return Ok(scrubbed(name)),
        }
        Ok(name.to_owned())
    }

    /// The name of a field of `record`, as it is printed.
    pub(super) fn field_name<'n>(self, name: &'n str, record: &str) -> Result<Cow<'n, str>, SchemaError> {
        if self.names == Names::Checked {
            check_field(name, record)?;
        }
        Ok(self.as_printed(name))
    }

    /// The same of a name that was checked. A dot in the name of a field is no dot of a namespace.
    pub(super) fn as_printed(self, name: &str) -> Cow<'_, str> {
        match self.names {
            Names::Checked => name.into(),
            Names::Scrubbed => scrubbed(&name.replace('.', "_")).into(),
        }
    }
}
