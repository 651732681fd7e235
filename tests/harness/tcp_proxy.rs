//! [`TcpProxy`]: stands between the worker and MySQL, and cuts the connections or lets them fall silent.

use std::sync::atomic::{AtomicI64, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use anyhow::{Result, anyhow, ensure};
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
    /// A port of 127.0.0.1.
    target: AtomicU16,
    /// What is written over what the server sends.
    replacement: Mutex<Option<Replacement>>,
    /// How often existing connections were closed.
    cuts: watch::Sender<u64>,
    /// How often existing connections were silenced.
    silences: watch::Sender<u64>,
    /// What a client has to say, and what is then done: [`TcpProxy::listen_for`].
    awaited: Mutex<Option<(Vec<u8>, Hearing)>>,
    /// How often it was said.
    heard: watch::Sender<u64>,
    /// How often what was held back was passed on.
    releases: watch::Sender<u64>,
    /// Bytes from the server until the connection is cut; negative: never.
    allowance: AtomicI64,
    accepted: AtomicU64,
}

/// What the proxy does when it hears what it listens for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// Nothing more than telling.
    Tell,
    /// All connections fall silent; the server has received what was sent, and its answer is lost.
    FallSilent,
    /// The server is told only after [`TcpProxy::release`]; other connections go on.
    Hold,
}

struct Replacement {
    from: Vec<u8>,
    to: Vec<u8>,
}

impl TcpProxy {
    /// Relays to `port` of 127.0.0.1.
    pub async fn to(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let own = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            target: AtomicU16::new(port),
            replacement: Mutex::new(None),
            cuts: watch::Sender::new(0),
            silences: watch::Sender::new(0),
            awaited: Mutex::new(None),
            heard: watch::Sender::new(0),
            releases: watch::Sender::new(0),
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

    /// New connections lead to this port.
    pub fn retarget(&self, port: u16) {
        self.shared.target.store(port, Ordering::SeqCst);
    }

    /// Writes `to` over `from`, of the same length, wherever the server sends it: damage that comes again with every attempt.
    pub fn damage(&self, from: &str, to: &str) -> Result<()> {
        ensure!(from.len() == to.len(), "damage keeps the length");
        let replacement = Replacement {
            from: from.into(),
            to: to.into(),
        };
        *self.shared.replacement.lock().map_err(|_| anyhow!("a poisoned lock"))? = Some(replacement);
        Ok(())
    }

    /// The end of the damage.
    pub fn mend(&self) -> Result<()> {
        *self.shared.replacement.lock().map_err(|_| anyhow!("a poisoned lock"))? = None;
        Ok(())
    }

    /// From now on the proxy listens for a client that says `text`, in plain and in one piece: at the first one, whatever is to
    /// be done is done. Answers a hearing that ends then.
    pub fn listen_for(&self, text: &str, then: Hearing) -> Result<watch::Receiver<u64>> {
        *self.shared.awaited.lock().map_err(|_| anyhow!("a poisoned lock"))? = Some((text.into(), then));
        let mut heard = self.shared.heard.subscribe();
        heard.mark_unchanged();
        Ok(heard)
    }

    /// The server is told what was held back.
    pub fn release(&self) {
        self.shared.releases.send_modify(|releases| *releases += 1);
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

    /// A marker that falls between two reads is missed; a test's marker is short.
    fn damage(&self, bytes: &mut [u8]) {
        let Ok(replacement) = self.replacement.lock() else {
            return;
        };
        let Some(Replacement { from, to }) = replacement.as_ref() else {
            return;
        };
        while let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }

    /// Whether it was said what is listened for; then that is over.
    fn hear(&self, bytes: &[u8]) -> Option<Hearing> {
        let mut awaited = self.awaited.lock().ok()?;
        let (text, then) = awaited.as_ref()?;
        let is_said = bytes.windows(text.len()).any(|window| window == text);
        let then = is_said.then_some(*then)?;
        *awaited = None;
        Some(then)
    }

    /// Ends the hearing.
    fn tell(&self) {
        self.heard.send_modify(|heard| *heard += 1);
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
    let target = ("127.0.0.1", shared.target.load(Ordering::SeqCst));
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    let (mut cuts, mut silences) = (shared.cuts.subscribe(), shared.silences.subscribe());
    let (mut from_client, mut from_server) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            // A silence that was just asked for comes before the server's answer.
            biased;
            _ = cuts.changed() => return,
            _ = silences.changed() => {
                // Held open and mute until the next cut; the server's side too, or the client would see it close.
                drop(cuts.changed().await);
                return;
            }
            read = client.read(&mut from_client) => match read {
                Ok(0) | Err(_) => return,
                Ok(length) => {
                    let heard = shared.hear(&from_client[..length]);
                    if heard == Some(Hearing::Hold) {
                        let mut releases = shared.releases.subscribe();
                        shared.tell();
                        tokio::select! {
                            _ = cuts.changed() => return,
                            _ = releases.changed() => {}
                        }
                    }
                    if server.write_all(&from_client[..length]).await.is_err() { return }
                    match heard {
                        None | Some(Hearing::Hold) => {}
                        Some(Hearing::Tell) => shared.tell(),
                        Some(Hearing::FallSilent) => {
                            shared.silences.send_modify(|silences| *silences += 1);
                            shared.tell();
                        }
                    }
                }
            },
            read = server.read(&mut from_server) => match read {
                Ok(0) | Err(_) => return,
                Ok(length) => {
                    let passed = shared.spend(length);
                    shared.damage(&mut from_server[..passed]);
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
