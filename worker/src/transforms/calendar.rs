//! [`CalendarTime`]: an instant as date and time of day, in UTC, by the calendar of `java.util.GregorianCalendar`: Julian before
//! 15 October 1582.

/// Milliseconds of a day.
pub(super) const DAY_MS: i64 = 86_400_000;

/// 15 October 1582, the first day of the Gregorian calendar, in days since the epoch.
const FIRST_GREGORIAN_DAY: i64 = -141_427;

/// Fields may be beyond their bounds on the way to an instant: the 32nd of January is the 1st of February.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CalendarTime {
    /// 0 is the year before 1.
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    /// From 1.
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) millisecond: i64,
}

/// A way of counting leap years: how many days its cycle has, how many years, and 1 March of the year 0 in days before the epoch.
struct LeapRule {
    cycle_days: i64,
    cycle_years: i64,
    offset: i64,
}

const GREGORIAN: LeapRule = LeapRule {
    cycle_days: 146_097,
    cycle_years: 400,
    offset: 719_468,
};
const JULIAN: LeapRule = LeapRule {
    cycle_days: 1_461,
    cycle_years: 4,
    offset: 719_470,
};

impl CalendarTime {
    /// The date and time of an instant.
    pub(super) fn of(epoch_ms: i64) -> Self {
        let (days, rest) = (epoch_ms.div_euclid(DAY_MS), epoch_ms.rem_euclid(DAY_MS));
        let rule = if days >= FIRST_GREGORIAN_DAY { GREGORIAN } else { JULIAN };
        let (year, month, day) = rule.date(days);
        CalendarTime {
            year,
            month,
            day,
            hour: rest / 3_600_000,
            minute: rest / 60_000 % 60,
            second: rest / 1_000 % 60,
            millisecond: rest % 1_000,
        }
    }

    /// The instant, in milliseconds since the epoch; `None` if it is too far away for that.
    pub(super) fn epoch_ms(&self) -> Option<i64> {
        let gregorian = GREGORIAN.days(self.year, self.month, self.day)?;
        let days = match gregorian >= FIRST_GREGORIAN_DAY {
            true => gregorian,
            false => JULIAN.days(self.year, self.month, self.day)?,
        };
        let parts = [
            (days, DAY_MS),
            (self.hour, 3_600_000),
            (self.minute, 60_000),
            (self.second, 1_000),
            (self.millisecond, 1),
        ];
        let mut sum = 0_i64;
        for (count, unit) in parts {
            sum = sum.checked_add(count.checked_mul(unit)?)?;
        }
        Some(sum)
    }

    /// From Sunday, which is 0.
    pub(super) fn weekday(epoch_ms: i64) -> usize {
        // The epoch was a Thursday.
        (epoch_ms.div_euclid(DAY_MS) + 4).rem_euclid(7) as usize
    }
}

/// A year begins in March here, so that the day of a leap year is its last one.
impl LeapRule {
    fn date(&self, days: i64) -> (i64, i64, i64) {
        let days = days + self.offset;
        let (cycle, day) = (days.div_euclid(self.cycle_days), days.rem_euclid(self.cycle_days));
        // The last day of four years, the missing one of a century, the last one of four centuries.
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let year = cycle * self.cycle_years + year;
        let day = day - (153 * month + 2) / 5 + 1;
        match month < 10 {
            true => (year, month + 3, day),
            false => (year + 1, month - 9, day),
        }
    }

    fn days(&self, year: i64, month: i64, day: i64) -> Option<i64> {
        let month = month.checked_sub(3)?;
        let (year, month) = (year.checked_add(month.div_euclid(12))?, month.rem_euclid(12));
        let (cycle, year) = (year.div_euclid(self.cycle_years), year.rem_euclid(self.cycle_years));
        let of_cycle = 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5;
        let days = cycle.checked_mul(self.cycle_days)?.checked_add(of_cycle)?;
        days.checked_add(day)?.checked_sub(1 + self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::CalendarTime;

    #[track_caller]
    fn check(epoch_ms: i64, date: (i64, i64, i64), time: (i64, i64, i64, i64)) {
        let expected = CalendarTime {
            year: date.0,
            month: date.1,
            day: date.2,
            hour: time.0,
            minute: time.1,
            second: time.2,
            millisecond: time.3,
        };
        assert_eq!(CalendarTime::of(epoch_ms), expected);
        assert_eq!(expected.epoch_ms(), Some(epoch_ms));
    }

    #[test]
    fn instants_are_javas_dates() {
        check(0, (1970, 1, 1), (0, 0, 0, 0));
        check(-1, (1969, 12, 31), (23, 59, 59, 999));
        check(1_709_210_096_789, (2024, 2, 29), (12, 34, 56, 789));
        check(951_782_400_000, (2000, 2, 29), (0, 0, 0, 0));
        check(-12_219_292_800_000, (1582, 10, 15), (0, 0, 0, 0));
        check(-12_219_292_800_001, (1582, 10, 4), (23, 59, 59, 999));
        // The year 1 of the Julian calendar began two days before that of the Gregorian.
        check(-62_135_769_600_000, (1, 1, 1), (0, 0, 0, 0));
        check(253_402_300_799_999, (9999, 12, 31), (23, 59, 59, 999));
        assert_eq!(CalendarTime::weekday(1_709_210_096_789), 4);
    }

    #[test]
    fn fields_beyond_their_bounds_go_on_in_the_next() {
        let first = CalendarTime::of(0);
        let later = CalendarTime {
            month: 14,
            day: 31,
            hour: 25,
            ..first
        };
        assert_eq!(
            later
                .epoch_ms()
                .map(CalendarTime::of)
                .map(|t| (t.year, t.month, t.day, t.hour)),
            Some((1971, 3, 4, 1))
        );
        let lost = CalendarTime {
            year: i64::MAX,
            ..first
        };
        assert_eq!(lost.epoch_ms(), None);
    }
}
