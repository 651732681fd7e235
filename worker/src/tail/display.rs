//! [`Display`]: events as people like to read them; of an update, only what has changed.
//!
//! ```text
//! 14:03:22.123  update     inventory.customers  id=1001  visible after 12.4 ms
//!               email: anna@old.example -> anna@new.example
//!               gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:23
//! ```

use std::time::SystemTime;

use chrono::{DateTime, Local};
use serde_json::Value as Json;

use super::event::{Body, Change, Event, Operation};

/// Whether the output may be coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    Plain,
    Ansi,
}

/// Writes events as text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Display {
    pub colours: Colours,
}

#[derive(Clone, Copy)]
enum Style {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Magenta,
    Cyan,
}

const INDENT: &str = "              ";
/// A value longer than this is cut: a line should stay one.
const LONGEST: usize = 80;
/// And so is a statement.
const LONGEST_STATEMENT: usize = 160;

impl Display {
    /// One event, several lines, with a line end.
    pub(super) fn event(&self, event: &Event) -> String {
        let time = event
            .origin()
            .and_then(|origin| origin.committed_at)
            .unwrap_or(event.seen_at);
        let mut text = format!(
            "{}  {} {}{}{}\n",
            self.paint(Style::Dim, &clock(time)),
            self.operation(event),
            self.paint(Style::Bold, subject(event)),
            key_of(event),
            self.paint(Style::Dim, &arrival(event)),
        );
        for line in self.details(event) {
            text.push_str(&format!("{INDENT}{line}\n"));
        }
        if let Some(gtid) = event.origin().and_then(|origin| origin.gtid.as_ref()) {
            text.push_str(&format!(
                "{INDENT}{}\n",
                self.paint(Style::Dim, &format!("gtid {gtid}"))
            ));
        }
        text
    }

    fn operation(&self, event: &Event) -> String {
        let (style, word) = match &event.body {
            Body::Change(change) => (style_of(change.operation), change.operation.word()),
            Body::Tombstone => (Style::Dim, "tombstone"),
            Body::Ddl { .. } => (Style::Magenta, "ddl"),
            Body::Plain(_) => (Style::Cyan, "record"),
        };
        self.paint(style, &format!("{word:<9}"))
    }

    fn details(&self, event: &Event) -> Vec<String> {
        match &event.body {
            Body::Change(Change {
                before: Some(before),
                after: Some(after),
                ..
            }) => self.changes(before, after),
            Body::Change(Change { before: Some(row), .. }) => vec![self.paint(Style::Dim, &row_text(row))],
            Body::Change(Change { after: Some(row), .. }) => vec![row_text(row)],
            Body::Change(_) | Body::Tombstone => Vec::new(),
            Body::Ddl { statement, .. } => vec![cut(
                statement.split_whitespace().collect::<Vec<_>>().join(" "),
                LONGEST_STATEMENT,
            )],
            Body::Plain(value) => vec![row_text(value)],
        }
    }

    fn changes(&self, before: &Json, after: &Json) -> Vec<String> {
        let (Json::Object(old), Json::Object(new)) = (before, after) else {
            return vec![format!("{} -> {}", value_text(before), value_text(after))];
        };
        let changed = new.iter().filter(|(name, value)| old.get(*name) != Some(value));
        let lines: Vec<String> = changed
            .map(|(name, value)| {
                let was = old.get(name).map_or_else(|| "(absent)".to_owned(), value_text);
                format!(
                    "{name}: {} -> {}",
                    self.paint(Style::Red, &was),
                    self.paint(Style::Green, &value_text(value))
                )
            })
            .collect();
        if lines.is_empty() {
            vec![self.paint(Style::Dim, "(no captured column has changed)")]
        } else {
            lines
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Bold => 1,
            Style::Dim => 2,
            Style::Red => 31,
            Style::Green => 32,
            Style::Yellow => 33,
            Style::Magenta => 35,
            Style::Cyan => 36,
        };
        match self.colours {
            Colours::Ansi if !text.is_empty() => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Colours::Ansi | Colours::Plain => text.to_owned(),
        }
    }
}

fn style_of(operation: Operation) -> Style {
    match operation {
        Operation::Create => Style::Green,
        Operation::Update => Style::Yellow,
        Operation::Delete | Operation::Truncate => Style::Red,
        Operation::Read => Style::Cyan,
    }
}

fn subject(event: &Event) -> &str {
    match &event.body {
        Body::Change(change) => &change.table,
        Body::Ddl { database, .. } => database,
        Body::Tombstone | Body::Plain(_) => &event.topic,
    }
}

