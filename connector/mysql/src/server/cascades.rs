//! [`Cascade`]: a foreign key by which a change of the parent's rows changes the child's.

use std::collections::BTreeSet;

use super::connection::Connection;
use super::version::ServerVersion;
use crate::error::MySqlError;
use crate::table_id::TableId;

/// `ON DELETE` or `ON UPDATE` with `CASCADE` or `SET NULL`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cascade {
    pub(super) parent: TableId,
    pub(super) child: TableId,
}

/// All cascades of the server between tables that the account may read.
pub(super) fn cascades(connection: &mut Connection) -> Result<Vec<Cascade>, MySqlError> {
    let rows: Vec<(String, String, String, String)> = connection.rows(
        "SELECT unique_constraint_schema, referenced_table_name, constraint_schema, table_name \
         FROM information_schema.referential_constraints \
         WHERE delete_rule NOT IN ('NO ACTION', 'RESTRICT') OR update_rule NOT IN ('NO ACTION', 'RESTRICT')",
    )?;
    let cascade = |(parent_database, parent, child_database, child): (String, String, String, String)| Cascade {
        parent: TableId::new(parent_database, parent),
        child: TableId::new(child_database, child),
    };
    Ok(rows.into_iter().map(cascade).collect())
}

/// Whether the binlog has the rows that foreign keys change: then the server carries them out, and not InnoDB.
pub(super) fn are_logged(version: &ServerVersion, native_foreign_keys: Option<&str>) -> bool {
    version.can_log_cascades() && native_foreign_keys != Some("ON")
}

/// `tables`, and every table that changes with them.
pub(super) fn reached(tables: &[TableId], cascades: &[Cascade]) -> BTreeSet<TableId> {
    let mut reached: BTreeSet<TableId> = tables.iter().cloned().collect();
    loop {
        let known = reached.len();
        let children = cascades.iter().filter(|cascade| reached.contains(&cascade.parent));
        let children: Vec<TableId> = children.map(|cascade| cascade.child.clone()).collect();
        reached.extend(children);
        if reached.len() == known {
            return reached;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cascade, reached};
    use crate::table_id::TableId;

    fn table(name: &str) -> TableId {
        TableId::new("d", name)
    }

    #[test]
    fn cascades_are_followed_through_children_and_circles() {
        let cascade = |parent: &str, child: &str| Cascade {
            parent: table(parent),
            child: table(child),
        };
        let cascades = [
            cascade("b", "c"),
            cascade("a", "b"),
            cascade("c", "a"),
            cascade("e", "f"),
        ];
        let found: Vec<TableId> = reached(&[table("a")], &cascades).into_iter().collect();
        assert_eq!(found, ["a", "b", "c"].map(table));
        let found: Vec<TableId> = reached(&[table("f")], &cascades).into_iter().collect();
        assert_eq!(found, [table("f")]);
    }
}
