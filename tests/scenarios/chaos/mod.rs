//! Chaos: random calls of every REST route on twenty connectors, while the servers are killed, suspended and brought back.
//!
//! Afterwards the process lives, REST answers within a second, every connector is in the state that was asked for last, and
//! the topics hold what they should, each once. A run of the suite has a minute of it, `scripts/chaos` an hour.
//!
//! | file        | noun                                                                    |
//! |-------------|-------------------------------------------------------------------------|
//! | [`troupe`]  | the twenty connectors, and what each has to have written                  |
//! | [`wish`]    | the states a connector may be in, after all that was asked of it          |
//! | [`calls`]   | random calls, legal and not                                               |
//! | [`fenced_broker`] | the only broker, fenced and back                                       |
//! | [`outages`] | servers that go away and come back                                        |

mod calls;
mod fenced_broker;
mod outages;
mod troupe;
mod wish;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use harness::eventually::{eventually, moment};
use harness::pipeline::Pipeline;
use harness::seed::{Seed, tell};
use harness::stack::PrivateStack;

use calls::Caller;
use outages::outages;
use troupe::Troupe;

/// After everything is back: groups are joined, transactions of the dead are aborted, attempts that failed are repeated.
const RECOVERY: Duration = Duration::from_secs(240);
/// What REST promises when nothing is away.
const PROMPT: Duration = Duration::from_secs(1);

/// How long the chaos lasts: `ROWMILL_CHAOS_SECONDS`, else a minute.
fn length() -> Result<Duration> {
    let seconds = match std::env::var("ROWMILL_CHAOS_SECONDS") {
        Ok(text) => text
            .parse()
            .with_context(|| format!("ROWMILL_CHAOS_SECONDS={text} is no number"))?,
        Err(_) => 60,
    };
    Ok(Duration::from_secs(seconds))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_last_is_there_after_chaos() -> Result<()> {
    // The suite has the same calls and outages each time; what they meet is chance enough.
    let seed = Seed::of_environment_or(30)?;
    run(seed, length()?).await.with_context(|| seed.to_string())
}

async fn run(seed: Seed, length: Duration) -> Result<()> {
    let private = PrivateStack::with_all_servers("chaos")?;
    let stack = &private.stack;
    let mut pipeline = Pipeline::new(stack, "chaos")?;
    pipeline.worker.start().await?;
    let mut troupe = Troupe::enter(stack, &pipeline).await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let entries = troupe.write_until(&is_over);
    let outages = tokio::spawn(outages(stack.clone(), seed.stream(1), Arc::clone(&is_over), length));
    let mut caller = Caller::new(&pipeline.worker, seed.stream(2))?;
    let began = Instant::now();
    while began.elapsed() < length {
        caller
            .call(&mut troupe)
            .await
            .map_err(|error| pipeline.worker.explain(error))?;
        moment(caller.rest()).await;
    }
    is_over.store(true, Ordering::SeqCst);
    tell(&outages.await??);
    entries.await??;
    tell(&caller.summary());

    ensure!(
        pipeline.worker.exited()?.is_none(),
        "the worker has ended: {}",
        pipeline.worker.log()?
    );
    becomes_prompt(&pipeline).await?;
    troupe
        .is_as_asked(&pipeline)
        .await
        .map_err(|error| pipeline.worker.explain(error))?;
    troupe
        .everyone_runs(&pipeline)
        .await
        .map_err(|error| pipeline.worker.explain(error))?;
    troupe.has_written_everything_once(&mut pipeline).await?;
    becomes_prompt(&pipeline).await
}

/// What is asked for when nothing is away.
const QUESTIONS: [&str; 5] = [
    "/health",
    "/",
    "/connectors?expand=status&expand=info",
    "/connector-plugins",
    "/rowmill/info",
];

/// Every kind of answer comes within a second, once the worker has found everything again.
async fn becomes_prompt(pipeline: &Pipeline) -> Result<()> {
    let look = async || is_prompt(pipeline).await;
    let prompt = eventually("every answer is prompt", RECOVERY, look).await;
    prompt.map_err(|error| pipeline.worker.explain(error))
}

async fn is_prompt(pipeline: &Pipeline) -> Result<()> {
    let rest = pipeline.rest()?;
    for path in QUESTIONS {
        let asked = Instant::now();
        rest.read(path).await?;
        let took = asked.elapsed();
        ensure!(took < PROMPT, "GET {path} took {} ms", took.as_millis());
    }
    Ok(())
}
