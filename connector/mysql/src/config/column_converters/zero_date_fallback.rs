//! [`ZeroDateFallback`]: what stands for a date with zeros, and for NULL (`ZeroDateFallbackConverter`).

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

use super::{Conversion, Offered, wants_name};
use crate::config::reader::Reader;
use crate::config::regex_list::RegexList;

/// The class.
pub(super) const CLASS: &str = "io.debezium.connector.binlog.converters.ZeroDateFallbackConverter";

/// What stands for a value that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallback {
    /// Null.
    Null,
    /// Days since the epoch, for a DATE.
    Days(i32),
    /// Milliseconds since the epoch, for a DATETIME.
    Millis(i64),
    /// A text in UTC, for a TIMESTAMP.
    Text(String),
}

/// The types that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Temporal {
    Date,
    DateTime,
    Timestamp,
}

const TYPES: [(&str, Temporal); 3] = [
    ("DATE", Temporal::Date),
    ("DATETIME", Temporal::DateTime),
    ("TIMESTAMP", Temporal::Timestamp),
];

/// The converter.
#[derive(Debug, Clone)]
pub(super) struct ZeroDateFallback {
    /// `NAME.selector`, for `database.table.column`; absent: every column.
    selector: Option<RegexList>,
    /// `NAME.target.types`, each with `NAME.fallback.TYPE`.
    targets: Vec<(Temporal, Fallback)>,
    /// `NAME.column.DATABASE.TABLE.COLUMN.fallback`, each for the types that its text is one of.
    columns: Vec<(String, Vec<(Temporal, Fallback)>)>,
}

impl ZeroDateFallback {
    pub(super) fn read(reader: &mut Reader<'_>, name: &str) -> Self {
        let listed = reader.given(&format!("{name}.target.types"));
        let wanted: Vec<String> = listed
            .map(|list| list.split(',').map(|target| target.trim().to_uppercase()).collect())
            .unwrap_or_else(|| TYPES.map(|(name, _)| name.to_owned()).to_vec());
        let targets = TYPES
            .into_iter()
            .filter(|(target, _)| wanted.iter().any(|name| name == target));
        let targets = targets.filter_map(|(target, temporal)| {
            let key = format!("{name}.fallback.{}", target.to_lowercase());
            let Some(text) = reader.given(&key) else {
                return Some((temporal, Fallback::Null));
            };
            let fallback = Fallback::parse(text, temporal);
            if fallback.is_none() {
                reader.reject(&key, format!("{text} is no {}", temporal.form()));
            }
            Some((temporal, fallback?))
        });
        ZeroDateFallback {
            targets: targets.collect(),
            columns: columns(reader, name),
            selector: reader.regex_list(&format!("{name}.selector")),
        }
    }

    pub(super) fn conversion(&self, column: &Offered<'_>) -> Option<Conversion> {
        let (_, temporal) = TYPES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(column.type_name))?;
        let (_, of_type) = self.targets.iter().find(|(target, _)| target == temporal)?;
        if !self.selector.as_ref().is_none_or(|list| wants_name(list, column)) {
            return None;
        }
        let name = format!("{}.{}", column.table, column.name);
        let Some((_, own)) = self.columns.iter().find(|(known, _)| *known == name) else {
            return Some(Conversion::ZeroDates(of_type.clone()));
        };
        let own = own.iter().find(|(target, _)| target == temporal);
        Some(own.map_or(Conversion::NoFallback, |(_, fallback)| {
            Conversion::ZeroDates(fallback.clone())
        }))
    }
}

fn columns(reader: &mut Reader<'_>, name: &str) -> Vec<(String, Vec<(Temporal, Fallback)>)> {
    let beginning = format!("{name}.column.");
    let mut columns = Vec::new();
    for key in reader.members(&beginning) {
        let column = key
            .strip_prefix(&beginning)
            .and_then(|rest| rest.strip_suffix(".fallback"));
        let (Some(column), Some(text)) = (column, reader.given(key)) else {
            continue;
        };
        let fallbacks: Vec<(Temporal, Fallback)> = TYPES
            .iter()
            .filter_map(|(_, temporal)| Some((*temporal, Fallback::parse(text, *temporal)?)))
            .collect();
        if fallbacks.is_empty() {
            reader.reject(key, format!("{text} is no date, date with time, or instant"));
        }
        columns.push((column.to_owned(), fallbacks));
    }
    columns
}

impl Temporal {
    fn form(self) -> &'static str {
        match self {
            Temporal::Date => "date such as 1970-01-01",
            Temporal::DateTime => "date with time such as 1970-01-01 00:00:00",
            Temporal::Timestamp => "instant such as 1970-01-01T00:00:00Z",
        }
    }
}

impl Fallback {
    /// `None`: the text is no value of the type.
    fn parse(text: &str, temporal: Temporal) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("NULL") {
            return Some(Fallback::Null);
        }
        Some(match temporal {
            Temporal::Date => {
                let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
                Fallback::Days(i32::try_from((day - NaiveDate::default()).num_days()).ok()?)
            }
            Temporal::DateTime => {
                let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
                Fallback::Millis(time.and_utc().timestamp_millis())
            }
            Temporal::Timestamp => {
                let instant = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
                Fallback::Text(instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Fallback, Temporal};

    #[test]
    fn a_fallback_is_a_value_of_its_type() {
        for (text, temporal, expected) in [
            ("null", Temporal::Date, Some(Fallback::Null)),
            ("1970-01-02", Temporal::Date, Some(Fallback::Days(1))),
            ("0001-01-01", Temporal::Date, Some(Fallback::Days(-719_162))),
            ("1970-01-01 00:00:01", Temporal::Date, None),
            ("1970-01-01 00:00:01", Temporal::DateTime, Some(Fallback::Millis(1_000))),
            ("1970-01-01", Temporal::DateTime, None),
            (
                "1970-01-01T09:00:00+09:00",
                Temporal::Timestamp,
                Some(Fallback::Text("1970-01-01T00:00:00Z".to_owned())),
            ),
            ("soon", Temporal::Timestamp, None),
        ] {
            assert_eq!(Fallback::parse(text, temporal), expected, "{text}");
        }
    }
}
