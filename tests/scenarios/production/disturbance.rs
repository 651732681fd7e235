//! [`Disturbance`]: what happens to a snapshot.

use std::time::Duration;

use anyhow::Result;
use harness::eventually::moment;
use harness::stack::Service;

use super::site::Site;

/// A worker that is suspended for longer than the bound.
const SUSPENDED: Duration = Duration::from_secs(6);

/// What happens to it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disturbance {
    WorkerKilled,
    WorkerSuspended,
    /// The network drops the route, and the worker has to notice.
    Silence,
    /// The same, and the worker is killed and started again.
    SilenceAndWorkerKilled,
    /// As its time-outs do.
    ServerEndsSessions,
    ConnectorDeleted,
    ConnectorPaused,
    ConnectorStopped,
    ConnectorRestarted,
    KafkaSuspended,
    /// And started again, which takes it some seconds.
    KafkaKilled,
}

impl Disturbance {
    pub(super) const ALL: [Disturbance; 11] = [
        Disturbance::WorkerKilled,
        Disturbance::WorkerSuspended,
        Disturbance::Silence,
        Disturbance::SilenceAndWorkerKilled,
        Disturbance::ServerEndsSessions,
        Disturbance::ConnectorDeleted,
        Disturbance::ConnectorPaused,
        Disturbance::ConnectorStopped,
        Disturbance::ConnectorRestarted,
        Disturbance::KafkaSuspended,
        Disturbance::KafkaKilled,
    ];

    pub(super) async fn happen(self, site: &mut Site) -> Result<()> {
        let connector = site.pipeline.names.connector().to_owned();
        let rest = site.pipeline.rest()?;
        match self {
            Disturbance::WorkerKilled => {
                site.pipeline.worker.kill()?;
                site.has_no_sessions().await?;
                site.pipeline.worker.start().await
            }
            Disturbance::WorkerSuspended => {
                site.pipeline.worker.suspend()?;
                moment(SUSPENDED).await;
                site.pipeline.worker.resume()
            }
            Disturbance::Silence => Ok(()),
            Disturbance::SilenceAndWorkerKilled => {
                site.pipeline.worker.kill()?;
                moment(SUSPENDED).await;
                site.start_ends_sessions().await
            }
            Disturbance::ServerEndsSessions => {
                for session in site.sessions(&format!("user = '{}'", site.user)).await? {
                    // It may end by itself in the meantime.
                    drop(site.pipeline.mysql.run([format!("KILL {}", session["id"])]).await);
                }
                Ok(())
            }
            Disturbance::ConnectorDeleted => {
                rest.delete(&connector).await?;
                site.has_no_sessions().await
            }
            Disturbance::ConnectorPaused | Disturbance::ConnectorStopped => {
                let what = if self == Disturbance::ConnectorPaused {
                    "pause"
                } else {
                    "stop"
                };
                rest.ask(&connector, what).await?;
                site.has_no_sessions().await?;
                rest.ask(&connector, "resume").await
            }
            Disturbance::ConnectorRestarted => {
                let path = format!("/connectors/{connector}/restart?includeTasks=true");
                rest.call(reqwest::Method::POST, &path, None).await.map(|_| ())
            }
            Disturbance::KafkaSuspended => {
                site.stack.pause(Service::Kafka)?;
                moment(SUSPENDED).await;
                site.stack.resume(Service::Kafka)
            }
            Disturbance::KafkaKilled => {
                site.stack.kill(Service::Kafka)?;
                site.stack.start(Service::Kafka)
            }
        }
    }

    pub(super) fn silences(self) -> bool {
        matches!(self, Disturbance::Silence | Disturbance::SilenceAndWorkerKilled)
    }
}
