//! Our own Kafka client (`worker/wire`) on the real broker, judged by other people's clients and by Kafka's own tool.
//!
//! What it does when answers are late, wrong or never come is the matter of the crate's own tests, against a model.

use anyhow::{Context, Result, ensure};
use harness::kafka_admin::KafkaAdmin;
use harness::kafka_log;
use harness::kafka_reader::KafkaReader;
use harness::key_stores::KeyStores;
use harness::names::Names;
use harness::stack::{Service, Stack, killable};
use harness::wire_producer::WireProducer;

/// A topic of one partition.
async fn topic(stack: &Stack, about: &str) -> Result<String> {
    let topic = Names::new(about).topic("records");
    KafkaAdmin::of(stack)?.create_topic(&topic).await?;
    Ok(topic)
}

/// The first word of every value that a `read_committed` consumer sees.
async fn seen(stack: &Stack, topic: &str) -> Result<Vec<String>> {
    let records = KafkaReader::committed(stack.kafka()?)?.read(topic).await?;
    let word = |value: Vec<u8>| Some(String::from_utf8(value).ok()?.split(' ').next()?.to_owned());
    records
        .into_iter()
        .map(|record| record.value.and_then(word).context("a value of text"))
        .collect()
}

fn numbered(tag: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{tag}-{number}")).collect()
}

