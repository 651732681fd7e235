use std::sync::Arc;
use std::time::Duration;

use connector_api::ConfigMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{PATIENCE, Phase, RestServer};
use crate::config::WorkerConfig;
use crate::telemetry::Telemetry;

/// A server whose worker is still starting.
struct Starting {
    url: String,
    client: Client,
    server: RestServer,
    _phase: watch::Sender<Phase>,
}

impl Starting {
    async fn new(more: &[(&str, &str)]) -> Self {
        Starting::patient(more, PATIENCE).await
    }

    async fn patient(more: &[(&str, &str)], patience: Duration) -> Self {
        let pairs = [
            ("group.id", "g"),
            ("config.storage.topic", "c"),
            ("offset.storage.topic", "o"),
            ("status.storage.topic", "s"),
            ("key.converter", "json"),
            ("value.converter", "json"),
            ("listeners", "http://127.0.0.1:0"),
        ];
        let properties: ConfigMap = pairs
            .iter()
            .chain(more)
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let mut config = WorkerConfig::from_properties(properties).expect("valid");
        let sockets: Vec<TcpListener> = RestServer::bind(&mut config).await.expect("a free port");
        let url = format!("http://{}", config.worker_id());
        let (phase, is_phase) = watch::channel(Phase::Starting("reading topic c".to_owned()));
        let server = RestServer::serve(sockets, Arc::new(config), is_phase, Telemetry::silent(), patience);
        Starting {
            url,
            client: Client::new(),
            server,
            _phase: phase,
        }
    }

