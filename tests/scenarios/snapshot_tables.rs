//! What a snapshot means to the tables it reads, and what changes of tables mean to it, while it waits in the middle.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use harness::change_event::Operation;
use harness::connector::ConnectorConfig;
use harness::eventually::eventually;
use harness::mysql::Session;
use harness::names::Names;
use harness::pipeline::{Pipeline, SOON};
use harness::rest_client::BY_ITSELF;
use harness::stack::{Stack, killable};

use crate::snapshots::{SNAPSHOT, comes_to, rows_once, wide_came_once, with_wide_table};

/// Read behind `wide`. Who has it locked keeps the snapshot before it, and other snapshots of the server from its definition: so
/// these tests have a server for themselves.
const GATE: &str = "x_gate";
/// Finished tables with long names: one by one they would not fit into a record of [`LARGEST_RECORD`].
const FINISHED: usize = 400;
const LARGEST_RECORD: usize = 40_000;

/// A pipeline with `wide`, the gate, and these tables.
async fn with_tables(stack: &Stack, about: &str, statements: &[&str]) -> Result<Pipeline> {
    let pipeline = with_wide_table(stack, about).await?;
    let gate = format!("CREATE TABLE {GATE} (id BIGINT PRIMARY KEY)");
    pipeline.sql([gate.as_str()].iter().chain(statements)).await?;
    Ok(pipeline)
}

/// Creates the connector, and waits until its snapshot waits at the gate, which opens when the session ends.
async fn waits_at_gate(pipeline: &mut Pipeline, config: &ConnectorConfig) -> Result<Session> {
    pipeline.create(config).await?;
    comes_to(pipeline, "wide", SOON).await?;
    let mut gate = pipeline.mysql.session().await?;
    gate.run(format!("LOCK TABLES {}.{GATE} WRITE", pipeline.names.database()))
        .await?;
    comes_to(pipeline, GATE, SNAPSHOT).await?;
    Ok(gate)
}

/// Fails where a statement waits for the gate to open. On a busy machine any statement may take its time.
async fn at_once(what: &str, statements: impl Future<Output = Result<()>>) -> Result<()> {
    let done = tokio::time::timeout(SOON, statements).await;
    done.with_context(|| format!("{what} waits"))?
}

/// Nothing that an account may read tells such tables apart.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_one_second_may_be_exchanged_before_they_are_read() -> Result<()> {
    let stack = killable().await?;
    let mut pipeline = with_tables(&stack, "one_second", &[]).await?;
    let database = pipeline.names.database().to_owned();
    eventually("two tables are created in one second", SOON, async || {
        pipeline
            .sql([
                "DROP TABLE IF EXISTS y_worn, y_ghost",
                "CREATE TABLE y_worn (id BIGINT PRIMARY KEY)",
                "CREATE TABLE y_ghost (id BIGINT PRIMARY KEY)",
                "INSERT INTO y_worn VALUES (1), (2), (3)",
            ])
            .await?;
        let seconds = format!(
            "SELECT COUNT(DISTINCT create_time) FROM information_schema.tables \
             WHERE table_schema = '{database}' AND table_name LIKE 'y%'"
        );
        let seconds = pipeline.mysql.value(&seconds).await?;
        ensure!(seconds == 1, "they are of {seconds} seconds");
        Ok(())
    })
    .await?;
    let tables = format!("{database}.wide,{database}.{GATE},{database}.y_worn");
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?.with("table.include.list", &tables);
    let gate = waits_at_gate(&mut pipeline, &config).await?;
    let exchange = [
        "INSERT INTO y_ghost SELECT * FROM y_worn",
        "INSERT INTO y_ghost VALUES (4)",
        "RENAME TABLE y_worn TO y_gone, y_ghost TO y_worn, y_gone TO y_ghost",
    ];
    at_once("the exchange", pipeline.sql(exchange)).await?;
    gate.close().await?;
    pipeline.is_streaming(SNAPSHOT).await?;
    ensure!(
        pipeline.worker.log()?.contains("goes on in a fresh view"),
        "the exchange came too late"
    );
    pipeline.stop().await?;
    let rows = rows_once(&mut pipeline, "y_worn").await?;
    ensure!(rows.keys().eq(&[1, 2, 3, 4]), "the topic has {rows:?}");
    wide_came_once(&mut pipeline).await
}

