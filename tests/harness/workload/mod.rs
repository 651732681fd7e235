//! [`Workload`]: seeded writers on four tables, each with a ledger of what it committed.
//!
//! Tables with an integer key, a composite key, a text key under a case-insensitive collation (keys change in case only, too)
//! and no key. Rows have a number that says which writer owns them; keys follow from the number. Transactions have inserts,
//! updates, deletes and key changes of one or several rows in one or several tables, savepoints that are rolled back to, and
//! an end that is a commit or a rollback.

mod table;
mod writer;

pub use table::{TABLES, Table};
pub use writer::Writer;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use anyhow::{Context, Result};
use rand::Rng;
use rand::rngs::StdRng;
use serde_json::Value;

use writer::Mark;

use crate::ledger::{Change, Phase};
use crate::mysql::{Mysql, Session};

/// The numbers of a writer's rows: far from the others' rows, or writers would wait for each other in the gaps of indexes.
const SPAN: i64 = 1_000_000;
/// Rows of one writer and table that change again and again.
const HOT: i64 = 40;

/// What it takes to write.
#[derive(Clone)]
pub struct Workload {
    mysql: Mysql,
    database: String,
    writers: i64,
    versions: Arc<AtomicI64>,
    /// How many rows each table has at first; there is room for twice as many.
    pub rows: HashMap<Table, i64>,
    pub statements_per_transaction: std::ops::RangeInclusive<usize>,
    /// Rolled back transactions, in percent.
    pub rollbacks: u32,
}

impl Workload {
    /// Creates database, tables and their first rows; answers with the ledgers of the writers.
    pub async fn prepare(
        mysql: Mysql,
        database: &str,
        writers: i64,
        rows: &[(Table, i64)],
    ) -> Result<(Workload, Vec<Writer>)> {
        let workload = Workload {
            mysql,
            database: database.to_owned(),
            writers,
            versions: Arc::new(AtomicI64::new(1)),
            rows: TABLES
                .iter()
                .map(|table| (*table, 0))
                .chain(rows.iter().copied())
                .collect(),
            statements_per_transaction: 1..=8,
            rollbacks: 15,
        };
        let mut session = workload.mysql.session().await?;
        session.run(format!("CREATE DATABASE {database}")).await?;
        session.run(format!("USE {database}")).await?;
        let mut owners: Vec<Writer> = (0..writers).map(Writer::new).collect();
        for table in TABLES {
            session.run(table.definition()).await?;
            // A row between the writers' ranges that nobody changes: it keeps each one's gaps its own.
            let fences: Vec<i64> = (0..writers).map(|own| own * SPAN + SPAN / 2).collect();
            workload.insert(&mut session, &mut owners, table, &fences).await?;
            for from in (0..workload.rows[&table]).step_by(2000) {
                let indices = from..(from + 2000).min(workload.rows[&table]);
                let numbers: Vec<i64> = indices.map(|index| index % writers * SPAN + index / writers).collect();
                workload.insert(&mut session, &mut owners, table, &numbers).await?;
            }
        }
        Ok((workload, owners))
    }

    async fn insert(&self, session: &mut Session, owners: &mut [Writer], table: Table, numbers: &[i64]) -> Result<()> {
        let mut tuples = Vec::with_capacity(numbers.len());
        for number in numbers {
            let row = self.row(table, *number, false, "first");
            tuples.push(tuple(&row));
            let owner = owners
                .get_mut((number / SPAN) as usize)
                .context("an owner for every number")?;
            owner
                .ledger(table)
                .commit(&table.key(*number, false), Phase::Foldable, Change::Insert(row.clone()));
            owner.rows.insert((table, *number), row);
        }
        let columns = columns(&self.row(table, 0, false, ""));
        session
            .run(format!(
                "INSERT INTO {} ({columns}) VALUES {}",
                table.name(),
                tuples.join(", ")
            ))
            .await
    }

    fn row(&self, table: Table, number: i64, shouted: bool, note: &str) -> Value {
        let mut row = table.key(number, shouted);
        row["version"] = self.versions.fetch_add(1, Ordering::Relaxed).into();
        row["note"] = if number % 7 == 3 {
            Value::Null
        } else {
            format!("{note} grüße {number} 🐘").into()
        };
        row
    }

