//! [`Record`]: a record on its way through the transforms, borrowed from the connector and from the transforms before.

use std::sync::{Arc, LazyLock};

use connector_api::data::{Schema, SchemaType, ValueWriter, WriteError, WriteValue};
use connector_api::{HeaderSet, Partitioning, RecordPart, SourceRecord};

/// A record. Transforms hand on a changed copy; what they leave alone is borrowed from the one before.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub topic: &'a str,
    pub partitioning: Partitioning,
    /// `None`: neither key nor schema.
    pub key: Option<Part<'a>>,
    /// `None`: neither value nor schema, as in a connector's own tombstones.
    pub value: Option<Part<'a>>,
    pub headers: Headers<'a>,
    /// In milliseconds since the epoch. `None`: the producer's time, as in every record that comes from a connector.
    pub timestamp_ms: Option<i64>,
}

/// A key or value: its schema, and the value unless it is null. A null with a schema is not the same as no schema: JSON's
/// converter writes it out.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    pub schema: &'a Arc<Schema>,
    pub value: Option<&'a dyn WriteValue>,
}

/// A header on its way.
#[derive(Clone, Copy)]
pub struct Header<'a> {
    pub name: &'a str,
    pub value: Part<'a>,
}

/// The headers of a record: those of the connector, and what transforms have done with them.
#[derive(Clone, Copy)]
pub enum Headers<'a> {
    /// Untouched: those of the record alone, then the shared ones.
    OfSource {
        own: &'a [connector_api::Header<'a>],
        shared: &'a Arc<HeaderSet>,
    },
    /// More behind the others.
    With {
        rest: &'a Headers<'a>,
        more: &'a [Header<'a>],
    },
    /// All but those of these names.
    Without { rest: &'a Headers<'a>, names: &'a [String] },
}

impl<'a> Record<'a> {
    /// What the connector has sent.
    pub fn of(source: &'a SourceRecord<'a>) -> Self {
        Record {
            topic: source.topic,
            partitioning: source.partitioning,
            key: source.key.map(Part::from),
            value: source.value.map(Part::from),
            headers: Headers::OfSource {
                own: source.headers,
                shared: source.shared_headers,
            },
            timestamp_ms: None,
        }
    }

    /// Whether there is no value.
    pub fn is_tombstone(&self) -> bool {
        self.value.is_none_or(|part| part.value.is_none())
    }
}

impl<'a> From<RecordPart<'a>> for Part<'a> {
    fn from(part: RecordPart<'a>) -> Self {
        Part {
            schema: part.schema,
            value: Some(part.value),
        }
    }
}

impl<'a> Part<'a> {
    /// The part as converters take it.
    pub fn to_convert(self) -> RecordPart<'a> {
        RecordPart {
            schema: self.schema,
            value: self.value.unwrap_or(&Null),
        }
    }
}

impl Headers<'_> {
    /// Hands each header to `take`, in order.
    pub fn for_each(&self, take: &mut dyn FnMut(&Header<'_>)) {
        match self {
            Headers::OfSource { own, shared } => {
                let own = own.iter().map(|header| Header {
                    name: header.name,
                    value: header.value.into(),
                });
                let shared = shared.0.iter().map(|(name, text)| Header {
                    name,
                    value: Part {
                        schema: text_schema(),
                        value: Some(text),
                    },
                });
                own.chain(shared).for_each(|header| take(&header));
            }
            Headers::With { rest, more } => {
                rest.for_each(take);
                more.iter().for_each(take);
            }
            Headers::Without { rest, names } => rest.for_each(&mut |header| {
                if !names.iter().any(|name| name == header.name) {
                    take(header);
                }
            }),
        }
    }
}

fn text_schema() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| Schema::new(SchemaType::String).shared());
    &SCHEMA
}

/// Null, whatever its schema.
struct Null;

impl WriteValue for Null {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.null()
    }

    fn write_field(&self, _index: usize, _writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        Err(WriteError::new("null has no fields"))
    }
}
