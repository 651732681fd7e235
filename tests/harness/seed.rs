//! [`Seed`]: randomness that can be replayed.
//!
//! Every random schedule says its seed when its test fails; `ROWMILL_SEED=<it>` repeats the schedule.

use anyhow::{Context, Result};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// The origin of a test's random choices.
#[derive(Debug, Clone, Copy)]
pub struct Seed(u64);

impl Seed {
    /// The seed of `ROWMILL_SEED`, or a new one.
    pub fn of_environment() -> Result<Seed> {
        Seed::of_environment_or(rand::rng().random_range(0..1_000_000_000))
    }

    /// The seed of `ROWMILL_SEED`, or this one: for a schedule whose every seed is another program, and may be one too many.
    pub fn of_environment_or(usual: u64) -> Result<Seed> {
        let seed = match std::env::var("ROWMILL_SEED") {
            Ok(text) => text
                .parse()
                .with_context(|| format!("ROWMILL_SEED={text} is no number"))?,
            Err(_) => usual,
        };
        tell(&format!("ROWMILL_SEED={seed}"));
        Ok(Seed(seed))
    }

    /// An independent source of choices for one purpose: what one draws does not shift what another gets.
    pub fn stream(self, purpose: u64) -> StdRng {
        StdRng::seed_from_u64(self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(purpose))
    }
}

impl std::fmt::Display for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ROWMILL_SEED={}", self.0)
    }
}

/// A line in the test's own output, which the test runner shows when the test fails.
#[allow(clippy::print_stderr, reason = "the test runner captures it")]
pub fn tell(line: &str) {
    eprintln!("{line}");
}
