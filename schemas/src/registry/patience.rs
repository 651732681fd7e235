//! [`patiently`]: asks a registry until it has an answer that time cannot change.
//!
//! The backoff stays below a second, so that records flow again soon after the registry is back.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// The first pause between two rounds of questions; each is twice as long as the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause: records are to flow within seconds of the registry's return.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often a wait looks whether the task is stopping.
const STOP_CHECK: Duration = Duration::from_millis(50);
/// How often a wait says that it is still waiting.
const REMINDER: Duration = Duration::from_secs(30);

/// Why a registry gave no answer.
pub(crate) trait Refusal: Display {
    /// Whether time alone may heal it.
    fn is_retriable(&self) -> bool;
}

/// Asks `about` something until there is an answer that time cannot change. `None`: `stopping` ended the wait.
pub(crate) async fn patiently<T, E: Refusal>(
    about: &dyn Display,
    stopping: &dyn Fn() -> bool,
    ask: impl AsyncFn() -> Result<T, E>,
) -> Option<Result<T, E>> {
    let mut pause = FIRST_PAUSE;
    let mut waiting = Waiting::default();
    loop {
        let answer = tokio::select! {
            answer = ask() => answer,
            () = until(stopping) => return None,
        };
        match answer {
            Err(error) if error.is_retriable() => waiting.goes_on(&error),
            answer => {
                waiting.ends(about);
                return Some(answer);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(with_jitter(pause)) => {}
            () = until(stopping) => return None,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn until(stopping: &dyn Fn() -> bool) {
    while !stopping() {
        tokio::time::sleep(STOP_CHECK).await;
    }
}

/// Between half of `pause` and all of it, so that many tasks do not ask in step.
fn with_jitter(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.5..=1.0))
}

/// What the log says of a wait: its beginning, that it goes on, and its end.
#[derive(Default)]
struct Waiting {
    since: Option<Instant>,
    reminded: Option<Instant>,
}

impl Waiting {
    fn goes_on(&mut self, error: &dyn Display) {
        let now = Instant::now();
        let since = *self.since.get_or_insert(now);
        if self
            .reminded
            .is_none_or(|reminded| now.duration_since(reminded) >= REMINDER)
        {
            self.reminded = Some(now);
            tracing::warn!(%error, waiting_s = now.duration_since(since).as_secs(), "waiting for the schema registry");
        }
    }

    fn ends(&self, subject: &dyn Display) {
        if let Some(since) = self.since {
            tracing::info!(%subject, waited_ms = since.elapsed().as_millis() as u64, "the schema registry answers again");
        }
    }
}
