//! [`outages`]: servers that are killed or suspended at random, and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Result;
use harness::eventually::moment;
use harness::seed::tell;
use harness::stack::{Service, Stack};
use rand::Rng;
use rand::rngs::StdRng;

/// The longest that a server is away.
const LONGEST: Duration = Duration::from_secs(30);

type Command = fn(&Stack, Service) -> Result<()>;

/// Commands of the stack wait for servers; the callers must not wait with them.
async fn run(stack: &Stack, service: Service, command: Command) -> Result<()> {
    let stack = stack.clone();
    tokio::task::spawn_blocking(move || command(&stack, service)).await?
}

/// One outage after the other until `is_over`; afterwards all servers are there. Answers how many there were.
pub(super) async fn outages(
    stack: Stack,
    mut random: StdRng,
    is_over: Arc<AtomicBool>,
    length: Duration,
) -> Result<String> {
    let longest = LONGEST.min(length / 8);
    let mut seen = 0;
    while !is_over.load(Ordering::SeqCst) {
        let service = [Service::Mysql, Service::Kafka, Service::Registry][random.random_range(0..3)];
        let is_killed = random.random_bool(0.5);
        let away = longest.mul_f64(random.random_range(0.05..1.0));
        let before = Duration::from_millis(random.random_range(500..6000));
        moment(before).await;
        let what = if is_killed { "killed" } else { "suspended" };
        tell(&format!("{service:?} is {what} for {:.1} s", away.as_secs_f32()));
        let (goes, comes): (Command, Command) = match is_killed {
            true => (Stack::kill, Stack::start),
            false => (Stack::pause, Stack::resume),
        };
        run(&stack, service, goes).await?;
        moment(away).await;
        run(&stack, service, comes).await?;
        seen += 1;
    }
    Ok(format!("{seen} outages"))
}
