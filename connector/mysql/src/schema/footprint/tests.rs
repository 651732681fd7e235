use super::Footprint;
use crate::schema::ddl::Dialect;

fn dialect() -> Dialect<'static> {
    Dialect {
        default_database: "db",
        ..Dialect::default()
    }
}

fn names<'a>(tables: impl IntoIterator<Item = &'a super::TableId>) -> String {
    tables
        .into_iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

fn writes(sql: &str, expected: &str) {
    let found = Footprint::of(sql, dialect()).writes;
    assert_eq!(found.map_or("?".to_owned(), |tables| names(&tables)), expected, "{sql}");
}

fn reads(sql: &str, expected: &str) {
    assert_eq!(names(&Footprint::of(sql, dialect()).reads), expected, "{sql}");
}

#[test]
fn statements_of_one_table_name_it() {
    writes("INSERT INTO t VALUES (1)", "db.t");
    writes("insert ignore t(a) values (1)", "db.t");
    writes("INSERT INTO x.y SELECT * FROM a.b JOIN c", "x.y");
    writes(
        "REPLACE /*c*/ INTO `percona`.`check``sums` (db) SELECT 1",
        "percona.check`sums",
    );
    writes(
        "/* c */ UPDATE LOW_PRIORITY x . y SET a = 1, b = 'x, z.w = 1' WHERE c",
        "x.y",
    );
    writes(
        "UPDATE x.y AS q SET q.a = 1, b = (SELECT MAX(i) FROM z) ORDER BY 1 LIMIT 2",
        "x.y",
    );
    writes("DELETE QUICK FROM t WHERE a = 1", "db.t");
    writes("DELETE FROM x.t AS q WHERE q.a IN (SELECT b FROM c)", "x.t");
    writes("DELETE FROM t PARTITION (p) LIMIT 1", "db.t");
    writes(
        "WITH c AS (SELECT 1), d (i) AS (TABLE e) DELETE FROM t WHERE a IN (SELECT i FROM c)",
        "db.t",
    );
    writes("WITH RECURSIVE c AS (SELECT 1) UPDATE t SET a = 1", "db.t");
    writes(
        "LOAD DATA CONCURRENT LOCAL INFILE 'into table x' REPLACE INTO TABLE x.t FIELDS TERMINATED BY ','",
        "x.t",
    );
    writes("CREATE TABLE IF NOT EXISTS x.t SELECT 1", "x.t");
    writes("CREATE TEMPORARY TABLE x.t SELECT 1", "");
}

#[test]
fn statements_of_several_tables_name_those_they_write_to() {
    writes("UPDATE a, x.b SET a.i = 1", "db.a");
    writes("UPDATE a JOIN x.b AS c ON a.i = c.i SET c.i = 1, x.b.i = 2", "db.a x.b");
    writes(
        "UPDATE a x LEFT JOIN b y USING (i) SET y.a = f(x.a, 2), x.a = 1 WHERE y.i",
        "db.a db.b",
    );
    writes("UPDATE a USE INDEX FOR JOIN (i), b SET v = 1", "db.a db.b");
    writes("UPDATE (a, (b, c AS k)) SET k.v = 1", "db.c");
    writes(
        "UPDATE a, (SELECT 1 AS i FROM z) q, LATERAL (SELECT 2) w SET a.v = q.i",
        "db.a",
    );
    writes("DELETE q FROM a AS q JOIN x.b", "db.a");
    writes("DELETE a.*, x.b.* FROM a, x.b, c", "db.a x.b");
    writes("DELETE FROM q USING x.b q JOIN c ON 1", "x.b");
    writes("DELETE unknown FROM a JOIN b", "db.a db.b");
    writes("DELETE x.q FROM x.b AS q, c", "x.b db.c");
}

#[test]
fn what_is_not_in_the_text_is_not_guessed() {
    for sql in [
        "SELECT `d`.`f`()",
        "DO f()",
        "CALL p()",
        "INSERT",
        "UPDATE a, b",
        "DELETE a, b WHERE 1",
        "LOAD DATA INFILE 'f'",
        "INSERT INTO t VALUES ('",
        "INSERT INTO t VALUES (1); INSERT INTO u VALUES (1)",
        "WITH c (SELECT 1) UPDATE t SET a = 1",
        "FROB t",
        "",
    ] {
        writes(sql, "?");
    }
}

#[test]
fn tables_that_are_read_are_found_at_any_depth() {
    reads(
        "INSERT INTO a SELECT * FROM x.b, c AS d JOIN y.e ON d.i IN (SELECT 1 FROM z.f)",
        "db.c x.b y.e z.f",
    );
    reads("WITH b AS (SELECT * FROM x.y) INSERT INTO a SELECT * FROM b", "x.y");
    reads("UPDATE a AS d, c.e SET d.v = 1", "c.e db.a");
    reads("INSERT INTO a VALUES ('FROM x.y', 1) -- FROM z.z", "");
    reads("INSERT INTO a TABLE x.b", "x.b");
    reads(
        "INSERT INTO a SELECT * FROM JSON_TABLE(@j, '$' COLUMNS (i INT PATH '$')) AS t",
        "",
    );
}

#[test]
fn calls_are_found_and_values_are_not_shown() {
    let sql = "INSERT INTO `t` (a, `b`) VALUES (-1.5, x.f('secret'), CONCAT(@v, 0x41, \"s\")) /* why */";
    let footprint = Footprint::of(sql, dialect());
    assert_eq!(
        footprint.outline,
        "INSERT INTO `t` (a, `b`) VALUES (-?, x.f(?), CONCAT(@v, ?, ?))"
    );
    let calls: Vec<_> = footprint
        .calls
        .iter()
        .map(|(database, name)| format!("{database}.{name}"))
        .collect();
    assert_eq!(calls, ["db.CONCAT", "db.VALUES", "db.t", "x.f"]);
    let long = format!("INSERT INTO t VALUES ({})", "1, ".repeat(1000));
    assert!(Footprint::of(&long, dialect()).outline.chars().count() < 250);
}

#[test]
fn a_table_filled_as_it_is_created_is_told_from_one_that_is_only_created() {
    for (sql, expected) in [
        ("CREATE TABLE t SELECT 1", true),
        (
            "CREATE TABLE IF NOT EXISTS d.t (a INT DEFAULT (1)) ENGINE=InnoDB AS SELECT 1",
            true,
        ),
        ("CREATE TEMPORARY TABLE t (SELECT 1)", true),
        ("CREATE TABLE t (i INT) ((SELECT 1) UNION SELECT 2)", true),
        ("CREATE TABLE t AS WITH c AS (SELECT 1) TABLE c", true),
        (
            "CREATE TABLE `select` (`values` INT, b INT AS (1)) COMMENT='select' START TRANSACTION",
            false,
        ),
        ("CREATE TABLE t (a TEXT, FULLTEXT (a) WITH PARSER ngram)", false),
        (
            "CREATE TABLE t (a INT) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (1))",
            false,
        ),
        ("CREATE TABLE t LIKE u", false),
        ("CREATE VIEW v AS SELECT 1", false),
        ("ALTER TABLE t ADD a INT", false),
    ] {
        assert_eq!(Footprint::fills_what_it_creates(sql, dialect()), expected, "{sql}");
    }
}
