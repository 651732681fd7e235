//! Names the fields in which a refused schema differs from the registered one.
//!
//! A registry answers "incompatible" in its own words, some without a field. Whoever altered the table wants to read
//! the column's name.

use serde_json::Value as Json;

/// How many differences are named.
const MOST_DIFFERENCES: usize = 5;

/// The differences of the fields of two Avro schemas; empty if there are none that a reader would mind.
pub(crate) fn differences(registered: &str, refused: &str) -> Vec<String> {
    let (Ok(registered), Ok(refused)) = (fields(registered), fields(refused)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for field in &refused {
        match registered.iter().find(|earlier| earlier.path == field.path) {
            None if !field.has_default => found.push(format!("field `{}` is new and has no default", field.path)),
            Some(earlier) if earlier.branches != field.branches => {
                found.push(format!(
                    "field `{}` was {} and is now {}",
                    field.path, earlier.branches, field.branches
                ));
            }
            _ => {}
        }
    }
    for earlier in &registered {
        if !earlier.has_default && !refused.iter().any(|field| field.path == earlier.path) {
            found.push(format!("field `{}` is gone and had no default", earlier.path));
        }
    }
    found.truncate(MOST_DIFFERENCES);
    found
}

struct FoundField {
    path: String,
    branches: String,
    has_default: bool,
}

fn fields(schema: &str) -> Result<Vec<FoundField>, serde_json::Error> {
    let mut found = Vec::new();
    collect(&serde_json::from_str(schema)?, "", &mut found);
    Ok(found)
}

fn collect(schema: &Json, path: &str, found: &mut Vec<FoundField>) {
    match schema {
        Json::Array(branches) => branches.iter().for_each(|branch| collect(branch, path, found)),
        Json::Object(object) => {
            for field in object.get("fields").and_then(Json::as_array).into_iter().flatten() {
                let name = field.get("name").and_then(Json::as_str).unwrap_or_default();
                let path = if path.is_empty() {
                    name.to_owned()
                } else {
                    format!("{path}.{name}")
                };
                let schema = field.get("type").unwrap_or(&Json::Null);
                let has_default = field.get("default").is_some();
                found.push(FoundField {
                    path: path.clone(),
                    branches: type_name(schema),
                    has_default,
                });
                collect(schema, &path, found);
            }
            for inner in ["type", "items", "values"].iter().filter_map(|key| object.get(*key)) {
                collect(inner, path, found);
            }
        }
        _ => {}
    }
}

fn type_name(schema: &Json) -> String {
    match schema {
        Json::String(name) => name.clone(),
        Json::Array(branches) => branches.iter().map(type_name).collect::<Vec<_>>().join(" or "),
        Json::Object(object) => match (object.get("logicalType"), object.get("type")) {
            (Some(Json::String(logical)), _) if logical == "decimal" => {
                let number = |key: &str| object.get(key).map(Json::to_string).unwrap_or_default();
                format!("decimal({},{})", number("precision"), number("scale"))
            }
            (_, Some(inner)) => type_name(inner),
            _ => "unknown".to_owned(),
        },
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn the_columns_that_differ_are_named() {
        let old = r#"{"type":"record","name":"E","fields":[{"name":"after","type":["null",{"type":"record","name":"V","fields":[
            {"name":"id","type":"int"},{"name":"gone","type":"string"},{"name":"was","type":["null","int"],"default":null},
            {"name":"price","type":{"type":"bytes","scale":2,"precision":5,"logicalType":"decimal"}}]}],"default":null}]}"#;
        let new = r#"{"type":"record","name":"E","fields":[{"name":"after","type":["null",{"type":"record","name":"V","fields":[
            {"name":"id","type":"int"},{"name":"qty","type":"int"},{"name":"was","type":["null","string"],"default":null},
            {"name":"price","type":{"type":"bytes","scale":4,"precision":9,"logicalType":"decimal"}}]}],"default":null}]}"#;
        assert_eq!(
            differences(old, new),
            [
                "field `after.qty` is new and has no default",
                "field `after.was` was null or int and is now null or string",
                "field `after.price` was decimal(5,2) and is now decimal(9,4)",
                "field `after.gone` is gone and had no default",
            ]
        );
        assert!(differences(old, old).is_empty());
    }
}
