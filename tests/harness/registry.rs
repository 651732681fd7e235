//! [`Registry`]: Confluent's wire format to JSON-like values, with the registry's schemas and the `apache-avro` crate.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value as AvroValue;
use serde_json::{Value, json};

/// A registry, with the schemas it has sent.
pub struct Registry {
    url: String,
    client: reqwest::Client,
    readers: HashMap<u32, GenericDatumReader<'static>>,
}

impl Registry {
    /// The registry at `url`.
    pub fn new(url: &str) -> Self {
        Registry {
            url: url.to_owned(),
            client: reqwest::Client::new(),
            readers: HashMap::new(),
        }
    }

    /// Magic byte 0, the schema's id in four bytes, the datum.
    pub async fn decode(&mut self, bytes: &[u8]) -> Result<Value> {
        let (head, mut datum) = bytes.split_at_checked(5).context("less than five bytes")?;
        let id = match *head {
            [0, a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
            _ => anyhow::bail!("magic byte {}", head[0]),
        };
        let value = self.reader(id).await?.read_value(&mut datum)?;
        ensure!(
            datum.is_empty(),
            "{} bytes are left after the datum of schema {id}",
            datum.len()
        );
        plain(value)
    }

    async fn reader(&mut self, id: u32) -> Result<&GenericDatumReader<'static>> {
        if !self.readers.contains_key(&id) {
            let answer = self
                .client
                .get(format!("{}/schemas/ids/{id}", self.url))
                .send()
                .await?
                .error_for_status()?;
            let answer: Value = serde_json::from_str(&answer.text().await?)?;
            let text = answer["schema"]
                .as_str()
                .with_context(|| format!("schema {id}: {answer}"))?;
            let schema = Schema::parse_str(text).with_context(|| format!("schema {id}: {text}"))?;
            // A reader borrows its schema; a test has few of them, and they live as long as it does.
            self.readers
                .insert(id, GenericDatumReader::builder(Box::leak(Box::new(schema))).build()?);
        }
        self.readers.get(&id).context("the reader that was just inserted")
    }

    /// Versions of a subject; none if it is not known.
    pub async fn versions(&self, subject: &str) -> Result<Vec<i64>> {
        let answer = self
            .client
            .get(format!("{}/subjects/{subject}/versions", self.url))
            .send()
            .await?;
        if answer.status().as_u16() == 404 {
            return Ok(Vec::new());
        }
        Ok(serde_json::from_str(&answer.error_for_status()?.text().await?)?)
    }

    /// Sets which new schemas a subject takes: `NONE` demands nothing of them, `BACKWARD` that readers of the new one
    /// understand the last one's data.
    pub async fn set_compatibility(&self, subject: &str, level: &str) -> Result<()> {
        self.client
            .put(format!("{}/config/{subject}", self.url))
            .header("content-type", "application/vnd.schemaregistry.v1+json")
            .body(json!({"compatibility": level}).to_string())
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }
}

/// Records become objects, decimals their unscaled number, bytes their hexadecimal digits.
fn plain(value: AvroValue) -> Result<Value> {
    Ok(match value {
        AvroValue::Null => Value::Null,
        AvroValue::Boolean(value) => value.into(),
        AvroValue::Int(value) => value.into(),
        AvroValue::Long(value) => value.into(),
        AvroValue::Float(value) => json!(value),
        AvroValue::Double(value) => json!(value),
        AvroValue::String(value) | AvroValue::Enum(_, value) => value.into(),
        AvroValue::Bytes(bytes) | AvroValue::Fixed(_, bytes) => hexadecimal(&bytes).into(),
        AvroValue::Decimal(decimal) => unscaled(&<Vec<u8>>::try_from(&decimal)?)?.into(),
        AvroValue::Union(_, value) => plain(*value)?,
        AvroValue::Array(items) => Value::Array(items.into_iter().map(plain).collect::<Result<_>>()?),
        AvroValue::Map(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, value)| Ok((key, plain(value)?)))
                .collect::<Result<_>>()?,
        ),
        AvroValue::Record(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| Ok((key, plain(value)?)))
                .collect::<Result<_>>()?,
        ),
        other => anyhow::bail!("no test expects {other:?}"),
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Two's complement, most significant byte first.
fn unscaled(bytes: &[u8]) -> Result<i64> {
    ensure!(bytes.len() <= 8, "a decimal of {} bytes", bytes.len());
    let sign = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
        -1
    } else {
        0
    };
    Ok(bytes
        .iter()
        .fold(sign, |number: i64, byte| (number << 8) | i64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::unscaled;

    #[test]
    fn decimals_are_read_with_their_sign() {
        for (bytes, number) in [
            (&[0x78_u8][..], 120),
            (&[0xff], -1),
            (&[0x80, 0x00], -32768),
            (&[0x00, 0x80], 128),
            (&[], 0),
        ] {
            assert_eq!(unscaled(bytes).unwrap(), number);
        }
    }
}
