use connector_api::data::SchemaType;
use serde_json::Value as Json;

use super::*;
use crate::config::{EarlyYears, TimestampDigits, ValueModes};
use crate::schema::Charset;

/// What Debezium makes of each column: name, literal type, semantic name, default, Avro text.
const GOLDEN: &str = include_str!("../golden/column_schemas.tsv");
/// What differs from that with other modes, each under a line of the four modes.
const GOLDEN_MODES: &str = include_str!("../golden/column_modes.tsv");

fn declared(name: &str) -> (ColumnType, Option<&'static str>) {
    let text = ColumnType::Text { charset: Charset::Utf8 };
    let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    match name {
        "c_bool" => (ColumnType::Boolean, None),
        "c_bit1" => (ColumnType::Bit { length: 1 }, None),
        "c_bit9" => (ColumnType::Bit { length: 9 }, None),
        "c_tiny" => (ColumnType::TinyInt { unsigned: false }, None),
        "c_tiny1" => (ColumnType::TinyInt { unsigned: false }, Some("1")),
        "c_utiny" => (ColumnType::TinyInt { unsigned: true }, None),
        "c_small" => (ColumnType::SmallInt { unsigned: false }, None),
        "c_usmall" => (ColumnType::SmallInt { unsigned: true }, None),
        "c_medium" => (ColumnType::MediumInt { unsigned: false }, None),
        "c_umedium" => (ColumnType::MediumInt { unsigned: true }, None),
        "id" => (ColumnType::Int { unsigned: false }, None),
        "c_int" => (ColumnType::Int { unsigned: false }, Some("7")),
        "c_uint" | "c_uint_zf" => (ColumnType::Int { unsigned: true }, None),
        "c_big" => (ColumnType::BigInt { unsigned: false }, None),
        "c_ubig" | "c_serial" => (ColumnType::BigInt { unsigned: true }, None),
        "c_float" | "c_float24" => (ColumnType::Float, None),
        "c_float25" => (ColumnType::Double, None),
        "c_float_md" => (ColumnType::FloatWithScale, None),
        "c_double" => (ColumnType::Double, Some("1.5")),
        "c_dec" => (
            ColumnType::Decimal {
                precision: 10,
                scale: 0,
            },
            None,
        ),
        "c_dec52" => (ColumnType::Decimal { precision: 5, scale: 2 }, Some("1.20")),
        "c_udec" => (
            ColumnType::Decimal {
                precision: 65,
                scale: 30,
            },
            None,
        ),
        "c_char" => (text, Some("abc")),
        "c_varchar" | "c_nvarchar" | "c_text" => (text, None),
        "c_binary" => (ColumnType::Binary { length: 4 }, None),
        "c_varbinary" | "c_blob" => (ColumnType::Bytes, None),
        "c_json" => (ColumnType::Json, None),
        "c_enum" => (
            ColumnType::Enum {
                values: values(&["a", "b", "c"]),
            },
            Some("b"),
        ),
        "c_set" => (
            ColumnType::Set {
                values: values(&["x", "y"]),
            },
            None,
        ),
        "c_year" => (ColumnType::Year, None),
        "c_date" => (ColumnType::Date, None),
        "c_date_nn" => (ColumnType::Date, Some("2020-01-02")),
        "c_time" => (ColumnType::Time { fsp: 0 }, None),
        "c_time6" => (ColumnType::Time { fsp: 6 }, None),
        "c_dt" => (ColumnType::DateTime { fsp: 0 }, None),
        "c_dt3" => (ColumnType::DateTime { fsp: 3 }, None),
        "c_dt6" => (ColumnType::DateTime { fsp: 6 }, Some("2018-01-03 00:00:10")),
        "c_ts" => (ColumnType::Timestamp { fsp: 0 }, None),
        "c_ts6_nn" => (ColumnType::Timestamp { fsp: 6 }, Some("1970-01-01 00:00:00")),
        _ => panic!("the golden file has a column {name} that the test does not know"),
    }
}

fn column(name: &str, optional: bool, default: Option<&str>) -> Column {
    Column {
        name: name.to_owned(),
        type_name: name.to_owned(),
        length: None,
        scale: None,
        charset: None,
        optional,
        auto_incremented: false,
        generated: false,
        default: default.map(|text| Some(text.to_owned())),
        enum_values: Vec::new(),
        comment: None,
    }
}

#[test]
fn every_column_has_the_schema_of_debezium() {
    assert_eq!(GOLDEN.lines().count(), 45);
    GOLDEN.lines().for_each(|line| check(line, ValueModes::default()));
}

#[test]
fn every_column_has_the_schema_of_debezium_in_every_mode() {
    let sections: Vec<&str> = GOLDEN_MODES.split("## ").skip(1).collect();
    assert_eq!(sections.len(), 9);
    for section in sections {
        let (title, different) = section.split_once('\n').unwrap();
        let modes = modes(title);
        different.lines().for_each(|line| check(line, modes));
        let name = |line: &'static str| line.split('\t').next().unwrap();
        let different: Vec<&str> = different.lines().map(name).collect();
        let others = GOLDEN.lines().filter(|line| !different.contains(&name(line)));
        // To Debezium a SERIAL is no BIGINT UNSIGNED: its form has the usual modes.
        others
            .filter(|line| name(line) != "c_serial")
            .for_each(|line| check(line, modes));
    }
}

