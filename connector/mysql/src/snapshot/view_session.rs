//! [`ViewSession`]: the session whose transaction is a view, and the names of the tables in it.
//!
//! Whoever reads a table in a transaction holds its metadata until the transaction ends: a statement that changes the table
//! waits for it, and every later statement on the table waits for that one. So each table is let go as soon as it is read, by
//! going back to a savepoint that is as old as the view. The view itself stays
//! (<https://dev.mysql.com/doc/refman/en/savepoint.html>).

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::identity::Names;
use crate::error::MySqlError;
use crate::server::Connection;
use crate::table_id::TableId;

/// The savepoint before which nothing is held.
const HOLDS_NOTHING: &str = "rowmill_view";
/// How long an answer may take that needs no table.
const ANSWER: Duration = Duration::from_secs(10);

/// Reads tables in a view, one after the other.
pub struct ViewSession {
    connection: Connection,
    names: Names,
}

impl ViewSession {
    /// Opens a view in this session. `names` has watched since before the lock that keeps writers out.
    pub(super) fn open(mut connection: Connection, names: Names) -> Result<Self, MySqlError> {
        connection.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")?;
        connection.execute(&format!("SAVEPOINT {HOLDS_NOTHING}"))?;
        Ok(ViewSession { connection, names })
    }

    /// The session itself, for questions about the server.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Whether a condition on values is true.
    pub(super) fn is_true(&mut self, question: &str) -> Result<bool, MySqlError> {
        let answer: Option<i64> = self.connection.first_within(ANSWER, question)?;
        Ok(answer == Some(1))
    }

    /// The session's number on the server.
    pub(super) fn id(&self) -> u32 {
        self.connection.id()
    }

    /// Where statements are run, for results too large to hold.
    pub(super) fn driver(&mut self) -> &mut Conn {
        self.connection.driver().0
    }

    /// Holds `table` under its name, after waiting for statements that change it. Answers whether the name still means the
    /// table that it meant when the view opened.
    pub(super) async fn hold(&mut self, table: &TableId) -> Result<bool, mysql_async::Error> {
        let view = self.connection.driver().0;
        view.query_drop(format!("SELECT 1 FROM {} LIMIT 0", table.quoted()))
            .await?;
        self.names.are_unchanged(view, table).await
    }

    /// Lets go of what is held.
    pub(super) async fn let_go(&mut self) -> Result<(), mysql_async::Error> {
        let view = self.connection.driver().0;
        view.query_drop(format!("ROLLBACK TO SAVEPOINT {HOLDS_NOTHING}")).await
    }

    /// Ends the view.
    pub fn close(self) {
        self.connection.close();
        self.names.close();
    }
}
