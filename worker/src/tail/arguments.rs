//! [`TailArguments`]: what to read, from where, and how to show it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::error::TailError;
use crate::config::{ClientKind, WorkerConfig};
use crate::kafka::ClientSettings;

/// A reader never joins a group, but the client library wants a name for one.
const GROUP: &str = "rowmill-tail";

/// The arguments of `rowmill tail`.
#[derive(Debug, Clone, Args)]
pub struct TailArguments {
    /// Take Kafka's address and credentials and the registry's URL from a worker's properties.
    #[arg(long, value_name = "FILE")]
    worker: Option<PathBuf>,
    /// Where brokers of Kafka are; several are separated by commas.
    #[arg(long, value_name = "HOST:PORT", required_unless_present = "worker")]
    bootstrap_server: Option<String>,
    /// The schema registry, for records in Avro.
    #[arg(long, value_name = "URL")]
    registry: Option<String>,
    /// All topics of this topic.prefix, those that appear later too (repeatable).
    #[arg(long, value_name = "PREFIX", required_unless_present = "topic")]
    prefix: Vec<String>,
    /// This topic (repeatable).
    #[arg(long, value_name = "TOPIC")]
    topic: Vec<String>,
    /// Begin at offset 0 instead of at the end. A topic that appears later is always read from its beginning.
    #[arg(long)]
    from_beginning: bool,
    /// One JSON object per record, for programs.
    #[arg(long)]
    json: bool,
    /// Read from offset 0 to the end, fold the records by key, and print the rows that remain, sorted, as JSON lines:
    /// a copy of the tables made from the topics alone.
    #[arg(long, conflicts_with_all = ["from_beginning", "until_idle"])]
    fold: bool,
    /// End when no record has come for so long.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    until_idle: Option<Duration>,
}

/// Which topics are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Selection {
    prefixes: Vec<String>,
    topics: Vec<String>,
}

/// How records are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    People,
    Json,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Show records as they come.
    Follow {
        from_beginning: bool,
        until_idle: Option<Duration>,
        format: Format,
    },
    /// Show what they add up to.
    Fold,
}

/// Where the records and their schemas are.
pub(super) struct Source {
    pub kafka: ClientSettings,
    pub registry: Option<String>,
}

impl TailArguments {
    pub(super) fn mode(&self) -> Mode {
        if self.fold {
            return Mode::Fold;
        }
        let format = if self.json { Format::Json } else { Format::People };
        Mode::Follow {
            from_beginning: self.from_beginning,
            until_idle: self.until_idle,
            format,
        }
    }

    pub(super) fn selection(&self) -> Selection {
        Selection {
            prefixes: self.prefix.clone(),
            topics: self.topic.clone(),
        }
    }

    /// Addresses given on the command line win over the worker's.
    pub(super) fn source(&self) -> Result<Source, TailError> {
        let mut source = match &self.worker {
            Some(path) => {
                let worker = WorkerConfig::read(path)?;
                Source {
                    kafka: worker.internal_client(ClientKind::Consumer)?,
                    registry: registry_of(&worker),
                }
            }
            None => Source {
                kafka: ClientSettings::default().with("group.id", GROUP),
                registry: None,
            },
        };
        if let Some(address) = &self.bootstrap_server {
            source.kafka = source.kafka.with("bootstrap.servers", address);
        }
        if let Some(url) = &self.registry {
            source.registry = Some(url.clone());
        }
        Ok(source)
    }
}

impl Selection {
    /// Whether a topic is among them. A prefix stands for its own topic, of schema changes, and for those of its tables.
    pub(super) fn contains(&self, topic: &str) -> bool {
        let has_prefix = |prefix: &String| {
            topic
                .strip_prefix(prefix.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.topics.iter().any(|name| name == topic) || self.prefixes.iter().any(has_prefix)
    }

    /// Whether a topic is, or might be, one of a table's rows: the topic that is named like the prefix holds DDL.
    pub(super) fn holds_rows(&self, topic: &str) -> bool {
        self.contains(topic) && !self.prefixes.iter().any(|prefix| prefix == topic)
    }
}

/// The first address of the registry of a worker's value converter.
fn registry_of(worker: &WorkerConfig) -> Option<String> {
    let urls = worker.property("value.converter.schema.registry.url")?;
    urls.split(',')
        .map(str::trim)
        .find(|url| !url.is_empty())
        .map(str::to_owned)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|_| "not a number".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Selection, TailArguments};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        arguments: TailArguments,
    }

    fn parse(line: &str) -> Result<TailArguments, String> {
        let words = std::iter::once("tail").chain(line.split_whitespace());
        Line::try_parse_from(words)
            .map(|line| line.arguments)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_prefix_stands_for_its_tables_but_not_for_longer_prefixes() {
        let selection = Selection {
            prefixes: vec!["shop".to_owned()],
            topics: vec!["other".to_owned()],
        };
        for inside in ["shop", "shop.db.orders", "other"] {
            assert!(selection.contains(inside), "{inside}");
        }
        for outside in ["shop2.db.orders", "shopping", "other.x", "__debezium-heartbeat.shop"] {
            assert!(!selection.contains(outside), "{outside}");
        }
        assert!(selection.holds_rows("shop.db.orders") && !selection.holds_rows("shop"));
    }

    #[test]
    fn something_to_read_and_somewhere_to_read_it_must_be_named() {
        assert!(parse("--bootstrap-server a:1 --prefix shop").is_ok());
        assert!(parse("--worker w.properties --topic t --topic u").is_ok());
        assert!(parse("--bootstrap-server a:1").unwrap_err().contains("--prefix"));
        assert!(parse("--prefix shop").unwrap_err().contains("--bootstrap-server"));
        assert!(parse("--bootstrap-server a:1 --prefix shop --fold --until-idle 3").is_err());
        assert!(parse("--bootstrap-server a:1 --prefix shop --until-idle soon").is_err());
    }

    #[test]
    fn addresses_on_the_command_line_reach_the_client() {
        let source = parse("--bootstrap-server a:1 --registry http://r --prefix p")
            .unwrap()
            .source()
            .unwrap();
        assert_eq!(source.kafka.value("bootstrap.servers"), Some("a:1"));
        assert_eq!(source.registry.as_deref(), Some("http://r"));
    }
}
