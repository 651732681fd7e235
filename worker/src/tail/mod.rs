//! `rowmill tail`: the events of a connector, decoded, as they become visible to a `read_committed` consumer.
//!
//! It is a consumer like any other and shares nothing with the worker that writes: topics from Kafka, schemas from the
//! registry, Avro decoded by apache-avro. With `--fold` it makes a `derived_copy` of the tables from the topics alone.
//!
//! ```text
//! topics -> subscription -> record (bytes) -> decoder -> event -> display, or a line of JSON
//!                                                              -> derived_copy
//! ```

mod arguments;
mod avro;
mod decoder;
mod derived_copy;
mod display;
mod error;
mod event;
mod record;
mod semantic_type;
mod subscription;

use std::collections::BTreeSet;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

pub use arguments::TailArguments;
pub use error::TailError;

use crate::kafka::{Admin, Isolation, LogReader};
use arguments::{Format, Mode, Selection, Source};
use decoder::Decoder;
use derived_copy::DerivedCopy;
use display::{Colours, Display};
use event::Event;
use record::Record;
use subscription::{Arrival, Subscription, topics};

/// How long one look for arrivals waits; also how exact `--until-idle` is.
const LOOK: Duration = Duration::from_millis(100);

/// Shows what `arguments` ask for on stdout, until it is all shown, or the reader of stdout has gone.
pub fn run(arguments: &TailArguments) -> Result<(), TailError> {
    let source = arguments.source()?;
    let decoder = Decoder::new(source.registry.as_deref())?;
    let selection = arguments.selection();
    match arguments.mode() {
        Mode::Fold => fold(&source, &selection, decoder),
        Mode::Follow {
            from_beginning,
            until_idle,
            format,
        } => {
            let subscription = Subscription::start(source.kafka, selection, from_beginning)?;
            Tail {
                subscription,
                decoder,
                format,
                display: Display { colours: colours() },
                output: BufWriter::new(io::stdout().lock()),
                quiet: Quiet::new(until_idle),
                in_trouble: false,
            }
            .follow()
        }
    }
}

/// Colours are for terminals whose users do not mind (<https://no-color.org>).
fn colours() -> Colours {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match io::stdout().is_terminal() && !unwanted {
        true => Colours::Ansi,
        false => Colours::Plain,
    }
}

/// Shows arrivals one after the other.
struct Tail<O: Write> {
    subscription: Subscription,
    decoder: Decoder,
    format: Format,
    display: Display,
    output: O,
    quiet: Quiet,
    in_trouble: bool,
}

impl<O: Write> Tail<O> {
    fn follow(mut self) -> Result<(), TailError> {
        loop {
            match self.subscription.next(LOOK) {
                Ok(arrival) => {
                    if !self.take_all(arrival)? {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) if self.quiet.is_over() => return Ok(()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Shows an arrival and those behind it before the output is flushed. Answers `false` when nobody reads the output.
    fn take_all(&mut self, first: Arrival) -> Result<bool, TailError> {
        let mut next = Some(first);
        while let Some(arrival) = next {
            if let Some(text) = self.take(arrival)?
                && !written(self.output.write_all(text.as_bytes()))?
            {
                return Ok(false);
            }
            next = self.subscription.next_at_once().ok();
        }
        written(self.output.flush())
    }

    fn take(&mut self, arrival: Arrival) -> Result<Option<String>, TailError> {
        self.quiet.notice(&arrival);
        match arrival {
            Arrival::Record(record) => {
                self.in_trouble = false;
                return self.show(&record).map(Some);
            }
            Arrival::Trouble(error) if !std::mem::replace(&mut self.in_trouble, true) => {
                remark(&format!("waiting for Kafka: {error}"));
            }
            Arrival::Discovered { topics: 0 } => remark("no topic matches yet; waiting for the first"),
            Arrival::Failed(error) => return Err(error.into()),
            Arrival::Trouble(_) | Arrival::AtEnd | Arrival::Discovered { .. } => {}
        }
        Ok(None)
    }

    fn show(&mut self, record: &Record) -> Result<String, TailError> {
        let event = decoded(&mut self.decoder, record)?;
        Ok(match self.format {
            Format::People => self.display.event(&event),
            Format::Json => format!("{}\n", event.to_json()),
        })
    }
}

/// Says something to people, beside the records. Where nobody reads it, it is not missed.
fn remark(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether the output is still read. A reader that has seen enough (`| head`) closes the pipe; that is no failure.
fn written(result: io::Result<()>) -> Result<bool, TailError> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(source) => Err(TailError::System {
            doing: "writing to stdout",
            source,
        }),
    }
}

fn decoded(decoder: &mut Decoder, record: &Record) -> Result<Event, TailError> {
    let key = decoder.key(record)?;
    let value = decoder.value(record)?;
    Ok(Event::new(record, key, value))
}

/// When nothing has come for so long that waiting is over; never before every topic there was at the start was read to its
/// end.
struct Quiet {
    limit: Option<Duration>,
    since: Instant,
    /// Unknown until the cluster was asked.
    unread_topics: Option<usize>,
}

impl Quiet {
    fn new(limit: Option<Duration>) -> Self {
        Quiet {
            limit,
            since: Instant::now(),
            unread_topics: None,
        }
    }

    fn notice(&mut self, arrival: &Arrival) {
        match arrival {
            Arrival::Discovered { topics } => self.unread_topics = Some(*topics),
            Arrival::AtEnd => self.unread_topics = self.unread_topics.map(|unread| unread.saturating_sub(1)),
            Arrival::Record(_) | Arrival::Trouble(_) | Arrival::Failed(_) => {}
        }
        self.since = Instant::now();
    }

    fn is_over(&self) -> bool {
        self.unread_topics == Some(0) && self.limit.is_some_and(|limit| self.since.elapsed() >= limit)
    }
}

fn fold(source: &Source, selection: &Selection, mut decoder: Decoder) -> Result<(), TailError> {
    let topics: BTreeSet<String> = topics(&Admin::new(&source.kafka)?, selection)?
        .into_iter()
        .filter(|topic| selection.holds_rows(topic))
        .collect();
    if topics.is_empty() {
        return Err(TailError::NoTopic);
    }
    let mut copy = DerivedCopy::default();
    for topic in &topics {
        let name: Arc<str> = Arc::from(topic.as_str());
        let reader = LogReader::open(&source.kafka, topic, None, Isolation::ReadCommitted)?;
        let mut result = Ok(());
        reader.read_to_end(&mut || true, &mut |record| {
            if result.is_ok() {
                let record = Record::of_log(&name, record);
                result = decoded(&mut decoder, &record).and_then(|event| copy.apply(event));
            }
        })?;
        result?;
    }
    print_copy(&copy, topics.len())
}

fn print_copy(copy: &DerivedCopy, topics: usize) -> Result<(), TailError> {
    let mut output = BufWriter::new(io::stdout().lock());
    let lines = copy.lines();
    for line in &lines {
        if !written(writeln!(output, "{line}"))? {
            return Ok(());
        }
    }
    written(output.flush())?;
    remark(&format!(
        "{} rows from {} records of {topics} topics",
        lines.len(),
        copy.records
    ));
    Ok(())
}
