//! [`Reader`]: a text that is read by a pattern, as `SimpleDateFormat.parse` does: leniently, so that the 30th of February is a day.

use super::{HALVES, Letter, MONTHS, WEEKDAYS};
use crate::transforms::calendar::CalendarTime;

/// A text that is read.
pub(super) struct Reader<'t> {
    rest: &'t str,
    time: CalendarTime,
    is_afternoon: bool,
    /// Whether the hour is one of half a day.
    is_half: bool,
    offset_ms: i64,
    /// A year of two digits.
    short_year: Option<i64>,
    /// The year of a week: the date is in its first one, on the weekday that was read, or on its Sunday.
    week_year: Option<i64>,
    weekday: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Reader {
            rest: text,
            time: CalendarTime::of(0),
            is_afternoon: false,
            is_half: false,
            offset_ms: 0,
            short_year: None,
            week_year: None,
            weekday: 0,
        }
    }

    /// `expected` itself.
    pub(super) fn text(&mut self, expected: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    pub(super) fn field(&mut self, letter: Letter, count: usize, is_followed_by_digits: bool) -> Option<()> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        let width = is_followed_by_digits.then_some(count);
        match letter {
            Letter::Year => {
                let (year, digits) = self.number(width)?;
                self.short_year = (count <= 2 && digits == 2).then_some(year);
                self.time.year = year;
                self.week_year = None;
            }
            Letter::WeekYear => self.week_year = Some(self.number(width)?.0),
            Letter::Month if count >= 3 => self.time.month = self.name(&MONTHS)? as i64 + 1,
            Letter::Month => self.time.month = self.number(width)?.0,
            Letter::Day => self.time.day = self.number(width)?.0,
            Letter::HourOfDay | Letter::HourOfDayFromOne => {
                let hour = self.number(width)?.0;
                self.is_half = false;
                self.time.hour = if letter == Letter::HourOfDayFromOne && hour == 24 {
                    0
                } else {
                    hour
                };
            }
            Letter::HourOfHalf | Letter::HourOfHalfFromOne => {
                let hour = self.number(width)?.0;
                self.is_half = true;
                self.time.hour = if letter == Letter::HourOfHalfFromOne && hour == 12 {
                    0
                } else {
                    hour
                };
            }
            Letter::Minute => self.time.minute = self.number(width)?.0,
            Letter::Second => self.time.second = self.number(width)?.0,
            Letter::Millisecond => self.time.millisecond = self.number(width)?.0,
            Letter::Half => self.is_afternoon = self.name(&HALVES)? == 1,
            Letter::Weekday => self.weekday = self.name(&WEEKDAYS)?,
            Letter::ZoneName | Letter::ZoneOffset => self.offset_ms = self.zone()?,
            Letter::ZoneIso => self.offset_ms = self.iso_zone(count)?,
        }
        Some(())
    }

    /// A number and how many digits it has.
    fn number(&mut self, width: Option<usize>) -> Option<(i64, usize)> {
        let limit = width.unwrap_or(self.rest.len()).min(self.rest.len());
        let digits = self.rest.bytes().take(limit).take_while(u8::is_ascii_digit).count();
        if width.is_some_and(|width| self.rest.len() < width) {
            return None;
        }
        let number = self.rest[..digits].parse().ok()?;
        self.rest = &self.rest[digits..];
        Some((number, digits))
    }

    /// Which of these names, in full or by its first three letters, in any case.
    fn name(&mut self, names: &[&str]) -> Option<usize> {
        let begins = |name: &str| {
            let beginning = self.rest.get(..name.len());
            beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(name))
        };
        let full = names.iter().position(|name| begins(name));
        let found = full.map(|index| (index, names[index].len()));
        let (index, length) = found.or_else(|| {
            let short = names.iter().position(|name| begins(&name[..name.len().min(3)]))?;
            Some((short, names[short].len().min(3)))
        })?;
        self.rest = &self.rest[length..];
        Some(index)
    }

    /// `+0130`, `GMT+1:30`, `UTC`.
    fn zone(&mut self) -> Option<i64> {
        for utc in ["GMT", "UTC", "Z"] {
            if let Some(rest) = self.rest.strip_prefix(utc) {
                self.rest = rest;
                return match rest.starts_with(['+', '-']) && utc == "GMT" {
                    true => self.offset(),
                    false => Some(0),
                };
            }
        }
        self.offset()
    }

    /// `Z`, or `+01`, `+0130`, `+01:30` by the number of letters.
    fn iso_zone(&mut self, count: usize) -> Option<i64> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Some(0);
        }
        let has_colon = self.rest.as_bytes().get(3) == Some(&b':');
        let has_minutes = self.rest.as_bytes().get(3).is_some_and(u8::is_ascii_digit);
        match count {
            1 => {
                let (sign, (hours, digits)) = (self.sign()?, self.number(Some(2))?);
                (digits == 2 && hours <= 23).then_some(sign * hours * 3_600_000)
            }
            2 if !has_minutes => None,
            3 if !has_colon => None,
            _ => self.offset(),
        }
    }

    /// A sign, hours and minutes.
    fn offset(&mut self) -> Option<i64> {
        let sign = self.sign()?;
        let (mut hours, digits) = self.number(None)?;
        let minutes = match (self.rest.strip_prefix(':'), digits) {
            (Some(rest), 1 | 2) => {
                self.rest = rest;
                self.number(Some(2))?.0
            }
            (None, 1 | 2) => 0,
            (_, 4) => {
                let minutes = hours % 100;
                hours /= 100;
                minutes
            }
            _ => return None,
        };
        (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60_000)
    }

    fn sign(&mut self) -> Option<i64> {
        let sign = match self.rest.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.rest = &self.rest[1..];
        Some(sign)
    }

    pub(super) fn instant(mut self, century: &CalendarTime) -> Option<i64> {
        if self.is_half && self.is_afternoon {
            self.time.hour += 12;
        }
        if let Some(short) = self.short_year {
            self.time.year = century.year - century.year.rem_euclid(100) + short;
            if self.time.epoch_ms()? < century.epoch_ms()? {
                self.time.year += 100;
            }
        }
        if let Some(year) = self.week_year {
            (self.time.year, self.time.month, self.time.day) = (year, 1, 1);
            let new_year = CalendarTime::weekday(self.time.epoch_ms()?);
            self.time.day += self.weekday as i64 - new_year as i64;
        }
        self.time.epoch_ms()?.checked_sub(self.offset_ms)
    }
}
