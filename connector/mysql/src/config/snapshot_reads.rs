//! [`SnapshotReads`]: which captured tables a snapshot reads, and by which statement
//! (`snapshot.include.collection.list`, `snapshot.select.statement.overrides`).

use std::collections::HashMap;
use std::sync::Arc;

use super::reader::Reader;
use super::regex_list::RegexList;
use crate::table_id::TableId;

/// What of captured tables a snapshot reads. Their changes are streamed in any case.
#[derive(Debug, Clone, Default)]
pub struct SnapshotReads {
    /// Absent: all of them.
    tables: Option<RegexList>,
    statements: HashMap<TableId, Arc<str>>,
}

/// The key, and what the one of a table begins with.
const STATEMENTS: &str = "snapshot.select.statement.overrides";

impl SnapshotReads {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let listed = reader.given(STATEMENTS).unwrap_or_default();
        let named = listed.split(',').map(str::trim).filter(|name| !name.is_empty());
        let statements = named.filter_map(|name| {
            let key = format!("{STATEMENTS}.{name}");
            let Some(table) = table_of(name) else {
                reader.reject(STATEMENTS, format!("{name} is no table; write DATABASE.TABLE"));
                return None;
            };
            let statement = reader.given(&key)?.trim_end_matches([';', ' ', '\n']);
            Some((table, Arc::from(statement)))
        });
        let statements = statements.collect();
        SnapshotReads {
            tables: reader.regex_list(super::capture_lists::READ_TABLES),
            statements,
        }
    }

    /// Whether rows of the table are read.
    pub fn has(&self, table: &TableId) -> bool {
        let tables = self.tables.as_ref();
        tables.is_none_or(|tables| tables.matches(&table.to_string()))
    }

    /// The user's statement for the table.
    pub fn statement(&self, table: &TableId) -> Option<&Arc<str>> {
        self.statements.get(table)
    }
}

/// A table as the keys name it; names with other dots are in backticks.
fn table_of(name: &str) -> Option<TableId> {
    let (database, table) = match name.strip_prefix('`') {
        Some(rest) => rest.split_once("`.")?,
        None => name.split_once('.')?,
    };
    let table = table
        .strip_prefix('`')
        .and_then(|table| table.strip_suffix('`'))
        .unwrap_or(table);
    (!database.is_empty() && !table.is_empty()).then(|| TableId::new(database, table))
}

/// A sentence for each statement that is never run: its table is not listed, or it is missing.
pub(super) fn warnings(config: &connector_api::ConfigMap) -> Vec<String> {
    let reader = Reader::new(config);
    let listed = reader.given(STATEMENTS).unwrap_or_default();
    let listed: Vec<&str> = listed
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let prefix = format!("{STATEMENTS}.");
    let missing = listed
        .iter()
        .filter(|name| reader.given(&format!("{prefix}{name}")).is_none());
    let missing = missing.map(|name| {
        format!("`{STATEMENTS}` lists {name}, and there is no `{prefix}{name}`: all rows of the table are read")
    });
    let members = reader.members(&prefix);
    let unlisted = members
        .into_iter()
        .filter(|key| !listed.contains(&&key[prefix.len()..]));
    let unlisted = unlisted.map(|key| format!("`{key}` has no effect: `{STATEMENTS}` does not list its table"));
    missing.chain(unlisted).collect()
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::*;

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn tables_and_statements_are_found_by_their_names() {
        let config = map(&[
            ("snapshot.include.collection.list", "d\\.(a|B), e\\..*"),
            (STATEMENTS, "d.a, `x.y`.`z`"),
            (
                "snapshot.select.statement.overrides.d.a",
                "SELECT * FROM d.a WHERE id > 5;",
            ),
            ("snapshot.select.statement.overrides.`x.y`.`z`", "SELECT 1"),
        ]);
        let reads = SnapshotReads::read(&mut Reader::new(&config));
        let id = |database: &str, table: &str| TableId::new(database, table);
        assert!(reads.has(&id("d", "b")) && reads.has(&id("e", "any")) && !reads.has(&id("d", "c")));
        let statement = |table: &TableId| reads.statement(table).map(|statement| statement.to_string());
        assert_eq!(
            statement(&id("d", "a")).as_deref(),
            Some("SELECT * FROM d.a WHERE id > 5")
        );
        assert_eq!(statement(&id("x.y", "z")).as_deref(), Some("SELECT 1"));
        assert_eq!(statement(&id("d", "b")), None);
        assert!(SnapshotReads::default().has(&id("d", "c")));
    }

    #[test]
    fn a_statement_that_is_never_run_is_told() {
        let config = map(&[
            (STATEMENTS, "d.a"),
            ("snapshot.select.statement.overrides.d.b", "SELECT 1"),
        ]);
        let told = warnings(&config);
        assert!(
            told.len() == 2 && told[0].contains("d.a") && told[1].contains("d.b"),
            "{told:?}"
        );
        let config = map(&[(STATEMENTS, "nothing")]);
        let mut reader = Reader::new(&config);
        SnapshotReads::read(&mut reader);
        assert_eq!(reader.into_problems().len(), 1);
    }
}
