//! What production feels: an application's statements beside a snapshot that begins, is disturbed and begins again.
//!
//! Single INSERTs every 20 ms into captured and other tables, and an ALTER now and then. No statement may wait for longer than the
//! user's patience with the lock (`snapshot.lock.timeout.ms`) and a second, whatever happens to the snapshot; and when a worker is
//! gone, so are its sessions.
//!
//! A run of the suite takes a minute or two of it. `scripts/production` sets `ROWMILL_PRODUCTION`: longer statements, 3,000 tables,
//! every phase and every disturbance. It names a file, to which each case appends its line of a table. With
//! `ROWMILL_PRODUCTION_OF` it is somebody else's worker that `ROWMILL_BIN` runs: what is felt is written down, and not judged.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::eventually::{eventually, moment};
use harness::mysql::Session;
use harness::names::Names;
use harness::pipeline::{Pipeline, SOON};
use harness::pulse::{Beat, Felt, Pulse};
use harness::stack::{KillableStack, Service, killable};
use harness::tcp_proxy::{Hearing, TcpProxy};
use tokio::sync::watch;

/// `snapshot.lock.timeout.ms`.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest that a statement may wait.
const BOUND: Duration = Duration::from_secs(4);
/// When a worker is gone, so are its sessions.
const SESSIONS_END: Duration = Duration::from_secs(10);
/// A request is answered, on a busy machine.
const PROMPTLY: Duration = Duration::from_secs(5);
/// A worker that is suspended for longer than the bound.
const SUSPENDED: Duration = Duration::from_secs(6);
/// Rows of `wide`, 20 kB each: more than sockets hold.
const WIDE_ROWS: i64 = 1500;

const MATRIX: &str = "ROWMILL_PRODUCTION";

const OTHERS: &str = "ROWMILL_PRODUCTION_OF";

/// Whether all cases are wanted, or those of a run of the suite.
fn all() -> bool {
    std::env::var_os(MATRIX).is_some()
}

/// Whether the worker is ours, so that a promise of ours may be broken.
fn is_ours() -> bool {
    std::env::var_os(OTHERS).is_none()
}

fn write_down(line: &str) -> Result<()> {
    if let Some(file) = std::env::var_os(MATRIX) {
        writeln!(File::options().create(true).append(true).open(file)?, "{line}")?;
    }
    Ok(())
}

/// A promise of ours: broken, it fails the test. Of somebody else's worker it is written down what happened instead.
fn promised(case: &str, kept: Result<()>) -> Result<()> {
    match kept {
        Err(error) if !is_ours() => write_down(&format!("| {case} | {} | |", error.root_cause())),
        kept => kept,
    }
}

/// A server with an application at work, and a worker.
struct Production {
    stack: KillableStack,
    pipeline: Pipeline,
    /// The captured one.
    database: String,
    other: String,
    /// The account of the connector.
    user: String,
}

impl Production {
    async fn begin(about: &str, grants: &[&str]) -> Result<Production> {
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
        Ok(Production {
            stack,
            pipeline,
            database,
            other,
            user,
        })
    }

