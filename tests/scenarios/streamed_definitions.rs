//! A definition that was followed statement by statement is the one that a snapshot reads: whatever the session of a
//! statement had set, and however the statement is spelled, rows come as a new connector's snapshot has them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use harness::change_event::{ChangeEvent, Operation};
use harness::connector::ConnectorConfig;
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;
use serde_json::Value;

/// What is there before the connector. `{db}` is the test's database.
const BEFORE: &[&str] = &[
    "CREATE DATABASE {db} CHARACTER SET utf8mb4",
    "CREATE DATABASE {db}_empty CHARACTER SET latin1",
    "USE {db}",
    "CREATE TABLE spots (id INT PRIMARY KEY, p POINT, g VARCHAR(5) CHARACTER SET gbk, u CHAR(4) CHARACTER SET ucs2, v INT)",
    "INSERT INTO spots VALUES (1, ST_GeomFromText('POINT(1 2)'), '中', 'é', 5)",
    "CREATE TABLE faces (id INT PRIMARY KEY, e ENUM('😀','b'), s SET('a','🚀'))",
    "CREATE TABLE done (id INT PRIMARY KEY)",
    "CREATE TABLE orders (id INT PRIMARY KEY, total DECIMAL(10,2) NOT NULL)",
    "CREATE VIEW glance AS SELECT id FROM orders",
];

