//! [`Date`] and [`Clock`]: the calendar behind the temporal types: the proleptic Gregorian one, without time zones.
//!
//! Both parse MySQL's text and count days or microseconds from the epoch. A date with a zero in it is legal in MySQL and
//! means nothing; whoever uses a [`Date`] asks for that first.

use crate::config::EarlyYears;

/// A date as MySQL stores it: parts may be zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i32,
    pub(super) month: u32,
    pub(super) day: u32,
}

/// A time of day, or a length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) micros: u32,
}

impl Date {
    /// Days from 0000-03-01 to 1970-01-01.
    const EPOCH: i64 = 719_468;

    /// `2024-02-29`.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let (year, rest) = number(text, 4)?;
        let (month, rest) = number(rest.strip_prefix(b"-")?, 2)?;
        let (day, rest) = number(rest.strip_prefix(b"-")?, 2)?;
        rest.is_empty().then_some(Date {
            year: year as i32,
            month,
            day,
        })
    }

    /// The date so many days after the epoch.
    pub(super) fn from_epoch_days(days: i64) -> Self {
        let days = days + Self::EPOCH;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
        let month = (if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        }) as u32;
        let year = (year_of_era + era * 400 + i64::from(month <= 2)) as i32;
        Date { year, month, day }
    }

    /// Whether the day or the month is zero: no day at all.
    pub(super) fn lacks_day(self) -> bool {
        self.month == 0 || self.day == 0
    }

    /// Moves years of two digits into 1970 to 2069 unless they are kept, as Debezium does.
    #[must_use]
    pub(super) fn adjusted(mut self, early_years: EarlyYears) -> Self {
        match self.year {
            _ if early_years == EarlyYears::Kept => {}
            0..=69 => self.year += 2000,
            70..=99 => self.year += 1900,
            _ => {}
        }
        self
    }

    /// Days since the epoch; `None` for a day that no calendar has, such as 31 February.
    pub(super) fn epoch_days(self) -> Option<i64> {
        if self.day == 0 || self.day > days_of_month(self.year, self.month)? {
            return None;
        }
        // Years begin in March, so that the leap day is the last.
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let shifted_month = i64::from((self.month + 9) % 12);
        let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(era * 146_097 + day_of_era - Self::EPOCH)
    }

    /// Appends `2024-02-29`.
    pub(super) fn push(self, out: &mut Vec<u8>) {
        let year = self.year.unsigned_abs();
        if year >= 10_000 {
            push_digits(year / 10_000, 1, out);
        }
        let ([a, b], [c, d]) = (pair(year / 100), pair(year));
        let ([e, f], [g, h]) = (pair(self.month), pair(self.day));
        out.extend_from_slice(&[a, b, c, d, b'-', e, f, b'-', g, h]);
    }
}

impl Clock {
    /// `01:02:03`, `01:02:03.123`; an hour may have three digits.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let colon = text.iter().position(|byte| *byte == b':')?;
        if !(2..=3).contains(&colon) {
            return None;
        }
        let (hour, rest) = number(text, colon)?;
        let (minute, rest) = number(rest.strip_prefix(b":")?, 2)?;
        let (second, rest) = number(rest.strip_prefix(b":")?, 2)?;
        let micros = match rest.strip_prefix(b".") {
            Some(fraction) if (1..=6).contains(&fraction.len()) => {
                let (value, _) = number(fraction, fraction.len())?;
                value * 10_u32.pow(6 - fraction.len() as u32)
            }
            None if rest.is_empty() => 0,
            _ => return None,
        };
        (minute < 60 && second < 60).then_some(Clock {
            hour,
            minute,
            second,
            micros,
        })
    }

    /// The time of day so many microseconds after midnight.
    pub(super) fn from_micros(micros: i64) -> Self {
        let seconds = (micros / 1_000_000) as u32;
        Clock {
            hour: seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            micros: (micros % 1_000_000) as u32,
        }
    }

    /// All of it in microseconds.
    pub(super) fn total_micros(self) -> i64 {
        let seconds = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        seconds * 1_000_000 + i64::from(self.micros)
    }

    /// Appends `01:02:03`; an hour may have three digits.
    pub(super) fn push_seconds(self, out: &mut Vec<u8>) {
        if self.hour >= 100 {
            push_digits(self.hour / 100, 1, out);
        }
        let ([a, b], [c, d], [e, f]) = (pair(self.hour), pair(self.minute), pair(self.second));
        out.extend_from_slice(&[a, b, b':', c, d, b':', e, f]);
    }

    /// Appends the fraction without zeros at its end: `.12`, or nothing.
    pub(super) fn push_short_fraction(self, out: &mut Vec<u8>) {
        if self.micros == 0 {
            return;
        }
        let mut micros = self.micros;
        let mut digits = 6;
        while micros.is_multiple_of(10) {
            micros /= 10;
            digits -= 1;
        }
        out.push(b'.');
        push_digits(micros, digits, out);
    }
}

/// Appends `value` with at least `width` digits.
pub(super) fn push_digits(value: u32, width: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 10];
    let mut rest = value;
    let mut length = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        length += 1;
        if rest == 0 && length >= width {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - length..).unwrap_or_default());
}

/// The last two digits of a number.
fn pair(value: u32) -> [u8; 2] {
    [b'0' + (value / 10 % 10) as u8, b'0' + (value % 10) as u8]
}

fn days_of_month(year: i32, month: u32) -> Option<u32> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    })
}

/// A number of exactly `width` digits, and what follows it.
fn number(text: &[u8], width: usize) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(width)?;
    let mut value = 0;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
    }
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};

    use super::*;

    #[test]
    fn days_agree_with_another_calendar_over_ten_thousand_years() {
        let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        let mut day = NaiveDate::from_ymd_opt(0, 1, 1).unwrap();
        while day.year() < 10_000 {
            let expected = (day - epoch).num_days();
            let date = Date {
                year: day.year(),
                month: day.month(),
                day: day.day(),
            };
            assert_eq!(date.epoch_days(), Some(expected), "{day}");
            assert_eq!(Date::from_epoch_days(expected), date, "{day}");
            day = day + chrono::Days::new(13);
        }
    }

    #[test]
    fn days_that_no_calendar_has() {
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "2024-13-01",
            "2024-00-01",
            "2024-01-00",
        ] {
            assert_eq!(Date::parse(text.as_bytes()).unwrap().epoch_days(), None, "{text}");
        }
        assert!(Date::parse(b"2000-02-29").unwrap().epoch_days().is_some());
    }

    #[test]
    fn text_that_is_no_date_or_time() {
        for text in ["", "2024-1-01", "2024-01-01x", "20240101", "2024-01-0a", "-024-01-01"] {
            assert_eq!(Date::parse(text.as_bytes()), None, "{text}");
        }
        for text in [
            "",
            "1:02:03",
            "01:02",
            "01:02:03.",
            "01:02:03.1234567",
            "01:60:00",
            "01:02:03x",
            "1234:00:00",
        ] {
            assert_eq!(Clock::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn digits_are_filled_up_and_never_cut() {
        let mut out = Vec::new();
        for (value, width) in [(7, 2), (123, 2), (0, 1), (2026, 4), (4_294_967_295, 4), (0, 6)] {
            push_digits(value, width, &mut out);
            out.push(b' ');
        }
        assert_eq!(out, b"07 123 0 2026 4294967295 000000 ");
    }
}
