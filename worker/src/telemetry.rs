//! [`Telemetry`]: log output whose levels can be changed while the worker runs, and the metrics recorder.
//!
//! Logs are structured lines (fields as `key=value`) on stdout; `RUST_LOG` sets the levels at the start, `info` without it.
//! Secrets never get this far: types that hold them print no values, and what config providers answered is taken out of
//! every line ([`crate::concealed`]).

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use serde::Serialize;
use thiserror::Error;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

use crate::concealed::conceal;

/// The loggers of our own, each with the logger of Kafka Connect, Debezium or Kafka whose level people would set.
const LOGGERS: [(&str, &str); 6] = [
    ("worker", "org.apache.kafka.connect"),
    ("connector_mysql", "io.debezium"),
    ("schemas", "io.confluent"),
    ("wire", "org.apache.kafka.clients"),
    ("rdkafka", "org.apache.kafka.clients.consumer"),
    ("axum", "org.glassfish.jersey"),
];
const ROOT: &str = "root";

/// Telemetry cannot be set up.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// Something else already takes log lines.
    #[error("log output is set up twice")]
    Log(#[from] TryInitError),
    /// Something else already takes metrics.
    #[error("metrics are set up twice")]
    Metrics(#[from] BuildError),
}

/// Why a level was not set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LevelError {
    /// There is no such level.
    Unknown,
    /// It cannot be set for this logger.
    Refused(String),
}

/// A logger's level as REST shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggerLevel {
    /// In log4j's words.
    pub level: &'static str,
    /// When it was changed, in milliseconds since the epoch.
    pub last_modified: Option<i64>,
}

/// Logs and metrics. Cheap to clone.
#[derive(Clone)]
pub struct Telemetry {
    inner: Arc<Inner>,
}

struct Inner {
    filter: Option<reload::Handle<EnvFilter, Registry>>,
    metrics: PrometheusHandle,
    levels: Mutex<BTreeMap<String, LoggerLevel>>,
}

impl Telemetry {
    /// Sets both up for the whole process.
    pub fn install() -> Result<Self, TelemetryError> {
        let initial = std::env::var("RUST_LOG").unwrap_or_default();
        let filter = EnvFilter::builder()
            .with_default_directive(LevelFilter::INFO.into())
            .parse_lossy(&initial);
        let root = filter.max_level_hint().map_or("INFO", log4j_name);
        let (filter, handle) = reload::Layer::new(filter);
        let lines = fmt::layer().with_ansi(io::stdout().is_terminal()).with_writer(|| Lines);
        tracing_subscriber::registry().with(filter).with(lines).try_init()?;
        let metrics = PrometheusBuilder::new().install_recorder()?;
        crate::metrics::describe();
        Ok(Telemetry::new(Some(handle), metrics, root))
    }

    /// Without any output, for tests.
    #[cfg(test)]
    pub(crate) fn silent() -> Self {
        Telemetry::new(None, PrometheusBuilder::new().build_recorder().handle(), "INFO")
    }

    fn new(filter: Option<reload::Handle<EnvFilter, Registry>>, metrics: PrometheusHandle, root: &'static str) -> Self {
        let unchanged = |level| LoggerLevel {
            level,
            last_modified: None,
        };
        let mut levels = BTreeMap::from([(ROOT.to_owned(), unchanged(root))]);
        levels.extend(LOGGERS.iter().map(|(ours, _)| ((*ours).to_owned(), unchanged(root))));
        Telemetry {
            inner: Arc::new(Inner {
                filter,
                metrics,
                levels: Mutex::new(levels),
            }),
        }
    }

    /// All metrics in Prometheus' text format.
    pub fn render_metrics(&self) -> String {
        self.inner.metrics.render()
    }