    async fn ask(&self, method: Method, path: &str, header: Option<(&str, &str)>) -> (StatusCode, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let text = response.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn check(&self, method: Method, path: &str, header: Option<(&str, &str)>, code: u16, message: &str) {
        let (status, body) = self.ask(method.clone(), path, header).await;
        assert_eq!(
            (status.as_u16(), body),
            (code, json!({"error_code": code, "message": message})),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn health_says_at_once_what_a_starting_worker_does() {
    let server = Starting::new(&[]).await;
    for path in ["/health", "/health/"] {
        let (status, body) = server.ask(Method::GET, path, None).await;
        assert_eq!((status.as_u16(), &body["status"]), (503, &json!("starting")), "{path}");
        assert!(
            body["message"]
                .as_str()
                .is_some_and(|text| text.contains("reading topic c")),
            "{body}"
        );
    }
    server.server.close().await;
}

#[tokio::test]
async fn what_http_itself_refuses_has_connects_shape() {
    let server = Starting::new(&[]).await;
    server
        .check(Method::GET, "/nope", None, 404, "HTTP 404 Not Found")
        .await;
    server
        .check(
            Method::GET,
            "/connectors/c1/tasks-config",
            None,
            404,
            "HTTP 404 Not Found",
        )
        .await;
    server
        .check(Method::PUT, "/connectors", None, 405, "HTTP 405 Method Not Allowed")
        .await;
    server
        .check(
            Method::GET,
            "/connectors",
            Some(("accept", "text/html")),
            406,
            "HTTP 406 Not Acceptable",
        )
        .await;
    let form = Some(("content-type", "application/x-www-form-urlencoded"));
    server
        .check(
            Method::PUT,
            "/admin/loggers/root",
            form,
            415,
            "HTTP 415 Unsupported Media Type",
        )
        .await;
    let (status, body) = server.ask(Method::GET, "/connectors/a%2Fb", None).await;
    assert_eq!((status.as_u16(), &body["error_code"]), (400, &json!(400)));
    let (status, _) = server.ask(Method::OPTIONS, "/connectors", None).await;
    assert_eq!(status, StatusCode::OK);
    server.server.close().await;
}

#[tokio::test]
async fn levels_of_loggers_are_read_and_set() {
    let server = Starting::new(&[]).await;
    let (_, body) = server.ask(Method::GET, "/admin/loggers/root", None).await;
    assert_eq!(body, json!({"level": "INFO", "last_modified": null}));
    server
        .check(
            Method::GET,
            "/admin/loggers/nope.x",
            None,
            404,
            "Logger nope.x not found.",
        )
        .await;
    let put = |path: &str, body: Value| server.client.put(format!("{}{path}", server.url)).json(&body).send();
    let changed = put("/admin/loggers/org.apache.kafka.connect", json!({"level": "debug"}))
        .await
        .expect("an answer");
    assert_eq!(changed.json::<Value>().await.expect("JSON"), json!(["worker"]));
    let cluster = put("/admin/loggers/worker?scope=cluster", json!({"level": "INFO"}))
        .await
        .expect("an answer");
    assert_eq!(cluster.status(), StatusCode::NO_CONTENT);
    for (body, code, message) in [
        (json!({"level": "BOGUS"}), 404, "invalid log level 'BOGUS'."),
        (
            json!({}),
            400,
            "Desired 'level' parameter was not specified in request.",
        ),
    ] {
        let answer = put("/admin/loggers/worker", body).await.expect("an answer");
        let expected = json!({"error_code": code, "message": message});
        assert_eq!(answer.json::<Value>().await.expect("JSON"), expected);
    }
    server.server.close().await;
}

#[tokio::test]
async fn admin_can_be_turned_off_and_origins_allowed() {
    let server = Starting::new(&[("admin.listeners", ""), ("access.control.allow.origin", "*")]).await;
    server
        .check(Method::GET, "/admin/loggers", None, 404, "HTTP 404 Not Found")
        .await;
    let response = server
        .client
        .get(format!("{}/rowmill/info", server.url))
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        response
            .headers()
            .get("access-control-allow-origin")
            .map(|value| value.as_bytes()),
        Some(&b"*"[..])
    );
    let info: Value = response.json().await.expect("JSON");
    assert_eq!(
        (&info["name"], &info["exactly_once"]),
        (&json!("rowmill"), &json!(true))
    );
    server.server.close().await;
}

#[tokio::test]
async fn metrics_are_prometheus_text_whatever_is_accepted() {
    let server = Starting::new(&[]).await;
    let response = server
        .client
        .get(format!("{}/metrics", server.url))
        .header("accept", "text/plain")
        .send()
        .await;
    let response = response.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    let kind = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    assert!(kind.is_some_and(|kind| kind.starts_with("text/plain; version=0.0.4")));
    server.server.close().await;
}

/// Bytes as they stand, and all that is answered until the server closes.
async fn exchange(server: &Starting, bytes: &[u8]) -> String {
    let mut connection = TcpStream::connect(server.url.trim_start_matches("http://"))
        .await
        .expect("a connection");
    connection.write_all(bytes).await.expect("taken");
    let mut answer = String::new();
    connection
        .read_to_string(&mut answer)
        .await
        .expect("an answer, and the end");
    answer
}

#[tokio::test]
async fn what_is_no_http_is_refused_with_a_body_as_well() {
    let server = Starting::new(&[]).await;
    let long = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    for (bytes, code, message) in [
        (
            "GET / HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n",
            400,
            "HTTP 400 Bad Request",
        ),
        (&long, 431, "HTTP 431 Request Header Fields Too Large"),
        (
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            505,
            "HTTP 505 HTTP Version Not Supported",
        ),
    ] {
        let answer = exchange(&server, bytes.as_bytes()).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with(&format!("HTTP/1.1 {code} ")), "{answer}");
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body, json!({"error_code": code, "message": message}));
    }
    server.server.close().await;
}

#[tokio::test]
async fn clients_that_stop_talking_are_closed() {
    let server = Starting::patient(&[], Duration::from_millis(300)).await;
    let request = "PUT /admin/loggers/root HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    for (bytes, expected) in [
        (String::new(), ""),
        ("GET /health HTTP/1.1\r\nHo".to_owned(), ""),
        (format!("{request}Content-Length: 100\r\n\r\n{{"), "HTTP/1.1 408 "),
        (
            format!("{request}Content-Length: 17\r\n\r\n{{\"level\":\"INFO\"}} "),
            "HTTP/1.1 200 ",
        ),
    ] {
        let answer = exchange(&server, bytes.as_bytes()).await;
        assert!(
            answer.starts_with(expected) && answer.is_empty() == expected.is_empty(),
            "{bytes:?}: {answer}"
        );
    }
    server.server.close().await;
}

#[tokio::test]
async fn large_bodies_are_taken_within_a_bound() {
    let server = Starting::new(&[]).await;
    let put = async |bytes: usize| {
        let body = format!(r#"{{"level":"INFO","more":"{}"}}"#, "x".repeat(bytes));
        let request = server.client.put(format!("{}/admin/loggers/worker", server.url));
        let request = request.header("content-type", "application/json").body(body);
        request.send().await.map(|answer| answer.status().as_u16())
    };
    assert_eq!(put(7 << 20).await.expect("an answer"), 200);
    assert_eq!(put(9 << 20).await.expect("an answer"), 413);
    server.server.close().await;
}

#[tokio::test]
async fn a_body_without_a_declared_type_is_refused_wherever_it_is_sent() {
    let server = Starting::new(&[]).await;
    let send = async |kind: Option<&str>, body: &'static str| {
        let mut request = server
            .client
            .put(format!("{}/admin/loggers/worker", server.url))
            .body(body);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    let level = r#"{"level":"INFO"}"#;
    assert_eq!(send(Some("application/json; charset=utf-8"), level).await, 200);
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("nonsense"),
    ] {
        assert_eq!(send(kind, level).await, 415, "{kind:?}");
    }
    server.server.close().await;
}
