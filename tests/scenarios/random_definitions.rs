//! Statements at random: whatever a server takes, the schema history says of a table what a new connector's says, and its rows are
//! the same.
//!
//! The server is what the statements are made from: each is about the columns and indexes that are there. Those that it refuses
//! change nothing. A failed run tells its seed and the statements.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use harness::change_event::{ChangeEvent, Operation};
use harness::connector::ConnectorConfig;
use harness::kafka_reader::Record;
use harness::mysql::Session;
use harness::pipeline::{Pipeline, SOON};
use harness::seed::{Seed, tell};
use harness::stack::Stack;
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

const STATEMENTS: usize = 150;
/// Tables at a time.
const TABLES: usize = 4;

/// Types as `SHOW CREATE TABLE` spells them, with defaults as it spells those. How else they may be spelled is
/// [`streamed_definitions`](super::streamed_definitions)' to say. Without YEAR, whose zero is another in the stream.
const TYPES: &[(&str, &[&str])] = &[
    ("int", &["'0'", "'-7'"]),
    ("int unsigned", &["'7'"]),
    ("tinyint", &["'1'"]),
    ("smallint unsigned", &["'500'"]),
    ("mediumint", &["'-70000'"]),
    ("bigint", &["'5000000000'"]),
    ("bigint unsigned", &["'0'"]),
    ("decimal(10,2)", &["'1.50'"]),
    ("decimal(5,0)", &["'12'"]),
    ("float", &["'1.5'"]),
    ("double", &["'2.25'"]),
    ("bit(5)", &["b'101'"]),
    ("varchar(20)", &["'some text'", "''"]),
    ("varchar(30) character set latin1", &["'text'"]),
    ("varchar(10) collate utf8mb4_bin", &["'b'"]),
    ("char(3)", &["'abc'"]),
    ("char(4) character set ascii", &["'a'"]),
    ("tinytext", &[]),
    ("text", &[]),
    ("mediumtext character set latin1", &[]),
    ("longtext", &[]),
    ("binary(4)", &[]),
    ("varbinary(16)", &["'bytes'"]),
    ("blob", &[]),
    ("json", &[]),
    ("date", &["'2024-02-29'"]),
    ("datetime", &["'2024-02-29 12:00:00'", "CURRENT_TIMESTAMP"]),
    ("datetime(3)", &["'2024-02-29 12:00:00.125'"]),
    (
        "timestamp",
        &["CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"],
    ),
    ("time(2)", &["'12:00:00.25'"]),
    ("enum('a','b','c')", &["'b'"]),
    ("set('x','y')", &["'x,y'"]),
];
/// Of the suite, which runs one program; other seeds look for more.
const USUAL_SEED: u64 = 179_136_637;
const CHARSETS: &[&str] = &["utf8mb4", "latin1", "ascii", "utf8mb3"];

fn pick<'a, T>(random: &mut StdRng, from: &'a [T]) -> Option<&'a T> {
    match from.len() {
        0 => None,
        length => from.get(random.random_range(0..length)),
    }
}

/// A table as the server has it.
#[derive(Debug, Default)]
struct Live {
    columns: Vec<String>,
    /// Their types.
    types: Vec<String>,
    /// Those whose indexes need a length.
    long: Vec<String>,
    indexes: Vec<String>,
}

/// Makes statements.
struct Author {
    random: StdRng,
    tables: BTreeMap<String, Live>,
}

