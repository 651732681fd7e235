//! [`Reconnects`]: how long to wait before a lost stream is asked for again.
//!
//! At once the first time, since most losses are over by then. A server, or a proxy in front of it, may also accept a dump and
//! cut it before it brings anything, so a connection that was made proves nothing: the pauses grow until an event has arrived.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(1);

/// Attempts since the last event.
#[derive(Debug, Default)]
pub(super) struct Reconnects {
    last: Option<Duration>,
}

impl Reconnects {
    /// The pause before the next attempt.
    pub(super) fn pause(&mut self) -> Duration {
        let pause = match self.last {
            None => Duration::ZERO,
            Some(Duration::ZERO) => FIRST,
            Some(last) => (last * 2).min(LONGEST),
        };
        self.last = Some(pause);
        pause
    }

    /// An event has arrived: the stream flows.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::Reconnects;

    #[test]
    fn pauses_grow_until_an_event_has_arrived() {
        let mut reconnects = Reconnects::default();
        let pauses = |reconnects: &mut Reconnects| [(); 7].map(|()| reconnects.pause().as_millis());
        assert_eq!(pauses(&mut reconnects), [0, 100, 200, 400, 800, 1000, 1000]);
        reconnects.forget();
        assert_eq!(pauses(&mut reconnects), [0, 100, 200, 400, 800, 1000, 1000]);
    }
}
