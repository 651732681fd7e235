//! [`producer_settings`]: what a transactional writer's producer is made of.

use std::time::Duration;

use wire::{Compression, ProducerSettings};

use super::connection_settings::connection_settings;
use super::given::Given;
use super::{ClientSettings, Guarantee, Refusal};

/// A batch is that large unless `batch.size` says otherwise. Java's 16 KiB would make a hundred times as many.
const BATCH_SIZE: usize = 1_000_000;
/// A batch that is not full waits at most this long for more, whatever a user sets. A commit sends at once, so this is never
/// waited for.
const LINGER: Duration = Duration::from_secs(1);

/// The settings of a producer that gives this guarantee.
pub(super) fn producer_settings(settings: &ClientSettings, guarantee: &Guarantee) -> Result<ProducerSettings, Refusal> {
    let given = Given(settings);
    given.one_of("acks", &["all", "-1"])?;
    given.one_of("enable.idempotence", &["true", "false"])?;
    let java = ProducerSettings::new(connection_settings(settings)?);
    let transaction_timeout = given.milliseconds("transaction.timeout.ms", java.transaction_timeout)?;
    let transactional_id = match guarantee {
        Guarantee::ExactlyOnce { transactional_id } => Some(transactional_id.clone()),
        Guarantee::AtLeastOnce => None,
    };
    // A record is delivered within its transaction or not at all.
    let longest = transactional_id.as_ref().map_or(Duration::MAX, |_| transaction_timeout);
    Ok(ProducerSettings {
        transactional_id,
        transaction_timeout,
        batch_size: given.number("batch.size", BATCH_SIZE)?,
        linger: LINGER,
        max_request_size: given.number("message.max.bytes", java.max_request_size)?,
        buffer_memory: given.number("queue.buffering.max.kbytes", java.buffer_memory >> 10)? << 10,
        max_in_flight: max_in_flight(&given, java.max_in_flight)?,
        delivery_timeout: given
            .milliseconds("delivery.timeout.ms", java.delivery_timeout)?
            .min(longest),
        retries: given.number("retries", java.retries)?,
        compression: compression(&given)?,
        connection: java.connection,
    })
}

fn max_in_flight(given: &Given<'_>, default: usize) -> Result<usize, Refusal> {
    let key = "max.in.flight.requests.per.connection";
    match given.number(key, default)? {
        requests @ 1..=5 => Ok(requests),
        other => Err(Refusal::of_setting(
            key,
            format!("{other}, and an idempotent producer takes 1 to 5"),
        )),
    }
}

fn compression(given: &Given<'_>) -> Result<Compression, Refusal> {
    let key = "compression.type";
    Ok(match given.text(key).unwrap_or("none") {
        "none" => Compression::None,
        "gzip" => match given.number("compression.level", -1_i32)? {
            level @ 1..=9 => Compression::Gzip(level.cast_unsigned()),
            // zlib's own default is what -1 stands for.
            -1 => Compression::Gzip(6),
            other => {
                return Err(Refusal::of_setting(
                    "compression.level",
                    format!("gzip has no level {other}: it has 1 to 9, and -1"),
                ));
            }
        },
        "snappy" => Compression::Snappy,
        "lz4" => Compression::Lz4,
        "zstd" => Compression::Zstd(given.number("compression.level", 3)?),
        other => {
            return Err(Refusal::of_setting(
                key,
                format!("`{other}` is none of none, gzip, snappy, lz4 and zstd"),
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> ClientSettings {
        let servers = ClientSettings::default().with("bootstrap.servers", "k:9092");
        pairs
            .iter()
            .fold(servers, |settings, (key, value)| settings.with(key, *value))
    }

    fn exactly_once() -> Guarantee {
        Guarantee::ExactlyOnce {
            transactional_id: "t".to_owned(),
        }
    }

    #[test]
    fn what_is_given_is_what_is_written_with() {
        let given = settings(&[
            ("batch.size", "50000"),
            ("message.max.bytes", "5000000"),
            ("queue.buffering.max.kbytes", "16384"),
            ("max.in.flight.requests.per.connection", "1"),
            ("retries", "7"),
            ("compression.type", "zstd"),
            ("compression.level", "9"),
        ]);
        let made = producer_settings(&given, &exactly_once()).expect("nothing is wrong");
        assert_eq!(made.transactional_id.as_deref(), Some("t"));
        assert_eq!((made.batch_size, made.max_request_size), (50_000, 5_000_000));
        assert_eq!((made.buffer_memory, made.max_in_flight, made.retries), (16 << 20, 1, 7));
        assert_eq!(made.compression, Compression::Zstd(9));
    }

    #[test]
    fn a_record_is_delivered_within_its_transaction() {
        let timeouts = |pairs: &[(&str, &str)], guarantee: &Guarantee| {
            let made = producer_settings(&settings(pairs), guarantee).expect("nothing is wrong");
            (made.transaction_timeout.as_secs(), made.delivery_timeout.as_secs())
        };
        assert_eq!(timeouts(&[], &exactly_once()), (60, 60));
        assert_eq!(timeouts(&[], &Guarantee::AtLeastOnce), (60, 120));
        let longer = [("transaction.timeout.ms", "300000"), ("delivery.timeout.ms", "90000")];
        assert_eq!(timeouts(&longer, &exactly_once()), (300, 90));
    }
}