/// What sessions do while the stream is read, each with settings of its own.
const SESSIONS: &[&[&str]] = &[
    &[
        "INSERT INTO spots VALUES (2, ST_GeomFromText('POINT(3 4)'), '国', 'ü', 6)",
        "RENAME TABLE glance TO look",
        "CREATE TABLE IF NOT EXISTS orders (note TEXT, id BIGINT NOT NULL, PRIMARY KEY (note(10)))",
        "INSERT INTO orders VALUES (1, 1.25)",
    ],
    // A database that is there keeps its character set, one without a stated one takes the session's.
    &[
        "CREATE DATABASE /*!32312 IF NOT EXISTS*/ {db} /*!40100 DEFAULT CHARACTER SET latin1 */",
        "CREATE TABLE later (id INT PRIMARY KEY, v VARCHAR(10))",
        "INSERT INTO later VALUES (1, 'é€')",
        "SET character_set_server = latin1",
        "CREATE DATABASE {db}_western",
        "CREATE TABLE {db}_western.t (id INT PRIMARY KEY, v VARCHAR(10), e ENUM('ä'))",
        "INSERT INTO {db}_western.t VALUES (1, 'é€', 'ä')",
        "CREATE TABLE {db}_empty.t (id INT PRIMARY KEY, v VARCHAR(10))",
        "INSERT INTO {db}_empty.t VALUES (1, 'é€')",
    ],
    &[
        "SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES'",
        "CREATE TABLE \"ansi\" (id INT PRIMARY KEY, r REAL, \"q\" DOUBLE PRECISION, e ENUM('a\\','b'))",
        "INSERT INTO ansi VALUES (1, 1.1, 1.1, 'a\\')",
        "ALTER TABLE ansi ADD \"x\" REAL(7,2) DEFAULT 1.5",
        "UPDATE ansi SET r = 2.2",
        "INSERT INTO ansi (id) VALUES (2)",
    ],
    &[
        // The time that the ALTER puts in: with zeros at its end the stream would write more digits than a snapshot.
        "SET sql_mode = '', explicit_defaults_for_timestamp = OFF, time_zone = '+00:00', timestamp = 1577934246.123457",
        "CREATE TABLE stamps (id INT PRIMARY KEY, a TIMESTAMP, b TIMESTAMP(3), c TIMESTAMP NULL)",
        "INSERT INTO stamps (id, a) VALUES (1, '2020-01-02 03:04:05')",
        "ALTER TABLE stamps ADD d TIMESTAMP, MODIFY c TIMESTAMP(6)",
        "UPDATE stamps SET a = '2020-01-02 03:04:06'",
        "INSERT INTO stamps (id, a, d) VALUES (2, '2020-01-02 03:04:05', '2020-01-02 03:04:05')",
    ],
    // Bytes, however they are declared.
    &[
        "CREATE TABLE bytes (id INT KEY, a CHAR(4) BYTE, b VARCHAR(20) CHARACTER SET binary, c TEXT CHARSET binary, d LONG VARBINARY) ",
        "INSERT INTO bytes VALUES (1, 'ab', X'FF00', X'8081', X'00FF')",
        "ALTER TABLE bytes ADD e TINYTEXT, DEFAULT CHARSET=binary, MODIFY a CHAR(6) BYTE",
        "UPDATE bytes SET d = X'01'",
        "INSERT INTO bytes VALUES (2, X'000102030405', 'text', 'text', 'text', X'FE')",
    ],
    // A unique key that allows NULL is no key any more.
    &[
        "CREATE TABLE loose (a INT NOT NULL, b INT NOT NULL, v INT, UNIQUE u (a), UNIQUE (b))",
        "ALTER TABLE loose MODIFY a BIGINT",
        "INSERT INTO loose VALUES (NULL, 1, 1), (2, 2, 2)",
        "CREATE TABLE keyless (a INT NOT NULL, v INT, UNIQUE (a))",
        "ALTER TABLE keyless DROP INDEX a",
        "INSERT INTO keyless VALUES (1, 1)",
        "CREATE TABLE unnamed (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a), UNIQUE (b))",
        "DROP INDEX `PRIMARY` ON unnamed",
        "INSERT INTO unnamed VALUES (1, 1), (1, 2)",
    ],
    &[
        "CREATE TABLE words (id INTEGER UNSIGNED AUTO_INCREMENT COMMENT 'first the comment' KEY, a MIDDLEINT UNSIGNED, \
         b INT8 UNSIGNED, c DEC(12,3), d FIXED(6,2), e NUMERIC, f FLOAT8, g FLOAT4, h CHARACTER VARYING(10), i NATIONAL CHARACTER \
         VARYING(10), j NCHAR VARCHAR(10), k LONG, l VARCHAR(10) ASCII, m VARCHAR(10) BINARY, n VARCHAR(9) AS (CONCAT(h, '!')) \
         VIRTUAL NOT NULL COMMENT 'g', o BINARY(4) DEFAULT (X'01') INVISIBLE, UNIQUE un USING BTREE (h) COMMENT '', KEY ((UPPER(h))))",
        "INSERT INTO words (id, a, b, c, d, e, f, g, h, i, j, k, l, m) VALUES (4294967295, 16777215, 9223372036854775807, \
         123456789.123, 1234.56, 1234567890, 1e300, 1.5, 'cv', 'nü', 'ñ', 'long', 'é', 'Bin')",
        "ALTER TABLE words MODIFY a INT3 UNSIGNED ZEROFILL, ADD p INTEGER UNSIGNED NOT NULL DEFAULT 4000000000 AFTER id, \
         RENAME COLUMN c TO d, RENAME COLUMN d TO c, ORDER BY a, id",
        "CREATE INDEX ix ON words (a) ALGORITHM=INPLACE LOCK=NONE",
        "UPDATE words SET p = 5",
    ],
    &[
        "CREATE TABLE /*!50000 IF NOT EXISTS */ comments (id INT PRIMARY KEY, n INT /*!80000 NOT NULL */ /*!080400 DEFAULT 5 */, \
         /*!100000 future INT, */ z INT /*M!100500 INVISIBLE */)",
        "/*!80000 ALTER TABLE comments ADD a INT */",
        "/*!99999 ALTER TABLE comments DROP COLUMN z */",
        "INSERT INTO comments VALUES (1, 6, 7, 8)",
    ],
    // Letters that SHOW CREATE TABLE does not print stand in the statement, or in the table map with full metadata.
    &[
        "CREATE TABLE smiles (id INT PRIMARY KEY, e ENUM('🙂','b'))",
        "INSERT INTO smiles VALUES (1, '🙂')",
        "SET GLOBAL binlog_row_metadata = FULL",
        "INSERT INTO faces VALUES (1, '😀', 'a,🚀')",
        "SET GLOBAL binlog_row_metadata = MINIMAL",
    ],
];

/// The last state of each row of a topic, by its key and itself; rows without a key are told apart by what they hold.
type Rows = BTreeMap<String, Value>;

struct Definitions {
    pipeline: Pipeline,
}

impl Definitions {
    fn sql(&self, statement: &str) -> String {
        statement.replace("{db}", self.pipeline.names.database())
    }

    fn databases(&self) -> [String; 3] {
        ["", "_western", "_empty"].map(|ending| format!("{}{ending}", self.pipeline.names.database()))
    }

