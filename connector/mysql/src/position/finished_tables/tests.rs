use super::{FinishedTables, StoredTables};
use crate::table_id::TableId;

fn id(name: &str) -> TableId {
    TableId::new("shop", name)
}

/// Everything is captured by these lists, and tables whose names begin with the letter of other lists by those.
const ALL: &str = "all";

fn captured_by<'a>(name: &'a str) -> impl Fn(&str) -> bool + 'a {
    move |lists| lists == ALL || name.starts_with(lists)
}

/// Which of `names` are finished.
fn finished<'a>(tables: &FinishedTables, names: &[&'a str]) -> Vec<&'a str> {
    let names = names.iter().copied();
    names
        .filter(|name| tables.contains(&id(name), captured_by(name)))
        .collect()
}

fn json(tables: &FinishedTables) -> String {
    serde_json::to_string(&StoredTables::from(tables)).expect("texts are JSON")
}

fn read(json: &str) -> FinishedTables {
    serde_json::from_str::<StoredTables>(json)
        .expect("the stored form")
        .into()
}

#[test]
fn any_number_of_tables_is_one_name() {
    let names: Vec<String> = (0..5000).map(|number| format!("table_{number:04}")).collect();
    let mut tables = FinishedTables::default();
    assert!(tables.is_empty());
    for pair in names.windows(2) {
        tables.insert(&id(&pair[0]), Some(&id(&pair[1])), ALL);
    }
    tables.insert(&id(&names[4999]), None, ALL);
    assert_eq!(
        json(&tables),
        r#"{"to":[{"table":["shop","table_4999"],"lists":["all"]}]}"#
    );
    assert!(!tables.is_empty());
    assert_eq!(finished(&tables, &["table_0000", "table_4999", "table_5"]).len(), 2);
}

/// A snapshot that goes on has the table in progress to finish first.
#[test]
fn a_table_that_is_finished_before_its_turn_stands_apart_until_the_others_are() {
    let mut tables = FinishedTables::default();
    tables.insert(&id("b"), Some(&id("m")), ALL);
    tables.insert(&id("m"), Some(&id("c")), ALL);
    assert_eq!(finished(&tables, &["a", "b", "c", "m", "n"]), ["a", "b", "m"]);
    let stored = json(&tables);
    assert_eq!(read(&stored), tables, "{stored}");
    tables.insert(&id("c"), Some(&id("n")), ALL);
    tables.insert(&id("n"), None, ALL);
    assert_eq!(json(&tables), r#"{"to":[{"table":["shop","n"],"lists":["all"]}]}"#);
}

#[test]
fn the_list_of_an_earlier_release_becomes_a_stretch() {
    let mut tables = FinishedTables::one_by_one([id("a"), id("c"), id("x")]);
    assert_eq!(finished(&tables, &["a", "b", "c", "d", "x"]), ["a", "c", "x"]);
    tables.insert(&id("b"), Some(&id("d")), ALL);
    assert_eq!(finished(&tables, &["a", "b", "c", "d", "x"]), ["a", "b", "c", "x"]);
    tables.insert(&id("d"), Some(&id("e")), ALL);
    assert_eq!(finished(&tables, &["a", "b", "c", "d", "x"]), ["a", "b", "c", "d", "x"]);
    assert_eq!(
        json(&tables),
        r#"{"to":[{"table":["shop","d"],"lists":["all"]}],"apart":[["shop","x"]]}"#
    );
}

#[test]
fn what_got_a_finished_name_is_read() {
    let mut tables = FinishedTables::default();
    tables.insert(&id("m"), Some(&id("n")), ALL);
    tables.remove(&id("c"));
    tables.remove(&id("z"));
    assert_eq!(finished(&tables, &["b", "c", "m", "z"]), ["b", "m"]);
    let stored = json(&tables);
    assert_eq!(read(&stored), tables, "{stored}");
    tables.insert(&id("n"), Some(&id("c")), ALL);
    assert_eq!(finished(&tables, &["b", "c", "n"]), ["b", "n"]);
    tables.insert(&id("c"), Some(&id("o")), ALL);
    assert_eq!(finished(&tables, &["b", "c", "m", "n"]), ["b", "c", "m", "n"]);
}

/// Its last row waits until it is known whether another table has rows.
#[test]
fn a_table_that_is_all_but_finished_may_be_passed_by_others() {
    let mut tables = FinishedTables::default();
    for (table, next) in [("c", "d"), ("d", "e")] {
        tables.insert(&id(table), Some(&id(next)), ALL);
        tables.remove(&id("b"));
    }
    assert_eq!(finished(&tables, &["a", "b", "c", "d", "e"]), ["a", "c", "d"]);
    assert_eq!(
        json(&tables),
        r#"{"to":[{"table":["shop","d"],"lists":["all"]}],"unread":[["shop","b"]]}"#
    );
    tables.insert(&id("b"), Some(&id("e")), ALL);
    assert_eq!(finished(&tables, &["a", "b", "c", "d", "e"]), ["a", "b", "c", "d"]);
}

#[test]
fn what_earlier_lists_left_out_is_read() {
    let mut tables = FinishedTables::default();
    tables.insert(&id("b2"), Some(&id("b3")), "b");
    tables.capture_by(ALL, |_| true);
    assert_eq!(finished(&tables, &["a1", "b1", "b2", "b3"]), ["b1", "b2"]);
    assert_eq!(tables.lists().collect::<Vec<_>>(), ["b", ALL]);
    tables.insert(&id("a1"), Some(&id("b3")), ALL);
    assert_eq!(
        finished(&tables, &["a0", "a1", "b1", "b2", "b3"]),
        ["a0", "a1", "b1", "b2"]
    );
    tables.insert(&id("b3"), None, ALL);
    assert_eq!(json(&tables), r#"{"to":[{"table":["shop","b3"],"lists":["all"]}]}"#);
}

/// Nobody followed it meanwhile.
#[test]
fn what_was_left_out_for_a_while_is_read_again() {
    let mut tables = FinishedTables::default();
    tables.insert(&id("b"), Some(&id("c")), ALL);
    tables.insert(&id("d"), Some(&id("c")), ALL);
    tables.capture_by("b", |table| table.table.starts_with('b'));
    tables.capture_by(ALL, |_| true);
    assert_eq!(finished(&tables, &["a", "b", "d"]), ["b"]);
}
