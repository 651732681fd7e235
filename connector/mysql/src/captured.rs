//! [`CapturedTable`]: everything compiled from one version of a captured table, and [`CapturedTables`], the ones in use.
//!
//! A version is an `Arc<TableSchema>`: when a statement brings another one, decoders and record schemas are compiled anew,
//! and so a row and its schema cannot disagree.

use std::collections::HashMap;
use std::sync::Arc;

use connector_api::data::{ValueWriter, WriteError, WriteValue};

use crate::binlog::table_map::TableMap;
use crate::error::MySqlError;
use crate::record::{RecordContext, TableRecords};
use crate::row::{OrderedRow, RowDecoder, RowError, RowImage, TextRowDecoder};
use crate::schema::{SchemaModel, TableSchema};
use crate::table_id::TableId;

/// One version of a captured table, ready to turn rows into records.
pub struct CapturedTable {
    pub schema: Arc<TableSchema>,
    pub records: TableRecords,
    /// Compiled for the layout that came last.
    binlog: Option<(Arc<TableMap>, RowDecoder)>,
}

/// A captured table whose rows can be read as one layout has them.
#[derive(Clone, Copy)]
pub struct PreparedTable<'a> {
    pub decoder: &'a RowDecoder,
    pub records: &'a TableRecords,
}

impl CapturedTable {
    /// Compiles what does not depend on the wire form.
    ///
    /// # Errors
    /// A column that cannot be captured, named with its table and the way out.
    pub fn new(schema: &Arc<TableSchema>, context: &RecordContext) -> Result<Self, MySqlError> {
        let records =
            TableRecords::of(schema, context).map_err(|error| MySqlError::schema(error.to_string()).at(&schema.id))?;
        Ok(CapturedTable {
            schema: Arc::clone(schema),
            records,
            binlog: None,
        })
    }

    /// All that rows of this layout need.
    ///
    /// # Errors
    /// If the layout is not of this version of the table.
    pub fn prepared(&mut self, map: &Arc<TableMap>) -> Result<PreparedTable<'_>, RowError> {
        if !self.binlog.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, map)) {
            let fallbacks = self.records.fallbacks().to_vec();
            let decoder = RowDecoder::new(&self.schema, self.records.forms(), fallbacks, map)?;
            self.binlog = Some((Arc::clone(map), decoder));
        }
        let (_, decoder) = self.binlog.as_ref().expect("set above");
        Ok(PreparedTable {
            decoder,
            records: &self.records,
        })
    }

    /// A decoder for rows of a snapshot.
    pub fn text_decoder(&self) -> Result<TextRowDecoder, MySqlError> {
        TextRowDecoder::new(&self.schema, self.records.forms(), self.records.fallbacks().to_vec())
            .map_err(|error| MySqlError::schema(error.to_string()))
    }
}

/// A row of the binlog as a value: field `i` is column `i`.
pub struct BinlogRow<'a> {
    pub decoder: &'a RowDecoder,
    pub image: RowImage<'a>,
}

impl WriteValue for BinlogRow<'_> {
    fn write(&self, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        writer.begin_struct()?;
        for column in 0..self.image.column_count() {
            self.decoder.write_column(column, &self.image, writer)?;
        }
        writer.end_struct()
    }

    fn write_field(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        self.decoder.write_column(index, &self.image, writer)
    }
}

impl OrderedRow for BinlogRow<'_> {
    fn write_order(&self, index: usize, writer: &mut dyn ValueWriter) -> Result<(), WriteError> {
        self.decoder.write_column_order(index, &self.image, writer)
    }
}

/// The captured tables that rows have been seen of.
pub struct CapturedTables {
    context: RecordContext,
    tables: HashMap<TableId, CapturedTable>,
}

impl CapturedTables {
    /// No table is compiled yet.
    pub fn new(context: RecordContext) -> Self {
        CapturedTables {
            context,
            tables: HashMap::new(),
        }
    }

    /// The records of a table that was compiled.
    pub fn records(&self, table: &TableId) -> Option<&TableRecords> {
        self.tables.get(table).map(|table| &table.records)
    }

    /// Forgets the tables that `model` does not know any more.
    pub fn forget_dropped(&mut self, model: &SchemaModel) {
        self.tables.retain(|id, _| model.table(id).is_some());
    }

    /// The table of this version, compiled now if it is new.
    pub fn table(&mut self, schema: &Arc<TableSchema>) -> Result<&mut CapturedTable, MySqlError> {
        let is_current = |table: &CapturedTable| Arc::ptr_eq(&table.schema, schema);
        if !self.tables.get(&schema.id).is_some_and(is_current) {
            self.tables
                .insert(schema.id.clone(), CapturedTable::new(schema, &self.context)?);
        }
        Ok(self.tables.get_mut(&schema.id).expect("inserted above"))
    }
}
