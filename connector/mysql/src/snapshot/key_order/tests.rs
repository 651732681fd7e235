use super::*;
use crate::schema::Column;
use crate::table_id::TableId;

fn column(name: &str, type_name: &str) -> Column {
    Column {
        name: name.into(),
        type_name: type_name.into(),
        length: None,
        scale: None,
        charset: Some("latin1".into()),
        optional: false,
        auto_incremented: false,
        generated: false,
        default: None,
        enum_values: vec!["small".into(), "large".into()],
        comment: None,
    }
}

fn table(columns: Vec<Column>, key: &[&str]) -> TableSchema {
    TableSchema {
        id: TableId::new("d", "t"),
        columns,
        key: key.iter().map(|name| (*name).to_owned()).collect(),
        default_charset: None,
        comment: None,
    }
}

fn ordered(table: &TableSchema, collation: &str) -> Option<KeyOrder> {
    let collation = ("latin1".to_owned(), collation.to_owned());
    let names = table.columns.iter().map(|column| column.name.clone());
    KeyOrder::of(table, &names.map(|name| (name, collation.clone())).collect())
}

/// The order of a table whose key is columns of these types.
fn order(types: &[&str]) -> Option<KeyOrder> {
    let names: Vec<String> = (0..types.len()).map(|index| format!("c{index}")).collect();
    let columns = names.iter().zip(types).map(|(name, type_name)| column(name, type_name));
    let key: Vec<&str> = names.iter().map(String::as_str).collect();
    ordered(&table(columns.collect(), &key), "latin1_swedish_ci")
}

fn side(type_name: &str, key: &str, last: &str) -> Side {
    order(&[type_name])
        .unwrap()
        .side(&[key.into()], &[last.into()])
        .unwrap()
}

#[test]
fn numbers_times_and_bytes_are_judged_here() {
    assert_eq!(side("INT", "9", "10"), Side::AtOrBelow);
    assert_eq!(side("INT", "10", "10"), Side::AtOrBelow);
    assert_eq!(side("INT", "-3", "-4"), Side::Above);
    assert_eq!(side("BIGINT UNSIGNED", "-1", "5"), Side::Above);
    assert_eq!(side("BLOB", "00ff", "01"), Side::AtOrBelow);
    assert_eq!(side("BLOB", "01", "0100"), Side::AtOrBelow);
    let stamp = "2026-01-02 03:04:05.120000";
    assert_eq!(side("TIMESTAMP", stamp, stamp), Side::AtOrBelow);
    assert_eq!(side("TIMESTAMP", stamp, "2026-01-02 03:04:05.000000"), Side::Above);
    assert_eq!(side("DATE", "0000-00-00", "2020-05-00"), Side::AtOrBelow);
    assert_eq!(side("ENUM", "2", "1"), Side::Above);
    assert_eq!(side("BIT", "18446744073709551615", "9"), Side::Above);
}

#[test]
fn text_is_judged_by_the_server_in_the_columns_collation_unless_it_is_plain() {
    assert_eq!(side("VARCHAR", "a!", "a!"), Side::AtOrBelow);
    let question = "SELECT (CONVERT(_utf8mb4 x'6120' USING latin1) COLLATE latin1_swedish_ci) <= \
                    (CONVERT(_utf8mb4 x'42' USING latin1) COLLATE latin1_swedish_ci)";
    assert_eq!(side("VARCHAR", "a ", "B"), Side::Ask(question.into()));
    assert_eq!(side("VARCHAR", "a", "B"), Side::AtOrBelow);
}

#[test]
fn decimals_are_judged_here_whatever_their_lengths() {
    let decimal = Column {
        length: Some(30),
        scale: Some(2),
        ..column("c0", "DECIMAL")
    };
    let order = ordered(&table(vec![decimal], &["c0"]), "latin1_bin").unwrap();
    let side = |key: &str, last: &str| order.side(&[key.into()], &[last.into()]);
    assert_eq!(side("7f", "0080"), Some(Side::AtOrBelow));
    assert_eq!(side("0080", "7f"), Some(Side::Above));
    assert_eq!(side("ff85", "85"), Some(Side::AtOrBelow), "the same number");
    assert_eq!(side("ff", "00"), Some(Side::AtOrBelow));
    assert_eq!(side("80", "ff7f"), Some(Side::Above), "-128 and -129");
    assert_eq!(side("ff7f", "80"), Some(Side::AtOrBelow));
}

