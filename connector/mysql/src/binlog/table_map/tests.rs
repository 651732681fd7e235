//! Table maps of a real server, with FULL and with MINIMAL metadata.

use super::*;
use crate::binlog::event::BinlogEvent;
use crate::binlog::event::fixture;

fn map_events() -> Vec<TableMapEvent<'static>> {
    let events = fixture::events().into_iter();
    events
        .filter_map(|event| match event {
            BinlogEvent::TableMap(map) => Some(map),
            _ => None,
        })
        .collect()
}

fn map_of(table: &str) -> Arc<TableMap> {
    let mut maps = TableMaps::default();
    let mut accepted = map_events()
        .into_iter()
        .map(|event| Arc::clone(maps.accept(&event).unwrap()));
    accepted.find(|map| map.table == table).unwrap()
}

fn column<'m>(map: &'m TableMap, name: &str) -> &'m MappedColumn {
    map.columns
        .iter()
        .find(|column| column.name.as_deref() == Some(name))
        .unwrap()
}

#[test]
fn an_unchanged_definition_keeps_its_identity() {
    let mut maps = TableMaps::default();
    let event = map_events()[0];
    let first = Arc::clone(maps.accept(&event).unwrap());
    assert!(Arc::ptr_eq(&first, maps.accept(&event).unwrap()));
    assert!(Arc::ptr_eq(&first, &maps.by_id[&event.table_id]));
    // A new file, a new run of the server: other ids, the same table.
    maps.clear();
    assert!(!maps.by_id.contains_key(&event.table_id));
    let renumbered = TableMapEvent {
        table_id: event.table_id + 1,
        ..event
    };
    assert!(Arc::ptr_eq(&first, maps.accept(&renumbered).unwrap()));
}

#[test]
fn an_id_that_stands_for_another_definition_gets_that() {
    let mut maps = TableMaps::default();
    let events = map_events();
    let first = events[0];
    let other = *events
        .iter()
        .find(|event| event.definition != first.definition)
        .unwrap();
    maps.accept(&first).unwrap();
    let map = Arc::clone(
        maps.accept(&TableMapEvent {
            table_id: first.table_id,
            ..other
        })
        .unwrap(),
    );
    assert_eq!(map.table, "small");
    assert!(Arc::ptr_eq(&map, &maps.by_id[&first.table_id]));
}

#[test]
fn definitions_without_a_user_are_forgotten_in_the_end() {
    let mut maps = TableMaps::default();
    for number in 0..MAX_KNOWN + 10 {
        let mut definition = vec![4];
        definition.extend_from_slice(format!("{number:04}\0").as_bytes());
        definition.extend_from_slice(b"\x01t\0\x01\x03\0\0");
        let event = TableMapEvent {
            table_id: number as u64,
            definition: &definition,
            log_pos: 0,
        };
        assert_eq!(maps.accept(&event).unwrap().columns.len(), 1);
        maps.clear();
    }
    assert!(maps.known.len() <= MAX_KNOWN);
}

#[test]
fn full_metadata_describe_the_whole_table() {
    let map = map_of("typed");
    assert_eq!(map.database, "fixture");
    assert_eq!(map.columns.len(), 58);
    assert_eq!(map.primary_key, Some(vec![KeyPart { column: 0, prefix: 0 }]));
    assert!(map.columns.iter().all(|column| column.visible == Some(true)));
    let nullable: Vec<_> = map
        .columns
        .iter()
        .filter(|column| !column.nullable)
        .map(|column| &column.name)
        .collect();
    assert_eq!(nullable, [&Some("id".to_owned()), &Some("c_date_nn".to_owned())]);
}

#[test]
fn signs_belong_to_their_columns() {
    let map = map_of("typed");
    for (name, unsigned) in [
        ("c_tiny", Some(false)),
        ("c_utiny", Some(true)),
        ("c_umedium", Some(true)),
        ("c_int", Some(false)),
        ("c_uint", Some(true)),
        ("c_ubig", Some(true)),
        ("c_dec", Some(false)),
        ("c_double", Some(false)),
        ("c_year", Some(true)),
        ("c_varchar", None),
        ("c_date", None),
    ] {
        assert_eq!(column(&map, name).unsigned, unsigned, "{name}");
    }
}