    /// Writes until `stop`, or for this many transactions, in a session of its own.
    pub async fn write(&self, mut writer: Writer, mut random: StdRng, until: Until) -> Result<Writer> {
        let mut session = self.mysql.session().await?;
        session.run(format!("USE {}", self.database)).await?;
        // Without gap locks writers rarely wait for each other. While one waits, a snapshot's read lock waits for it, and all
        // others for that.
        session
            .run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
            .await?;
        while !until.is_reached(writer.transactions) {
            self.transaction(&mut session, &mut writer, &mut random).await?;
            writer.transactions += 1;
        }
        Ok(writer)
    }

    async fn transaction(&self, session: &mut Session, writer: &mut Writer, random: &mut StdRng) -> Result<()> {
        let phase = writer.phase();
        session.run("BEGIN").await?;
        let is_rolled_back = match self.statements(session, writer, random).await {
            Ok(()) => random.random_ratio(self.rollbacks, 100),
            Err(error) if is_deadlock(&error) => true,
            Err(error) => return Err(error),
        };
        if is_rolled_back {
            session.run("ROLLBACK").await?;
            writer.roll_back_to(Mark::default());
        } else {
            session.run("COMMIT").await?;
            writer.commit(phase);
        }
        Ok(())
    }

    async fn statements(&self, session: &mut Session, writer: &mut Writer, random: &mut StdRng) -> Result<()> {
        let mut savepoint: Option<Mark> = None;
        for _ in 0..random.random_range(self.statements_per_transaction.clone()) {
            match (&savepoint, random.random_range(0..100)) {
                (None, 0..6) => {
                    session.run("SAVEPOINT here").await?;
                    savepoint = Some(writer.mark());
                }
                (Some(_), 0..25) => {
                    if let Some(mark) = savepoint.take() {
                        session.run("ROLLBACK TO SAVEPOINT here").await?;
                        writer.roll_back_to(mark);
                    }
                }
                _ => self.statement(session, writer, random).await?,
            }
        }
        Ok(())
    }

    async fn statement(&self, session: &mut Session, writer: &mut Writer, random: &mut StdRng) -> Result<()> {
        let table = TABLES[random.random_range(0..TABLES.len())];
        // Every other row is one of a few that change again and again.
        let all = (self.rows[&table] * 2).max(HOT * self.writers);
        let range = if random.random() { HOT } else { all / self.writers };
        let mut number = || writer.own * SPAN + random.random_range(0..range);
        let (one, other, third) = (number(), number(), number());
        let choice = random.random_range(0..100);
        let statement = match (writer.rows.contains_key(&(table, one)), choice) {
            (false, 0..70) => self.insert_one(writer, table, one),
            (false, _) => self.insert_several(writer, table, [one, other, third]),
            (true, 0..35) => self.update(writer, table, one),
            (true, 35..50) => self.update_several(writer, table, [one, other, third]),
            (true, 50..70) => delete(writer, table, one),
            (true, 70..75) if table == Table::Texts => self.change_case(writer, table, one),
            (true, _) if !table.is_keyed() || writer.rows.contains_key(&(table, other)) => {
                self.update(writer, table, one)
            }
            (true, _) => self.change_key(writer, table, one, other),
        };
        session.run(statement).await
    }

    fn insert_one(&self, writer: &mut Writer, table: Table, number: i64) -> String {
        let row = self.row(table, number, false, "inserted");
        let statement = format!(
            "INSERT INTO {} ({}) VALUES {}",
            table.name(),
            columns(&row),
            tuple(&row)
        );
        writer.put(table, number, Change::Insert(row));
        statement
    }

    fn insert_several(&self, writer: &mut Writer, table: Table, numbers: [i64; 3]) -> String {
        let mut statement = String::new();
        for number in numbers {
            if !writer.rows.contains_key(&(table, number)) {
                let one = self.insert_one(writer, table, number);
                match one.split_once(" VALUES ") {
                    Some((_, tuple)) if !statement.is_empty() => statement.push_str(&format!(", {tuple}")),
                    _ => statement = one,
                }
            }
        }
        statement
    }

    fn update(&self, writer: &mut Writer, table: Table, number: i64) -> String {
        let old = writer.rows[&(table, number)].clone();
        let mut row = self.row(table, number, false, "updated");
        for column in table.identity() {
            row[*column] = old[*column].clone();
        }
        let statement = format!(
            "UPDATE {} SET {} WHERE {}",
            table.name(),
            assignments(&row),
            condition(table, &old)
        );
        writer.put(table, number, Change::Update(row));
        statement
    }

