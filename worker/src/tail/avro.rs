//! [`WriterSchema`]: an Avro datum, decoded by apache-avro, as JSON that people can read.
//!
//! apache-avro forgets the attributes of types that are no records, and `connect.name` is one of them; so the schema's text
//! is walked beside the value, and says which numbers are dates and which bytes are decimals.

use std::collections::HashMap;
use std::fmt::Write;

use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use serde_json::{Map, Value as Json};

use super::semantic_type::readable;

/// The schema a datum was written with.
pub(super) struct WriterSchema {
    schema: apache_avro::Schema,
    text: Json,
    /// Every named type by its full name, with the namespace inside of it.
    names: HashMap<String, Json>,
}

impl WriterSchema {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let schema = schemas::avro::parse(text).map_err(|error| error.to_string())?;
        let text: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut names = HashMap::new();
        collect_names(&text, "", &mut names);
        Ok(WriterSchema { schema, text, names })
    }

    /// Decodes a datum; every byte of it must belong to the value.
    pub(super) fn decode(&self, mut datum: &[u8]) -> Result<Json, String> {
        let reader = GenericDatumReader::builder(&self.schema)
            .build()
            .map_err(|error| error.to_string())?;
        let value = reader.read_value(&mut datum).map_err(|error| error.to_string())?;
        if !datum.is_empty() {
            return Err(format!("{} bytes are left after the value", datum.len()));
        }
        // Where a text ends too early, the decoder answers null instead of an error.
        if !value.validate(&self.schema) {
            return Err("the value does not fit its schema".to_owned());
        }
        Ok(self.json(value, &self.text, ""))
    }

    fn json(&self, value: Value, schema: &Json, namespace: &str) -> Json {
        let schema = self.resolve(schema, namespace);
        match value {
            Value::Union(branch, value) => {
                let branch = schema.get(branch as usize).unwrap_or(&Json::Null);
                self.json(*value, branch, namespace)
            }
            Value::Record(fields) => {
                let inside = full_name(schema, namespace).map_or_else(String::new, |name| namespace_of(&name));
                let field = |(index, (name, value)): (usize, (String, Value))| {
                    let schema = schema.get("fields").and_then(|fields| fields.get(index));
                    let schema = schema.and_then(|field| field.get("type")).unwrap_or(&Json::Null);
                    (name, self.json(value, schema, &inside))
                };
                Json::Object(fields.into_iter().enumerate().map(field).collect())
            }
            Value::Array(items) => {
                let schema = schema.get("items").unwrap_or(&Json::Null);
                Json::Array(
                    items
                        .into_iter()
                        .map(|item| self.json(item, schema, namespace))
                        .collect(),
                )
            }
            Value::Map(entries) => {
                let schema = schema.get("values").unwrap_or(&Json::Null);
                let mut sorted: Vec<_> = entries.into_iter().collect();
                sorted.sort_by(|(a, _), (b, _)| a.cmp(b));
                let entry = |(key, value)| (key, self.json(value, schema, namespace));
                Json::Object(sorted.into_iter().map(entry).collect::<Map<_, _>>())
            }
            Value::Decimal(number) => decimal(&number, schema),
            value => {
                let plain = scalar(value);
                let name = schema.get("connect.name").and_then(Json::as_str);
                name.and_then(|name| readable(name, &plain)).unwrap_or(plain)
            }
        }
    }

    /// The definition that a name stands for, or the schema itself.
    fn resolve<'a>(&'a self, schema: &'a Json, namespace: &str) -> &'a Json {
        let Some(name) = schema.as_str() else { return schema };
        self.names
            .get(&qualified(name, namespace))
            .or_else(|| self.names.get(name))
            .unwrap_or(schema)
    }
}

fn scalar(value: Value) -> Json {
    match value {
        Value::Boolean(value) => value.into(),
        Value::Int(value) | Value::Date(value) | Value::TimeMillis(value) => value.into(),
        Value::Long(value)
        | Value::TimeMicros(value)
        | Value::TimestampMillis(value)
        | Value::TimestampMicros(value)
        | Value::TimestampNanos(value)
        | Value::LocalTimestampMillis(value)
        | Value::LocalTimestampMicros(value)
        | Value::LocalTimestampNanos(value) => value.into(),
        // The shortest text that is this float, not the digits of the double next to it.
        Value::Float(value) => value.to_string().parse::<f64>().unwrap_or(f64::from(value)).into(),
        Value::Double(value) => value.into(),
        Value::Bytes(bytes) | Value::Fixed(_, bytes) => hexadecimal(&bytes),
        Value::String(text) | Value::Enum(_, text) => text.into(),
        Value::BigDecimal(value) => value.to_plain_string().into(),
        Value::Uuid(value) => value.to_string().into(),
        _ => Json::Null,
    }
}

