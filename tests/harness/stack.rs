//! [`Stack`]: the servers, reached through `scripts/stack`.
//!
//! `scripts/test` starts one stack for all tests. A test that kills or reconfigures servers takes the [`killable`]
//! one instead: it is started on first use, belongs to one test at a time, and is taken down when this process ends, however
//! it ends.

use std::collections::HashMap;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};

/// A server of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Mysql,
    Kafka,
    /// One of a stack with three: 1 is `Kafka`.
    Broker(i32),
    Registry,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Service::Mysql => "mysql",
            Service::Kafka | Service::Broker(1) => "kafka",
            Service::Broker(2) => "kafka-2",
            Service::Broker(_) => "kafka-3",
            Service::Registry => "registry",
        }
    }
}

/// Where the servers of one stack are.
#[derive(Debug, Clone)]
pub struct Stack {
    home: PathBuf,
    addresses: HashMap<String, String>,
}

const ADVICE: &str =
    "the scenarios need servers and a worker: run them with scripts/test (--only NAME for one of them)";

fn variable(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set; {ADVICE}"))
}

/// The worker's binary.
pub fn worker_binary() -> Result<PathBuf> {
    let path = PathBuf::from(variable("ROWMILL_BIN")?);
    ensure!(path.is_file(), "ROWMILL_BIN={} is no file; {ADVICE}", path.display());
    Ok(path)
}

/// The example of the crate `wire` that is a producer to talk to.
pub fn wire_example() -> Result<PathBuf> {
    let path = PathBuf::from(variable("ROWMILL_WIRE_EXAMPLE")?);
    ensure!(
        path.is_file(),
        "ROWMILL_WIRE_EXAMPLE={} is no file; {ADVICE}",
        path.display()
    );
    Ok(path)
}

impl Stack {
    /// The stack of the environment, shared by all tests.
    pub fn shared() -> Result<Stack> {
        Stack::at(PathBuf::from(variable("ROWMILL_STACK")?))
    }

    fn at(home: PathBuf) -> Result<Stack> {
        let mut stack = Stack {
            home,
            addresses: HashMap::new(),
        };
        stack.learn_addresses()?;
        Ok(stack)
    }

    fn learn_addresses(&mut self) -> Result<()> {
        let text = self.run(&["env", "--json"])?;
        let parsed: Value = serde_json::from_str(&text).context("answer of scripts/stack env --json")?;
        let pairs = parsed.as_object().context("an object from scripts/stack env --json")?;
        self.addresses = pairs
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect();
        Ok(())
    }

