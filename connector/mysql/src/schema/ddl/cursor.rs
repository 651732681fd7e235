//! [`Cursor`]: a place in a statement's tokens, and what can be read there.

use std::borrow::Cow;

use super::error::DdlError;
use super::lexer::{Token, TokenKind, lex};
use super::literal::{inside_quotes, unescape, unquote_name};
use super::{Dialect, SqlMode};
use crate::table_id::TableId;

/// A place in a statement. Keywords are words that were not quoted, in any case.
#[derive(Debug, Clone)]
pub(in crate::schema) struct Cursor<'a> {
    source: &'a str,
    dialect: Dialect<'a>,
    tokens: Vec<Token>,
    at: usize,
    unterminated: Option<usize>,
}

impl<'a> Cursor<'a> {
    pub(in crate::schema) fn new(source: &'a str, dialect: Dialect<'a>) -> Self {
        let mut lexed = lex(source, dialect.sql_mode, dialect.server_version);
        while lexed
            .tokens
            .pop_if(|token| token.kind == TokenKind::Symbol(';'))
            .is_some()
        {}
        Cursor {
            source,
            dialect,
            tokens: lexed.tokens,
            at: 0,
            unterminated: lexed.unterminated,
        }
    }

    /// Where an unclosed quote or comment was opened, if there is one.
    pub(in crate::schema) fn unterminated(&self) -> Option<usize> {
        self.unterminated
    }

    pub(super) fn sql_mode(&self) -> SqlMode {
        self.dialect.sql_mode
    }

    /// Whether a TIMESTAMP is NOT NULL unless it says otherwise.
    pub(super) fn has_implicit_timestamps(&self) -> bool {
        self.dialect.implicit_timestamps
    }

    /// Whether a semicolon separates statements. Bodies of routines have them too.
    pub(in crate::schema) fn has_semicolon(&self) -> bool {
        self.tokens.iter().any(|token| token.kind == TokenKind::Symbol(';'))
    }

