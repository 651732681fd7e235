//! A worker whose user has only the rights that ACLs give it: those that docs/security.md lists are enough, and
//! whatever the broker refuses is reported with the name of what it refused.

use anyhow::{Result, ensure};
use harness::connector::ConnectorConfig;
use harness::diary::{Diary, TABLE};
use harness::kafka_admin::{KafkaAdmin, Resource};
use harness::log_in::{LogIn, Mechanism};
use harness::pipeline::{Pipeline, SOON};
use harness::stack::Stack;
use reqwest::Method;
use serde_json::json;

const ON_TOPICS: [&str; 5] = ["Read", "Write", "Create", "Describe", "DescribeConfigs"];
const ON_TRANSACTIONAL_IDS: [&str; 2] = ["Write", "Describe"];

/// A worker that logs in as the limited user.
struct Limited {
    stack: Stack,
    admin: KafkaAdmin,
    pipeline: Pipeline,
}

impl Limited {
    /// With the rights that a worker needs.
    fn begin(about: &str) -> Result<Limited> {
        let stack = Stack::shared()?;
        let admin = KafkaAdmin::of(&stack)?;
        let mut pipeline = Pipeline::new(&stack, about)?;
        pipeline.worker = LogIn::limited(&stack, Mechanism::Plain)?.of_worker(pipeline.worker);
        let own = &pipeline.names.own;
        admin.allow(&ON_TOPICS, &[Resource::Topics(own)])?;
        let leader = format!("connect-cluster-{own}");
        let ids = [Resource::TransactionalIds(own), Resource::TransactionalIds(&leader)];
        admin.allow(&ON_TRANSACTIONAL_IDS, &ids)?;
        Ok(Limited { stack, admin, pipeline })
    }

    /// Without the key that would send the schema history over the plain listener.
    fn config(&self) -> Result<ConnectorConfig> {
        Ok(ConnectorConfig::mysql(&self.stack, &self.pipeline.names)?
            .without("schema.history.internal.kafka.bootstrap.servers"))
    }

    async fn with_a_row(about: &str) -> Result<Limited> {
        let limited = Limited::begin(about)?;
        limited
            .pipeline
            .sql([
                &format!("CREATE TABLE {TABLE} (id INT PRIMARY KEY)"),
                &format!("INSERT INTO {TABLE} VALUES (1)"),
            ])
            .await?;
        Ok(limited)
    }

    /// The reason of the failed task, which must have these words.
    async fn fails_naming(&self, words: &[&str]) -> Result<()> {
        let reason = self.pipeline.failure().await?;
        let missing: Vec<_> = words.iter().filter(|word| !reason.contains(**word)).collect();
        ensure!(missing.is_empty(), "the reason does not say {missing:?}: {reason}");
        Ok(())
    }

    /// Somebody restarts what has failed, and the row arrives, once.
    async fn goes_on_after_a_restart(mut self) -> Result<()> {
        let name = self.pipeline.names.connector();
        self.pipeline.rest()?.restart_failed(name).await?;
        self.pipeline.row(TABLE, "id", 1).await?;
        self.pipeline.stop().await?;
        let events = self.pipeline.events(TABLE).await?;
        ensure!(events.len() == 1, "{} events of one row", events.len());
        Ok(())
    }
}