/// `decimal.handling.mode time.precision.mode bigint.unsigned.handling.mode binary.handling.mode`
fn modes(title: &str) -> ValueModes {
    let words: Vec<&str> = title.split(' ').collect();
    ValueModes {
        decimals: match words[0] {
            "double" => DecimalMode::Double,
            "string" => DecimalMode::Text,
            _ => DecimalMode::Precise,
        },
        unsigned_bigints: match words[2] {
            "precise" => UnsignedBigintMode::Precise,
            _ => UnsignedBigintMode::Long,
        },
        times: match words[1] {
            "connect" => TimePrecision::Connect,
            "isostring" => TimePrecision::IsoText,
            "microseconds" => TimePrecision::Microseconds,
            "nanoseconds" => TimePrecision::Nanoseconds,
            _ => TimePrecision::Adaptive,
        },
        binaries: match words[3] {
            "base64" => BinaryMode::Base64,
            "hex" => BinaryMode::Hex,
            _ => BinaryMode::Bytes,
        },
        early_years: EarlyYears::Moved,
        tiny_ints: TinyIntMode::Number,
        timestamps: TimestampDigits::OfColumn,
    }
}

fn check(line: &str, modes: ValueModes) {
    let mut parts = line.split('\t');
    let mut part = || parts.next().unwrap();
    let (name, literal, semantic, default, avro) = (part(), part(), part(), part(), part());
    let avro: Json = serde_json::from_str(avro).unwrap();
    let optional = avro.as_array().is_some_and(|union| union.contains(&Json::from("null")));
    let typed = match &avro {
        Json::Array(union) => union.iter().find(|branch| branch.as_str() != Some("null")).unwrap(),
        typed => typed,
    };
    let (column_type, default_text) = declared(name);
    let form = ColumnForm {
        modes,
        ..ColumnForm::usual(column_type)
    };
    let schema = column_schema(&column(name, optional, default_text), &form).unwrap();
    assert_eq!(literal_name(&schema.schema_type), literal, "{name}");
    assert_eq!(schema.name.as_deref().unwrap_or("null"), semantic, "{name}");
    assert_eq!(
        schema.version.map(Json::from).as_ref(),
        typed.get("connect.version"),
        "{name}"
    );
    assert_eq!(
        printed(schema.default.as_ref()),
        if default == "-" { "null" } else { default },
        "{name}"
    );
    let parameters: serde_json::Map<String, Json> = schema
        .parameters
        .iter()
        .map(|(key, value)| (key.clone(), Json::from(value.as_str())))
        .collect();
    let golden = typed
        .get("connect.parameters")
        .cloned()
        .unwrap_or_else(|| Json::Object(serde_json::Map::new()));
    assert_eq!(Json::Object(parameters).to_string(), golden.to_string(), "{name}");
}

fn literal_name(schema_type: &SchemaType) -> String {
    format!("{schema_type:?}").to_ascii_uppercase()
}

fn printed(default: Option<&Value>) -> String {
    match default {
        None => "null".to_owned(),
        Some(Value::Int32(number)) => number.to_string(),
        Some(Value::Int64(number)) => number.to_string(),
        Some(Value::Float64(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bytes(bytes)) => {
            format!(
                "bytes:{}",
                bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
            )
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_null_in_a_required_column_becomes_its_default_or_its_types_zero() {
    let cases = [
        (ColumnType::Int { unsigned: false }, None, Value::Int32(0)),
        (ColumnType::Int { unsigned: false }, Some("5"), Value::Int32(5)),
        (ColumnType::BigInt { unsigned: false }, None, Value::Int64(0)),
        (
            ColumnType::Decimal {
                precision: 10,
                scale: 2,
            },
            None,
            Value::Bytes(vec![0]),
        ),
        (
            ColumnType::Text { charset: Charset::Utf8 },
            None,
            Value::String(String::new()),
        ),
        (ColumnType::Json, None, Value::String("{}".to_owned())),
        (ColumnType::Bytes, None, Value::Bytes(Vec::new())),
        (ColumnType::Date, None, Value::Int32(0)),
        (ColumnType::DateTime { fsp: 6 }, None, Value::Int64(0)),
        (
            ColumnType::Timestamp { fsp: 0 },
            None,
            Value::String("1970-01-01T00:00:00Z".to_owned()),
        ),
        (
            ColumnType::Timestamp { fsp: 0 },
            Some("2000-01-01 00:00:00"),
            Value::String("2000-01-01T00:00:00Z".to_owned()),
        ),
        (ColumnType::Float, None, Value::Float32(0.0)),
        (ColumnType::Boolean, None, Value::Boolean(false)),
    ];
    for (column_type, default, expected) in cases {
        let form = ColumnForm::usual(column_type.clone());
        let required = column_schema(&column("c", false, default), &form).unwrap();
        assert_eq!(fallback(&required), Some(expected), "{column_type:?}");
        let nullable = column_schema(&column("c", true, default), &form).unwrap();
        assert_eq!(fallback(&nullable), None, "{column_type:?}");
    }
}

#[test]
fn values_with_commas_and_backslashes_stay_escaped_in_the_schema() {
    let values = ["x,y", "back\\slash", "it's"].map(str::to_owned).to_vec();
    let form = ColumnForm::usual(ColumnType::Enum { values });
    let schema = column_schema(&column("c", true, None), &form).unwrap();
    assert_eq!(
        schema.parameters,
        [("allowed".to_owned(), "x\\,y,back\\\\slash,it's".to_owned())]
    );
}
