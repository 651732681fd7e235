//! The same rows of a real server in both forms: as images in its binlog, and as the text of a `SELECT`.

use std::collections::HashMap;
use std::sync::Arc;

use connector_api::data::{Value, ValueCollector};
use proptest::prelude::{ProptestConfig, any, proptest};

use super::*;
use crate::binlog::event::{BinlogEvent, ColumnBitmap, RowsEvent, RowsKind, fixture};
use crate::binlog::table_map::{MappedColumn, TableMap, TableMaps, WireType};
use crate::config::{
    BinaryMode, DecimalMode, EarlyYears, TimePrecision, TimestampDigits, TinyIntMode, UnsignedBigintMode, ValueModes,
};
use crate::schema::{Charset, Column, ColumnType, TableSchema};
use crate::table_id::TableId;

static TEXT: &str = include_str!("../../tests/fixtures/typed.tsv");

fn utf8() -> ColumnType {
    ColumnType::Text { charset: Charset::Utf8 }
}

fn values(values: [&str; 4]) -> Vec<String> {
    values.map(str::to_owned).to_vec()
}

/// The columns of `typed`, as tests/fixtures/typed.sql creates it.
fn typed_columns() -> Vec<(&'static str, ColumnType)> {
    let decimal = |precision, scale| ColumnType::Decimal { precision, scale };
    vec![
        ("id", ColumnType::Int { unsigned: false }),
        ("c_tiny", ColumnType::TinyInt { unsigned: false }),
        ("c_utiny", ColumnType::TinyInt { unsigned: true }),
        ("c_bool", ColumnType::Boolean),
        ("c_small", ColumnType::SmallInt { unsigned: false }),
        ("c_usmall", ColumnType::SmallInt { unsigned: true }),
        ("c_medium", ColumnType::MediumInt { unsigned: false }),
        ("c_umedium", ColumnType::MediumInt { unsigned: true }),
        ("c_int", ColumnType::Int { unsigned: false }),
        ("c_uint", ColumnType::Int { unsigned: true }),
        ("c_big", ColumnType::BigInt { unsigned: false }),
        ("c_ubig", ColumnType::BigInt { unsigned: true }),
        ("c_dec", decimal(12, 2)),
        ("c_dec65", decimal(65, 30)),
        ("c_dec0", decimal(10, 0)),
        ("c_decfrac", decimal(9, 9)),
        ("c_decodd", decimal(20, 7)),
        ("c_float", ColumnType::Float),
        ("c_floatmd", ColumnType::FloatWithScale),
        ("c_double", ColumnType::Double),
        ("c_bit1", ColumnType::Bit { length: 1 }),
        ("c_bit9", ColumnType::Bit { length: 9 }),
        ("c_bit64", ColumnType::Bit { length: 64 }),
        ("c_char", utf8()),
        ("c_charlong", utf8()),
        ("c_varchar", utf8()),
        ("c_varcharlong", utf8()),
        (
            "c_latin1",
            ColumnType::Text {
                charset: Charset::Latin1,
            },
        ),
        ("c_text", utf8()),
        ("c_tinytext", utf8()),
        ("c_mediumtext", utf8()),
        ("c_longtext", utf8()),
        ("c_binary", ColumnType::Binary { length: 4 }),
        ("c_varbinary", ColumnType::Bytes),
        ("c_blob", ColumnType::Bytes),
        ("c_longblob", ColumnType::Bytes),
        ("c_date", ColumnType::Date),
        ("c_time", ColumnType::Time { fsp: 0 }),
        ("c_time1", ColumnType::Time { fsp: 1 }),
        ("c_time2", ColumnType::Time { fsp: 2 }),
        ("c_time3", ColumnType::Time { fsp: 3 }),
        ("c_time4", ColumnType::Time { fsp: 4 }),
        ("c_time5", ColumnType::Time { fsp: 5 }),
        ("c_time6", ColumnType::Time { fsp: 6 }),
        ("c_dt", ColumnType::DateTime { fsp: 0 }),
        ("c_dt1", ColumnType::DateTime { fsp: 1 }),
        ("c_dt3", ColumnType::DateTime { fsp: 3 }),
        ("c_dt4", ColumnType::DateTime { fsp: 4 }),
        ("c_dt6", ColumnType::DateTime { fsp: 6 }),
        ("c_ts", ColumnType::Timestamp { fsp: 0 }),
        ("c_ts2", ColumnType::Timestamp { fsp: 2 }),
        ("c_ts3", ColumnType::Timestamp { fsp: 3 }),
        ("c_ts6", ColumnType::Timestamp { fsp: 6 }),
        ("c_year", ColumnType::Year),
        (
            "c_enum",
            ColumnType::Enum {
                values: values(["a,b", "back\\slash", "it's", "ünïcode"]),
            },
        ),
        (
            "c_set",
            ColumnType::Set {
                values: values(["x", "y", "z z", "ünï"]),
            },
        ),
        ("c_json", ColumnType::Json),
        ("c_date_nn", ColumnType::Date),
    ]
}

