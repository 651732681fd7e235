//! Each phase, with each disturbance.

use anyhow::{Context, Result};
use harness::pipeline::SOON;
use harness::tcp_proxy::{Hearing, TcpProxy};
use tokio::sync::watch;

use super::disturbance::Disturbance;
use super::phase::Phase;
use super::report::{all, bearable, is_ours, promised};
use super::site::Site;
use super::{BOUND, FULL, is_said};

async fn a_snapshot_is_disturbed(about: &str, cases: &[(Phase, Disturbance)]) -> Result<()> {
    let mut site = Site::begin(about, FULL).await?;
    for (number, (phase, disturbance)) in cases.iter().enumerate() {
        let case = format!("{phase:?}, {disturbance:?}");
        let proxy = TcpProxy::to(site.stack.mysql_port()?).await?;
        let config = site.fresh_connector(number, proxy.port())?;
        let pulse = site.pulse(Vec::new()).await?;
        let then = if disturbance.silences() {
            Hearing::FallSilent
        } else {
            Hearing::Tell
        };
        let heard = phase.approach(&mut site, &config, &proxy, then).await?;
        let goes_on = a_snapshot_goes_on(&mut site, *phase, *disturbance, heard).await;
        promised(&case, goes_on).with_context(|| case.clone())?;
        if !is_ours() {
            // Somebody has to, or the application waits for ever.
            Disturbance::ServerEndsSessions.happen(&mut site).await?;
        }
        if *disturbance != Disturbance::ConnectorDeleted {
            let rest = site.pipeline.rest()?;
            promised(&case, rest.delete(site.pipeline.names.connector()).await)?;
        }
        bearable(&case, &pulse.stop().await?, BOUND)?;
        promised(&case, site.has_no_sessions().await).with_context(|| case.clone())?;
    }
    site.pipeline.stop().await
}

/// The disturbance, when the snapshot has come to that phase; the end of the snapshot, and what was executed until then.
async fn a_snapshot_goes_on(
    site: &mut Site,
    phase: Phase,
    disturbance: Disturbance,
    heard: watch::Receiver<u64>,
) -> Result<()> {
    is_said(heard, phase.statement()).await?;
    disturbance.happen(site).await?;
    match disturbance {
        Disturbance::ConnectorDeleted => Ok(()),
        _ => {
            let executed = site.pipeline.mysql.executed().await?;
            site.pipeline.is_streaming(SOON * 3).await?;
            site.has_streamed(&executed).await
        }
    }
}

/// Its lock, and what it reads, end with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_is_disturbed_in_any_phase_holds_nobody_up() -> Result<()> {
    let of_phase = |phase: &Phase| Disturbance::ALL.map(|disturbance| (*phase, disturbance));
    // Debezium begins an interrupted snapshot anew.
    let every = Phase::ALL
        .iter()
        .filter(|phase| is_ours() || **phase != Phase::CatchesUp)
        .flat_map(of_phase);
    let some = [
        (Phase::ReadsDefinitions, Disturbance::ServerEndsSessions),
        (Phase::AsksForTheLock, Disturbance::SilenceAndWorkerKilled),
        (Phase::HoldsTheLock, Disturbance::WorkerSuspended),
        (Phase::HoldsTheLock, Disturbance::Silence),
        (Phase::Reads, Disturbance::WorkerKilled),
        (Phase::Reads, Disturbance::SilenceAndWorkerKilled),
        (Phase::Reads, Disturbance::ServerEndsSessions),
        (Phase::Reads, Disturbance::ConnectorDeleted),
        (Phase::CatchesUp, Disturbance::WorkerKilled),
        (Phase::CatchesUp, Disturbance::SilenceAndWorkerKilled),
        (Phase::Streams, Disturbance::ConnectorRestarted),
    ];
    let cases: Vec<_> = if all() { every.collect() } else { some.to_vec() };
    a_snapshot_is_disturbed("disturbed", &cases).await
}