    /// The configuration of a connector that nobody has used before, and of which `pipeline.names` are from now on.
    fn fresh_connector(&mut self, number: usize, port: u16) -> Result<ConnectorConfig> {
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
    async fn pulse(&self, more: Vec<Beat>) -> Result<Pulse> {
        let (database, other) = (&self.database, &self.other);
        let mut beats = vec![
            Beat::insert(&format!("{database}.entries")),
            Beat::insert(&format!("{other}.entries")),
            Beat::alter(&format!("{other}.altered"), Duration::from_secs(3)),
        ];
        beats.extend(more);
        Pulse::start(&self.pipeline.mysql, beats).await
    }

    /// The application, also in the table that somebody reads for long.
    async fn pulse_in_the_table_that_is_read(&self) -> Result<Pulse> {
        self.pulse(vec![Beat::insert(&format!("{}.read_for_long", self.other))])
            .await
    }

    /// A statement of somebody else that reads a table for so long, and is seen to do so.
    async fn long_statement(&self, seconds: u64) -> Result<tokio::task::JoinHandle<Result<Session>>> {
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

    async fn sessions(&self, condition: &str) -> Result<Vec<serde_json::Value>> {
        let query = format!(
            "SELECT id AS id, command, time, state, info FROM information_schema.processlist WHERE {condition}"
        );
        self.pipeline.mysql.rows(&query).await
    }

    async fn own_sessions(&self) -> Result<Vec<serde_json::Value>> {
        self.sessions(&format!("user = '{}'", self.user)).await
    }

    async fn has_no_sessions(&self) -> Result<()> {
        eventually("the server has no session of the worker's", SESSIONS_END, async || {
            let left = self.own_sessions().await?;
            ensure!(left.is_empty(), "{left:?}");
            Ok(())
        })
        .await
    }

    /// The worker that was killed starts again, and ends the sessions that the server still has of it: it has not noticed that
    /// nobody reads them, and would wait for minutes.
    async fn start_ends_sessions(&mut self) -> Result<()> {
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

/// Fails if a statement had to wait for longer than it may; otherwise says what was felt.
fn bearable(case: &str, felt: &[Felt], bound: Duration) -> Result<()> {
    let slowest = felt.iter().max_by_key(|felt| felt.longest).context("a beat")?;
    let statements: u64 = felt.iter().map(|felt| felt.statements).sum();
    write_down(&format!(
        "| {case} | {} ms | {statements} |",
        slowest.longest.as_millis()
    ))?;
    ensure!(
        slowest.longest <= bound || !is_ours(),
        "{case}: {} waited for {:?}, which is more than {bound:?}",
        slowest.name,
        slowest.longest
    );
    Ok(())
}

const FULL: &[&str] =
    &["SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT, LOCK TABLES, XA_RECOVER_ADMIN ON *.*"];
const WITHOUT_LOCK_TABLES: &[&str] = &["SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE, REPLICATION CLIENT ON *.*"];
const SEES_NO_STATEMENTS: &[&str] = &[
    "RELOAD, REPLICATION SLAVE, REPLICATION CLIENT ON *.*",
    "SELECT ON {database}.*",
];
/// How a session begins to lock tables by their names.
const LOCKS_TABLES: &str = "LOCK TABLES `";
const WITHOUT_RELOAD: &[&str] = &[
    "REPLICATION SLAVE, REPLICATION CLIENT ON *.*",
    "SELECT, LOCK TABLES ON {database}.*",
];

async fn a_snapshot_begins_beside_a_statement(about: &str, grants: &[&str], seconds: &[u64]) -> Result<()> {
    let mut production = Production::begin(about, grants).await?;
    let port = production.stack.mysql_port()?;
    for (number, seconds) in seconds.iter().enumerate() {
        let config = production.fresh_connector(number, port)?;
        let running = production.long_statement(*seconds).await?;
        // Who may not see statements cannot keep clear of them: their own table waits with them, in MySQL's way.
        let pulse = match grants == SEES_NO_STATEMENTS {
            true => production.pulse(Vec::new()).await?,
            false => production.pulse_in_the_table_that_is_read().await?,
        };
        let began = Instant::now();
        production.pipeline.create(&config).await?;
        production.pipeline.is_streaming(SOON * 3).await?;
        running.await??.close().await?;
        let (took, felt) = (began.elapsed(), pulse.stop().await?);
        bearable(&format!("{about}: beside a statement of {seconds} s"), &felt, BOUND)?;
        for Felt { name, held_up, .. } in felt {
            ensure!(
                held_up * 2 <= took || !is_ours(),
                "{name} was held up for {held_up:?} of {took:?}"
            );
        }
        production
            .pipeline
            .rest()?
            .delete(production.pipeline.names.connector())
            .await?;
    }
    production.pipeline.stop().await
}

fn lengths(in_the_suite: u64) -> Vec<u64> {
    if all() { vec![1, 5, 60] } else { vec![in_the_suite] }
}

/// A global lock beside it would keep the statement's table from everybody until the statement ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_begins_beside_a_long_statement_holds_nobody_up() -> Result<()> {
    a_snapshot_begins_beside_a_statement("beside", FULL, &lengths(5)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_may_lock_no_tables_waits_for_the_long_statement() -> Result<()> {
    a_snapshot_begins_beside_a_statement("patient", WITHOUT_LOCK_TABLES, &lengths(5)).await
}

/// `FLUSH TABLES WITH READ LOCK` that fails by its time-out keeps what it has: the lock that stops all writers.
#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_the_lock_that_fail_leave_nothing_behind() -> Result<()> {
    a_snapshot_begins_beside_a_statement("blind", SEES_NO_STATEMENTS, &lengths(8)).await
}

/// The rights are there; it is the transaction that has to end.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_keeps_table_locks_from_us_is_waited_for() -> Result<()> {
    let mut production = Production::begin("open", WITHOUT_RELOAD).await?;
    let proxy = TcpProxy::to(production.stack.mysql_port()?).await?;
    let config = production.fresh_connector(0, proxy.port())?;
    let gone = format!("{}.gone", production.database);
    let create = format!("CREATE TABLE {gone} (id BIGINT PRIMARY KEY)");
    production.pipeline.mysql.run([create]).await?;
    let mut transaction = production.pipeline.mysql.session().await?;
    transaction.run("BEGIN").await?;
    transaction
        .run(format!("INSERT INTO {}.entries VALUES ()", production.database))
        .await?;
    let pulse = production.pulse(Vec::new()).await?;
    // Its tables are locked by their names, and one of them goes before it is.
    let heard = proxy.listen_for(LOCKS_TABLES, Hearing::Hold)?;
    production.pipeline.create(&config).await?;
    is_said(heard, LOCKS_TABLES).await?;
    production.pipeline.mysql.run([format!("DROP TABLE {gone}")]).await?;
    proxy.release();
    let worker = &production.pipeline.worker;
    let look = async || {
        ensure!(
            worker.log()?.contains("no read lock for the snapshot within"),
            "the attempts are not over"
        );
        Ok(())
    };
    worker.eventually("the attempts are over", SOON, look).await?;
    transaction.run("COMMIT").await?;
    production.pipeline.is_streaming(SOON).await?;
    bearable(
        "beside an open transaction, without RELOAD",
        &pulse.stop().await?,
        BOUND,
    )?;
    transaction.close().await?;
    production.pipeline.stop().await
}

/// Where a snapshot is, by what it says to the server.
#[derive(Debug, Clone, Copy)]
enum Phase {
    AsksForTheLock,
    HoldsTheLock,
    GivesTheLockBack,
    Reads,
}

impl Phase {
    fn statement(self) -> &'static str {
        match self {
            Phase::AsksForTheLock => "FLUSH TABLES WITH READ LOCK",
            Phase::HoldsTheLock => "START TRANSACTION WITH CONSISTENT SNAPSHOT",
            Phase::GivesTheLockBack => "UNLOCK TABLES",
            Phase::Reads => "SELECT `id`, `text`",
        }
    }
}

/// What happens to it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disturbance {
    WorkerKilled,
    WorkerSuspended,
    /// The network drops the route, and the worker has to notice.
    Silence,
    /// The same, and the worker is killed and started again.
    SilenceAndWorkerKilled,
    /// As its time-outs do.
    ServerEndsSessions,
    ConnectorDeleted,
    ConnectorPaused,
    ConnectorStopped,
    ConnectorRestarted,
    KafkaSuspended,
}

impl Disturbance {
    async fn happen(self, production: &mut Production) -> Result<()> {
        let connector = production.pipeline.names.connector().to_owned();
        let rest = production.pipeline.rest()?;
        match self {
            Disturbance::WorkerKilled => {
                production.pipeline.worker.kill()?;
                production.has_no_sessions().await?;
                production.pipeline.worker.start().await
            }
            Disturbance::WorkerSuspended => {
                production.pipeline.worker.suspend()?;
                moment(SUSPENDED).await;
                production.pipeline.worker.resume()
            }
            Disturbance::Silence => Ok(()),
            Disturbance::SilenceAndWorkerKilled => {
                production.pipeline.worker.kill()?;
                moment(SUSPENDED).await;
                production.start_ends_sessions().await
            }
            Disturbance::ServerEndsSessions => {
                for session in production.sessions(&format!("user = '{}'", production.user)).await? {
                    // It may end by itself in the meantime.
                    drop(production.pipeline.mysql.run([format!("KILL {}", session["id"])]).await);
                }
                Ok(())
            }
            Disturbance::ConnectorDeleted => {
                rest.delete(&connector).await?;
                production.has_no_sessions().await
            }
            Disturbance::ConnectorPaused | Disturbance::ConnectorStopped => {
                let what = if self == Disturbance::ConnectorPaused {
                    "pause"
                } else {
                    "stop"
                };
                rest.ask(&connector, what).await?;
                production.has_no_sessions().await?;
                rest.ask(&connector, "resume").await
            }
            Disturbance::ConnectorRestarted => {
                let path = format!("/connectors/{connector}/restart?includeTasks=true");
                rest.call(reqwest::Method::POST, &path, None).await.map(|_| ())
            }
            Disturbance::KafkaSuspended => {
                production.stack.pause(Service::Kafka)?;
                moment(SUSPENDED).await;
                production.stack.resume(Service::Kafka)
            }
        }
    }

