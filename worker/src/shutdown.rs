//! [`signalled`]: when the process is asked to end.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tracing::info;

/// The exit code of a process that was ended while it was ending.
const IMPATIENT: i32 = 130;

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Becomes true on SIGTERM or SIGINT. A second signal of either kind ends the process at once.
pub fn signalled() -> io::Result<watch::Receiver<bool>> {
    let mut signals = Signals {
        terminate: signal(SignalKind::terminate())?,
        interrupt: signal(SignalKind::interrupt())?,
    };
    let (asked, is_asked) = watch::channel(false);
    tokio::spawn(async move {
        let signal = signals.next().await;
        info!(signal, "asked to stop");
        asked.send_replace(true);
        let signal = signals.next().await;
        info!(signal, "asked again; ending without waiting for tasks");
        std::process::exit(IMPATIENT);
    });
    Ok(is_asked)
}
