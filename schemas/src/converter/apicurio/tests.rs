use std::collections::BTreeMap;
use std::sync::Arc;

use connector_api::RecordPart;
use connector_api::data::{Field, Schema, SchemaType, Value};
use tokio::runtime::Runtime;

use crate::converter::{Class, Converter, create, validate, wants_avro_names, warnings};
use crate::registry::Role;
use crate::registry::scripted_server::ScriptedServer;

const AVRO: &str = "io.apicurio.registry.utils.converter.AvroConverter";
const JSON: &str = "ExtJsonConverter";
const V2: &str = r#"{"version":"1","id":"t-value","globalId":258,"contentId":4}"#;
const V3: &str = r#"{"version":{"version":"1","artifactId":"t-value","globalId":258,"contentId":4}}"#;

fn settings(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let named = given.iter().map(|(key, value)| match key.split_once('!') {
        Some((_, key)) => (key.to_owned(), (*value).to_owned()),
        None => (format!("apicurio.registry.{key}"), (*value).to_owned()),
    });
    named.collect()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

fn row() -> Arc<Schema> {
    Schema::structure("r", vec![Field::new("id", Schema::new(SchemaType::Int32).shared())]).shared()
}

type Headers = Vec<(String, Vec<u8>)>;

/// The bytes of a row with an id of -1, and the headers.
fn converted(class: &str, api: &str, more: &[(&str, &str)]) -> (Vec<u8>, Headers) {
    let runtime = runtime();
    let server = ScriptedServer::start(vec![(200, if api == "v2" { V2 } else { V3 })]);
    let url = format!("{}/apis/registry/{api}", server.url);
    let given = settings(&[&[("url", url.as_str()), ("auto-register", "true")], more].concat());
    let mut converter = create(class, Role::Value, &given, runtime.handle().clone())
        .map_err(|problems| format!("{problems:?}"))
        .unwrap();
    let (schema, value) = (row(), Value::Struct(vec![Value::Int32(-1)]));
    let part = RecordPart {
        schema: &schema,
        value: &value,
    };
    let mut out = b"before".to_vec();
    assert!(converter.convert("t", &part, &mut out).is_err(), "it is not prepared");
    converter.prepare("t", &part, &|| false).unwrap();
    converter.convert("t", &part, &mut out).unwrap();
    let headers = converter.headers("t", &schema).to_vec();
    check_misfit(&mut *converter, &schema, &mut out);
    (out.split_off(b"before".len()), headers)
}

fn check_misfit(converter: &mut dyn Converter, schema: &Arc<Schema>, out: &mut Vec<u8>) {
    let length = out.len();
    let value = Value::Struct(vec![Value::Null]);
    let error = converter
        .convert("t", &RecordPart { schema, value: &value }, out)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("a record for topic `t` does not fit its schema"),
        "{error}"
    );
    assert_eq!(out.len(), length, "nothing is left of it");
}

#[test]
fn an_id_stands_before_avro_in_the_form_of_the_apis_version_or_as_configured() {
    const BEFORE: (&str, &str) = ("headers.enabled", "false");
    for (api, more, expected) in [
        ("v3", &[][..], &[0, 0, 0, 0, 4, 1][..]),
        ("v2", &[BEFORE], &[0, 0, 0, 0, 0, 0, 0, 1, 2, 1]),
        ("v2", &[BEFORE, ("as-confluent", "true")], &[0, 0, 0, 1, 2, 1]),
        (
            "v2",
            &[BEFORE, ("use-id", "contentId")],
            &[0, 0, 0, 0, 0, 0, 0, 0, 4, 1],
        ),
        (
            "v3",
            &[
                ("use-id", "globalId"),
                ("id-handler", "io.apicurio.registry.serde.Legacy8ByteIdHandler"),
            ],
            &[0, 0, 0, 0, 0, 0, 0, 1, 2, 1],
        ),
        (
            "v2",
            &[
                BEFORE,
                ("id-handler", "io.apicurio.registry.serde.Legacy4ByteIdHandler"),
            ],
            &[0, 0, 0, 1, 2, 1],
        ),
    ] {
        assert_eq!(
            converted(AVRO, api, more),
            (expected.to_vec(), Vec::new()),
            "{api} {more:?}"
        );
    }
}