fn decimal(number: &apache_avro::Decimal, schema: &Json) -> Json {
    let scale = schema.get("scale").and_then(Json::as_i64).unwrap_or(0);
    match Vec::<u8>::try_from(number) {
        Ok(bytes) => BigDecimal::new(BigInt::from_signed_bytes_be(&bytes), scale)
            .to_plain_string()
            .into(),
        Err(_) => Json::Null,
    }
}

/// As MySQL writes it: 0x with capital digits.
fn hexadecimal(bytes: &[u8]) -> Json {
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("0x");
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
    }
    text.into()
}

fn collect_names(schema: &Json, namespace: &str, names: &mut HashMap<String, Json>) {
    match schema {
        Json::Array(branches) => branches
            .iter()
            .for_each(|branch| collect_names(branch, namespace, names)),
        Json::Object(object) => {
            let mut inside = namespace.to_owned();
            if let Some(name) = full_name(schema, namespace) {
                inside = namespace_of(&name);
                names.insert(name, schema.clone());
            }
            for field in object.get("fields").and_then(Json::as_array).into_iter().flatten() {
                if let Some(schema) = field.get("type") {
                    collect_names(schema, &inside, names);
                }
            }
            for inner in ["items", "values"].into_iter().filter_map(|key| object.get(key)) {
                collect_names(inner, &inside, names);
            }
        }
        _ => {}
    }
}

/// The full name of a named type that is defined in `namespace`.
fn full_name(schema: &Json, namespace: &str) -> Option<String> {
    let name = schema.get("name")?.as_str()?;
    let namespace = schema.get("namespace").and_then(Json::as_str).unwrap_or(namespace);
    Some(qualified(name, namespace))
}

fn qualified(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}.{name}")
    }
}

fn namespace_of(full_name: &str) -> String {
    full_name
        .rsplit_once('.')
        .map_or_else(String::new, |(namespace, _)| namespace.to_owned())
}

#[cfg(test)]
mod tests {
    use apache_avro::types::Value;
    use apache_avro::writer::datum::GenericDatumWriter;
    use serde_json::json;

    use super::WriterSchema;

    const ENVELOPE: &str = r#"{"type":"record","name":"Envelope","namespace":"p.d.t","fields":[
        {"name":"before","type":["null",{"type":"record","name":"Value","fields":[
            {"name":"id","type":"long"},
            {"name":"price","type":{"type":"bytes","scale":2,"precision":12,"logicalType":"decimal",
                "connect.name":"org.apache.kafka.connect.data.Decimal"}},
            {"name":"day","type":["null",{"type":"int","connect.name":"io.debezium.time.Date"}],"default":null},
            {"name":"raw","type":"bytes"}]}],"default":null},
        {"name":"after","type":["null","Value"],"default":null}]}"#;

    fn datum(schema: &WriterSchema, value: Value) -> Vec<u8> {
        let writer = GenericDatumWriter::builder(&schema.schema).build().unwrap();
        writer.write_value_to_vec(value).unwrap()
    }

    #[test]
    fn a_row_behind_a_name_reads_as_the_row_where_the_name_is_defined() {
        let schema = WriterSchema::parse(ENVELOPE).unwrap();
        let row = |id: i64, cents: &[u8], day: i32| {
            let fields = [
                ("id", Value::Long(id)),
                ("price", Value::Decimal(apache_avro::Decimal::from(cents))),
                ("day", Value::Union(1, Box::new(Value::Int(day)))),
                ("raw", Value::Bytes(vec![0, 255])),
            ];
            Value::Record(fields.map(|(name, value)| (name.to_owned(), value)).to_vec())
        };
        let envelope = Value::Record(vec![
            ("before".to_owned(), Value::Union(1, Box::new(row(7, &[0x30, 0x39], 0)))),
            (
                "after".to_owned(),
                Value::Union(1, Box::new(row(7, &[0xff, 0x9c], 19_000))),
            ),
        ]);
        assert_eq!(
            schema.decode(&datum(&schema, envelope)).unwrap(),
            json!({
                "before": {"id": 7, "price": "123.45", "day": "1970-01-01", "raw": "0x00FF"},
                "after": {"id": 7, "price": "-1.00", "day": "2022-01-08", "raw": "0x00FF"},
            })
        );
    }

    #[test]
    fn a_datum_with_bytes_missing_or_left_is_refused() {
        let schema = WriterSchema::parse(r#""string""#).unwrap();
        let bytes = datum(&schema, Value::String("abc".to_owned()));
        assert_eq!(schema.decode(&bytes), Ok(json!("abc")));
        assert!(schema.decode(&bytes[..2]).is_err());
        assert!(
            schema
                .decode(&[&bytes[..], b"x"].concat())
                .unwrap_err()
                .contains("1 bytes are left")
        );
    }
}