/// What both decoders are compiled from.
#[derive(Clone)]
struct Table {
    schema: TableSchema,
    forms: Vec<Option<ColumnForm>>,
    fallbacks: Vec<Option<Value>>,
}

impl Table {
    fn new(name: &str, columns: Vec<(&str, ColumnType)>, required: &[&str]) -> Self {
        let schema = TableSchema {
            id: TableId::new("fixture", name),
            columns: columns
                .iter()
                .map(|(name, _)| column(name, !required.contains(name)))
                .collect(),
            key: Vec::new(),
            default_charset: None,
            comment: None,
        };
        Table {
            schema,
            fallbacks: vec![None; columns.len()],
            forms: columns
                .into_iter()
                .map(|(_, kind)| Some(ColumnForm::usual(kind)))
                .collect(),
        }
    }

    fn typed() -> Self {
        let mut table = Table::new("typed", typed_columns(), &["id", "c_date_nn"]);
        // The default of the one column that is NOT NULL and has a zero date: 2001-02-03.
        *table.fallbacks.last_mut().unwrap() = Some(Value::Int32(11_356));
        table
    }

    fn in_modes(mut self, modes: ValueModes) -> Self {
        let forms = self.forms.iter_mut().flatten();
        forms.for_each(|form| (form.modes, form.misfits) = (modes, Misfits::Lost));
        self
    }

    fn column_type(&self, column: usize) -> ColumnType {
        self.forms[column].clone().unwrap().column_type
    }

    fn small() -> Self {
        let columns = vec![("id", ColumnType::BigInt { unsigned: false }), ("name", utf8())];
        Table::new("small", columns, &["id", "name"])
    }

    fn decoder(&self, map: &TableMap) -> Result<RowDecoder, RowError> {
        RowDecoder::new(&self.schema, &self.forms, self.fallbacks.clone(), map)
    }

    fn text_decoder(&self) -> TextRowDecoder {
        TextRowDecoder::new(&self.schema, &self.forms, self.fallbacks.clone()).unwrap()
    }

    fn index(&self, column: &str) -> usize {
        self.schema
            .columns
            .iter()
            .position(|known| known.name == column)
            .unwrap()
    }
}

fn column(name: &str, optional: bool) -> Column {
    Column {
        name: name.to_owned(),
        type_name: String::new(),
        length: None,
        scale: None,
        charset: None,
        optional,
        auto_incremented: false,
        generated: false,
        default: None,
        enum_values: Vec::new(),
        comment: None,
    }
}

/// The rows events of a table, each with the map in force.
fn rows_of(table: &str) -> Vec<(Arc<TableMap>, RowsEvent<'static>)> {
    let (mut maps, mut by_id) = (TableMaps::default(), HashMap::new());
    let mut found = Vec::new();
    for event in fixture::events() {
        match event {
            BinlogEvent::TableMap(event) => {
                by_id.insert(event.table_id, Arc::clone(maps.accept(&event).unwrap()));
            }
            BinlogEvent::Rows(rows) => found.push((Arc::clone(&by_id[&rows.table_id]), rows)),
            _ => {}
        }
    }
    found.retain(|(map, _)| map.table == table);
    found
}

fn decode_row(decoder: &RowDecoder, image: &RowImage<'_>) -> Result<Vec<Value>, WriteError> {
    let column = |index| {
        let mut collector = ValueCollector::default();
        decoder.write_column(index, image, &mut collector)?;
        collector.finish()
    };
    (0..image.column_count()).map(column).collect()
}

/// All images of an event, decoded.
fn decode_event(decoder: &RowDecoder, rows: &RowsEvent<'_>) -> Vec<Vec<Value>> {
    let mut spans = Spans::default();
    let mut images = Vec::new();
    let mut rest = rows.rows;
    while !rest.is_empty() {
        for present in [rows.before, rows.after].into_iter().flatten() {
            let (image, length) = decoder.split_row(rest, present, &mut spans).unwrap();
            assert_eq!(image.bytes().len(), length);
            images.push(decode_row(decoder, &image).unwrap());
            rest = &rest[length..];
        }
    }
    images
}

/// The inserted rows of `typed`, in the order of their ids.
fn stream_rows() -> Vec<Vec<Value>> {
    streamed(&Table::typed())
}

fn streamed(table: &Table) -> Vec<Vec<Value>> {
    let events = rows_of("typed")
        .into_iter()
        .filter(|(_, rows)| rows.kind == RowsKind::Insert);
    events
        .flat_map(|(map, rows)| decode_event(&table.decoder(&map).unwrap(), &rows))
        .collect()
}