impl Author {
    /// Looks at the tables of a database.
    async fn look(&mut self, session: &mut Session, database: &str) -> Result<()> {
        self.tables.clear();
        let tables = format!("SELECT table_name AS t FROM information_schema.tables WHERE table_schema = '{database}'");
        for row in session.rows(&tables).await? {
            self.tables.insert(text(&row, "t")?, Live::default());
        }
        let columns = format!(
            "SELECT table_name AS t, column_name AS c, column_type AS d FROM information_schema.columns \
             WHERE table_schema = '{database}' ORDER BY table_name, ordinal_position"
        );
        for row in session.rows(&columns).await? {
            let live = self.tables.entry(text(&row, "t")?).or_default();
            let kind = text(&row, "d")?;
            if kind.ends_with("text") || kind.ends_with("blob") {
                live.long.push(text(&row, "c")?);
            }
            live.columns.push(text(&row, "c")?);
            live.types.push(kind);
        }
        let indexes = format!(
            "SELECT DISTINCT table_name AS t, index_name AS i FROM information_schema.statistics \
             WHERE table_schema = '{database}' ORDER BY table_name, index_name"
        );
        for row in session.rows(&indexes).await? {
            let live = self.tables.entry(text(&row, "t")?).or_default();
            live.indexes.push(text(&row, "i")?);
        }
        // The marks of the test's own progress.
        self.tables.remove("done");
        Ok(())
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn table(&mut self) -> Option<String> {
        let names: Vec<String> = self.tables.keys().cloned().collect();
        pick(&mut self.random, &names).cloned()
    }

    fn new_table(&mut self) -> String {
        format!("t{}", self.random.random_range(0..9))
    }

    fn column(&mut self, table: &str) -> String {
        let columns = self.tables.get(table).map(|live| live.columns.as_slice());
        let column = pick(&mut self.random, columns.unwrap_or_default()).cloned();
        let column = column.unwrap_or_else(|| "c0".to_owned());
        match self.chance(10) {
            true => column.to_uppercase(),
            false => column,
        }
    }

    /// A column, and a default of its type.
    fn column_with_default(&mut self, table: &str) -> (String, &'static str) {
        let Some(live) = self.tables.get(table) else {
            return ("c0".to_owned(), "NULL");
        };
        let at = self.random.random_range(0..live.columns.len().max(1));
        let defaults = live.types.get(at).and_then(|kind| {
            let mut known = TYPES.iter();
            known.find(|(declared, _)| declared.starts_with(kind.as_str()))
        });
        let defaults = defaults.map_or(&[][..], |(_, defaults)| *defaults);
        let column = live.columns.get(at).cloned().unwrap_or_else(|| "c0".to_owned());
        (column, pick(&mut self.random, defaults).copied().unwrap_or("NULL"))
    }

    fn new_column(&mut self) -> String {
        format!("c{}", self.random.random_range(0..20))
    }

    fn index(&mut self, table: &str) -> String {
        let indexes = self.tables.get(table).map(|live| live.indexes.as_slice());
        let index = pick(&mut self.random, indexes.unwrap_or_default()).cloned();
        index.unwrap_or_else(|| "i0".to_owned())
    }

    fn place(&mut self, table: &str) -> String {
        match self.random.random_range(0..4) {
            0 => " FIRST".to_owned(),
            1 => format!(" AFTER `{}`", self.column(table)),
            _ => String::new(),
        }
    }

    /// What follows a column's name.
    fn definition(&mut self) -> String {
        if self.chance(3) {
            return "int NOT NULL AUTO_INCREMENT UNIQUE".to_owned();
        }
        let (mut definition, defaults) = match pick(&mut self.random, TYPES) {
            Some((kind, defaults)) => ((*kind).to_owned(), *defaults),
            None => ("int".to_owned(), &[][..]),
        };
        match self.random.random_range(0..3) {
            // What is in rows that are there already is logged without bytes, which is {} as in Debezium, and shown as null.
            0 if definition != "json" => definition.push_str(" NOT NULL"),
            1 => definition.push_str(" NULL"),
            _ => {}
        }
        if self.chance(40)
            && let Some(default) = pick(&mut self.random, defaults)
        {
            definition.push_str(" DEFAULT ");
            definition.push_str(default);
        }
        if self.chance(5) {
            definition.push_str(" COMMENT 'it''s a column'");
        }
        definition
    }

    /// Columns of an index, of those in `from`.
    fn key_parts(&mut self, from: &[String], long: &[String]) -> String {
        let count = self.random.random_range(1..=2);
        let mut parts: Vec<String> = Vec::new();
        for _ in 0..count {
            let Some(column) = pick(&mut self.random, from).cloned() else {
                continue;
            };
            let part = match long.contains(&column) {
                true => format!("`{column}`(8)"),
                false => format!("`{column}`"),
            };
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts.join(", ")
    }

    fn key_of(&mut self, table: &str) -> String {
        let (columns, long) = match self.tables.get(table) {
            Some(live) => (live.columns.clone(), live.long.clone()),
            None => (Vec::new(), Vec::new()),
        };
        self.key_parts(&columns, &long)
    }

    fn create(&mut self) -> String {
        let name = self.new_table();
        if self.chance(20)
            && let Some(table) = self.table()
        {
            return format!("CREATE TABLE {name} LIKE {table}");
        }
        let columns: Vec<String> = (0..self.random.random_range(1..6)).map(|n| format!("c{n}")).collect();
        let mut parts: Vec<String> = columns
            .iter()
            .map(|column| format!("{column} {}", self.definition()))
            .collect();
        match self.random.random_range(0..4) {
            0 => {
                let key = self.key_parts(&columns, &[]);
                parts.push(format!("PRIMARY KEY ({key})"));
            }
            1 => {
                let key = self.key_parts(&columns, &[]);
                parts.push(format!("UNIQUE KEY u0 ({key})"));
            }
            2 => parts.push("id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY".to_owned()),
            _ => {}
        }
        let charset = match self.chance(30) {
            true => pick(&mut self.random, CHARSETS).map_or(String::new(), |charset| format!(" CHARSET={charset}")),
            false => String::new(),
        };
        format!("CREATE TABLE {name} ({}){charset}", parts.join(", "))
    }

    /// One part of an `ALTER TABLE`.
    fn action(&mut self, table: &str) -> String {
        match self.random.random_range(0..32) {
            0..=5 => format!(
                "ADD COLUMN {} {}{}",
                self.new_column(),
                self.definition(),
                self.place(table)
            ),
            6 => {
                let (one, other) = (self.new_column(), self.new_column());
                format!("ADD ({one} {}, {other} {})", self.definition(), self.definition())
            }
            7..=9 => format!("DROP COLUMN `{}`", self.column(table)),
            10..=13 => format!(
                "MODIFY `{}` {}{}",
                self.column(table),
                self.definition(),
                self.place(table)
            ),
            14..=16 => {
                let (from, to) = (self.column(table), self.new_column());
                format!("CHANGE COLUMN `{from}` {to} {}{}", self.definition(), self.place(table))
            }
            17..=18 => format!("RENAME COLUMN `{}` TO {}", self.column(table), self.new_column()),
            19 => {
                let (one, other) = (self.column(table), self.column(table));
                format!("RENAME COLUMN `{one}` TO `{other}`, RENAME COLUMN `{other}` TO `{one}`")
            }
            20 => {
                let (column, default) = self.column_with_default(table);
                format!("ALTER COLUMN `{column}` SET DEFAULT {default}")
            }
            21 => format!("ALTER `{}` DROP DEFAULT", self.column(table)),
            22..=23 => {
                let number = self.random.random_range(0..5);
                let unique = if self.chance(60) { "UNIQUE " } else { "" };
                format!("ADD {unique}INDEX i{number} ({})", self.key_of(table))
            }
            24 => format!("DROP INDEX `{}`", self.index(table)),
            25 => format!(
                "RENAME INDEX `{}` TO i{}",
                self.index(table),
                self.random.random_range(0..5)
            ),
            26 => format!("ADD PRIMARY KEY ({})", self.key_of(table)),
            27 => "DROP PRIMARY KEY".to_owned(),
            28 => format!("DROP PRIMARY KEY, ADD PRIMARY KEY ({})", self.key_of(table)),
            29 => match pick(&mut self.random, CHARSETS) {
                Some(charset) => format!("CONVERT TO CHARACTER SET {charset}"),
                None => "FORCE".to_owned(),
            },
            30 => match pick(&mut self.random, CHARSETS) {
                Some(charset) => format!("DEFAULT CHARACTER SET = {charset}"),
                None => "FORCE".to_owned(),
            },
            _ => "COMMENT = 'a table'".to_owned(),
        }
    }

    fn statement(&mut self) -> String {
        let Some(table) = self.table() else {
            return self.create();
        };
        match self.random.random_range(0..100) {
            0..10 if self.tables.len() < TABLES => self.create(),
            10..13 if self.tables.len() > 2 => format!("DROP TABLE {table}"),
            13..16 => format!("RENAME TABLE {table} TO {}", self.new_table()),
            16..18 => format!(
                "ALTER TABLE {table} RENAME TO {}, {}",
                self.new_table(),
                self.action(&table)
            ),
            18..21 => match self.table() {
                Some(other) => format!("RENAME TABLE {table} TO swap, {other} TO {table}, swap TO {other}"),
                None => self.create(),
            },
            21..24 => format!(
                "CREATE UNIQUE INDEX i{} ON {table} ({})",
                self.random.random_range(0..5),
                self.key_of(&table)
            ),
            24..26 => format!("DROP INDEX `{}` ON {table}", self.index(&table)),
            _ => {
                let count = if self.chance(30) { 2 } else { 1 };
                let actions: Vec<String> = (0..count).map(|_| self.action(&table)).collect();
                format!("ALTER TABLE `{table}` {}", actions.join(", "))
            }
        }
    }
}

fn text(row: &Value, column: &str) -> Result<String> {
    let text = row[column].as_str();
    text.map(str::to_owned).with_context(|| format!("{column} in {row}"))
}

/// What the history says of each table in the end.
fn recorded(history: &[Record]) -> Result<BTreeMap<String, Value>> {
    let mut tables = BTreeMap::new();
    for record in history {
        let bytes = record.value.as_deref().context("a record without a value")?;
        let record: Value = serde_json::from_slice(bytes)?;
        for change in record["tableChanges"].as_array().into_iter().flatten() {
            for former in ["previousId", "id"] {
                if let Some(id) = change[former].as_str() {
                    tables.remove(id);
                }
            }
            if change["type"] != "DROP" {
                tables.insert(text(change, "id")?, plain(&change["table"]));
            }
        }
    }
    Ok(tables)
}

/// A definition without what makes no difference for records: whether the default NULL is stated, and which of the TEXT types it
/// is. (`CONVERT TO CHARACTER SET` makes a TEXT a MEDIUMTEXT where its letters need more room, and Debezium does not follow it.)
fn plain(table: &Value) -> Value {
    let mut table = table.clone();
    for column in table["columns"].as_array_mut().into_iter().flatten() {
        if column["optional"] == true && column["defaultValueExpression"].is_null() {
            column["hasDefaultValue"] = json!(true);
        }
        for name in ["typeName", "typeExpression"] {
            if column[name].as_str().is_some_and(|kind| kind.ends_with("TEXT")) {
                column[name] = json!("TEXT");
            }
        }
    }
    table
}

/// Where what was followed is not what is there.
fn differences(place: &str, followed: &Value, there: &Value) -> Vec<String> {
    match (followed, there) {
        (Value::Object(one), Value::Object(other)) => {
            let names = one.keys().chain(other.keys().filter(|name| !one.contains_key(*name)));
            names
                .flat_map(|name| differences(&format!("{place}/{name}"), &followed[name], &there[name]))
                .collect()
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => one
            .iter()
            .zip(other)
            .flat_map(|(one, other)| differences(&format!("{place}/{}", one["name"]), one, other))
            .collect(),
        _ if followed == there => Vec::new(),
        _ => vec![format!("{place}: {followed} was followed, {there} is there")],
    }
}

/// The rows of each table's topic, which are of one insert.
async fn rows(pipeline: &mut Pipeline, prefix: &str) -> Result<BTreeMap<String, Vec<Value>>> {
    let mut tables = BTreeMap::new();
    let own = format!("{prefix}.{}.", pipeline.names.database());
    for topic in pipeline.committed.topics()? {
        let Some(table) = topic.strip_prefix(&own) else {
            continue;
        };
        let records = pipeline.committed.read(&topic).await?;
        let events = ChangeEvent::decode_all(&records, &mut pipeline.registry).await?;
        let rows = events
            .into_iter()
            .filter(|event| event.operation != Operation::Tombstone);
        tables.insert(table.to_owned(), rows.map(|event| event.after).collect());
    }
    Ok(tables)
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_that_were_followed_are_those_of_a_new_snapshot() -> Result<()> {
    let seed = Seed::of_environment_or(USUAL_SEED)?;
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "random")?;
    pipeline.sql(["CREATE TABLE done (id INT PRIMARY KEY)"]).await?;
    let database = pipeline.names.database().to_owned();
    let prefix = pipeline.names.prefix().to_owned();
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("topic.creation.default.partitions", "1")
        .with("schema.history.internal.store.only.captured.tables.ddl", "true");
    pipeline.create(&config).await?;
    pipeline.is_streaming(SOON).await?;

    let mut author = Author {
        random: seed.stream(1),
        tables: BTreeMap::new(),
    };
    let mut session = pipeline.mysql.session().await?;
    session.run(format!("USE {database}")).await?;
    let mut taken = Vec::new();
    for number in 0..STATEMENTS {
        if number == STATEMENTS / 2 {
            // What is known so far is read from the history.
            session.run("INSERT INTO done VALUES (1)").await?;
            pipeline.row("done", "id", 1).await?;
            pipeline.worker.kill()?;
            pipeline.worker.start().await?;
        }
        author.look(&mut session, &database).await?;
        let statement = author.statement();
        if session.run(&statement).await.is_ok() {
            tell(&format!("{statement};"));
            taken.push(statement);
        }
    }
    ensure!(taken.len() > STATEMENTS / 2, "the server took only {}", taken.len());
    author.look(&mut session, &database).await?;
    session.run("SET sql_mode = ''").await?;
    for table in author.tables.keys() {
        session.run(format!("INSERT INTO {table} () VALUES ()")).await?;
    }
    session.run("INSERT INTO done VALUES (2)").await?;
    session.close().await?;
    pipeline.row("done", "id", 2).await?;

    let twin = format!("{prefix}_twin");
    let config = config
        .with("topic.prefix", &twin)
        .with("schema.history.internal.kafka.topic", &format!("{twin}.schema_history"))
        .without("database.server.id");
    let rest = pipeline.rest()?;
    rest.create(&twin, &config.json()).await?;
    let look = async || {
        let offset = rest.offset(&twin).await?;
        let fields = offset.as_object().context("no offset is stored")?;
        let is_snapshot = fields.keys().any(|key| key.contains("snapshot"));
        ensure!(!is_snapshot, "the snapshot is not over");
        Ok(())
    };
    pipeline
        .worker
        .eventually("the second snapshot is over", SOON, look)
        .await?;

    let streamed = recorded(&pipeline.uncommitted.read(&pipeline.names.history_topic()).await?)?;
    let snapshot = recorded(&pipeline.uncommitted.read(&format!("{twin}.schema_history")).await?)?;
    ensure!(
        streamed.keys().eq(snapshot.keys()) && snapshot.len() == author.tables.len() + 1,
        "{:?} were followed, {:?} are there",
        streamed.keys(),
        snapshot.keys()
    );
    for (table, definition) in &streamed {
        let wrong = differences("", definition, &snapshot[table]);
        ensure!(wrong.is_empty(), "{table}, {seed}: {wrong:#?}");
    }
    let (streamed, snapshot) = (rows(&mut pipeline, &prefix).await?, rows(&mut pipeline, &twin).await?);
    for (table, rows) in &snapshot {
        let told = streamed.get(table).and_then(|rows| rows.last());
        assert_eq!(told, rows.last(), "{table}, {seed}");
    }
    pipeline.stop().await
}