    pub(super) fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at).copied()
    }

    fn peek_nth(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    pub(in crate::schema) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn advance(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.at += 1;
        Some(token)
    }

    /// Takes whatever is next, of parentheses only the first.
    pub(in crate::schema) fn pass(&mut self) {
        self.advance();
    }

    /// The place itself, to come back to with [`Cursor::rewind`].
    pub(in crate::schema) fn mark(&self) -> usize {
        self.at
    }

    pub(in crate::schema) fn rewind(&mut self, mark: usize) {
        self.at = mark;
    }

    /// The original text of the tokens from `mark` to here, without what surrounds them.
    pub(super) fn text_since(&self, mark: usize) -> &'a str {
        let tokens = self.tokens.get(mark..self.at).unwrap_or(&[]);
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => self.source.get(first.start..last.end).unwrap_or(""),
            _ => "",
        }
    }

    /// The original text of all tokens up to here. The end of a versioned comment that the last of them stands in belongs
    /// to it, or the text would not be a statement. So does what stands behind a dash: at the end of a text, two of them are
    /// a comment.
    pub(super) fn statement_text(&self) -> &'a str {
        let text = self.text_since(0);
        let Some(start) = self.tokens.first().map(|token| token.start) else {
            return text;
        };
        let mut end = start + text.len();
        loop {
            let rest = self.source.get(end..).unwrap_or("");
            match rest.trim_start().strip_prefix("*/") {
                Some(after) => end = self.source.len() - after.len(),
                None if text.ends_with('-') => return self.source.get(start..).unwrap_or(text),
                None => return self.source.get(start..end).unwrap_or(text),
            }
        }
    }

    /// The statement's beginning, a question mark for every value, without comments.
    pub(in crate::schema) fn outline(&self) -> String {
        const LIMIT: usize = 200;
        let mut outline = String::new();
        let mut end = None;
        for token in &self.tokens {
            if outline.len() > LIMIT {
                outline.push_str(" ...");
                break;
            }
            if end.is_some_and(|end| end < token.start) {
                outline.push(' ');
            }
            match token.kind {
                TokenKind::Text | TokenKind::Number | TokenKind::Bits => outline.push('?'),
                TokenKind::Word | TokenKind::QuotedName | TokenKind::Symbol(_) => {
                    outline.push_str(self.spelling(*token));
                }
            }
            end = Some(token.end);
        }
        outline
    }

    /// Whether a name is next, quoted or not.
    pub(in crate::schema) fn is_name(&self) -> bool {
        self.peek()
            .is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::QuotedName))
    }

    fn spelling(&self, token: Token) -> &'a str {
        self.source.get(token.start..token.end).unwrap_or("")
    }

    fn is_word_at(&self, ahead: usize, word: &str) -> bool {
        self.peek_nth(ahead)
            .is_some_and(|token| token.kind == TokenKind::Word && self.spelling(token).eq_ignore_ascii_case(word))
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.is_word_at(0, word)
    }

    pub(in crate::schema) fn is_any_word(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(word))
    }

    pub(in crate::schema) fn is_words(&self, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(ahead, word)| self.is_word_at(ahead, word))
    }

    /// Takes `word` if it is next.
    pub(in crate::schema) fn eat(&mut self, word: &str) -> bool {
        self.eat_all(&[word])
    }

    /// Takes `words` if all of them are next.
    pub(in crate::schema) fn eat_all(&mut self, words: &[&str]) -> bool {
        let found = self.is_words(words);
        if found {
            self.at += words.len();
        }
        found
    }

    pub(in crate::schema) fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    pub(in crate::schema) fn is_symbol(&self, symbol: char) -> bool {
        self.peek().is_some_and(|token| token.kind == TokenKind::Symbol(symbol))
    }

    pub(in crate::schema) fn eat_symbol(&mut self, symbol: char) -> bool {
        let found = self.is_symbol(symbol);
        if found {
            self.at += 1;
        }
        found
    }

    pub(super) fn expect_symbol(&mut self, symbol: char) -> Result<(), DdlError> {
        if self.eat_symbol(symbol) {
            Ok(())
        } else {
            Err(self.expected(&format!("`{symbol}`")))
        }
    }

    /// An error at this place.
    pub(in crate::schema) fn expected(&self, what: &str) -> DdlError {
        let found = self.peek().map_or("the end", |token| self.spelling(token));
        // A long literal would only hide the place.
        let found: String = found.chars().take(40).collect();
        DdlError::new(format!("expected {what}, found {found}"))
    }

    /// The next word in upper case, if a word is next.
    pub(in crate::schema) fn word_upper(&self) -> Option<String> {
        let token = self.peek().filter(|token| token.kind == TokenKind::Word)?;
        Some(self.spelling(token).to_ascii_uppercase())
    }

    /// Takes a name, quoted or not.
    pub(in crate::schema) fn name(&mut self) -> Result<String, DdlError> {
        let token = self.peek().ok_or_else(|| self.expected("a name"))?;
        let spelling = self.spelling(token);
        let name = match token.kind {
            TokenKind::Word | TokenKind::Bits => spelling.to_owned(),
            TokenKind::QuotedName => unquote_name(spelling),
            _ => return Err(self.expected("a name")),
        };
        self.at += 1;
        Ok(name)
    }

    /// Takes a table's name, qualified or not.
    pub(in crate::schema) fn table_name(&mut self) -> Result<TableId, DdlError> {
        // `.t` is a table of the current database; ODBC writes it.
        let first = if self.is_symbol('.') { None } else { Some(self.name()?) };
        match (self.eat_symbol('.'), first) {
            (true, first) => {
                let table = self.name()?;
                Ok(self.dialect.table(first.as_deref(), &table))
            }
            (false, Some(table)) => Ok(self.dialect.table(None, &table)),
            (false, None) => Err(self.expected("a table name")),
        }
    }

    pub(super) fn default_database(&self) -> String {
        self.dialect.fold(self.dialect.default_database)
    }

    pub(super) fn database_name(&mut self) -> Result<String, DdlError> {
        let name = self.name()?;
        Ok(self.dialect.fold(&name))
    }

    /// Takes a string literal and gives its value; adjacent literals are one.
    pub(super) fn text(&mut self) -> Option<String> {
        let mut value: Option<String> = None;
        while let Some(token) = self.peek().filter(|token| token.kind == TokenKind::Text) {
            let raw = inside_quotes(self.spelling(token));
            let quote = self.spelling(token).chars().next().unwrap_or('\'');
            value
                .get_or_insert_default()
                .push_str(&unescape(raw, quote, self.sql_mode().no_backslash_escapes));
            self.at += 1;
        }
        value
    }

    /// Takes a string literal and gives what stands between its quotes, escapes and all; adjacent ones are joined by a
    /// doubled quote, which is how Debezium joins their spelling. Where a backslash escapes nothing it is doubled: whoever
    /// reads the text does not know the `sql_mode`.
    pub(super) fn raw_text(&mut self) -> Option<String> {
        let mut value: Option<String> = None;
        while let Some(token) = self.peek().filter(|token| token.kind == TokenKind::Text) {
            let mut raw = Cow::Borrowed(inside_quotes(self.spelling(token)));
            if self.sql_mode().no_backslash_escapes && raw.contains('\\') {
                raw = raw.replace('\\', "\\\\").into();
            }
            match &mut value {
                Some(value) => {
                    value.push_str("''");
                    value.push_str(&raw);
                }
                None => value = Some(raw.into_owned()),
            }
            self.at += 1;
        }
        value
    }

    /// Takes a number or a hexadecimal or bit literal and gives its spelling.
    pub(super) fn number(&mut self) -> Option<&'a str> {
        let token = self.peek().filter(|token| token.kind == TokenKind::Number)?;
        self.at += 1;
        Some(self.spelling(token))
    }

    pub(super) fn bits(&mut self) -> Option<&'a str> {
        let token = self.peek().filter(|token| token.kind == TokenKind::Bits)?;
        self.at += 1;
        Some(self.spelling(token))
    }

    /// Takes a character set's or collation's name: a word or a string.
    pub(super) fn charset_name(&mut self) -> Result<String, DdlError> {
        match self.text() {
            Some(text) => Ok(text.to_ascii_lowercase()),
            None => Ok(self.name()?.to_ascii_lowercase()),
        }
    }

    /// Takes what is next; of an opening parenthesis, all up to the closing one.
    pub(in crate::schema) fn skip(&mut self) -> Result<(), DdlError> {
        if self.is_symbol('(') {
            return self.skip_parentheses();
        }
        self.advance();
        Ok(())
    }

    /// Takes `( ... )`.
    pub(in crate::schema) fn skip_parentheses(&mut self) -> Result<(), DdlError> {
        self.expect_symbol('(')?;
        let mut depth = 1_usize;
        while depth > 0 {
            let token = self.advance().ok_or_else(|| self.expected("`)`"))?;
            match token.kind {
                TokenKind::Symbol('(') => depth += 1,
                TokenKind::Symbol(')') => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes everything before the next comma or closing parenthesis of this depth, or the end.
    pub(super) fn skip_item(&mut self) -> Result<(), DdlError> {
        while !self.is_at_end() && !self.is_symbol(',') && !self.is_symbol(')') {
            self.skip()?;
        }
        Ok(())
    }
}
