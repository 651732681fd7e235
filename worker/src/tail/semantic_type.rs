//! What the numbers of Debezium's and Connect's semantic types mean, as the text that MySQL would print.

use chrono::{DateTime, Days, NaiveDate};
use serde_json::Value as Json;

/// The readable form of an integer or a text with the semantic type `name`; `None` where the value speaks for itself.
pub(super) fn readable(name: &str, value: &Json) -> Option<Json> {
    let text = match (name, value) {
        ("io.debezium.data.Json", Json::String(text)) => return serde_json::from_str(text).ok(),
        ("io.debezium.time.Date" | "org.apache.kafka.connect.data.Date", Json::Number(days)) => date(days.as_i64()?)?,
        ("io.debezium.time.Time" | "org.apache.kafka.connect.data.Time", Json::Number(millis)) => {
            time(millis.as_i64()?.checked_mul(1000)?)
        }
        ("io.debezium.time.MicroTime", Json::Number(micros)) => time(micros.as_i64()?),
        ("io.debezium.time.Timestamp" | "org.apache.kafka.connect.data.Timestamp", Json::Number(millis)) => {
            date_time(millis.as_i64()?.checked_mul(1000)?)?
        }
        ("io.debezium.time.MicroTimestamp", Json::Number(micros)) => date_time(micros.as_i64()?)?,
        _ => return None,
    };
    Some(Json::String(text))
}

fn date(days: i64) -> Option<String> {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    let distance = Days::new(days.unsigned_abs());
    let date = if days < 0 {
        epoch.checked_sub_days(distance)
    } else {
        epoch.checked_add_days(distance)
    };
    Some(date?.format("%Y-%m-%d").to_string())
}

/// MySQL's TIME goes from -838:59:59 to 838:59:59.
fn time(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let micros = micros.unsigned_abs();
    let seconds = micros / 1_000_000;
    let text = format!(
        "{sign}{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    with_fraction(text, micros % 1_000_000)
}

fn date_time(micros: i64) -> Option<String> {
    let instant = DateTime::from_timestamp_micros(micros)?;
    let text = instant.format("%Y-%m-%d %H:%M:%S").to_string();
    Some(with_fraction(text, u64::from(instant.timestamp_subsec_micros())))
}

/// The column's number of digits is not in the record, so zeros at the end are left out.
fn with_fraction(text: String, micros: u64) -> String {
    match micros {
        0 => text,
        micros => format!("{text}.{}", format!("{micros:06}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::readable;

    fn check(name: &str, value: Json, expected: Json) {
        assert_eq!(
            readable(&format!("io.debezium.{name}"), &value),
            Some(expected),
            "{name} {value}"
        );
    }

    #[test]
    fn numbers_of_days_and_microseconds_read_as_dates_and_times() {
        check("time.Date", json!(19_000), json!("2022-01-08"));
        check("time.Date", json!(-1), json!("1969-12-31"));
        check("time.MicroTime", json!(-3_020_399_000_000_i64), json!("-838:59:59"));
        check("time.MicroTime", json!(1_500_000), json!("00:00:01.5"));
        check(
            "time.Timestamp",
            json!(1_641_600_000_120_i64),
            json!("2022-01-08 00:00:00.12"),
        );
        check("time.MicroTimestamp", json!(-1), json!("1969-12-31 23:59:59.999999"));
    }

    #[test]
    fn a_document_is_shown_as_one() {
        check("data.Json", json!(r#"{"a":[1,"ü"]}"#), json!({"a": [1, "ü"]}));
    }

    #[test]
    fn what_needs_no_explanation_or_fits_no_calendar_stays_as_it_is() {
        assert_eq!(
            readable("io.debezium.time.ZonedTimestamp", &json!("2022-01-08T00:00:00Z")),
            None
        );
        assert_eq!(readable("io.debezium.time.MicroTimestamp", &json!(i64::MAX)), None);
        assert_eq!(readable("io.debezium.time.Timestamp", &json!(i64::MAX)), None);
        assert_eq!(readable("io.debezium.data.Json", &json!("{")), None);
    }
}
