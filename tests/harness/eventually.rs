//! [`eventually`]: waits for a state by looking at it again and again.
//!
//! Tests never sleep for a guess. This is the only place that sleeps, and only between two looks.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// Looks until `look` succeeds. Its error says what was seen instead; the last one is reported when the time is over.
pub async fn eventually<T>(what: &str, within: Duration, mut look: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        match look().await {
            Ok(value) => return Ok(value),
            Err(seen) if began.elapsed() >= within => {
                return Err(seen).with_context(|| format!("waited {} s in vain until {what}", within.as_secs_f32()));
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Looks for all of `during` and fails as soon as `look` does: for things that must not happen.
pub async fn throughout(what: &str, during: Duration, mut look: impl AsyncFnMut() -> Result<()>) -> Result<()> {
    let began = Instant::now();
    while began.elapsed() < during {
        look()
            .await
            .with_context(|| format!("after {} s, although {what}", began.elapsed().as_secs_f32()))?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Rests for a random moment of a schedule: the one wait that is not for a state.
pub async fn moment(length: Duration) {
    tokio::time::sleep(length).await;
}
