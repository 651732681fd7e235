//! [`CaseRunner`]: runs cases on a worker of ours, as `scripts/record_lib/recorder.py` does on Debezium.
//!
//! After each streamed section a row goes into `recorder.mark`; the section is over when that row is in its topic, or when
//! the task has failed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::kafka_reader::{KafkaReader, Record as KafkaRecord};
use harness::mysql::Mysql;
use harness::names::Names;
use harness::rest_client::RestClient;
use harness::stack::Stack;
use harness::worker_process::WorkerProcess;
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;

use super::apicurio_registry::{ApicurioRegistry, PACKAGE, URL, shown_header};
use super::case_file::{Case, Moment};
use super::decoder::{Decoder, MAGIC};
use super::message::{document, given_time, is_of_mark, json_part, partition};
use super::recording::{Origin, Record, Recording};

const AVRO: &str = "io.confluent.connect.avro.AvroConverter";
const SOON: Duration = Duration::from_secs(60);
const EMPTY_SERVER: &str = "SELECT CONCAT('DROP DATABASE `', REPLACE(SCHEMA_NAME, '`', '``'), '`') AS statement \
    FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')";

/// A worker, and the servers that it works on.
pub(super) struct CaseRunner {
    stack: Stack,
    mysql: Mysql,
    worker: WorkerProcess,
    rest: RestClient,
    topics: KafkaReader,
    decoder: Decoder,
    apicurio: ApicurioRegistry,
}

impl CaseRunner {
    pub(super) async fn start(stack: &Stack) -> Result<Self> {
        let mut worker = WorkerProcess::new(stack, &Names::new("side_by_side"))?
            .with("key.converter", AVRO)
            .with("key.converter.schema.registry.url", stack.registry()?)
            .with("value.converter", AVRO)
            .with("value.converter.schema.registry.url", stack.registry()?);
        worker.start().await?;
        Ok(CaseRunner {
            stack: stack.clone(),
            mysql: Mysql::of(stack)?,
            rest: worker.rest()?,
            worker,
            topics: KafkaReader::committed(stack.kafka()?)?,
            decoder: Decoder::new(stack.registry()?),
            apicurio: ApicurioRegistry::new(stack.registry()?)?,
        })
    }

    /// Leaves the servers as the next test expects them.
    pub(super) async fn end(mut self) -> Result<()> {
        self.empty_server("MINIMAL").await?;
        self.worker.terminate(SOON).await.map(|_| ())
    }

    pub(super) async fn run(&mut self, case: &Case, row_metadata: &str) -> Result<Recording> {
        // A topic prefix of each run's own; in what it gave, it is called what the recording calls it.
        let prefix = match row_metadata {
            "MINIMAL" => case.name.clone(),
            other => format!("{}__{}", case.name, other.to_lowercase()),
        };
        if is_of_apicurio(case) {
            self.apicurio.keep_ids_apart().await?;
        }
        let origin = self.empty_server(row_metadata).await?;
        let scratch = std::env::temp_dir().join(format!("rowmill-case.{}.{prefix}", std::process::id()));
        fs::create_dir_all(&scratch)?;
        let ran = self.run_sections(case, &prefix, &scratch).await;
        let recording = match ran {
            Ok(()) => self.collect(case, &prefix, row_metadata, origin).await,
            Err(error) => Err(error),
        };
        // If the case has failed, this may fail for the same reason.
        let deleted = self.rest.delete(&prefix).await;
        fs::remove_dir_all(&scratch)?;
        let recording = recording?;
        deleted?;
        Ok(recording)
    }

    /// No databases, no dump threads, no binlog from before.
    async fn empty_server(&self, row_metadata: &str) -> Result<Origin> {
        self.mysql.end_dumps(SOON).await?;
        let rows = self.mysql.rows(EMPTY_SERVER).await?;
        let metadata = format!("SET GLOBAL binlog_row_metadata = {row_metadata}");
        let drops = rows.iter().filter_map(|row| row["statement"].as_str());
        self.mysql.run(drops.chain([metadata.as_str()])).await?;
        let (file, pos) = self.mysql.begin_binlog_anew().await?;
        let uuid = self.mysql.value("SELECT @@server_uuid").await?;
        Ok(Origin {
            uuid: uuid.as_str().context("a uuid")?.to_owned(),
            transactions: 0,
            file,
            pos,
        })
    }