#[test]
fn a_composite_key_is_compared_column_by_column() {
    let order = order(&["INT", "DATE"]).unwrap();
    let key = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
    let last = key("2", "0000-00-00");
    assert_eq!(order.side(&key("1", "2026-01-01"), &last), Some(Side::AtOrBelow));
    assert_eq!(order.side(&key("2", "1000-01-01"), &last), Some(Side::Above));
    assert_eq!(
        order.behind(&last).unwrap(),
        "((`c0` > 2) OR (`c0` = 2 AND `c1` > '0000-00-00'))"
    );
}

#[test]
fn literals_carry_the_columns_type() {
    let literal = |column: Column, value: &str| {
        let name = column.name.clone();
        let table = table(vec![column], &[&name]);
        ordered(&table, "latin1_swedish_ci")
            .unwrap()
            .behind(&[value.into()])
            .unwrap()
    };
    let decimal = || Column {
        length: Some(5),
        scale: Some(2),
        ..column("c0", "DECIMAL")
    };
    assert_eq!(literal(decimal(), "ff85"), "((`c0` > -1.23))");
    assert_eq!(literal(decimal(), "05"), "((`c0` > 0.05))");
    assert_eq!(
        literal(column("c0", "BIGINT UNSIGNED"), "-1"),
        "((`c0` > 18446744073709551615))"
    );
    assert_eq!(
        literal(column("c0", "TIME"), "-1500000"),
        "((`c0` > SEC_TO_TIME(-1.500000)))"
    );
    assert_eq!(literal(column("c0", "VARCHAR"), "ä'"), "((`c0` > _utf8mb4 x'c3a427'))");
    assert_eq!(literal(column("c0", "ENUM"), "2"), "((`c0`+0 > 2))");
}

#[test]
fn a_key_of_floats_tells_no_order_and_a_foreign_value_no_literal() {
    assert_eq!(order(&["FLOAT"]), None);
    assert_eq!(order(&[]), None);
    assert_eq!(order(&["BLOB"]).unwrap().behind(&["zz'".into()]), None);
    assert_eq!(order(&["INT"]).unwrap().behind(&["1 OR 1=1".into()]), None);
    assert_eq!(order(&["DATE"]).unwrap().behind(&["1' OR '1".into()]), None);
}

#[test]
fn an_order_is_that_of_one_definition_of_the_key() {
    let plain = |type_name: &str, key: &[&str]| table(vec![column("a", type_name), column("b", "VARCHAR")], key);
    let definition = |table: &TableSchema, collation: &str| ordered(table, collation).unwrap().definition();
    let known = definition(&plain("INT", &["a", "b"]), "latin1_bin");
    let mut wider = plain("BIGINT", &["a", "b"]);
    wider.columns.insert(0, column("z", "INT"));
    assert_eq!(definition(&wider, "latin1_bin"), known);
    assert_ne!(definition(&plain("INT", &["a", "b"]), "latin1_swedish_ci"), known);
    assert_ne!(definition(&plain("INT", &["b", "a"]), "latin1_bin"), known);
    assert_ne!(definition(&plain("DATE", &["a", "b"]), "latin1_bin"), known);
    let mut reordered = plain("ENUM", &["a"]);
    let small_first = definition(&reordered, "latin1_bin");
    reordered.columns[0].enum_values.reverse();
    assert_ne!(definition(&reordered, "latin1_bin"), small_first);
    let shown = |value: &str| Column {
        enum_values: vec![value.into()],
        ..column("A", "ENUM")
    };
    let of = |value| definition(&table(vec![shown(value)], &["a"]), "latin1_bin");
    assert_eq!(of("😀"), of("?"));
    let named = |charset: &str, collation: &str| {
        let names = HashMap::from([("a".to_owned(), (charset.to_owned(), collation.to_owned()))]);
        KeyOrder::of(&table(vec![column("a", "VARCHAR")], &["a"]), &names)
            .unwrap()
            .definition()
    };
    assert_eq!(named("utf8", "utf8_bin"), named("utf8mb3", "utf8mb3_bin"));
}

#[test]
fn an_order_follows_the_columns_of_its_key() {
    let columns = || vec![column("a", "INT"), column("b", "INT")];
    let order = ordered(&table(columns(), &["b"]), "latin1_bin").unwrap();
    assert_eq!(order.columns(), [1]);
    let mut moved = table(columns(), &["B"]);
    moved.columns.insert(0, column("z", "INT"));
    assert_eq!(order.relocated(&moved).unwrap().columns(), [2]);
    moved.columns.retain(|column| column.name != "b");
    assert_eq!(order.relocated(&moved), None);
}
