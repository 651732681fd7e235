//! The `schema` half of Connect's JSON envelope: a Connect schema as `JsonConverter.asJsonSchema` describes it.

use connector_api::data::{Schema, SchemaType};

use super::text::{JacksonWriter, push_integer, push_string};
use super::writer::{JsonError, JsonForm, JsonPlan, JsonWriter};

/// Appends the description of `schema`.
pub(crate) fn push_schema(out: &mut Vec<u8>, schema: &Schema, form: JsonForm) -> Result<(), JsonError> {
    push_described(out, schema, None, form)
}

fn push_described(out: &mut Vec<u8>, schema: &Schema, field: Option<&str>, form: JsonForm) -> Result<(), JsonError> {
    out.extend_from_slice(b"{\"type\":");
    push_text(out, type_name(&schema.schema_type));
    match &schema.schema_type {
        SchemaType::Array(items) => {
            out.extend_from_slice(b",\"items\":");
            push_schema(out, items, form)?;
        }
        SchemaType::Map(keys, values) => {
            out.extend_from_slice(b",\"keys\":");
            push_schema(out, keys, form)?;
            out.extend_from_slice(b",\"values\":");
            push_schema(out, values, form)?;
        }
        SchemaType::Struct(fields) => {
            out.extend_from_slice(b",\"fields\":[");
            for (at, field) in fields.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                push_described(out, &field.schema, Some(&field.name), form)?;
            }
            out.push(b']');
        }
        _ => {}
    }
    out.extend_from_slice(if schema.optional {
        b",\"optional\":true"
    } else {
        b",\"optional\":false"
    });
    push_annotations(out, schema, form)?;
    if let Some(name) = field {
        out.extend_from_slice(b",\"field\":");
        push_text(out, name);
    }
    out.push(b'}');
    Ok(())
}

fn push_annotations(out: &mut Vec<u8>, schema: &Schema, form: JsonForm) -> Result<(), JsonError> {
    if let Some(name) = &schema.name {
        out.extend_from_slice(b",\"name\":");
        push_text(out, name);
    }
    if let Some(version) = schema.version {
        out.extend_from_slice(b",\"version\":");
        push_integer(out, version.into());
    }
    if let Some(doc) = &schema.doc {
        out.extend_from_slice(b",\"doc\":");
        push_text(out, doc);
    }
    for (at, (key, value)) in schema.parameters.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b",\"parameters\":{" } else { b"," });
        push_text(out, key);
        out.push(b':');
        push_text(out, value);
    }
    if !schema.parameters.is_empty() {
        out.push(b'}');
    }
    if let Some(default) = &schema.default {
        out.extend_from_slice(b",\"default\":");
        let plain = Schema {
            default: None,
            ..schema.clone()
        };
        let plan = JsonPlan::compile(&plain, form)?;
        JsonWriter::default()
            .write(&plan, default, out)
            .map_err(JsonError::default_of(schema))?;
    }
    Ok(())
}

fn type_name(schema_type: &SchemaType) -> &'static str {
    match schema_type {
        SchemaType::Int8 => "int8",
        SchemaType::Int16 => "int16",
        SchemaType::Int32 => "int32",
        SchemaType::Int64 => "int64",
        SchemaType::Float32 => "float",
        SchemaType::Float64 => "double",
        SchemaType::Boolean => "boolean",
        SchemaType::String => "string",
        SchemaType::Bytes => "bytes",
        SchemaType::Array(_) => "array",
        SchemaType::Map(..) => "map",
        SchemaType::Struct(_) => "struct",
    }
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    push_string(out, text, JacksonWriter::Bytes);
}
