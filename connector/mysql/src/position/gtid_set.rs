//! [`GtidSet`]: a set of transactions, exact to the number.
//!
//! Arithmetic on these sets decides what is read again and what never is, so it is exact: a gap stays a gap until the very
//! transaction that fills it was seen. Tagged GTIDs count like any other: `uuid:1-5` says nothing of `uuid:tag:1-5`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::gtid::{Gtid, GtidError, MAX_NUMBER, Tag, parse_number};
use super::intervals::{Interval, Intervals};

/// A set of GTIDs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GtidSet {
    /// No entry is empty, at either level.
    sources: BTreeMap<Uuid, BTreeMap<Tag, Intervals>>,
}

impl GtidSet {
    /// The empty set.
    pub fn new() -> Self {
        GtidSet::default()
    }

    /// Whether no transaction is in the set.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Whether `gtid` is in the set.
    pub fn contains(&self, gtid: &Gtid) -> bool {
        self.intervals(&gtid.source, &gtid.tag)
            .is_some_and(|numbers| numbers.contains(gtid.number))
    }

    /// Whether every transaction of `other` is in the set.
    pub fn contains_set(&self, other: &GtidSet) -> bool {
        other.entries().all(|(source, tag, wanted)| {
            self.intervals(source, tag)
                .is_some_and(|numbers| numbers.contains_all(wanted))
        })
    }

    /// Adds one transaction.
    pub fn add(&mut self, gtid: &Gtid) {
        self.add_interval(
            &gtid.source,
            &gtid.tag,
            Interval {
                first: gtid.number,
                last: gtid.number,
            },
        );
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub fn minus(&self, other: &GtidSet) -> GtidSet {
        let mut rest = GtidSet::new();
        for (source, tag, numbers) in self.entries() {
            let left = match other.intervals(source, tag) {
                Some(removed) => numbers.minus(removed),
                None => numbers.clone(),
            };
            if !left.is_empty() {
                rest.sources.entry(*source).or_default().insert(tag.clone(), left);
            }
        }
        rest
    }

    /// Adds all of `other`.
    pub fn join(&mut self, other: &GtidSet) {
        for (source, tag, numbers) in other.entries() {
            for interval in numbers.ranges() {
                self.add_interval(source, tag, *interval);
            }
        }
    }

    /// The transactions of the servers that `is_wanted` names.
    #[must_use]
    pub fn of_sources(&self, is_wanted: impl Fn(&Uuid) -> bool) -> GtidSet {
        let sources = self.sources.iter().filter(|(source, _)| is_wanted(source));
        GtidSet {
            sources: sources.map(|(source, tags)| (*source, tags.clone())).collect(),
        }
    }

    fn intervals(&self, source: &Uuid, tag: &Tag) -> Option<&Intervals> {
        self.sources.get(source)?.get(tag)
    }

    /// Every source and tag with its numbers, sorted.
    fn entries(&self) -> impl Iterator<Item = (&Uuid, &Tag, &Intervals)> {
        self.sources
            .iter()
            .flat_map(|(source, tags)| tags.iter().map(move |(tag, numbers)| (source, tag, numbers)))
    }

    fn add_interval(&mut self, source: &Uuid, tag: &Tag, interval: Interval) {
        // Looked up before `entry`, which would need an owned tag for every transaction of a stream.
        if let Some(numbers) = self.sources.get_mut(source).and_then(|tags| tags.get_mut(tag)) {
            numbers.add(interval);
            return;
        }
        self.sources
            .entry(*source)
            .or_default()
            .entry(tag.clone())
            .or_default()
            .add(interval);
    }
}

/// The wire form, of `COM_BINLOG_DUMP_GTID` and of the PREVIOUS_GTIDS event (`Gtid_set::encode`, `rpl_gtid_set.cc`).
///
/// Little-endian: a count, then for each source its 16 bytes, a count of ranges and each range as first and *past-the-end*
/// number. A set with tags marks its first word (top byte 1, count shifted by 8) and puts after each source the tag's
/// length, as a variable-length integer, and the tag.
impl GtidSet {
    const TAGGED: u64 = 1;

