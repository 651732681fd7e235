//! The guardrail: of how many tables the definitions may be kept (`guardrail.collections.max`), so that a list that was written too
//! wide is noticed before anything is read.

use tracing::warn;

use super::discovered::tables;
use crate::config::{GuardrailAction, MySqlConfig, is_built_in};
use crate::error::MySqlError;
use crate::server::Connection;
use crate::table_id::TableId;

/// Counts the tables of the server that the schema history keeps, if there is a limit.
pub(super) fn check_guardrail(session: &mut Connection, config: &MySqlConfig) -> Result<(), MySqlError> {
    let Some((limit, action)) = config.guardrail else {
        return Ok(());
    };
    let count = tables(session)?.filter(|table| is_kept(config, table)).count();
    if count <= limit {
        return Ok(());
    }
    let finding = format!(
        "the schema history keeps the definitions of {count} tables, and guardrail.collections.max is {limit}: capture fewer tables, \
         keep those of captured tables only (schema.history.internal.store.only.captured.tables.ddl=true), or raise the limit"
    );
    match action {
        GuardrailAction::Warn => warn!("{finding}"),
        GuardrailAction::Fail => return Err(MySqlError::server(finding)),
    }
    Ok(())
}

fn is_kept(config: &MySqlConfig, table: &TableId) -> bool {
    let history = &config.schema_history;
    config.tables.captures(table)
        || !history.only_captured_tables
            && !is_built_in(&table.database)
            && (!history.only_captured_databases || config.tables.captures_database(&table.database))
}
