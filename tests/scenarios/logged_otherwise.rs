//! Sessions that log their changes in ways of their own (as statements, as XA transactions, as differences of documents, under
//! GTIDs out of order) lose nothing, and stop the task only where a captured row is concerned.

use anyhow::{Context, Result, ensure};
use harness::change_event::Operation;
use harness::connector::ConnectorConfig;
use harness::diary::{Diary, TABLE};
use harness::pipeline::{Pipeline, SOON};
use harness::stack::{Stack, killable};
use reqwest::Method;
use serde_json::json;

/// The reason must have all of these words.
fn names(reason: &str, words: &[&str]) -> Result<()> {
    let missing: Vec<_> = words.iter().filter(|word| !reason.contains(**word)).collect();
    ensure!(missing.is_empty(), "the reason does not say {missing:?}: {reason}");
    Ok(())
}

/// The database that nobody captures.
fn tools(diary: &Diary) -> String {
    format!("{}_tools", diary.pipeline.names.database())
}

/// As checksum and heartbeat tools write: whatever the statement, no captured row changes.
#[tokio::test(flavor = "multi_thread")]
async fn statements_of_tools_beside_the_captured_tables_pass() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "tools", |config| config).await?;
    let (database, tools) = (diary.pipeline.names.database().to_owned(), tools(&diary));
    let file = std::env::temp_dir().join(format!("{tools}.txt"));
    let file = file.display();
    let statements = [
        format!("CREATE DATABASE {tools}"),
        format!("CREATE TABLE {tools}.h (id INT PRIMARY KEY, v VARCHAR(100))"),
        format!("CREATE TABLE {tools}.i (id INT PRIMARY KEY, v VARCHAR(100))"),
        format!(
            "CREATE FUNCTION {tools}.f() RETURNS INT DETERMINISTIC MODIFIES SQL DATA \
             BEGIN INSERT INTO {tools}.i VALUES (99, 'by f'); RETURN 1; END"
        ),
        format!("SELECT '7\\tseven' INTO OUTFILE '{file}' FIELDS ESCAPED BY ''"),
        "SET SESSION binlog_format = STATEMENT".to_owned(),
        format!("INSERT INTO {tools}.h VALUES (1, 'a'), (2, 'b') ON DUPLICATE KEY UPDATE v = 'c'"),
        format!("REPLACE INTO `{tools}`.`h` SELECT 3, COUNT(*) FROM `{database}`.`{TABLE}` /*checksum table*/"),
        format!("WITH x AS (SELECT 1 AS k) DELETE FROM {tools}.h WHERE id IN (SELECT k FROM x)"),
        format!("UPDATE {tools}.h AS a SET a.v = 'd' WHERE a.id = 2"),
        format!("UPDATE {tools}.h AS a JOIN {tools}.i AS b ON a.id = b.id SET a.v = b.v"),
        format!("UPDATE {tools}.h AS a JOIN {TABLE} AS b ON a.id = b.id SET a.v = 'e'"),
        format!("DELETE a FROM {tools}.h AS a JOIN {tools}.i AS b USING (id)"),
        format!("LOAD DATA INFILE '{file}' INTO TABLE {tools}.i"),
        format!("SELECT {tools}.f()"),
        "BEGIN".to_owned(),
        format!("INSERT INTO {tools}.h VALUES (20, 'x')"),
        format!("SAVEPOINT `{TABLE}`"),
        format!("UPDATE {tools}.h SET v = 'y' WHERE id = 20"),
        format!("ROLLBACK TO `{TABLE}`"),
        "COMMIT".to_owned(),
        "SET SESSION binlog_format = MIXED".to_owned(),
        format!("INSERT INTO {tools}.h VALUES (30, UUID())"),
        format!("DROP DATABASE {tools}"),
    ];
    diary.pipeline.sql(statements).await?;
    std::fs::remove_file(file.to_string()).context("the file to load")?;
    diary.write(5, "behind the tools").await?;
    diary.ends_complete().await
}

