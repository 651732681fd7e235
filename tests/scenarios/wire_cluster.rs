//! Our own Kafka client (`worker/wire`) on three brokers, any of which can be away, and on a Kafka before KIP-890.
//!
//! A writer goes on all the while; its ledger is compared with what librdkafka's consumer reads at `read_committed`, and
//! Kafka's own tool reads every replica's log. `scripts/brokers` repeats it, also with three brokers of the older Kafka.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use harness::eventually::{eventually, moment};
use harness::kafka_admin::KafkaAdmin;
use harness::kafka_cluster::KafkaCluster;
use harness::kafka_log;
use harness::kafka_reader::KafkaReader;
use harness::names::Names;
use harness::stack::{PrivateStack, Service, Stack, three_brokers};
use harness::wire_ledger::WireLedger;
use harness::wire_producer::WireProducer;

const BROKERS: [Service; 3] = [Service::Broker(1), Service::Broker(2), Service::Broker(3)];
const PARTITIONS: usize = 3;
/// Transactions that have to be committed before the next thing happens.
const SOME: usize = 10;
/// How long a broker is suspended: longer than its session (4 s) and than the client waits for an answer (3 s).
const SUSPENDED: Duration = Duration::from_secs(20);
/// Waits for whoever is away, however long a busy machine takes to start it.
const PATIENT: [(&str, &str); 3] = [
    ("patience.ms", "300000"),
    ("delivery.timeout.ms", "300000"),
    ("transaction.timeout.ms", "300000"),
];

/// A topic on all brokers, and a writer to it.
async fn ledger(stack: &Stack, about: &str) -> Result<(String, WireLedger)> {
    let topic = Names::new(about).topic("records");
    let admin = KafkaAdmin::of(stack)?;
    admin.create_replicated_topic(&topic, 3, "2").await?;
    let ledger = WireLedger::begin(stack, &topic, PARTITIONS)?;
    ledger.goes_on(SOME).await?;
    Ok((topic, ledger))
}

async fn ends_complete(stack: &Stack, topic: &str, ledger: WireLedger) -> Result<()> {
    ledger.goes_on(SOME).await?;
    let committed = ledger.ends_complete(stack).await?;
    ensure!(committed > SOME, "only {committed} transactions were committed");
    for broker in BROKERS {
        kafka_log::check(stack, broker, topic, PARTITIONS)?;
    }
    Ok(())
}

fn producer(stack: &Stack, id: &str, more: &[(&str, &str)]) -> Result<WireProducer> {
    let settings = [("bootstrap.servers", stack.kafka()?), ("transactional.id", id)];
    WireProducer::start(&[&settings, more].concat())
}

/// Asks on a thread of its own.
fn asked(mut producer: WireProducer, command: &'static str) -> JoinHandle<Result<String>> {
    std::thread::spawn(move || producer.ask(command))
}

fn answered(asked: JoinHandle<Result<String>>) -> Result<String> {
    asked.join().map_err(|_| anyhow!("the producer was not asked"))?
}