    /// As root, by MySQL's own client, which is what made the recordings: the binlog holds the statements' very text.
    fn sql(&self, statements: &str) -> Result<()> {
        self.stack.run(&["sql", &format!("{statements};")]).map(|_| ())
    }

    async fn run_sections(&mut self, case: &Case, prefix: &str, scratch: &Path) -> Result<()> {
        let (mut is_stopped, mut streamed) = (false, 0);
        for (moment, sql) in &case.sections {
            match moment {
                Moment::BeforeSnapshot => {
                    self.sql(sql)?;
                    self.rest.create(prefix, &self.config(case, prefix, scratch)?).await?;
                    if !self.await_snapshot(case, prefix).await? {
                        self.sql("CREATE DATABASE recorder; CREATE TABLE recorder.mark (id INT PRIMARY KEY)")?;
                    }
                }
                Moment::WhileStopped => {
                    self.stop(prefix).await?;
                    is_stopped = true;
                    self.sql(sql)?;
                }
                Moment::Stream => {
                    if is_stopped {
                        self.rest.ask(prefix, "resume").await?;
                        is_stopped = false;
                        // Perhaps behind another snapshot.
                        self.await_snapshot(case, prefix).await?;
                    }
                    streamed += 1;
                    self.sql(&format!("{sql}\nINSERT INTO recorder.mark VALUES ({streamed})"))?;
                    self.await_mark(prefix, streamed).await?;
                }
            }
            if !is_stopped && self.has_failed(prefix).await? {
                break;
            }
        }
        Ok(())
    }

