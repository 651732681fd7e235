use super::*;
use crate::schema::Charset;

fn column(text: &str, optional: bool) -> Column {
    Column {
        name: "c".to_owned(),
        type_name: "T".to_owned(),
        length: None,
        scale: None,
        charset: None,
        optional,
        auto_incremented: false,
        generated: false,
        default: Some(Some(text.to_owned())),
        enum_values: Vec::new(),
        comment: None,
    }
}

/// The default of a NOT NULL column and of a nullable one.
fn check(text: &str, column_type: ColumnType, required: Option<Value>, nullable: Option<Value>) {
    for (optional, expected) in [(false, required), (true, nullable)] {
        let expected = expected.map_or(DefaultValue::Absent, DefaultValue::Is);
        let found = DefaultValue::of(&column(text, optional), &column_type);
        assert_eq!(found, expected, "{text} as {column_type:?}, optional {optional}");
    }
}

fn check_both(text: &str, column_type: ColumnType, expected: Value) {
    check(text, column_type, Some(expected.clone()), Some(expected));
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// Results of the incumbent's own converter (3.6).
#[test]
fn defaults_are_converted_as_the_incumbent_does() {
    check_both("7.6", ColumnType::Int { unsigned: false }, Value::Int32(8));
    check_both("true", ColumnType::TinyInt { unsigned: false }, Value::Int32(1));
    check_both("FALSE", ColumnType::Boolean, Value::Boolean(false));
    check_both(" 7 ", ColumnType::Int { unsigned: true }, Value::Int64(7));
    check_both(
        "18446744073709551615",
        ColumnType::BigInt { unsigned: true },
        Value::Int64(i64::MAX),
    );
    check_both(
        "1.239",
        ColumnType::Decimal {
            precision: 10,
            scale: 2,
        },
        Value::Bytes(vec![124]),
    );
    check_both(
        "1.20",
        ColumnType::Decimal { precision: 5, scale: 2 },
        Value::Bytes(vec![0x78]),
    );
    check_both("1.1", ColumnType::Float, Value::Float32(1.1));
    check_both("1.5", ColumnType::Double, Value::Float64(1.5));
    check_both("b'101'", ColumnType::Bit { length: 9 }, Value::Bytes(vec![5, 0]));
    check_both("101", ColumnType::Bit { length: 9 }, Value::Bytes(vec![5, 0]));
    check_both("1", ColumnType::Bit { length: 1 }, Value::Boolean(true));
    check_both("ab", ColumnType::Binary { length: 4 }, Value::Bytes(b"ab".to_vec()));
    check_both("", ColumnType::Text { charset: Charset::Utf8 }, text(""));
    check_both("it''s", ColumnType::Text { charset: Charset::Utf8 }, text("it''s"));
    check_both("a", ColumnType::Enum { values: Vec::new() }, text("a"));
    check_both("0", ColumnType::Year, Value::Int32(2000));
    check_both("2024", ColumnType::Year, Value::Int32(2024));
}

#[test]
fn temporal_defaults_are_converted_as_the_incumbent_does() {
    check_both("2020-01-02", ColumnType::Date, Value::Int32(18_263));
    check("0000-00-00", ColumnType::Date, Some(Value::Int32(0)), None);
    check("2020-00-01", ColumnType::Date, Some(Value::Int32(0)), None);
    check_both("10:11:12.5", ColumnType::Time { fsp: 6 }, Value::Int64(36_672_500_000));
    check_both(
        "-838:59:59",
        ColumnType::Time { fsp: 0 },
        Value::Int64(-3_020_399_000_000),
    );
    check_both(
        "2018-01-03 00:00:10.123456",
        ColumnType::DateTime { fsp: 6 },
        Value::Int64(1_514_937_610_123_456),
    );
    check_both(
        "2018-01-03 00:00:10.123",
        ColumnType::DateTime { fsp: 3 },
        Value::Int64(1_514_937_610_123),
    );
    check(
        "0000-00-00 00:00:00",
        ColumnType::DateTime { fsp: 6 },
        Some(Value::Int64(0)),
        None,
    );
    // CURRENT_TIMESTAMP: of use to a TIMESTAMP only where it is NOT NULL, to a DATETIME always.
    check_both("1970-01-01 00:00:00", ColumnType::DateTime { fsp: 0 }, Value::Int64(0));
    check(
        "1970-01-01 00:00:00",
        ColumnType::Timestamp { fsp: 6 },
        Some(text("1970-01-01T00:00:00Z")),
        None,
    );
    check(
        "0000-00-00 00:00:00",
        ColumnType::Timestamp { fsp: 6 },
        Some(text("1970-01-01T00:00:00Z")),
        None,
    );
    check_both(
        "2018-01-03 00:00:10.123456",
        ColumnType::Timestamp { fsp: 6 },
        text("2018-01-03T00:00:10.123456Z"),
    );
    check_both(
        "2018-01-03 00:00:10.120000",
        ColumnType::Timestamp { fsp: 6 },
        text("2018-01-03T00:00:10.12Z"),
    );
    check_both(
        "2018-01-03 00:00:10",
        ColumnType::Timestamp { fsp: 0 },
        text("2018-01-03T00:00:10Z"),
    );
    // Years of two digits are moved (`enable.time.adjuster`).
    check_both("0001-01-01", ColumnType::Date, Value::Int32(11_323));
}

#[test]
fn a_default_of_null_is_no_default() {
    let mut column = column("", true);
    for absent in [None, Some(None)] {
        column.default = absent;
        assert_eq!(DefaultValue::of(&column, &ColumnType::Date), DefaultValue::Absent);
    }
}

#[test]
fn what_is_no_value_of_the_type_is_not_guessed() {
    for (text, column_type) in [
        ("x", ColumnType::Int { unsigned: false }),
        ("99999999999", ColumnType::Int { unsigned: false }),
        ("1.2.3", ColumnType::Decimal { precision: 5, scale: 2 }),
        ("2020-13-01", ColumnType::Date),
        ("2020", ColumnType::Date),
        ("10:xx", ColumnType::Time { fsp: 0 }),
        ("1:2:3:4", ColumnType::Time { fsp: 0 }),
        ("now", ColumnType::Timestamp { fsp: 0 }),
    ] {
        let found = DefaultValue::of(&column(text, false), &column_type);
        assert_eq!(found, DefaultValue::NotUnderstood, "{text}");
    }
}
