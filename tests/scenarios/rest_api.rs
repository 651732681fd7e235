//! The life of a connector over REST, as Kafka Connect's clients lead it; everything survives a restart of the worker.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::connector::ConnectorConfig;
use harness::eventually::throughout;
use harness::foreign_writer::ForeignTransaction;
use harness::kafka_reader::{KafkaReader, Record};
use harness::murmur2::partition_of;
use harness::names::Names;
use harness::pipeline::{Pipeline, SOON};
use harness::rest_client::RestClient;
use harness::stack::Stack;
use harness::worker_process::WorkerProcess;
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use reqwest::Method;
use serde_json::{Value, json};

/// A worker with the numbers connector.
struct Life {
    names: Names,
    worker: WorkerProcess,
    rest: RestClient,
    reader: KafkaReader,
    topic: String,
}

impl Life {
    async fn begin(about: &str) -> Result<Life> {
        let stack = Stack::shared()?;
        let names = Names::new(about);
        let mut worker = WorkerProcess::new(&stack, &names)?;
        worker.start().await?;
        let (rest, topic) = (worker.rest()?, names.topic("numbers"));
        rest.create(names.connector(), &ConnectorConfig::numbers(&topic).json())
            .await?;
        let reader = KafkaReader::committed(stack.kafka()?)?;
        let life = Life {
            names,
            worker,
            rest,
            reader,
            topic,
        };
        life.is_in("RUNNING").await?;
        Ok(life)
    }

    fn name(&self) -> &str {
        self.names.connector()
    }

    /// How often tasks of connectors were fenced.
    async fn fencings(&self) -> Result<usize> {
        let records = self.reader.read(&self.names.storage_topic("config")).await?;
        let is_fencing = |record: &&Record| {
            record
                .key
                .as_ref()
                .is_some_and(|key| key.starts_with(b"tasks-fencing-"))
        };
        Ok(records.iter().filter(is_fencing).count())
    }

    async fn is_in(&self, state: &str) -> Result<()> {
        let look = async || self.rest.is_in(self.name(), state).await;
        self.worker
            .eventually(&format!("connector and task are {state}"), SOON, look)
            .await
    }

    fn end(&self) -> Result<i64> {
        Ok(self.reader.ends(&self.topic)?.first().copied().unwrap_or_default())
    }

    async fn flows(&self) -> Result<()> {
        let from = self.end()?;
        let look = async || {
            let end = self.end()?;
            ensure!(end > from + 30, "it ends at {end}");
            Ok(())
        };
        self.worker
            .eventually(&format!("the topic grows from {from}"), SOON, look)
            .await
    }

    async fn rests(&self) -> Result<()> {
        let from = self.end()?;
        let look = async || {
            let end = self.end()?;
            ensure!(end == from, "the topic has grown from {from} to {end}");
            Ok(())
        };
        throughout("the connector does not run", Duration::from_secs(1), look).await
    }

