//! [`WorkerProcess`]: `rowmill worker worker.properties`, spawned, stopped, killed, started again.
//!
//! Each has a group, three topics, a REST port and a folder of its own. Properties and port stay for life, so a restart is
//! what an operator's restart is. Dropping it kills the process.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rand::Rng;

use crate::eventually::eventually;
use crate::names::Names;
use crate::rest_client::RestClient;
use crate::stack::{Stack, worker_binary};

/// A worker, running or not.
pub struct WorkerProcess {
    folder: PathBuf,
    properties: BTreeMap<String, String>,
    variables: BTreeMap<String, String>,
    rest_port: u16,
    child: Option<Child>,
    /// Something failed: its log may be wanted.
    has_failed: AtomicBool,
}

/// From the start of the process to the first answer; it is far less on a quiet machine.
const START: Duration = Duration::from_secs(60);

impl WorkerProcess {
    /// A worker of the test's own group; not started.
    pub fn new(stack: &Stack, names: &Names) -> Result<Self> {
        let rest_port = free_port()?;
        let folder = std::env::temp_dir().join(format!(
            "rowmill-worker.{}.{}.{rest_port}",
            std::process::id(),
            names.own
        ));
        fs::create_dir_all(&folder)?;
        let json = "org.apache.kafka.connect.json.JsonConverter";
        let mut properties: BTreeMap<String, String> = [
            ("bootstrap.servers", stack.kafka()?.to_owned()),
            ("group.id", names.group()),
            ("key.converter", json.to_owned()),
            ("value.converter", json.to_owned()),
            ("exactly.once.source.support", "enabled".to_owned()),
            ("offset.storage.partitions", "5".to_owned()),
            ("status.storage.partitions", "2".to_owned()),
            ("listeners", format!("http://127.0.0.1:{rest_port}")),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        for store in ["config", "offset", "status"] {
            properties.insert(format!("{store}.storage.topic"), names.storage_topic(store));
            properties.insert(format!("{store}.storage.replication.factor"), "1".to_owned());
        }
        Ok(WorkerProcess {
            folder,
            properties,
            variables: BTreeMap::new(),
            rest_port,
            child: None,
            has_failed: AtomicBool::new(false),
        })
    }

    /// Sets a worker property; counts from the next start.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.properties.insert(key.to_owned(), value.into());
        self
    }

    /// Sets a variable of its environment; counts from the next start.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Whether it was started, and not killed since.
    pub fn is_started(&self) -> bool {
        self.child.is_some()
    }

    /// Starts the process; does not wait.
    pub fn spawn(&mut self) -> Result<()> {
        ensure!(self.child.is_none(), "the worker already runs");
        let lines: String = self
            .properties
            .iter()
            .map(|(key, value)| format!("{key}={value}\n"))
            .collect();
        let file = self.folder.join("worker.properties");
        fs::write(&file, lines)?;
        let log = File::options().create(true).append(true).open(self.log_file())?;
        let child = Command::new(worker_binary()?)
            .arg("worker")
            .arg(&file)
            .env("ROWMILL_EXAMPLE_CONNECTOR", "1")
            .env("RUST_BACKTRACE", "1")
            .env("NO_COLOR", "1")
            .envs(&self.variables)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    /// Starts the process and waits until REST answers.
    pub async fn start(&mut self) -> Result<()> {
        self.spawn()?;
        self.await_rest().await
    }

    /// Waits until REST answers that the worker is healthy.
    pub async fn await_rest(&mut self) -> Result<()> {
        let rest = self.rest()?;
        let result = eventually("the worker answers", START, async || {
            if let Some(status) = self.exited()? {
                // Not worth waiting for: `Ok` ends the wait, the check below fails.
                return Ok(Some(status));
            }
            rest.read("/health").await.map(|_| None)
        })
        .await;
        match result {
            Ok(None) => Ok(()),
            Ok(Some(status)) => bail!("the worker ended with {status} while starting\n{}", self.log_tail()),
            Err(error) => Err(self.explain(error)),
        }
    }

    /// The worker's REST interface.
    pub fn rest(&self) -> Result<RestClient> {
        RestClient::new(self.rest_port)
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("a running worker to kill")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// SIGTERM; answers how it ended, within `limit`.
    pub async fn terminate(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.signal("TERM")?;
        self.await_exit(limit).await
    }

    /// Waits until the process has ended by itself.
    pub async fn await_exit(&mut self, limit: Duration) -> Result<ExitStatus> {
        let ended = eventually("the worker ends", limit, async || {
            self.exited()?.context("it still runs")
        })
        .await;
        let status = ended.map_err(|error| self.explain(error))?;
        self.child = None;
        Ok(status)
    }

    /// Suspends the process by SIGSTOP.
    pub fn suspend(&self) -> Result<()> {
        self.signal("STOP")
    }

    /// Lets a suspended process go on, by SIGCONT.
    pub fn resume(&self) -> Result<()> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let status = Command::new("kill")
            .args([format!("-{name}"), self.pid()?.to_string()])
            .status()?;
        ensure!(status.success(), "kill -{name}: {status}");
        Ok(())
    }

    fn pid(&self) -> Result<u32> {
        Ok(self.child.as_ref().context("a running worker")?.id())
    }

    /// How the process ended, if it has.
    pub fn exited(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.as_mut().context("a worker that was started")?.try_wait()?)
    }

    /// Waits for a state; a failure comes with the end of the worker's log.
    pub async fn eventually<T>(&self, what: &str, within: Duration, look: impl AsyncFnMut() -> Result<T>) -> Result<T> {
        eventually(what, within, look)
            .await
            .map_err(|error| self.explain(error))
    }

    /// The error, with the end of the log.
    pub fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        self.has_failed.store(true, Ordering::Relaxed);
        error.context(format!("{} ends with\n{}", self.log_file().display(), self.log_tail()))
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("worker.log")
    }

    /// All it has logged, of all its lives.
    pub fn log(&self) -> Result<String> {
        let mut text = String::new();
        File::open(self.log_file())?.read_to_string(&mut text)?;
        Ok(text)
    }

    fn log_tail(&self) -> String {
        let log = self.log().unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(25)..].join("\n")
    }

    /// Peak resident memory of this life, in bytes.
    pub fn peak_memory(&self) -> Result<u64> {
        self.memory("VmHWM:")
    }

    /// Resident memory, in bytes.
    pub fn resident_memory(&self) -> Result<u64> {
        self.memory("VmRSS:")
    }

    /// One line of /proc/pid/status.
    fn memory(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .with_context(|| format!("{name} in /proc/pid/status"))?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024)
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Fails only if it has ended already.
            drop(child.kill());
            drop(child.wait());
        }
        if !self.has_failed.load(Ordering::Relaxed) && !std::thread::panicking() {
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// Nothing listens on a worker's port while that worker is down, so a port is given out once.
static GIVEN_OUT: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);

/// Below the kernel's range for outgoing connections: it must still be free when the worker is started again.
fn free_port() -> Result<u16> {
    let mut given_out = GIVEN_OUT.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..200 {
        let port = rand::rng().random_range(10_000..15_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() && given_out.insert(port) {
            return Ok(port);
        }
    }
    bail!("no free port between 10000 and 15000")
}
