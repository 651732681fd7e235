//! [`SchemaChangeEventFilter`]: leaves out schema changes of some kinds (`io.debezium.transforms.SchemaChangeEventFilter`).

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Width};
use connector_api::data::{SchemaType, Value};

use super::chain::{Next, Transform, TransformError};
use super::key_or_value::KeyOrValue;
use super::reading::{position, read_field};
use super::record::Record;

/// The transform.
pub struct SchemaChangeEventFilter {
    excluded: Vec<String>,
}

const EXCLUDE: &str = "schema.change.event.exclude.list";
/// What a schema change without a table is.
const DATABASE: &str = "DATABASE";
const KINDS: [&str; 5] = ["CREATE", "ALTER", "DROP", "TRUNCATE", DATABASE];

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let doc = "The kinds of schema changes to leave out, between commas: CREATE, ALTER, DROP, TRUNCATE and DATABASE.";
    let key = ConfigKey::new(EXCLUDE, ConfigType::String, doc)
        .display_name("Schema change event exclude list")
        .importance(Importance::High)
        .width(Width::Short);
    vec![key]
}

/// The transform with these options.
///
/// # Errors
/// A kind that there is not.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let list = options.string(EXCLUDE).unwrap_or_default();
    let problem = |message: String| vec![ConfigProblem::new(EXCLUDE, message)];
    if list.is_empty() {
        return Err(problem("A value is required".to_owned()));
    }
    let excluded: Vec<String> = list.split(',').map(|kind| kind.trim().to_owned()).collect();
    match excluded.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        Some(kind) => Err(problem(format!("`{kind}` is none of {}", KINDS.join(", ")))),
        None => Ok(Box::new(SchemaChangeEventFilter { excluded })),
    }
}

impl Transform for SchemaChangeEventFilter {
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError> {
        let Some((schema, value)) = KeyOrValue::Value.present(record) else {
            next(record);
            return Ok(());
        };
        let name = schema.name.as_deref().unwrap_or_default();
        if !name.ends_with(".SchemaChangeValue") {
            next(record);
            return Ok(());
        }
        let field = |schema, name: &str| {
            position(schema, name).ok_or_else(|| TransformError::new(format!("it has no field `{name}`")))
        };
        let tables = field(schema, "tableChanges")?;
        let SchemaType::Array(table) = &schema.fields()[tables].schema.schema_type else {
            return Err(TransformError::new("its field `tableChanges` is no list"));
        };
        let kind = field(table, "type")?;
        let changes = match read_field(value, tables)? {
            Value::Array(changes) => changes,
            // Without a list of tables it is dropped, whatever it is.
            _ => return Ok(()),
        };
        let kind = match changes.first() {
            Some(Value::Struct(change)) => match change.get(kind) {
                Some(Value::String(kind)) => kind,
                _ => return Err(TransformError::new("its first table has no `type`")),
            },
            _ => DATABASE,
        };
        if !self.excluded.iter().any(|excluded| excluded == kind) {
            next(record);
        }
        Ok(())
    }
}
