use super::*;
use crate::config::{EarlyYears, TimePrecision, ValueModes};

/// Defaults as the converter of Debezium 3.6.3 makes them from parsed DDL: type, length, scale, nullable or required, text
/// and Java value.
const GOLDEN: &str = include_str!("../golden/defaults.tsv");

fn column(line: &str) -> (Column, &str) {
    let mut parts = line.split('\t');
    let mut part = || parts.next().unwrap();
    let type_name = part().to_owned();
    let (length, scale) = (part().parse().ok(), part().parse().ok());
    let optional = part() == "nullable";
    let default = Some(Some(part().to_owned()));
    let column = Column {
        name: "c".to_owned(),
        charset: Some("utf8mb4".to_owned()),
        enum_values: vec!["a".to_owned(), "b".to_owned()],
        type_name,
        length,
        scale,
        optional,
        auto_incremented: false,
        generated: false,
        default,
        comment: None,
    };
    (column, part())
}

#[test]
fn defaults_are_those_of_debezium() {
    assert_eq!(GOLDEN.lines().count(), 153);
    let wrong: Vec<String> = GOLDEN
        .lines()
        .filter_map(|line| {
            let (column, expected) = column(line);
            let form = ColumnForm::of(&column, &ValueModes::default()).unwrap();
            let found = printed(&DefaultValue::of(&column, &form), expected);
            (found != expected).then(|| format!("{line}: found {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As the golden file has it. Java's class is taken from there: the schema, not the default, decides about it.
fn printed(default: &DefaultValue, expected: &str) -> String {
    let class = expected.split(':').next().unwrap_or_default();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    match default {
        DefaultValue::Absent => "-".to_owned(),
        DefaultValue::NotUnderstood => "not understood".to_owned(),
        DefaultValue::Is(Value::Bytes(bytes)) if class == "dec" => {
            format!("dec:{}/{}", hex(bytes), expected.rsplit('/').next().unwrap_or_default())
        }
        DefaultValue::Is(Value::Bytes(bytes)) => format!("{class}:{}", hex(bytes)),
        DefaultValue::Is(Value::Boolean(value)) => format!("Boolean:{value}"),
        DefaultValue::Is(Value::Int32(number)) if class == "Short" => format!("Short:{number}"),
        DefaultValue::Is(Value::Int32(number)) => format!("Integer:{number}"),
        DefaultValue::Is(Value::Int64(number)) => format!("Long:{number}"),
        DefaultValue::Is(Value::Float32(number)) => format!("Float:{number:?}"),
        DefaultValue::Is(Value::Float64(number)) => format!("Double:{number:?}")
            .replace('e', "E")
            .replace("DoublE", "Double"),
        DefaultValue::Is(Value::String(text)) => format!("String:{text}"),
        DefaultValue::Is(other) => format!("{other:?}"),
    }
}

#[test]
fn a_default_of_null_is_no_default() {
    let (mut column, _) = column("DATE\t\t\tnullable\t\t-");
    for absent in [None, Some(None)] {
        column.default = absent;
        let form = ColumnForm::usual(ColumnType::Date);
        assert_eq!(DefaultValue::of(&column, &form), DefaultValue::Absent);
    }
}

/// Debezium stops at these; here they mean what MySQL makes of them.
#[test]
fn a_number_of_digits_is_a_time() {
    for (text, micros) in [("101112", 36_672_000_000), ("0", 0), ("-59", -59_000_000)] {
        let (column, _) = column(&format!("TIME\t\t\tnullable\t{text}\t-"));
        let found = DefaultValue::of(&column, &ColumnForm::usual(ColumnType::Time { fsp: 0 }));
        assert_eq!(found, DefaultValue::Is(Value::Int64(micros)), "{text}");
    }
}

#[test]
fn what_is_no_value_of_the_type_is_not_guessed() {
    for (text, column_type) in [
        ("x", ColumnType::Int { unsigned: false }),
        ("99999999999", ColumnType::Int { unsigned: false }),
        ("1.2.3", ColumnType::Decimal { precision: 5, scale: 2 }),
        ("10:xx", ColumnType::Time { fsp: 0 }),
        ("1:2:3:4", ColumnType::Time { fsp: 0 }),
        ("-:-", ColumnType::Time { fsp: 0 }),
        ("9999999999999999999", ColumnType::Time { fsp: 0 }),
        ("now", ColumnType::Timestamp { fsp: 0 }),
        ("2018-13-01", ColumnType::Timestamp { fsp: 0 }),
        ("0x10", ColumnType::Bit { length: 8 }),
        ("", ColumnType::Double),
    ] {
        let (column, _) = column(&format!("T\t\t\tnullable\t{text}\t-"));
        assert_eq!(
            DefaultValue::of(&column, &ColumnForm::usual(column_type)),
            DefaultValue::NotUnderstood,
            "{text}"
        );
    }
}

/// As Java computes them: `BigDecimal.setScale(2, HALF_UP)`, then `doubleValue` or `toPlainString`.
#[test]
fn defaults_of_other_decimal_modes() {
    let decimal = ColumnType::Decimal { precision: 5, scale: 2 };
    let bigint = ColumnType::BigInt { unsigned: true };
    let decimals = |decimals| ValueModes {
        decimals,
        ..ValueModes::default()
    };
    let exact = ValueModes {
        unsigned_bigints: UnsignedBigintMode::Precise,
        ..ValueModes::default()
    };
    for (text, column_type, modes, expected) in [
        ("1.239", &decimal, decimals(DecimalMode::Double), Value::Float64(1.24)),
        ("true", &decimal, decimals(DecimalMode::Double), Value::Float64(1.0)),
        (
            " 1.2 ",
            &decimal,
            decimals(DecimalMode::Text),
            Value::String("1.20".to_owned()),
        ),
        (
            "-0",
            &decimal,
            decimals(DecimalMode::Text),
            Value::String("0.00".to_owned()),
        ),
        (
            "18446744073709551615",
            &bigint,
            exact,
            Value::Bytes([&[0][..], &[0xff; 8]].concat()),
        ),
        ("5", &bigint, exact, Value::Bytes(vec![5])),
    ] {
        let (column, _) = column(&format!("T\t\t\tnullable\t{text}\t-"));
        let form = ColumnForm {
            modes,
            ..ColumnForm::usual(column_type.clone())
        };
        assert_eq!(DefaultValue::of(&column, &form), DefaultValue::Is(expected), "{text}");
    }
}

#[test]
fn defaults_of_other_time_precisions() {
    use TimePrecision::{Connect, IsoText, Microseconds, Nanoseconds};
    const DATE: ColumnType = ColumnType::Date;
    const TIME: ColumnType = ColumnType::Time { fsp: 3 };
    const DATETIME: ColumnType = ColumnType::DateTime { fsp: 0 };
    let string = |text: &str| Value::String(text.to_owned());
    for (column_type, precision, text, expected) in [
        (DATE, Connect, "2020-01-02", Value::Int32(18_263)),
        (DATE, IsoText, "2020-01-02", string("2020-01-02Z")),
        (TIME, Connect, "01:02:03.004", Value::Int32(3_723_004)),
        (TIME, Connect, "24:00:00", Value::Int32(86_400_000)),
        (TIME, IsoText, "01:02:03.040", string("01:02:03.04Z")),
        (TIME, IsoText, "24:00:00", string("00:00:00Z")),
        (TIME, Microseconds, "-01:00:00", Value::Int64(-3_600_000_000)),
        (TIME, Nanoseconds, "00:00:01", Value::Int64(1_000_000_000)),
        (
            DATETIME,
            Connect,
            "2018-01-03 00:00:10",
            Value::Int64(1_514_937_610_000),
        ),
        (DATETIME, IsoText, "2018-01-03 00:00:10", string("2018-01-03T00:00:10Z")),
        (
            DATETIME,
            Microseconds,
            "2018-01-03 00:00:10",
            Value::Int64(1_514_937_610_000_000),
        ),
        (DATETIME, Nanoseconds, "1970-01-01 00:00:00", Value::Int64(0)),
    ] {
        let (column, _) = column(&format!("T\t\t\tnullable\t{text}\t-"));
        let found = DefaultValue::of(&column, &timed(column_type, precision));
        assert_eq!(found, DefaultValue::Is(expected), "{text} {precision:?}");
    }
    for (column_type, precision, text) in [
        (TIME, Connect, "24:00:01"),
        (TIME, IsoText, "-00:00:01"),
        (DATETIME, Nanoseconds, "9999-12-31 00:00:00"),
    ] {
        let (column, _) = column(&format!("T\t\t\trequired\t{text}\t-"));
        let found = DefaultValue::of(&column, &timed(column_type, precision));
        assert_eq!(found, DefaultValue::Absent, "{text} {precision:?}");
    }
    for (column_type, expected) in [(DATE, "1970-01-01Z"), (DATETIME, "1970-01-01T00:00:00Z")] {
        let (column, _) = column("T\t\t\trequired\t0000-00-00\t-");
        let found = DefaultValue::of(&column, &timed(column_type, IsoText));
        assert_eq!(found, DefaultValue::Is(string(expected)));
    }
}

fn timed(column_type: ColumnType, times: TimePrecision) -> ColumnForm {
    ColumnForm {
        modes: ValueModes {
            times,
            ..ValueModes::default()
        },
        ..ColumnForm::usual(column_type)
    }
}

#[test]
fn defaults_of_other_binary_modes() {
    for (mode, expected) in [
        (BinaryMode::Base64, "YWI/"),
        (BinaryMode::Base64UrlSafe, "YWI_"),
        (BinaryMode::Hex, "61623f"),
    ] {
        let form = ColumnForm {
            modes: ValueModes {
                binaries: mode,
                ..ValueModes::default()
            },
            ..ColumnForm::usual(ColumnType::Binary { length: 5 })
        };
        let (column, _) = column("T\t\t\tnullable\tab?\t-");
        let expected = Value::String(expected.to_owned());
        assert_eq!(DefaultValue::of(&column, &form), DefaultValue::Is(expected));
    }
}

#[test]
fn early_years_of_defaults_may_stay() {
    let kept = |column_type| ColumnForm {
        modes: ValueModes {
            early_years: EarlyYears::Kept,
            ..ValueModes::default()
        },
        ..ColumnForm::usual(column_type)
    };
    let (column, _) = column("T\t\t\tnullable\t0001-01-01\t-");
    let date = DefaultValue::of(&column, &kept(ColumnType::Date));
    assert_eq!(date, DefaultValue::Is(Value::Int32(-719_162)));
    let moment = DefaultValue::of(&column, &kept(ColumnType::DateTime { fsp: 0 }));
    assert_eq!(moment, DefaultValue::Is(Value::Int64(-62_135_596_800_000)));
}
