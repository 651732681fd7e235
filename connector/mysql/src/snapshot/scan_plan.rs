//! [`ScanPlan`]: how the rows of a table are asked for: in the order of its key, and perhaps by a statement of the user's.
//!
//! A statement of the user's (`snapshot.select.statement.overrides`) is read as a table in the place of the table, so that its rows
//! come in the order of the key, and behind any key, as those of the table do. If it has no key there is no order, and a table that
//! was in progress is read again from its start.

use std::sync::Arc;

use mysql_async::prelude::Queryable;

use super::collations::collations;
use super::key_order::KeyOrder;
use crate::captured::CapturedTable;
use crate::error::MySqlError;
use crate::position::TablePlace;
use crate::schema::TableSchema;
use crate::server::Connection;
use crate::table_id::{TableId, quoted_name};

/// How a table is read.
pub struct ScanPlan {
    order: Option<KeyOrder>,
    own: Option<OwnStatement>,
}

/// A statement of the user's, and the names of its columns.
struct OwnStatement {
    text: Arc<str>,
    columns: Vec<String>,
}

impl ScanPlan {
    /// The plan for `table`, which the user's `statement` reads if there is one.
    pub fn of(
        connection: &mut Connection,
        table: &TableSchema,
        statement: Option<&Arc<str>>,
    ) -> Result<Self, MySqlError> {
        let own = statement
            .map(|text| OwnStatement::described(connection, &table.id, text))
            .transpose()?;
        let order = KeyOrder::of(table, &collations(connection, table)?);
        let has_key = |order: &KeyOrder| {
            let mut names = order.columns().into_iter().map(|index| &table.columns[index].name);
            own.as_ref().is_none_or(|own| names.all(|name| own.has(name)))
        };
        Ok(ScanPlan {
            order: order.filter(has_key),
            own,
        })
    }

    /// The order in which rows come, if they come in one.
    pub fn into_order(self) -> Option<KeyOrder> {
        self.order
    }

    /// The statement that reads `table` behind `resumed`.
    ///
    /// Columns are named one by one: `*` leaves out invisible ones. What is needed neither for records nor for the order is not
    /// asked for.
    pub(super) fn select(&self, table: &CapturedTable, resumed: &TablePlace) -> Result<String, MySqlError> {
        let id = &table.schema.id;
        let keys = self.order.as_ref().map(KeyOrder::columns).unwrap_or_default();
        let columns = table.schema.columns.iter().zip(table.records.forms());
        let columns: Vec<String> = columns
            .enumerate()
            .map(|(index, (column, form))| {
                let is_wanted = form.is_some() || keys.contains(&index);
                if is_wanted && self.own.as_ref().is_none_or(|own| own.has(&column.name)) {
                    quoted_name(&column.name)
                } else {
                    "NULL".to_owned()
                }
            })
            .collect();
        let source = match &self.own {
            Some(own) => format!("({}) AS `rowmill_rows`", own.text),
            None => id.quoted(),
        };
        let mut select = format!("SELECT {} FROM {source}", columns.join(", "));
        if let Some(order) = &self.order {
            if let TablePlace::Behind { key, .. } = resumed {
                let condition = order.behind(key).ok_or_else(|| {
                    MySqlError::position(format!(
                        "the stored snapshot position in {id} is not a key of the table; reset the connector's offsets"
                    ))
                    .at(id)
                })?;
                select.push_str(&format!(" WHERE {condition}"));
            }
            select.push_str(&format!(" ORDER BY {}", order.order_by()));
        }
        Ok(select)
    }
}

impl OwnStatement {
    /// Asks the server for the columns of `text`, without running it.
    fn described(connection: &mut Connection, table: &TableId, text: &Arc<str>) -> Result<Self, MySqlError> {
        let key = format!("snapshot.select.statement.overrides.{table}");
        let (driver, runtime) = connection.driver();
        let described = runtime.block_on(async {
            let statement = driver.prep(&**text).await?;
            let columns = statement.columns();
            let names: Vec<String> = columns.iter().map(|column| column.name_str().into_owned()).collect();
            driver.close(statement).await?;
            Ok(names)
        });
        let columns = described.map_err(|error| {
            connection
                .error(text, error)
                .at(table)
                .advised(format_args!("it is the statement of {key}"))
        })?;
        let mut sorted: Vec<String> = columns.iter().map(|name| name.to_lowercase()).collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(MySqlError::server(format!(
                "the statement of {key} has two columns called {}, so it cannot be told which one is the table's: name the columns \
                 of the table alone",
                pair[0]
            ))
            .at(table));
        }
        Ok(OwnStatement {
            text: Arc::clone(text),
            columns,
        })
    }

    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|own| own.eq_ignore_ascii_case(column))
    }
}