#[test]
fn character_sets_belong_to_their_columns() {
    let map = map_of("typed");
    for (name, collation) in [
        ("c_char", Some(255)),
        ("c_latin1", Some(8)),
        ("c_text", Some(255)),
        ("c_binary", Some(63)),
        ("c_blob", Some(63)),
        ("c_enum", Some(255)),
        ("c_set", Some(255)),
        ("c_json", None),
        ("c_int", None),
    ] {
        assert_eq!(column(&map, name).collation, collation, "{name}");
    }
}

#[test]
fn types_with_their_lengths() {
    let map = map_of("typed");
    for (name, wire_type) in [
        ("c_medium", WireType::Int24),
        (
            "c_dec65",
            WireType::NewDecimal {
                precision: 65,
                scale: 30,
            },
        ),
        ("c_float", WireType::Float),
        ("c_char", WireType::String { max_bytes: 40 }),
        ("c_charlong", WireType::String { max_bytes: 800 }),
        ("c_varcharlong", WireType::VarChar { max_bytes: 8000 }),
        ("c_tinytext", WireType::Blob { length_bytes: 1 }),
        ("c_longblob", WireType::Blob { length_bytes: 4 }),
        ("c_binary", WireType::String { max_bytes: 4 }),
        ("c_time3", WireType::Time2 { fsp: 3 }),
        ("c_dt6", WireType::DateTime2 { fsp: 6 }),
        ("c_ts2", WireType::Timestamp2 { fsp: 2 }),
        ("c_year", WireType::Year),
        ("c_enum", WireType::Enum { bytes: 1 }),
        ("c_set", WireType::Set { bytes: 1 }),
        ("c_json", WireType::Json { length_bytes: 4 }),
        ("c_date", WireType::Date),
    ] {
        assert_eq!(column(&map, name).wire_type, wire_type, "{name}");
    }
    for (name, bytes) in [("c_bit1", 1), ("c_bit9", 2), ("c_bit64", 8)] {
        let WireType::Bit { bits } = column(&map, name).wire_type else {
            panic!("{name}")
        };
        assert_eq!(bits.div_ceil(8), bytes, "{name}");
    }
}

#[test]
fn enum_and_set_values_are_clean() {
    let map = map_of("typed");
    let values = |name| {
        let values = column(&map, name).values.clone().unwrap().into_iter();
        values
            .map(|value| String::from_utf8(value).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(values("c_enum"), ["a,b", "back\\slash", "it's", "ünïcode"]);
    assert_eq!(values("c_set"), ["x", "y", "z z", "ünï"]);
}

#[test]
fn minimal_metadata_tell_types_and_signs_only() {
    let map = map_of("small");
    assert_eq!(map.primary_key, None);
    assert_eq!(map.columns.len(), 2);
    assert_eq!(map.columns[0].unsigned, Some(false));
    assert_eq!(map.columns[1].collation, Some(255));
    assert!(
        map.columns
            .iter()
            .all(|column| column.name.is_none() && column.visible.is_none())
    );
}

#[test]
fn a_type_from_the_future_does_not_hide_the_table() {
    // `d`.`t` with an INT, an unknown type with one byte of metadata, and a VARCHAR.
    let definition = b"\x01d\0\x01t\0\x03\x03\xf0\x0f\x03\x09\x0a\x00\x07";
    let mut maps = TableMaps::default();
    let event = TableMapEvent {
        table_id: 1,
        definition,
        log_pos: 0,
    };
    let map = maps.accept(&event).unwrap();
    let types: Vec<_> = map.columns.iter().map(|column| column.wire_type).collect();
    assert_eq!(
        types,
        [
            WireType::Long,
            WireType::Unknown { code: 0xf0 },
            WireType::Unknown { code: 0x0f }
        ]
    );
}
