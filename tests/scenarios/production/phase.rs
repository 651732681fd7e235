//! [`Phase`]: where a snapshot is, or the stream beside it, by what it says to the server.

use anyhow::Result;
use harness::connector::ConnectorConfig;
use harness::pipeline::SOON;
use harness::tcp_proxy::{Hearing, TcpProxy};
use tokio::sync::watch;

use super::is_said;
use super::site::Site;

/// Where a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Before any lock.
    ReadsDefinitions,
    AsksForTheLock,
    HoldsTheLock,
    GivesTheLockBack,
    Reads,
    /// The snapshot was interrupted, and the stream is read up to a fresh view.
    CatchesUp,
    /// The snapshot is over, and the stream is asked for what has happened meanwhile.
    Streams,
}

impl Phase {
    pub(super) const ALL: [Phase; 7] = [
        Phase::ReadsDefinitions,
        Phase::AsksForTheLock,
        Phase::HoldsTheLock,
        Phase::GivesTheLockBack,
        Phase::Reads,
        Phase::CatchesUp,
        Phase::Streams,
    ];

    pub(super) fn statement(self) -> &'static str {
        match self {
            Phase::ReadsDefinitions => "SHOW CREATE TABLE `",
            Phase::AsksForTheLock => "FLUSH TABLES WITH READ LOCK",
            Phase::HoldsTheLock => "START TRANSACTION WITH CONSISTENT SNAPSHOT",
            Phase::GivesTheLockBack => "UNLOCK TABLES",
            Phase::Reads => "SELECT `id`, `text`",
            Phase::CatchesUp | Phase::Streams => "@master_binlog_checksum",
        }
    }

    /// Creates a connector that will come to this phase. At its first word there, `then` happens, and the hearing that is answered
    /// ends.
    pub(super) async fn approach(
        self,
        site: &mut Site,
        config: &ConnectorConfig,
        proxy: &TcpProxy,
        then: Hearing,
    ) -> Result<watch::Receiver<u64>> {
        if self != Phase::CatchesUp {
            let heard = proxy.listen_for(self.statement(), then)?;
            site.pipeline.create(config).await?;
            return Ok(heard);
        }
        // Of the tables before, the rows and a place behind them are stored; of this one nothing comes.
        let reads = Phase::Reads.statement();
        let heard = proxy.listen_for(reads, Hearing::FallSilent)?;
        site.pipeline.create(config).await?;
        is_said(heard, reads).await?;
        site.is_inside_of_a_snapshot(SOON).await?;
        site.pipeline.worker.kill()?;
        proxy.cut();
        site.has_no_sessions().await?;
        let heard = proxy.listen_for(self.statement(), then)?;
        site.pipeline.worker.start().await?;
        Ok(heard)
    }
}
