//! [`TableColumns`]: the columns of a table as its records have them: which are published, which form the key, and what
//! the values of each are.

use std::collections::HashMap;
use std::sync::Arc;

use connector_api::data::{Field, Schema, Value};

use super::context::RecordContext;
use super::conversion::{converted, converted_schema, standing_for_null};
use super::error::RecordError;
use super::field::{column_schema, fallback};
use super::row_value::PublishedColumn;
use super::value_mapping::{ValueMapping, mapped_schema};
use crate::config::{Conversion, Mapping, Offered};
use crate::row::{ColumnForm, Misfits};
use crate::schema::{Column, TableSchema};

const UNHASHED: &str = "the column is not hashed, as column.mask.hash.* asks, because column.truncate.to.*, column.propagate.source.type or \
    datatype.propagate.source.type has it first: take it out of that one";

/// The columns of one version of a table.
pub(super) struct TableColumns<'a> {
    table: &'a TableSchema,
    context: &'a RecordContext,
    published: Vec<usize>,
    key: Vec<usize>,
    /// `None`: a column that is neither published nor part of the key.
    described: Vec<Option<Described>>,
}

/// A column that records have.
struct Described {
    form: ColumnForm,
    /// In a key.
    schema: Schema,
    /// What a null becomes; `None`: it stays null.
    fallback: Option<Value>,
    /// What is done with it in a row.
    mapping: Option<Mapping>,
}

impl<'a> TableColumns<'a> {
    /// # Errors
    /// A column that cannot be published, or a key of columns that the table does not have.
    pub(super) fn of(table: &'a TableSchema, context: &'a RecordContext) -> Result<Self, RecordError> {
        let columns = table.columns.iter().enumerate();
        let published: Vec<usize> = columns
            .filter(|(_, column)| context.columns.publishes(&table.id, &column.name))
            .map(|(index, _)| index)
            .collect();
        let mut columns = TableColumns {
            key: key_columns(table, context)?,
            table,
            context,
            published,
            described: Vec::new(),
        };
        let all = table.columns.iter().enumerate();
        let described = all.map(|(index, column)| columns.describe(index, column));
        columns.described = described.collect::<Result<_, _>>()?;
        Ok(columns)
    }

    /// What a column is, if records have it. Others may be of any type: they are never looked at.
    fn describe(&self, index: usize, column: &Column) -> Result<Option<Described>, RecordError> {
        let is_key = self.key.contains(&index);
        if !is_key && !self.published.contains(&index) {
            return Ok(None);
        }
        let id = &self.table.id;
        let options = &self.context.options;
        let mut form = ColumnForm::of(column, &options.values).map_err(|source| RecordError::Unsupported {
            table: id.clone(),
            source,
        })?;
        let conversion = self.context.converters.conversion(&Offered {
            table: id,
            name: &column.name,
            type_name: &column.type_name,
            length: column.length,
        });
        if let Some(conversion) = &conversion {
            form = converted(form, conversion, id, column, is_key)?;
        }
        let schema = column_schema(column, &form).ok_or_else(|| RecordError::Default {
            table: id.clone(),
            column: column.name.clone(),
            column_type: column.type_name.clone(),
        })?;
        let schema = match &conversion {
            Some(conversion) => converted_schema(conversion, column, schema),
            None => schema,
        };
        let fallback = match &conversion {
            Some(Conversion::ZeroDates(fallback)) => Some(standing_for_null(fallback).unwrap_or(Value::Null)),
            _ => fallback(&schema),
        };
        // A value that has no room is left out, as Debezium does, where a record may be without it. A key never is.
        let may_lack = schema.optional || schema.default.is_some();
        let misfits = match may_lack && !is_key && !options.refuses_misfits {
            true => Misfits::Lost,
            false => Misfits::Refused,
        };
        let mappings = &self.context.mappings;
        let mapping = mappings.of(id, &column.name, &column.type_name);
        if mappings.leave_unhashed(id, &column.name, &column.type_name) {
            let column = &column.name;
            tracing::warn!(table = %id, column, "{UNHASHED}");
        }
        Ok(Some(Described {
            form: ColumnForm { misfits, ..form },
            schema,
            fallback,
            mapping: mapping.cloned(),
        }))
    }

