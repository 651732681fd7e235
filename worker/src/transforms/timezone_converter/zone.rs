//! [`Zone`]: a time zone, and what becomes of times in it.
//!
//! Debezium takes a DATETIME for what clocks of the zone show, and answers the instant; a TIMESTAMP keeps its instant and is
//! written with the zone's offset. Where clocks go forward or back, the offset is that from before.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDateTime, Offset as _, Timelike, Utc};
use connector_api::data::{Schema, Value};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// A zone by its name or by its offset.
pub(super) struct Zone(TimeZone);

/// A type of times that are converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeType {
    /// A number with so many units in a second.
    Clock(i64),
    /// The same, of the `source` block: the offset is added.
    Source(i64),
    /// A text with an offset.
    Zoned,
}

impl TimeType {
    /// That of values of `schema`.
    pub(super) fn of(schema: &Schema) -> Option<Self> {
        match schema.name.as_deref()? {
            "io.debezium.time.Timestamp" | "org.apache.kafka.connect.data.Timestamp" => Some(TimeType::Clock(1_000)),
            "io.debezium.time.MicroTimestamp" => Some(TimeType::Clock(1_000_000)),
            "io.debezium.time.NanoTimestamp" => Some(TimeType::Clock(1_000_000_000)),
            "io.debezium.time.ZonedTimestamp" => Some(TimeType::Zoned),
            _ => None,
        }
    }

    /// That of a field of the `source` block.
    pub(super) fn of_source(name: &str) -> Option<Self> {
        match name {
            "ts_ms" => Some(TimeType::Source(1_000)),
            "ts_us" => Some(TimeType::Source(1_000_000)),
            "ts_ns" => Some(TimeType::Source(1_000_000_000)),
            _ => None,
        }
    }
}

impl Zone {
    /// `America/Los_Angeles` or `+08:00`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        if name.starts_with(['+', '-']) {
            let offset = Offset::from_seconds(seconds(name)?).ok()?;
            return Some(Zone(TimeZone::fixed(offset)));
        }
        // Java's names are in this case only.
        let zone = TimeZone::get(name).ok()?;
        (zone.iana_name() == Some(name)).then_some(Zone(zone))
    }

    /// The time in this zone.
    ///
    /// # Errors
    /// Why there is none; not the time.
    pub(super) fn convert(&self, time_type: TimeType, value: &Value) -> Result<Value, &'static str> {
        const OUT_OF_REACH: &str = "it is too far away for a time zone";
        match (time_type, value) {
            (TimeType::Clock(units), Value::Int64(number)) => {
                let clock = DateTime::from_timestamp(number.div_euclid(units), 0).ok_or(OUT_OF_REACH)?;
                let offset = self.offset_before(&clock.naive_utc()).ok_or(OUT_OF_REACH)?;
                let shift = i64::from(offset).checked_mul(units);
                let shifted = shift.and_then(|shift| number.checked_sub(shift));
                shifted.map(Value::Int64).ok_or(OUT_OF_REACH)
            }
            (TimeType::Source(units), Value::Int64(number)) => {
                let instant = Timestamp::from_second(number.div_euclid(units)).map_err(|_| OUT_OF_REACH)?;
                let shift = i64::from(self.0.to_offset(instant).seconds()).checked_mul(units);
                let shifted = shift.and_then(|shift| number.checked_add(shift));
                shifted.map(Value::Int64).ok_or(OUT_OF_REACH)
            }
            (TimeType::Zoned, Value::String(text)) => {
                let given = DateTime::parse_from_rfc3339(text).map_err(|_| "its text is no time with an offset")?;
                let offset = self.offset_before(&given.naive_local()).ok_or(OUT_OF_REACH)?;
                let offset = FixedOffset::east_opt(offset).ok_or(OUT_OF_REACH)?;
                Ok(Value::String(iso(&given.with_timezone(&Utc), offset)))
            }
            _ => Err("it is not of its schema's type"),
        }
    }

    /// In seconds, where clocks show this time.
    fn offset_before(&self, clock: &NaiveDateTime) -> Option<i32> {
        let year = i16::try_from(clock.year()).ok()?;
        let [month, day, hour, minute, second] =
            [clock.month(), clock.day(), clock.hour(), clock.minute(), clock.second()].map(|number| number as i8);
        let clock = civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        let offset = match self.0.to_ambiguous_timestamp(clock).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
        };
        Some(offset.seconds())
    }
}

