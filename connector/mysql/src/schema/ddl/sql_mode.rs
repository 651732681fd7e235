//! [`SqlMode`]: what of a session's `sql_mode` decides how its DDL reads.
//!
//! Modes: <https://dev.mysql.com/doc/refman/9.4/en/sql-mode.html>. The others change what values are accepted, or how
//! expressions are read, which are passed over.

/// The part of `sql_mode` that changes names, strings and types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SqlMode {
    /// `ANSI_QUOTES`: double quotes enclose names, not strings.
    pub ansi_quotes: bool,
    /// `NO_BACKSLASH_ESCAPES`: a backslash is an ordinary character.
    pub no_backslash_escapes: bool,
    /// `REAL_AS_FLOAT`, which is part of `ANSI`: a REAL is a FLOAT.
    pub real_as_float: bool,
}

impl SqlMode {
    /// What the bits of `sql_mode` say, as the binlog carries them (`system_variables.h`).
    pub fn of_bits(bits: u64) -> Self {
        const REAL_AS_FLOAT: u64 = 1;
        const ANSI_QUOTES: u64 = 1 << 2;
        const NO_BACKSLASH_ESCAPES: u64 = 1 << 20;
        SqlMode {
            ansi_quotes: bits & ANSI_QUOTES != 0,
            no_backslash_escapes: bits & NO_BACKSLASH_ESCAPES != 0,
            real_as_float: bits & REAL_AS_FLOAT != 0,
        }
    }
}
