//! [`Site`]: a server with an application at work, and a worker.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::eventually::eventually;
use harness::mysql::Session;
use harness::names::Names;
use harness::pipeline::{Pipeline, SOON};
use harness::pulse::{Beat, Pulse};
use harness::stack::{KillableStack, killable};

use super::report::is_ours;
use super::{PATIENCE, SESSIONS_END};

/// Rows of `wide`, 20 kB each: more than sockets hold.
const WIDE_ROWS: i64 = 1500;

/// A server with an application at work, and a worker.
pub(super) struct Site {
    pub(super) stack: KillableStack,
    pub(super) pipeline: Pipeline,
    /// The captured one.
    pub(super) database: String,
    pub(super) other: String,
    /// The account of the connector.
    pub(super) user: String,
}

impl Site {
    pub(super) async fn begin(about: &str, grants: &[&str]) -> Result<Site> {
        let stack = killable().await?;
        let mut pipeline = Pipeline::new(&stack, about)?;
        let database = pipeline.names.database().to_owned();
        let (other, user) = (format!("{database}_other"), format!("{about}_user"));
        let wide = format!(
            "INSERT INTO {database}.wide WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {WIDE_ROWS}) \
             SELECT id, REPEAT('wide', 5000) FROM n"
        );
        let mut statements: Vec<String> = [&database, &other]
            .iter()
            .flat_map(|name| {
                [
                    format!("CREATE DATABASE IF NOT EXISTS {name}"),
                    format!("CREATE TABLE {name}.entries (id BIGINT PRIMARY KEY AUTO_INCREMENT)"),
                ]
            })
            .collect();
        statements.extend([
            format!("CREATE TABLE {other}.read_for_long (id BIGINT PRIMARY KEY AUTO_INCREMENT)"),
            format!("INSERT INTO {other}.read_for_long VALUES (1)"),
            format!("CREATE TABLE {other}.altered (id BIGINT PRIMARY KEY AUTO_INCREMENT)"),
            format!("CREATE TABLE {database}.altered (id BIGINT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(10))"),
            format!("CREATE TABLE {database}.wide (id BIGINT PRIMARY KEY, text TEXT)"),
            "SET cte_max_recursion_depth = 5000".to_owned(),
            wide,
            format!("DROP USER IF EXISTS {user}"),
            format!("CREATE USER {user} IDENTIFIED BY 'production'"),
        ]);
        statements.extend(
            grants
                .iter()
                .map(|grant| format!("GRANT {} TO {user}", grant.replace("{database}", &database))),
        );
        pipeline.mysql.run(statements).await?;
        pipeline.worker.start().await?;
        Ok(Site {
            stack,
            pipeline,
            database,
            other,
            user,
        })
    }

    /// The configuration of a connector that nobody has used before, and of which `pipeline.names` are from now on.
    pub(super) fn fresh_connector(&mut self, number: usize, port: u16) -> Result<ConnectorConfig> {
        self.pipeline.names = Names {
            own: format!("{}_{number}", self.database),
        };
        let config = ConnectorConfig::mysql(&self.stack, &self.pipeline.names)?
            .with("database.include.list", &self.database)
            .with("database.port", &port.to_string())
            .with("database.user", &self.user)
            .with("database.password", "production")
            .with("database.ssl.mode", "disabled")
            .with("snapshot.lock.timeout.ms", &PATIENCE.as_millis().to_string());
        // Debezium demands a number, and leave to log in without TLS.
        Ok(match is_ours() {
            true => config.without("database.server.id"),
            false => config.with("driver.allowPublicKeyRetrieval", "true"),
        })
    }

    /// The application.
    pub(super) async fn pulse(&self, more: Vec<Beat>) -> Result<Pulse> {
        let (database, other) = (&self.database, &self.other);
        let mut beats = vec![
            Beat::insert(&format!("{database}.entries")),
            Beat::insert(&format!("{other}.entries")),
            Beat::alter(&format!("{other}.altered"), Duration::from_secs(3)),
            Beat::redefine(&format!("{database}.altered"), "v", Duration::from_secs(2)),
        ];
        beats.extend(more);
        Pulse::start(&self.pipeline.mysql, beats).await
    }

