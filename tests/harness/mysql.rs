//! [`Mysql`]: SQL sessions as root.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Row, Value as SqlValue};
use serde_json::Value;

use crate::eventually::eventually;
use crate::stack::Stack;

/// A MySQL server.
#[derive(Clone)]
pub struct Mysql {
    options: Opts,
}

impl Mysql {
    /// The server of a stack.
    pub fn of(stack: &Stack) -> Result<Self> {
        let options = OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(stack.mysql_port()?)
            .user(Some("root"))
            .prefer_socket(false)
            .max_allowed_packet(Some(1 << 30));
        Ok(Mysql {
            options: options.into(),
        })
    }

    /// The same server; transactions of its sessions get GTIDs with this tag.
    pub fn tagging(&self, tag: &str) -> Self {
        let init = vec![format!("SET gtid_next = 'AUTOMATIC:{tag}'")];
        Mysql {
            options: OptsBuilder::from_opts(self.options.clone()).init(init).into(),
        }
    }

    /// The transactions that the server knows, as the text of a set.
    pub async fn executed(&self) -> Result<String> {
        let set = self.value("SELECT @@GLOBAL.gtid_executed").await?;
        Ok(set.as_str().context("a GTID set")?.replace('\n', ""))
    }

    /// Fails if a transaction of `executed` is missing in `set`.
    pub async fn is_within(&self, executed: &str, set: &str) -> Result<()> {
        let is_within = self
            .value(&format!("SELECT GTID_SUBSET('{executed}', '{set}')"))
            .await?;
        ensure!(is_within == 1, "some of {executed} is not in {set}");
        Ok(())
    }

    /// Deletes all binlogs and forgets which transactions were executed; answers where the first one begins: file, position.
    pub async fn begin_binlog_anew(&self) -> Result<(String, i64)> {
        let version = self.value("SELECT VERSION()").await?;
        // The old words were removed in 8.4, the new ones came in 8.2.
        let (reset, status) = match version.as_str().context("a version")?.starts_with("8.0.") {
            true => ("RESET MASTER", "SHOW MASTER STATUS"),
            false => ("RESET BINARY LOGS AND GTIDS", "SHOW BINARY LOG STATUS"),
        };
        self.run([reset]).await?;
        let status = self.rows(status).await?;
        let status = status.first().context("a binlog")?;
        let file = status["File"].as_str().context("File")?;
        Ok((file.to_owned(), status["Position"].as_i64().context("Position")?))
    }

    /// The threads that send binlogs, also those whose client is gone: they notice it only at their next write.
    pub async fn dumps(&self) -> Result<Vec<Value>> {
        let dumps =
            "SELECT PROCESSLIST_ID AS ID FROM performance_schema.threads WHERE PROCESSLIST_COMMAND LIKE 'Binlog Dump%'";
        self.rows(dumps).await
    }

    /// Ends all of them.
    pub async fn end_dumps(&self, within: Duration) -> Result<()> {
        eventually("no binlog dump runs", within, async || {
            let dumps = self.dumps().await?;
            for dump in &dumps {
                // It may end by itself in the meantime.
                drop(self.run([format!("KILL {}", dump["ID"])]).await);
            }
            ensure!(dumps.is_empty(), "{dumps:?}");
            Ok(())
        })
        .await
    }

    /// A session.
    pub async fn session(&self) -> Result<Session> {
        Ok(Session(
            Conn::new(self.options.clone()).await.context("connecting to MySQL")?,
        ))
    }

    /// Runs statements, one after another, in a session of their own.
    pub async fn run(&self, statements: impl IntoIterator<Item = impl AsRef<str>>) -> Result<()> {
        let mut session = self.session().await?;
        for statement in statements {
            session.run(statement).await?;
        }
        session.close().await
    }

    /// The rows of a query, in a session of its own.
    pub async fn rows(&self, query: &str) -> Result<Vec<Value>> {
        let mut session = self.session().await?;
        let rows = session.rows(query).await?;
        session.close().await?;
        Ok(rows)
    }

    /// The first column of the first row.
    pub async fn value(&self, query: &str) -> Result<Value> {
        let rows = self.rows(query).await?;
        let first = rows
            .first()
            .and_then(Value::as_object)
            .and_then(|row| row.values().next());
        first.cloned().with_context(|| format!("{query}: no rows"))
    }
}

/// One session.
pub struct Session(Conn);

impl Session {
    /// Runs a statement.
    pub async fn run(&mut self, statement: impl AsRef<str>) -> Result<()> {
        let statement = statement.as_ref();
        self.0
            .query_drop(statement)
            .await
            .with_context(|| statement.chars().take(300).collect::<String>())
    }

    /// Ends the session.
    pub async fn close(self) -> Result<()> {
        Ok(self.0.disconnect().await?)
    }

    /// The rows of a query, each an object of its columns.
    pub async fn rows(&mut self, query: &str) -> Result<Vec<Value>> {
        let rows: Vec<Row> = self.0.query(query).await.with_context(|| query.to_owned())?;
        Ok(rows.into_iter().map(object).collect())
    }
}

fn object(row: Row) -> Value {
    let names: Vec<String> = row
        .columns_ref()
        .iter()
        .map(|column| column.name_str().into_owned())
        .collect();
    let types: Vec<bool> = row
        .columns_ref()
        .iter()
        .map(|column| column.column_type().is_numeric_type())
        .collect();
    let cells = row
        .unwrap()
        .into_iter()
        .zip(types)
        .map(|(cell, numeric)| plain(cell, numeric));
    Value::Object(
        names
            .into_iter()
            .zip(cells)
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect(),
    )
}

/// Integers as numbers; everything else as the server's text.
fn plain(cell: SqlValue, numeric: bool) -> Value {
    match cell {
        SqlValue::NULL => Value::Null,
        SqlValue::Int(number) => number.into(),
        SqlValue::UInt(number) => number.into(),
        SqlValue::Bytes(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            match text.parse::<i64>() {
                Ok(number) if numeric => number.into(),
                _ => text.into(),
            }
        }
        other => other.as_sql(true).into(),
    }
}
