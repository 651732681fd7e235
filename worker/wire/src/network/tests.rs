//! What is said when something else than a broker answers.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::{Address, ConnectionSettings, Kind, Producer, ProducerSettings};

/// What a producer says that is connected to somebody who does this.
fn complaint(answer: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream);
        }
    });
    let address = Address {
        host: "127.0.0.1".to_owned(),
        port,
    };
    let mut connection = ConnectionSettings::new(vec![address]);
    connection.setup_timeout = Duration::from_millis(300);
    let mut producer = Producer::new(ProducerSettings::new(connection)).expect("settings that are good");
    let error = producer
        .fence(Duration::from_millis(600))
        .expect_err("nobody there is a broker");
    assert_eq!(error.kind(), Kind::Retry, "{error}");
    error.to_string()
}

fn check(answer: &'static [u8], expected: &str) {
    let complaint = complaint(move |mut stream| {
        let mut length = [0; 4];
        stream.read_exact(&mut length).ok();
        let length = usize::try_from(u32::from_be_bytes(length)).expect("a request is small");
        stream.read_exact(&mut vec![0; length]).ok();
        stream.write_all(answer).ok();
    });
    assert!(complaint.contains(expected), "{complaint}");
}

#[test]
fn a_web_server_is_called_one() {
    check(b"HTTP/1.1 400 Bad Request\r\n\r\n", "this is a web server");
}

#[test]
fn a_listener_of_tls_is_called_one() {
    check(&[0x15, 3, 3, 0, 2, 2, 0x46, 0, 0], "this listener speaks TLS");
}

#[test]
fn an_answer_of_two_gigabytes_is_not_waited_for() {
    check(&[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1], "does not speak Kafka's protocol");
}

#[test]
fn an_answer_that_makes_no_sense_is_told() {
    check(&[0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 9], "the answer makes no sense");
}

#[test]
fn whoever_ends_the_connection_is_told() {
    check(b"", "the broker closed the connection");
}

#[test]
fn whoever_does_not_answer_is_not_waited_for() {
    let complaint = complaint(|stream| {
        std::thread::spawn(move || (&stream).read_to_end(&mut Vec::new()));
    });
    assert!(complaint.contains("no answer in time"), "{complaint}");
}
