//! [`Statement`]: what the text of a QUERY event does to the transaction it stands in.
//!
//! Only the words that open, close or cut a transaction are understood here, and the first word of everything else. What a
//! change of rows names, and what a definition says, is read elsewhere.

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
    /// A change of rows, logged as a statement. `SELECT` and `DO` are there, too: the server logs them when a function that
    /// they call writes.
    Change,
    /// A definition, a grant, a setting.
    Other,
    /// It begins with a word that is none of these. Inside of a transaction only changes of rows are to be expected.
    Unknown,
}

/// What statements begin with that change rows, or call what does.
const CHANGES: [&str; 14] = [
    "INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "WITH", "SELECT", "DO", "CALL", "TABLE", "VALUES", "EXECUTE",
    "HANDLER", "(",
];
/// What the other statements of a binlog begin with.
const DEFINITIONS: [&str; 18] = [
    "CREATE",
    "ALTER",
    "DROP",
    "RENAME",
    "TRUNCATE",
    "GRANT",
    "REVOKE",
    "SET",
    "ANALYZE",
    "OPTIMIZE",
    "REPAIR",
    "CHECK",
    "FLUSH",
    "INSTALL",
    "UNINSTALL",
    "USE",
    "IMPORT",
    "CACHE",
];

impl<'a> Statement<'a> {
    /// Understands `sql`.
    pub fn parse(sql: &'a str) -> Statement<'a> {
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
        let is_any = |words: &[&str]| words.iter().any(|word| is(word));
        if is_any(&CHANGES) {
            Statement::Change
        } else if is_any(&DEFINITIONS) {
            Statement::Other
        } else {
            Statement::Unknown
        }
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

    fn check(sql: &str, expected: Statement<'_>) {
        assert_eq!(Statement::parse(sql), expected, "{sql}");
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
            "SET PASSWORD FOR u = 'x'",
        ] {
            check(sql, Statement::Other);
        }
    }

    #[test]
    fn whatever_may_change_rows_is_a_change() {
        for sql in [
            "INSERT INTO t VALUES (1)",
            "/* c */ UPDATE LOW_PRIORITY x . y SET a = 1",
            "# c\nREPLACE t SELECT 1",
            "LOAD DATA INFILE 'f' INTO TABLE t",
            "WITH c AS (SELECT 1) UPDATE t SET a = 1",
            "SELECT `d`.`f`()",
            "DO f()",
            "(SELECT f())",
        ] {
            check(sql, Statement::Change);
        }
        for sql in ["", "FROB t", "'text'"] {
            check(sql, Statement::Unknown);
        }
    }
}