/// And without DescribeConfigs, which the worker can do without: it says what it cannot see.
#[tokio::test(flavor = "multi_thread")]
async fn the_rights_that_are_documented_are_enough_even_without_a_look_at_settings() -> Result<()> {
    let limited = Limited::begin("rights_enough")?;
    let own = limited.pipeline.names.own.clone();
    limited.admin.deny(&["DescribeConfigs"], &[Resource::Topics(&own)])?;
    let without = |config: ConnectorConfig| config.without("schema.history.internal.kafka.bootstrap.servers");
    let mut diary = Diary::in_pipeline(&limited.stack, limited.pipeline, without).await?;
    diary.write(5, "streamed").await?;
    diary.arrives(SOON).await?;
    let names = diary.pipeline.names.clone();
    // Topics of the worker's own are looked at when they are there already.
    diary.pipeline.worker.kill()?;
    diary.pipeline.worker.start().await?;
    diary.write(5, "after a restart").await?;
    diary.arrives(SOON).await?;
    let log = diary.pipeline.worker.log()?;
    for topic in [names.topic(TABLE), names.storage_topic("config")] {
        let said = log
            .lines()
            .filter(|line| line.contains("cannot see whether the topic is compacted"));
        ensure!(
            said.clone().any(|line| line.contains(&topic)),
            "nothing is said of {topic}: {log}"
        );
    }
    diary.ends_complete().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_may_not_be_created_is_named_and_may_be_created_by_hand() -> Result<()> {
    let mut limited = Limited::with_a_row("rights_create").await?;
    let topic = limited.pipeline.names.topic(TABLE);
    limited.admin.deny(&["Create"], &[Resource::Topics(&topic)])?;
    let config = limited.config()?;
    limited.pipeline.create(&config).await?;
    limited
        .fails_naming(&[
            &topic,
            "AUTHORIZATION_FAILED",
            "right to create the topic",
            "create it yourself",
        ])
        .await?;
    limited.admin.create_topic(&topic).await?;
    limited.goes_on_after_a_restart().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_may_not_be_written_is_named() -> Result<()> {
    let mut limited = Limited::with_a_row("rights_write").await?;
    let topic = limited.pipeline.names.topic(TABLE);
    limited.admin.deny(&["Write"], &[Resource::Topics(&topic)])?;
    let config = limited.config()?;
    limited.pipeline.create(&config).await?;
    limited
        .fails_naming(&[&topic, "AUTHORIZATION_FAILED", "`Write`"])
        .await?;
    limited.admin.no_longer_deny(&["Write"], &[Resource::Topics(&topic)])?;
    limited.goes_on_after_a_restart().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transactional_id_that_may_not_be_used_is_named() -> Result<()> {
    let mut limited = Limited::with_a_row("rights_transaction").await?;
    let names = limited.pipeline.names.clone();
    let id = format!("{}-{}-0", names.group(), names.connector());
    limited.admin.deny(&["Write"], &[Resource::TransactionalIds(&id)])?;
    let config = limited.config()?;
    limited.pipeline.create(&config).await?;
    limited.fails_naming(&[&id, "AUTHORIZATION_FAILED", "`Write`"]).await?;
    limited
        .admin
        .no_longer_deny(&["Write"], &[Resource::TransactionalIds(&id)])?;
    limited.goes_on_after_a_restart().await
}

/// Of a change of offsets that is refused, nothing is left in any topic.
#[tokio::test(flavor = "multi_thread")]
async fn offsets_that_may_not_be_written_are_not_half_changed() -> Result<()> {
    let mut limited = Limited::begin("rights_offsets")?;
    let names = limited.pipeline.names.clone();
    let offsets = names.storage_topic("offset");
    limited.pipeline.worker.start().await?;
    let rest = limited.pipeline.rest()?;
    let stopped = json!({
        "name": names.connector(),
        "initial_state": "STOPPED",
        "config": limited.config()?.json(),
    });
    let created = rest.call(Method::POST, "/connectors", Some(&stopped)).await?;
    ensure!(created.status == 201, "POST /connectors: {created:?}");
    limited.admin.deny(&["Write"], &[Resource::Topics(&offsets)])?;
    let path = format!("/connectors/{}/offsets", names.connector());
    let change = json!({"offsets": [{"partition": {"server": names.prefix()}, "offset": null}]});
    let refused = rest.call(Method::PATCH, &path, Some(&change)).await?;
    let says_why = refused.body.to_string().contains("`Write`");
    ensure!(refused.status == 500 && says_why, "{} {}", refused.status, refused.body);
    ensure!(
        !is_fencing_recorded(&limited).await?,
        "a change that was refused is half done"
    );
    limited
        .admin
        .no_longer_deny(&["Write"], &[Resource::Topics(&offsets)])?;
    let done = rest.call(Method::PATCH, &path, Some(&change)).await?;
    ensure!(done.status == 200, "{} {}", done.status, done.body);
    ensure!(is_fencing_recorded(&limited).await?, "nothing was fenced");
    limited.pipeline.stop().await
}

async fn is_fencing_recorded(limited: &Limited) -> Result<bool> {
    let pipeline = &limited.pipeline;
    let records = pipeline.committed.read(&pipeline.names.storage_topic("config")).await?;
    let mut keys = records.iter().filter_map(|record| record.key.as_deref());
    Ok(keys.any(|key| key.starts_with(b"tasks-fencing-")))
}
