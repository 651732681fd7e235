//! The calls against scripted answers. That a real registry gives such answers is for the recorded cases to show.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tokio::runtime::{Builder, Runtime};

use crate::apicurio::{ApicurioError, ApicurioSettings, ArtifactName, ArtifactVersion, Artifacts, AvroDefinition};
use crate::avro::SchemaPiece;
use crate::registry::Role;
use crate::registry::scripted_server::{Asked, ScriptedServer};
use crate::settings::Settings;

const WHOLE: &str =
    r#"{"type":"record","name":"E","fields":[{"name":"v","type":{"type":"record","name":"V","fields":[]}}]}"#;
const OUTER: &str = r#"{"type":"record","name":"E","fields":[{"name":"v","type":"V"}]}"#;
const INNER: &str = r#"{"type":"record","name":"V","fields":[]}"#;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn artifacts(url: &str, more: &[(&str, &str)]) -> Artifacts {
    let mut given = BTreeMap::from([("apicurio.registry.url".to_owned(), url.to_owned())]);
    given.extend(
        more.iter()
            .map(|(key, value)| (format!("apicurio.registry.{key}"), (*value).to_owned())),
    );
    let mut settings = Settings::new(&given);
    let read = ApicurioSettings::read(&mut settings);
    assert_eq!(settings.finish(), Ok(()));
    Artifacts::new(&read.unwrap()).ok().unwrap()
}

fn ask_avro(artifacts: &Artifacts, stopping: &dyn Fn() -> bool) -> Result<ArtifactVersion, ApicurioError> {
    let inner = SchemaPiece {
        text: INNER.to_owned(),
        uses: Vec::new(),
    };
    let definition = AvroDefinition {
        whole: WHOLE,
        pieces: &SchemaPiece {
            text: OUTER.to_owned(),
            uses: vec![("V".to_owned(), inner)],
        },
    };
    let name = artifacts.name("t", Role::Value, Some("E")).unwrap();
    runtime().block_on(artifacts.avro(&name, &definition, stopping))
}