#[test]
fn an_id_in_a_header_leaves_the_datum_alone() {
    let (bytes, headers) = converted(AVRO, "v3", &[("headers.enabled", "true")]);
    assert_eq!(bytes, [1]);
    let encoding = ("apicurio.value.encoding".to_owned(), b"BINARY".to_vec());
    let content = ("apicurio.value.contentId".to_owned(), vec![0, 0, 0, 0, 0, 0, 0, 4]);
    assert_eq!(headers, [content, encoding.clone()]);
    let more = [
        ("headers.enabled", "true"),
        ("use-id", "globalId"),
        ("headers.value.globalId.name", "my.id"),
    ];
    let global = |name: &str| (name.to_owned(), vec![0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!(converted(AVRO, "v3", &more).1, [global("my.id"), encoding.clone()]);
    let (bytes, headers) = converted(AVRO, "v2", &[]);
    assert_eq!(
        (bytes, headers),
        (vec![1], vec![global("apicurio.value.globalId"), encoding])
    );
}

#[test]
fn json_stands_beside_the_id_of_its_schema() {
    for (api, more, id) in [
        ("v2", &[][..], 258),
        ("v3", &[], 4),
        ("v3", &[("use-id", "globalId")], 258),
    ] {
        let expected = format!(r#"{{"schemaId":{id},"payload":{{"id":-1}}}}"#);
        let (bytes, headers) = converted(JSON, api, more);
        assert_eq!(String::from_utf8(bytes).unwrap(), expected, "{api} {more:?}");
        assert!(headers.is_empty());
    }
}

#[test]
fn a_long_id_does_not_fit_everywhere() {
    let runtime = runtime();
    const LONG: &str = r#"{"version":{"version":"1","artifactId":"a","globalId":1,"contentId":4294967296}}"#;
    let server = ScriptedServer::start(vec![(200, LONG)]);
    let given = settings(&[("url", server.url.as_str()), ("auto-register", "true")]);
    let mut converter = create(AVRO, Role::Key, &given, runtime.handle().clone()).ok().unwrap();
    let part = RecordPart {
        schema: &row(),
        value: &Value::Null,
    };
    let error = converter.prepare("t", &part, &|| false).unwrap_err().to_string();
    assert!(
        error.starts_with("the id 4294967296 of artifact `a` does not fit into four bytes; set"),
        "{error}"
    );
}

#[test]
fn an_artifact_may_be_named_by_the_record() {
    let runtime = runtime();
    let server = ScriptedServer::start(vec![(200, V3)]);
    let given = settings(&[
        ("url", server.url.as_str()),
        ("auto-register", "true"),
        (
            "artifact-resolver-strategy",
            "io.apicurio.registry.serde.avro.strategy.RecordIdStrategy",
        ),
    ]);
    let mut converter = create(AVRO, Role::Value, &given, runtime.handle().clone())
        .ok()
        .unwrap();
    let part = |schema| RecordPart {
        schema,
        value: &Value::Null,
    };
    let named = Schema::structure("a.b.R", vec![]).shared();
    converter.prepare("t", &part(&named), &|| false).unwrap();
    let asked = server.asked.recv().unwrap();
    assert!(
        asked.line.starts_with("POST /apis/registry/v3/groups/a.b/artifacts?"),
        "{}",
        asked.line
    );
    assert!(asked.body.contains(r#""artifactId":"R""#), "{}", asked.body);
    let text = Schema::new(SchemaType::String).shared();
    let error = converter.prepare("t", &part(&text), &|| false).unwrap_err();
    assert!(error.to_string().contains("use TopicIdStrategy"), "{error}");
}

#[test]
fn settings_that_cannot_be_carried_out_are_refused_by_name() {
    let url = ("url", "http://r/apis/registry/v3");
    let check = |class: &str, given: &[(&str, &str)], key: &str, message: &str| {
        let problems = validate(class, Role::Value, &settings(given));
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert!(texts[0].starts_with(key) && texts[0].contains(message), "{texts:?}");
    };
    check(AVRO, &[], "apicurio.registry.url", "must be set");
    check(
        JSON,
        &[("url", "registry:8080")],
        "apicurio.registry.url",
        "has the scheme `registry`",
    );
    for (key, value, message) in [
        ("id-handler", "com.example.Mine", "com.example.Mine is not supported"),
        ("use-id", "contentHash", "must be one of contentId, globalId"),
        (
            "artifact-resolver-strategy",
            "com.example.Mine",
            "com.example.Mine is not supported",
        ),
        ("auto-register.if-exists", "RETURN", "RETURN_OR_UPDATE takes the one"),
        (
            "auto-register.if-exists",
            "SOMETIMES",
            "must be one of FAIL, CREATE_VERSION",
        ),
        ("avro.encoding", "JSON", "only `BINARY` is"),
        ("headers.handler", "com.example.Mine", "which is not supported"),
        ("schema-resolver", "com.example.Mine", "which is not supported"),
        ("url.version", "4", "must be 2 or 3"),
        (
            "auth.username",
            "u",
            "must be set beside apicurio.registry.auth.username",
        ),
        ("proxy.host", "p", "must be a port number"),
        ("tls.truststore.location", "/none.jks", "cannot be read"),
        ("tls.certificates", "/none.pem", "cannot be read"),
    ] {
        check(AVRO, &[url, (key, value)], "apicurio.registry.", message);
    }
    let records = "io.apicurio.registry.serde.avro.strategy.RecordIdStrategy";
    check(
        JSON,
        &[url, ("artifact-resolver-strategy", records)],
        "apicurio.registry.artifact-resolver-strategy",
        "ExtJsonConverter has none",
    );
    check(
        JSON,
        &[url, ("!decimal.format", "PLAIN")],
        "decimal.format",
        "must be one of",
    );
    assert_eq!(
        validate(
            JSON,
            Role::Key,
            &settings(&[("url", "http://r/apis/registry/v2"), ("find-latest", "true")])
        ),
        []
    );
}

#[test]
fn keys_that_do_nothing_are_warned_about_and_version_2_is() {
    let given = settings(&[
        ("url", "http://r/apis/registry/v3"),
        ("check-period-ms", "1000"),
        ("request.headers.x", "y"),
        ("auto-regster", "true"),
        ("headers.enabled", "true"),
    ]);
    let told = [
        "apicurio.registry.auto-regster is not a known key of this converter",
        "apicurio.registry.check-period-ms has no effect here",
    ];
    assert_eq!(warnings(AVRO, &given), told);
    assert_eq!(
        warnings(JSON, &given)[2],
        "apicurio.registry.headers.enabled has no effect here"
    );
    let url = ("url", "http://r/apis/registry/v2");
    assert!(warnings(JSON, &settings(&[url]))[0].contains("set apicurio.registry.use-id=contentId"));
    assert!(warnings(JSON, &settings(&[url, ("use-id", "globalId")])).is_empty());
    assert!(warnings(AVRO, &settings(&[url, ("url.version", "3")])).is_empty());
}

#[test]
fn an_alias_means_confluents_converter() {
    assert_eq!(Class::parse("AvroConverter"), Some(Class::Avro));
    assert_eq!(Class::parse(AVRO), Some(Class::ApicurioAvro));
    assert_eq!(Class::parse("ExtJson"), Some(Class::ApicurioJson));
    assert!(wants_avro_names(AVRO, &BTreeMap::new()));
    assert!(!wants_avro_names(JSON, &BTreeMap::new()));
}