    fn levels(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, LoggerLevel>> {
        self.inner.levels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every logger with its level.
    pub fn loggers(&self) -> BTreeMap<String, LoggerLevel> {
        self.levels().clone()
    }

    /// A logger's level; Java's name of a logger finds ours.
    pub fn logger(&self, name: &str) -> Option<LoggerLevel> {
        self.levels().get(our_name(name)).cloned()
    }

    /// Sets a level. Answers the loggers whose level has changed.
    pub fn set_level(&self, name: &str, level: &str) -> Result<Vec<String>, LevelError> {
        let level = parse_level(level).ok_or(LevelError::Unknown)?;
        let name = our_name(name);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '$' | '-');
        if name.is_empty() || !name.chars().all(is_plain) {
            return Err(LevelError::Refused(
                "A logger's name has letters, digits, dots and underscores".to_owned(),
            ));
        }
        let mut levels = self.levels();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        let changed_at = now.and_then(|now| i64::try_from(now.as_millis()).ok());
        let affected: Vec<String> = if name == ROOT {
            // The loggers that were never set follow the root, as in log4j.
            levels
                .iter()
                .filter(|(logger, known)| *logger == ROOT || known.last_modified.is_none())
                .map(|(logger, _)| logger.clone())
                .collect()
        } else {
            vec![name.to_owned()]
        };
        let mut changed = Vec::new();
        for logger in affected {
            let known = levels.entry(logger.clone()).or_insert(LoggerLevel {
                level: "",
                last_modified: None,
            });
            if known.level != level {
                changed.push(logger.clone());
                known.level = level;
            }
            if logger == name {
                known.last_modified = changed_at;
            }
        }
        let directives = directives(&levels);
        drop(levels);
        self.reload(&directives)?;
        Ok(changed)
    }

    fn reload(&self, directives: &str) -> Result<(), LevelError> {
        let Some(handle) = &self.inner.filter else {
            return Ok(());
        };
        let filter = EnvFilter::try_new(directives).map_err(|error| LevelError::Refused(error.to_string()))?;
        handle
            .reload(filter)
            .map_err(|error| LevelError::Refused(error.to_string()))
    }
}

/// Writes lines of the log, each of which comes whole.
struct Lines;

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stdout().lock().write_all(conceal(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

fn our_name(name: &str) -> &str {
    LOGGERS
        .iter()
        .find(|(_, java)| *java == name)
        .map_or(name, |(ours, _)| ours)
}

fn directives(levels: &BTreeMap<String, LoggerLevel>) -> String {
    let one = |(logger, known): (&String, &LoggerLevel)| match logger.as_str() {
        ROOT => tracing_name(known.level).to_owned(),
        _ => format!("{logger}={}", tracing_name(known.level)),
    };
    levels.iter().map(one).collect::<Vec<_>>().join(",")
}

/// log4j's levels, in any case; those that tracing does not have fall to the nearest.
fn parse_level(level: &str) -> Option<&'static str> {
    ["ALL", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF"]
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(level))
}

fn tracing_name(level: &str) -> &'static str {
    match level {
        "ALL" | "TRACE" => "trace",
        "DEBUG" => "debug",
        "WARN" => "warn",
        "ERROR" | "FATAL" => "error",
        "OFF" => "off",
        _ => "info",
    }
}

fn log4j_name(level: LevelFilter) -> &'static str {
    match level {
        LevelFilter::TRACE => "TRACE",
        LevelFilter::DEBUG => "DEBUG",
        LevelFilter::WARN => "WARN",
        LevelFilter::ERROR => "ERROR",
        LevelFilter::OFF => "OFF",
        _ => "INFO",
    }
}

#[cfg(test)]
mod tests {
    use super::{LevelError, Telemetry, directives};

    #[test]
    fn a_level_is_set_under_our_name_or_javas() {
        let telemetry = Telemetry::silent();
        assert_eq!(
            telemetry.set_level("org.apache.kafka.connect", "debug"),
            Ok(vec!["worker".to_owned()])
        );
        let level = telemetry.logger("worker").expect("known");
        assert_eq!(level.level, "DEBUG");
        assert!(level.last_modified.is_some());
        assert_eq!(telemetry.set_level("worker", "DEBUG"), Ok(Vec::new()));
        assert!(directives(&telemetry.loggers()).contains("worker=debug"));
        let of_clients = telemetry.set_level("org.apache.kafka.clients", "trace");
        assert_eq!(of_clients, Ok(vec!["wire".to_owned()]));
    }

    #[test]
    fn loggers_that_were_never_set_follow_the_root() {
        let telemetry = Telemetry::silent();
        telemetry.set_level("schemas", "TRACE").unwrap();
        let changed = telemetry.set_level("root", "WARN").unwrap();
        assert!(changed.contains(&"root".to_owned()) && changed.contains(&"worker".to_owned()));
        assert_eq!(telemetry.logger("schemas").map(|known| known.level), Some("TRACE"));
        assert_eq!(telemetry.logger("worker").map(|known| known.level), Some("WARN"));
    }

    #[test]
    fn unknown_levels_loggers_and_names_are_told_apart() {
        let telemetry = Telemetry::silent();
        assert_eq!(telemetry.set_level("worker", "BOGUS"), Err(LevelError::Unknown));
        assert!(telemetry.logger("nope.x").is_none());
        assert!(matches!(
            telemetry.set_level("a=b,c", "INFO"),
            Err(LevelError::Refused(_))
        ));
    }
}