fn ask_json(artifacts: &Artifacts) -> Result<ArtifactVersion, ApicurioError> {
    let name = artifacts.name("t", Role::Value, None).unwrap();
    runtime().block_on(artifacts.kafka_connect(&name, r#"{"type":"int32"}"#, &|| false))
}

/// A version in the words of version 3 of the API, and of version 2.
const V3: &str = r#"{"version":{"version":"3","groupId":"default","artifactId":"t-value","globalId":7,"contentId":5}}"#;
const V3_INNER: &str = r#"{"version":{"version":"1","groupId":"default","artifactId":"V","globalId":6,"contentId":4}}"#;
const FOUND: &str = r#"{"count":1,"versions":[{"version":"3","artifactId":"t-value","globalId":7,"contentId":5}]}"#;
const V2: &str = r#"{"version":"3","id":"t-value","globalId":7,"contentId":5}"#;
const V2_INNER: &str = r#"{"version":"1","id":"V","globalId":6,"contentId":4}"#;

fn expected() -> ArtifactVersion {
    ArtifactVersion {
        artifact: ArtifactName {
            group: None,
            id: "t-value".to_owned(),
        },
        version: "3".to_owned(),
        global_id: 7,
        content_id: 5,
    }
}

#[test]
fn an_avro_schema_is_registered_in_pieces_with_version_3_of_the_api() {
    let server = ScriptedServer::start(vec![(200, V3_INNER), (200, V3)]);
    let artifacts = artifacts(
        &format!("{}/apis/registry/v3/", server.url),
        &[("auto-register", "true")],
    );
    let version = ask_avro(&artifacts, &|| false).unwrap();
    assert_eq!((version.global_id, version.content_id), (7, 5));
    // The same again is known.
    assert_eq!(ask_avro(&artifacts, &|| false).unwrap(), version);
    let asked: Vec<Asked> = server.asked.iter().collect();
    let path =
        "POST /apis/registry/v3/groups/default/artifacts?ifExists=FIND_OR_CREATE_VERSION&canonical=false HTTP/1.1";
    assert_eq!(
        asked.iter().map(|asked| asked.line.as_str()).collect::<Vec<_>>(),
        [path; 2]
    );
    let body = |asked: &Asked| -> Json { serde_json::from_str(&asked.body).unwrap() };
    let content = |text: &str, references: Json| json!({"content": text, "contentType": "application/json", "references": references});
    assert_eq!(
        body(&asked[0]),
        json!({
            "artifactId": "V", "artifactType": "AVRO",
            "firstVersion": {"version": null, "content": content(INNER, json!([]))},
        })
    );
    let reference = json!({"name": "V", "groupId": "default", "artifactId": "V", "version": "1"});
    assert_eq!(
        body(&asked[1]),
        json!({
            "artifactId": "t-value", "artifactType": "AVRO",
            "firstVersion": {"version": null, "content": content(OUTER, json!([reference]))},
        })
    );
}

#[test]
fn the_same_with_version_2_of_the_api() {
    let server = ScriptedServer::start(vec![(200, V2_INNER), (200, V2)]);
    let more = [
        ("auto-register", "true"),
        ("auto-register.if-exists", "CREATE_VERSION"),
        ("dereference-schema", "false"),
        ("artifact.version", "3"),
        ("artifact.group-id", "g h"),
    ];
    let artifacts = artifacts(&format!("{}/apis/registry/v2", server.url), &more);
    assert_eq!(ask_avro(&artifacts, &|| false).unwrap(), expected());
    let asked: Vec<Asked> = server.asked.iter().collect();
    for (asked, id, kind, body) in [
        (&asked[0], "V", "application/json", INNER.to_owned()),
        (
            &asked[1],
            "t-value",
            "application/create.extended+json",
            json!({
                "content": OUTER,
                "references": [{"groupId": null, "artifactId": "V", "version": "1", "name": "V"}],
            })
            .to_string(),
        ),
    ] {
        assert_eq!(
            asked.line,
            "POST /apis/registry/v2/groups/g%20h/artifacts?ifExists=UPDATE&canonical=false HTTP/1.1"
        );
        assert_eq!(asked.headers["x-registry-artifactid"], id);
        assert_eq!(asked.headers["x-registry-artifacttype"], "AVRO");
        assert_eq!(asked.headers["x-registry-version"], "3");
        assert_eq!(asked.headers["content-type"], kind);
        assert_eq!(asked.body, body);
    }
}

#[test]
fn without_registering_a_schema_is_looked_up_by_its_content() {
    for (path, answer, line) in [
        (
            "/apis/registry/v3",
            FOUND,
            "POST /apis/registry/v3/search/versions?groupId=default&artifactId=t-value&artifactType=KCONNECT&canonical=true&",
        ),
        (
            "/apis/registry/v2",
            V2,
            "POST /apis/registry/v2/groups/default/artifacts/t-value/meta?canonical=true ",
        ),
    ] {
        let server = ScriptedServer::start(vec![(200, answer)]);
        let artifacts = artifacts(&format!("{}{path}", server.url), &[("canonicalize", "true")]);
        assert_eq!(ask_json(&artifacts).unwrap(), expected());
        let asked = server.asked.recv().unwrap();
        assert!(asked.line.starts_with(line), "{}", asked.line);
        assert_eq!(asked.body, r#"{"type":"int32"}"#);
    }
    let server = ScriptedServer::start(vec![(200, r#"{"count":0,"versions":[]}"#)]);
    let error = ask_json(&artifacts(&server.url, &[])).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "the schema of artifact `t-value` is not registered: no version of it has this content; register it"
        ),
        "{error}"
    );
}

#[test]
fn the_latest_version_is_taken_if_records_have_the_bytes_it_says() {
    const LATEST: &str = r#"{"version":"3","artifactId":"t-value","globalId":7,"contentId":5}"#;
    const DOCUMENTED: &str = r#"{"type":"record","name":"E","doc":"d","fields":[{"name":"v","type":{"type":"record","name":"V","fields":[]}}]}"#;
    let latest = [("find-latest", "true")];
    let server = ScriptedServer::start(vec![(200, LATEST), (200, DOCUMENTED)]);
    let found = artifacts(&format!("{}/apis/registry/v3", server.url), &latest);
    assert_eq!(ask_avro(&found, &|| false).unwrap(), expected());
    let lines: Vec<String> = server.asked.iter().map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        [
            "GET /apis/registry/v3/groups/default/artifacts/t-value/versions/branch=latest HTTP/1.1",
            "GET /apis/registry/v3/ids/globalIds/7?references=DEREFERENCE HTTP/1.1",
        ]
    );

    let server = ScriptedServer::start(vec![(200, V2), (200, INNER)]);
    let found = artifacts(
        &format!("{}/apis/registry/v2", server.url),
        &[("artifact.version", "3")],
    );
    let error = ask_avro(&found, &|| false).unwrap_err().to_string();
    assert!(
        error.starts_with("version 3 of artifact `t-value`, which") && error.contains("field `v` is new"),
        "{error}"
    );
    let lines: Vec<String> = server.asked.iter().map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        [
            "GET /apis/registry/v2/groups/default/artifacts/t-value/versions/3/meta HTTP/1.1",
            "GET /apis/registry/v2/ids/globalIds/7?dereference=true HTTP/1.1",
        ]
    );
}

#[test]
fn what_can_heal_is_asked_again_until_it_does() {
    let server = ScriptedServer::start(vec![(503, ""), (500, "<html>"), (200, V3)]);
    let artifacts = artifacts(
        &server.url,
        &[("auto-register", "true"), ("dereference-schema", "true")],
    );
    let version = ask_avro(&artifacts, &|| false).unwrap();
    assert_eq!(version.content_id, 5);
    let asked: Vec<Asked> = server.asked.iter().collect();
    let body: Json = serde_json::from_str(&asked[2].body).unwrap();
    assert_eq!(body["firstVersion"]["content"]["content"], WHOLE);
}

#[test]
fn a_task_that_stops_does_not_wait_for_its_registry() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/apis/registry/v3", silent.local_addr().unwrap());
    let since = Instant::now();
    let stopping = || since.elapsed() > Duration::from_millis(200);
    let error = ask_avro(&artifacts(&url, &[]), &stopping).unwrap_err();
    assert!(matches!(error, ApicurioError::Stopped { .. }), "{error}");
    assert!(since.elapsed() < Duration::from_secs(2));
}

#[test]
fn what_cannot_heal_ends_at_once() {
    for (status, body, expected) in [
        (
            404,
            "<html>",
            "what answers at URL/apis/registry/v3 is no Apicurio Registry (HTTP 404",
        ),
        (
            200,
            "<html>",
            "what answers at URL/apis/registry/v3 is no Apicurio Registry (its answer is not the JSON",
        ),
        (
            200,
            "{}",
            "what answers at URL/apis/registry/v3 is no Apicurio Registry (its answer has no ids",
        ),
        (
            403,
            "",
            "the registry at URL/apis/registry/v3 refuses our credentials for artifact `t-value` (HTTP 403)",
        ),
        (
            409,
            r#"{"title":"it exists","status":409,"name":"ArtifactAlreadyExistsException"}"#,
            "artifact `t-value` exists already: it exists;",
        ),
    ] {
        let server = ScriptedServer::start(vec![(status, body)]);
        let url = format!("{}/apis/registry/v3", server.url);
        let artifacts = artifacts(&url, &[("auto-register", "true"), ("auto-register.if-exists", "FAIL")]);
        let error = ask_json(&artifacts)
            .unwrap_err()
            .to_string()
            .replace(&server.url, "URL");
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn credentials_are_sent_as_configured_and_tokens_are_asked_for_once() {
    let check = |userinfo: &str, more: &[(&str, &str)], expected: Option<&str>| {
        let server = ScriptedServer::start(vec![(200, V3)]);
        let more = [&[("auto-register", "true")][..], more].concat();
        let artifacts = artifacts(&server.url.replace("http://", &format!("http://{userinfo}")), &more);
        ask_json(&artifacts).unwrap();
        assert_eq!(server.asked.recv().unwrap().authorization.as_deref(), expected);
    };
    check("", &[], None);
    // Base64 of `user:pa:ss`, and of `user:p@ss`.
    let user = [("auth.username", "user"), ("auth.password", "pa:ss")];
    check("", &user, Some("Basic dXNlcjpwYTpzcw=="));
    check("user:p%40ss@", &user, Some("Basic dXNlcjpwQHNz"));

    let tokens = ScriptedServer::start(vec![(200, r#"{"access_token":"abc","expires_in":300}"#)]);
    let endpoint = format!("{}/token", tokens.url);
    let server = ScriptedServer::start(vec![(200, FOUND), (200, FOUND)]);
    let more = [
        ("find-latest", "false"),
        ("auth.service.token.endpoint", endpoint.as_str()),
        ("auth.client.id", "a b"),
        ("auth.client.secret", "s"),
        ("auth.client.scope", "x y"),
    ];
    let with_token = artifacts(&server.url, &more);
    ask_json(&with_token).unwrap();
    ask_json(&with_token).unwrap();
    for asked in server.asked.iter() {
        assert_eq!(asked.authorization.as_deref(), Some("Bearer abc"));
    }
    let asked: Vec<Asked> = tokens.asked.iter().collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].line, "POST /token HTTP/1.1");
    assert_eq!(asked[0].body, "grant_type=client_credentials&scope=x+y");
    // Base64 of `a+b:s`.
    assert_eq!(asked[0].authorization.as_deref(), Some("Basic YStiOnM="));

    let tokens = ScriptedServer::start(vec![(401, r#"{"error":"invalid_client"}"#)]);
    let endpoint = format!("{}/token", tokens.url);
    let more = more.map(|(key, value)| match key {
        "auth.service.token.endpoint" => (key, endpoint.as_str()),
        "auth.client.secret" => (key, "canary"),
        _ => (key, value),
    });
    let error = ask_json(&artifacts("http://127.0.0.1:1", &more))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("gives no token") && error.contains("invalid_client"),
        "{error}"
    );
    assert!(!error.contains("canary"), "{error}");
}