    /// One statement, several rows. Only the version changes; each row gets its own.
    fn update_several(&self, writer: &mut Writer, table: Table, mut numbers: [i64; 3]) -> String {
        numbers.sort_unstable();
        let mut cases: BTreeMap<i64, i64> = BTreeMap::new();
        let mut keys = Vec::new();
        for number in numbers {
            let old = writer
                .rows
                .get(&(table, number))
                .filter(|old| !cases.values().any(|new| *new == version(old)));
            if let Some(mut row) = old.cloned() {
                keys.push(condition(table, &row));
                let old_version = version(&row);
                row["version"] = self.versions.fetch_add(1, Ordering::Relaxed).into();
                cases.insert(old_version, version(&row));
                writer.put(table, number, Change::Update(row));
            }
        }
        let whens: String = cases
            .iter()
            .map(|(old, new)| format!(" WHEN {old} THEN {new}"))
            .collect();
        format!(
            "UPDATE {} SET version = CASE version{whens} ELSE version END WHERE {}",
            table.name(),
            keys.join(" OR ")
        )
    }

    fn change_key(&self, writer: &mut Writer, table: Table, from: i64, to: i64) -> String {
        let old = writer.rows[&(table, from)].clone();
        let row = self.row(table, to, false, "moved");
        let statement = format!(
            "UPDATE {} SET {} WHERE {}",
            table.name(),
            assignments(&row),
            condition(table, &old)
        );
        writer.change_key(table, (from, &old), (to, row));
        statement
    }

    /// Another key, byte for byte, that the collation takes for the same.
    fn change_case(&self, writer: &mut Writer, table: Table, number: i64) -> String {
        let old = writer.rows[&(table, number)].clone();
        let is_shouted = old["code"] == table.key(number, true)["code"];
        let row = self.row(table, number, !is_shouted, "shouted");
        let statement = format!(
            "UPDATE {} SET {} WHERE {}",
            table.name(),
            assignments(&row),
            condition(table, &old)
        );
        writer.change_key(table, (number, &old), (number, row));
        statement
    }

    /// One row in every table, inserted or updated, and committed: when it is in the topics, everything before it is. Answers
    /// its versions.
    pub async fn touch(&self, writer: &mut Writer) -> Result<HashMap<Table, i64>> {
        let phase = writer.phase();
        let mut session = self.mysql.session().await?;
        session.run(format!("USE {}", self.database)).await?;
        session.run("BEGIN").await?;
        let mut last = HashMap::new();
        for table in TABLES {
            let number = writer.own * SPAN + SPAN - 1;
            let statement = match writer.rows.contains_key(&(table, number)) {
                true => self.update(writer, table, number),
                false => self.insert_one(writer, table, number),
            };
            session.run(statement).await?;
            last.insert(table, version(&writer.rows[&(table, number)]));
        }
        session.run("COMMIT").await?;
        writer.commit(phase);
        Ok(last)
    }
}

/// ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT: writers meet in gaps and on pages, although they share no row.
fn is_deadlock(error: &anyhow::Error) -> bool {
    let server = error.downcast_ref::<mysql_async::Error>();
    matches!(server, Some(mysql_async::Error::Server(error)) if matches!(error.code, 1205 | 1213))
}

fn delete(writer: &mut Writer, table: Table, number: i64) -> String {
    let statement = format!(
        "DELETE FROM {} WHERE {}",
        table.name(),
        condition(table, &writer.rows[&(table, number)])
    );
    writer.put(table, number, Change::Delete);
    statement
}

/// When a writer ends.
#[derive(Clone)]
pub enum Until {
    Flagged(Arc<AtomicBool>),
    Transactions(u64),
}

impl Until {
    fn is_reached(&self, transactions: u64) -> bool {
        match self {
            Until::Flagged(flag) => flag.load(Ordering::SeqCst),
            Until::Transactions(number) => transactions >= *number,
        }
    }
}

fn version(row: &Value) -> i64 {
    row["version"].as_i64().unwrap_or_default()
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    }
}

fn entries(row: &Value) -> impl Iterator<Item = (&String, &Value)> {
    row.as_object().into_iter().flatten()
}

fn columns(row: &Value) -> String {
    entries(row)
        .map(|(name, _)| name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

fn tuple(row: &Value) -> String {
    format!(
        "({})",
        entries(row)
            .map(|(_, value)| literal(value))
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn assignments(row: &Value) -> String {
    entries(row)
        .map(|(name, value)| format!("{name} = {}", literal(value)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn condition(table: Table, row: &Value) -> String {
    let parts = table
        .identity()
        .iter()
        .map(|column| format!("{column} = {}", literal(&row[*column])));
    format!("({})", parts.collect::<Vec<_>>().join(" AND "))
}
