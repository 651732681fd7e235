use super::{Evidence, Verdict};
use crate::schema::Footprint;
use crate::schema::ddl::Dialect;
use crate::table_id::TableId;

/// Captured: every table of `shop`, and `mixed.kept`.
fn verdict(sql: &str, databases: Option<&[&str]>) -> Verdict {
    let dialect = Dialect {
        default_database: "tools",
        ..Dialect::default()
    };
    let footprint = Footprint::of(sql, dialect);
    let captures = |table: &TableId| table.database == "shop" || *table == TableId::new("mixed", "kept");
    Evidence {
        databases: databases.map(<[_]>::to_vec),
        footprint: &footprint,
        captures: &captures,
        captures_in: &|database| ["shop", "mixed"].contains(&database),
    }
    .verdict()
}

fn doubts(sql: &str, databases: Option<&[&str]>, part: &str) {
    match verdict(sql, databases) {
        Verdict::Doubtful(why) => assert!(why.contains(part), "{sql}: {why}"),
        other => panic!("{sql}: {other:?}"),
    }
}

fn asks(sql: &str, databases: Option<&[&str]>, reads: bool) {
    let found = verdict(sql, databases);
    assert!(
        matches!(&found, Verdict::AsksForSideEffects { reads_only, .. } if *reads_only == reads),
        "{sql}: {found:?}"
    );
}

#[test]
fn what_opened_no_captured_database_is_harmless_whatever_it_is() {
    for sql in [
        "INSERT INTO h VALUES (1)",
        "WITH x AS (SELECT 7 AS k) DELETE FROM h WHERE id IN (SELECT k FROM x)",
        "UPDATE h AS a JOIN i SET v = 1",
        "LOAD DATA INFILE 'f' INTO TABLE h",
        "SELECT `shop`.`f`()",
        "FROB h",
    ] {
        assert_eq!(verdict(sql, Some(&["tools"])), Verdict::Harmless, "{sql}");
    }
}

#[test]
fn a_captured_table_that_is_written_to_is_named() {
    let changes = |sql, databases| {
        assert_eq!(
            verdict(sql, databases),
            Verdict::Changes(vec![TableId::new("shop", "t")])
        )
    };
    changes("INSERT INTO shop.t SELECT * FROM h", Some(&["shop", "tools"][..]));
    changes("UPDATE h, shop.t AS s SET s.v = 1", None);
    changes("LOAD DATA INFILE 'f' INTO TABLE shop.t", Some(&["shop"]));
    // A list that is wrong would not hide it.
    changes("DELETE FROM shop.t", Some(&["tools"]));
}

#[test]
fn a_captured_database_that_the_text_does_not_name_is_a_doubt() {
    let both: Option<&[&str]> = Some(&["tools", "shop"]);
    doubts("INSERT INTO h VALUES (1)", both, "shop that are not in its text");
    doubts(
        "INSERT INTO h SELECT * FROM mixed.kept",
        both,
        "shop that are not in its text",
    );
    doubts(
        "INSERT INTO view_of_shop VALUES (1)",
        Some(&["shop"]),
        "not in its text",
    );
    doubts(
        "SELECT `tools`.`f`()",
        Some(&["shop"]),
        "shop, and what it changed is not in its text",
    );
    doubts("SELECT `tools`.`f`()", None, "not in its text");
    doubts("FROB h", Some(&["shop"]), "not in its text");
}

#[test]
fn what_tables_that_are_not_captured_may_cause_is_looked_up() {
    let both: Option<&[&str]> = Some(&["tools", "shop"]);
    asks("REPLACE INTO h SELECT COUNT(*) FROM shop.t", both, true);
    asks("REPLACE INTO h SELECT COUNT(*) FROM shop.t", None, true);
    asks("DELETE FROM h WHERE i = 1", None, false);
    asks("INSERT INTO mixed.other VALUES (1)", Some(&["mixed"]), false);
    asks(
        "INSERT INTO mixed.other SELECT * FROM shop.t",
        Some(&["mixed", "shop"]),
        false,
    );
}