/// A statement that changes a table waits for whoever holds it, and all later statements on the table wait behind it. And an
/// offset that names every finished table outgrows a record.
#[tokio::test(flavor = "multi_thread")]
async fn finished_tables_are_held_by_nothing_and_any_number_of_them_is_a_small_offset() -> Result<()> {
    let stack = killable().await?;
    let mut statements = vec![
        "CREATE TABLE a_read (id BIGINT PRIMARY KEY)".to_owned(),
        "INSERT INTO a_read VALUES (1), (2), (3)".to_owned(),
    ];
    let name = |number| format!("b_{number:04}_{}", "whose_name_is_long".repeat(2));
    let create = |number| format!("CREATE TABLE {} (id BIGINT PRIMARY KEY)", name(number));
    statements.extend((0..FINISHED).map(create));
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    let mut pipeline = with_tables(&stack, "finished", &statements).await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("producer.override.max.request.size", &LARGEST_RECORD.to_string());
    let gate = waits_at_gate(&mut pipeline, &config).await?;
    let alter = [
        "ALTER TABLE a_read ADD COLUMN n INT",
        "INSERT INTO a_read VALUES (4, 4)",
    ];
    at_once("an ALTER of a finished table", pipeline.sql(alter)).await?;
    let look = async || {
        let offset = pipeline.rest()?.offset(pipeline.names.connector()).await?;
        let stored = offset.to_string();
        ensure!(stored.contains("wide"), "`wide` is not finished: {stored}");
        ensure!(stored.len() <= 2000, "{} bytes: {stored}", stored.len());
        Ok(())
    };
    let what = "a small offset says that `wide` is finished";
    pipeline.worker.eventually(what, SOON, look).await?;
    let query = format!(
        "SELECT object_name FROM performance_schema.metadata_locks \
         WHERE object_schema = '{}' AND object_name <> '{GATE}' AND object_type = 'TABLE'",
        pipeline.names.database()
    );
    let held = pipeline.mysql.rows(&query).await?;
    ensure!(held.is_empty(), "somebody holds {held:?}");
    gate.close().await?;
    // A snapshot that had to go on in a fresh view sends this row before the last one of `wide`.
    pipeline.row("a_read", "n", 4).await?;
    pipeline.is_streaming(SNAPSHOT).await?;
    pipeline.stop().await?;
    let rows = rows_once(&mut pipeline, "a_read").await?;
    ensure!(rows.keys().eq(&[1, 2, 3, 4]), "the topic has {rows:?}");
    wide_came_once(&mut pipeline).await
}

