//! [`lex`]: a statement's text as tokens.
//!
//! Comments disappear here; the content of versioned comments (`/*!40100 ... */`) does not, unless it is for a later server
//! than the one that ran the statement (<https://dev.mysql.com/doc/refman/9.4/en/comments.html>). Tokens are ranges of the text, so that the original spelling
//! stays available. Text that ends inside a quote or a comment yields the tokens before it: the names of the tables that a
//! statement touches are worth having even then.

use super::sql_mode::SqlMode;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A keyword or an unquoted name.
    Word,
    /// A quoted name.
    QuotedName,
    /// A string literal.
    Text,
    /// A decimal number without sign.
    Number,
    /// A hexadecimal or bit literal in any of its spellings.
    Bits,
    /// Any other character.
    Symbol(char),
}

/// A token and the range of the text it covers, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The tokens of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lexed {
    pub(super) tokens: Vec<Token>,
    /// Where a quote or comment was opened that never ends.
    pub(super) unterminated: Option<usize>,
}

/// Splits `source` into tokens, as a server of this version does (`90704` for 9.7.4); without one, all versioned comments
/// are executed.
pub(super) fn lex(source: &str, sql_mode: SqlMode, server_version: Option<u32>) -> Lexed {
    let mut lexer = Lexer {
        source,
        at: 0,
        sql_mode,
        server_version,
        versioned: 0,
        tokens: Vec::new(),
        unterminated: None,
    };
    while lexer.unterminated.is_none() && lexer.step() {}
    Lexed {
        tokens: lexer.tokens,
        unterminated: lexer.unterminated,
    }
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    sql_mode: SqlMode,
    server_version: Option<u32>,
    /// How many versioned comments are open.
    versioned: usize,
    tokens: Vec<Token>,
    unterminated: Option<usize>,
}

