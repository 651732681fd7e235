use connector_api::data::{SchemaType, Value, ValueCollector};

use super::*;

fn column(type_name: &str, length: Option<i32>) -> Column {
    Column {
        name: "Name".to_owned(),
        type_name: type_name.to_owned(),
        length,
        scale: None,
        charset: None,
        optional: true,
        auto_incremented: false,
        generated: false,
        default: None,
        enum_values: Vec::new(),
        comment: None,
    }
}

fn text() -> ColumnType {
    ColumnType::Text {
        charset: crate::schema::Charset::Utf8,
    }
}

/// What becomes of a value; `None` if the column is not mapped.
fn mapped(mapping: &Mapping, column: &Column, column_type: &ColumnType, value: Value) -> Option<Value> {
    let mapping = ValueMapping::of(mapping, column, column_type)?;
    let mut collector = ValueCollector::default();
    mapping.write(&Value::Struct(vec![value]), 0, &mut collector).unwrap();
    Some(collector.finish().unwrap())
}

fn string(text: &str) -> Value {
    Value::String(text.to_owned())
}

#[test]
fn texts_are_cut_in_utf16_units_as_debeziums_converters_show_them() {
    for (value, length, expected) in [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("abcd", 0, ""),
        ("", 0, ""),
        ("ab😀cd", 3, "ab?"),
        ("ab😀cd", 4, "ab😀"),
        ("😀😀😀", 3, "😀?"),
        ("x😀😀", 3, "x😀"),
        ("日本語", 2, "日本"),
    ] {
        let found = mapped(
            &Mapping::Truncate(length),
            &column("VARCHAR", Some(100)),
            &text(),
            string(value),
        );
        assert_eq!(found, Some(string(expected)), "{value} {length}");
    }
}

#[test]
fn what_is_cut_and_what_is_not() {
    let cut = Mapping::Truncate(3);
    let bytes = Value::Bytes(vec![1, 2, 3, 4]);
    let cut_bytes = Some(Value::Bytes(vec![1, 2, 3]));
    let blob = column("BLOB", None);
    assert_eq!(mapped(&cut, &blob, &ColumnType::Bytes, bytes.clone()), cut_bytes);
    // Not the bytes of a number.
    let decimal = ColumnType::Decimal {
        precision: 30,
        scale: 2,
    };
    let number = mapped(&cut, &column("DECIMAL", Some(30)), &decimal, bytes.clone());
    assert_eq!(number, Some(bytes));
    // No value can be longer than the column.
    assert_eq!(mapped(&cut, &column("VARCHAR", Some(3)), &text(), string("abc")), None);
    assert_eq!(
        mapped(&cut, &column("TEXT", None), &text(), Value::Null),
        Some(Value::Null)
    );
}

#[test]
fn a_mask_hides_null_too_and_only_text() {
    let mask = Mapping::Mask(5);
    let varchar = column("VARCHAR", Some(3));
    assert_eq!(mapped(&mask, &varchar, &text(), string("x")), Some(string("*****")));
    assert_eq!(mapped(&mask, &varchar, &text(), Value::Null), Some(string("*****")));
    let number = ColumnType::Int { unsigned: false };
    assert_eq!(mapped(&mask, &column("INT", None), &number, Value::Int32(5)), None);
}

/// Hashes that Debezium was seen to make.
#[test]
fn hashes_are_those_of_debezium() {
    let hash = |algorithm: &str, input| {
        Mapping::Hash(HashMask {
            algorithm: algorithm.to_owned(),
            salt: "s4lt".to_owned(),
            input,
        })
    };
    let v1 = hash("SHA-256", HashInput::JavaObject);
    let v2 = hash("SHA-256", HashInput::Bytes);
    for (mapping, length, expected) in [
        (
            &v1,
            100,
            "c0756b40f21d48b733d9cb758fda84d2707e7d70a330893fa0f91d63719840f7",
        ),
        (
            &v2,
            100,
            "5f42966d348928f872221c24bd039f44bdcc428ed8ac300ed578451408d067f4",
        ),
        (&v2, 10, "5f42966d34"),
    ] {
        let column = column("VARCHAR", Some(length));
        let value = string("ann@example.org");
        assert_eq!(mapped(mapping, &column, &text(), value), Some(string(expected)));
        assert_eq!(mapped(mapping, &column, &text(), Value::Null), Some(Value::Null));
    }
    let again = ValueMapping::of(&v2, &column("TEXT", None), &text()).unwrap();
    for _ in 0..2 {
        let mut collector = ValueCollector::default();
        again
            .write(&Value::Struct(vec![string("ann@example.org")]), 0, &mut collector)
            .unwrap();
        let expected = "5f42966d348928f872221c24bd039f44bdcc428ed8ac300ed578451408d067f4";
        assert_eq!(collector.finish().unwrap(), string(expected));
    }
}

#[test]
fn schemas_tell_what_was_done() {
    let parameters = |mapping: &Mapping, column: &Column| {
        let schema = mapped_schema(mapping, column, Schema::new(SchemaType::String));
        let shown = schema.parameters.iter().map(|(key, value)| format!("{key}={value}"));
        shown.collect::<Vec<_>>().join(" ")
    };
    let varchar = column("varchar", Some(9));
    assert_eq!(parameters(&Mapping::Truncate(3), &varchar), "truncateLength=3");
    assert_eq!(parameters(&Mapping::Truncate(9), &varchar), "");
    assert_eq!(parameters(&Mapping::Mask(3), &column("INT", None)), "masked=true");
    assert_eq!(
        parameters(&Mapping::TellType, &varchar),
        "__debezium.source.column.type=VARCHAR __debezium.source.column.length=9 __debezium.source.column.name=Name"
    );
    let decimal = Column {
        scale: Some(2),
        comment: Some("what it costs".to_owned()),
        ..column("DECIMAL UNSIGNED", Some(5))
    };
    assert_eq!(
        parameters(&Mapping::TellType, &decimal),
        "__debezium.source.column.type=DECIMAL UNSIGNED __debezium.source.column.length=5 \
         __debezium.source.column.scale=2 __debezium.source.column.comment=what it costs \
         __debezium.source.column.name=Name"
    );
}