    /// Runs `scripts/stack` on this stack.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let command = variable("ROWMILL_STACK_COMMAND")?;
        let Output { status, stdout, stderr } = Command::new(command)
            .args(arguments)
            .env("ROWMILL_STACK", &self.home)
            .stdin(Stdio::null())
            .output()
            .context("running scripts/stack")?;
        let stderr = String::from_utf8_lossy(&stderr);
        ensure!(
            status.success(),
            "scripts/stack {} on {}: {stderr}",
            arguments.join(" "),
            self.home.display()
        );
        Ok(String::from_utf8_lossy(&stdout).into_owned())
    }

    /// Ends a server by SIGKILL.
    pub fn kill(&self, service: Service) -> Result<()> {
        self.run(&["kill", service.name()]).map(|_| ())
    }

    /// Ends a server by SIGTERM, and waits until it is gone: a broker hands over what it leads.
    pub fn stop(&self, service: Service) -> Result<()> {
        self.run(&["stop", service.name()]).map(|_| ())
    }

    /// SIGSTOP: connections stay, nothing answers.
    pub fn pause(&self, service: Service) -> Result<()> {
        self.run(&["pause", service.name()]).map(|_| ())
    }

    /// The end of a pause.
    pub fn resume(&self, service: Service) -> Result<()> {
        self.run(&["cont", service.name()]).map(|_| ())
    }

    /// Starts a killed server with the same port and data; returns when it answers.
    pub fn start(&self, service: Service) -> Result<()> {
        self.run(&["start", service.name()]).map(|_| ())
    }

    /// The folder of a server: its data, its log.
    pub fn folder(&self, service: Service) -> PathBuf {
        self.home.join(service.name())
    }

    fn address(&self, name: &str) -> Result<&str> {
        let found = self
            .addresses
            .get(name)
            .with_context(|| format!("{} has no {name}", self.home.display()))?;
        Ok(found)
    }

    /// `bootstrap.servers`.
    pub fn kafka(&self) -> Result<&str> {
        self.address("ROWMILL_KAFKA")
    }

    /// The registry's URL.
    pub fn registry(&self) -> Result<&str> {
        self.address("ROWMILL_REGISTRY")
    }

    /// Folder of the jars with Kafka's tools.
    pub fn kafka_libs(&self) -> Result<&str> {
        self.address("ROWMILL_KAFKA_LIBS")
    }

    /// The address of Kafka's SASL_SSL listener.
    pub fn kafka_sasl(&self) -> Result<&str> {
        self.address("ROWMILL_KAFKA_SASL")
    }

    /// A PEM file with the certificate of that listener.
    pub fn kafka_certificate(&self) -> Result<&str> {
        self.address("ROWMILL_KAFKA_CERTIFICATE")
    }

    /// The address of its listener of TLS for clients with a certificate.
    pub fn kafka_tls(&self) -> Result<&str> {
        self.address("ROWMILL_KAFKA_TLS")
    }

    /// A PKCS #12 key store with what is trusted there, and its password.
    pub fn kafka_key_store(&self) -> Result<(&str, &str)> {
        Ok((
            self.address("ROWMILL_KAFKA_KEY_STORE")?,
            self.address("ROWMILL_KAFKA_KEY_STORE_PASSWORD")?,
        ))
    }

    /// The user there, and the password, who may do everything.
    pub fn kafka_user(&self) -> Result<(&str, &str)> {
        Ok((
            self.address("ROWMILL_KAFKA_USER")?,
            self.address("ROWMILL_KAFKA_PASSWORD")?,
        ))
    }

    /// The user there, and the password, who may do what ACLs say.
    pub fn kafka_limited_user(&self) -> Result<(&str, &str)> {
        Ok((
            self.address("ROWMILL_KAFKA_LIMITED_USER")?,
            self.address("ROWMILL_KAFKA_LIMITED_PASSWORD")?,
        ))
    }

    /// MySQL's port on 127.0.0.1.
    pub fn mysql_port(&self) -> Result<u16> {
        self.address("ROWMILL_MYSQL_PORT")?
            .parse()
            .context("ROWMILL_MYSQL_PORT")
    }

    /// The user with a connector's grants.
    pub fn mysql_user(&self) -> Result<&str> {
        self.address("ROWMILL_MYSQL_USER")
    }

    /// Its password.
    pub fn mysql_password(&self) -> Result<&str> {
        self.address("ROWMILL_MYSQL_PASSWORD")
    }

    /// A MySQL server of its own that replicates this stack's, until the value is dropped.
    pub fn replica(&self, about: &str, mysql_options: &[&str]) -> Result<PrivateStack> {
        let source = self.home.display().to_string();
        PrivateStack::up_mysql(about, &["--replica-of", source.as_str()], mysql_options)
    }

    /// This stack with another MySQL server, started with these options, until the value is dropped. Only the server may be
    /// killed: Kafka and the registry are this stack's.
    pub fn with_own_mysql(&self, about: &str, mysql_options: &[&str]) -> Result<PrivateStack> {
        self.with_mysql(PrivateStack::up_mysql(about, &[], mysql_options)?)
    }

    /// The same with a server of another version, one of those that `scripts/stack up --help` lists.
    pub fn with_mysql_of_version(&self, about: &str, version: &str) -> Result<PrivateStack> {
        self.with_mysql(PrivateStack::up_mysql(about, &["--mysql-version", version], &[])?)
    }

    fn with_mysql(&self, mut private: PrivateStack) -> Result<PrivateStack> {
        for (name, address) in &self.addresses {
            let known = private.stack.addresses.entry(name.clone());
            known.or_insert_with(|| address.clone());
        }
        Ok(private)
    }
}

/// Servers of our own; gone when this is dropped, or when the process ends.
///
/// [`with_own_controller`](PrivateStack::with_own_controller) is one whose broker can be fenced.
pub struct PrivateStack {
    pub stack: Stack,
    keeper: Child,
}

impl PrivateStack {
    /// All servers.
    pub fn with_all_servers(about: &str) -> Result<PrivateStack> {
        PrivateStack::up(about, &[])
    }

    /// All servers, Kafka's controller in a process of its own.
    pub fn with_own_controller(about: &str) -> Result<PrivateStack> {
        PrivateStack::up(about, &["--own-controller"])
    }

    /// One broker of another version, one of those that `scripts/stack up --help` lists.
    pub fn with_kafka_of_version(about: &str, version: &str) -> Result<PrivateStack> {
        PrivateStack::up(about, &["--only", "kafka", "--kafka-version", version])
    }

    /// Suspends the broker until its controller has fenced it, and lets it back as slowly as a machine under load does: for
    /// some seconds it answers its clients and leads nothing. Returns when the controller runs freely again.
    pub fn fence_broker(&self) -> Result<()> {
        // The controller runs for a moment of each second, until broker and controller have heard of each other.
        const SLOWLY: &str = "kill -STOP $1; sleep 7; kill -STOP $2; kill -CONT $1; \
            for _ in 1 2 3 4 5 6 7 8; do kill -CONT $2; sleep 0.02; kill -STOP $2; sleep 1; done; kill -CONT $2";
        let pid = |server: &str| -> Result<String> {
            let file = self.stack.home.join(server).join("pid");
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            Ok(text.trim().to_owned())
        };
        let status = Command::new("sh")
            .args(["-c", SLOWLY, "slowly", &pid("kafka")?, &pid("controller")?])
            .status()?;
        ensure!(status.success(), "suspending the broker: {status}");
        Ok(())
    }