/// Such engines show every reader what is there now.
#[tokio::test(flavor = "multi_thread")]
async fn tables_of_engines_without_views_come_once_and_in_order() -> Result<()> {
    let stack = killable().await?;
    let tables = ["z_myisam", "z_memory"];
    let statements = [
        "CREATE TABLE z_myisam (id BIGINT PRIMARY KEY, version INT) ENGINE = MyISAM",
        "CREATE TABLE z_memory (id BIGINT PRIMARY KEY, version INT) ENGINE = MEMORY",
        "INSERT INTO z_myisam VALUES (1, 1), (2, 1), (3, 1)",
        "INSERT INTO z_memory VALUES (1, 1), (2, 1), (3, 1)",
    ];
    let mut pipeline = with_tables(&stack, "without_views", &statements).await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?;
    let gate = waits_at_gate(&mut pipeline, &config).await?;
    for table in tables {
        let changes = [
            format!("UPDATE {table} SET version = 2 WHERE id = 1"),
            format!("DELETE FROM {table} WHERE id = 2"),
            format!("INSERT INTO {table} VALUES (4, 2)"),
            format!("UPDATE {table} SET version = 3 WHERE id = 1"),
        ];
        at_once("a change", pipeline.sql(changes)).await?;
    }
    gate.close().await?;
    let check = format!("/rowmill/connectors/{}/check", pipeline.names.connector());
    let warnings = pipeline.rest()?.read_text(&check).await?;
    ensure!(
        warnings.contains("z_memory (MEMORY)") && warnings.contains("ENGINE = InnoDB"),
        "nothing warns of them: {warnings}"
    );
    for table in tables {
        pipeline.event(table, SOON, |event| event.after["version"] == 3).await?;
    }
    one_that_is_too_large_is_refused(&stack, &pipeline).await?;
    pipeline.stop().await?;
    for table in tables {
        let mut rows: BTreeMap<i64, Vec<(Operation, Option<i64>)>> = BTreeMap::new();
        for event in pipeline.events(table).await? {
            let id = event.key["id"].as_i64().context("an id")?;
            let version = event.after["version"].as_i64();
            rows.entry(id).or_default().push((event.operation, version));
        }
        use Operation::{Create, Delete, Read, Tombstone, Update};
        let expected = BTreeMap::from([
            (1, vec![(Read, Some(1)), (Update, Some(2)), (Update, Some(3))]),
            (2, vec![(Read, Some(1)), (Delete, None), (Tombstone, None)]),
            (3, vec![(Read, Some(1))]),
            (4, vec![(Create, Some(2))]),
        ]);
        ensure!(rows == expected, "{table}: {rows:?}");
    }
    Ok(())
}

/// Writers would have to be kept out for too long. What the refusal says helps.
async fn one_that_is_too_large_is_refused(stack: &Stack, pipeline: &Pipeline) -> Result<()> {
    const ROWS: usize = 36;
    let names = Names {
        own: format!("{}_large", pipeline.names.database()),
    };
    let (database, connector) = (names.database(), names.connector());
    let rows = format!(
        "INSERT INTO {database}.large WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {ROWS}) \
         SELECT id, REPEAT('x', 1000000) FROM n"
    );
    let statements = [
        format!("CREATE DATABASE {database}"),
        format!("CREATE TABLE {database}.large (id BIGINT PRIMARY KEY, text LONGTEXT) ENGINE = MyISAM"),
        // Nobody has to read them in the stream.
        "SET SESSION sql_log_bin = 0".to_owned(),
        rows,
    ];
    pipeline.mysql.run(statements).await?;
    let config = ConnectorConfig::mysql(stack, &names)?;
    let rest = pipeline.rest()?;
    rest.create(connector, &config.json()).await?;
    let look = async || {
        let reason = rest.failure(connector).await?;
        ensure!(!reason.contains(BY_ITSELF), "the task has not given up: {reason}");
        Ok(reason)
    };
    let reason = pipeline.worker.eventually("it is refused", SOON, look).await?;
    let table = format!("{database}.large");
    let way_out = format!("ALTER TABLE {table} ENGINE = InnoDB");
    for word in [
        "MyISAM",
        "32 MiB",
        way_out.as_str(),
        "table.exclude.list",
        "snapshot.mode=no_data",
    ] {
        ensure!(reason.contains(word), "the reason does not say {word}: {reason}");
    }
    let insert = format!("INSERT INTO {table} VALUES (0, 'the lock is gone')");
    at_once("a writer", pipeline.mysql.run([insert])).await?;

    pipeline.mysql.run([way_out]).await?;
    rest.restart_failed(connector).await?;
    let look = async || {
        let records = pipeline.committed.read(&names.topic("large")).await?.len();
        ensure!(records == ROWS + 1, "{records} records of {} rows", ROWS + 1);
        rest.is_running(connector).await
    };
    pipeline.worker.eventually("its rows arrive", SNAPSHOT, look).await?;
    rest.delete(connector).await
}