/// How many records a `read_committed` consumer sees.
async fn seen(stack: &Stack, topic: &str) -> Result<usize> {
    Ok(KafkaReader::committed(stack.kafka()?)?.read(topic).await?.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_or_a_coordinator_that_is_killed_costs_no_record() -> Result<()> {
    let stack = three_brokers().await?;
    let cluster = KafkaCluster::of(&stack)?;
    let (topic, ledger) = ledger(&stack, "wire_killed").await?;

    // Meanwhile, a topic that wants all three of them.
    let strict = Names::new("wire_strict").topic("records");
    KafkaAdmin::of(&stack)?.create_replicated_topic(&strict, 1, "3").await?;
    let mut waits = producer(&stack, &strict, &PATIENT)?;
    waits.tell(&["fence", "begin", &format!("fill {strict} 1 50 600 strict")])?;
    let leader = cluster.leader(&topic, 0).await?;
    stack.kill(leader)?;
    ledger.goes_on(SOME).await?;
    let commit = asked(waits, "commit");
    ledger.goes_on(SOME).await?;
    ensure!(!commit.is_finished(), "two of three brokers were enough for {strict}");
    stack.start(leader)?;
    let answer = answered(commit)?;
    ensure!(answer.starts_with("ok"), "min.insync.replicas is met again: {answer}");
    ensure!(seen(&stack, &strict).await? == 50, "other records are seen in {strict}");

    let coordinator = cluster.coordinator(&topic).await?;
    stack.kill(coordinator)?;
    ledger.goes_on(SOME).await?;
    stack.start(coordinator)?;
    ledger.goes_on(SOME).await?;

    // Both at once, so that nothing goes on before one of them is back.
    let coordinator = cluster.coordinator(&topic).await?;
    let mut leader = cluster.leader(&topic, 1).await?;
    if leader == coordinator {
        leader = cluster.leader(&topic, 2).await?;
    }
    stack.kill(leader)?;
    if leader != coordinator {
        stack.kill(coordinator)?;
        stack.start(coordinator)?;
    }
    stack.start(leader)?;
    ends_complete(&stack, &topic, ledger).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_and_leaders_moved_by_hand_cost_no_record() -> Result<()> {
    let stack = three_brokers().await?;
    let cluster = KafkaCluster::of(&stack)?;
    let (topic, ledger) = ledger(&stack, "wire_rolling").await?;
    for broker in BROKERS {
        stack.stop(broker)?;
        ledger.goes_on(SOME).await?;
        stack.start(broker)?;
        ledger.goes_on(SOME).await?;
    }
    // The last one that was stopped leads nothing.
    let last = BROKERS[2];
    eventually("the last broker leads a partition again", SUSPENDED, async || {
        KafkaAdmin::of(&stack)?.elect_preferred_leaders()?;
        for partition in 0..3 {
            if cluster.leader(&topic, partition).await? == last {
                return Ok(());
            }
        }
        Err(anyhow!("it leads none"))
    })
    .await?;
    ends_complete(&stack, &topic, ledger).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_suspended_is_gone_around_and_costs_no_record() -> Result<()> {
    let stack = three_brokers().await?;
    let (topic, ledger) = ledger(&stack, "wire_suspended").await?;
    let leader = KafkaCluster::of(&stack)?.leader(&topic, 0).await?;
    stack.pause(leader)?;
    let began = Instant::now();
    ledger.goes_on(SOME).await?;
    moment(SUSPENDED.saturating_sub(began.elapsed())).await;
    stack.resume(leader)?;
    ledger.goes_on(SOME).await?;
    ends_complete(&stack, &topic, ledger).await
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_that_are_added_and_topics_that_are_deleted_are_noticed() -> Result<()> {
    let stack = three_brokers().await?;
    let admin = KafkaAdmin::of(&stack)?;
    let names = Names::new("wire_topics");
    let (grows, goes) = (names.topic("grows"), names.topic("goes"));
    admin.create_replicated_topic(&grows, 1, "2").await?;
    admin.create_replicated_topic(&goes, 1, "2").await?;
    let mut producer = producer(&stack, &grows, &[("delivery.timeout.ms", "5000")])?;
    let fill = |topic: &str, partitions: usize| format!("fill {topic} {partitions} 30 600 of");
    producer.tell(&["fence", "begin", &fill(&grows, 1), &fill(&goes, 1)])?;
    admin.add_partitions(&grows, 3).await?;
    producer.tell(&[&fill(&grows, 3), "commit"])?;
    ensure!(seen(&stack, &grows).await? == 60, "other records are seen in {grows}");

    admin.delete_topic(&goes).await?;
    let reader = KafkaReader::committed(stack.kafka()?)?;
    eventually("the topic is gone", SUSPENDED, async || {
        ensure!(!reader.topics()?.contains(&goes), "it is there");
        Ok(())
    })
    .await?;
    producer.tell(&["begin", &fill(&grows, 3), &fill(&goes, 1)])?;
    let answer = producer.ask("commit")?;
    ensure!(answer.starts_with("error Abort") && answer.contains(&goes), "{answer}");
    producer.tell(&["abort", "begin", &fill(&grows, 3), "commit"])?;
    ensure!(seen(&stack, &grows).await? == 90, "other records are seen in {grows}");

    // Made anew, it is another topic of the same name.
    admin.create_replicated_topic(&goes, 1, "2").await?;
    producer.tell(&["begin", &fill(&goes, 1), "commit"])?;
    ensure!(seen(&stack, &goes).await? == 30, "other records are seen in {goes}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_as_before_kip_890_survive_a_restart_of_the_broker() -> Result<()> {
    let older = PrivateStack::with_kafka_of_version("older", "3.9")?;
    let stack = &older.stack;
    let topic = Names::new("wire_older").topic("records");
    KafkaAdmin::of(stack)?.create_topic(&topic).await?;
    let ledger = WireLedger::begin(stack, &topic, 1)?;
    ledger.goes_on(SOME).await?;
    stack.kill(Service::Kafka)?;
    stack.start(Service::Kafka)?;
    ledger.goes_on(SOME).await?;
    stack.pause(Service::Kafka)?;
    moment(Duration::from_secs(5)).await;
    stack.resume(Service::Kafka)?;
    ledger.goes_on(SOME).await?;
    ledger.ends_complete(stack).await?;
    kafka_log::check(stack, Service::Kafka, &topic, 1)
}
