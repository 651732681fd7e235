//! [`DateFormat`]: a pattern of `java.text.SimpleDateFormat`, with which instants are written and read, in UTC and in English.
//!
//! Of its letters those that name parts of a date and of a time of day are there. Weeks, the day of a year and the like are
//! refused by their letter. `YYYY`, which is nearly always meant to be `yyyy`, is the year to which a week from Sunday to Saturday
//! belongs, that of its Saturday.

mod reader;

use std::fmt::Write;

use reader::Reader;

use super::calendar::{CalendarTime, DAY_MS};

/// A pattern.
#[derive(Debug, Clone)]
pub(super) struct DateFormat {
    pattern: String,
    pieces: Vec<Piece>,
    /// When the hundred years begin in which a year of two digits lies.
    century: CalendarTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// With how often its letter stands there.
    Field(Letter, usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letter {
    Year,
    /// The year of the week.
    WeekYear,
    Month,
    Day,
    /// 0 to 23.
    HourOfDay,
    /// 1 to 24.
    HourOfDayFromOne,
    /// 0 to 11.
    HourOfHalf,
    /// 1 to 12.
    HourOfHalfFromOne,
    Minute,
    Second,
    Millisecond,
    /// AM or PM.
    Half,
    Weekday,
    ZoneName,
    ZoneOffset,
    ZoneIso,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const HALVES: [&str; 2] = ["AM", "PM"];

/// So many letters ask for as many digits.
const MOST_LETTERS: usize = 100;

/// A year of two digits lies in the eighty years before today or the twenty behind.
const YEARS_BACK: i64 = 80;

impl DateFormat {
    /// Reads a pattern; `now_ms` says in which century years of two digits are.
    ///
    /// # Errors
    /// Which letter it is that cannot be carried out, or stands there too often.
    pub(super) fn new(pattern: &str, now_ms: i64) -> Result<Self, String> {
        let now = CalendarTime::of(now_ms);
        Ok(DateFormat {
            pattern: pattern.to_owned(),
            pieces: pieces(pattern)?,
            century: CalendarTime {
                year: now.year - YEARS_BACK,
                ..now
            },
        })
    }

    /// The pattern as it was given.
    pub(super) fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Appends an instant.
    pub(super) fn push(&self, out: &mut String, epoch_ms: i64) {
        let time = CalendarTime::of(epoch_ms);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Field(letter, count) => push_field(out, *letter, *count, &time, epoch_ms),
            }
        }
    }

    /// The instant that stands at the beginning of `text`; what follows it is left alone.
    pub(super) fn parse(&self, text: &str) -> Option<i64> {
        let mut reader = Reader::new(text);
        for (at, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Text(expected) => reader.text(expected)?,
                Piece::Field(letter, count) => {
                    let is_followed_by_digits = self.pieces.get(at + 1).is_some_and(Piece::is_number);
                    reader.field(*letter, *count, is_followed_by_digits)?;
                }
            }
        }
        reader.instant(&self.century)
    }
}

impl Piece {
    /// Without a delimiter between them, a number before this one has as many digits as letters.
    fn is_number(&self) -> bool {
        match self {
            Piece::Text(_) => false,
            Piece::Field(Letter::Month, count) => *count <= 2,
            Piece::Field(letter, _) => letter.is_number(),
        }
    }
}

impl Letter {
    fn is_number(self) -> bool {
        !matches!(
            self,
            Letter::Half | Letter::Weekday | Letter::ZoneName | Letter::ZoneOffset | Letter::ZoneIso
        )
    }

    fn of(letter: char, count: usize) -> Result<Self, String> {
        Ok(match letter {
            'y' => Letter::Year,
            'M' => Letter::Month,
            'd' => Letter::Day,
            'H' => Letter::HourOfDay,
            'k' => Letter::HourOfDayFromOne,
            'K' => Letter::HourOfHalf,
            'h' => Letter::HourOfHalfFromOne,
            'm' => Letter::Minute,
            's' => Letter::Second,
            'S' => Letter::Millisecond,
            'a' => Letter::Half,
            'E' => Letter::Weekday,
            'z' => Letter::ZoneName,
            'Z' => Letter::ZoneOffset,
            'X' if count <= 3 => Letter::ZoneIso,
            'X' => return Err("it has more than three X".to_owned()),
            'Y' if count > 2 => Letter::WeekYear,
            'Y' => return Err("a year of a week in two digits is not supported; y is the year of a date".to_owned()),
            'G' | 'L' | 'w' | 'W' | 'D' | 'F' | 'u' => {
                return Err(format!(
                    "the letter {letter} is not supported; there are y M d H k K h m s S a E z Z X"
                ));
            }
            _ => {
                return Err(format!(
                    "{letter} is no letter of a pattern; text stands in single quotes"
                ));
            }
        })
    }
}

fn pieces(pattern: &str) -> Result<Vec<Piece>, String> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = pattern.chars().peekable();
    let mut is_quoted = false;
    while let Some(c) = rest.next() {
        if c == '\'' && rest.next_if_eq(&'\'').is_none() {
            is_quoted = !is_quoted;
        } else if c.is_ascii_alphabetic() && !is_quoted {
            let count = 1 + std::iter::from_fn(|| rest.next_if_eq(&c)).count();
            if count > MOST_LETTERS {
                return Err(format!("it has more than {MOST_LETTERS} {c} in a row"));
            }
            pieces.push(Piece::Field(Letter::of(c, count)?, count));
        } else if let Some(Piece::Text(text)) = pieces.last_mut() {
            text.push(c);
        } else {
            pieces.push(Piece::Text(c.to_string()));
        }
    }
    match is_quoted {
        true => Err("a quotation is not closed".to_owned()),
        false => Ok(pieces),
    }
}

fn push_field(out: &mut String, letter: Letter, count: usize, time: &CalendarTime, epoch_ms: i64) {
    let name = |out: &mut String, names: &[&str], index: usize| {
        let name = names[index];
        out.push_str(if count >= 4 { name } else { &name[..3] });
    };
    let number = match letter {
        Letter::Year => {
            // Years before 1 are counted back from there.
            let year = if time.year > 0 { time.year } else { 1 - time.year };
            if count == 2 { year % 100 } else { year }
        }
        Letter::WeekYear => {
            let days_left = 6 - CalendarTime::weekday(epoch_ms) as i64;
            CalendarTime::of(epoch_ms.saturating_add(days_left * DAY_MS)).year
        }
        Letter::Month if count >= 3 => return name(out, &MONTHS, time.month as usize - 1),
        Letter::Month => time.month,
        Letter::Day => time.day,
        Letter::HourOfDay => time.hour,
        Letter::HourOfDayFromOne => (time.hour + 23) % 24 + 1,
        Letter::HourOfHalf => time.hour % 12,
        Letter::HourOfHalfFromOne => (time.hour + 11) % 12 + 1,
        Letter::Minute => time.minute,
        Letter::Second => time.second,
        Letter::Millisecond => time.millisecond,
        Letter::Half => return out.push_str(HALVES[(time.hour / 12) as usize]),
        Letter::Weekday => return name(out, &WEEKDAYS, CalendarTime::weekday(epoch_ms)),
        Letter::ZoneName => {
            return out.push_str(if count >= 4 {
                "Coordinated Universal Time"
            } else {
                "UTC"
            });
        }
        Letter::ZoneOffset => return out.push_str("+0000"),
        Letter::ZoneIso => return out.push('Z'),
    };
    // Writing into a String cannot fail.
    let _ = write!(out, "{number:0count$}");
}

#[cfg(test)]
mod tests;
