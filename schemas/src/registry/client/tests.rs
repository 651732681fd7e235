//! Our retry classes against scripted answers. That a real registry gives such answers is for the scenarios to show.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;
use tokio::runtime::{Builder, Runtime};

use super::Registry;
use crate::registry::scripted_server::{Asked, ScriptedServer};
use crate::registry::{RegistryError, RegistrySettings, Role, Subject, SubjectNames};
use crate::settings::Settings;
use crate::wire_format::SchemaId;

const SCHEMA: &str = r#"{"type":"record","name":"V","fields":[{"name":"qty","type":"int"}]}"#;

fn subject() -> Subject {
    SubjectNames::Topic
        .subject("t", Role::Value, None)
        .expect("topics have subjects")
}

fn registry(url: &str, more: &[(&str, &str)]) -> Registry {
    let mut given = BTreeMap::from([("schema.registry.url".to_owned(), url.to_owned())]);
    given.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    let mut settings = Settings::new(&given);
    let read = RegistrySettings::read(&mut settings);
    assert!(settings.finish().is_ok());
    Registry::new(&read).ok().unwrap()
}

fn ask(registry: &Registry, stopping: &dyn Fn() -> bool) -> Result<SchemaId, RegistryError> {
    runtime().block_on(registry.schema_id(&subject(), SCHEMA, stopping))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// An address that refuses connections and is nobody else's, for as long as the socket is there and does not listen.
fn refusing() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// One answer, then never again: what comes of it must not be asked for twice.
fn check_final(status: u16, body: &'static str, more: &[(&str, &str)], expected: &str) {
    let server = ScriptedServer::start(vec![(status, body)]);
    let error = ask(&registry(&server.url, more), &|| false)
        .unwrap_err()
        .to_string()
        .replace(&server.url, "URL");
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn a_schema_is_normalized_where_that_is_asked_for() {
    let server = ScriptedServer::start(vec![
        (503, ""),
        (200, r#"{"id":7}"#),
        (200, r#"{"subject":"t-value","version":1,"id":8,"schema":"\"int\""}"#),
    ]);
    let normalized = |more: &[(&str, &str)]| {
        let more = [&[("normalize.schemas", "true"), ("bearer.auth.token", "t")], more].concat();
        ask(&registry(&server.url, &more), &|| false).unwrap()
    };
    assert_eq!(normalized(&[]), SchemaId(7));
    assert_eq!(normalized(&[("auto.register.schemas", "false")]), SchemaId(8));
    let asked: Vec<Asked> = server.asked.iter().collect();
    assert_eq!(asked[1].line, "POST /subjects/t-value/versions?normalize=true HTTP/1.1");
    assert_eq!(asked[1].authorization.as_deref(), Some("Bearer t"));
    let body: serde_json::Value = serde_json::from_str(&asked[1].body).unwrap();
    assert_eq!(body["schema"], SCHEMA);
    assert_eq!(
        asked[2].line,
        "POST /subjects/t-value?normalize=true&deleted=false HTTP/1.1"
    );
    let normalizes = [("normalize.schemas", "true")];
    check_final(
        401,
        r#"{"error_code":401,"message":"who?"}"#,
        &normalizes,
        "the schema registry at URL refuses our credentials for subject `t-value` (HTTP 401): who?",
    );
    check_final(200, "<html>", &normalizes, "what answers at URL is no schema registry");
}

#[test]
fn a_schema_can_be_named_by_its_id() {
    let schema = r#"{"schema":"{\"type\":\"record\",\"name\":\"V\",\"doc\":\"other\",\"fields\":[{\"name\":\"qty\",\"type\":\"int\"}]}"}"#;
    let by_id = [("auto.register.schemas", "false"), ("use.schema.id", "5")];
    let server = ScriptedServer::start(vec![(200, schema)]);
    assert_eq!(ask(&registry(&server.url, &by_id), &|| false).unwrap(), SchemaId(5));
    assert!(server.asked.recv().unwrap().line.starts_with("GET /schemas/ids/5"));
    check_final(
        200,
        r#"{"schema":"\"int\""}"#,
        &by_id,
        "the schema of id 5, which use.schema.id asks for, is not that of the records of subject `t-value`",
    );
}

#[test]
fn what_can_heal_is_asked_again_until_it_does() {
    let server = ScriptedServer::start(vec![
        (503, ""),
        (429, r#"{"error_code":42901,"message":"slow down"}"#),
        (500, r#"{"error_code":50001,"message":"store timeout"}"#),
        (504, "<html>"),
        (200, r#"{"id":7}"#),
    ]);
    let since = Instant::now();
    assert_eq!(ask(&registry(&server.url, &[]), &|| false).unwrap(), SchemaId(7));
    assert!(
        since.elapsed() > Duration::from_millis(700),
        "there are pauses between the rounds"
    );
    let asked: Vec<Asked> = server.asked.iter().collect();
    assert_eq!(asked.len(), 5);
    assert_eq!(asked[0].line, "POST /subjects/t-value/versions HTTP/1.1");
    let body: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(body["schema"], SCHEMA);
}

#[test]
fn a_registry_that_comes_up_late_is_found() {
    let (socket, address) = refusing();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(600));
        let listener = runtime().block_on(async { socket.listen(1).unwrap().into_std().unwrap() });
        listener.set_nonblocking(false).unwrap();
        let server = ScriptedServer::start_on(listener, vec![(200, r#"{"id":8}"#)]);
        server.asked.recv().unwrap();
    });
    let since = Instant::now();
    let stopping = || since.elapsed() > Duration::from_secs(30);
    assert_eq!(
        ask(&registry(&format!("http://{address}"), &[]), &stopping).unwrap(),
        SchemaId(8)
    );
}

#[test]
fn a_task_that_stops_does_not_wait_for_its_registry() {
    let (_socket, unused) = refusing();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for url in [
        format!("http://{unused}"),
        format!("http://{}", silent.local_addr().unwrap()),
    ] {
        let since = Instant::now();
        let stopping = || since.elapsed() > Duration::from_millis(300);
        let error = ask(&registry(&url, &[]), &stopping).unwrap_err();
        assert!(matches!(error, RegistryError::Stopped { .. }), "{error}");
        assert!(since.elapsed() < Duration::from_secs(2));
    }
}

#[test]
fn the_next_address_answers_for_one_that_is_down_and_is_asked_first_from_then_on() {
    let (_socket, down) = refusing();
    let server = ScriptedServer::start(vec![(200, r#"{"id":9}"#), (200, r#"{"id":10}"#)]);
    let registry = registry(&format!("http://{down}, {}/", server.url), &[]);
    assert_eq!(ask(&registry, &|| false).unwrap(), SchemaId(9));
    assert_eq!(registry.preferred.load(super::Ordering::Relaxed), 1);
    assert_eq!(ask(&registry, &|| false).unwrap(), SchemaId(10));
}

#[test]
fn what_cannot_heal_ends_at_once_and_says_what_to_do() {
    check_final(
        401,
        r#"{"error_code":401,"message":"Unauthorized"}"#,
        &[],
        "the schema registry at URL refuses our credentials for subject `t-value` (HTTP 401): Unauthorized; check",
    );
    check_final(
        403,
        "",
        &[],
        "the schema registry at URL refuses our credentials for subject `t-value` (HTTP 403)",
    );
    check_final(
        422,
        r#"{"error_code":42201,"message":"Invalid namespace: my-p"}"#,
        &[],
        "the schema registry finds the schema of subject `t-value` invalid (error 42201): Invalid namespace: my-p",
    );
    check_final(
        404,
        r#"{"error_code":40403,"message":"Schema not found"}"#,
        &[("auto.register.schemas", "false")],
        "the schema of subject `t-value` is not registered (error 40403): Schema not found; register it, or set",
    );
    check_final(
        404,
        "<html>",
        &[],
        "what answers at URL is no schema registry (HTTP 404",
    );
    check_final(
        200,
        "<html>",
        &[],
        "what answers at URL is no schema registry (its answer is not the JSON",
    );
    check_final(
        200,
        "{}",
        &[],
        "what answers at URL is no schema registry (its answer has no schema id)",
    );
    check_final(302, "", &[], "what answers at URL is no schema registry (HTTP 302");
}

#[test]
fn an_incompatible_schema_is_explained_by_its_fields() {
    let registered =
        r#"{"id":1,"version":1,"subject":"t-value","schema":"{\"type\":\"record\",\"name\":\"V\",\"fields\":[]}"}"#;
    let refusal = r#"{"error_code":409,"message":"Schema being registered is incompatible, details: [{..}, {oldSchema: 'long'}]"}"#;
    let server = ScriptedServer::start(vec![(409, refusal), (200, registered)]);
    let error = ask(&registry(&server.url, &[]), &|| false).unwrap_err().to_string();
    assert_eq!(
        error,
        "the new schema of subject `t-value` is not compatible with the registered one (error 409): field `qty` is new \
         and has no default; set the subject's compatibility to NONE and restart the task; once its records have arrived, \
         the old level may be set again. To change the table back helps only as long as no row was changed in between"
    );
    let lines: Vec<String> = server.asked.iter().map(|asked| asked.line).collect();
    assert_eq!(lines[1], "GET /subjects/t-value/versions/latest HTTP/1.1");

    let server = ScriptedServer::start(vec![(409, refusal), (403, "")]);
    let error = ask(&registry(&server.url, &[]), &|| false).unwrap_err().to_string();
    assert!(
        error.contains("Schema being registered is incompatible, details: [{..}; set the subject's"),
        "{error}"
    );
}

#[test]
fn without_registering_a_schema_is_looked_up() {
    let server = ScriptedServer::start(vec![(200, r#"{"id":3,"version":1,"subject":"t-value","schema":"{}"}"#)]);
    let registry = registry(&server.url, &[("auto.register.schemas", "false")]);
    assert_eq!(ask(&registry, &|| false).unwrap(), SchemaId(3));
    assert!(server.asked.recv().unwrap().line.starts_with("POST /subjects/t-value?"));
}

#[test]
fn credentials_are_sent_as_configured() {
    let check = |userinfo: &str, more: &[(&str, &str)], expected: Option<&str>| {
        let server = ScriptedServer::start(vec![(200, r#"{"id":1}"#)]);
        let registry = registry(&server.url.replace("http://", &format!("http://{userinfo}")), more);
        ask(&registry, &|| false).unwrap();
        assert_eq!(server.asked.recv().unwrap().authorization.as_deref(), expected);
    };
    check("", &[], None);
    // Base64 of `user:pa:ss`, and of `user:p@ss`.
    let user_info = [
        ("basic.auth.credentials.source", "USER_INFO"),
        ("basic.auth.user.info", "user:pa:ss"),
    ];
    check("", &user_info, Some("Basic dXNlcjpwYTpzcw=="));
    check("user:p%40ss@", &[], Some("Basic dXNlcjpwQHNz"));
    check("", &[("bearer.auth.token", "abc")], Some("Bearer abc"));
}

#[test]
fn the_latest_schema_is_taken_if_records_have_the_bytes_it_says() {
    let documented = SCHEMA.replacen("{", r#"{"doc":"of another program","#, 1);
    let latest = |schema: &str| {
        let schema = serde_json::to_string(schema).unwrap();
        format!(r#"{{"subject":"t-value","id":7,"version":3,"schema":{schema}}}"#)
    };
    let (same, other) = (
        latest(&documented),
        latest(r#"{"type":"record","name":"V","fields":[]}"#),
    );
    for (answer, expected) in [(same, Some(7)), (other, None)] {
        let server = ScriptedServer::start(vec![(200, Box::leak(answer.into_boxed_str()))]);
        let given = BTreeMap::from(
            [
                ("schema.registry.url", server.url.as_str()),
                ("auto.register.schemas", "false"),
                ("use.latest.version", "true"),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        let registry = Registry::new(&RegistrySettings::read(&mut Settings::new(&given))).unwrap();
        let outcome = runtime().block_on(registry.schema_id(&subject(), SCHEMA, &|| false));
        match expected {
            Some(id) => assert_eq!(outcome.unwrap(), SchemaId(id)),
            None => assert!(
                outcome
                    .unwrap_err()
                    .to_string()
                    .contains("register theirs as a new version")
            ),
        }
    }
}
