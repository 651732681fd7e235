//! Any bytes as a binary JSON document, the only column of a row. What is read from them must be JSON.

use std::cell::OnceCell;

use crate::binlog::checksum::ChecksumAlgorithm;
use crate::binlog::event::{BinlogEvent, ColumnBitmap, EventFormat, RawEvent};
use crate::binlog::table_map::TableMaps;
use crate::row::{ColumnForm, RowDecoder, Spans};
use crate::schema::{Column, ColumnType, TableSchema};
use crate::table_id::TableId;
use connector_api::data::{Value, ValueCollector};

/// A TABLE_MAP event: `d`.`t` with one nullable JSON column whose length takes four bytes.
const TABLE_MAP: &[u8] =
    b"\0\0\0\0\x13\0\0\0\0\x26\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x01d\0\x01t\0\x01\xf5\x01\x04\x01";

thread_local!(static DECODER: OnceCell<RowDecoder> = const { OnceCell::new() });

/// One input.
pub fn json(document: &[u8]) {
    let mut row = vec![0];
    row.extend_from_slice(&(document.len() as u32).to_le_bytes());
    row.extend_from_slice(document);
    let mut spans = Spans::default();
    let mut collector = ValueCollector::default();
    let written = DECODER.with(|decoder| {
        let decoder = decoder.get_or_init(decoder_of_one_column);
        let present = ColumnBitmap::new(&[1], 1);
        let (image, _) = decoder.split_row(&row, present, &mut spans).expect("one whole row");
        decoder.write_column(0, &image, &mut collector)
    });
    if written.is_ok()
        && let Ok(Value::String(text)) = collector.finish()
    {
        match serde_json::from_str::<serde_json::Value>(&text) {
            // All 309 digits of the largest number are more than this parser takes.
            Err(error) if !error.to_string().starts_with("number out of range") => panic!("{error}: {text}"),
            _ => {}
        }
    }
}

fn decoder_of_one_column() -> RowDecoder {
    let event = RawEvent::split(TABLE_MAP, ChecksumAlgorithm::None).expect("an event");
    let event = event
        .decode(&EventFormat::negotiated(ChecksumAlgorithm::None))
        .expect("a table map");
    let BinlogEvent::TableMap(event) = event else {
        panic!("no table map")
    };
    let column = Column {
        name: "document".to_owned(),
        type_name: "JSON".to_owned(),
        length: None,
        scale: None,
        charset: None,
        optional: true,
        auto_incremented: false,
        generated: false,
        default: None,
        enum_values: Vec::new(),
        comment: None,
    };
    let table = TableSchema {
        id: TableId::new("d", "t"),
        columns: vec![column],
        key: Vec::new(),
        default_charset: None,
        comment: None,
    };
    let mut maps = TableMaps::default();
    let map = maps.accept(&event).expect("a table map");
    RowDecoder::new(&table, &[Some(ColumnForm::usual(ColumnType::Json))], vec![None], map).expect("a decoder")
}
