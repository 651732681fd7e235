//! [`tables_without_views`]: the tables that no transaction sees as they were.

use std::sync::Arc;

use crate::config::MySqlConfig;
use crate::error::MySqlError;
use crate::server::{Connection, Finding};
use crate::table_id::TableId;

/// The engines that keep versions of rows, and show a consistent snapshot of them.
const WITH_VIEWS: &str = "'InnoDB', 'ROCKSDB'";
/// Tables that a finding names; there may be many.
const NAMED: usize = 10;

/// A table of an engine that shows rows as they are now, also to a transaction that began earlier: MyISAM, MEMORY, CSV, ...
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableWithoutViews {
    /// The table.
    pub table: TableId,
    /// Its engine.
    pub engine: String,
    /// The user's statement that reads it.
    pub statement: Option<Arc<str>>,
}

/// Those of a server's that a snapshot by `config` reads.
pub fn tables_without_views(
    connection: &mut Connection,
    config: &MySqlConfig,
) -> Result<Vec<TableWithoutViews>, MySqlError> {
    if !config.snapshot_mode.reads_rows {
        return Ok(Vec::new());
    }
    let rows: Vec<(String, String, String)> = connection.rows(&format!(
        "SELECT table_schema, table_name, engine FROM information_schema.tables \
         WHERE table_type = 'BASE TABLE' AND engine NOT IN ({WITH_VIEWS})"
    ))?;
    let tables = rows.into_iter().map(|(database, table, engine)| {
        let table = TableId::new(database, table);
        TableWithoutViews {
            statement: config.snapshot_reads.statement(&table).map(Arc::clone),
            table,
            engine,
        }
    });
    let is_read = |table: &TableId| config.tables.captures(table) && config.snapshot_reads.has(table);
    Ok(tables.filter(|found| is_read(&found.table)).collect())
}

/// What `check` says of such tables.
pub fn finding_about(tables: &[TableWithoutViews]) -> Option<Finding> {
    let first = tables.first()?;
    let named = tables.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|TableWithoutViews { table, engine, .. }| format!("{table} ({engine})"))
        .collect();
    let more = match tables.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(Finding {
        is_required: false,
        message: format!(
            "captured tables are of engines that keep no versions of rows: {}{more}. A snapshot reads them whole while its \
             lock keeps writers out, and refuses to if they have more than 32 MiB together",
            named.join(", ")
        ),
        remedy: format!(
            "ALTER TABLE {} ENGINE = InnoDB, and so on, or leave them out with table.exclude.list",
            first.table
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::TableId;
    use super::{TableWithoutViews, finding_about};

    #[test]
    fn tables_without_views_are_named() {
        let table = |number: usize| TableWithoutViews {
            table: TableId::new("d", format!("t{number}")),
            engine: "MyISAM".to_owned(),
            statement: None,
        };
        let tables: Vec<_> = (0..12).map(table).collect();
        assert_eq!(finding_about(&[]), None);
        let finding = finding_about(&tables).expect("a finding");
        assert!(!finding.is_required);
        assert!(finding.message.contains("d.t0 (MyISAM), d.t1 (MyISAM)"), "{finding}");
        assert!(finding.message.contains("d.t9 (MyISAM) and 2 more"), "{finding}");
        assert!(finding.remedy.contains("ALTER TABLE d.t0 ENGINE = InnoDB"), "{finding}");
        assert!(
            !finding_about(&tables[..1])
                .expect("a finding")
                .message
                .contains("more.")
        );
    }
}
