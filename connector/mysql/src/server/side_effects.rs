//! [`side_effects`]: what a change of some tables changes in others, as the server has it now.
//!
//! The server shows triggers only to accounts that hold TRIGGER on their table, so none to be seen means nothing without
//! that right. Functions and foreign keys are shown to who may read
//! (<https://dev.mysql.com/doc/refman/9.4/en/information-schema-triggers-table.html>).

use std::collections::BTreeSet;

use super::cascades::{cascades, reached};
use super::connection::Connection;
use super::grants::Grants;
use super::version::ServerVersion;
use crate::error::MySqlError;
use crate::table_id::TableId;

/// Everything that a statement may act through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suspects {
    /// The tables that it writes to. None of them is captured.
    pub writes: Vec<TableId>,
    /// What it reads: views may call functions.
    pub reads: Vec<TableId>,
    /// What may be functions that it calls: database and name.
    pub calls: BTreeSet<(String, String)>,
}

/// What a change of tables causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SideEffects {
    /// Nothing that reaches a captured table.
    None,
    /// It cannot be seen; why not, and what changes that.
    Unseen(String),
    /// Something that reaches captured tables, or may.
    Some(String),
}

/// Looks at triggers, functions, views and foreign keys.
pub fn side_effects(
    connection: &mut Connection,
    suspects: &Suspects,
    captures: &dyn Fn(&TableId) -> bool,
) -> Result<SideEffects, MySqlError> {
    let cascades = cascades(connection)?;
    let reached = reached(&suspects.writes, &cascades);
    if let Some(child) = reached.iter().find(|table| captures(table)) {
        return Ok(SideEffects::Some(format!(
            "a foreign key changes rows of {child} with those of {}",
            listed(&suspects.writes)
        )));
    }
    // What a foreign key changes activates no triggers
    // (<https://dev.mysql.com/doc/refman/9.4/en/create-trigger.html>; seen on 9.7), so those of the children do not matter.
    let written = &suspects.writes;
    if let Some(found) = triggers(connection, written)? {
        return Ok(SideEffects::Some(found));
    }
    if let Some(found) = functions(connection, &suspects.calls)? {
        return Ok(found);
    }
    let named: Vec<TableId> = written.iter().chain(&suspects.reads).cloned().collect();
    let types = table_types(connection, &named)?;
    let is_view = |table: &&TableId| types.iter().any(|(id, kind)| id == *table && kind != "BASE TABLE");
    if let Some(view) = named.iter().find(is_view) {
        return Ok(SideEffects::Some(format!(
            "{view} is a view, behind which other tables stand"
        )));
    }
    let is_there = |table: &&TableId| types.iter().any(|(id, _)| id == *table);
    if let Some(gone) = written.iter().find(|table| !is_there(table)) {
        return Ok(SideEffects::Unseen(format!(
            "{gone} is not there any more, and so it cannot be seen whether it had triggers"
        )));
    }
    let version = ServerVersion::read(connection)?;
    let grants = Grants::read(connection, &version)?;
    let hidden = written.iter().find(|table| !grants.has_on("TRIGGER", table));
    Ok(match hidden {
        Some(table) => SideEffects::Unseen(format!(
            "whether {table} has triggers is shown only to accounts that have the TRIGGER right on it (GRANT TRIGGER ON \
             `{}`.`{}` shows them to the connector's)",
            table.database, table.table
        )),
        None => SideEffects::None,
    })
}

fn triggers(connection: &mut Connection, tables: &[TableId]) -> Result<Option<String>, MySqlError> {
    let found: Option<(String, String, String)> = connection.first(&format!(
        "SELECT trigger_name, event_object_schema, event_object_table FROM information_schema.triggers WHERE {}",
        any_of(
            ["event_object_schema", "event_object_table"],
            tables
                .iter()
                .map(|table| (table.database.as_str(), table.table.as_str()))
        )
    ))?;
    Ok(found.map(|(trigger, database, table)| {
        format!("the trigger `{trigger}` of {database}.{table} may change captured tables")
    }))
}

/// Stored functions among `calls`; a function's declaration is a promise that nobody checks.
fn functions(
    connection: &mut Connection,
    calls: &BTreeSet<(String, String)>,
) -> Result<Option<SideEffects>, MySqlError> {
    if calls.is_empty() {
        return Ok(None);
    }
    let found: Vec<(String, String, String)> = connection.rows(&format!(
        "SELECT routine_schema, routine_name, sql_data_access FROM information_schema.routines \
         WHERE routine_type = 'FUNCTION' AND ({}) ORDER BY sql_data_access = 'NO SQL', sql_data_access = 'READS SQL DATA'",
        any_of(
            ["routine_schema", "routine_name"],
            calls.iter().map(|(database, name)| (database.as_str(), name.as_str()))
        )
    ))?;
    Ok(found.first().map(|(database, name, access)| {
        let function = format!("the function {database}.{name}");
        match access.as_str() {
            "NO SQL" | "READS SQL DATA" => SideEffects::Unseen(format!(
                "{function} is declared {access}, which the server does not check"
            )),
            _ => SideEffects::Some(format!("{function} may change captured tables")),
        }
    }))
}

fn table_types(connection: &mut Connection, tables: &[TableId]) -> Result<Vec<(TableId, String)>, MySqlError> {
    let rows: Vec<(String, String, String)> = connection.rows(&format!(
        "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE {}",
        any_of(
            ["table_schema", "table_name"],
            tables
                .iter()
                .map(|table| (table.database.as_str(), table.table.as_str()))
        )
    ))?;
    let types = rows
        .into_iter()
        .map(|(database, table, kind)| (TableId::new(database, table), kind));
    Ok(types.collect())
}

/// A condition on two columns, whatever the names hold.
fn any_of<'a>(columns: [&str; 2], names: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let hex = |name: &str| name.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let conditions = names.map(|(database, name)| {
        let [first, second] = columns;
        format!(
            "({first} = _utf8mb4 x'{}' AND {second} = _utf8mb4 x'{}')",
            hex(database),
            hex(name)
        )
    });
    let conditions: Vec<String> = conditions.collect();
    match conditions.is_empty() {
        true => "FALSE".to_owned(),
        false => conditions.join(" OR "),
    }
}

fn listed(tables: &[TableId]) -> String {
    tables.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
