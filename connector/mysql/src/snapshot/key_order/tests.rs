use super::*;
use crate::schema::{Charset, Column, TableId};

fn column(name: &str) -> Column {
    Column {
        name: name.into(),
        type_name: String::new(),
        length: None,
        scale: None,
        charset: None,
        optional: false,
        auto_incremented: false,
        generated: false,
        default: None,
        enum_values: Vec::new(),
        comment: None,
    }
}

fn order(types: &[ColumnType]) -> Option<KeyOrder> {
    let names: Vec<String> = (0..types.len()).map(|index| format!("c{index}")).collect();
    let table = TableSchema {
        id: TableId::new("d", "t"),
        columns: names.iter().map(|name| column(name)).collect(),
        key: names.clone(),
        default_charset: None,
        comment: None,
    };
    let collation = ("latin1".to_owned(), "latin1_swedish_ci".to_owned());
    let collations = names.into_iter().map(|name| (name, collation.clone())).collect();
    KeyOrder::of(&table, types, &collations)
}

fn side(column_type: ColumnType, key: &str, last: &str) -> Side {
    order(&[column_type])
        .unwrap()
        .side(&[key.into()], &[last.into()])
        .unwrap()
}

#[test]
fn numbers_times_and_bytes_are_judged_here() {
    let int = || ColumnType::Int { unsigned: false };
    assert_eq!(side(int(), "9", "10"), Side::AtOrBelow);
    assert_eq!(side(int(), "10", "10"), Side::AtOrBelow);
    assert_eq!(side(int(), "-3", "-4"), Side::Above);
    assert_eq!(side(ColumnType::BigInt { unsigned: true }, "-1", "5"), Side::Above);
    assert_eq!(side(ColumnType::Bytes, "00ff", "01"), Side::AtOrBelow);
    assert_eq!(side(ColumnType::Bytes, "01", "0100"), Side::AtOrBelow);
    let stamp = || ColumnType::Timestamp { fsp: 3 };
    assert_eq!(
        side(stamp(), "2026-01-02T03:04:05.120Z", "2026-01-02T03:04:05.12Z"),
        Side::AtOrBelow
    );
    assert_eq!(
        side(stamp(), "2026-01-02T03:04:05.121Z", "2026-01-02T03:04:05Z"),
        Side::Above
    );
    let size = || ColumnType::Enum {
        values: vec!["small".into(), "large".into()],
    };
    assert_eq!(side(size(), "large", "small"), Side::Above);
}

#[test]
fn text_is_judged_by_the_server_in_the_columns_collation() {
    let text = ColumnType::Text {
        charset: Charset::Latin1,
    };
    assert_eq!(side(text.clone(), "a", "a"), Side::AtOrBelow);
    let question = "SELECT (CONVERT(_utf8mb4 x'61' USING latin1) COLLATE latin1_swedish_ci) <= \
                    (CONVERT(_utf8mb4 x'42' USING latin1) COLLATE latin1_swedish_ci)";
    assert_eq!(side(text, "a", "B"), Side::Ask(question.into()));
}

#[test]
fn a_composite_key_is_compared_column_by_column() {
    let order = order(&[ColumnType::Int { unsigned: false }, ColumnType::Date]).unwrap();
    let key = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
    assert_eq!(order.side(&key("1", "9"), &key("2", "1")), Some(Side::AtOrBelow));
    assert_eq!(order.side(&key("2", "2"), &key("2", "1")), Some(Side::Above));
    assert_eq!(
        order.behind(&key("2", "1")).unwrap(),
        "((`c0` > 2) OR (`c0` = 2 AND `c1` > DATE'1970-01-01' + INTERVAL 1 DAY))"
    );
}

#[test]
fn literals_carry_the_columns_type() {
    let literal =
        |column_type: ColumnType, value: &str| order(&[column_type]).unwrap().behind(&[value.into()]).unwrap();
    assert_eq!(
        literal(ColumnType::Decimal { precision: 5, scale: 2 }, "ff85"),
        "((`c0` > -1.23))"
    );
    assert_eq!(
        literal(ColumnType::Decimal { precision: 5, scale: 2 }, "05"),
        "((`c0` > 0.05))"
    );
    assert_eq!(
        literal(ColumnType::BigInt { unsigned: true }, "-1"),
        "((`c0` > 18446744073709551615))"
    );
    assert_eq!(
        literal(ColumnType::Time { fsp: 0 }, "-1500000"),
        "((`c0` > SEC_TO_TIME(-1.500000)))"
    );
    assert_eq!(
        literal(ColumnType::Text { charset: Charset::Utf8 }, "ä'"),
        "((`c0` > _utf8mb4 x'c3a427'))"
    );
    let size = ColumnType::Enum {
        values: vec!["s".into(), "l".into()],
    };
    assert_eq!(literal(size, "l"), "((`c0`+0 > 2))");
}

#[test]
fn a_key_of_floats_tells_no_order_and_a_foreign_value_no_literal() {
    assert_eq!(order(&[ColumnType::Float]), None);
    assert_eq!(order(&[]), None);
    assert_eq!(order(&[ColumnType::Bytes]).unwrap().behind(&["zz'".into()]), None);
    assert_eq!(
        order(&[ColumnType::Int { unsigned: false }])
            .unwrap()
            .behind(&["1 OR 1=1".into()]),
        None
    );
}
