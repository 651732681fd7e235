//! [`Gtid`]: the name of one transaction, `source:number` or `source:tag:number`.
//!
//! <https://dev.mysql.com/doc/refman/en/replication-gtids-concepts.html>

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The largest transaction number; MySQL keeps numbers below 2^63 - 1.
pub(super) const MAX_NUMBER: u64 = i64::MAX as u64 - 1;

/// A global transaction identifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gtid {
    /// The server that committed the transaction first.
    pub source: Uuid,
    /// The tag, empty without one.
    pub tag: Tag,
    /// The number, from 1.
    pub number: u64,
}

impl fmt::Display for Gtid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.source.as_hyphenated())?;
        if !self.tag.is_empty() {
            write!(f, "{}:", self.tag)?;
        }
        write!(f, "{}", self.number)
    }
}

impl FromStr for Gtid {
    type Err = GtidError;

    fn from_str(text: &str) -> Result<Self, GtidError> {
        let invalid = || GtidError(text.to_owned());
        let (source, rest) = text.trim().split_once(':').ok_or_else(invalid)?;
        let (tag, number) = rest.rsplit_once(':').unwrap_or(("", rest));
        Ok(Gtid {
            source: Uuid::parse_str(source.trim()).map_err(|_| invalid())?,
            tag: Tag::parse(tag.trim()).ok_or_else(invalid)?,
            number: parse_number(number).ok_or_else(invalid)?,
        })
    }
}

/// A text that is no GTID or no set of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a GTID or GTID set")]
pub struct GtidError(pub(super) String);

/// The tag of a GTID (MySQL 8.3 and later): empty, or up to 32 of `a-z`, `0-9`, `_`, not starting with a digit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(String);

impl Tag {
    const MAX_LENGTH: usize = 32;

    /// The tag spelled `text`; upper case is folded as the server does. `None` if it cannot be a tag.
    pub fn parse(text: &str) -> Option<Tag> {
        let first_is_digit = text.as_bytes().first().is_some_and(u8::is_ascii_digit);
        let legal = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (legal && !first_is_digit && text.len() <= Self::MAX_LENGTH).then(|| Tag(text.to_ascii_lowercase()))
    }

    /// Whether there is no tag.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A transaction number: plain digits, from 1 to [`MAX_NUMBER`].
pub(super) fn parse_number(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number))
}

#[cfg(test)]
mod tests {
    use super::Gtid;

    fn check(text: &str, canonical: Option<&str>) {
        assert_eq!(
            text.parse::<Gtid>().ok().map(|gtid| gtid.to_string()).as_deref(),
            canonical,
            "{text}"
        );
    }

    #[test]
    fn reads_and_writes_gtids() {
        check(
            "CA9F915B-E695-11F1-ADA1-02FC00000001:7",
            Some("ca9f915b-e695-11f1-ada1-02fc00000001:7"),
        );
        check(
            "ca9f915b-e695-11f1-ada1-02fc00000001:Load_1:7",
            Some("ca9f915b-e695-11f1-ada1-02fc00000001:load_1:7"),
        );
    }

    #[test]
    fn refuses_what_is_no_gtid() {
        for text in [
            "",
            "7",
            "ca9f915b-e695-11f1-ada1-02fc00000001",
            "ca9f915b-e695-11f1-ada1-02fc00000001:",
            "ca9f915b-e695-11f1-ada1-02fc00000001:0",
            "ca9f915b-e695-11f1-ada1-02fc00000001:-1",
            "ca9f915b-e695-11f1-ada1-02fc00000001:1-2",
            "ca9f915b-e695-11f1-ada1-02fc00000001:9223372036854775807",
            "ca9f915b-e695-11f1-ada1-02fc00000001:1tag:7",
            "ca9f915b-e695-11f1-ada1-02fc00000001:a:b:7",
        ] {
            check(text, None);
        }
    }
}