    fn silences(self) -> bool {
        matches!(self, Disturbance::Silence | Disturbance::SilenceAndWorkerKilled)
    }
}

/// Waits until the snapshot says what is listened for.
async fn is_said(mut heard: watch::Receiver<u64>, statement: &str) -> Result<()> {
    let reached = tokio::time::timeout(SOON, heard.changed()).await;
    reached.with_context(|| format!("the snapshot never said {statement}"))??;
    Ok(())
}

async fn a_snapshot_is_disturbed(about: &str, cases: &[(Phase, Disturbance)]) -> Result<()> {
    let mut production = Production::begin(about, FULL).await?;
    for (number, (phase, disturbance)) in cases.iter().enumerate() {
        let case = format!("{phase:?}, {disturbance:?}");
        let proxy = TcpProxy::to(production.stack.mysql_port()?).await?;
        let config = production.fresh_connector(number, proxy.port())?;
        let pulse = production.pulse(Vec::new()).await?;
        let then = if disturbance.silences() {
            Hearing::FallSilent
        } else {
            Hearing::Tell
        };
        let heard = proxy.listen_for(phase.statement(), then)?;
        production.pipeline.create(&config).await?;
        let goes_on = a_snapshot_goes_on(&mut production, *phase, *disturbance, heard).await;
        promised(&case, goes_on)?;
        if !is_ours() {
            // Somebody has to, or the application waits for ever.
            Disturbance::ServerEndsSessions.happen(&mut production).await?;
        }
        if *disturbance != Disturbance::ConnectorDeleted {
            let rest = production.pipeline.rest()?;
            promised(&case, rest.delete(production.pipeline.names.connector()).await)?;
        }
        bearable(&case, &pulse.stop().await?, BOUND)?;
        promised(&case, production.has_no_sessions().await)?;
    }
    production.pipeline.stop().await
}

/// The disturbance, when the snapshot has come to that phase; and the end of the snapshot.
async fn a_snapshot_goes_on(
    production: &mut Production,
    phase: Phase,
    disturbance: Disturbance,
    heard: watch::Receiver<u64>,
) -> Result<()> {
    is_said(heard, phase.statement()).await?;
    disturbance.happen(production).await?;
    match disturbance {
        Disturbance::ConnectorDeleted => Ok(()),
        _ => production.pipeline.is_streaming(SOON * 3).await,
    }
}

const PHASES: [Phase; 4] = [
    Phase::AsksForTheLock,
    Phase::HoldsTheLock,
    Phase::GivesTheLockBack,
    Phase::Reads,
];
const DISTURBANCES: [Disturbance; 10] = [
    Disturbance::WorkerKilled,
    Disturbance::WorkerSuspended,
    Disturbance::Silence,
    Disturbance::SilenceAndWorkerKilled,
    Disturbance::ServerEndsSessions,
    Disturbance::ConnectorDeleted,
    Disturbance::ConnectorPaused,
    Disturbance::ConnectorStopped,
    Disturbance::ConnectorRestarted,
    Disturbance::KafkaSuspended,
];

/// Its lock, and what it reads, end with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_is_disturbed_in_any_phase_holds_nobody_up() -> Result<()> {
    let every = PHASES
        .iter()
        .flat_map(|phase| DISTURBANCES.iter().map(|disturbance| (*phase, *disturbance)));
    let some = [
        (Phase::AsksForTheLock, Disturbance::SilenceAndWorkerKilled),
        (Phase::HoldsTheLock, Disturbance::WorkerSuspended),
        (Phase::HoldsTheLock, Disturbance::Silence),
        (Phase::Reads, Disturbance::WorkerKilled),
        (Phase::Reads, Disturbance::SilenceAndWorkerKilled),
        (Phase::Reads, Disturbance::ServerEndsSessions),
        (Phase::Reads, Disturbance::ConnectorDeleted),
    ];
    let cases: Vec<_> = if all() { every.collect() } else { some.to_vec() };
    a_snapshot_is_disturbed("disturbed", &cases).await
}