/// `+hh:mm` or `+hh:mm:ss`.
fn seconds(text: &str) -> Option<i32> {
    let mut parts = text[1..].split(':').map(|part| {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i32>().ok().filter(|number| is_number && *number < 60)
    });
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() || hours > 18 {
        return None;
    }
    let sum = hours * 3_600 + minutes * 60 + seconds;
    Some(if text.starts_with('-') { -sum } else { sum })
}

/// As `DateTimeFormatter.ISO_OFFSET_DATE_TIME` writes it: without zeros at the end of a fraction.
fn iso(instant: &DateTime<Utc>, offset: FixedOffset) -> String {
    let clock = instant.with_timezone(&offset).naive_local();
    let mut text = clock.format("%Y-%m-%dT%H:%M:%S").to_string();
    if clock.nanosecond() > 0 {
        let fraction = format!("{:09}", clock.nanosecond());
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    match offset.fix().local_minus_utc() {
        0 => text.push('Z'),
        seconds => {
            let sign = if seconds < 0 { '-' } else { '+' };
            let seconds = seconds.abs();
            text.push_str(&format!("{sign}{:02}:{:02}", seconds / 3_600, seconds / 60 % 60));
            if seconds % 60 != 0 {
                text.push_str(&format!(":{:02}", seconds % 60));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use connector_api::data::Value;

    use super::{TimeType, Zone};

    #[track_caller]
    fn check(zone: &str, time_type: TimeType, value: Value, expected: Value) {
        let zone = Zone::parse(zone).expect("a zone");
        assert_eq!(zone.convert(time_type, &value), Ok(expected));
    }

    #[test]
    fn times_are_converted_as_debezium_does() {
        let text = |text: &str| Value::String(text.to_owned());
        let (micros, zoned) = (TimeType::Clock(1_000_000), TimeType::Zoned);
        check("+01:00", micros, Value::Int64(0), Value::Int64(-3_600_000_000));
        check("Europe/Berlin", micros, Value::Int64(-1), Value::Int64(-3_600_000_001));
        // Clocks go forward at two in the night of 31 March 2024; the offset is that from before.
        let night = 1_711_852_200_000_000;
        check(
            "Europe/Berlin",
            micros,
            Value::Int64(night),
            Value::Int64(night - 3_600_000_000),
        );
        check(
            "Europe/Berlin",
            zoned,
            text("2024-06-01T00:30:00.120000Z"),
            text("2024-06-01T02:30:00.12+02:00"),
        );
        check(
            "America/New_York",
            zoned,
            text("2024-01-01T00:00:00Z"),
            text("2023-12-31T19:00:00-05:00"),
        );
        check(
            "UTC",
            zoned,
            text("2024-01-01T00:00:00.000Z"),
            text("2024-01-01T00:00:00Z"),
        );
        check(
            "+05:30",
            TimeType::Source(1_000),
            Value::Int64(5),
            Value::Int64(19_800_005),
        );
        check(
            "+01:00",
            micros,
            Value::Int64(253_402_300_799_999_999),
            Value::Int64(253_402_297_199_999_999),
        );
    }

    #[test]
    fn what_is_no_zone_is_none() {
        for name in ["", "Nowhere", "europe/berlin", "+1:00", "+01", "+19:00", "+01:60"] {
            assert!(Zone::parse(name).is_none(), "{name}");
        }
    }
}
