//! [`TcpProxy`]: stands between the worker and MySQL, and cuts the connections or lets them fall silent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A relay on loopback.
pub struct TcpProxy {
    port: u16,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    target: SocketAddr,
    /// How often existing connections were closed.
    cuts: watch::Sender<u64>,
    /// How often existing connections were silenced.
    silences: watch::Sender<u64>,
    /// Bytes from the server until the connection is cut; negative: never.
    allowance: AtomicI64,
    accepted: AtomicU64,
}

impl TcpProxy {
    /// Relays to `port` of 127.0.0.1.
    pub async fn to(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let own = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            target: SocketAddr::from(([127, 0, 0, 1], port)),
            cuts: watch::Sender::new(0),
            silences: watch::Sender::new(0),
            allowance: AtomicI64::new(-1),
            accepted: AtomicU64::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(TcpProxy {
            port: own,
            shared,
            task,
        })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Closes all connections; new ones are relayed.
    pub fn cut(&self) {
        self.shared.cut();
    }

    /// Closes all connections as soon as the server has sent this many more bytes.
    pub fn cut_after(&self, bytes: i64) {
        self.shared.allowance.store(bytes, Ordering::SeqCst);
    }

    /// How often connections were cut.
    pub fn cuts(&self) -> u64 {
        *self.shared.cuts.borrow()
    }

    /// How many connections were made.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// All connections stay open and carry nothing any more, like a network that dropped the route without a word; new ones
    /// are relayed.
    pub fn silence(&self) {
        self.shared.silences.send_modify(|silences| *silences += 1);
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.task.abort();
        self.shared.cut();
    }
}

impl Shared {
    fn cut(&self) {
        self.allowance.store(-1, Ordering::SeqCst);
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Counts bytes from the server; answers how many of them may pass.
    fn spend(&self, bytes: usize) -> usize {
        let Ok(left) = usize::try_from(self.allowance.load(Ordering::SeqCst)) else {
            return bytes;
        };
        let passed = bytes.min(left);
        self.allowance.fetch_sub(passed as i64, Ordering::SeqCst);
        passed
    }

    fn is_spent(&self) -> bool {
        self.allowance.load(Ordering::SeqCst) == 0
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        shared.accepted.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(relay(client, Arc::clone(&shared)));
    }
}

/// Until one side closes, or the proxy cuts. A refused connection to the server closes the client's.
async fn relay(mut client: TcpStream, shared: Arc<Shared>) {
    let Ok(mut server) = TcpStream::connect(shared.target).await else {
        return;
    };
    let (mut cuts, mut silences) = (shared.cuts.subscribe(), shared.silences.subscribe());
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            _ = cuts.changed() => return,
            _ = silences.changed() => {
                // Held open and mute until the next cut; the server's side too, or the client would see it close.
                drop(cuts.changed().await);
                return;
            }
            read = client.read(&mut from_client) => match read {
                Ok(0) | Err(_) => return,
                Ok(length) => if server.write_all(&from_client[..length]).await.is_err() { return },
            },
            read = server.read(&mut from_server) => match read {
                Ok(0) | Err(_) => return,
                Ok(length) => {
                    let passed = shared.spend(length);
                    if client.write_all(&from_server[..passed]).await.is_err() { return }
                    if shared.is_spent() {
                        shared.cut();
                        return;
                    }
                }
            },
        }
    }
}