/// The text of the same rows, as `mysql --batch --binary-as-hex` prints it.
fn snapshot_text() -> Vec<Vec<Option<Vec<u8>>>> {
    let rows = TEXT
        .lines()
        .skip(1)
        .map(|line| line.split('\t').map(unescape).collect());
    rows.collect()
}

fn unescape(field: &str) -> Option<Vec<u8>> {
    if field == "NULL" {
        return None;
    }
    if let Some(hex) = field.strip_prefix("0x") {
        let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        return Some((0..hex.len()).step_by(2).map(digits).collect());
    }
    let mut text = Vec::new();
    let mut bytes = field.bytes();
    while let Some(byte) = bytes.next() {
        text.push(match (byte, if byte == b'\\' { bytes.next() } else { None }) {
            (_, Some(b'n')) => b'\n',
            (_, Some(b't')) => b'\t',
            (_, Some(b'0')) => 0,
            (_, Some(other)) => other,
            (byte, None) => byte,
        });
    }
    Some(text)
}

fn snapshot_rows() -> Vec<Vec<Value>> {
    read(&Table::typed())
}

fn read(table: &Table) -> Vec<Vec<Value>> {
    let decoder = table.text_decoder();
    let decode = |row: Vec<Option<Vec<u8>>>| {
        let column = |(index, text): (usize, Option<Vec<u8>>)| {
            let mut collector = ValueCollector::default();
            decoder.write_column(index, text.as_deref(), &mut collector).unwrap();
            collector.finish().unwrap()
        };
        row.into_iter().enumerate().map(column).collect()
    };
    snapshot_text().into_iter().map(decode).collect()
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

#[test]
fn a_row_is_the_same_from_the_binlog_and_from_the_snapshot_but_for_a_known_list() {
    let table = Table::typed();
    let (stream, snapshot) = (stream_rows(), snapshot_rows());
    assert_eq!(stream.len(), 8);
    assert_eq!(snapshot.len(), 8);
    let mut differences = Vec::new();
    for (stream, snapshot) in stream.iter().zip(&snapshot) {
        for (index, (stream, snapshot)) in stream.iter().zip(snapshot).enumerate() {
            if stream != snapshot {
                differences.push((
                    table.schema.columns[index].name.as_str(),
                    stream.clone(),
                    snapshot.clone(),
                ));
            }
        }
    }
    // Debezium has every one of these, too. JSON is looked at below.
    differences.retain(|(column, ..)| *column != "c_json");
    assert_eq!(
        differences,
        [
            (
                "c_ts3",
                text("2024-02-29T01:02:03.120Z"),
                text("2024-02-29T01:02:03.12Z")
            ),
            ("c_year", Value::Int32(1900), Value::Int32(2000)),
            ("c_float", Value::Float32(16_777_216.0), Value::Float32(16_777_200.0)),
        ]
    );
}

/// Columns whose values differ between stream and snapshot in any mode, as with Debezium.
const ALWAYS_DIFFERENT: [&str; 4] = ["c_json", "c_year", "c_float", "c_ts3"];

#[test]
fn a_row_is_the_same_in_both_forms_in_every_mode() {
    let modes = |decimals, unsigned_bigints, times, binaries| ValueModes {
        decimals,
        unsigned_bigints,
        times,
        early_years: EarlyYears::Kept,
        binaries,
        tiny_ints: TinyIntMode::Boolean,
        timestamps: TimestampDigits::OfColumn,
    };
    for modes in [
        modes(
            DecimalMode::Double,
            UnsignedBigintMode::Long,
            TimePrecision::Connect,
            BinaryMode::Base64,
        ),
        modes(
            DecimalMode::Text,
            UnsignedBigintMode::Precise,
            TimePrecision::IsoText,
            BinaryMode::Base64UrlSafe,
        ),
        modes(
            DecimalMode::Text,
            UnsignedBigintMode::Long,
            TimePrecision::Microseconds,
            BinaryMode::Hex,
        ),
        modes(
            DecimalMode::Precise,
            UnsignedBigintMode::Precise,
            TimePrecision::Nanoseconds,
            BinaryMode::Bytes,
        ),
    ] {
        let table = Table::typed().in_modes(modes);
        for (stream, snapshot) in streamed(&table).iter().zip(&read(&table)) {
            for (column, (stream, snapshot)) in table.schema.columns.iter().zip(stream.iter().zip(snapshot)) {
                if !ALWAYS_DIFFERENT.contains(&column.name.as_str()) {
                    assert_eq!(stream, snapshot, "{} {modes:?}", column.name);
                }
            }
        }
    }
}

#[test]
fn a_value_without_room_is_left_out_or_an_error_that_names_its_column() {
    let modes = ValueModes {
        times: TimePrecision::Connect,
        ..ValueModes::default()
    };
    let written = |required: bool, fallback: Option<Value>, misfits| {
        let required: &[&str] = if required { &["clock"] } else { &[] };
        let mut table = Table::new("t", vec![("clock", ColumnType::Time { fsp: 0 })], required);
        table.forms[0] = Some(ColumnForm {
            modes,
            misfits,
            ..ColumnForm::usual(table.column_type(0))
        });
        table.fallbacks[0] = fallback;
        let mut collector = ValueCollector::default();
        table
            .text_decoder()
            .write_column(0, Some(b"25:00:00"), &mut collector)?;
        collector.finish()
    };
    assert_eq!(written(false, None, Misfits::Lost), Ok(Value::Null));
    let default = Some(Value::Int32(5));
    assert_eq!(written(true, default.clone(), Misfits::Lost), Ok(Value::Int32(5)));
    for (required, fallback) in [(false, None), (true, default)] {
        let error = written(required, fallback, Misfits::Refused).unwrap_err().to_string();
        assert!(error.contains("column `clock` of fixture.t"), "{error}");
        assert!(error.contains("time.precision.mode"), "{error}");
    }
}

#[test]
fn documents_are_compact_in_the_stream_and_as_mysql_prints_them_in_a_snapshot() {
    let json = Table::typed().index("c_json");
    let stream: Vec<_> = stream_rows().into_iter().map(|mut row| row.swap_remove(json)).collect();
    let snapshot: Vec<_> = snapshot_rows()
        .into_iter()
        .map(|mut row| row.swap_remove(json))
        .collect();
    assert_eq!(stream[0], Value::Null);
    for (row, expected_stream, expected_snapshot) in [
        (1, "{}", "{}"),
        (
            2,
            r#"{"a":1,"b":[true,false,null],"ключ":"значение"}"#,
            r#"{"a": 1, "b": [true, false, null], "ключ": "значение"}"#,
        ),
        (
            3,
            r#"[1,-1,65535,-32768,4294967295,9223372036854775807,18446744073709551615,0.5,"q\"uote"]"#,
            r#"[1, -1, 65535, -32768, 4294967295, 9223372036854775807, 18446744073709551615, 0.5, "q\"uote"]"#,
        ),
        (4, "null", "null"),
        (
            6,
            r#"["2024-02-29","-12:34:56.000789","2024-02-29 01:02:03.5","AP8=",1.20,"é\n\t\\"]"#,
            r#"["2024-02-29", "-12:34:56.000789", "2024-02-29 01:02:03.500000", "base64:type15:AP8=", 1.20, "é\n\t\\"]"#,
        ),
    ] {
        assert_eq!(stream[row], text(expected_stream), "{row}");
        assert_eq!(snapshot[row], text(expected_snapshot), "{row}");
    }
    let Value::String(numbers) = &stream[5] else { panic!() };
    // Numbers that Java would give an exponent have all their digits; a DECIMAL keeps its scale.
    assert!(numbers.starts_with(r#"{"d":1.50,"f":100000000000000005250476025520442024870446858110815915491585"#));
    let (_, behind) = numbers.split_at(r#"{"d":1.50,"f":"#.len() + 301);
    assert_eq!(
        behind,
        r#","g":0.0000000999999999999999954748111825886258685613938723690807819366455078125,"h":12345678.9}"#
    );
    // The large form of the binary format.
    let (Value::String(stream), Value::String(snapshot)) = (&stream[7], &snapshot[7]) else {
        panic!()
    };
    assert!(stream.len() > 70_000);
    assert_eq!(*stream, snapshot.replace(", ", ",").replace(": ", ":"));
}

#[test]
fn a_zero_date_is_null_or_the_fallback() {
    let table = Table::typed();
    let row = &stream_rows()[4];
    for name in [
        "c_date", "c_dt", "c_dt1", "c_dt3", "c_dt4", "c_ts", "c_ts2", "c_ts3", "c_ts6",
    ] {
        assert_eq!(row[table.index(name)], Value::Null, "{name}");
    }
    assert_eq!(row[table.index("c_date_nn")], Value::Int32(11_356));
    assert_eq!(row[table.index("c_enum")], text(""));
}

#[test]
fn spans_find_columns_that_changed() {
    let table = Table::typed();
    let (map, rows) = rows_of("typed")
        .into_iter()
        .find(|(_, rows)| rows.kind == RowsKind::Update)
        .unwrap();
    let decoder = table.decoder(&map).unwrap();
    let (mut before, mut after) = (Spans::default(), Spans::default());
    let (before, length) = decoder.split_row(rows.rows, rows.before.unwrap(), &mut before).unwrap();
    let (after, _) = decoder
        .split_row(&rows.rows[length..], rows.after.unwrap(), &mut after)
        .unwrap();
    let changed: Vec<_> = (0..before.column_count())
        .filter(|index| before.column_bytes(*index) != after.column_bytes(*index))
        .map(|index| table.schema.columns[index].name.as_str())
        .collect();
    // The number was at its largest already.
    assert_eq!(changed, ["c_json"]);
    let json = table.index("c_json");
    assert_eq!(
        decode_row(&decoder, &after).unwrap()[json],
        text(r#"{"a":1,"b":[true,false,null],"c":"new","ключ":"значение"}"#)
    );
}

#[test]
fn rows_of_one_event_follow_each_other() {
    let table = Table::small();
    let images: Vec<_> = rows_of("small")
        .into_iter()
        .take(3)
        .map(|(map, rows)| decode_event(&table.decoder(&map).unwrap(), &rows))
        .collect();
    let row = |id, name: &str| vec![Value::Int64(id), text(name)];
    assert_eq!(images[0].len(), 3);
    assert!(images[0].contains(&row(2, "two")));
    assert_eq!(images[1].len(), 6);
    assert!(images[1].contains(&row(3, "three!")));
    assert_eq!(images[2], [row(2, "two!")]);
}

#[test]
fn an_image_without_all_columns_names_binlog_row_image() {
    let table = Table::small();
    let missing = |bitmap: Option<ColumnBitmap<'_>>| bitmap.is_some_and(|bitmap| bitmap.first_missing().is_some());
    let (map, rows) = rows_of("small")
        .into_iter()
        .find(|(_, rows)| missing(rows.after))
        .unwrap();
    let error = table
        .decoder(&map)
        .unwrap()
        .split_row(rows.rows, rows.after.unwrap(), &mut Spans::default())
        .unwrap_err();
    assert_eq!(
        error,
        RowError::PartialImage {
            table: TableId::new("fixture", "small"),
            column: "name".to_owned()
        }
    );
    assert!(error.to_string().contains("binlog_row_image"));
}

#[test]
fn padding_of_the_bitmap_means_nothing() {
    let table = Table::small();
    let (map, rows) = rows_of("small").remove(0);
    let decoder = table.decoder(&map).unwrap();
    for byte in [0b11, 0xff, 0b0101_0111] {
        let bytes = [byte];
        let present = ColumnBitmap::new(&bytes, 2);
        assert!(decoder.split_row(rows.rows, present, &mut Spans::default()).is_ok());
    }
    let bytes = [0b1111_1101];
    let present = ColumnBitmap::new(&bytes, 2);
    assert!(decoder.split_row(rows.rows, present, &mut Spans::default()).is_err());
}

/// That `change` makes `typed` another table than the one in the binlog.
fn check_mismatch(change: impl FnOnce(&mut Table), expected: &str) {
    let mut table = Table::typed();
    change(&mut table);
    let map = rows_of("typed").remove(0).0;
    let error = table.decoder(&map).unwrap_err().to_string();
    assert!(
        error.starts_with("table definition does not match the rows of fixture.typed: ") && error.contains(expected),
        "{error}"
    );
}

#[test]
fn a_definition_that_is_not_the_servers_is_refused() {
    let set = |name: &'static str, kind: ColumnType| {
        move |table: &mut Table| {
            let index = table.index(name);
            table.forms[index] = Some(ColumnForm::usual(kind));
        }
    };
    check_mismatch(
        |table| drop((table.schema.columns.pop(), table.forms.pop(), table.fallbacks.pop())),
        "58 columns",
    );
    check_mismatch(
        |table| table.schema.columns.swap(1, 2),
        "column `c_utiny` is called `c_tiny`",
    );
    check_mismatch(set("c_int", ColumnType::BigInt { unsigned: false }), "`c_int`");
    check_mismatch(set("c_int", ColumnType::Int { unsigned: true }), "is signed");
    check_mismatch(set("c_ubig", ColumnType::BigInt { unsigned: false }), "is UNSIGNED");
    check_mismatch(
        set(
            "c_dec",
            ColumnType::Decimal {
                precision: 12,
                scale: 3,
            },
        ),
        "`c_dec`",
    );
    check_mismatch(set("c_varchar", ColumnType::Bytes), "collation number 255");
    check_mismatch(set("c_blob", utf8()), "collation number 63");
    check_mismatch(set("c_latin1", utf8()), "collation number 8");
    check_mismatch(set("c_binary", ColumnType::Binary { length: 5 }), "`c_binary`");
    check_mismatch(set("c_time2", ColumnType::Time { fsp: 1 }), "`c_time2`");
    check_mismatch(set("c_bit9", ColumnType::Bit { length: 7 }), "`c_bit9`");
    check_mismatch(
        set(
            "c_enum",
            ColumnType::Enum {
                values: vec!["a,b".into()],
            },
        ),
        "known with 1 values, has 4",
    );
    let reordered = values(["back\\slash", "a,b", "it's", "ünïcode"]);
    check_mismatch(
        set("c_enum", ColumnType::Enum { values: reordered }),
        "known with the value 'back\\slash', has 'a,b' in its place",
    );
    check_mismatch(set("c_json", utf8()), "`c_json`");
}

#[test]
fn a_character_set_that_is_not_the_one_we_know_is_refused() {
    let mut columns = typed_columns();
    columns.retain(|(name, _)| *name == "c_varchar");
    let table = Table::new("t", columns, &[]);
    // utf8mb4_0900_ai_ci, utf8mb3_general_ci, ascii_general_ci; then gbk_chinese_ci, gb18030_chinese_ci, latin1_swedish_ci.
    for (collation, is_right) in [
        (255, true),
        (33, true),
        (11, true),
        (28, false),
        (248, false),
        (8, false),
    ] {
        let column = MappedColumn {
            wire_type: WireType::VarChar { max_bytes: 200 },
            nullable: true,
            unsigned: None,
            collation: Some(collation),
            name: None,
            values: None,
            visible: None,
        };
        let found = matching::mismatch(&table.schema.columns[0], Some(&table.column_type(0)), &column);
        assert_eq!(found.is_none(), is_right, "{collation}: {found:?}");
    }
}

/// A column that is left out because it cannot be decoded stopped the stream all the same: "known as Bytes, is a Geometry".
#[test]
fn a_column_that_nobody_reads_is_stepped_over_whatever_it_is() {
    let mut table = Table::typed();
    let left_out: Vec<usize> = ["c_latin1", "c_dec", "c_enum", "c_json", "c_bit9"]
        .iter()
        .map(|name| table.index(name))
        .collect();
    left_out.iter().for_each(|index| table.forms[*index] = None);
    let (map, rows) = rows_of("typed").remove(0);
    let (all, some) = (Table::typed().decoder(&map).unwrap(), table.decoder(&map).unwrap());
    let (mut spans, mut more_spans) = (Spans::default(), Spans::default());
    let (image, length) = some.split_row(rows.rows, rows.after.unwrap(), &mut spans).unwrap();
    let (whole, whole_length) = all.split_row(rows.rows, rows.after.unwrap(), &mut more_spans).unwrap();
    assert_eq!(length, whole_length);
    for index in 0..image.column_count() {
        let (mut one, mut other) = (ValueCollector::default(), ValueCollector::default());
        let written = some.write_column(index, &image, &mut one);
        if left_out.contains(&index) {
            assert!(
                written
                    .unwrap_err()
                    .to_string()
                    .contains("not among those that are read")
            );
        } else {
            all.write_column(index, &whole, &mut other).unwrap();
            assert_eq!(one.finish(), other.finish());
        }
    }
    table.schema.columns.swap(left_out[0], left_out[1]);
    assert!(table.decoder(&map).is_err(), "its name still counts");
}

#[test]
fn null_in_a_column_that_is_known_as_not_null_is_refused() {
    let mut table = Table::typed();
    let index = table.index("c_int");
    table.schema.columns[index].optional = false;
    table.fallbacks[index] = Some(Value::Int32(0));
    let (map, rows) = rows_of("typed").remove(0);
    let decoder = table.decoder(&map).unwrap();
    let mut spans = Spans::default();
    let (image, _) = decoder.split_row(rows.rows, rows.after.unwrap(), &mut spans).unwrap();
    let error = decoder
        .write_column(index, &image, &mut ValueCollector::default())
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("column `c_int` of fixture.typed: NULL"), "{error}");
}

#[test]
fn an_error_names_the_column_and_not_the_value() {
    let decoder = Table::typed().text_decoder();
    let index = Table::typed().index("c_int");
    let error = decoder
        .write_column(index, Some(b"secret"), &mut ValueCollector::default())
        .unwrap_err()
        .to_string();
    assert_eq!(error, "column `c_int` of fixture.typed: the text is no integer");
    assert!(
        decoder
            .write_column(58, Some(b"1"), &mut ValueCollector::default())
            .is_err()
    );
}

#[test]
fn a_row_cut_anywhere_is_an_error_that_names_a_column() {
    let table = Table::typed();
    for (map, rows) in rows_of("typed")
        .into_iter()
        .filter(|(_, rows)| rows.kind == RowsKind::Insert)
    {
        let decoder = table.decoder(&map).unwrap();
        let mut spans = Spans::default();
        let (_, length) = decoder.split_row(rows.rows, rows.after.unwrap(), &mut spans).unwrap();
        for cut in 0..length.min(2000) {
            let error = decoder
                .split_row(&rows.rows[..cut], rows.after.unwrap(), &mut spans)
                .unwrap_err();
            assert!(matches!(error, RowError::Truncated { .. }), "{error}");
        }
    }
}

/// Splits and writes whatever is there; only panics count.
fn decode_anything(decoder: &RowDecoder, columns: usize, bytes: &[u8]) {
    let present = vec![0xff; columns.div_ceil(8)];
    let mut spans = Spans::default();
    let present = ColumnBitmap::new(&present, columns);
    if let Ok((image, length)) = decoder.split_row(bytes, present, &mut spans) {
        assert!(length <= bytes.len());
        for index in 0..=columns {
            let _ = decoder.write_column(index, &image, &mut ValueCollector::default());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]
    #[test]
    fn damaged_rows_never_panic(which in any::<proptest::sample::Index>(), changes: Vec<(u16, u8)>) {
        let all = rows_of("typed");
        let (map, rows) = which.get(&all);
        let decoder = Table::typed().decoder(map).unwrap();
        let mut bytes = rows.rows[..rows.rows.len().min(4000)].to_vec();
        let length = bytes.len();
        for (at, value) in changes {
            bytes[usize::from(at) % length] = value;
        }
        decode_anything(&decoder, 58, &bytes);
    }

    #[test]
    fn random_rows_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let (map, _) = rows_of("typed").remove(0);
        decode_anything(&Table::typed().decoder(&map).unwrap(), 58, &bytes);
    }

    #[test]
    fn random_text_never_panics(text: Vec<u8>) {
        let decoder = Table::typed().text_decoder();
        for index in 0..58 {
            let _ = decoder.write_column(index, Some(&text), &mut ValueCollector::default());
        }
    }
}

#[test]
fn a_value_is_the_same_as_mysql_stores_and_shows_it() {
    let column = |values: &[&str]| MappedColumn {
        wire_type: WireType::Enum { bytes: 1 },
        nullable: true,
        unsigned: None,
        collation: Some(255),
        name: None,
        values: Some(values.iter().map(|value| value.as_bytes().to_vec()).collect()),
        visible: None,
    };
    let known = ColumnType::Enum {
        values: vec!["a ".into(), "smile ?".into(), "😀".into()],
    };
    let table = Table::typed();
    let found = |values| matching::mismatch(&table.schema.columns[0], Some(&known), &column(values));
    assert_eq!(found(&["a", "smile 😀", "😀"]), None);
    assert!(found(&["a", "smile ä", "😀"]).is_some());
    assert!(found(&["b", "smile 😀", "😀"]).is_some());
}

/// Events of MySQL 9.7 in a session with `binlog_row_value_options=PARTIAL_JSON`, without checksums: `plain (id INT, v INT)` and
/// `docs (id INT, a JSON, v INT, b JSON)`.
mod partial {
    use super::*;
    use crate::binlog::checksum::ChecksumAlgorithm;
    use crate::binlog::event::{EventFormat, RawEvent};

    const PLAIN: &str =
        "00000000130100000030000000733b4b09000065020000000001000473785f640005706c61696e000203030002010100";
    const DOCS: &str =
        "00000000130100000033000000a33c4b09000066020000000001000473785f640004646f6373000403f503f50204040e010100";

    fn bytes(hex: &str) -> Vec<u8> {
        let digits = hex.as_bytes().chunks(2);
        digits
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    fn table(hex: &str) -> (Table, Arc<TableMap>) {
        let bytes = bytes(hex);
        let event = RawEvent::split(&bytes, ChecksumAlgorithm::None).unwrap();
        let format = EventFormat::negotiated(ChecksumAlgorithm::None);
        let BinlogEvent::TableMap(event) = event.decode(&format).unwrap() else {
            panic!()
        };
        let mut maps = TableMaps::default();
        let map = Arc::clone(maps.accept(&event).unwrap());
        let int = ColumnType::Int { unsigned: false };
        let columns = match map.columns.len() {
            2 => vec![("id", int.clone()), ("v", int)],
            _ => vec![
                ("id", int.clone()),
                ("a", ColumnType::Json),
                ("v", int),
                ("b", ColumnType::Json),
            ],
        };
        (Table::new("t", columns, &["id"]), map)
    }

    /// The new images of an event, decoded.
    fn new_rows(map: &str, update: &str) -> Result<Vec<Vec<Value>>, RowError> {
        let (table, map) = table(map);
        let decoder = table.decoder(&map)?;
        let bytes = bytes(update);
        let event = RawEvent::split(&bytes, ChecksumAlgorithm::None).unwrap();
        let format = EventFormat::negotiated(ChecksumAlgorithm::None);
        let BinlogEvent::Rows(rows) = event.decode(&format).unwrap() else {
            panic!()
        };
        assert!(rows.partial);
        new_rows_of(&decoder, &rows)
    }

    fn new_rows_of(decoder: &RowDecoder, rows: &RowsEvent<'_>) -> Result<Vec<Vec<Value>>, RowError> {
        let (mut before, mut after) = (Spans::default(), Spans::default());
        let mut images = Vec::new();
        let mut rest = rows.rows;
        while !rest.is_empty() {
            let (old, _) = decoder.split_row(rest, rows.before.unwrap(), &mut before)?;
            let (new, length) = decoder.split_partial_row(rest, &old, rows.after.unwrap(), &mut after)?;
            images.push(decode_row(decoder, &new).unwrap());
            rest = &rest[length..];
        }
        Ok(images)
    }

    fn json(text: &str) -> Value {
        Value::String(text.into())
    }

    #[test]
    fn a_table_without_documents_has_whole_rows() {
        let update =
            "00000000270100000033000000aa3b4b0900006502000000001100020002ffff00010000000100000000000100000002000000";
        assert_eq!(
            new_rows(PLAIN, update),
            Ok(vec![vec![Value::Int32(1), Value::Int32(2)]])
        );
    }

    #[test]
    fn a_document_that_is_not_changed_is_that_of_the_old_image() {
        let update = "00000000270100000091000000383d4b0900006602000000001100020004ffff00010000001900000000020018001200010013\
                      0001000501000c14006b7303616263010000000b0000000202000a000501000502000103000100000000000000020000000000\
                      00000202000000010000000d0000000001000c000b0001000400006e010202020000000200000000000000";
        let rows = new_rows(DOCS, update).unwrap();
        let two = Value::Int32(2);
        assert_eq!(
            rows,
            [
                vec![
                    Value::Int32(1),
                    json("{\"k\":1,\"s\":\"abc\"}"),
                    two.clone(),
                    json("[1,2]")
                ],
                vec![two.clone(), Value::Null, two, json("{\"n\":null}")],
            ]
        );
    }

    #[test]
    fn a_document_that_is_logged_whole_is_read_whole() {
        let whole = "00000000270100000079000000ae3e4b0900006602000000001100020004ffff000100000019000000000200180012000100130\
                     001000501000c14006b7303616263020000000b0000000202000a0005010005020001020001000000110000000001001\
                     0000b00050004010077686f6c650200000000000000";
        let row = vec![
            Value::Int32(1),
            json("{\"whole\":true}"),
            Value::Int32(2),
            json("[1,2]"),
        ];
        assert_eq!(new_rows(DOCS, whole), Ok(vec![row]));
        let null = "0000000027010000005c00000007404b0900006602000000001100020004ffff00010000001100000000010010000b0005000401\
                    0077686f6c65020000000b0000000202000a00050100050200010202010000000300000000000000";
        let row = vec![Value::Int32(1), Value::Null, Value::Int32(3), json("[1,2]")];
        assert_eq!(new_rows(DOCS, null), Ok(vec![row]));
        // Shorter than its difference.
        let short = "0000000027010000005100000055414b0900006602000000001100020004ffff0201000000030000000b0000000202000a0005010\
                     0050200000201000000040000000b0000000202000a00050700050200";
        let row = vec![Value::Int32(1), Value::Null, Value::Int32(4), json("[7,2]")];
        assert_eq!(new_rows(DOCS, short), Ok(vec![row]));
    }

    const CHANGED: &str = "00000000270100000083000000554\
        44b0900006602000000001100020004ffff0201000000040000003e0000000002003d0012000100130001000c1400050100617a28303132333435\
        36373839303132333435363738393031323334353637383930313233343536373839010202010000000500000009000000000\
        3242e7a03050700";

    #[test]
    fn a_difference_names_the_column_and_the_way_out() {
        let error = new_rows(DOCS, CHANGED).expect_err("a difference").to_string();
        for part in [
            "column `b` of fixture.t",
            "binlog_row_value_options",
            "delete its offsets",
        ] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn damaged_differences_never_panic_and_are_never_whole() {
        let (table, map) = table(DOCS);
        let decoder = table.decoder(&map).unwrap();
        let bytes = bytes(CHANGED);
        let rows = &bytes[19 + 13..];
        let present = ColumnBitmap::new(&[0xff], 4);
        for cut in 0..rows.len() {
            let (mut before, mut after) = (Spans::default(), Spans::default());
            let rows = &rows[..cut];
            if let Ok((old, _)) = decoder.split_row(rows, present, &mut before) {
                let new = decoder.split_partial_row(rows, &old, present, &mut after);
                assert!(new.is_err(), "cut at {cut}");
            }
        }
        for options in [2_u8, 3, 250, 251, 252, 255] {
            let old = [&[0x0e][..], &[1, 0, 0, 0]].concat();
            let rows = [&old[..], &[options, 0x0e, 1, 0, 0, 0]].concat();
            let (mut before, mut after) = (Spans::default(), Spans::default());
            let (old, _) = decoder.split_row(&rows, present, &mut before).unwrap();
            let new = decoder.split_partial_row(&rows, &old, present, &mut after);
            assert!(new.is_err(), "value options {options}");
        }
    }
}
