//! [`run`]: a worker from its first socket to its last status.
//!
//! REST listens first, so that whoever watches sees at once what the worker is doing. Then the stores are opened and read,
//! the worker becomes the sole member of its group, and the herder runs until the end.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::sync::watch;
use tracing::warn;
use uuid::Uuid;

use crate::config::WorkerConfig;
use crate::connector_plugins::ConnectorPlugins;
use crate::error::WorkerError;
use crate::group::{SoleMember, next_generation};
use crate::herder::Herder;
use crate::rest::{PATIENCE, Phase, RestServer};
use crate::store::Stores;
use crate::store::config::{ConfigRecord, SessionKey};
use crate::telemetry::Telemetry;

/// Runs a worker until `shutdown` becomes true, or until it cannot go on.
pub async fn run(
    mut config: WorkerConfig,
    plugins: ConnectorPlugins,
    telemetry: Telemetry,
    shutdown: watch::Receiver<bool>,
) -> Result<(), WorkerError> {
    let sockets = RestServer::bind(&mut config).await?;
    let config = Arc::new(config);
    for warning in &config.warnings {
        warn!("{warning}");
    }
    let (phase, is_phase) = watch::channel(Phase::Starting("starting".to_owned()));
    let server = RestServer::serve(sockets, Arc::clone(&config), is_phase, telemetry, PATIENCE);
    let result = live(config, plugins, &phase, shutdown).await;
    server.close().await;
    result
}

async fn live(
    config: Arc<WorkerConfig>,
    plugins: ConnectorPlugins,
    phase: &watch::Sender<Phase>,
    shutdown: watch::Receiver<bool>,
) -> Result<(), WorkerError> {
    let mut asked = shutdown.clone();
    let herder = tokio::select! {
        herder = start(config, plugins, phase, shutdown) => herder?,
        _ = asked.wait_for(|stop| *stop) => return Ok(()),
    };
    herder.run().await
}

async fn start(
    config: Arc<WorkerConfig>,
    plugins: ConnectorPlugins,
    phase: &watch::Sender<Phase>,
    shutdown: watch::Receiver<bool>,
) -> Result<Herder, WorkerError> {
    let stores = Stores::open(&config, |stage| {
        phase.send_replace(Phase::Starting(stage.to_owned()));
    })
    .await?;
    let generation = next_generation(&stores.configs.current(), stores.statuses.newest_generation());
    let session_key = new_session_key(generation);
    stores
        .configs
        .put(ConfigRecord::SessionKey(Some(session_key.clone())))
        .await?;
    let member = SoleMember::new(session_key, generation);
    let (herder, handle) = Herder::new(config, plugins, stores, Box::new(member), shutdown);
    phase.send_replace(Phase::Ready(handle));
    Ok(herder)
}

/// 32 bytes from the system's generator, two random UUIDs (122 random bits each), as the key of HmacSHA256.
fn new_session_key(generation: i32) -> SessionKey {
    let bytes = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    SessionKey {
        key: STANDARD.encode(bytes),
        algorithm: "HmacSHA256".to_owned(),
        creation_timestamp: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
        generation: Some(generation),
    }
}
