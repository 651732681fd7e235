//! [`PartitionRouting`]: the partition of a change by some of its fields (`io.debezium.transforms.partitions.PartitionRouting`).

mod java_hash;
mod murmur3;

use connector_api::Partitioning;
use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator};
use connector_api::data::{Schema, SchemaMap, SchemaType, Value, WriteValue};

use super::chain::{Next, Transform, TransformError};
use super::envelope::is_envelope;
use super::key_or_value::KeyOrValue;
use super::reading::{position, read_field, read_field_or, with_struct};
use super::record::Record;
use java_hash::HashFunction;

/// The transform.
pub struct PartitionRouting {
    paths: Vec<Vec<String>>,
    partitions: i32,
    hash: HashFunction,
    known: SchemaMap<Envelope>,
}

/// Where things are in envelopes of one schema.
struct Envelope {
    operation: usize,
    /// The fields of changes, and those of deletes: `change` is another row there.
    present: Vec<RoutedField>,
    gone: Vec<RoutedField>,
}

/// Where a field is, and what it is.
struct RoutedField {
    name: String,
    steps: Vec<usize>,
    schema: Schema,
}

/// The word for the row that a change leaves, or takes.
const CHANGE: &str = "change";

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let key = |name, kind, title, doc, importance| {
        ConfigKey::new(name, kind, doc)
            .display_name(title)
            .importance(importance)
    };
    let keys = [
        key(
            "partition.payload.fields",
            ConfigType::List,
            "List of payload fields to use for compute partition.",
            "The fields of the envelope, each by its names with dots between them; the first can be change, which is after, and before \
             for a delete. Fields that are not there or null do not count.",
            Importance::High,
        ),
        key(
            "partition.topic.num",
            ConfigType::Int,
            "Number of partition configured for topic",
            "How many partitions the topic has.",
            Importance::High,
        )
        .validator(Validator::AtLeast(1)),
        key(
            "partition.hash.function",
            ConfigType::String,
            "Hash function",
            "How fields become a number: java (hashCode) or murmur.",
            Importance::Low,
        )
        .default_value("java")
        .validator(Validator::OneOfIgnoreCase(&["java", "murmur"])),
    ];
    let ordered = keys.into_iter().zip(1..);
    ordered.map(|(key, order)| key.in_group("partitions", order)).collect()
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let mut problems = Vec::new();
    let fields = options.list("partition.payload.fields").unwrap_or_default();
    if fields.is_empty() {
        problems.push(ConfigProblem::new("partition.payload.fields", "A value is required"));
    }
    if fields.iter().any(String::is_empty) {
        problems.push(ConfigProblem::new(
            "partition.payload.fields",
            "a name between two commas is empty",
        ));
    }
    let partitions = options
        .number("partition.topic.num")
        .and_then(|number| i32::try_from(number).ok());
    let (Some(partitions), true) = (partitions, problems.is_empty()) else {
        if partitions.is_none() {
            problems.push(ConfigProblem::new("partition.topic.num", "A value is required"));
        }
        return Err(problems);
    };
    let hash = options.string("partition.hash.function").unwrap_or_default();
    Ok(Box::new(PartitionRouting {
        paths: fields
            .iter()
            .map(|field| field.split('.').map(|step| step.trim().to_owned()).collect())
            .collect(),
        partitions,
        hash: match hash.eq_ignore_ascii_case("murmur") {
            true => HashFunction::Murmur,
            false => HashFunction::Java,
        },
        known: SchemaMap::default(),
    }))
}

impl Transform for PartitionRouting {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let envelope = KeyOrValue::Value
            .present(record)
            .filter(|(schema, _)| is_envelope(schema));
        let Some((schema, value)) = envelope else {
            next(record);
            return Ok(());
        };
        let paths = &self.paths;
        let envelope = self.known.find_or(schema, || Envelope::of(schema, paths))?;
        let places = match read_field(value, envelope.operation)? {
            Value::String(letter) if letter == "t" || letter == "m" => {
                next(record);
                return Ok(());
            }
            Value::String(letter) if letter == "d" => &envelope.gone,
            _ => &envelope.present,
        };
        let mut sum = None;
        for place in places {
            let found = place.read(value, &place.steps)?;
            if found != Value::Null {
                let hash = self
                    .hash
                    .of(&place.schema, &found)
                    .map_err(|reason| place.cannot(reason))?;
                sum = Some(sum.unwrap_or(0_i32).wrapping_add(hash));
            }
        }
        let Some(sum) = sum else {
            next(record);
            return Ok(());
        };
        // Without its sign; the largest number is taken for none.
        let number = match sum & i32::MAX {
            i32::MAX => 0,
            number => number,
        };
        next(&Record {
            partitioning: Partitioning::Fixed(number % self.partitions),
            ..*record
        });
        Ok(())
    }
}

impl Envelope {
    fn of(schema: &Schema, paths: &[Vec<String>]) -> Result<Self, TransformError> {
        let operation = position(schema, "op").ok_or_else(|| TransformError::new("it has no field `op`"))?;
        let places = |change: &str| {
            paths
                .iter()
                .filter_map(|path| RoutedField::find(schema, path, change))
                .collect()
        };
        Ok(Envelope {
            operation,
            present: places("after"),
            gone: places("before"),
        })
    }
}

impl RoutedField {
    /// `None` if there is no such field.
    fn find(schema: &Schema, path: &[String], change: &str) -> Option<Self> {
        let mut current = schema;
        let mut steps = Vec::with_capacity(path.len());
        for (at, step) in path.iter().enumerate() {
            let is_change = step == CHANGE && at + 1 < path.len();
            let index = position(current, if is_change { change } else { step })?;
            steps.push(index);
            current = &current.fields()[index].schema;
            let is_struct = matches!(current.schema_type, SchemaType::Struct(_));
            if at + 1 < path.len() && !is_struct {
                return None;
            }
        }
        Some(RoutedField {
            name: path.join("."),
            steps,
            schema: current.clone(),
        })
    }

    fn read(&self, value: &dyn WriteValue, steps: &[usize]) -> Result<Value, TransformError> {
        match steps {
            [] => Ok(Value::Null),
            [index] => Ok(read_field_or(value, *index, self.schema.default.as_ref())?),
            [index, inner @ ..] => with_struct(value, *index, |found| match found {
                Some(found) => self.read(found, inner),
                None => {
                    Err(self.cannot("a struct on the way to it is null; change.COLUMN is in the row that is there"))
                }
            })?,
        }
    }

    fn cannot(&self, reason: &str) -> TransformError {
        TransformError::new(format!("field `{}` cannot choose a partition: {reason}", self.name))
    }
}