    async fn numbers(&self) -> Result<Vec<i64>> {
        let records = self.reader.read(&self.topic).await?;
        let number = |bytes: &[u8]| Ok(std::str::from_utf8(bytes)?.parse()?);
        records
            .iter()
            .map(|record| number(record.value.as_deref().context("a value")?))
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_connector_rests_also_after_a_restart_of_the_worker() -> Result<()> {
    let mut life = Life::begin("rest_pause").await?;
    life.flows().await?;
    life.rest.ask(life.name(), "pause").await?;
    life.is_in("PAUSED").await?;
    life.rests().await?;
    let status = life.worker.terminate(SOON).await?;
    ensure!(status.success(), "SIGTERM: {status}");
    life.worker.start().await?;
    life.is_in("PAUSED").await?;
    life.rests().await?;
    life.rest.ask(life.name(), "resume").await?;
    life.is_in("RUNNING").await?;
    life.flows().await?;
    life.worker.terminate(SOON).await?;
    let numbers = life.numbers().await?;
    ensure!(
        numbers.iter().copied().eq(1..=numbers.len() as i64),
        "something is lost or came twice"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_suspended_worker_says_when_it_wakes_up_does_not_hide_its_successor() -> Result<()> {
    let mut life = Life::begin("rest_successor").await?;
    life.flows().await?;
    let first = life.rest.status(life.name()).await?;
    life.worker.suspend()?;
    let mut successor = WorkerProcess::new(&Stack::shared()?, &life.names)?;
    successor.start().await?;
    let rest = successor.rest()?;
    let look = async || {
        rest.is_in(life.name(), "RUNNING").await?;
        let now = rest.status(life.name()).await?;
        let is_its_own = |status: &Value| status["worker_id"] != first["connector"]["worker_id"];
        ensure!(
            is_its_own(&now["connector"]) && is_its_own(&now["tasks"][0]),
            "status is {now}"
        );
        Ok(now)
    };
    let before = successor.eventually("the successor runs", SOON, look).await?;
    life.worker.resume()?;
    let status = life.worker.await_exit(SOON).await?;
    ensure!(!status.success(), "the worker that was replaced says success");
    let look = async || {
        let now = rest.status(life.name()).await?;
        ensure!(now == before, "the status was {before} and is {now}");
        Ok(())
    };
    let stands = throughout("the successor's word stands", Duration::from_secs(2), look).await;
    stands.map_err(|error| successor.explain(error))?;
    life.flows().await
}

/// What such a worker says can be stored behind what its successor has said.
#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_an_earlier_generation_that_comes_late_is_ignored() -> Result<()> {
    let life = Life::begin("rest_late").await?;
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", Stack::shared()?.kafka()?)
        .create()?;
    let topic = life.names.storage_topic("status");
    let key = format!("status-task-{}-0", life.name());
    let partition = partition_of(key.as_bytes(), life.reader.partitions(&topic)?.len() as i32);
    let says_failed = |generation: i32| -> Result<()> {
        let word =
            json!({"state": "FAILED", "trace": "fenced", "worker_id": "w:1", "generation": generation}).to_string();
        let record = BaseRecord::to(&topic).partition(partition).key(&key).payload(&word);
        producer.send(record).map_err(|(error, _)| error)?;
        Ok(producer.flush(SOON)?)
    };
    says_failed(0)?;
    let look = async || life.rest.is_in(life.name(), "RUNNING").await;
    throughout("the worker's word stands", Duration::from_secs(1), look).await?;
    says_failed(i32::MAX)?;
    let look = async || {
        let status = life.rest.status(life.name()).await?;
        ensure!(status["tasks"][0]["state"] == "FAILED", "status is {status}");
        Ok(())
    };
    life.worker.eventually("a later word is believed", SOON, look).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_connector_has_no_tasks_and_its_offsets_may_be_changed() -> Result<()> {
    let life = Life::begin("rest_stop").await?;
    life.flows().await?;
    let name = life.name();
    let offsets = format!("/connectors/{name}/offsets");
    let partition = json!({"numbers": life.topic});
    let to = |number: i64| json!({"offsets": [{"partition": partition, "offset": {"number": number}}]});
    let refused = life.rest.call(Method::PATCH, &offsets, Some(&to(1_000_000))).await?;
    ensure!(
        refused.status == 400,
        "offsets of a running connector: {} {}",
        refused.status,
        refused.body
    );

    life.rest.ask(name, "stop").await?;
    let look = async || {
        let status = life.rest.status(name).await?;
        ensure!(
            status["connector"]["state"] == "STOPPED" && status["tasks"] == json!([]),
            "status is {status}"
        );
        Ok(())
    };
    life.worker
        .eventually("the connector is stopped, without tasks", SOON, look)
        .await?;
    life.rests().await?;

    let altered = life.rest.call(Method::PATCH, &offsets, Some(&to(1_000_000))).await?;
    ensure!(
        altered.status == 200,
        "offsets of a stopped connector: {} {}",
        altered.status,
        altered.body
    );
    ensure!(
        life.rest.offset(name).await? == json!({"number": 1_000_000}),
        "the offset is another"
    );
    life.rest.ask(name, "resume").await?;
    life.is_in("RUNNING").await?;
    let look = async || {
        let last = life.numbers().await?.last().copied();
        ensure!(last > Some(1_000_000), "the last number is {last:?}");
        Ok(())
    };
    life.worker
        .eventually("it goes on from the altered offset", SOON, look)
        .await?;
    let numbers = life.numbers().await?;
    let jump = numbers
        .iter()
        .position(|number| *number > 1_000_000)
        .context("the jump")?;
    ensure!(numbers[jump] == 1_000_001, "it went on with {}", numbers[jump]);
    ensure!(
        numbers[..jump].iter().copied().eq(1..=jump as i64),
        "something is lost or came twice before the stop"
    );
    Ok(())
}

/// Behind the open transaction of another producer, a worker is not shown which offsets there are.
#[tokio::test(flavor = "multi_thread")]
async fn offsets_behind_a_foreign_transaction_are_reset_or_the_reset_is_refused() -> Result<()> {
    let life = Life::begin("rest_reset").await?;
    let name = life.name();
    let servers = Stack::shared()?.kafka()?.to_owned();
    let topic = life.names.storage_topic("offset");
    let key = format!(r#"["{name}",{{"numbers":"{}"}}]"#, life.topic);
    let partition = partition_of(key.as_bytes(), life.reader.partitions(&topic)?.len() as i32);
    let foreign = ForeignTransaction::open(&servers, &life.names.topic("foreign"), &topic, partition)?;
    life.flows().await?;
    life.rest.ask(name, "stop").await?;
    let look = async || {
        let status = life.rest.status(name).await?;
        ensure!(status["tasks"] == json!([]), "status is {status}");
        Ok(())
    };
    life.worker.eventually("the connector has no tasks", SOON, look).await?;
    let offsets = format!("/connectors/{name}/offsets");
    let before = life.fencings().await?;
    let refused = life.rest.call(Method::DELETE, &offsets, None).await?;
    let says_why = refused
        .body
        .to_string()
        .contains("open transactions of other producers");
    ensure!(refused.status == 500 && says_why, "{} {}", refused.status, refused.body);
    ensure!(
        life.fencings().await? == before,
        "a reset that was refused is half done"
    );
    foreign.abort()?;
    let reset = life.rest.call(Method::DELETE, &offsets, None).await?;
    ensure!(reset.status == 200, "{} {}", reset.status, reset.body);
    ensure!(life.fencings().await? > before, "nothing was fenced");
    let left = life.rest.read(&offsets).await?;
    ensure!(left == json!({"offsets": []}), "offsets are left: {left}");
    Ok(())
}

/// One partition of offsets and nothing in it: the reading is over before it has begun.
#[tokio::test(flavor = "multi_thread")]
async fn offsets_are_reset_again_and_again() -> Result<()> {
    let stack = Stack::shared()?;
    let names = Names::new("resets");
    let mut worker = WorkerProcess::new(&stack, &names)?.with("offset.storage.partitions", "1");
    worker.start().await?;
    let rest = worker.rest()?;
    let stopped = json!({
        "name": names.connector(),
        "initial_state": "STOPPED",
        "config": ConnectorConfig::numbers(&names.topic("numbers")).json(),
    });
    let created = rest.call(Method::POST, "/connectors", Some(&stopped)).await?;
    ensure!(created.status == 201, "POST /connectors: {created:?}");
    let path = format!("/connectors/{}/offsets", names.connector());
    for reset in 1..=40 {
        let answer = rest.call(Method::DELETE, &path, None).await;
        let answer = answer
            .with_context(|| format!("reset {reset}"))
            .map_err(|error| worker.explain(error))?;
        ensure!(answer.status == 200, "reset {reset}: {answer:?}");
    }
    ensure!(worker.terminate(SOON).await?.success(), "the worker has failed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_is_restarted_reconfigured_and_deleted() -> Result<()> {
    let life = Life::begin("rest_life").await?;
    let name = life.name();
    let connectors = life.rest.read("/connectors?expand=info&expand=status").await?;
    ensure!(
        connectors[name]["info"]["config"]["topic"] == life.topic,
        "expanded: {connectors}"
    );
    ensure!(
        connectors[name]["status"]["tasks"][0]["state"] == "RUNNING",
        "expanded: {connectors}"
    );

    for path in ["restart", "restart?includeTasks=true", "tasks/0/restart"] {
        let answer = life
            .rest
            .call(Method::POST, &format!("/connectors/{name}/{path}"), None)
            .await?;
        ensure!(
            matches!(answer.status, 202 | 204),
            "{path}: {} {}",
            answer.status,
            answer.body
        );
        life.is_in("RUNNING").await?;
        life.flows().await?;
    }

    // The partition of its offsets is the topic: with another topic, the numbers begin anew.
    let other = life.names.topic("others");
    life.rest
        .reconfigure(name, &ConnectorConfig::numbers(&other).with("name", name).json())
        .await?;
    let look = async || {
        let ends = life.reader.ends(&other)?;
        ensure!(ends.first().is_some_and(|end| *end > 30), "{other} ends at {ends:?}");
        Ok(())
    };
    life.worker
        .eventually("the new configuration is in force", SOON, look)
        .await?;
    life.rests().await?;

    life.rest.delete(name).await?;
    let look = async || {
        let gone = life
            .rest
            .call(Method::GET, &format!("/connectors/{name}/status"), None)
            .await?;
        let is_gone = gone.status == 404 && gone.body["error_code"] == 404;
        ensure!(is_gone, "{} {}", gone.status, gone.body);
        Ok(())
    };
    life.worker
        .eventually("the deleted connector has no status", SOON, look)
        .await?;
    ensure!(life.rest.read("/connectors").await? == json!([]), "it is still listed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_answered_with_a_sentence() -> Result<()> {
    let life = Life::begin("rest_malformed").await?;
    let name = life.name();
    let config = format!("/connectors/{name}/config");
    let cases: [(Method, &str, &str, u16); 10] = [
        (Method::POST, "/connectors", "{", 400),
        (Method::POST, "/connectors", "", 400),
        (Method::POST, "/connectors", "[]", 400),
        (Method::POST, "/connectors", r#"{"name": "a", "config": {}}"#, 400),
        (
            Method::POST,
            "/connectors",
            r#"{"name": "a", "config": {"connector.class": "no.such.Class"}}"#,
            400,
        ),
        (Method::PUT, &config, r#"{"topic": {"nested": 1}}"#, 400),
        (
            Method::PUT,
            "/connector-plugins/NumbersConnector/config/validate",
            "nonsense",
            400,
        ),
        (Method::GET, "/connectors/nobody", "", 404),
        (Method::GET, "/no/such/path", "", 404),
        (Method::DELETE, "/connectors", "", 405),
    ];
    for (method, path, body, expected) in cases {
        let body = (method != Method::GET).then(|| body.to_owned());
        let answer = life.rest.call_text(method.clone(), path, body.clone()).await?;
        let has_sentence = answer.body["message"]
            .as_str()
            .is_some_and(|message| !message.is_empty());
        let is_right = answer.status == expected && answer.body["error_code"] == expected && has_sentence;
        ensure!(is_right, "{method} {path} {body:?}: {} {}", answer.status, answer.body);
    }
    let body = json!({"name": name, "config": ConnectorConfig::numbers("other").json()});
    let twice = life.rest.call(Method::POST, "/connectors", Some(&body)).await?;
    ensure!(
        twice.status == 409,
        "a second connector of the same name: {} {}",
        twice.status,
        twice.body
    );
    life.is_in("RUNNING").await
}

/// Every problem of a configuration at once, by key.
#[tokio::test(flavor = "multi_thread")]
async fn validation_names_every_problem_by_its_key() -> Result<()> {
    let stack = Stack::shared()?;
    let mut pipeline = Pipeline::new(&stack, "rest_validate")?;
    pipeline.worker.start().await?;
    let config = ConnectorConfig::mysql(&stack, &pipeline.names)?
        .with("name", pipeline.names.connector())
        .with("snapshot.mode", "whenever")
        .with("database.include.list", "(unclosed")
        .with("snapshot.locking.mode", "custom")
        .without("topic.prefix");
    let path = "/connector-plugins/MySqlConnector/config/validate";
    let answer = pipeline.rest()?.call(Method::PUT, path, Some(&config.json())).await?;
    ensure!(answer.status == 200, "{} {}", answer.status, answer.body);
    let values: Vec<&Value> = answer.body["configs"]
        .as_array()
        .context("configs")?
        .iter()
        .map(|c| &c["value"])
        .collect();
    for key in [
        "snapshot.mode",
        "database.include.list",
        "snapshot.locking.mode",
        "topic.prefix",
    ] {
        let value = values
            .iter()
            .find(|value| value["name"] == key)
            .with_context(|| format!("{key} in the answer"))?;
        ensure!(
            value["errors"].as_array().is_some_and(|errors| !errors.is_empty()),
            "nothing is said of {key}"
        );
    }
    ensure!(
        !answer.body.to_string().contains(stack.mysql_password()?),
        "the password is answered"
    );
    Ok(())
}
