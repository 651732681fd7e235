//! [`KafkaAdmin`]: what the people do who look after the cluster, over the listener where everybody may do everything.

use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

use crate::stack::Stack;

/// Makes topics, and says what the stack's limited user may do.
pub struct KafkaAdmin {
    servers: String,
    libs: String,
    limited_user: String,
}

/// What a rule is about: a kind, and the beginning of its names.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    Topics(&'a str),
    TransactionalIds(&'a str),
}

impl KafkaAdmin {
    /// The administrator of this stack's cluster.
    pub fn of(stack: &Stack) -> Result<Self> {
        Ok(KafkaAdmin {
            servers: stack.kafka()?.to_owned(),
            libs: stack.kafka_libs()?.to_owned(),
            limited_user: stack.kafka_limited_user()?.0.to_owned(),
        })
    }

    /// Makes a topic with one partition.
    pub async fn create_topic(&self, name: &str) -> Result<()> {
        let client: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", &self.servers).create()?;
        let topic = NewTopic::new(name, 1, TopicReplication::Fixed(1));
        let made = client.create_topics([&topic], &AdminOptions::new()).await?;
        let made = made.into_iter().next().context("no answer about the topic")?;
        made.map(|_| ())
            .map_err(|(topic, code)| anyhow!("creating {topic}: {code}"))
    }

    /// The limited user may do this.
    pub fn allow(&self, operations: &[&str], on: &[Resource<'_>]) -> Result<()> {
        self.acl(&["--add", "--allow-principal"], operations, on)
    }

    /// The limited user may not do this, whatever is allowed.
    pub fn deny(&self, operations: &[&str], on: &[Resource<'_>]) -> Result<()> {
        self.acl(&["--add", "--deny-principal"], operations, on)
    }

    /// Takes a denial back.
    pub fn no_longer_deny(&self, operations: &[&str], on: &[Resource<'_>]) -> Result<()> {
        self.acl(&["--remove", "--force", "--deny-principal"], operations, on)
    }

    /// Kafka's own tool: no client in Rust makes ACLs.
    fn acl(&self, change: &[&str], operations: &[&str], on: &[Resource<'_>]) -> Result<()> {
        let mut command = Command::new("java");
        command
            .args(["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .args(["-cp", &format!("{}/*", self.libs), "org.apache.kafka.tools.AclCommand"])
            .args(["--bootstrap-server", &self.servers])
            .args(change)
            .arg(format!("User:{}", self.limited_user))
            .args(["--resource-pattern-type", "prefixed"]);
        for operation in operations {
            command.args(["--operation", operation]);
        }
        for resource in on {
            match resource {
                Resource::Topics(name) => command.args(["--topic", name]),
                Resource::TransactionalIds(name) => command.args(["--transactional-id", name]),
            };
        }
        let output = command.output().context("running Kafka's tool for ACLs")?;
        let printed = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{change:?} {operations:?} {on:?}: {printed}{errors}"
        );
        Ok(())
    }
}
