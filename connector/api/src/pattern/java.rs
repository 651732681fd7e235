//! Java's regular expressions, written as Rust's: what both languages read, but differently, and what only Java reads.
//!
//! `\d`, `\w`, `\s` and the POSIX classes are ASCII's in Java, `\Q..\E` quotes, and `--` and `~~` are no operators in a class.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

/// An expression in Rust's syntax.
pub(super) struct Translation {
    pub(super) rust: String,
    /// It has a possessive quantifier, which Rust's linear matcher would take for a repetition of a repetition.
    pub(super) is_possessive: bool,
}

/// # Errors
/// Why the expression cannot be carried out.
pub(super) fn translate(java: &str) -> Result<Translation, String> {
    let mut translator = Translator {
        rest: java.chars().peekable(),
        out: String::with_capacity(java.len()),
        depth: 0,
        last: Last::Other,
        is_possessive: false,
    };
    translator.run().map_err(|reason| format!("`{java}`: {reason}"))?;
    Ok(Translation {
        rust: translator.out,
        is_possessive: translator.is_possessive,
    })
}

/// What stands before the next character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Quantifier,
    /// `{..}`.
    Braces,
    /// The beginning of a class.
    ClassBegins,
    /// `(`, behind which `?` is no quantifier.
    GroupBegins,
    Other,
}

struct Translator<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// How many classes are open.
    depth: usize,
    last: Last,
    is_possessive: bool,
}

impl Translator<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(character) = self.rest.next() {
            self.last = match character {
                '\\' => self.escape()?,
                _ if self.depth > 0 => self.in_class(character),
                _ => self.outside(character)?,
            };
        }
        Ok(())
    }

    fn outside(&mut self, character: char) -> Result<Last, String> {
        self.out.push(character);
        Ok(match (character, self.last) {
            ('[', _) => {
                self.begin_class();
                Last::ClassBegins
            }
            ('(', _) => Last::GroupBegins,
            ('+', Last::Quantifier) => {
                self.is_possessive = true;
                Last::Other
            }
            ('+', Last::Braces) => return Err("a possessive `{..}+` is not supported".to_owned()),
            ('?', Last::GroupBegins) => {
                self.check_flags()?;
                Last::Other
            }
            ('?', Last::Quantifier | Last::Braces) => Last::Other,
            ('*' | '+' | '?', _) => Last::Quantifier,
            ('}', _) => Last::Braces,
            _ => Last::Other,
        })
    }

    /// `(?` was taken: perhaps flags follow. The other ones mean the same.
    fn check_flags(&self) -> Result<(), String> {
        let flags = self
            .rest
            .clone()
            .take_while(|next| next.is_ascii_alphabetic() || *next == '-');
        match flags.into_iter().any(|flag| flag == 'U') {
            true => Err("the flag U is not supported; write the classes of Unicode, such as \\p{L}".to_owned()),
            false => Ok(()),
        }
    }

    /// `[` was taken. A bracket that closes directly behind it is an item.
    fn begin_class(&mut self) {
        self.depth += 1;
        if self.rest.peek() == Some(&'^') {
            self.out.extend(self.rest.next());
        }
        // Java has no names of POSIX within `[: :]`.
        if let Some(item) = self.rest.next_if(|next| [']', ':'].contains(next)) {
            self.out.extend(['\\', item]);
        }
    }

    fn in_class(&mut self, character: char) -> Last {
        match character {
            '[' => {
                self.out.push('[');
                self.begin_class();
                return Last::ClassBegins;
            }
            ']' => {
                self.out.push(']');
                self.depth -= 1;
            }
            // An operator of Rust's: in Java the first one begins a range, unless it begins the class, and the second ends it.
            '-' if self.rest.next_if_eq(&'-').is_some() => match self.last {
                Last::ClassBegins => self.out.push_str(r"\--"),
                _ => self.out.push_str(r"-\-"),
            },
            '~' => self.out.push_str(r"\~"),
            other => self.out.push(other),
        }
        Last::Other
    }

    /// `\` was taken.
    fn escape(&mut self) -> Result<Last, String> {
        let Some(escaped) = self.rest.next() else {
            return Err("it ends with a backslash".to_owned());
        };
        match escaped {
            'Q' => self.quotation(),
            'd' => self.class("0-9", false),
            'D' => self.class("0-9", true),
            'w' => self.class("A-Za-z0-9_", false),
            'W' => self.class("A-Za-z0-9_", true),
            's' => self.class(r" \t\n\x0B\x0C\r", false),
            'S' => self.class(r" \t\n\x0B\x0C\r", true),
            'v' => self.class(LINE_ENDS, false),
            'V' => self.class(LINE_ENDS, true),
            'h' => self.class(BLANKS, false),
            'H' => self.class(BLANKS, true),
            'p' | 'P' => self.property(escaped == 'P'),
            'x' if self.rest.next_if_eq(&'{').is_some() => {
                self.out.push_str(r"\x{");
                self.out
                    .extend(std::iter::from_fn(|| self.rest.next_if(|character| *character != '}')));
                self.out.extend(self.rest.next());
            }
            other => {
                self.out.push('\\');
                self.out.push(other);
            }
        }
        Ok(Last::Other)
    }

    /// `\Q` was taken: everything up to `\E`, or to the end, stands for itself.
    fn quotation(&mut self) {
        let mut text = String::new();
        while let Some(character) = self.rest.next() {
            if character == '\\' && self.rest.next_if_eq(&'E').is_some() {
                break;
            }
            text.push(character);
        }
        self.out.push_str(&regex::escape(&text));
    }

    /// A class by its items.
    fn class(&mut self, items: &str, is_negated: bool) {
        // Writing into a String cannot fail.
        // Within a class it is one of its own: a `-` behind it begins no range.
        let written = match is_negated {
            true => write!(self.out, "[^{items}]"),
            false => write!(self.out, "[{items}]"),
        };
        written.expect("a String takes any text");
    }

    /// `\p` or `\P` was taken. The names of POSIX are ASCII's; others are Unicode's in both languages.
    fn property(&mut self, is_negated: bool) {
        let mut name = String::new();
        if self.rest.next_if_eq(&'{').is_some() {
            name.extend(std::iter::from_fn(|| self.rest.next_if(|character| *character != '}')));
            self.rest.next();
        } else {
            name.extend(self.rest.next());
        }
        let items = POSIX.iter().find(|(posix, _)| *posix == name).map(|(_, items)| *items);
        match items {
            Some(items) => self.class(items, is_negated),
            None => {
                let letter = if is_negated { 'P' } else { 'p' };
                write!(self.out, "\\{letter}{{{name}}}").expect("a String takes any text");
            }
        }
    }
}

/// `\v`.
const LINE_ENDS: &str = r"\n\x0B\x0C\r\x{85}\x{2028}\x{2029}";
/// `\h`.
const BLANKS: &str = r" \t\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}";

/// The names of `\p{..}` that are ASCII's.
const POSIX: [(&str, &str); 13] = [
    ("Lower", "a-z"),
    ("Upper", "A-Z"),
    ("ASCII", r"\x00-\x7F"),
    ("Alpha", "A-Za-z"),
    ("Digit", "0-9"),
    ("Alnum", "A-Za-z0-9"),
    ("Punct", r"!-/:-@\[-`{-\~"),
    ("Graph", r"!-\~"),
    ("Print", r" -\~"),
    ("Blank", r" \t"),
    ("Cntrl", r"\x00-\x1F\x7F"),
    ("XDigit", "0-9A-Fa-f"),
    ("Space", r" \t\n\x0B\x0C\r"),
];