/// A sixth of them captured.
async fn with_many_tables(about: &str, tables: i64) -> Result<Production> {
    let production = Production::begin(about, FULL).await?;
    let creates = (0..tables).map(|n| {
        let database = if n % 6 == 0 {
            &production.database
        } else {
            &production.other
        };
        format!(
            "CREATE TABLE {database}.many_{n} (id BIGINT PRIMARY KEY, a INT, b VARCHAR(20) NOT NULL, UNIQUE KEY (a))"
        )
    });
    let creates: Vec<String> = creates.collect();
    production.pipeline.mysql.run(creates).await?;
    Ok(production)
}

/// Definitions are read before and after the lock, not under it. A table that is gone when its turn comes is none of the
/// snapshot's.
#[tokio::test(flavor = "multi_thread")]
async fn many_tables_do_not_make_the_lock_last_and_may_be_dropped_meanwhile() -> Result<()> {
    let tables = if all() { 3000 } else { 1000 };
    let mut production = with_many_tables("many", tables).await?;
    if !is_ours() {
        // What follows is about our own statements.
        let config = production.fresh_connector(0, production.stack.mysql_port()?)?;
        let pulse = production.pulse(Vec::new()).await?;
        production.pipeline.create(&config).await?;
        production.pipeline.is_streaming(SOON * 15).await?;
        return bearable(&format!("{tables} tables"), &pulse.stop().await?, BOUND);
    }
    let (database, other) = (production.database.clone(), production.other.clone());
    let gone = format!("{database}_zz");
    let creates = [
        format!("CREATE DATABASE {gone}"),
        format!("CREATE TABLE {gone}.t (id INT)"),
    ];
    production.pipeline.mysql.run(creates).await?;

    let proxy = TcpProxy::to(production.stack.mysql_port()?).await?;
    let config = production.fresh_connector(0, proxy.port())?;
    let pulse = production.pulse(Vec::new()).await?;
    // None of these tables is captured. The first was listed and is read before the lock, the second has changed since and is read
    // again behind the lock, the third goes while rows are read.
    let begins = format!("SHOW CREATE TABLE `{gone}`.`t`");
    let heard = proxy.listen_for(&begins, Hearing::Hold)?;
    production.pipeline.create(&config).await?;
    is_said(heard, &begins).await?;
    let changes = [
        format!("DROP DATABASE {gone}"),
        format!("ALTER TABLE {other}.many_1 ADD c INT"),
        format!("CREATE TABLE {other}.new (id INT)"),
    ];
    production.pipeline.mysql.run(changes).await?;
    for (statement, table) in [
        (format!("SHOW CREATE TABLE `{other}`.`many_1`"), "many_1"),
        (Phase::Reads.statement().to_owned(), "new"),
    ] {
        let heard = proxy.listen_for(&statement, Hearing::Hold)?;
        proxy.release();
        is_said(heard, &statement).await?;
        let drop = format!("DROP TABLE {other}.{table}");
        production.pipeline.mysql.run([drop]).await?;
    }
    proxy.release();
    production.pipeline.is_streaming(SOON * 15).await?;
    let log = production.pipeline.worker.log()?;
    // The application's ALTERs may be a reason to open another view.
    let is_failure = |line: &&str| line.contains("task failed") && !line.contains("goes on in a fresh view");
    let failure = log.lines().find(is_failure);
    ensure!(failure.is_none(), "it has failed in between: {failure:?}");
    let case = format!("{tables} tables, a sixth of them captured");
    bearable(&case, &pulse.stop().await?, BOUND)?;

    production
        .pipeline
        .rest()?
        .delete(production.pipeline.names.connector())
        .await?;
    production.has_no_sessions().await?;
    for (number, disturbance) in [(1, Disturbance::ConnectorStopped), (2, Disturbance::ConnectorDeleted)] {
        is_interrupted_while_it_announces(&mut production, number, disturbance, 2 * tables)
            .await
            .with_context(|| format!("{disturbance:?}"))?;
    }
    // Later snapshots of this server would read them all.
    let drops = [database, other].map(|database| format!("DROP DATABASE {database}"));
    production.pipeline.mysql.run(drops).await?;
    production.pipeline.stop().await
}