    /// The columns of the key by position, in the order of the key.
    pub(super) fn key(&self) -> &[usize] {
        &self.key
    }

    /// For every column what its values are, if records have it.
    pub(super) fn forms(&self) -> Vec<Option<ColumnForm>> {
        let forms = self.described.iter();
        forms
            .map(|column| column.as_ref().map(|column| column.form.clone()))
            .collect()
    }

    /// For every column what a null in it becomes; `None`: it stays null.
    pub(super) fn fallbacks(&self) -> Vec<Option<Value>> {
        let columns = self.described.iter();
        columns.map(|column| column.as_ref()?.fallback.clone()).collect()
    }

    /// The column of each field of a row; `None`: every column, in order and as it is.
    pub(super) fn published(&self) -> Option<Vec<PublishedColumn>> {
        let published: Vec<PublishedColumn> = self.published.iter().map(|index| self.publish(*index)).collect();
        let is_plain = published.iter().all(|column| column.mapping.is_none());
        (!is_plain || published.len() < self.table.columns.len()).then_some(published)
    }

    fn publish(&self, index: usize) -> PublishedColumn {
        let described = self.described.get(index).and_then(Option::as_ref);
        let mapping = described.and_then(|described| {
            let (mapping, column) = (described.mapping.as_ref()?, self.table.columns.get(index)?);
            ValueMapping::of(mapping, column, &described.form.column_type)
        });
        PublishedColumn { index, mapping }
    }

    /// The fields of a key.
    pub(super) fn key_fields(&self) -> Result<Vec<Field>, RecordError> {
        self.fields(&self.key, |_, described| described.schema.clone())
    }

    /// The fields of a row.
    pub(super) fn row_fields(&self) -> Result<Vec<Field>, RecordError> {
        self.fields(&self.published, |column, described| match &described.mapping {
            Some(mapping) => mapped_schema(mapping, column, described.schema.clone()),
            None => described.schema.clone(),
        })
    }

    fn fields(
        &self,
        columns: &[usize],
        schema: impl Fn(&Column, &Described) -> Schema,
    ) -> Result<Vec<Field>, RecordError> {
        let mut fields = Vec::with_capacity(columns.len());
        let mut taken: HashMap<String, &str> = HashMap::new();
        let described = columns.iter().filter_map(|index| {
            let described = self.described.get(*index)?.as_ref()?;
            Some((self.table.columns.get(*index)?, described))
        });
        for (column, described) in described {
            let field = self.context.options.field_names.field_name(&column.name).into_owned();
            if let Some(first) = taken.insert(field.clone(), &column.name) {
                return Err(RecordError::SameField {
                    table: self.table.id.clone(),
                    first: first.to_owned(),
                    second: column.name.clone(),
                    field,
                });
            }
            fields.push(Field::new(field, Arc::new(schema(column, described))));
        }
        Ok(fields)
    }
}

/// The user's choice, else the table's own key in *key order*: `PRIMARY KEY (b, a)` is {b, a}.
fn key_columns(table: &TableSchema, context: &RecordContext) -> Result<Vec<usize>, RecordError> {
    let names = table.columns.iter().map(|column| column.name.as_str());
    let chosen = context.custom_keys.choose(&table.id, names);
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    // MySQL compares column names without regard to case.
    let position = |name: &String| {
        table
            .columns
            .iter()
            .position(|column| column.name.eq_ignore_ascii_case(name))
    };
    let missing = |name: &String| RecordError::NoSuchKeyColumn {
        table: table.id.clone(),
        column: name.clone(),
    };
    table
        .key
        .iter()
        .map(|name| position(name).ok_or_else(|| missing(name)))
        .collect()
}
