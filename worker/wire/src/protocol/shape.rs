//! The shape of every answer, walked before it is decoded.
//!
//! The crate's decoder reserves memory before it has read what is to fill it, and an allocation that fails ends the process. So an
//! answer is walked first, which reserves nothing: afterwards all that it announces is known to be there. What each answer looks like
//! says Kafka's `clients/src/main/resources/common/message/*.json`.

use super::api::Api;

/// A field, or fields, of an answer.
enum Field {
    /// As many bytes.
    Fixed(usize),
    /// A text, which may be absent.
    Text,
    /// Bytes, which may be absent.
    Bytes,
    Array(Shape),
    /// What follows every structure of a flexible version. Tags that are known are read like fields, whatever length they
    /// claim: so does the crate.
    Tags(&'static [(u32, Shape)]),
}

/// A field, and the first and the last version that have it.
struct Part(i16, i16, Field);
type Shape = &'static [Part];

use Field::{Array, Fixed, Tags, Text};

const fn all(field: Field) -> Part {
    Part(0, i16::MAX, field)
}

const fn since(version: i16, field: Field) -> Part {
    Part(version, i16::MAX, field)
}

const INT8: Field = Fixed(1);
const INT16: Field = Fixed(2);
const INT32: Field = Fixed(4);
const INT64: Field = Fixed(8);
const UUID: Field = Fixed(16);
const NO_TAGS: Part = all(Tags(&[]));

const API_VERSIONS: Shape = &[
    all(INT16),
    all(Array(&[all(INT16), all(INT16), all(INT16), NO_TAGS])),
    since(1, INT32),
    all(Tags(&[
        (0, &[all(Array(FEATURE))]),
        (1, &[all(INT64)]),
        (2, &[all(Array(FEATURE))]),
        (3, &[all(INT8)]),
    ])),
];
const FEATURE: Shape = &[all(Text), all(INT16), all(INT16), NO_TAGS];

const METADATA: Shape = &[
    since(3, INT32),
    all(Array(&[all(INT32), all(Text), all(INT32), since(1, Text), NO_TAGS])),
    since(2, Text),
    since(1, INT32),
    all(Array(TOPIC)),
    Part(8, 10, INT32),
    NO_TAGS,
];
const TOPIC: Shape = &[
    all(INT16),
    all(Text),
    since(10, UUID),
    since(1, INT8),
    all(Array(PARTITION)),
    since(8, INT32),
    NO_TAGS,
];
const PARTITION: Shape = &[
    all(INT16),
    all(INT32),
    all(INT32),
    since(7, INT32),
    all(Array(&[all(INT32)])),
    all(Array(&[all(INT32)])),
    since(5, Array(&[all(INT32)])),
    NO_TAGS,
];

const FIND_COORDINATOR: Shape = &[
    since(1, INT32),
    Part(0, 3, INT16),
    Part(1, 3, Text),
    Part(0, 3, INT32),
    Part(0, 3, Text),
    Part(0, 3, INT32),
    since(
        4,
        Array(&[
            all(Text),
            all(INT32),
            all(Text),
            all(INT32),
            all(INT16),
            all(Text),
            NO_TAGS,
        ]),
    ),
    NO_TAGS,
];

const PRODUCE: Shape = &[
    all(Array(&[all(Text), all(Array(PRODUCED)), NO_TAGS])),
    since(1, INT32),
    all(Tags(&[(
        0,
        &[all(Array(&[all(INT32), all(Text), all(INT32), all(Text), NO_TAGS]))],
    )])),
];
const PRODUCED: Shape = &[
    all(INT32),
    all(INT16),
    all(INT64),
    since(2, INT64),
    since(5, INT64),
    since(8, Array(&[all(INT32), all(Text), NO_TAGS])),
    since(8, Text),
    all(Tags(&[(0, &[all(INT32), all(INT32), NO_TAGS])])),
];

const FETCH: Shape = &[
    all(INT32),
    since(7, INT16),
    since(7, INT32),
    all(Array(&[all(Text), all(Array(FETCHED))])),
];
const FETCHED: Shape = &[
    all(INT32),
    all(INT16),
    all(INT64),
    all(INT64),
    since(5, INT64),
    all(Array(&[all(INT64), all(INT64)])),
    since(11, INT32),
    all(Field::Bytes),
];
const LIST_OFFSETS: Shape = &[all(INT32), all(Array(&[all(Text), all(Array(LISTED))]))];
const LISTED: Shape = &[all(INT32), all(INT16), all(INT64), all(INT64), since(4, INT32)];
const INIT_PRODUCER_ID: Shape = &[all(INT32), all(INT16), all(INT64), all(INT16), NO_TAGS];
const ADD_PARTITIONS: Shape = &[
    all(INT32),
    all(Array(&[
        all(Text),
        all(Array(&[all(INT32), all(INT16), NO_TAGS])),
        NO_TAGS,
    ])),
    NO_TAGS,
];
const END_TXN: Shape = &[all(INT32), all(INT16), since(5, INT64), since(5, INT16), NO_TAGS];
const DESCRIBE_TRANSACTIONS: Shape = &[all(INT32), all(Array(DESCRIBED)), NO_TAGS];
const DESCRIBED: Shape = &[
    all(INT16),
    all(Text),
    all(Text),
    all(INT32),
    all(INT64),
    all(INT64),
    all(INT16),
    all(Array(&[all(Text), all(Array(&[all(INT32)])), NO_TAGS])),
    NO_TAGS,
];
const CREATE_TOPICS: Shape = &[all(INT32), all(Array(&[all(Text), all(INT16), all(Text)]))];
const DESCRIBE_CONFIGS: Shape = &[all(INT32), all(Array(CONFIGS))];
const CONFIGS: Shape = &[all(INT16), all(Text), all(INT8), all(Text), all(Array(CONFIG))];
const CONFIG: Shape = &[
    all(Text),
    all(Text),
    all(INT8),
    all(INT8),
    all(INT8),
    all(Array(&[all(Text), all(Text), all(INT8)])),
];
const SASL_HANDSHAKE: Shape = &[all(INT16), all(Array(&[all(Text)]))];
const SASL_AUTHENTICATE: Shape = &[all(INT16), all(Text), all(Field::Bytes), since(1, INT64), NO_TAGS];

/// The shape of an answer, and its first flexible version.
fn shape(api: Api) -> (Shape, i16) {
    match api {
        Api::Produce => (PRODUCE, 9),
        Api::Fetch => (FETCH, 12),
        Api::ListOffsets => (LIST_OFFSETS, 6),
        Api::Metadata => (METADATA, 9),
        Api::FindCoordinator => (FIND_COORDINATOR, 3),
        Api::SaslHandshake => (SASL_HANDSHAKE, i16::MAX),
        Api::ApiVersions => (API_VERSIONS, 3),
        Api::CreateTopics => (CREATE_TOPICS, 5),
        Api::InitProducerId => (INIT_PRODUCER_ID, 2),
        Api::AddPartitionsToTxn => (ADD_PARTITIONS, 3),
        Api::EndTxn => (END_TXN, 3),
        Api::DescribeConfigs => (DESCRIBE_CONFIGS, 4),
        Api::SaslAuthenticate => (SASL_AUTHENTICATE, 2),
        Api::DescribeTransactions => (DESCRIBE_TRANSACTIONS, 0),
    }
}

/// Whether an answer's message has all that it announces.
pub(super) fn check(api: Api, bytes: &[u8], version: i16) -> Result<(), super::Nonsense> {
    let (shape, flexible_since) = shape(api);
    let mut walk = Walk {
        bytes,
        version,
        is_flexible: version >= flexible_since,
    };
    walk.shape(shape)
        .map_err(|error| super::Nonsense(format!("{api} version {version}: {error}")))
}

/// How long the tags are that `bytes` begin with.
pub(super) fn tags_length(bytes: &[u8]) -> Result<usize, &'static str> {
    let mut walk = Walk {
        bytes,
        version: 0,
        is_flexible: true,
    };
    walk.tags(&[])?;
    Ok(bytes.len() - walk.bytes.len())
}

