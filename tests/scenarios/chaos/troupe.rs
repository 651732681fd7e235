//! [`Troupe`]: the twenty connectors, and what each has to have written.
//!
//! Three carry a diary out of MySQL: rows that are only inserted, so the table itself says what the topic must hold. The others
//! count; the last four of them have their offsets reset now and then, and owe nothing but their state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::change_event::ChangeEvent;
use harness::connector::ConnectorConfig;
use harness::eventually::{eventually, moment};
use harness::mysql::Mysql;
use harness::names::Names;
use harness::pipeline::Pipeline;
use harness::stack::Stack;
use reqwest::Method;
use serde_json::Value;
use tokio::task::JoinHandle;

use super::RECOVERY;
use super::wish::{Wish, Wishes};

const DIARIES: usize = 3;
const COUNTERS: usize = 13;
const RESTLESS: usize = 4;

struct Member {
    name: String,
    config: ConnectorConfig,
    wishes: Wishes,
    owes: Owes,
}

enum Owes {
    /// Every row of this table, once.
    Diary(String),
    /// 1, 2, 3, .. once each, in this topic.
    Numbers(String),
    Nothing,
}

pub(super) struct Troupe {
    members: Vec<Member>,
    mysql: Mysql,
    database: String,
}

impl Troupe {
    /// Creates all of them, running.
    pub(super) async fn enter(stack: &Stack, pipeline: &Pipeline) -> Result<Troupe> {
        let names = &pipeline.names;
        let tables: Vec<String> = (0..DIARIES).map(|number| format!("diary_{number}")).collect();
        pipeline
            .sql(
                tables
                    .iter()
                    .map(|table| format!("CREATE TABLE {table} (id BIGINT PRIMARY KEY, text VARCHAR(100))")),
            )
            .await?;
        let mut members = Vec::new();
        for table in tables {
            let own = Names {
                own: format!("{}_{table}", names.own),
            };
            let config = ConnectorConfig::mysql(stack, &own)?
                .with("database.include.list", names.database())
                .with("table.include.list", &format!("{}.{table}", names.database()))
                .with("topic.creation.default.partitions", "1");
            members.push(Member::new(own.own, config, Owes::Diary(table)));
        }
        for number in 0..COUNTERS + RESTLESS {
            let name = format!("{}_numbers_{number}", names.own);
            let config = ConnectorConfig::numbers(&name).with("interval.ms", "200");
            let owes = match number {
                0..COUNTERS => Owes::Numbers(name.clone()),
                _ => Owes::Nothing,
            };
            members.push(Member::new(name, config, owes));
        }
        let troupe = Troupe {
            members,
            mysql: pipeline.mysql.clone(),
            database: names.database().to_owned(),
        };
        for member in &troupe.members {
            pipeline.rest()?.create(&member.name, &member.config.json()).await?;
        }
        Ok(troupe)
    }

    pub(super) fn size(&self) -> usize {
        self.members.len()
    }

    pub(super) fn name(&self, member: usize) -> &str {
        &self.members[member].name
    }

    pub(super) fn config(&self, member: usize) -> Value {
        self.members[member].config.json()
    }

    pub(super) fn wishes(&mut self, member: usize) -> &mut Wishes {
        &mut self.members[member].wishes
    }

    pub(super) fn is_restless(&self, member: usize) -> bool {
        matches!(self.members[member].owes, Owes::Nothing)
    }

    /// Writes into all diaries until `is_over`, whatever happens to MySQL. Which of the rows were committed, the tables know.
    pub(super) fn write_until(&self, is_over: &Arc<AtomicBool>) -> JoinHandle<Result<()>> {
        let (mysql, database, is_over) = (self.mysql.clone(), self.database.clone(), Arc::clone(is_over));
        tokio::spawn(async move {
            let mut id = 0_i64;
            while !is_over.load(Ordering::SeqCst) {
                id += 1;
                for diary in 0..DIARIES {
                    let insert = format!("INSERT INTO {database}.diary_{diary} VALUES ({id}, 'entry {id}')");
                    // It may fail, and may have been committed when it does: the table decides.
                    drop(tokio::time::timeout(Duration::from_secs(2), mysql.run([insert])).await);
                }
                moment(Duration::from_millis(100)).await;
            }
            Ok(())
        })
    }