    /// Appends the wire form. Servers before 8.3 know no tags, and a set without tags is written as they read it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let tagged = self.entries().any(|(_, tag, _)| !tag.is_empty());
        let count = self.entries().count() as u64;
        let head = if tagged { Self::TAGGED << 56 | count << 8 } else { count };
        out.extend_from_slice(&head.to_le_bytes());
        for (source, tag, numbers) in self.entries() {
            out.extend_from_slice(source.as_bytes());
            if tagged {
                // A length below 128 is one byte: the value above a zero bit. Tags have at most 32 characters.
                out.push((tag.as_str().len() as u8) << 1);
                out.extend_from_slice(tag.as_str().as_bytes());
            }
            out.extend_from_slice(&(numbers.ranges().len() as u64).to_le_bytes());
            for interval in numbers.ranges() {
                out.extend_from_slice(&interval.first.to_le_bytes());
                out.extend_from_slice(&(interval.last + 1).to_le_bytes());
            }
        }
    }

    /// Reads the wire form; `None` if the bytes are not one. Bytes behind it are ignored: the server's own may be padded.
    pub fn decode(bytes: &[u8]) -> Option<GtidSet> {
        let mut bytes = Bytes(bytes);
        let head = bytes.word()?;
        let (tagged, count) = match head >> 56 {
            0 => (false, head),
            Self::TAGGED => (true, (head & 0x00ff_ffff_ffff_ff00) >> 8),
            _ => return None,
        };
        let mut set = GtidSet::new();
        for _ in 0..count {
            let source = Uuid::from_slice(bytes.take(16)?).ok()?;
            let tag = if tagged { bytes.tag()? } else { Tag::default() };
            for _ in 0..bytes.word()? {
                let (first, end) = (bytes.word()?, bytes.word()?);
                if first == 0 || first >= end || end - 1 > MAX_NUMBER {
                    return None;
                }
                set.add_interval(&source, &tag, Interval { first, last: end - 1 });
            }
        }
        Some(set)
    }
}

/// Bytes from outside, taken from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn word(&mut self) -> Option<u64> {
        self.take(8)
            .and_then(|word| word.try_into().ok())
            .map(u64::from_le_bytes)
    }

    fn tag(&mut self) -> Option<Tag> {
        let length = *self.take(1)?.first()?;
        if length & 1 != 0 {
            return None;
        }
        Tag::parse(std::str::from_utf8(self.take(usize::from(length >> 1))?).ok()?)
    }
}

/// MySQL's canonical text, on one line: sources and tags sorted, each source once.
impl fmt::Display for GtidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (source, tags)) in self.sources.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            write!(f, "{}", source.as_hyphenated())?;
            for (tag, numbers) in tags {
                if !tag.is_empty() {
                    write!(f, ":{tag}")?;
                }
                for Interval { first, last } in numbers.ranges() {
                    write!(f, ":{first}")?;
                    if first != last {
                        write!(f, "-{last}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl FromStr for GtidSet {
    type Err = GtidError;

    /// Reads `uuid:1-5:9:tag:1-3,...` with white space and empty items anywhere, as servers print and accept it.
    fn from_str(text: &str) -> Result<Self, GtidError> {
        let mut set = GtidSet::new();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            set.add_source(item).ok_or_else(|| GtidError(item.to_owned()))?;
        }
        Ok(set)
    }
}

impl GtidSet {
    /// Adds what one `uuid:...` item says.
    fn add_source(&mut self, item: &str) -> Option<()> {
        let mut parts = item.split(':').map(str::trim);
        let source = Uuid::parse_str(parts.next()?).ok()?;
        let mut tag = Tag::default();
        let mut awaits_interval = true;
        for part in parts {
            if part.starts_with(|first: char| first.is_ascii_digit()) {
                self.add_interval(&source, &tag, parse_interval(part)?);
                awaits_interval = false;
            } else if part.is_empty() || (awaits_interval && !tag.is_empty()) {
                return None;
            } else {
                tag = Tag::parse(part)?;
                awaits_interval = true;
            }
        }
        (!awaits_interval).then_some(())
    }
}

fn parse_interval(text: &str) -> Option<Interval> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (parse_number(first)?, parse_number(last)?);
    (first <= last).then_some(Interval { first, last })
}

#[cfg(test)]
mod tests;