impl Lexer<'_> {
    /// Takes one token, comment or blank. False at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return false;
        };
        match first {
            _ if first.is_whitespace() || first == '\0' => self.at += first.len_utf8(),
            '#' => self.skip_line(),
            '-' if is_dash_comment(rest) => self.skip_line(),
            '/' if rest.starts_with("/*!") => self.open_versioned_comment(),
            '/' if rest.starts_with("/*") => self.skip_comment(),
            '*' if self.versioned > 0 && rest.starts_with("*/") => {
                self.versioned -= 1;
                self.at += 2;
            }
            '`' => self.quoted('`', TokenKind::QuotedName, self.at),
            '"' if self.sql_mode.ansi_quotes => self.quoted('"', TokenKind::QuotedName, self.at),
            '"' | '\'' => self.quoted(first, TokenKind::Text, self.at),
            _ if is_word_character(first) => self.word(),
            _ => self.push(TokenKind::Symbol(first), self.at, self.at + first.len_utf8()),
        }
        true
    }

    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or("")
    }

    fn push(&mut self, kind: TokenKind, start: usize, end: usize) {
        self.tokens.push(Token { kind, start, end });
        self.at = end;
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').map_or(self.rest().len(), |end| end + 1);
    }

    fn skip_comment(&mut self) {
        // The star of the opening "/*" is not that of the end.
        match self.rest().get(2..).and_then(|body| body.find("*/")) {
            Some(end) => self.at += 2 + end + 2,
            None => self.unterminated = Some(self.at),
        }
    }

    /// A number is a version if it has five digits or more (`sql_lex.cc`); what is for a later server is a comment.
    fn open_versioned_comment(&mut self) {
        let body = self.rest().get("/*!".len()..).unwrap_or("");
        let digits = body.bytes().take_while(u8::is_ascii_digit).count();
        let version = body.get(..digits).filter(|digits| digits.len() >= 5);
        let is_later = |version: &str| {
            let known = self.server_version.map(u64::from);
            // What does not fit is larger than any version.
            known.is_some_and(|known| version.parse().map_or(true, |version: u64| version > known))
        };
        match version {
            Some(version) if is_later(version) => self.skip_later_comment(),
            version => {
                self.at += "/*!".len() + version.map_or(0, str::len);
                self.versioned += 1;
            }
        }
    }

    /// A comment for later servers may have other comments in it.
    fn skip_later_comment(&mut self) {
        let opened = self.at;
        self.at += "/*!".len();
        loop {
            let next = self.rest().find("*/").map(|end| (end, self.rest().find("/*")));
            match next {
                None => {
                    self.unterminated = Some(opened);
                    return;
                }
                Some((end, Some(inner))) if inner < end => {
                    self.at += inner;
                    self.skip_comment();
                    if self.unterminated.is_some() {
                        return;
                    }
                }
                Some((end, _)) => {
                    self.at += end + 2;
                    return;
                }
            }
        }
    }

    /// Takes what stands between two `quote`s; a doubled quote belongs to it. The token starts at `start`.
    fn quoted(&mut self, quote: char, kind: TokenKind, start: usize) {
        let escapes = kind == TokenKind::Text && !self.sql_mode.no_backslash_escapes;
        let opened = self.at;
        let mut characters = self.rest().char_indices().skip(1).peekable();
        while let Some((offset, character)) = characters.next() {
            if escapes && character == '\\' {
                characters.next();
            } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
                self.push(kind, start, opened + offset + quote.len_utf8());
                return;
            }
        }
        self.unterminated = Some(opened);
    }

    /// Whether what comes next is qualified by a name, as `1t` in `db.1t`, and so is a name however it looks.
    fn is_after_qualifier(&self) -> bool {
        match self.tokens.as_slice() {
            [.., name, dot] => {
                dot.kind == TokenKind::Symbol('.')
                    && matches!(name.kind, TokenKind::Word | TokenKind::QuotedName)
                    && name.end == dot.start
                    && dot.end == self.at
            }
            _ => false,
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|c| !is_word_character(c)).unwrap_or(rest.len());
        let (word, following) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let after_dot = self.is_after_qualifier();
        if following.starts_with('\'') && matches!(word, "x" | "X" | "b" | "B") {
            self.at += length;
            self.quoted('\'', TokenKind::Bits, start);
        } else if following.starts_with('\'') && matches!(word, "n" | "N") {
            self.at += length;
            self.quoted('\'', TokenKind::Text, self.at);
        } else if let Some(length) = number_length(rest).filter(|_| !after_dot) {
            self.push(TokenKind::Number, start, start + length);
        } else if !after_dot && is_bits(word) {
            self.push(TokenKind::Bits, start, start + length);
        } else {
            self.push(TokenKind::Word, start, start + length);
        }
    }
}

/// `-- ` opens a comment only when a blank or control character follows.
fn is_dash_comment(rest: &str) -> bool {
    match rest.strip_prefix("--") {
        Some(after) => after.chars().next().is_none_or(|c| c.is_whitespace() || c.is_control()),
        None => false,
    }
}

/// Unquoted names: <https://dev.mysql.com/doc/refman/9.4/en/identifiers.html>.
fn is_word_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '$' | '@') || character > '\u{7f}'
}

fn is_bits(word: &str) -> bool {
    let digits = |prefix: &str, valid: fn(&u8) -> bool| {
        word.strip_prefix(prefix)
            .is_some_and(|digits| !digits.is_empty() && digits.as_bytes().iter().all(valid))
    };
    digits("0x", u8::is_ascii_hexdigit) || digits("0b", |b| matches!(b, b'0' | b'1'))
}

/// The length of the number at the beginning of `rest`. `2024_orders` is a name; `1e5` is not.
fn number_length(rest: &str) -> Option<usize> {
    let digits = |from: usize| {
        rest.get(from..)
            .unwrap_or("")
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count()
    };
    let mut length = digits(0);
    if length == 0 {
        return None;
    }
    if rest.get(length..).is_some_and(|rest| rest.starts_with('.')) {
        length += 1 + digits(length + 1);
    }
    if rest.get(length..).is_some_and(|rest| rest.starts_with(['e', 'E'])) {
        let sign = rest.get(length + 1..).is_some_and(|rest| rest.starts_with(['+', '-'])) as usize;
        let exponent = digits(length + 1 + sign);
        length += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    let ends = rest
        .get(length..)?
        .chars()
        .next()
        .is_none_or(|next| !is_word_character(next));
    ends.then_some(length)
}
