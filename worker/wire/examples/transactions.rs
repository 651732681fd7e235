//! A producer to talk to: settings as arguments, one command a line, one answer a line.
//!
//! ```text
//! cargo run -p wire --example transactions -- bootstrap.servers=127.0.0.1:9092 transactional.id=me compression.type=zstd
//! fence                                    takes the transactional id
//! begin
//! append TOPIC PARTITION KEY VALUE         one record
//! fill TOPIC PARTITIONS RECORDS BYTES TAG  records of about so many bytes, values TAG-0, TAG-1, ..., spread over partitions
//! flush                                    waits until everything is acknowledged
//! commit
//! abort
//! read TOPIC committed|uncommitted         answers the first word of every value, from the beginning to the end
//! ```
//! An answer is `ok`, or `error`, what the caller does next (`Retry`, `Abort`, `Rebuild`, `Fenced`, `Refused`), and the reason.

use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use wire::{
    Address, Compression, ConnectionSettings, Headers, Isolation, LogEnds, Producer, ProducerSettings, ReadRecord,
    Reader, ReaderSettings, Record, Sasl, ScramHash, Tls, Token, Tokens,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = settings(std::env::args().skip(1))?;
    let mut talk = Talk {
        patience: settings.1,
        headers: headers(),
        connection: settings.0.connection.clone(),
        producer: Producer::new(settings.0)?,
    };
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        match talk.obey(&line.split_whitespace().collect::<Vec<_>>()) {
            Ok(answer) => writeln!(out, "ok {answer}")?,
            Err(Failure::Kafka(error)) => writeln!(out, "error {:?} {error}", error.kind())?,
            Err(Failure::Command(reason)) => writeln!(out, "error Command {reason}")?,
        }
        out.flush()?;
    }
    Ok(())
}

fn headers() -> Headers {
    let mut headers = Headers::default();
    headers.push("example", Some(b"transactions"));
    headers.push("empty", None);
    headers
}

struct Talk {
    producer: Producer,
    connection: ConnectionSettings,
    patience: Duration,
    headers: Headers,
}

enum Failure {
    Kafka(wire::Error),
    Command(String),
}

impl From<wire::Error> for Failure {
    fn from(error: wire::Error) -> Self {
        Failure::Kafka(error)
    }
}

impl From<std::num::ParseIntError> for Failure {
    fn from(error: std::num::ParseIntError) -> Self {
        Failure::Command(error.to_string())
    }
}

impl Talk {
    fn obey(&mut self, words: &[&str]) -> Result<String, Failure> {
        match words {
            ["fence"] => self.producer.fence(self.patience)?,
            ["begin"] => self.producer.begin()?,
            ["append", topic, partition, key, value] => {
                self.append(topic, partition.parse()?, key.as_bytes(), value.as_bytes())?;
            }
            ["fill", topic, partitions, records, bytes, tag] => {
                let (partitions, records, bytes): (i32, i32, usize) =
                    (partitions.parse()?, records.parse()?, bytes.parse()?);
                for number in 0..records {
                    let mut value = format!("{tag}-{number} ").into_bytes();
                    while value.len() < bytes {
                        value.extend_from_slice(b"some text that repeats itself ");
                    }
                    self.append(topic, number % partitions, format!("{number}").as_bytes(), &value)?;
                }
            }
            ["commit"] => {
                let committed = self.producer.commit(self.patience)?;
                return Ok(format!("silent for {} ms", committed.silence.as_millis()));
            }
            ["read", topic, isolation] => return self.read(topic, isolation),
            ["flush"] => self.producer.flush(self.patience)?,
            ["abort"] => self.producer.abort(self.patience)?,
            _ => return Err(Failure::Command(format!("unknown: {}", words.join(" ")))),
        }
        Ok(String::new())
    }

    fn read(&self, topic: &str, isolation: &str) -> Result<String, Failure> {
        let isolation = match isolation {
            "committed" => Isolation::ReadCommitted,
            "uncommitted" => Isolation::ReadUncommitted,
            other => return Err(Failure::Command(format!("there is no isolation {other}"))),
        };
        let mut log = LogEnds::new(ReaderSettings::new(self.connection.clone(), isolation))?;
        let count = i32::try_from(log.partitions(topic, self.patience)?).unwrap_or(i32::MAX);
        let places: Vec<(&str, i32)> = (0..count).map(|partition| (topic, partition)).collect();
        let ends = log.ends(&places, self.patience)?;
        let offsets = (0..count).map(|partition| (partition, None)).collect();
        let mut reader = Reader::begin(log, topic, &offsets, self.patience)?;
        let mut words = Vec::new();
        let mut visit = |record: ReadRecord<'_>| {
            let text = String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned();
            words.push(text.split(' ').next().unwrap_or_default().to_owned());
        };
        let is_behind = |reader: &Reader| reader.positions().values().zip(&ends).any(|(at, end)| at < end);
        while is_behind(&reader) {
            if !reader.poll(self.patience, &mut visit)? {
                return Err(reader.complain("reading").into());
            }
        }
        Ok(words.join(" "))
    }

    fn append(&mut self, topic: &str, partition: i32, key: &[u8], value: &[u8]) -> Result<(), wire::Error> {
        let id = self.producer.partition(topic, partition);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let record = Record {
            key: Some(key),
            value: Some(value),
            headers: &self.headers,
            timestamp_ms: i64::try_from(now.as_millis()).unwrap_or_default(),
        };
        self.producer.append(id, &record, self.patience)
    }
}

