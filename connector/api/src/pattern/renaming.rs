//! [`Renaming`]: a Java regular expression that makes other names of the names that it matches, as `Matcher.matches` and
//! `Matcher.replaceFirst` do (`java.util.regex.Matcher`).

use super::matcher::Matcher;
use super::{Case, Pattern, Runaway, java};

/// A pattern for whole names, and what takes the place of its first match.
#[derive(Debug, Clone)]
pub struct Renaming {
    whole: Pattern,
    anywhere: Matcher,
    replacement: Vec<Piece>,
}

/// Which of the two texts is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenamingError {
    /// The expression.
    Pattern(String),
    /// What takes its place.
    Replacement(String),
}

/// A piece of a replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

impl Renaming {
    /// Reads an expression of Java's, and a replacement, in which `$1` and `${name}` stand for what a group has found.
    ///
    /// # Errors
    /// Why one of them is none, in one line.
    pub fn new(pattern: &str, replacement: &str) -> Result<Self, RenamingError> {
        let translation = java::translate(pattern).map_err(RenamingError::Pattern)?;
        let anywhere =
            Matcher::new(pattern, &translation, ["", ""], Case::Sensitive).map_err(RenamingError::Pattern)?;
        let whole = Pattern::new(pattern, Case::Sensitive).map_err(RenamingError::Pattern)?;
        let replacement = parse(replacement, &anywhere).map_err(RenamingError::Replacement)?;
        Ok(Renaming {
            whole,
            anywhere,
            replacement,
        })
    }

    /// The new name, if the whole of `name` matches. The first match is replaced, which need not be the whole name: `a|ab` finds
    /// only the `a` of `ab`.
    ///
    /// # Errors
    /// It could not be decided in time.
    pub fn rename(&self, name: &str) -> Result<Option<String>, Runaway> {
        if !self.whole.matches(name)? {
            return Ok(None);
        }
        let found = self.anywhere.find(name).map_err(|_| self.whole.runaway(name))?;
        let Some(found) = found else { return Ok(None) };
        let place = found.whole();
        let mut renamed = name[..place.start].to_owned();
        for piece in &self.replacement {
            renamed.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Group(number) => found.text(*number),
            });
        }
        renamed.push_str(&name[place.end..]);
        Ok(Some(renamed))
    }
}

/// `$1`, `${name}`, and whatever follows a backslash as it is. Of `$12` the second digit belongs to the group only if there is
/// a group 12.
fn parse(replacement: &str, pattern: &Matcher) -> Result<Vec<Piece>, String> {
    let groups = pattern.groups();
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = replacement.chars().peekable();
    while let Some(c) = rest.next() {
        let piece = match c {
            '\\' => {
                text.push(rest.next().ok_or("the replacement ends with a backslash")?);
                continue;
            }
            '$' if rest.next_if_eq(&'{').is_some() => {
                let name: String = std::iter::from_fn(|| rest.next_if(char::is_ascii_alphanumeric)).collect();
                if rest.next() != Some('}') {
                    return Err("a group's name in the replacement is not closed with `}`".to_owned());
                }
                let group = pattern.group(&name);
                Piece::Group(group.ok_or_else(|| format!("the expression has no group with the name {{{name}}}"))?)
            }
            '$' => {
                let first = rest.next().and_then(|digit| digit.to_digit(10));
                let mut number =
                    first.ok_or("a `$` in the replacement is not followed by a group; write \\$ for itself")? as usize;
                while let Some(longer) = rest
                    .peek()
                    .and_then(|digit| digit.to_digit(10))
                    .map(|digit| number * 10 + digit as usize)
                    && longer <= groups
                {
                    number = longer;
                    rest.next();
                }
                if number > groups {
                    return Err(format!(
                        "the replacement wants group {number}, of which the expression has {groups}"
                    ));
                }
                Piece::Group(number)
            }
            c => {
                text.push(c);
                continue;
            }
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(piece);
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::Renaming;

    #[track_caller]
    fn check(pattern: &str, replacement: &str, topic: &str, expected: Option<&str>) {
        let renaming = Renaming::new(pattern, replacement).expect("valid");
        assert_eq!(renaming.rename(topic).expect("in time").as_deref(), expected);
    }

    #[test]
    fn whole_names_are_renamed_as_java_does() {
        check("(.*)", "$1-cdc", "p.db.t", Some("p.db.t-cdc"));
        check(r"(.*)\.(.*)\.(.*)", "$3", "p.db.t", Some("t"));
        check("shop.(.*)", "shop-$1", "my.shop.orders", None);
        check("(?<db>[^.]*).*", "${db}_$0", "a.b", Some("a_a.b"));
        check("(.)(.*)", "$12", "xyz", Some("x2"));
        check("(.*)", r"\$1\\", "t", Some(r"$1\"));
        check("a|ab", "z", "ab", Some("zb"));
        check("(a)?b", "[$1]", "b", Some("[]"));
        check(".*", "", "t", Some(""));
        check(r"(?!.*_tmp)(\w+)\.(\w+)", "$2.$1", "a.b", Some("b.a"));
        check(r"(?!.*_tmp)(\w+)\.(\w+)", "$2.$1", "a.b_tmp", None);
        check(r"(?<n>\w+)\.\k<n>", "${n}", "a.a", Some("a"));
        check(r"\d+", "n", "\u{661}", None);
    }

    #[test]
    fn what_java_refuses_is_refused() {
        for (pattern, replacement) in [
            ("(", ""),
            (".*", "$1"),
            (".*", "$"),
            (".*", "a\\"),
            (".*", "${x}"),
            ("(?<x>.)", "${x"),
        ] {
            assert!(Renaming::new(pattern, replacement).is_err(), "{pattern} {replacement}");
        }
    }
}