fn producer(stack: &Stack, id: &str, more: &[(&str, &str)]) -> Result<WireProducer> {
    let settings = [("bootstrap.servers", stack.kafka()?), ("transactional.id", id)];
    WireProducer::start(&[&settings, more].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_are_seen_whole_and_once_whatever_compresses_them() -> Result<()> {
    let stack = Stack::shared()?;
    for compression in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = topic(&stack, &format!("wire_{compression}")).await?;
        let more = [("compression.type", compression), ("batch.size", "50000")];
        let mut producer = producer(&stack, &topic, &more)?;
        let fill = |count: usize, tag: &str| format!("fill {topic} 1 {count} 600 {tag}");
        producer.tell(&["fence", "begin", &fill(500, "first"), "commit"])?;
        producer.tell(&["begin", &fill(100, "aborted"), "flush", "abort"])?;
        producer.tell(&["begin", &fill(3, "last"), "commit"])?;
        let expected = [numbered("first", 500), numbered("last", 3)].concat();
        ensure!(
            seen(&stack, &topic).await? == expected,
            "{compression}: other records are seen"
        );
        kafka_log::check(&stack, Service::Kafka, &topic, 1)?;
        check_reader(&mut producer, &topic, &expected)?;
    }
    Ok(())
}

/// What our own reader sees: the same, and, if it is told not to care, what was aborted as well.
fn check_reader(producer: &mut WireProducer, topic: &str, expected: &[String]) -> Result<()> {
    let everything = [&expected[..500], &numbered("aborted", 100)[..], &expected[500..]].concat();
    for (isolation, expected) in [("committed", expected), ("uncommitted", &everything)] {
        let answer = producer.ask(&format!("read {topic} {isolation}"))?;
        let words: Vec<&str> = answer.split(' ').skip(1).collect();
        ensure!(words == expected, "{isolation}: {topic} is read as {answer}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_producer_that_was_replaced_writes_nothing_that_is_seen() -> Result<()> {
    let stack = Stack::shared()?;
    let topic = topic(&stack, "wire_fenced").await?;
    let append = |value: &str| format!("append {topic} 0 key {value}");
    let mut first = producer(&stack, &topic, &[])?;
    first.tell(&["fence", "begin", &append("before"), "commit", "begin", &append("open")])?;
    let mut second = producer(&stack, &topic, &[])?;
    second.tell(&["fence", "begin", &append("after"), "commit"])?;
    first.tell(&[&append("late")])?;
    let answer = first.ask("commit")?;
    ensure!(answer.starts_with("error Fenced"), "{answer}");
    ensure!(
        seen(&stack, &topic).await? == ["before", "after"],
        "other records are seen"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_ends_or_stands_still_in_a_transaction_costs_no_record() -> Result<()> {
    let stack = killable().await?;
    let topic = topic(&stack, "wire_restarts").await?;
    let mut producer = producer(
        &stack,
        &topic,
        &[("request.timeout.ms", "2000"), ("batch.size", "1000")],
    )?;
    let fill = |tag: &str| format!("fill {topic} 1 50 600 {tag}");
    // What was acknowledged is committed, whatever becomes of the broker.
    producer.tell(&["fence", "begin", &fill("killed"), "flush"])?;
    stack.kill(Service::Kafka)?;
    stack.start(Service::Kafka)?;
    producer.tell(&["commit", "begin", &fill("torn")])?;
    stack.kill(Service::Kafka)?;
    stack.start(Service::Kafka)?;
    // With batches on their way, a broker that came back has been seen to refuse their repetition. Then nothing of the transaction
    // may be seen, and it is written again: below, all of it is there once.
    let answer = producer.ask("commit")?;
    if answer.starts_with("error Abort") && answer.contains("OUT_OF_ORDER_SEQUENCE_NUMBER") {
        producer.tell(&["abort", "begin", &fill("torn"), "commit"])?;
    } else {
        ensure!(answer.starts_with("ok"), "{answer}");
    }
    producer.tell(&["begin", &fill("paused")])?;
    stack.pause(Service::Kafka)?;
    let commits = std::thread::spawn(move || producer.ask("commit").map(|answer| (producer, answer)));
    // Longer than the client waits for an answer.
    harness::eventually::moment(std::time::Duration::from_secs(4)).await;
    stack.resume(Service::Kafka)?;
    let (mut producer, answer) = commits
        .join()
        .map_err(|_| anyhow::anyhow!("the producer was not told"))??;
    ensure!(answer.starts_with("ok"), "{answer}");
    producer.tell(&["begin", &fill("after"), "commit"])?;
    let expected = ["killed", "torn", "paused", "after"]
        .map(|tag| numbered(tag, 50))
        .concat();
    ensure!(seen(&stack, &topic).await? == expected, "other records are seen");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn log_ins_over_tls_are_made_or_say_why_not() -> Result<()> {
    let stack = Stack::shared()?;
    let topic = topic(&stack, "wire_log_in").await?;
    let (username, password) = stack.kafka_user()?;
    let log_in = |mechanism: &'static str, password: &str, commands: &[&str]| -> Result<String> {
        let mut producer = WireProducer::start(&[
            ("bootstrap.servers", stack.kafka_sasl()?),
            ("transactional.id", &topic),
            ("trusted", stack.kafka_certificate()?),
            ("sasl.mechanism", mechanism),
            ("username", username),
            ("password", password),
        ])?;
        let answer = producer.ask("fence")?;
        producer.tell(if answer.starts_with("ok") { commands } else { &[] })?;
        Ok(answer)
    };
    let mut expected = Vec::new();
    for mechanism in ["PLAIN", "SCRAM-SHA-512", "OAUTHBEARER"] {
        let fill = format!("fill {topic} 1 100 20000 {mechanism}");
        let answer = log_in(mechanism, password, &["begin", &fill, "commit"])?;
        ensure!(answer.starts_with("ok"), "{mechanism}: {answer}");
        expected.extend(numbered(mechanism, 100));
        if mechanism == "OAUTHBEARER" {
            continue; // Whoever says who he is, is believed.
        }
        let answer = log_in(mechanism, "canary-of-nobody", &[])?;
        ensure!(
            answer.starts_with("error Refused") && answer.contains("SASL_AUTHENTICATION_FAILED"),
            "{answer}"
        );
        ensure!(!answer.contains("canary"), "the password is in {answer}");
    }
    let answer = log_in("SCRAM-SHA-256", password, &[])?;
    ensure!(answer.contains("the broker offers"), "{answer}");
    ensure!(seen(&stack, &topic).await? == expected, "other records are seen");
    Ok(())
}

/// `ssl.keystore.*`, at a listener that asks for a certificate.
#[tokio::test(flavor = "multi_thread")]
async fn certificates_of_clients_are_shown_or_missed() -> Result<()> {
    let stack = Stack::shared()?;
    let topic = topic(&stack, "wire_certificate").await?;
    let stores = KeyStores::new("wire_certificate")?;
    let (store, password) = stack.kafka_key_store()?;
    stores.take("known", store, password)?;
    stores.make("stranger", "SAN=ip:127.0.0.1")?;
    stores.export_key("stranger")?;
    let fence = |name: Option<&str>| -> Result<(WireProducer, String)> {
        let files = name.map(|name| (stores.path(&format!("{name}.pem")), stores.path(&format!("{name}.key"))));
        let mut settings = vec![
            ("bootstrap.servers", stack.kafka_tls()?),
            ("transactional.id", topic.as_str()),
            ("trusted", stack.kafka_certificate()?),
            ("patience.ms", "5000"),
        ];
        if let Some((certificate, key)) = &files {
            settings.extend([("certificate", certificate.as_str()), ("key", key.as_str())]);
        }
        let mut producer = WireProducer::start(&settings)?;
        let answer = producer.ask("fence")?;
        Ok((producer, answer))
    };
    for name in [None, Some("stranger")] {
        let (_, answer) = fence(name)?;
        ensure!(answer.starts_with("error"), "{name:?}: {answer}");
        ensure!(
            answer.contains("certificate") && answer.contains("ssl.keystore.location"),
            "{name:?}: {answer}"
        );
    }
    let (mut producer, answer) = fence(Some("known"))?;
    ensure!(answer.starts_with("ok"), "{answer}");
    producer.tell(&["begin", &format!("fill {topic} 1 100 20000 known"), "commit"])?;
    ensure!(
        seen(&stack, &topic).await? == numbered("known", 100),
        "other records are seen"
    );
    Ok(())
}