struct Walk<'a> {
    bytes: &'a [u8],
    version: i16,
    is_flexible: bool,
}

const TOO_SHORT: &str = "it ends too early";

impl Walk<'_> {
    fn shape(&mut self, shape: Shape) -> Result<(), &'static str> {
        for Part(first, last, field) in shape {
            if (*first..=*last).contains(&self.version) {
                self.field(field)?;
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &Field) -> Result<(), &'static str> {
        match field {
            Field::Fixed(length) => self.skip(*length),
            Field::Text => {
                let length = if self.is_flexible {
                    self.compact_length()?
                } else {
                    self.length::<2>()?
                };
                self.skip(length)
            }
            Field::Bytes => {
                let length = self.array_length()?;
                self.skip(length)
            }
            Field::Array(element) => {
                for _ in 0..self.array_length()? {
                    self.shape(element)?;
                }
                Ok(())
            }
            Field::Tags(known) if self.is_flexible => self.tags(known),
            Field::Tags(_) => Ok(()),
        }
    }

    fn tags(&mut self, known: &[(u32, Shape)]) -> Result<(), &'static str> {
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let length = self.varint()?;
            match known.iter().find(|(number, _)| *number == tag) {
                Some((_, shape)) => self.shape(shape)?,
                None => self.skip(length as usize)?,
            }
        }
        Ok(())
    }

    fn array_length(&mut self) -> Result<usize, &'static str> {
        if self.is_flexible {
            self.compact_length()
        } else {
            self.length::<4>()
        }
    }

    /// One more than the length; nothing: absent.
    fn compact_length(&mut self) -> Result<usize, &'static str> {
        Ok((self.varint()? as usize).saturating_sub(1))
    }

    /// A signed number of so many bytes, at most four; negative: absent.
    fn length<const N: usize>(&mut self) -> Result<usize, &'static str> {
        let (length, rest) = self.bytes.split_first_chunk::<N>().ok_or(TOO_SHORT)?;
        self.bytes = rest;
        if length[0] & 0x80 != 0 {
            return Ok(0);
        }
        Ok(length.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    /// Up to five bytes, as the crate reads them.
    fn varint(&mut self) -> Result<u32, &'static str> {
        let mut number = 0_u32;
        for place in 0..5 {
            let (byte, rest) = self.bytes.split_first().ok_or(TOO_SHORT)?;
            self.bytes = rest;
            number |= u32::from(byte & 0x7f) << (place * 7);
            if byte & 0x80 == 0 {
                break;
            }
        }
        Ok(number)
    }

    fn skip(&mut self, length: usize) -> Result<(), &'static str> {
        self.bytes = self.bytes.get(length..).ok_or(TOO_SHORT)?;
        Ok(())
    }
}
