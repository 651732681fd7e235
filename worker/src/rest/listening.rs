//! [`serve`]: the connections of one listening socket. There is an end to the patience with each, and to their number: a client
//! that stopped talking must not keep what the worker needs for Kafka and MySQL.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{debug, warn};

use super::spoken_errors::{SpokenErrors, refusal};

/// Connections that are open at a time; more wait until one is closed. Far below a process's usual limit of open files.
const MOST_CONNECTIONS: usize = 500;
/// How long the system gets to recover when it has no more files or memory for a connection.
const ACCEPT_REST: Duration = Duration::from_secs(1);

/// Serves until `stop`, then finishes the answers under way. A connection without a request, a request header, and an answer
/// that nobody takes are waited for `patience` long.
pub(super) async fn serve(socket: TcpListener, endpoints: Router, stop: watch::Receiver<bool>, patience: Duration) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut stopped = pin!(is_true(stop.clone()));
    loop {
        let accepted = async {
            let place = Arc::clone(&room).acquire_owned().await;
            (place, socket.accept().await)
        };
        tokio::select! {
            () = &mut stopped => break,
            Some(_) = connections.join_next() => {}
            accepted = accepted => match accepted {
                (Ok(place), Ok((connection, _))) => {
                    let served = talk(connection, endpoints.clone(), stop.clone(), patience);
                    connections.spawn(async move {
                        served.await;
                        drop(place);
                    });
                }
                (_, Err(error)) => {
                    warn!(%error, "a rest connection could not be accepted");
                    sleep(ACCEPT_REST).await;
                }
                (Err(_), _) => break,
            },
        }
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}

async fn is_true(mut stop: watch::Receiver<bool>) {
    // An error means that the server itself is gone, which ends it as well.
    drop(stop.wait_for(|stop| *stop).await);
}

/// One connection, from its first byte to its last.
async fn talk(connection: TcpStream, endpoints: Router, stop: watch::Receiver<bool>, patience: Duration) {
    if let Err(error) = connection.set_nodelay(true) {
        debug!(%error, "a rest connection without TCP_NODELAY");
    }
    let bytes = TokioIo::new(SpokenErrors::new(connection, patience));
    let mut http = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(bytes, TowerToHyperService::new(endpoints));
    let mut stopped = pin!(is_true(stop));
    let ended = tokio::select! {
        result = &mut http => Some(result),
        () = &mut stopped => None,
    };
    let result = match ended {
        Some(result) => result,
        None => {
            Pin::new(&mut http).graceful_shutdown();
            (&mut http).await
        }
    };
    let Err(error) = result else { return };
    if error.is_parse_version_h2() {
        let mut bytes = http.into_parts().io.into_inner();
        // Whoever speaks HTTP/2 only may not even read this.
        drop(bytes.write_all(&refusal("505", "HTTP Version Not Supported")).await);
        drop(bytes.shutdown().await);
    } else {
        debug!(%error, "a rest connection ended");
    }
}