/// The history gets a record of every table before the first row. The end of that is not waited for, and the next start begins it anew.
async fn is_interrupted_while_it_announces(
    production: &mut Production,
    number: usize,
    disturbance: Disturbance,
    statements: i64,
) -> Result<()> {
    let table = format!("{}.many_0", production.database);
    // One record in a request, and one request after the other, make it last.
    let config = production
        .fresh_connector(number, production.stack.mysql_port()?)?
        .with("table.include.list", &table)
        .with("schema.history.internal.producer.batch.size", "1")
        .with(
            "schema.history.internal.producer.max.in.flight.requests.per.connection",
            "1",
        );
    production.pipeline.create(&config).await?;
    let history = production.pipeline.names.history_topic();
    let recorded = async || anyhow::Ok(production.pipeline.committed.ends(&history)?.into_iter().sum::<i64>());
    let look = async || {
        ensure!(recorded().await? > 0, "the history is empty");
        Ok(())
    };
    let worker = &production.pipeline.worker;
    worker.eventually("the history is being written", SOON, look).await?;
    let connector = production.pipeline.names.connector();
    let rest = production.pipeline.rest()?.with_patience(PROMPTLY)?;
    match disturbance {
        Disturbance::ConnectorDeleted => rest.delete(connector).await?,
        _ => rest.ask(connector, "stop").await?,
    }
    production.has_no_sessions().await?;
    let records = recorded().await?;
    ensure!(
        records < statements,
        "{records} records are in the history: all of it was waited for"
    );
    match disturbance {
        Disturbance::ConnectorDeleted => production.pipeline.create(&config).await?,
        _ => rest.ask(connector, "resume").await?,
    }

    // What is in the history twice is read like what is there once.
    let topic = format!("{}.{table}", production.pipeline.names.prefix());
    for row in [2 * number - 1, 2 * number] {
        let insert = format!("INSERT INTO {table} (id, b) VALUES ({row}, 'after')");
        production.pipeline.mysql.run([insert]).await?;
        let look = async || {
            let records = production.pipeline.committed.read(&topic).await?.len();
            ensure!(records == row, "{records} records of {topic}, not {row}");
            Ok(())
        };
        let worker = &production.pipeline.worker;
        worker.eventually("a row arrives", SOON, look).await?;
        production.pipeline.worker.kill()?;
        production.pipeline.worker.start().await?;
    }
    production
        .pipeline
        .rest()?
        .delete(production.pipeline.names.connector())
        .await?;
    production.has_no_sessions().await
}