    /// Every connector comes to the state that was asked for last.
    pub(super) async fn is_as_asked(&self, pipeline: &Pipeline) -> Result<()> {
        let rest = pipeline.rest()?;
        for member in &self.members {
            let look = async || {
                let path = format!("/connectors/{}/status", member.name);
                let answer = rest.call(Method::GET, &path, None).await?;
                let status = (answer.status == 200).then_some(&answer.body);
                ensure!(
                    member.wishes.contains_shown(status),
                    "{:?} was asked for, and the status is {} {}",
                    member.wishes,
                    answer.status,
                    answer.body
                );
                Ok(())
            };
            let what = format!("{} is as asked", member.name);
            eventually(&what, RECOVERY, look).await?;
        }
        Ok(())
    }

    /// Makes every connector run again, also those that were deleted.
    pub(super) async fn everyone_runs(&mut self, pipeline: &Pipeline) -> Result<()> {
        let rest = pipeline.rest()?;
        for member in &mut self.members {
            let config = format!("/connectors/{}/config", member.name);
            let put = rest.call(Method::PUT, &config, Some(&member.config.json())).await?;
            ensure!(
                matches!(put.status, 200 | 201),
                "PUT {config}: {} {}",
                put.status,
                put.body
            );
            rest.ask(&member.name, "resume").await?;
            member.wishes = Wishes::only(Wish::Running);
        }
        self.is_as_asked(pipeline).await
    }

    pub(super) async fn has_written_everything_once(&self, pipeline: &mut Pipeline) -> Result<()> {
        for member in &self.members {
            let checked = match &member.owes {
                Owes::Diary(table) => self.check_diary(pipeline, &member.name, table).await,
                Owes::Numbers(topic) => check_numbers(pipeline, topic).await,
                Owes::Nothing => Ok(()),
            };
            checked.with_context(|| member.name.clone())?;
        }
        Ok(())
    }

    async fn check_diary(&self, pipeline: &mut Pipeline, prefix: &str, table: &str) -> Result<()> {
        let select = format!("SELECT id FROM {}.{table} ORDER BY id", self.database);
        let rows = self.mysql.rows(&select).await?;
        let rows: Vec<i64> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
        ensure!(rows.len() > 10, "only {} entries were written", rows.len());
        let topic = format!("{prefix}.{}.{table}", self.database);
        let mut seen = Vec::new();
        let registry = &mut pipeline.registry;
        let committed = &pipeline.committed;
        let look = async || {
            let records = committed.read(&topic).await?;
            seen = ChangeEvent::decode_all(&records, registry).await?;
            ensure!(
                seen.len() >= rows.len(),
                "{} events of {} entries",
                seen.len(),
                rows.len()
            );
            Ok(())
        };
        eventually("every entry has arrived", RECOVERY, look).await?;
        // What was under way when MySQL was suspended is committed in any order.
        let mut ids: Vec<i64> = seen.iter().filter_map(|event| event.after["id"].as_i64()).collect();
        ids.sort_unstable();
        ensure!(ids == rows, "the topic has {ids:?}, the table {rows:?}");
        Ok(())
    }
}

impl Member {
    fn new(name: String, config: ConnectorConfig, owes: Owes) -> Member {
        Member {
            name,
            config,
            wishes: Wishes::only(Wish::Running),
            owes,
        }
    }
}

async fn check_numbers(pipeline: &Pipeline, topic: &str) -> Result<()> {
    let records = pipeline.committed.read(topic).await?;
    let numbers = records.iter().map(|record| {
        let value = record.value.as_deref().context("a value")?;
        Ok(std::str::from_utf8(value)?.parse::<i64>()?)
    });
    let numbers: Vec<i64> = numbers.collect::<Result<_>>()?;
    ensure!(!numbers.is_empty(), "there are no numbers");
    let wrong = numbers
        .iter()
        .copied()
        .zip(1..)
        .find(|(number, expected)| number != expected);
    match wrong {
        None => Ok(()),
        Some((number, expected)) => anyhow::bail!("{number} stands where {expected} should"),
    }
}
