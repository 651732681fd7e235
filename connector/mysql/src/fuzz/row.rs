//! Any table map, and any bytes as rows of that table, also as updates that may log differences.

use crate::binlog::checksum::ChecksumAlgorithm;
use crate::binlog::event::{BinlogEvent, ColumnBitmap, EventFormat, RawEvent, type_code};
use crate::binlog::table_map::{MappedColumn, TableMap, TableMaps, WireType};
use crate::config::{
    BinaryMode, DecimalMode, EarlyYears, TimePrecision, TimestampDigits, TinyIntMode, UnsignedBigintMode, ValueModes,
};
use crate::row::{ColumnForm, RowDecoder, RowImage, Spans};
use crate::schema::{Charset, Column, ColumnType, TableSchema};
use crate::table_id::TableId;
use connector_api::data::ValueCollector;

/// Every form of every type.
const MODES: [ValueModes; 5] = [
    modes(
        DecimalMode::Precise,
        UnsignedBigintMode::Long,
        TimePrecision::Adaptive,
        BinaryMode::Bytes,
    ),
    modes(
        DecimalMode::Double,
        UnsignedBigintMode::Precise,
        TimePrecision::Connect,
        BinaryMode::Base64,
    ),
    modes(
        DecimalMode::Text,
        UnsignedBigintMode::Long,
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
        DecimalMode::Text,
        UnsignedBigintMode::Long,
        TimePrecision::Nanoseconds,
        BinaryMode::Bytes,
    ),
];

const fn modes(
    decimals: DecimalMode,
    unsigned_bigints: UnsignedBigintMode,
    times: TimePrecision,
    binaries: BinaryMode,
) -> ValueModes {
    ValueModes {
        decimals,
        unsigned_bigints,
        times,
        early_years: EarlyYears::Kept,
        binaries,
        tiny_ints: TinyIntMode::Boolean,
        timestamps: TimestampDigits::OfColumn,
    }
}

/// One input.
pub fn row(data: (&[u8], &[u8])) {
    let (definition, rows) = data;
    let body = [&[0; 8], definition].concat();
    let mut bytes = vec![0, 0, 0, 0, type_code::TABLE_MAP, 0, 0, 0, 0];
    bytes.extend_from_slice(&(19 + body.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&[0; 6]);
    bytes.extend_from_slice(&body);
    let format = EventFormat::negotiated(ChecksumAlgorithm::None);
    let event = RawEvent::split(&bytes, ChecksumAlgorithm::None).expect("the length is right");
    let Ok(BinlogEvent::TableMap(event)) = event.decode(&format) else {
        return;
    };
    let mut maps = TableMaps::default();
    let Ok(map) = maps.accept(&event) else { return };

    MODES.iter().for_each(|modes| read_rows(map, modes, rows));
}

fn read_rows(map: &TableMap, modes: &ValueModes, rows: &[u8]) {
    let form = |mapped| {
        Some(ColumnForm {
            modes: *modes,
            ..ColumnForm::usual(column_type(mapped))
        })
    };
    let forms: Vec<_> = map.columns.iter().map(form).collect();
    let table = TableSchema {
        id: TableId::new("d", "t"),
        columns: map.columns.iter().map(column).collect(),
        key: Vec::new(),
        default_charset: None,
        comment: None,
    };
    let Ok(decoder) = RowDecoder::new(&table, &forms, vec![None; forms.len()], map) else {
        return;
    };
    let present = vec![0xff; forms.len().div_ceil(8)];
    let present = ColumnBitmap::new(&present, forms.len());
    let mut spans = Spans::default();
    let mut rest = rows;
    let mut new_spans = Spans::default();
    while let Ok((image, length @ 1..)) = decoder.split_row(rest, present, &mut spans) {
        write(&decoder, &image);
        // The same bytes as an update that may log differences.
        if let Ok((new, both)) = decoder.split_partial_row(rest, &image, present, &mut new_spans) {
            assert!(both > length && both <= rest.len());
            write(&decoder, &new);
        }
        rest = &rest[length..];
    }
}

fn write(decoder: &RowDecoder, image: &RowImage<'_>) {
    for index in 0..image.column_count() {
        let _ = decoder.write_column(index, image, &mut ValueCollector::default());
    }
}

fn column(mapped: &MappedColumn) -> Column {
    Column {
        name: mapped.name.clone().unwrap_or_default(),
        type_name: String::new(),
        length: None,
        scale: None,
        charset: None,
        optional: mapped.nullable,
        auto_incremented: false,
        generated: false,
        default: None,
        enum_values: Vec::new(),
        comment: None,
    }
}

/// A type whose values the column could hold.
fn column_type(mapped: &MappedColumn) -> ColumnType {
    let unsigned = mapped.unsigned.unwrap_or_default();
    let values = vec!["v".to_owned(); mapped.values.as_ref().map_or(3, Vec::len)];
    match mapped.wire_type {
        WireType::Tiny => ColumnType::TinyInt { unsigned },
        WireType::Short => ColumnType::SmallInt { unsigned },
        WireType::Int24 => ColumnType::MediumInt { unsigned },
        WireType::Long => ColumnType::Int { unsigned },
        WireType::LongLong => ColumnType::BigInt { unsigned },
        WireType::Float => ColumnType::Float,
        WireType::Double => ColumnType::Double,
        WireType::NewDecimal { precision, scale } => ColumnType::Decimal { precision, scale },
        WireType::Year => ColumnType::Year,
        WireType::Date => ColumnType::Date,
        WireType::Time2 { fsp } => ColumnType::Time { fsp },
        WireType::DateTime2 { fsp } => ColumnType::DateTime { fsp },
        WireType::Timestamp2 { fsp } => ColumnType::Timestamp { fsp },
        WireType::String { max_bytes } if mapped.collation == Some(63) => ColumnType::Binary { length: max_bytes },
        WireType::VarChar { .. } | WireType::Blob { .. } if mapped.collation == Some(63) => ColumnType::Bytes,
        WireType::VarChar { .. } | WireType::String { .. } | WireType::Blob { .. } => ColumnType::Text {
            charset: if mapped.collation == Some(8) {
                Charset::Latin1
            } else {
                Charset::Utf8
            },
        },
        WireType::Bit { bits } => ColumnType::Bit {
            length: bits.min(255) as u8,
        },
        WireType::Enum { .. } => ColumnType::Enum { values },
        WireType::Set { .. } => ColumnType::Set { values },
        WireType::Json { .. } | WireType::Geometry { .. } | WireType::Vector { .. } | WireType::Unknown { .. } => {
            ColumnType::Json
        }
    }
}