/// Makes tokens that say who it is and prove nothing, good for five seconds.
struct Unsecured {
    subject: String,
}

impl Tokens for Unsecured {
    fn token(&self) -> Result<Token, String> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|error| error.to_string())?
            .as_secs();
        let claims = format!(r#"{{"sub":"{}","iat":{now},"exp":{}}}"#, self.subject, now + 5);
        let [head, claims] = [r#"{"alg":"none"}"#, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        Ok(Token {
            value: format!("{head}.{claims}."),
            extensions: Vec::new(),
        })
    }
}

/// Settings, and how long a call may take.
fn settings(
    arguments: impl Iterator<Item = String>,
) -> Result<(ProducerSettings, Duration), Box<dyn std::error::Error>> {
    let mut settings = ProducerSettings::new(ConnectionSettings::new(Vec::new()));
    let mut patience = Duration::from_secs(60);
    let mut tls = Tls {
        verify_hostname: true,
        ..Tls::default()
    };
    let mut certificate = String::new();
    let (mut mechanism, mut username, mut password) = (String::new(), String::new(), String::new());
    for argument in arguments {
        let (key, value) = argument.split_once('=').ok_or("an argument is KEY=VALUE")?;
        let milliseconds = || value.parse().map(Duration::from_millis);
        match key {
            "bootstrap.servers" => {
                settings.connection.bootstrap = value.split(',').map(address).collect::<Result<_, _>>()?
            }
            "transactional.id" => settings.transactional_id = Some(value.to_owned()),
            "transaction.timeout.ms" => settings.transaction_timeout = milliseconds()?,
            "compression.type" => settings.compression = compression(value)?,
            "batch.size" => settings.batch_size = value.parse()?,
            "max.request.size" => settings.max_request_size = value.parse()?,
            "buffer.memory" => settings.buffer_memory = value.parse()?,
            "request.timeout.ms" => settings.connection.request_timeout = milliseconds()?,
            "delivery.timeout.ms" => settings.delivery_timeout = milliseconds()?,
            "socket.connection.setup.timeout.ms" => settings.connection.setup_timeout = milliseconds()?,
            "patience.ms" => patience = milliseconds()?,
            "trusted" => tls.trusted = Some(std::fs::read_to_string(value)?),
            "certificate" => certificate = std::fs::read_to_string(value)?,
            "key" => tls.identity = Some((String::new(), std::fs::read_to_string(value)?)),
            "sasl.mechanism" => value.clone_into(&mut mechanism),
            "username" => value.clone_into(&mut username),
            "password" => value.clone_into(&mut password),
            _ => return Err(format!("there is no setting {key}").into()),
        }
    }
    if let Some((its, _)) = &mut tls.identity {
        *its = certificate;
    }
    settings.connection.tls = tls.trusted.is_some().then_some(tls);
    settings.connection.sasl = sasl(&mechanism, username, password)?;
    Ok((settings, patience))
}

fn sasl(mechanism: &str, username: String, password: String) -> Result<Option<Sasl>, String> {
    let hash = match mechanism {
        "" => return Ok(None),
        "OAUTHBEARER" => return Ok(Some(Sasl::OauthBearer(Arc::new(Unsecured { subject: username })))),
        "PLAIN" => return Ok(Some(Sasl::Plain { username, password })),
        "SCRAM-SHA-256" => ScramHash::Sha256,
        "SCRAM-SHA-512" => ScramHash::Sha512,
        _ => return Err(format!("there is no mechanism {mechanism} here")),
    };
    Ok(Some(Sasl::Scram {
        hash,
        username,
        password,
    }))
}

fn address(text: &str) -> Result<Address, Box<dyn std::error::Error>> {
    let (host, port) = text.rsplit_once(':').ok_or("a server is HOST:PORT")?;
    Ok(Address {
        host: host.to_owned(),
        port: port.parse()?,
    })
}

fn compression(name: &str) -> Result<Compression, String> {
    Ok(match name {
        "none" => Compression::None,
        "gzip" => Compression::Gzip(6),
        "snappy" => Compression::Snappy,
        "lz4" => Compression::Lz4,
        "zstd" => Compression::Zstd(3),
        _ => return Err(format!("there is no compression {name}")),
    })
}
