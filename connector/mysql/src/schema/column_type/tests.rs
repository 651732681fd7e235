use super::{ColumnType, UnsupportedColumn};
use crate::schema::{Charset, Column};

fn column(type_name: &str, length: Option<i32>, scale: Option<i32>, charset: Option<&str>) -> Column {
    Column {
        name: "c".to_owned(),
        type_name: type_name.to_owned(),
        length,
        scale,
        charset: charset.map(str::to_owned),
        optional: true,
        auto_incremented: false,
        generated: false,
        default: None,
        enum_values: vec!["a".to_owned(), "b".to_owned()],
        comment: None,
    }
}

#[test]
fn every_name_of_a_type_means_that_type() {
    let values = || vec!["a".to_owned(), "b".to_owned()];
    type Case = (&'static [&'static str], Option<i32>, Option<i32>, ColumnType);
    let cases: Vec<Case> = vec![
        (&["BOOL", "BOOLEAN", "bool"], None, None, ColumnType::Boolean),
        (
            &["TINYINT", "INT1", "TINYINT SIGNED"],
            Some(1),
            None,
            ColumnType::TinyInt { unsigned: false },
        ),
        (
            &["TINYINT UNSIGNED", "TINYINT UNSIGNED ZEROFILL"],
            Some(3),
            None,
            ColumnType::TinyInt { unsigned: true },
        ),
        (
            &["SMALLINT", "INT2"],
            None,
            None,
            ColumnType::SmallInt { unsigned: false },
        ),
        (
            &["MEDIUMINT", "INT3", "MIDDLEINT"],
            None,
            None,
            ColumnType::MediumInt { unsigned: false },
        ),
        (
            &["INT", "INTEGER", "INT4", "int"],
            Some(11),
            None,
            ColumnType::Int { unsigned: false },
        ),
        (
            &["INT UNSIGNED", "INTEGER UNSIGNED ZEROFILL", "INT ZEROFILL"],
            None,
            None,
            ColumnType::Int { unsigned: true },
        ),
        (&["BIGINT", "INT8"], None, None, ColumnType::BigInt { unsigned: false }),
        (
            &["BIGINT UNSIGNED", "SERIAL"],
            None,
            None,
            ColumnType::BigInt { unsigned: true },
        ),
        (
            &["DECIMAL", "DEC", "NUMERIC", "FIXED"],
            None,
            None,
            ColumnType::Decimal {
                precision: 10,
                scale: 0,
            },
        ),
        (
            &["DECIMAL UNSIGNED", "NUMERIC"],
            Some(65),
            Some(30),
            ColumnType::Decimal {
                precision: 65,
                scale: 30,
            },
        ),
        (&["FLOAT", "FLOAT UNSIGNED"], None, None, ColumnType::Float),
        (&["FLOAT"], Some(24), None, ColumnType::Float),
        (&["FLOAT"], Some(25), None, ColumnType::Double),
        (&["FLOAT"], Some(7), Some(3), ColumnType::FloatWithScale),
        (
            &["DOUBLE", "DOUBLE PRECISION", "REAL", "FLOAT8", "DOUBLE UNSIGNED"],
            None,
            None,
            ColumnType::Double,
        ),
        (&["DOUBLE", "REAL"], Some(10), Some(2), ColumnType::Double),
        (&["BIT"], None, None, ColumnType::Bit { length: 1 }),
        (&["BIT"], Some(64), None, ColumnType::Bit { length: 64 }),
        (
            &["BINARY", "CHAR BYTE"],
            Some(4),
            None,
            ColumnType::Binary { length: 4 },
        ),
        (&["BINARY"], None, None, ColumnType::Binary { length: 1 }),
        (
            &[
                "VARBINARY",
                "BLOB",
                "TINYBLOB",
                "MEDIUMBLOB",
                "LONGBLOB",
                "LONG VARBINARY",
            ],
            Some(9),
            None,
            ColumnType::Bytes,
        ),
        (&["DATE"], None, None, ColumnType::Date),
        (&["TIME"], None, None, ColumnType::Time { fsp: 0 }),
        (&["DATETIME"], Some(6), None, ColumnType::DateTime { fsp: 6 }),
        (&["TIMESTAMP"], Some(3), None, ColumnType::Timestamp { fsp: 3 }),
        (&["YEAR"], Some(4), None, ColumnType::Year),
        (&["ENUM"], Some(1), None, ColumnType::Enum { values: values() }),
        (&["SET"], Some(3), None, ColumnType::Set { values: values() }),
        (&["JSON"], None, None, ColumnType::Json),
    ];
    for (names, length, scale, expected) in cases {
        for name in names {
            assert_eq!(
                ColumnType::of(&column(name, length, scale, None)),
                Ok(expected.clone()),
                "{name}"
            );
        }
    }
}

#[test]
fn text_is_decoded_with_its_own_character_set() {
    let names = [
        "CHAR",
        "VARCHAR",
        "CHARACTER VARYING",
        "NCHAR",
        "NVARCHAR",
        "NATIONAL VARCHAR",
        "NATIONAL CHARACTER VARYING",
        "LONG",
        "LONG VARCHAR",
        "TINYTEXT",
        "TEXT",
        "MEDIUMTEXT",
        "LONGTEXT",
        "CHAR BINARY",
        "VARCHAR BINARY",
    ];
    for name in names {
        for (charset, expected) in [
            ("utf8mb4", Charset::Utf8),
            ("latin1", Charset::Latin1),
            ("utf8", Charset::Utf8),
        ] {
            let text = ColumnType::of(&column(name, Some(20), None, Some(charset)));
            assert_eq!(text, Ok(ColumnType::Text { charset: expected }), "{name} {charset}");
        }
    }
}

#[test]
fn what_cannot_be_decoded_is_refused_by_name() {
    let cases = [
        ("POINT", None, None, "spatial values are not supported"),
        ("GEOMETRYCOLLECTION", None, None, "spatial values are not supported"),
        ("VECTOR", Some(3), None, "vectors are not supported"),
        (
            "VARCHAR",
            Some(3),
            Some("koi8u"),
            "character set koi8u is not supported",
        ),
        ("VARCHAR", Some(3), None, "its character set is not known"),
        ("INET6", None, None, "the type is not known"),
        ("DATETIME", Some(7), None, "its length or precision is out of range"),
        ("DECIMAL", Some(-1), None, "its length or precision is out of range"),
    ];
    for (name, length, charset, reason) in cases {
        let expected = UnsupportedColumn {
            column: "c".into(),
            type_name: name.into(),
            reason: reason.into(),
        };
        assert_eq!(ColumnType::of(&column(name, length, None, charset)), Err(expected));
    }
}
