//! A server for tests that gives one scripted answer after the other.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

/// What a client asked: the request line, its headers, `Authorization` apart, and the body.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) authorization: Option<String>,
    /// By name in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// Answers one request after the other as scripted, then closes.
pub(crate) struct ScriptedServer {
    pub(crate) url: String,
    pub(crate) asked: Receiver<Asked>,
}

impl ScriptedServer {
    pub(crate) fn start(answers: Vec<(u16, &'static str)>) -> Self {
        Self::start_on(TcpListener::bind("127.0.0.1:0").unwrap(), answers)
    }

    pub(crate) fn start_on(listener: TcpListener, answers: Vec<(u16, &'static str)>) -> Self {
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, asked) = channel();
        std::thread::spawn(move || {
            for (status, body) in answers {
                let Ok((stream, _)) = listener.accept() else { return };
                answer(stream, status, body, &sender);
            }
        });
        ScriptedServer { url, asked }
    }
}

fn answer(mut stream: TcpStream, status: u16, body: &str, asked: &Sender<Asked>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let (mut length, mut authorization, mut headers) = (0, None, BTreeMap::new());
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => authorization = Some(value.to_owned()),
            other => {
                headers.insert(other.to_owned(), value.to_owned());
            }
        }
    }
    let mut request = vec![0; length];
    reader.read_exact(&mut request).unwrap();
    let body_text = String::from_utf8(request).unwrap();
    // A client that left early is the test's own doing.
    let _ = asked.send(Asked {
        line: line.trim().to_owned(),
        authorization,
        headers,
        body: body_text,
    });
    let location = if status == 302 {
        "Location: http://127.0.0.1:1/\r\n"
    } else {
        ""
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\n{location}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
}
