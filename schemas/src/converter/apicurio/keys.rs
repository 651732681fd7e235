//! The keys of Apicurio's converters, of their versions 2 and 3, and what becomes of each.

use crate::apicurio::HEADER_PREFIX;
use crate::settings::OnlyValue;

/// The keys of both that are carried out.
const CARRIED_OUT: &[&str] = &[
    "apicurio.auth.client.id",
    "apicurio.auth.client.scope",
    "apicurio.auth.client.secret",
    "apicurio.auth.password",
    "apicurio.auth.realm",
    "apicurio.auth.service.token.endpoint",
    "apicurio.auth.service.url",
    "apicurio.auth.username",
    "apicurio.registry.artifact-resolver-strategy",
    "apicurio.registry.artifact.artifact-id",
    "apicurio.registry.artifact.group-id",
    "apicurio.registry.artifact.version",
    "apicurio.registry.auth.client.id",
    "apicurio.registry.auth.client.scope",
    "apicurio.registry.auth.client.secret",
    "apicurio.registry.auth.password",
    "apicurio.registry.auth.service.token.endpoint",
    "apicurio.registry.auth.username",
    "apicurio.registry.auto-register",
    "apicurio.registry.auto-register.if-exists",
    "apicurio.registry.canonicalize",
    "apicurio.registry.client.disable-auto-basepath-append",
    "apicurio.registry.find-latest",
    "apicurio.registry.proxy.host",
    "apicurio.registry.proxy.password",
    "apicurio.registry.proxy.port",
    "apicurio.registry.proxy.username",
    "apicurio.registry.request.ssl.key.password",
    "apicurio.registry.request.ssl.keystore.location",
    "apicurio.registry.request.ssl.keystore.password",
    "apicurio.registry.request.ssl.keystore.type",
    "apicurio.registry.request.ssl.truststore.location",
    "apicurio.registry.request.ssl.truststore.password",
    "apicurio.registry.request.ssl.truststore.type",
    "apicurio.registry.tls.certificates",
    "apicurio.registry.tls.trust-all",
    "apicurio.registry.tls.truststore.location",
    "apicurio.registry.tls.truststore.password",
    "apicurio.registry.tls.truststore.type",
    "apicurio.registry.tls.verify-host",
    "apicurio.registry.url",
    "apicurio.registry.url.version",
    "apicurio.registry.use-id",
];

/// Those of the Avro converter alone.
const AVRO: &[&str] = &[
    "apicurio.registry.as-confluent",
    "apicurio.registry.dereference-schema",
    "apicurio.registry.headers.enabled",
    "apicurio.registry.headers.key.contentId.name",
    "apicurio.registry.headers.key.globalId.name",
    "apicurio.registry.headers.value.contentId.name",
    "apicurio.registry.headers.value.globalId.name",
    "apicurio.registry.id-handler",
    "connect.meta.data",
    // It is about enumerations, which no schema here has.
    "enhanced.avro.schema.support",
];

/// Those of the JSON converter alone.
const JSON: &[&str] = &["decimal.format", "replace.null.with.default"];

/// The keys of which one value only is carried out.
pub(super) const ONLY: &[OnlyValue] = &[OnlyValue {
    key: "apicurio.registry.schema-resolver",
    value: "io.apicurio.registry.resolver.DefaultSchemaResolver",
}];

/// The same for the Avro converter.
pub(super) const AVRO_ONLY: &[OnlyValue] = &[
    OnlyValue {
        key: "apicurio.registry.avro-datum-provider",
        value: "io.apicurio.registry.serde.avro.DefaultAvroDatumProvider",
    },
    OnlyValue {
        key: "apicurio.registry.avro.encoding",
        value: "BINARY",
    },
    OnlyValue {
        key: "apicurio.registry.converter.serializer",
        value: "io.apicurio.registry.serde.avro.AvroKafkaSerializer",
    },
    OnlyValue {
        key: "apicurio.registry.headers.handler",
        value: "io.apicurio.registry.serde.headers.DefaultHeadersHandler",
    },
];

/// The keys that change nothing for a source, or nothing here: a registry is asked once for each schema, for as long as it takes.
const WITHOUT_EFFECT: &[&str] = &[
    "apicurio.registry.artifact.schema.location",
    "apicurio.registry.avro.schema-cache-size",
    "apicurio.registry.background-refresh-enabled",
    "apicurio.registry.background-refresh.executor-threads",
    "apicurio.registry.background-refresh.timeout-ms",
    "apicurio.registry.cache-latest",
    "apicurio.registry.check-period-ms",
    "apicurio.registry.client.retry.backoff-multiplier",
    "apicurio.registry.client.retry.delay-ms",
    "apicurio.registry.client.retry.enabled",
    "apicurio.registry.client.retry.max-attempts",
    "apicurio.registry.client.retry.max-delay-ms",
    "apicurio.registry.converter.deserializer",
    "apicurio.registry.deserializer.dereference-schema",
    "apicurio.registry.deserializer.key.return-class",
    "apicurio.registry.deserializer.value.return-class",
    "apicurio.registry.fallback.artifact-id",
    "apicurio.registry.fallback.group-id",
    "apicurio.registry.fallback.provider",
    "apicurio.registry.fallback.version",
    "apicurio.registry.fault-tolerant-refresh",
    "apicurio.registry.http.adapter",
    "apicurio.registry.is-key",
    "apicurio.registry.otel.enabled",
    "apicurio.registry.retry-backoff-ms",
    "apicurio.registry.retry-count",
    "apicurio.registry.serde.validation-enabled",
    "apicurio.registry.serializer.dereference-schema",
    "apicurio.registry.usage-telemetry.client-id",
    "apicurio.registry.use-specific-avro-reader",
    "schema.content",
    "schemas.cache.config",
    "schemas.cache.size",
    // The JSON converter registers the schema, and never writes it.
    "schemas.enable",
];

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::converter) enum Fate {
    CarriedOut,
    WithoutEffect,
    Unknown,
}

pub(in crate::converter) fn fate_of_avro(key: &str) -> Fate {
    fate(key, AVRO, AVRO_ONLY)
}

pub(in crate::converter) fn fate_of_json(key: &str) -> Fate {
    match fate(key, JSON, &[]) {
        // What only Avro has.
        Fate::Unknown if fate_of_avro(key) != Fate::Unknown => Fate::WithoutEffect,
        fate => fate,
    }
}

fn fate(key: &str, own: &[&str], only: &[OnlyValue]) -> Fate {
    let is_only = |only: &[OnlyValue]| only.iter().any(|only| only.key == key);
    match key {
        _ if CARRIED_OUT.contains(&key) || own.contains(&key) => Fate::CarriedOut,
        _ if is_only(ONLY) || is_only(only) || key.starts_with(HEADER_PREFIX) => Fate::CarriedOut,
        _ if WITHOUT_EFFECT.contains(&key) || key.starts_with("apicurio.registry.headers.") => Fate::WithoutEffect,
        _ => Fate::Unknown,
    }
}
