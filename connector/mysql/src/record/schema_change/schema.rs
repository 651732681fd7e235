//! The schemas of a schema-change record: what a statement did, down to every column of the tables it changed.

use std::sync::{Arc, LazyLock};

use connector_api::data::{Field, Schema, SchemaType};

use crate::record::source_info::source_schema;

/// The key: the database.
pub(super) fn key_schema() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
        structure(
            "io.debezium.connector.mysql.SchemaChangeKey",
            vec![("databaseName", required(SchemaType::String))],
        )
        .shared()
    });
    &SCHEMA
}

/// The value: where from, when, the statement, and what it did.
pub(super) fn value_schema() -> &'static Arc<Schema> {
    static SCHEMA: LazyLock<Arc<Schema>> = LazyLock::new(|| {
        let fields = vec![
            ("source", Arc::clone(source_schema())),
            ("ts_ms", required(SchemaType::Int64)),
            ("databaseName", optional(SchemaType::String)),
            ("schemaName", optional(SchemaType::String)),
            ("ddl", optional(SchemaType::String)),
            ("tableChanges", required(SchemaType::Array(change_schema()))),
        ];
        structure("io.debezium.connector.mysql.SchemaChangeValue", fields).shared()
    });
    &SCHEMA
}

fn change_schema() -> Arc<Schema> {
    let fields = vec![
        ("type", required(SchemaType::String)),
        ("id", required(SchemaType::String)),
        ("table", table_schema().optional().shared()),
    ];
    structure("io.debezium.connector.schema.Change", fields).shared()
}

fn table_schema() -> Schema {
    let names = SchemaType::Array(required(SchemaType::String));
    let fields = vec![
        ("defaultCharsetName", optional(SchemaType::String)),
        ("primaryKeyColumnNames", optional(names)),
        ("columns", required(SchemaType::Array(column_schema()))),
        ("comment", optional(SchemaType::String)),
    ];
    structure("io.debezium.connector.schema.Table", fields)
}

fn column_schema() -> Arc<Schema> {
    let fields = vec![
        ("name", required(SchemaType::String)),
        ("jdbcType", required(SchemaType::Int32)),
        ("nativeType", optional(SchemaType::Int32)),
        ("typeName", required(SchemaType::String)),
        ("typeExpression", optional(SchemaType::String)),
        ("charsetName", optional(SchemaType::String)),
        ("length", optional(SchemaType::Int32)),
        ("scale", optional(SchemaType::Int32)),
        ("position", required(SchemaType::Int32)),
        ("optional", optional(SchemaType::Boolean)),
        ("autoIncremented", optional(SchemaType::Boolean)),
        ("generated", optional(SchemaType::Boolean)),
        ("comment", optional(SchemaType::String)),
        ("defaultValueExpression", optional(SchemaType::String)),
        ("enumValues", optional(SchemaType::Array(required(SchemaType::String)))),
    ];
    structure("io.debezium.connector.schema.Column", fields).shared()
}

fn structure(name: &str, fields: Vec<(&str, Arc<Schema>)>) -> Schema {
    let fields = fields
        .into_iter()
        .map(|(name, schema)| Field::new(name, schema))
        .collect();
    Schema::structure(name, fields).version(1)
}

fn required(schema_type: SchemaType) -> Arc<Schema> {
    Schema::new(schema_type).shared()
}

fn optional(schema_type: SchemaType) -> Arc<Schema> {
    Schema::new(schema_type).optional().shared()
}