/// A statement whose text does not name the captured table reaches it all the same.
async fn reaches_a_captured_row(
    stack: &Stack,
    about: &str,
    prepare: [&str; 2],
    statement: &str,
    words: &[&str],
) -> Result<()> {
    let mut diary = Diary::begin(stack, about, |config| config).await?;
    diary.write(5, "before").await?;
    let (database, tools) = (diary.pipeline.names.database().to_owned(), tools(&diary));
    let filled = |sql: &str| sql.replace("TOOLS", &tools).replace("SHOP", &database);
    let mut statements = vec![format!("CREATE DATABASE {tools}")];
    statements.extend(prepare.map(filled));
    statements.push("SET SESSION binlog_format = STATEMENT".to_owned());
    statements.push(filled(statement));
    diary.pipeline.sql(statements).await?;
    diary.write(5, "behind the hole").await?;
    let reason = diary.pipeline.failure().await?;
    names(&reason, words)?;
    names(&reason, &["binlog_format=ROW", "snapshot", "transaction ", "binlog."])?;
    ensure!(!reason.contains("1234567"), "the reason shows a value: {reason}");
    let events = diary.pipeline.events(TABLE).await?;
    ensure!(events.len() == 15, "{} events of the 15 before the hole", events.len());
    let drop = format!("DROP DATABASE {tools}");
    diary
        .pipeline
        .mysql
        .run(["SET SESSION foreign_key_checks = 0", &drop])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_of_an_uncaptured_table_that_writes_to_a_captured_one_is_noticed() -> Result<()> {
    reaches_a_captured_row(
        &Stack::shared()?,
        "by_trigger",
        [
            "CREATE TABLE TOOLS.a (id INT PRIMARY KEY)",
            "CREATE TRIGGER TOOLS.t AFTER INSERT ON TOOLS.a FOR EACH ROW INSERT INTO SHOP.entries VALUES (NEW.id, 'x')",
        ],
        "INSERT INTO TOOLS.a VALUES (1234567)",
        &["_tools.a,", "trigger", "INSERT INTO"],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_writes_to_a_captured_table_is_noticed() -> Result<()> {
    reaches_a_captured_row(
        &Stack::shared()?,
        "by_function",
        [
            "CREATE FUNCTION TOOLS.f() RETURNS INT DETERMINISTIC MODIFIES SQL DATA \
             BEGIN INSERT INTO SHOP.entries VALUES (1234567, 'x'); RETURN 1; END",
            "CREATE TABLE TOOLS.a (id INT PRIMARY KEY)",
        ],
        "DO TOOLS.f()",
        &["SELECT `", "`.`f`()", "not in its text"],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cascade_from_an_uncaptured_table_into_a_captured_one_is_noticed() -> Result<()> {
    // The event does not say which databases it is about, so the connectors of other tests would stop at it, too.
    let server = Stack::shared()?.with_own_mysql("by_cascade", &[])?;
    reaches_a_captured_row(
        &server.stack,
        "by_cascade",
        [
            "CREATE TABLE TOOLS.p (id INT PRIMARY KEY)",
            "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES TOOLS.p (id) ON DELETE CASCADE)",
        ],
        "DELETE FROM TOOLS.p WHERE id = 1234567",
        &["_tools.p", ".child", "foreign key", "DELETE FROM"],
    )
    .await
}

/// The rows are in no event.
#[tokio::test(flavor = "multi_thread")]
async fn a_captured_table_that_is_filled_as_it_is_created_is_noticed() -> Result<()> {
    reaches_a_captured_row(
        &Stack::shared()?,
        "by_creation",
        [
            "CREATE TABLE TOOLS.a (id INT PRIMARY KEY)",
            "INSERT INTO TOOLS.a VALUES (1)",
        ],
        "CREATE TABLE SHOP.filled (PRIMARY KEY (id)) SELECT id, 1234567 AS v FROM TOOLS.a",
        &[".filled", "CREATE TABLE"],
    )
    .await
}

/// A small one is kept until its end is known, a large one is read twice.
#[tokio::test(flavor = "multi_thread")]
async fn an_xa_transaction_in_one_phase_arrives_and_one_in_two_is_named() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "xa", |config| config).await?;
    for (xid, rows, length) in [("small", 3, 10), ("large", 40, 300_000)] {
        let xid = format!("'{}', '{xid}'", diary.pipeline.names.database());
        let ids = diary.written + 1..=diary.written + rows;
        let mut statements = vec![format!("XA START {xid}")];
        statements.extend(ids.map(|id| format!("INSERT INTO {TABLE} VALUES ({id}, REPEAT('x', {length}))")));
        statements.push(format!("XA END {xid}"));
        statements.push(format!("XA COMMIT {xid} ONE PHASE"));
        diary.pipeline.sql(statements).await?;
        diary.written += rows;
        diary.write(2, "between").await?;
    }
    diary.arrives(SOON).await?;
    let arrived = diary.pipeline.events(TABLE).await?.len() as i64;
    ensure!(
        arrived == diary.written,
        "{arrived} events of {} entries",
        diary.written
    );

    let xid = format!("'{}', 'two'", diary.pipeline.names.database());
    let insert = format!("INSERT INTO {TABLE} VALUES ({}, 'xa')", diary.written + 1);
    let statements = ["XA START", "XA END", "XA PREPARE", "XA COMMIT"].map(|verb| format!("{verb} {xid}"));
    let [start, end, prepare, commit] = statements;
    diary.pipeline.sql([start, insert, end, prepare, commit]).await?;
    let reason = diary.pipeline.failure().await?;
    let table = format!("{}.{TABLE}", diary.pipeline.names.database());
    // The server prints its parts in hexadecimal: X'74776f' is 'two'.
    names(&reason, &["XA START", "X'74776f'", &table, "transaction ", "snapshot"])
}

/// What was written before a table was captured is not read for it. The rows of an XA transaction stand at its PREPARE, so
/// those that commit afterwards would be missing in silence.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_captured_later_begins_there_and_what_was_prepared_before_is_named() -> Result<()> {
    // A prepared transaction keeps other snapshots of its server waiting.
    let stack = killable().await?;
    let pipeline = Pipeline::new(&stack, "widened")?;
    pipeline
        .sql([
            "CREATE TABLE later (id BIGINT PRIMARY KEY, v INT)",
            "INSERT INTO later VALUES (1, 1)",
        ])
        .await?;
    let database = pipeline.names.database().to_owned();
    let narrow = format!("{database}.{TABLE}");
    let wide = format!("{narrow},{database}.later");
    let capturing = |config: ConnectorConfig, tables: &str| config.with("table.include.list", tables);
    let mut diary = Diary::in_pipeline(&stack, pipeline, |config| capturing(config, &narrow)).await?;
    let connector = diary.pipeline.names.connector().to_owned();
    let config = ConnectorConfig::mysql(&stack, &diary.pipeline.names)?;
    let config = config.with("topic.creation.default.partitions", "1");
    let rest = diary.pipeline.rest()?;

    diary
        .pipeline
        .sql([
            "ALTER TABLE later ADD text VARCHAR(20) NOT NULL DEFAULT 'added' AFTER id",
            "INSERT INTO later VALUES (2, 'uncaptured', 2)",
        ])
        .await?;
    let xid = format!("'{database}'");
    let mut prepared = diary.pipeline.mysql.session().await?;
    for statement in [
        format!("USE {database}"),
        format!("XA START {xid}"),
        "INSERT INTO later VALUES (3, 'prepared', 3)".to_owned(),
        format!("XA END {xid}"),
        format!("XA PREPARE {xid}"),
    ] {
        prepared.run(statement).await?;
    }
    diary.write(1, "behind what is prepared").await?;
    diary.arrives(SOON).await?;

    rest.reconfigure(&connector, &capturing(config.clone(), &wide).json())
        .await?;
    diary.pipeline.is_running().await?;
    diary
        .pipeline
        .sql(["INSERT INTO later VALUES (4, 'captured', 4)"])
        .await?;
    let first = diary.pipeline.row("later", "id", 4).await?;
    ensure!(first.after["text"] == "captured", "it is read as {}", first.after);
    prepared.run(format!("XA COMMIT {xid}")).await?;
    let reason = diary.pipeline.failure().await?;
    names(&reason, &["XA transaction", "set the lists back", "snapshot"])?;

    // The way out that keeps all but the prepared rows.
    rest.reconfigure(&connector, &capturing(config.clone(), &narrow).json())
        .await?;
    diary.write(1, "behind the commit").await?;
    diary.arrives(SOON).await?;
    rest.ask(&connector, "stop").await?;
    let look = async || {
        let status = rest.status(&connector).await?;
        ensure!(status["tasks"] == json!([]), "status is {status}");
        Ok(())
    };
    diary
        .pipeline
        .worker
        .eventually("the task has ended", SOON, look)
        .await?;
    // Behind the stored offset, though before the change.
    diary
        .pipeline
        .sql(["INSERT INTO later VALUES (5, 'while stopped', 5)"])
        .await?;
    rest.reconfigure(&connector, &capturing(config, &wide).json()).await?;
    rest.ask(&connector, "resume").await?;
    diary.pipeline.row("later", "id", 5).await?;
    diary.pipeline.is_running().await?;
    let arrived = diary.pipeline.events("later").await?;
    let arrived: Vec<_> = arrived
        .iter()
        .map(|event| (event.operation, event.key["id"].as_i64()))
        .collect();
    ensure!(
        arrived == [(Operation::Create, Some(4)), (Operation::Create, Some(5))],
        "{arrived:?} have arrived"
    );
    diary.ends_complete().await
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_that_may_log_differences_arrive_unless_one_does() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "differences", |config| config).await?;
    let long = "0123456789".repeat(10);
    diary
        .pipeline
        .sql([
            "CREATE TABLE plain (id INT PRIMARY KEY, v INT)",
            "CREATE TABLE docs (id INT PRIMARY KEY, v INT, d JSON)",
            "INSERT INTO plain VALUES (1, 1)",
            &format!("INSERT INTO docs VALUES (1, 1, '{{\"long\": \"{long}\", \"n\": 1}}')"),
            "SET SESSION binlog_row_value_options = PARTIAL_JSON",
            "UPDATE plain SET v = 2",
            "UPDATE docs SET v = 2",
            "UPDATE docs SET d = '{\"whole\": 1}'",
            "UPDATE docs SET id = 2, d = NULL",
        ])
        .await?;
    diary.pipeline.row("plain", "v", 2).await?;
    diary
        .pipeline
        .event("docs", SOON, |event| {
            event.operation == Operation::Create && event.after["id"] == 2
        })
        .await?;
    let seen = diary.pipeline.events("docs").await?;
    let documents: Vec<_> = seen
        .iter()
        .map(|event| (event.operation, event.after["d"].clone()))
        .collect();
    // MySQL keeps the members of a document in the order of their names' lengths.
    let whole = json!(format!("{{\"n\":1,\"long\":\"{long}\"}}"));
    let expected = [
        (Operation::Create, whole.clone()),
        (Operation::Update, whole),
        (Operation::Update, json!("{\"whole\":1}")),
    ];
    let of_the_first_key: Vec<_> = documents
        .iter()
        .filter(|(operation, _)| matches!(operation, Operation::Create | Operation::Update))
        .take(3)
        .cloned()
        .collect();
    ensure!(of_the_first_key == expected, "{documents:?}");

    diary
        .pipeline
        .sql([
            &format!("UPDATE docs SET d = '{{\"long\": \"{long}\", \"n\": 1}}'"),
            "SET SESSION binlog_row_value_options = PARTIAL_JSON",
            "UPDATE docs SET d = JSON_SET(d, '$.n', 2)",
        ])
        .await?;
    let reason = diary.pipeline.failure().await?;
    let table = format!("{}.docs", diary.pipeline.names.database());
    names(
        &reason,
        &[&table, "column `d`", "UPDATE", "PARTIAL_JSON", "transaction "],
    )
}

/// A gap in the executed set is asked for again, whatever came behind it.
#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_come_late_fill_the_gaps_of_the_executed_set() -> Result<()> {
    let stack = Stack::shared()?;
    let mut diary = Diary::begin(&stack, "late", |config| config).await?;
    let uuid = diary.pipeline.mysql.value("SELECT UUID()").await?;
    let uuid = uuid.as_str().context("a UUID")?.to_owned();
    let of_number = |number: u32, statement: String| vec![format!("SET GTID_NEXT = '{uuid}:{number}'"), statement];
    let empty = |number: u32| {
        vec![
            format!("SET GTID_NEXT = '{uuid}:{number}'"),
            "BEGIN".to_owned(),
            "COMMIT".to_owned(),
        ]
    };
    let mut next = || {
        diary.written += 1;
        format!("INSERT INTO {TABLE} VALUES ({}, 'late')", diary.written)
    };
    let early = [
        of_number(1, next()),
        empty(4),
        of_number(5, next()),
        of_number(9, next()),
    ]
    .concat();
    let late = [of_number(3, next()), empty(6), of_number(7, next())].concat();
    diary.pipeline.sql(early).await?;
    let arrived = diary
        .pipeline
        .event(TABLE, SOON, |event| event.after["id"] == 13)
        .await?;
    ensure!(arrived.operation == Operation::Create, "{arrived:?}");
    diary.pipeline.stop().await?;
    let stored = {
        diary.pipeline.sql(late).await?;
        diary.pipeline.worker.start().await?;
        diary.arrives(SOON).await?;
        diary.pipeline.rest()?.offset(diary.pipeline.names.connector()).await?
    };
    let gtids = stored["gtids"].as_str().unwrap_or_default();
    ensure!(!gtids.contains(&format!("{uuid}:1-9")), "a gap is closed in {gtids}");
    diary.ends_complete().await
}

#[tokio::test(flavor = "multi_thread")]
async fn captured_tables_that_change_behind_the_binlogs_back_are_named_by_the_check() -> Result<()> {
    let server = Stack::shared()?.with_own_mysql("cascades", &["--innodb-native-foreign-keys=ON"])?;
    let mut pipeline = Pipeline::new(&server.stack, "cascades")?;
    pipeline
        .sql([
            "CREATE TABLE parent (id INT PRIMARY KEY)",
            "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)",
        ])
        .await?;
    let config = ConnectorConfig::mysql(&server.stack, &pipeline.names)?;
    pipeline.create(&config).await?;
    let path = format!("/rowmill/connectors/{}/check", pipeline.names.connector());
    let answer = pipeline.rest()?.call(Method::GET, &path, None).await?;
    let child = format!("{}.child", pipeline.names.database());
    names(&answer.body.to_string(), &[&child, "innodb_native_foreign_keys = OFF"])
}
