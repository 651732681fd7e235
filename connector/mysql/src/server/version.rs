//! [`ServerVersion`]: what a server is, and which words its release knows.

use std::fmt;

use super::connection::Connection;
use crate::error::MySqlError;

/// A server's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerVersion {
    number: (u32, u32, u32),
    text: String,
}

impl ServerVersion {
    /// Asks the server.
    pub fn read(connection: &mut Connection) -> Result<ServerVersion, MySqlError> {
        let text: Option<String> = connection.first("SELECT VERSION()")?;
        Ok(ServerVersion::parse(&text.unwrap_or_default()))
    }

    /// Reads `9.7.4`, `8.0.36-28`, `5.7.44-log` and the like; parts that are not there count as 0.
    pub fn parse(text: &str) -> ServerVersion {
        let mut parts = text.split(['.', '-', '+']).map(|part| part.parse().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        ServerVersion {
            number: (next(), next(), next()),
            text: text.to_owned(),
        }
    }

    /// The number that versioned comments are compared with: `90704` for 9.7.4.
    pub fn comment_number(&self) -> u32 {
        let (major, minor, patch) = self.number;
        major * 10_000 + minor * 100 + patch
    }

    /// Fails for a server that speaks MySQL's protocol and writes another kind of binlog. `address` is where it is.
    pub fn expect_mysql(&self, address: &str) -> Result<(), MySqlError> {
        if !self.text.to_ascii_lowercase().contains("mariadb") {
            return Ok(());
        }
        Err(MySqlError::server(format!(
            "the server at {address} is MariaDB ({self}), whose GTIDs and events are of another kind; name a server of MySQL \
             in database.hostname and database.port (Debezium has another connector for MariaDB)"
        )))
    }

    /// Whether accounts can have roles.
    pub fn has_roles(&self) -> bool {
        self.number >= (8, 0, 0)
    }

    /// Whether a transaction's view has the data dictionary, too: since the dictionary is kept in tables.
    pub fn has_transactional_dictionary(&self) -> bool {
        self.number >= (8, 0, 0)
    }

    /// Whether foreign keys can be carried out by the server, whose binlog has the rows that they change, and not by InnoDB
    /// (<https://dev.mysql.com/doc/refman/9.6/en/innodb-foreign-key-constraints.html>).
    pub fn can_log_cascades(&self) -> bool {
        self.number >= (9, 6, 0)
    }

    /// The statement that tells the current binlog file. The old name was removed in 8.4.
    pub fn binary_log_status_statement(&self) -> &'static str {
        if self.number >= (8, 2, 0) {
            "SHOW BINARY LOG STATUS"
        } else {
            "SHOW MASTER STATUS"
        }
    }

    /// The statement that lists the registered replicas. The old name was removed in 8.4.
    pub fn replicas_statement(&self) -> &'static str {
        if self.number >= (8, 0, 22) {
            "SHOW REPLICAS"
        } else {
            "SHOW SLAVE HOSTS"
        }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::ServerVersion;

    fn check(text: &str, status: &str, replicas: &str) {
        let version = ServerVersion::parse(text);
        assert_eq!(
            (version.binary_log_status_statement(), version.replicas_statement()),
            (status, replicas),
            "{text}"
        );
    }

    #[test]
    fn each_release_is_asked_in_its_own_words() {
        check("5.7.44-log", "SHOW MASTER STATUS", "SHOW SLAVE HOSTS");
        check("8.0.21", "SHOW MASTER STATUS", "SHOW SLAVE HOSTS");
        check("8.0.36-28", "SHOW MASTER STATUS", "SHOW REPLICAS");
        check("8.4.0", "SHOW BINARY LOG STATUS", "SHOW REPLICAS");
        check("9.7.4-commercial", "SHOW BINARY LOG STATUS", "SHOW REPLICAS");
    }

    #[test]
    fn mariadb_is_refused_by_name() {
        let refused = |text| {
            ServerVersion::parse(text)
                .expect_mysql("db:3306")
                .map_err(|error| error.to_string())
        };
        let reason = refused("10.11.6-MariaDB-1:10.11.6+maria~deb12").expect_err("it is no MySQL");
        assert!(reason.contains("db:3306 is MariaDB (10.11.6"), "{reason}");
        assert_eq!(refused("8.4.0"), Ok(()));
    }
}
