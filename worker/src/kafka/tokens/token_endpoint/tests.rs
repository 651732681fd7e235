//! What is asked of an authorization server, and what becomes of its answers. That a broker takes the tokens is for the scenarios
//! to show.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::TokenEndpoint;

/// `{"sub":"alice","exp":4102444800}`
const TOKEN: &str = "e30.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.c2ln";

/// A server that gives one scripted answer after the other, then nobody; it tells what was asked.
fn server(answers: Vec<(u16, String)>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/token", listener.local_addr().expect("an address"));
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut reader = BufReader::new(stream.try_clone().expect("the same"));
            let (mut request, mut length) = (String::new(), 0);
            while !request.ends_with("\r\n\r\n") {
                let from = request.len();
                reader.read_line(&mut request).expect("a line");
                if let Some(value) = request[from..].to_lowercase().strip_prefix("content-length: ") {
                    length = value.trim().parse().expect("a number");
                }
            }
            let mut form = vec![0; length];
            reader.read_exact(&mut form).expect("a body");
            let _ = sender.send(request + &String::from_utf8_lossy(&form));
            let head = format!(
                "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    (url, asked)
}

fn endpoint(url: &str) -> TokenEndpoint {
    TokenEndpoint {
        url: url.to_owned(),
        client_id: "me+you".to_owned(),
        client_secret: "canary".to_owned(),
        scope: Some("read write".to_owned()),
        encodes_credentials: false,
        principal_claim: "sub".to_owned(),
        trusted: None,
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_secs(5),
        first_pause: Duration::from_millis(10),
        attempts_for: Duration::from_secs(20),
    }
}

#[test]
fn a_token_is_asked_for_until_the_server_is_well() {
    let (url, asked) = server(vec![
        (503, String::new()),
        (429, "{}".to_owned()),
        (200, format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer"}}"#)),
    ]);
    let token = endpoint(&url).token().expect("a token");
    assert_eq!((token.principal_name.as_str(), token.token.as_str()), ("alice", TOKEN));
    let asked: Vec<String> = asked.iter().collect();
    assert_eq!(asked.len(), 3);
    let request = asked[0].to_lowercase();
    assert!(request.starts_with("post /token http/1.1\r\n"), "{request}");
    // me+you:canary
    assert!(asked[0].contains("Basic bWUreW91OmNhbmFyeQ=="), "{request}");
    assert!(
        asked[0].ends_with("\r\n\r\ngrant_type=client_credentials&scope=read+write"),
        "{request}"
    );
}

#[test]
fn credentials_can_be_encoded_for_urls_first() {
    let (url, asked) = server(vec![(200, format!(r#"{{"id_token":"{TOKEN}"}}"#))]);
    let encoding = TokenEndpoint {
        encodes_credentials: true,
        scope: None,
        ..endpoint(&url)
    };
    assert!(encoding.token().is_ok());
    let request = asked.recv().expect("a request");
    // me%2Byou:canary
    assert!(request.contains("Basic bWUlMkJ5b3U6Y2FuYXJ5"), "{request}");
    assert!(request.ends_with("\r\n\r\ngrant_type=client_credentials"), "{request}");
}

#[test]
fn what_a_person_has_to_change_is_told_at_once_without_the_secret() {
    for (status, body, expected) in [
        (
            401,
            r#"{"error":"invalid_client","error_description":"who?"}"#,
            "HTTP 401 (invalid_client: who?)",
        ),
        (404, "<html>", "HTTP 404: check `sasl.jaas.config`"),
        (200, "<html>", "is not the JSON of an authorization server"),
        (200, "{}", "has no `access_token`"),
        (200, r#"{"access_token":"canary"}"#, "it is no JSON Web Token"),
    ] {
        let (url, asked) = server(vec![(status, body.to_owned())]);
        let reason = endpoint(&url).token().map(|_| ()).expect_err("no token");
        assert!(reason.starts_with(&format!("no token from {url}: ")), "{reason}");
        assert!(reason.contains(expected) && !reason.contains("canary"), "{reason}");
        assert_eq!(asked.iter().count(), 1);
    }
}

#[test]
fn who_does_not_answer_is_given_up_in_time() {
    let nobody = TokenEndpoint {
        attempts_for: Duration::from_millis(50),
        ..endpoint("http://127.0.0.1:1/token")
    };
    let reason = nobody.token().map(|_| ()).expect_err("nobody");
    assert!(
        reason.starts_with("no token from http://127.0.0.1:1/token: "),
        "{reason}"
    );
}
