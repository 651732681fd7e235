//! [`Decoder`]: Confluent's wire format to the JSON form of recordings, by the registry's schemas and the `apache-avro` crate.
//!
//! Unlike the harness's, it keeps a decimal's bytes: the connector writes the shortest two's complement, and so must we.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value as AvroValue;
use serde_json::{Map, Value};

/// The first byte of every Avro payload.
pub(super) const MAGIC: u8 = 0;
/// Longer strings are cut in recordings.
const LONGEST_STRING: usize = 2000;

/// A registry, with the schemas it has sent.
pub(super) struct Decoder {
    url: String,
    client: reqwest::Client,
    schemas: HashMap<u32, (String, GenericDatumReader<'static>)>,
}

impl Decoder {
    pub(super) fn new(url: &str) -> Self {
        Decoder {
            url: url.to_owned(),
            client: reqwest::Client::new(),
            schemas: HashMap::new(),
        }
    }

    async fn ask(&self, path: &str) -> Result<Value> {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await?;
        Ok(serde_json::from_str(&answer.error_for_status()?.text().await?)?)
    }

    /// Names of all subjects.
    pub(super) async fn subjects(&self) -> Result<Vec<String>> {
        let names = self.ask("/subjects").await?;
        let names = names.as_array().context("a list of subjects")?;
        Ok(names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// The schema texts of a subject, in order of version.
    pub(super) async fn versions(&mut self, subject: &str) -> Result<Vec<String>> {
        let versions = self.ask(&format!("/subjects/{subject}/versions")).await?;
        let mut texts = Vec::new();
        for version in versions.as_array().context("a list of versions")? {
            let answer = self.ask(&format!("/subjects/{subject}/versions/{version}")).await?;
            let id = answer["id"].as_u64().context("a schema id")?;
            texts.push(self.schema(u32::try_from(id)?).await?.0.clone());
        }
        Ok(texts)
    }

    /// The schema's text and the value.
    pub(super) async fn decode(&mut self, bytes: &[u8]) -> Result<(String, Value)> {
        let (head, mut datum) = bytes.split_at_checked(5).context("less than five bytes")?;
        let id = match *head {
            [MAGIC, a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
            _ => bail!("magic byte {}", head[0]),
        };
        let (text, reader) = self.schema(id).await?;
        let value = reader.read_value(&mut datum)?;
        ensure!(
            datum.is_empty(),
            "{} bytes are left after the datum of schema {id}",
            datum.len()
        );
        Ok((text.clone(), plain(value)?))
    }

    async fn schema(&mut self, id: u32) -> Result<&(String, GenericDatumReader<'static>)> {
        if !self.schemas.contains_key(&id) {
            let answer = self.ask(&format!("/schemas/ids/{id}")).await?;
            let text = answer["schema"]
                .as_str()
                .with_context(|| format!("schema {id}: {answer}"))?;
            let mut document: Value = serde_json::from_str(text)?;
            remove_logical_types(&mut document);
            let schema = Schema::parse(&document).with_context(|| format!("schema {id}: {text}"))?;
            // A reader borrows its schema; both live as long as the test.
            let reader = GenericDatumReader::builder(Box::leak(Box::new(schema))).build()?;
            self.schemas.insert(id, (text.to_owned(), reader));
        }
        self.schemas.get(&id).context("the schema that was just inserted")
    }
}

pub(super) fn remove_logical_types(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("logicalType");
            fields.values_mut().for_each(remove_logical_types);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_logical_types),
        _ => {}
    }
}

/// A value in the JSON form of recordings.
pub(super) fn plain(value: AvroValue) -> Result<Value> {
    Ok(match value {
        AvroValue::Null => Value::Null,
        AvroValue::Boolean(value) => value.into(),
        AvroValue::Int(value) => value.into(),
        AvroValue::Long(value) => value.into(),
        AvroValue::Float(value) => value.into(),
        AvroValue::Double(value) => value.into(),
        AvroValue::String(value) => shortened(value).into(),
        AvroValue::Bytes(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            shortened(digits).into()
        }
        AvroValue::Union(_, value) => plain(*value)?,
        AvroValue::Array(items) => items.into_iter().map(plain).collect::<Result<_>>()?,
        AvroValue::Record(fields) => {
            let fields = fields.into_iter().map(|(name, field)| Ok((name, plain(field)?)));
            Value::Object(fields.collect::<Result<Map<_, _>>>()?)
        }
        other => bail!("no recording holds {other:?}"),
    })
}

fn shortened(text: String) -> String {
    let length = text.chars().count();
    if length <= LONGEST_STRING {
        return text;
    }
    let start: String = text.chars().take(100).collect();
    format!("{start}.. {length} characters, FNV-1a {:016x}", fnv_1a(text.as_bytes()))
}

fn fnv_1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
