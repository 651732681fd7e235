//! [`RestServer`]: listens, and knows how far the worker has come.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

use super::error::ApiError;
use super::listening;
use super::provenance::Admission;
use super::router;
use crate::config::WorkerConfig;
use crate::error::WorkerError;
use crate::herder::HerderHandle;
use crate::telemetry::Telemetry;

/// How long a request waits for a worker that is starting, as in Kafka Connect.
const START_TIMEOUT: Duration = Duration::from_secs(90);
/// How long answers that are under way may take after the worker has ended.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a client is waited for that stopped talking, as in Kafka Connect.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How far the worker has come.
#[derive(Clone)]
pub enum Phase {
    /// It is doing this.
    Starting(String),
    /// It answers.
    Ready(HerderHandle),
}

/// What every endpoint can reach. Cheap to clone.
#[derive(Clone)]
pub struct RestState {
    pub(super) config: Arc<WorkerConfig>,
    pub(super) phase: watch::Receiver<Phase>,
    pub(super) telemetry: Telemetry,
    /// What this listener takes.
    pub(super) admission: Admission,
    /// How long the body of a request may take.
    pub(super) patience: Duration,
}

/// The herder, once the worker has started. As an argument of an endpoint it makes the request wait for that.
pub(super) struct Herder(pub(super) HerderHandle);

impl FromRequestParts<RestState> for Herder {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, state: &RestState) -> Result<Self, ApiError> {
        let mut phase = state.phase.clone();
        let ready = phase.wait_for(|phase| matches!(phase, Phase::Ready(_)));
        if let Ok(Ok(found)) = tokio::time::timeout(START_TIMEOUT, ready).await
            && let Phase::Ready(handle) = &*found
        {
            return Ok(Herder(handle.clone()));
        }
        let stage = match &*state.phase.borrow() {
            Phase::Starting(stage) => stage.clone(),
            Phase::Ready(_) => "stopping".to_owned(),
        };
        let message = format!("Request timed out. The worker is currently {stage}.");
        Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, message))
    }
}

/// What is taken on `socket`: that nothing but this machine reaches it is seen from its address.
fn admission(socket: &TcpListener, config: &WorkerConfig) -> Admission {
    let is_loopback = socket.local_addr().is_ok_and(|address| address.ip().is_loopback());
    let listening = config.listeners.iter().map(|listener| listener.host.clone());
    let names = listening.chain([config.advertised.host().to_owned()]);
    let named = names.filter(|name| !matches!(name.as_str(), "" | "0.0.0.0" | "::"));
    Admission::new(is_loopback, named.collect(), config.allow_origin.as_deref())
}

/// The listening sockets.
pub struct RestServer {
    servers: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl RestServer {
    /// Listens on every configured address. The worker's advertised port becomes what the system chose, if it was 0.
    pub async fn bind(config: &mut WorkerConfig) -> Result<Vec<TcpListener>, WorkerError> {
        let mut sockets = Vec::new();
        for listener in &config.listeners {
            let listen = |source| WorkerError::Listen {
                address: listener.to_string(),
                source,
            };
            sockets.push(TcpListener::bind(listener.bind_address()).await.map_err(listen)?);
        }
        if let Some(port) = sockets
            .first()
            .and_then(|socket| socket.local_addr().ok())
            .map(|address| address.port())
        {
            config.advertised.bound_to(port);
        }
        Ok(sockets)
    }

    /// Serves on `sockets`. A client that stopped talking is waited for `patience` long.
    pub fn serve(
        sockets: Vec<TcpListener>,
        config: Arc<WorkerConfig>,
        phase: watch::Receiver<Phase>,
        telemetry: Telemetry,
        patience: Duration,
    ) -> Self {
        let (stop, _) = watch::channel(false);
        let mut servers = JoinSet::new();
        for socket in sockets {
            match socket.local_addr() {
                Ok(address) => info!(%address, worker_id = config.worker_id(), "rest listens"),
                Err(error) => warn!(%error, "rest listens on an unknown address"),
            }
            let endpoints = router(RestState {
                config: Arc::clone(&config),
                phase: phase.clone(),
                telemetry: telemetry.clone(),
                admission: admission(&socket, &config),
                patience,
            });
            servers.spawn(listening::serve(socket, endpoints, stop.subscribe(), patience));
        }
        RestServer { servers, stop }
    }

    /// Finishes the answers under way and closes the sockets.
    pub async fn close(mut self) {
        self.stop.send_replace(true);
        let all_closed = async { while self.servers.join_next().await.is_some() {} };
        if tokio::time::timeout(CLOSE_TIMEOUT, all_closed).await.is_err() {
            self.servers.abort_all();
        }
    }
}

/// The state as an argument of an endpoint.
pub(super) type Shared = State<RestState>;