    /// The application, also in the table that somebody reads for long.
    pub(super) async fn pulse_in_the_table_that_is_read(&self) -> Result<Pulse> {
        self.pulse(vec![Beat::insert(&format!("{}.read_for_long", self.other))])
            .await
    }

    /// A statement of somebody else that reads a table for so long, and is seen to do so.
    pub(super) async fn long_statement(&self, seconds: u64) -> Result<tokio::task::JoinHandle<Result<Session>>> {
        let mut session = self.pipeline.mysql.session().await?;
        let statement = format!("SELECT SLEEP({seconds}) FROM {}.read_for_long WHERE id = 1", self.other);
        let running = tokio::spawn(async move {
            session.run(statement).await?;
            Ok(session)
        });
        eventually("the long statement runs", SOON, async || {
            let running = self.sessions("info LIKE 'SELECT SLEEP%' AND time >= 1").await?;
            ensure!(!running.is_empty(), "it does not run");
            Ok(())
        })
        .await?;
        Ok(running)
    }

    pub(super) async fn sessions(&self, condition: &str) -> Result<Vec<serde_json::Value>> {
        let query = format!(
            "SELECT id AS id, command, time, state, info FROM information_schema.processlist WHERE {condition}"
        );
        self.pipeline.mysql.rows(&query).await
    }

    async fn own_sessions(&self) -> Result<Vec<serde_json::Value>> {
        self.sessions(&format!("user = '{}'", self.user)).await
    }

    pub(super) async fn has_no_sessions(&self) -> Result<()> {
        eventually("the server has no session of the worker's", SESSIONS_END, async || {
            let left = self.own_sessions().await?;
            ensure!(left.is_empty(), "{left:?}");
            Ok(())
        })
        .await
    }

    /// A start at the stored offset goes on with the snapshot.
    pub(super) async fn is_inside_of_a_snapshot(&self, within: Duration) -> Result<()> {
        let rest = self.pipeline.rest()?;
        let look = async || {
            let offset = rest.offset(self.pipeline.names.connector()).await?;
            let is_inside = offset.as_object().is_some_and(|fields| fields.contains_key("snapshot"));
            ensure!(is_inside, "the stored offset is inside of no snapshot: {offset}");
            Ok(())
        };
        let worker = &self.pipeline.worker;
        worker
            .eventually("an offset of the snapshot is stored", within, look)
            .await
    }

    /// Every transaction of this set is in the stored offset.
    pub(super) async fn has_streamed(&self, executed: &str) -> Result<()> {
        let rest = self.pipeline.rest()?;
        let look = async || {
            let offset = rest.offset(self.pipeline.names.connector()).await?;
            let stored = offset["gtids"].as_str().context("a GTID set in the offset")?;
            self.pipeline.mysql.is_within(executed, stored).await
        };
        let worker = &self.pipeline.worker;
        worker.eventually("what was executed is streamed", SOON, look).await
    }

    /// The worker that was killed starts again, and ends the sessions that the server still has of it: it has not noticed that
    /// nobody reads them, and would wait for minutes.
    pub(super) async fn start_ends_sessions(&mut self) -> Result<()> {
        let orphans = self.own_sessions().await?;
        ensure!(!orphans.is_empty(), "the server has ended all sessions by itself");
        self.pipeline.worker.start().await?;
        eventually(
            "the sessions of the worker before have ended",
            SESSIONS_END,
            async || {
                let is_orphan =
                    |session: &serde_json::Value| orphans.iter().any(|orphan| orphan["id"] == session["id"]);
                let left: Vec<_> = self.own_sessions().await?.into_iter().filter(is_orphan).collect();
                ensure!(left.is_empty(), "{left:?}");
                Ok(())
            },
        )
        .await?;
        let log = self.pipeline.worker.log()?;
        ensure!(
            log.contains("ended a session that an earlier start of this task has left behind"),
            "the sessions have ended by themselves: {orphans:?}"
        );
        Ok(())
    }
}
