//! [`KafkaAdmin`]: what the people do who look after the cluster, over the listener where everybody may do everything.

use std::process::Command;

use anyhow::{Context, Result, anyhow, ensure};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication, TopicResult};
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
        self.create(&NewTopic::new(name, 1, TopicReplication::Fixed(1))).await
    }

    /// Makes a topic on three brokers, all of which have all of it.
    pub async fn create_replicated_topic(&self, name: &str, partitions: i32, in_sync: &str) -> Result<()> {
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(3));
        self.create(&topic.set("min.insync.replicas", in_sync)).await
    }

    async fn create(&self, topic: &NewTopic<'_>) -> Result<()> {
        let made = self.client()?.create_topics([topic], &AdminOptions::new()).await?;
        done("creating", made)
    }

    /// A topic has so many partitions from now on.
    pub async fn add_partitions(&self, topic: &str, count: usize) -> Result<()> {
        let more = NewPartitions::new(topic, count);
        let made = self.client()?.create_partitions([&more], &AdminOptions::new()).await?;
        done("adding partitions to", made)
    }

    /// Deletes a topic with all that is in it.
    pub async fn delete_topic(&self, name: &str) -> Result<()> {
        let deleted = self.client()?.delete_topics(&[name], &AdminOptions::new()).await?;
        done("deleting", deleted)
    }

    fn client(&self) -> Result<AdminClient<DefaultClientContext>> {
        Ok(ClientConfig::new().set("bootstrap.servers", &self.servers).create()?)
    }

    /// The first replica of each partition leads it again.
    pub fn elect_preferred_leaders(&self) -> Result<()> {
        let mut command = self.tool("org.apache.kafka.tools.LeaderElectionCommand");
        command.args(["--election-type", "preferred", "--all-topic-partitions"]);
        run(&mut command)
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
        let mut command = self.tool("org.apache.kafka.tools.AclCommand");
        command
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
        run(&mut command)
    }

    fn tool(&self, class: &str) -> Command {
        let mut command = Command::new("java");
        command
            .args(["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .args(["-cp", &format!("{}/*", self.libs), class])
            .args(["--bootstrap-server", &self.servers]);
        command
    }
}

fn run(tool: &mut Command) -> Result<()> {
    let output = tool.output().context("running a tool of Kafka's")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{tool:?}: {printed}{errors}");
    Ok(())
}

/// What became of what was asked of one topic.
fn done(doing: &str, answer: Vec<TopicResult>) -> Result<()> {
    let answer = answer.into_iter().next().context("no answer about the topic")?;
    answer
        .map(|_| ())
        .map_err(|(topic, code)| anyhow!("{doing} {topic}: {code}"))
}