/// Of a statement, the subject says it all.
fn key_of(event: &Event) -> String {
    match (&event.body, &event.key) {
        (Body::Ddl { .. }, _) | (_, None) => String::new(),
        (_, Some(key)) => format!("  {}", key_text(key)),
    }
}

/// In the reader's own time zone.
fn clock(time: SystemTime) -> String {
    DateTime::<Local>::from(time).format("%H:%M:%S%.3f").to_string()
}

fn arrival(event: &Event) -> String {
    match event.latency() {
        Some(latency) => format!("  visible after {:.1} ms", latency.as_secs_f64() * 1000.0),
        None if event.origin().is_some_and(|origin| origin.is_snapshot) => "  snapshot".to_owned(),
        None => String::new(),
    }
}

fn key_text(key: &Json) -> String {
    fields(key, "=", ",")
}

fn row_text(row: &Json) -> String {
    fields(row, " ", "  ")
}

fn fields(value: &Json, between: &str, after: &str) -> String {
    match value {
        Json::Object(object) => {
            let fields: Vec<String> = object
                .iter()
                .map(|(name, value)| format!("{name}{between}{}", value_text(value)))
                .collect();
            fields.join(after)
        }
        value => value_text(value),
    }
}

/// A text stands as it is unless its ends would not be seen.
fn value_text(value: &Json) -> String {
    let text = match value {
        Json::String(text) if is_word(text) => text.clone(),
        value => value.to_string(),
    };
    cut(text, LONGEST)
}

fn cut(text: String, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}..", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn is_word(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '"';
    !text.is_empty() && text.chars().all(plain) && !matches!(text, "null" | "true" | "false")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::{Value as Json, json};

    use super::{Colours, Display, Event};
    use crate::tail::record::Record;

    const GTID: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562:23";

    fn check(key: Json, value: Option<Json>, colours: Colours, expected: &[&str]) {
        let record = Record {
            seen_at: UNIX_EPOCH + Duration::from_micros(2_012_400),
            ..Record::of_topic("p.d.t")
        };
        let text = Display { colours }.event(&Event::new(&record, Some(key), value));
        // The clock depends on the time zone of whoever runs the test.
        let (_, text) = text.split_once("  ").expect("a clock");
        assert_eq!(text, format!("{}\n", expected.join("\n")));
    }

    fn source() -> Json {
        json!({"db": "d", "table": "t", "gtid": GTID, "ts_us": 2_000_000, "snapshot": "false"})
    }

    #[test]
    fn an_update_shows_what_has_changed_and_nothing_else() {
        let before = json!({"id": 1, "name": "Anna", "note": "a b", "total": "1.50"});
        let after = json!({"id": 1, "name": "Änne", "note": null, "total": "1.50"});
        let value = json!({"op": "u", "before": before, "after": after, "source": source()});
        let gtid = format!("              gtid {GTID}");
        check(
            json!({"id": 1}),
            Some(value),
            Colours::Plain,
            &[
                "update    d.t  id=1  visible after 12.4 ms",
                "              name: Anna -> Änne",
                "              note: \"a b\" -> null",
                &gtid,
            ],
        );
    }

    #[test]
    fn a_deleted_row_is_shown_as_it_was_and_its_tombstone_as_such() {
        let value = json!({"op": "d", "before": {"a": 1, "b": 2}, "after": null, "source": source()});
        let gtid = format!("              gtid {GTID}");
        check(
            json!({"a": 1, "b": 2}),
            Some(value),
            Colours::Plain,
            &[
                "delete    d.t  a=1,b=2  visible after 12.4 ms",
                "              a 1  b 2",
                &gtid,
            ],
        );
        check(json!({"a": 1}), None, Colours::Plain, &["tombstone p.d.t  a=1"]);
    }

    #[test]
    fn a_statement_takes_one_line() {
        let ddl = "CREATE TABLE t (\n  id INT\n)";
        let value = json!({"ddl": ddl, "databaseName": "d", "source": {"ts_us": 2_000_000, "snapshot": "true"}});
        check(
            json!({"databaseName": "d"}),
            Some(value),
            Colours::Plain,
            &["ddl       d  snapshot", "              CREATE TABLE t ( id INT )"],
        );
    }

    #[test]
    fn colours_are_only_where_they_are_wanted() {
        check(
            json!({"a": 1}),
            None,
            Colours::Ansi,
            &["\u{1b}[2mtombstone\u{1b}[0m \u{1b}[1mp.d.t\u{1b}[0m  a=1"],
        );
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let text = super::value_text(&json!("ü".repeat(100)));
        assert_eq!(text, format!("{}..", "ü".repeat(80)));
    }
}