    /// How often the controller has fenced a broker.
    pub fn fencings(&self) -> Result<usize> {
        let log = std::fs::read_to_string(self.stack.home.join("controller/server.log"))?;
        Ok(log.matches("Fencing broker").count())
    }

    fn up_mysql(about: &str, more: &[&str], mysql_options: &[&str]) -> Result<PrivateStack> {
        let options: Vec<String> = mysql_options
            .iter()
            .map(|option| format!("--mysql-option={option}"))
            .collect();
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        PrivateStack::up(about, &[&["--only", "mysql"], more, &options].concat())
    }

    fn up(about: &str, options: &[&str]) -> Result<PrivateStack> {
        // A short path, for the sake of MySQL's socket.
        let home = std::env::temp_dir().join(format!("rowmill.{}.{about}", std::process::id()));
        let keeper = keeper(&home)?;
        let mut private = PrivateStack {
            stack: Stack {
                home,
                addresses: HashMap::new(),
            },
            keeper,
        };
        private.stack.run(&[&["up"], options].concat())?;
        private.stack.learn_addresses()?;
        Ok(private)
    }
}

/// Takes the stack down as soon as its input ends: when we close it, and also when we are killed. It is a process group of
/// its own, so that what kills our group leaves it alone.
fn keeper(home: &std::path::Path) -> Result<Child> {
    let script = "trap '' INT TERM HUP; read _; \"$0\" down --delete >/dev/null 2>&1";
    Command::new("sh")
        .args(["-c", script, &variable("ROWMILL_STACK_COMMAND")?])
        .env("ROWMILL_STACK", home)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("starting the keeper of a private stack")
}

impl Drop for PrivateStack {
    fn drop(&mut self) {
        if let Some(mut input) = self.keeper.stdin.take() {
            // Fails only if the keeper is gone, and then there is nothing to tell it.
            drop(input.write_all(b"\n"));
        }
        drop(self.keeper.wait());
    }
}

static KILLABLE: Mutex<Option<PrivateStack>> = Mutex::const_new(None);
static THREE_BROKERS: Mutex<Option<PrivateStack>> = Mutex::const_new(None);
/// Which Kafka they are; the default of `scripts/stack` if it is not set.
const KAFKA_VERSION: &str = "ROWMILL_KAFKA_VERSION";

/// The stack whose servers may be killed and reconfigured, for as long as the guard lives. One test at a time: there are two
/// cores.
pub async fn killable() -> Result<KillableStack> {
    let mut guard = KILLABLE.lock().await;
    match guard.as_ref() {
        // Whatever the last test left killed or paused comes back.
        Some(private) => {
            for service in [Service::Mysql, Service::Kafka, Service::Registry] {
                if private.stack.resume(service).is_err() {
                    private.stack.start(service)?;
                }
            }
            private.stack.run(&["up"])?;
        }
        None => *guard = Some(PrivateStack::with_all_servers("killable")?),
    }
    KillableStack::of(guard)
}

/// Three brokers and nothing else, for one test at a time, too.
pub async fn three_brokers() -> Result<KillableStack> {
    let mut guard = THREE_BROKERS.lock().await;
    match guard.as_ref() {
        Some(private) => {
            for number in 1..=3 {
                let broker = Service::Broker(number);
                if private.stack.resume(broker).is_err() {
                    private.stack.start(broker)?;
                }
            }
        }
        None => {
            let mut options = vec!["--only", "kafka", "--brokers", "3"];
            let version = std::env::var(KAFKA_VERSION).unwrap_or_default();
            if !version.is_empty() {
                options.extend(["--kafka-version", &version]);
            }
            *guard = Some(PrivateStack::up("three", &options)?);
        }
    }
    KillableStack::of(guard)
}

/// See [`killable`] and [`three_brokers`].
pub struct KillableStack {
    stack: Stack,
    _guard: MutexGuard<'static, Option<PrivateStack>>,
}

impl KillableStack {
    fn of(guard: MutexGuard<'static, Option<PrivateStack>>) -> Result<Self> {
        let stack = guard.as_ref().context("the stack that was just started")?.stack.clone();
        Ok(KillableStack { stack, _guard: guard })
    }
}

impl std::ops::Deref for KillableStack {
    type Target = Stack;
    fn deref(&self) -> &Stack {
        &self.stack
    }
}
