//! [`Grants`]: what the connected account may do, from what `SHOW GRANTS` says.
//!
//! <https://dev.mysql.com/doc/refman/en/show-grants.html>. Privileges revoked for single databases from a global grant
//! (`partial_revokes`) are not followed: the server refuses in its own words then.

use super::connection::Connection;
use super::version::ServerVersion;
use crate::error::MySqlError;
use crate::table_id::TableId;

/// An account's privileges, its active roles included.
#[derive(Debug, Default)]
pub(super) struct Grants(Vec<Grant>);

#[derive(Debug)]
struct Grant {
    privileges: Vec<String>,
    /// `*.*`, `` `d`.* `` or `` `d`.`t` ``.
    object: String,
    is_global: bool,
}

impl Grants {
    /// Asks the server.
    pub(super) fn read(connection: &mut Connection, version: &ServerVersion) -> Result<Grants, MySqlError> {
        let roles: Option<String> = match version.has_roles() {
            true => connection.first("SELECT CURRENT_ROLE()")?,
            false => None,
        };
        let sql = match roles.as_deref() {
            None | Some("" | "NONE") => "SHOW GRANTS".to_owned(),
            Some(roles) => format!("SHOW GRANTS FOR CURRENT_USER() USING {roles}"),
        };
        let lines: Vec<String> = connection.rows(&sql)?;
        Ok(Grants::parse(&lines))
    }

    /// Reads the lines of `SHOW GRANTS`. Lines that grant roles and not privileges are left out.
    pub(super) fn parse(lines: &[String]) -> Grants {
        Grants(lines.iter().filter_map(|line| Grant::parse(line)).collect())
    }

    /// Whether a privilege is held on everything.
    pub(super) fn has_globally(&self, privilege: &str) -> bool {
        self.0.iter().any(|grant| grant.is_global && grant.has(privilege))
    }

    /// Whether a privilege is certainly held on a table. Patterns of databases are not followed.
    pub(super) fn has_on(&self, privilege: &str, table: &TableId) -> bool {
        let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
        let (database, name) = (quoted(&table.database), quoted(&table.table));
        let objects = ["*.*".to_owned(), format!("{database}.*"), format!("{database}.{name}")];
        let mut grants = self.0.iter().filter(|grant| grant.has(privilege));
        // In a grant on a database an underscore that means itself has a backslash.
        grants.any(|grant| objects.contains(&grant.object.replace("\\_", "_")))
    }

    /// Whether a privilege is held on anything at all.
    pub(super) fn has_anywhere(&self, privilege: &str) -> bool {
        self.0.iter().any(|grant| grant.has(privilege))
    }

    /// Those of `privileges` that are held on everything.
    pub(super) fn held_globally<'a>(&self, privileges: &[&'a str]) -> Vec<&'a str> {
        privileges
            .iter()
            .copied()
            .filter(|privilege| self.has_globally(privilege))
            .collect()
    }
}

impl Grant {
    /// `GRANT a, b (column), c ON object TO account`.
    fn parse(line: &str) -> Option<Grant> {
        let rest = line.strip_prefix("GRANT ")?;
        // The first ON outside of quotes: in a role's name there may be another.
        let on = outside_of_quotes(rest, " ON ")?;
        let (privileges, object) = (rest.get(..on)?, rest.get(on + 4..)?);
        Some(Grant {
            privileges: privileges
                .split(',')
                .map(|privilege| privilege.trim().to_ascii_uppercase())
                .collect(),
            object: object.split(" TO ").next().unwrap_or_default().to_owned(),
            is_global: object.starts_with("*.*"),
        })
    }

    fn has(&self, privilege: &str) -> bool {
        self.privileges
            .iter()
            .any(|held| held == privilege || held == "ALL PRIVILEGES" || held == "ALL")
    }
}

fn outside_of_quotes(text: &str, wanted: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, char)| {
        quoted ^= char == '`';
        (!quoted && text.get(at..)?.starts_with(wanted)).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::Grants;
    use crate::table_id::TableId;

    fn grants(lines: &[&str]) -> Grants {
        Grants::parse(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn global_and_partial_grants_are_told_apart() {
        let grants = grants(&[
            "GRANT SELECT, REPLICATION SLAVE ON *.* TO `u`@`%`",
            "GRANT BINLOG_ADMIN,FLUSH_TABLES ON *.* TO `u`@`%` WITH GRANT OPTION",
            "GRANT LOCK TABLES, INSERT (`a`, `b`) ON `inventory`.* TO `u`@`%`",
            "GRANT `reader ON *.*`@`%` TO `u`@`%`",
        ]);
        assert!(grants.has_globally("SELECT") && grants.has_globally("FLUSH_TABLES"));
        assert!(!grants.has_globally("LOCK TABLES") && grants.has_anywhere("LOCK TABLES"));
        assert!(!grants.has_anywhere("RELOAD"));
        assert_eq!(
            grants.held_globally(&["INSERT", "REPLICATION SLAVE"]),
            ["REPLICATION SLAVE"]
        );
    }

    #[test]
    fn a_privilege_on_a_table_is_held_by_table_database_or_everything() {
        let held = |line: &str| grants(&[line]).has_on("TRIGGER", &TableId::new("to_ols", "h"));
        assert!(held("GRANT TRIGGER ON *.* TO `u`@`%`"));
        assert!(held(
            "GRANT SELECT, TRIGGER ON `to\\_ols`.* TO `u`@`%` WITH GRANT OPTION"
        ));
        assert!(held("GRANT TRIGGER ON `to_ols`.`h` TO `u`@`%`"));
        assert!(!held("GRANT TRIGGER ON `to_ols`.`i` TO `u`@`%`"));
        assert!(!held("GRANT SELECT ON *.* TO `u`@`%`"));
    }

    #[test]
    fn all_privileges_are_all_privileges() {
        assert!(
            grants(&["GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION"]).has_globally("RELOAD")
        );
    }
}