    fn config(&self, case: &Case, prefix: &str, scratch: &Path) -> Result<Value> {
        let port = self.stack.mysql_port()?.to_string();
        let mut config: Map<String, Value> = [
            ("connector.class", "io.debezium.connector.mysql.MySqlConnector"),
            ("tasks.max", "1"),
            ("database.hostname", "127.0.0.1"),
            ("database.port", &port),
            ("database.user", self.stack.mysql_user()?),
            ("database.password", self.stack.mysql_password()?),
            ("database.server.id", "640001"),
            ("topic.prefix", prefix),
            ("topic.creation.default.partitions", "1"),
            ("topic.creation.default.replication.factor", "1"),
            ("schema.history.internal.kafka.topic", &history_topic(prefix)),
            ("schema.history.internal.kafka.bootstrap.servers", self.stack.kafka()?),
            ("poll.interval.ms", "20"),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()))
        .collect();
        for (key, value) in &case.config {
            // The mark must pass every filter.
            let mark = match key.as_str() {
                "database.include.list" => ",recorder",
                "table.include.list" => ",recorder.mark",
                "column.include.list" => ",recorder.mark.id",
                _ => "",
            };
            let value = value.replace("{scratch}", &scratch.display().to_string());
            config.insert(key.clone(), format!("{value}{mark}").into());
        }
        // Settings of a converter count only beside its class.
        for converter in ["key.converter", "value.converter"] {
            let is_set = config.keys().any(|key| key.starts_with(&format!("{converter}.")));
            if is_set && !config.contains_key(converter) {
                config.insert(converter.to_owned(), AVRO.into());
                let url = self.stack.registry()?;
                config.insert(format!("{converter}.schema.registry.url"), url.into());
            }
        }
        for converter in ["key.converter", "value.converter"] {
            let key = format!("{converter}.{URL}");
            if let Some(path) = case.setting(&key) {
                config.insert(key, self.apicurio.address(path).into());
            }
            if case.setting(&format!("{converter}.data.serializer.type")) == Some("avro") {
                let key = format!("{converter}.avro.schema.registry.url");
                config.insert(key, self.stack.registry()?.into());
            }
        }
        Ok(config.into())
    }

    /// Waits until the stream begins; answers whether the task has failed instead.
    async fn await_snapshot(&self, case: &Case, prefix: &str) -> Result<bool> {
        let ends_there = case.setting("snapshot.mode") == Some("initial_only");
        let look = async || {
            if self.has_failed(prefix).await? {
                return Ok(true);
            }
            if ends_there {
                let offset = self.rest.offset(prefix).await?;
                ensure!(
                    offset.is_object() && offset.get("snapshot").is_none(),
                    "the offset is {offset}"
                );
            } else {
                ensure!(!self.mysql.dumps().await?.is_empty(), "no binlog dump runs");
            }
            Ok(false)
        };
        self.worker.eventually("the snapshot is done", SOON, look).await
    }

    async fn await_mark(&self, prefix: &str, streamed: usize) -> Result<()> {
        let topic = format!("{prefix}.recorder.mark");
        let look = async || {
            if self.has_failed(prefix).await? {
                return Ok(());
            }
            let marks = match self.topics.partitions(&topic)?.is_empty() {
                true => 0,
                false => self.topics.read(&topic).await?.len(),
            };
            let status = self.rest.status(prefix).await?;
            ensure!(marks >= streamed, "{marks} marks have arrived; status is {status}");
            Ok(())
        };
        self.worker
            .eventually(&format!("section {streamed} is streamed"), SOON, look)
            .await
    }

    async fn stop(&self, prefix: &str) -> Result<()> {
        self.rest.ask(prefix, "stop").await?;
        let look = async || {
            let status = self.rest.status(prefix).await?;
            let is_stopped = status["connector"]["state"] == "STOPPED" && status["tasks"] == json!([]);
            ensure!(is_stopped, "status is {status}");
            Ok(())
        };
        self.worker.eventually("the connector is stopped", SOON, look).await?;
        self.mysql.end_dumps(SOON).await
    }

    async fn has_failed(&self, prefix: &str) -> Result<bool> {
        let status = self.rest.status(prefix).await?;
        Ok(status["connector"]["state"] == "FAILED" || status["tasks"][0]["state"] == "FAILED")
    }

    async fn collect(&mut self, case: &Case, prefix: &str, row_metadata: &str, origin: Origin) -> Result<Recording> {
        let status = self.rest.status(prefix).await?;
        let states = status["tasks"].as_array().context("tasks")?;
        let mut recording = Recording {
            case: case.name.clone(),
            row_metadata: row_metadata.to_owned(),
            origin,
            schemas: Vec::new(),
            subjects: Vec::new(),
            headers: Vec::new(),
            records: Vec::new(),
            offset: Value::Null,
            status: json!({
                "connector": status["connector"]["state"],
                "tasks": states.iter().map(|task| &task["state"]).collect::<Vec<_>>(),
                "errors": states.iter().filter_map(|task| task["trace"].as_str()).collect::<Vec<_>>(),
            }),
        };
        if is_of_apicurio(case) {
            self.apicurio.learn(prefix).await?;
        }
        let topics = self.topics_of(prefix)?;
        let readings: Vec<_> = topics
            .iter()
            .map(|topic| {
                let (reader, topic) = (self.topics.clone(), topic.clone());
                let runtime = Handle::current();
                tokio::task::spawn_blocking(move || runtime.block_on(reader.read(&topic)))
            })
            .collect();
        for (topic, reading) in topics.iter().zip(readings) {
            let partitions = i32::try_from(self.topics.partitions(topic)?.len())?;
            for message in reading.await?? {
                self.add(&mut recording, case, prefix, &message, partitions).await?;
            }
        }
        if is_of_apicurio(case) {
            for (subject, texts) in self.apicurio.subjects() {
                let texts = texts.iter().map(|text| text.replace(prefix, &case.name));
                let numbers = texts.map(|text| recording.schema_number(&text)).collect();
                recording.subjects.push((subject.replace(prefix, &case.name), numbers));
            }
            recording.offset = self.offset_at_end(case, prefix).await?;
            return Ok(recording);
        }
        let subjects = self.decoder.subjects().await?;
        for subject in subjects.iter().filter(|subject| is_subject_of(subject, prefix)) {
            let texts = self.decoder.versions(subject).await?;
            let numbers = texts
                .iter()
                .map(|text| recording.schema_number(&text.replace(prefix, &case.name)))
                .collect();
            recording.subjects.push((subject.replace(prefix, &case.name), numbers));
        }
        recording.offset = self.offset_at_end(case, prefix).await?;
        Ok(recording)
    }

    /// The stored offset. The worker learns of what it has stored a moment after the mark can be seen, so behind a streamed
    /// section it is waited for.
    async fn offset_at_end(&self, case: &Case, prefix: &str) -> Result<Value> {
        let is_streamed = matches!(case.sections.last(), Some((Moment::Stream, _)));
        if !is_streamed || self.has_failed(prefix).await? {
            return self.rest.offset(prefix).await;
        }
        let executed = self.mysql.executed().await?;
        let look = async || {
            let offset = self.rest.offset(prefix).await?;
            let stored = offset["gtids"].as_str().context("a GTID set in the offset")?;
            self.mysql.is_within(&executed, stored).await?;
            Ok(offset)
        };
        self.worker
            .eventually("the stored offset has what was executed", SOON, look)
            .await
    }

    fn topics_of(&self, prefix: &str) -> Result<Vec<String>> {
        let own = [
            prefix.to_owned(),
            history_topic(prefix),
            format!("__debezium-heartbeat.{prefix}"),
        ];
        let rows = format!("{prefix}.");
        let mark = format!("{prefix}.recorder.mark");
        Ok(self
            .topics
            .topics()?
            .into_iter()
            .filter(|name| own.contains(name) || (name.starts_with(&rows) && *name != mark))
            .collect())
    }

    async fn add(
        &mut self,
        recording: &mut Recording,
        case: &Case,
        prefix: &str,
        message: &KafkaRecord,
        partitions: i32,
    ) -> Result<()> {
        let name = case.name.as_str();
        let renamed =
            |value: Value| -> Result<Value> { Ok(serde_json::from_str(&value.to_string().replace(prefix, name))?) };
        let (key, value) = if message.topic == history_topic(prefix) {
            let value: Value = serde_json::from_slice(message.value.as_deref().context("a history record")?)?;
            (Value::Null, json!({"json": renamed(value)?}))
        } else {
            let mut parts = Vec::new();
            for (role, bytes) in [("key", &message.key), ("value", &message.value)] {
                parts.push(match bytes {
                    None => Value::Null,
                    Some(bytes) if is_of_apicurio(case) => {
                        let part = self.apicurio.part(role, bytes, &message.headers)?;
                        let number = recording.schema_number(&part.text.replace(prefix, name));
                        json!({"schema": number, "value": renamed(part.value)?, "id": part.id})
                    }
                    Some(bytes) if bytes.first() != Some(&MAGIC) => json_part(recording, renamed(document(bytes))?),
                    Some(bytes) => {
                        let (schema, value) = self.decoder.decode(bytes).await?;
                        let number = recording.schema_number(&schema.replace(prefix, name));
                        json!({"schema": number, "value": renamed(value)?})
                    }
                });
            }
            let value = parts.pop().unwrap_or_default();
            (parts.pop().unwrap_or_default(), value)
        };
        if is_of_mark(&value) {
            return Ok(());
        }
        let headers = message
            .headers
            .iter()
            .map(|(header, text)| renamed(json!([header, shown_header(header, text.as_deref())])))
            .collect::<Result<_>>()?;
        let headers = recording.headers_number(headers);
        recording.records.push(Record {
            topic: message.topic.replace(prefix, name),
            partition: partition(message, partitions),
            key,
            value,
            headers,
            given_ms: given_time(message),
        });
        Ok(())
    }
}

/// Both converters of such a case are.
fn is_of_apicurio(case: &Case) -> bool {
    case.setting("value.converter")
        .is_some_and(|class| class.starts_with(PACKAGE))
}

fn history_topic(prefix: &str) -> String {
    format!("{prefix}-history")
}

fn is_subject_of(subject: &str, prefix: &str) -> bool {
    let is_own = subject == format!("{prefix}-key") || subject == format!("{prefix}-value");
    let is_of_rows = subject.starts_with(&format!("{prefix}.")) && !subject.contains("recorder.mark");
    is_own || is_of_rows || subject.contains(&format!("heartbeat.{prefix}-"))
}
