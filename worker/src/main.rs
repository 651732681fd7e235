//! `rowmill`: the worker and its properties, from the command line.

mod plugins;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};
use tracing::error;
use worker::concealed::conceal;
use worker::config::{WorkerConfig, property_table};
use worker::tail::TailArguments;
use worker::telemetry::Telemetry;
use worker::{allocator, service, shutdown};

/// MySQL row changes in Kafka, exactly once.
#[derive(Parser)]
#[command(name = "rowmill", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a worker with a worker.properties of Kafka Connect's distributed mode.
    Worker {
        /// The file.
        properties: PathBuf,
    },
    /// Show a connector's events, decoded, as they become visible to consumers.
    Tail(TailArguments),
    /// Look at the configuration of a connector.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// List the properties a worker understands.
    Properties,
    /// Say which version this is, and which versions it stands in for.
    Version,
}

/// What can be done with a connector's configuration.
#[derive(Subcommand)]
enum ConfigCommand {
    /// Write one of Debezium 1.x or 2.x with the names and values of today, and say what has changed.
    Migrate {
        /// JSON as POST /connectors takes it, or Java properties.
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    allocator::set();
    // Whoever is first decides whether OpenSSL tidies up at the end of the process. It must not: threads of Kafka's clients
    // may still be using it then.
    openssl::init();
    match Arguments::parse().command {
        Command::Worker { properties } => end(run_worker(properties)),
        Command::Tail(arguments) => end(worker::tail::run(&arguments).map_err(Into::into)),
        Command::Config(ConfigCommand::Migrate { file }) => end(migrate(&file)),
        Command::Properties => print(&property_table()),
        Command::Version => print(&version()),
    }
}

fn print(text: &str) -> ExitCode {
    // A reader that has seen enough (`| head`) closes the pipe; that is no failure.
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn version() -> String {
    let mut text = format!("rowmill {}\nrest of Kafka Connect 4.3.0\n", env!("CARGO_PKG_VERSION"));
    for plugin in plugins::connector_plugins().iter() {
        text.push_str(&format!("{} {}\n", plugin.class(), plugin.version()));
    }
    text
}

fn end(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            error!("{problem:#}");
            // A file that was never read has set up no log.
            let _ = writeln!(io::stderr(), "rowmill: {}", conceal(&format!("{problem:#}")));
            ExitCode::FAILURE
        }
    }
}

/// The configuration goes to stdout, what has changed to stderr.
fn migrate(file: &Path) -> anyhow::Result<()> {
    let migrated = worker::migration::migrate(file, &plugins::connector_plugins())?;
    for change in &migrated.changes {
        writeln!(io::stderr(), "{change}")?;
    }
    Ok(io::stdout().write_all(migrated.text.as_bytes())?)
}

fn run_worker(properties: PathBuf) -> anyhow::Result<()> {
    let telemetry = Telemetry::install()?;
    let config = WorkerConfig::read(&properties)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no threads for the worker")?;
    let result = runtime.block_on(async {
        let shutdown = shutdown::signalled().context("no signal handlers")?;
        Ok(service::run(config, plugins::connector_plugins(), telemetry, shutdown).await?)
    });
    // Threads that still wait for Kafka must not keep the process.
    runtime.shutdown_background();
    result
}
