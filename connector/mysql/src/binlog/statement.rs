//! [`Statement`]: what the text of a QUERY event does to the transaction it stands in.
//!
//! Only the words that open, close or cut a transaction are understood here, and enough of a data-changing statement to
//! name its table. Everything else is left to the DDL parser.

use crate::table_id::TableId;

/// What a statement is to a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement<'a> {
    /// `BEGIN`.
    Begin,
    /// `COMMIT`.
    Commit,
    /// `ROLLBACK`.
    Rollback,
    /// `SAVEPOINT name`.
    Savepoint(&'a str),
    /// `ROLLBACK TO [SAVEPOINT] name`.
    RollbackTo(&'a str),
    /// `XA START`.
    XaStart,
    /// `XA END`: nothing changes until it is prepared.
    XaEnd,
    /// `XA COMMIT` of a transaction that was prepared.
    XaCommit,
    /// `XA ROLLBACK` of a transaction that was prepared.
    XaRollback,
    /// A change of rows, logged as a statement; its table if that is certain.
    Dml(Option<TableId>),
    /// Anything else: a definition, a grant, a setting.
    Other,
}

impl<'a> Statement<'a> {
    /// Understands `sql`, executed in `database`.
    pub fn parse(sql: &'a str, database: &str) -> Statement<'a> {
        let mut words = Words(sql);
        let first = words.next();
        let is = |word: &str| first.eq_ignore_ascii_case(word);
        if is("BEGIN") || is("COMMIT") {
            return match (words.is_at_end(), is("BEGIN")) {
                (true, true) => Statement::Begin,
                (true, false) => Statement::Commit,
                (false, _) => Statement::Other,
            };
        }
        if is("ROLLBACK") {
            return Self::rollback(words);
        }
        if is("SAVEPOINT") {
            return Statement::Savepoint(words.next());
        }
        if is("XA") {
            return Self::xa(words.next());
        }
        if is("INSERT") || is("REPLACE") || is("UPDATE") || is("DELETE") {
            return Statement::Dml(target(words, database));
        }
        if is("LOAD") || is("CALL") || is("WITH") {
            return Statement::Dml(None);
        }
        Statement::Other
    }

    fn rollback(mut words: Words<'a>) -> Statement<'a> {
        if words.is_at_end() {
            return Statement::Rollback;
        }
        if !words.next().eq_ignore_ascii_case("TO") {
            return Statement::Other;
        }
        let name = words.next();
        let name = if name.eq_ignore_ascii_case("SAVEPOINT") && !words.is_at_end() {
            words.next()
        } else {
            name
        };
        Statement::RollbackTo(name)
    }

    fn xa(verb: &str) -> Statement<'static> {
        match verb.to_ascii_uppercase().as_str() {
            "START" | "BEGIN" => Statement::XaStart,
            "COMMIT" => Statement::XaCommit,
            "ROLLBACK" => Statement::XaRollback,
            _ => Statement::XaEnd,
        }
    }
}

/// The table of an INSERT, REPLACE, UPDATE or DELETE behind its first word; `None` if it might be several.
fn target(mut words: Words<'_>, database: &str) -> Option<TableId> {
    const MODIFIERS: [&str; 7] = [
        "LOW_PRIORITY",
        "DELAYED",
        "HIGH_PRIORITY",
        "QUICK",
        "IGNORE",
        "INTO",
        "FROM",
    ];
    let mut first = words.next();
    while MODIFIERS.iter().any(|modifier| first.eq_ignore_ascii_case(modifier)) {
        first = words.next();
    }
    let (database, table) = match words.clone().next() {
        "." => {
            words.next();
            (unquoted(first), unquoted(words.next()))
        }
        _ => (database.to_owned(), unquoted(first)),
    };
    // What may follow the name of the only table.
    const FOLLOWERS: [&str; 12] = [
        "(",
        "SET",
        "VALUES",
        "VALUE",
        "SELECT",
        "TABLE",
        "WITH",
        "WHERE",
        "ORDER",
        "LIMIT",
        "PARTITION",
        "",
    ];
    let next = words.next();
    let is_alone = FOLLOWERS.iter().any(|follower| next.eq_ignore_ascii_case(follower));
    (is_alone && !table.is_empty() && !database.is_empty()).then_some(TableId { database, table })
}

/// A name without its quotes; doubled quotes inside count once.
fn unquoted(word: &str) -> String {
    for quote in ['`', '"'] {
        if let Some(inner) = word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner.replace(&format!("{quote}{quote}"), &quote.to_string());
        }
    }
    word.to_owned()
}

/// The words of a statement, without comments: names, quoted names and single marks. Empty at the end.
#[derive(Clone)]
struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    fn next(&mut self) -> &'a str {
        self.skip_blanks();
        let length = match self.0.chars().next() {
            None => 0,
            Some(quote @ ('`' | '"' | '\'')) => self.quoted_length(quote),
            Some(first) if is_word(first) => self.0.find(|char| !is_word(char)).unwrap_or(self.0.len()),
            Some(mark) => mark.len_utf8(),
        };
        let (word, rest) = self.0.split_at_checked(length).unwrap_or((self.0, ""));
        self.0 = rest;
        word
    }

    fn is_at_end(&self) -> bool {
        let mut words = self.clone();
        matches!(words.next(), "" | ";")
    }

    fn skip_blanks(&mut self) {
        loop {
            self.0 = self.0.trim_start();
            // Comments that only newer servers execute are executed by all that we read from.
            let rest = if self.0.starts_with("/*!") {
                self.0
                    .get(3..)
                    .map(|rest| rest.trim_start_matches(|char: char| char.is_ascii_digit()))
            } else if self.0.starts_with("*/") {
                self.0.get(2..)
            } else if self.0.starts_with("/*") {
                Some(self.0.split_once("*/").map_or("", |(_, rest)| rest))
            } else if self.0.starts_with('#') || self.0.starts_with("-- ") {
                Some(self.0.split_once('\n').map_or("", |(_, rest)| rest))
            } else {
                None
            };
            match rest {
                Some(rest) => self.0 = rest,
                None => return,
            }
        }
    }

    /// The length of the quoted text in front; a doubled quote does not end it.
    fn quoted_length(&self, quote: char) -> usize {
        let mut chars = self.0.char_indices().skip(1).peekable();
        while let Some((at, char)) = chars.next() {
            if char == quote {
                match chars.peek() {
                    Some((_, next)) if *next == quote => {
                        chars.next();
                    }
                    _ => return at + quote.len_utf8(),
                }
            }
        }
        self.0.len()
    }
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '_' | '$') || !char.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::Statement;
    use crate::table_id::TableId;

    fn check(sql: &str, expected: Statement<'_>) {
        assert_eq!(Statement::parse(sql, "db"), expected, "{sql}");
    }

    #[test]
    fn transaction_control_is_recognised() {
        check("BEGIN", Statement::Begin);
        check(" begin ", Statement::Begin);
        check("COMMIT", Statement::Commit);
        check("COMMIT /* implicit, from Xid_log_event */", Statement::Commit);
        check("ROLLBACK", Statement::Rollback);
        check("SAVEPOINT `a b`", Statement::Savepoint("`a b`"));
        check("ROLLBACK TO `a b`", Statement::RollbackTo("`a b`"));
        check("rollback to savepoint sp", Statement::RollbackTo("sp"));
        check("XA START X'31',X'',1", Statement::XaStart);
        check("XA END X'31',X'',1", Statement::XaEnd);
        check("XA COMMIT X'31',X'',1", Statement::XaCommit);
        check("XA ROLLBACK X'31',X'',1", Statement::XaRollback);
    }

    #[test]
    fn definitions_are_left_to_others() {
        for sql in [
            "CREATE TABLE t (a INT)",
            "/* x */ ALTER TABLE t ADD b INT",
            "TRUNCATE TABLE t",
            "GRANT SELECT ON *.* TO u",
            "",
        ] {
            check(sql, Statement::Other);
        }
    }

    #[test]
    fn the_table_of_a_statement_is_named_when_it_is_certain() {
        let table = |database: &str, table: &str| Statement::Dml(Some(TableId::new(database, table)));
        check("INSERT INTO t VALUES (1)", table("db", "t"));
        check("insert ignore t(a) values (1)", table("db", "t"));
        check(
            "REPLACE INTO `percona`.`check``sums` (db, tbl) SELECT 1",
            table("percona", "check`sums"),
        );
        check("/* c */ UPDATE LOW_PRIORITY x . y SET a = 1", table("x", "y"));
        check("DELETE FROM t WHERE a = 1", table("db", "t"));
        check("DELETE FROM t", table("db", "t"));
    }

    #[test]
    fn a_statement_that_may_touch_several_tables_names_none() {
        for sql in [
            "UPDATE a, b SET a.x = 1",
            "UPDATE a JOIN b ON a.i = b.i SET a.x = 1",
            "UPDATE a AS x SET x.a = 1",
            "DELETE a FROM a JOIN b",
            "DELETE FROM a USING a JOIN b",
            "LOAD DATA INFILE 'f' INTO TABLE t",
            "WITH c AS (SELECT 1) UPDATE t SET a = 1",
            "INSERT",
        ] {
            check(sql, Statement::Dml(None));
        }
    }
}