    fn config(&self, stack: &Stack) -> Result<ConnectorConfig> {
        let config = ConnectorConfig::mysql(stack, &self.pipeline.names)?
            .with("database.include.list", &self.databases().join(","))
            .with("column.exclude.list", ".*[.]spots[.](p|g|u)")
            .with("schema.history.internal.store.only.captured.tables.ddl", "true");
        Ok(config)
    }

    /// Runs a session's statements, and then waits until what they did has arrived.
    async fn stream(&mut self, number: usize, statements: &[&str]) -> Result<()> {
        let mut session = self.pipeline.mysql.session().await?;
        session.run(self.sql("USE {db}")).await?;
        for statement in statements {
            session.run(self.sql(statement)).await?;
        }
        session.close().await?;
        self.pipeline
            .sql([format!("INSERT INTO done VALUES ({number})")])
            .await?;
        self.pipeline.row("done", "id", number).await?;
        Ok(())
    }

    /// The rows of every table's topic under `prefix`, by database and table.
    async fn rows(&mut self, prefix: &str) -> Result<BTreeMap<String, Rows>> {
        let mut tables = BTreeMap::new();
        for topic in self.pipeline.committed.topics()? {
            let Some(table) = topic.strip_prefix(&format!("{prefix}.{}", self.pipeline.names.database())) else {
                continue;
            };
            let records = self.pipeline.committed.read(&topic).await?;
            let events = ChangeEvent::decode_all(&records, &mut self.pipeline.registry).await?;
            let mut rows = Rows::new();
            for event in events
                .into_iter()
                .filter(|event| event.operation != Operation::Tombstone)
            {
                let name = match &event.key {
                    Value::Null => event.after.to_string(),
                    key => key.to_string(),
                };
                rows.insert(name, event.after);
            }
            tables.insert(table.to_owned(), rows);
        }
        Ok(tables)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_streamed_definitions_are_those_of_a_snapshot() -> Result<()> {
    let server = Stack::shared()?.with_own_mysql("definitions", &[])?;
    let pipeline = Pipeline::new(&server.stack, "definitions")?;
    let mut test = Definitions { pipeline };
    let before: Vec<String> = BEFORE.iter().map(|statement| test.sql(statement)).collect();
    test.pipeline.mysql.run(before).await?;
    let config = test.config(&server.stack)?;
    test.pipeline.create(&config).await?;
    test.pipeline.is_streaming(SOON).await?;
    for (number, statements) in SESSIONS.iter().enumerate() {
        if number == SESSIONS.len() / 2 {
            test.pipeline.worker.kill()?;
            test.pipeline.worker.start().await?;
        }
        test.stream(number, statements)
            .await
            .with_context(|| format!("session {number}"))?;
    }
    test.pipeline.is_running().await?;

    let prefix = test.pipeline.names.prefix().to_owned();
    let twin = format!("{prefix}_twin");
    let config = config
        .with("topic.prefix", &twin)
        .with("schema.history.internal.kafka.topic", &format!("{twin}.schema_history"))
        .without("database.server.id");
    test.pipeline.rest()?.create(&twin, &config.json()).await?;
    let topic = format!("{twin}.{prefix}.done");
    let number = SESSIONS.len() as i64;
    let look = async || {
        let rows = test.pipeline.committed.ends(&topic)?.into_iter().sum::<i64>();
        ensure!(rows >= number, "{rows} offsets of {topic}");
        let offset = test.pipeline.rest()?.offset(&twin).await?;
        let fields = offset.as_object().context("no offset is stored")?;
        ensure!(
            !fields.keys().any(|key| key.contains("snapshot")),
            "the snapshot is not over"
        );
        Ok(())
    };
    test.pipeline
        .worker
        .eventually("the second snapshot is over", SOON, look)
        .await?;

    let streamed = test.rows(&prefix).await?;
    let snapshot = test.rows(&twin).await?;
    let names = |tables: &BTreeMap<String, Rows>| tables.keys().cloned().collect::<Vec<_>>();
    ensure!(streamed.len() >= 16, "only the tables {:?}", names(&streamed));
    assert_eq!(names(&streamed), names(&snapshot));
    for (table, rows) in streamed {
        assert_eq!(rows, snapshot[&table], "{table}");
    }
    test.pipeline.stop().await
}
