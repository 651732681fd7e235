//! The options of the transform, under Debezium's names.

use connector_api::config::{ConfigKey, ConfigProblem, ConfigType, Importance, ParsedConfig, Validator, Width};
use connector_api::data::SchemaMap;

use super::dropped_fields::DroppedFields;
use super::field_reference::FieldReference;
use super::{Additions, Deletes, ExtractNewRecordState};
use crate::transforms::chain::Transform;

/// Its options, without their prefix.
pub fn keys() -> Vec<ConfigKey> {
    let low = |name, kind, width, doc, title| {
        ConfigKey::new(name, kind, doc)
            .display_name(title)
            .importance(Importance::Low)
            .width(width)
    };
    let (text, list, flag) = (ConfigType::String, ConfigType::List, ConfigType::Boolean);
    let keys = [
        low(
            "delete.tombstone.handling.mode",
            text,
            Width::Medium,
            "What becomes of a delete and of the tombstone behind it: drop (neither stays), tombstone (one null with the \
             row's schema), delete-to-tombstone (one without), rewrite (the deleted row with __deleted set to true) or \
             rewrite-with-tombstone (that, and the tombstone).",
            "Handle delete and tombstone records",
        )
        .importance(Importance::Medium)
        .default_value("tombstone")
        .validator(Validator::OneOfIgnoreCase(&[
            "drop",
            "tombstone",
            "rewrite",
            "rewrite-with-tombstone",
            "delete-to-tombstone",
        ])),
        low(
            "add.fields",
            list,
            Width::Long,
            "Fields of the envelope that every row gets, such as op, table or source.ts_ms; `:NAME` behind one renames it.",
            "Adds the specified field(s) to the message if they exist.",
        )
        .default_value(""),
        low(
            "add.fields.prefix",
            text,
            Width::Short,
            "What the names of added fields begin with.",
            "Field prefix to be added to each field.",
        )
        .default_value("__"),
        low(
            "add.headers",
            list,
            Width::Long,
            "Fields of the envelope that become headers, named as in add.fields.",
            "Adds the specified fields to the header if they exist.",
        )
        .default_value(""),
        low(
            "add.headers.prefix",
            text,
            Width::Short,
            "What the names of added headers begin with.",
            "Header prefix to be added to each header.",
        )
        .default_value("__"),
        low(
            "drop.fields.from.key",
            flag,
            Width::Short,
            "Whether fields that the header lists are left out of the key, too.",
            "Specifies whether the fields to be dropped should also be omitted from the key",
        )
        .default_value("false"),
        low(
            "drop.fields.header.name",
            text,
            Width::Short,
            "The header that lists fields to leave out of the row, as one of ExtractChangedRecordState does.",
            "Specifies a header that contains a list of field names to be removed",
        ),
        low(
            "drop.fields.keep.schema.compatible",
            flag,
            Width::Short,
            "Whether only those fields are left out that may be null, so that readers of the old schema can read the new one.",
            "Specifies if fields are dropped, will the event's schemas be compatible",
        )
        .default_value("true"),
        low(
            "route.by.field",
            text,
            Width::Long,
            "The field of the row whose text becomes the topic; a row without one keeps its own.",
            "Route by field name",
        )
        .default_value(""),
    ];
    let ordered = keys.into_iter().zip(1..);
    ordered.map(|(key, order)| key.in_group("", order)).collect()
}

/// What else it reads, without the prefix.
pub fn unlisted_keys() -> Vec<ConfigKey> {
    let doc = "Whether a null in a row that is marked with __deleted becomes its column's default.";
    let key = ConfigKey::new("replace.null.with.default", ConfigType::Boolean, doc);
    vec![key.default_value("true")]
}

/// The transform with these options.
///
/// # Errors
/// What is wrong with which of them.
pub fn build(options: &ParsedConfig) -> Result<Box<dyn Transform>, Vec<ConfigProblem>> {
    let mut problems = Vec::new();
    let mut references = |key: &str| {
        let prefix = options.string(&format!("{key}.prefix")).unwrap_or_default();
        let entries = options.list(key).unwrap_or_default();
        let parsed: Result<Vec<_>, _> = entries
            .iter()
            .map(|entry| FieldReference::parse(entry, prefix))
            .collect();
        parsed.unwrap_or_else(|message| {
            problems.push(ConfigProblem::new(key, message));
            Vec::new()
        })
    };
    let (fields, headers) = (references("add.fields"), references("add.headers"));
    if !problems.is_empty() {
        return Err(problems);
    }
    let mode = options.string("delete.tombstone.handling.mode").unwrap_or_default();
    Ok(Box::new(ExtractNewRecordState {
        deletes: match mode.to_ascii_lowercase().as_str() {
            "drop" => Deletes::Drop,
            "rewrite" => Deletes::Rewrite,
            "rewrite-with-tombstone" => Deletes::RewriteWithTombstone,
            "delete-to-tombstone" => Deletes::DeleteToTombstone,
            _ => Deletes::Tombstone,
        },
        wanted: Additions {
            fields,
            headers,
            route_by: options
                .string("route.by.field")
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
            fills_nulls: options.boolean("replace.null.with.default").unwrap_or(true),
        },
        dropped: options
            .string("drop.fields.header.name")
            .filter(|name| !name.trim().is_empty())
            .map(|header| DroppedFields {
                header: header.to_owned(),
                from_key: options.boolean("drop.fields.from.key").unwrap_or_default(),
                keep_compatible: options.boolean("drop.fields.keep.schema.compatible").unwrap_or(true),
                keys: SchemaMap::default(),
                rows: SchemaMap::default(),
            }),
        known: SchemaMap::default(),
        of_delete: Vec::new(),
    }))
}
