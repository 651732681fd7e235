//! [`linger_ms`]: how long the client collects records before it sends a batch that is not full.

use super::ClientSettings;

/// At most this, whatever a user sets. A commit sends at once, so this is never waited for. It spares a processor: with
/// records that are due and a request on its way, the client's thread asks without pause whether it may send them.
const LONGEST_LINGER_MS: u64 = 1000;
/// A producer whose records could time out before they are sent is refused by the client.
const TIMEOUTS: [&str; 3] = ["transaction.timeout.ms", "message.timeout.ms", "delivery.timeout.ms"];

/// `linger.ms` of a transactional writer with these settings.
pub(super) fn linger_ms(settings: &ClientSettings) -> u64 {
    let given = TIMEOUTS.iter().filter_map(|key| settings.value(key)?.parse().ok());
    given
        .filter(|timeout| *timeout > 0)
        .map(|timeout: u64| timeout / 2)
        .fold(LONGEST_LINGER_MS, u64::min)
}

#[cfg(test)]
mod tests {
    use super::{ClientSettings, linger_ms};

    #[test]
    fn records_do_not_time_out_while_they_linger() {
        let settings = ClientSettings::default();
        assert_eq!(linger_ms(&settings), 1000);
        let settings = settings
            .with("transaction.timeout.ms", "60000")
            .with("message.timeout.ms", "0");
        assert_eq!(linger_ms(&settings), 1000);
        assert_eq!(linger_ms(&settings.with("delivery.timeout.ms", "900")), 450);
    }
}