/// Whether a table is finished follows from its name; here are those for which that alone would be wrong.
#[tokio::test(flavor = "multi_thread")]
async fn tables_that_come_and_go_while_a_snapshot_is_interrupted_are_complete() -> Result<()> {
    let stack = killable().await?;
    let statements = [
        "CREATE TABLE a_read (id BIGINT PRIMARY KEY)",
        "CREATE TABLE b_dropped (id BIGINT PRIMARY KEY)",
        "CREATE TABLE c_left_out (id BIGINT PRIMARY KEY)",
        // Without rows, and finished while the last row of `wide` is held.
        "CREATE TABLE wider (id BIGINT PRIMARY KEY)",
        "CREATE TABLE y_unread (id BIGINT PRIMARY KEY)",
        "CREATE TABLE z_unread (id BIGINT PRIMARY KEY)",
        "INSERT INTO a_read VALUES (1), (2)",
        "INSERT INTO b_dropped VALUES (1)",
        "INSERT INTO c_left_out VALUES (1), (2)",
        "INSERT INTO y_unread VALUES (7), (8)",
        "INSERT INTO z_unread VALUES (1)",
    ];
    let mut pipeline = with_tables(&stack, "come_and_go", &statements).await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?;
    let left_out = format!("{}.c_left_out", pipeline.names.database());
    let gate = waits_at_gate(&mut pipeline, &config.clone().with("table.exclude.list", &left_out)).await?;
    let look = async || {
        let offset = pipeline.rest()?.offset(pipeline.names.connector()).await?.to_string();
        ensure!(offset.contains("wide"), "`wide` is not finished: {offset}");
        Ok(())
    };
    let what = "the offset says that `wide` is finished";
    pipeline.worker.eventually(what, SOON, look).await?;
    // The snapshot that goes on needs a lock, which the gate keeps from it.
    pipeline.worker.kill()?;
    let changes = [
        "CREATE TABLE aa_new (id BIGINT PRIMARY KEY)",
        "INSERT INTO aa_new VALUES (1), (2)",
        "UPDATE aa_new SET id = 3 WHERE id = 1",
        "INSERT INTO y_unread VALUES (9)",
        "RENAME TABLE y_unread TO b_renamed, z_unread TO zz_renamed",
        "DELETE FROM b_renamed WHERE id = 8",
        "DROP TABLE b_dropped",
        "CREATE TABLE b_dropped (id BIGINT PRIMARY KEY)",
        "INSERT INTO b_dropped VALUES (2)",
        "INSERT INTO a_read VALUES (3)",
        "DELETE FROM c_left_out WHERE id = 1",
    ];
    pipeline.sql(changes).await?;
    pipeline.worker.start().await?;
    let config = config.json();
    pipeline
        .rest()?
        .reconfigure(pipeline.names.connector(), &config)
        .await?;
    gate.close().await?;
    pipeline.is_streaming(SNAPSHOT).await?;
    pipeline.sql(["INSERT INTO b_renamed VALUES (10)"]).await?;
    pipeline.row("b_renamed", "id", 10).await?;
    pipeline.stop().await?;
    use Operation::{Create, Read};
    for (table, expected) in [
        ("a_read", vec![(1, Read), (2, Read), (3, Create)]),
        ("b_dropped", vec![(1, Read), (2, Create)]),
        ("b_renamed", vec![(7, Read), (9, Read), (10, Create)]),
        ("c_left_out", vec![(2, Read)]),
        ("zz_renamed", vec![(1, Read)]),
    ] {
        let expected: BTreeMap<i64, Operation> = expected.into_iter().collect();
        let rows = rows_once(&mut pipeline, table).await?;
        ensure!(rows == expected, "{table} has {rows:?}");
    }
    let new: Vec<_> = pipeline.events("aa_new").await?;
    let new: Vec<_> = new
        .iter()
        .map(|event| (event.operation, event.key["id"].as_i64()))
        .collect();
    ensure!(
        new.contains(&(Create, Some(3))) && new.contains(&(Create, Some(2))) && new.len() == 5,
        "aa_new has {new:?}"
    );
    wide_came_once(&mut pipeline).await
}
