//! The table: every client setting of Kafka 4.3 that a source worker can meet, and what becomes of it.

use super::ClientKind;

/// The longest pause between attempts to reach a broker, whatever the settings say: a broker that comes back is to be found
/// within a second (librdkafka waits up to 10 s by default, Java 1 s).
pub(super) const RECONNECT_BACKOFF_MAX_MS: i64 = 1000;

/// The default of `transaction.timeout.ms`, in Java and in librdkafka.
pub(super) const TRANSACTION_TIMEOUT_MS: u64 = 60_000;

/// What happens to one Java setting.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// Same meaning; this is librdkafka's name.
    As(&'static str),
    /// Same meaning, and librdkafka wants lower case.
    Lower(&'static str),
    /// Java's -1 ("the system's choice") is librdkafka's 0.
    Buffer(&'static str),
    /// Same meaning, and librdkafka's least value is 1.
    AtLeastOne(&'static str),
    /// Same meaning, but these values promise less than the idempotent producer that is always used.
    Stronger(&'static str, &'static [&'static str]),
    /// Bytes, where librdkafka counts in KiB.
    Kibibytes(&'static str),
    /// At most [`RECONNECT_BACKOFF_MAX_MS`].
    Capped(&'static str),
    /// An empty text stands for `none`.
    Endpoint,
    /// Read together with the others of its family, and not one by one.
    Family,
    /// The worker decides this itself.
    Workers,
    /// Only meaningful in a JVM.
    Jvm,
    /// Cannot be carried out, and must not be dropped quietly. The text says what to do.
    Refuse(&'static str),
}

impl Rule {
    /// The setting of librdkafka that the value is given to.
    pub(super) fn setting(&self) -> Option<&'static str> {
        match self {
            Rule::As(name)
            | Rule::Lower(name)
            | Rule::Buffer(name)
            | Rule::AtLeastOne(name)
            | Rule::Stronger(name, _)
            | Rule::Kibibytes(name)
            | Rule::Capped(name) => Some(name),
            Rule::Endpoint | Rule::Family | Rule::Workers | Rule::Jvm | Rule::Refuse(_) => None,
        }
    }
}

/// Whether librdkafka calls `setting` by the name `name`, too, and prefers that one when it complains.
pub(super) fn is_alias(setting: &str, name: &str) -> bool {
    [
        ("delivery.timeout.ms", "message.timeout.ms"),
        ("acks", "request.required.acks"),
        ("retries", "message.send.max.retries"),
        ("max.in.flight.requests.per.connection", "max.in.flight"),
        ("compression.type", "compression.codec"),
    ]
    .contains(&(setting, name))
}

/// Which clients a setting concerns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    All,
    Producer,
    Consumer,
}

use For::{All, Consumer, Producer};
use Rule::{As, AtLeastOne, Buffer, Capped, Endpoint, Family, Jvm, Kibibytes, Lower, Refuse, Stronger, Workers};

pub(super) const NO_KERBEROS: &str = "Kerberos is not built in: use SCRAM, PLAIN or TLS client certificates";

/// Every client setting of Kafka 4.3 that a source worker can meet.
pub(super) const RULES: &[(&str, For, Rule)] = &[
    ("bootstrap.servers", All, As("bootstrap.servers")),
    ("client.id", All, As("client.id")),
    ("client.rack", All, As("client.rack")),
    ("client.dns.lookup", All, As("client.dns.lookup")),
    ("metadata.max.age.ms", All, As("metadata.max.age.ms")),
    ("metadata.recovery.strategy", All, Lower("metadata.recovery.strategy")),
    (
        "metadata.recovery.rebootstrap.trigger.ms",
        All,
        As("metadata.recovery.rebootstrap.trigger.ms"),
    ),
    ("connections.max.idle.ms", All, As("connections.max.idle.ms")),
    ("reconnect.backoff.ms", All, Capped("reconnect.backoff.ms")),
    ("reconnect.backoff.max.ms", All, Capped("reconnect.backoff.max.ms")),
    ("retry.backoff.ms", All, As("retry.backoff.ms")),
    ("retry.backoff.max.ms", All, As("retry.backoff.max.ms")),
    ("send.buffer.bytes", All, Buffer("socket.send.buffer.bytes")),
    ("receive.buffer.bytes", All, Buffer("socket.receive.buffer.bytes")),
    (
        "socket.connection.setup.timeout.ms",
        All,
        As("socket.connection.setup.timeout.ms"),
    ),
    ("security.protocol", All, Lower("security.protocol")),
    ("security.providers", All, Jvm),
    ("sasl.mechanism", All, Family),
    ("sasl.jaas.config", All, Family),
    ("sasl.client.callback.handler.class", All, Family),
    ("sasl.login.callback.handler.class", All, Family),
    (
        "sasl.login.class",
        All,
        Refuse("a Java class cannot be loaded: use sasl.jaas.config"),
    ),
    ("sasl.kerberos.service.name", All, Refuse(NO_KERBEROS)),
    ("sasl.kerberos.kinit.cmd", All, Jvm),
    ("sasl.kerberos.ticket.renew.window.factor", All, Jvm),
    ("sasl.kerberos.ticket.renew.jitter", All, Jvm),
    ("sasl.kerberos.min.time.before.relogin", All, Jvm),
    ("sasl.login.refresh.window.factor", All, Jvm),
    ("sasl.login.refresh.window.jitter", All, Jvm),
    ("sasl.login.refresh.min.period.seconds", All, Jvm),
    ("sasl.login.refresh.buffer.seconds", All, Jvm),
    ("sasl.login.connect.timeout.ms", All, Family),
    ("sasl.login.read.timeout.ms", All, Family),
    ("sasl.login.retry.backoff.ms", All, Family),
    ("sasl.login.retry.backoff.max.ms", All, Family),
    ("sasl.oauthbearer.token.endpoint.url", All, Family),
    ("sasl.oauthbearer.client.credentials.client.id", All, Family),
    ("sasl.oauthbearer.client.credentials.client.secret", All, Family),
    ("sasl.oauthbearer.scope", All, Family),
    ("sasl.oauthbearer.header.urlencode", All, Family),
    ("sasl.oauthbearer.jwt.retriever.class", All, Family),
    ("sasl.oauthbearer.jwt.validator.class", All, Family),
    ("sasl.oauthbearer.sub.claim.name", All, Family),
    ("sasl.oauthbearer.scope.claim.name", All, Jvm),
    ("sasl.oauthbearer.clock.skew.seconds", All, Jvm),
    ("sasl.oauthbearer.expected.audience", All, Jvm),
    ("sasl.oauthbearer.expected.issuer", All, Jvm),
    ("sasl.oauthbearer.assertion.algorithm", All, Jvm),
    ("sasl.oauthbearer.assertion.claim.aud", All, Jvm),
    ("sasl.oauthbearer.assertion.claim.exp.seconds", All, Jvm),
    ("sasl.oauthbearer.assertion.claim.iss", All, Jvm),
    ("sasl.oauthbearer.assertion.claim.jti.include", All, Jvm),
    ("sasl.oauthbearer.assertion.claim.nbf.seconds", All, Jvm),
    ("sasl.oauthbearer.assertion.claim.sub", All, Jvm),
    ("sasl.oauthbearer.assertion.file", All, Jvm),
    ("sasl.oauthbearer.assertion.private.key.file", All, Jvm),
    ("sasl.oauthbearer.assertion.private.key.passphrase", All, Jvm),
    ("sasl.oauthbearer.assertion.template.file", All, Jvm),
    ("sasl.oauthbearer.jwks.endpoint.url", All, Jvm),
    ("sasl.oauthbearer.jwks.endpoint.refresh.ms", All, Jvm),
    ("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", All, Jvm),
    ("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", All, Jvm),
    ("ssl.endpoint.identification.algorithm", All, Endpoint),
    ("ssl.protocol", All, Jvm),
    ("ssl.enabled.protocols", All, Jvm),
    ("ssl.provider", All, Jvm),
    ("ssl.trustmanager.algorithm", All, Jvm),
    ("ssl.keymanager.algorithm", All, Jvm),
    ("ssl.secure.random.implementation", All, Jvm),
    (
        "ssl.engine.factory.class",
        All,
        Refuse("a Java class cannot be loaded: use ssl.truststore.* and ssl.keystore.*"),
    ),
    (
        "ssl.cipher.suites",
        All,
        Refuse("cipher names of Java and OpenSSL differ: restrict the ciphers at the broker"),
    ),
    ("ssl.truststore.location", All, Family),
    ("ssl.truststore.password", All, Family),
    ("ssl.truststore.type", All, Family),
    ("ssl.truststore.certificates", All, Family),
    ("ssl.keystore.location", All, Family),
    ("ssl.keystore.password", All, Family),
    ("ssl.keystore.type", All, Family),
    ("ssl.keystore.key", All, Family),
    ("ssl.keystore.certificate.chain", All, Family),
    ("ssl.key.password", All, Family),
    ("metric.reporters", All, Jvm),
    ("metrics.num.samples", All, Jvm),
    ("metrics.recording.level", All, Jvm),
    ("metrics.sample.window.ms", All, Jvm),
    ("auto.include.jmx.reporter", All, Jvm),
    ("enable.metrics.push", All, As("enable.metrics.push")),
    ("socket.connection.setup.timeout.max.ms", All, Jvm),
    (
        "interceptor.classes",
        All,
        Refuse("a Java class cannot be loaded: remove it"),
    ),
    (
        "config.providers",
        All,
        Refuse("a client has no config providers of its own: name them in worker.properties"),
    ),
    ("request.timeout.ms", Producer, As("request.timeout.ms")),
    ("request.timeout.ms", Consumer, As("socket.timeout.ms")),
    ("acks", Producer, Stronger("acks", &["0", "1"])),
    ("batch.size", Producer, AtLeastOne("batch.size")),
    ("linger.ms", Producer, Workers),
    ("buffer.memory", Producer, Kibibytes("queue.buffering.max.kbytes")),
    ("compression.type", Producer, Lower("compression.type")),
    ("compression.gzip.level", Producer, As("compression.level")),
    ("compression.lz4.level", Producer, As("compression.level")),
    ("compression.zstd.level", Producer, As("compression.level")),
    ("max.request.size", Producer, As("message.max.bytes")),
    (
        "max.in.flight.requests.per.connection",
        Producer,
        As("max.in.flight.requests.per.connection"),
    ),
    ("delivery.timeout.ms", Producer, As("delivery.timeout.ms")),
    ("retries", Producer, Stronger("retries", &["0"])),
    ("enable.idempotence", Producer, As("enable.idempotence")),
    ("transaction.timeout.ms", Producer, As("transaction.timeout.ms")),
    ("transactional.id", Producer, Workers),
    ("transaction.two.phase.commit.enable", Producer, Workers),
    ("key.serializer", Producer, Workers),
    ("value.serializer", Producer, Workers),
    ("max.block.ms", Producer, Jvm),
    ("metadata.max.idle.ms", Producer, Jvm),
    (
        "partitioner.class",
        Producer,
        Refuse("partitions are computed as Java's default partitioner does: remove it"),
    ),
    (
        "partitioner.ignore.keys",
        Producer,
        Refuse("a key's partition must stay the same: remove it"),
    ),
    ("partitioner.adaptive.partitioning.enable", Producer, Jvm),
    ("partitioner.availability.timeout.ms", Producer, Jvm),
    ("fetch.min.bytes", Consumer, As("fetch.min.bytes")),
    ("fetch.max.bytes", Consumer, As("fetch.max.bytes")),
    ("fetch.max.wait.ms", Consumer, As("fetch.wait.max.ms")),
    ("max.partition.fetch.bytes", Consumer, As("max.partition.fetch.bytes")),
    ("check.crcs", Consumer, As("check.crcs")),
    ("max.poll.records", Consumer, Jvm),
    ("default.api.timeout.ms", All, Jvm),
    ("max.poll.interval.ms", Consumer, Workers),
    ("group.id", Consumer, Workers),
    ("group.instance.id", Consumer, Workers),
    ("group.protocol", Consumer, Workers),
    ("group.remote.assignor", Consumer, Workers),
    ("session.timeout.ms", Consumer, Workers),
    ("heartbeat.interval.ms", Consumer, Workers),
    ("partition.assignment.strategy", Consumer, Workers),
    ("enable.auto.commit", Consumer, Workers),
    ("auto.commit.interval.ms", Consumer, Workers),
    ("auto.offset.reset", Consumer, Workers),
    ("isolation.level", Consumer, Workers),
    ("allow.auto.create.topics", Consumer, Workers),
    ("exclude.internal.topics", Consumer, Workers),
    ("key.deserializer", Consumer, Workers),
    ("value.deserializer", Consumer, Workers),
];

pub(super) fn concerns_kind(concerns: For, kind: ClientKind) -> bool {
    match concerns {
        All => true,
        Producer => kind == ClientKind::Producer,
        Consumer => kind == ClientKind::Consumer,
    }
}
