#!/usr/bin/env bash
# rdkafka's AdminClient never asks its context for an OAUTHBEARER token.
#
# Seen with the crate rdkafka 0.39.0 (librdkafka 2.12.1, from rdkafka-sys 4.10.0+2.12.1). Three clients with
# `security.protocol=SASL_PLAINTEXT` and `sasl.mechanism=OAUTHBEARER`, each with a context that has
# ENABLE_REFRESH_OAUTH_TOKEN = true and counts the calls of generate_oauth_token:
#
#   1. A BaseConsumer and a BaseProducer ask once when they are polled.
#   2. An AdminClient asks never: neither while it waits nor while an operation goes on, which ends with a time-out. The library puts
#      the request for a token into the client's main queue, and the admin client's thread polls a queue of its own.
#
# So an application whose consumers and producers log in with tokens finds no way to create a topic: a token has to be set
# through the bindings (rd_kafka_oauthbearer_set_token), and again before it expires. The documentation of ClientContext
# (https://docs.rs/rdkafka/0.39.0/rdkafka/client/trait.ClientContext.html) names no client that it does not hold for.
#
# No broker is needed: a token is asked for before anything connects. Installs the public crates into a temporary folder, compiles and
# runs a program there, and removes it. Fails if the behaviour is another one. Needs cargo, a C compiler, make and OpenSSL's headers.
set -euo pipefail

home=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
trap 'rm -rf "$home"' EXIT
mkdir "$home/src"
cat > "$home/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
futures-executor = "=0.3.31"
rdkafka = { version = "=0.39.0", default-features = false, features = ["ssl"] }

[workspace]
TOML

cat > "$home/src/main.rs" <<'RUST'
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::OAuthToken;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::producer::{BaseProducer, DeliveryResult, ProducerContext};
use rdkafka::ClientContext;

#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl ClientContext for Counting {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, _: rdkafka::config::RDKafkaLogLevel, _: &str, _: &str) {}

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err("no token: only the question is counted".into())
    }
}

impl ConsumerContext for Counting {}

impl ProducerContext for Counting {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &DeliveryResult<'_>, _: ()) {}
}

fn main() {
    let mut config = ClientConfig::new();
    // Nobody listens there.
    config.set("bootstrap.servers", "127.0.0.1:1");
    config.set("group.id", "finding");
    config.set("security.protocol", "SASL_PLAINTEXT");
    config.set("sasl.mechanism", "OAUTHBEARER");

    let asked = Counting::default();
    let consumer: BaseConsumer<Counting> = config.create_with_context(asked.clone()).unwrap();
    drop(consumer.poll(Duration::from_secs(1)));
    println!("consumer {}", asked.0.load(Ordering::SeqCst));

    let asked = Counting::default();
    let producer: BaseProducer<Counting> = config.create_with_context(asked.clone()).unwrap();
    producer.poll(Duration::from_secs(1));
    println!("producer {}", asked.0.load(Ordering::SeqCst));

    let asked = Counting::default();
    let admin: AdminClient<Counting> = config.create_with_context(asked.clone()).unwrap();
    let limit = Some(Duration::from_secs(5));
    let topic = NewTopic::new("topic", 1, TopicReplication::Fixed(1));
    let options = AdminOptions::new().request_timeout(limit).operation_timeout(limit);
    let created = futures_executor::block_on(admin.create_topics([&topic], &options));
    println!("admin {} {}", asked.0.load(Ordering::SeqCst), if created.is_err() { "failed" } else { "created" });
}
RUST

seen=$(cargo run --quiet --manifest-path "$home/Cargo.toml" --target-dir "$home/build")
grep -A 1 '^name = "rdkafka' "$home/Cargo.lock" | grep -v '^--' | paste - - | sed 's/name = //; s/version = //'
echo "$seen"
[ "$seen" = "consumer 1
producer 1
admin 0 failed" ]
