//! [`ColumnMappings`]: columns that are published cut, masked or hashed, and columns whose type in MySQL is told.
//!
//! One column has one mapping: the first that names it, in the order of Debezium's own list, which is that of the variants
//! of [`Mapping`]; keys of one family count in the order of their names. A mapping never concerns the key of a record.

use openssl::hash::MessageDigest;

use super::reader::Reader;
use super::regex_list::RegexList;
use crate::table_id::TableId;

/// What is done with columns on their way into a record, in the order of precedence.
#[derive(Debug, Clone, Default)]
pub struct ColumnMappings(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    names: RegexList,
    subject: Subject,
    mapping: Mapping,
}

/// What an expression is matched with, behind `database.table.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    ColumnName,
    TypeName,
}

/// What is done with a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapping {
    /// `column.truncate.to.N.chars`.
    Truncate(u32),
    /// `column.mask.with.N.chars`.
    Mask(u32),
    /// `column.propagate.source.type` and `datatype.propagate.source.type`: the schema tells the column's type.
    TellType,
    /// `column.mask.hash.ALGORITHM.with.salt.SALT` and `column.mask.hash.v2...`.
    Hash(HashMask),
}

/// How a text is hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct HashMask {
    /// By its name in Java.
    pub algorithm: String,
    /// What is hashed in front of the text.
    pub salt: String,
    /// What of the text is hashed.
    pub input: HashInput,
}

/// A salt is a secret.
impl std::fmt::Debug for HashMask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let HashMask { algorithm, input, .. } = self;
        write!(f, "{algorithm} of {input:?} with a salt")
    }
}

/// What of a text is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashInput {
    /// The text as Java serialises it.
    JavaObject,
    /// Its bytes.
    Bytes,
}

impl ColumnMappings {
    /// What is done with a column of this name and type.
    pub fn of(&self, table: &TableId, column: &str, type_name: &str) -> Option<&Mapping> {
        self.all_of(table, column, type_name).next()
    }

    /// Whether the column is one that is to be hashed, and is not, because another mapping comes first: so it is in Debezium.
    pub fn leave_unhashed(&self, table: &TableId, column: &str, type_name: &str) -> bool {
        let mut mappings = self.all_of(table, column, type_name);
        matches!(mappings.next(), Some(Mapping::Truncate(_) | Mapping::TellType))
            && mappings.any(|mapping| matches!(mapping, Mapping::Hash(_)))
    }

    fn all_of(&self, table: &TableId, column: &str, type_name: &str) -> impl Iterator<Item = &Mapping> {
        let applies = move |rule: &&Rule| {
            let subject = match rule.subject {
                Subject::ColumnName => column,
                Subject::TypeName => type_name,
            };
            rule.names.matches(&format!("{table}.{subject}"))
        };
        self.0.iter().filter(applies).map(|rule| &rule.mapping)
    }

    /// The mappings that a configuration names.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let mut rules = counted(reader, "column.truncate.to.", u32::MAX, Mapping::Truncate);
        rules.extend(counted(reader, "column.mask.with.", LONGEST_MASK, Mapping::Mask));
        for (key, subject) in [
            ("column.propagate.source.type", Subject::ColumnName),
            ("datatype.propagate.source.type", Subject::TypeName),
        ] {
            rules.extend(reader.regex_list(key).map(|names| Rule {
                names,
                subject,
                mapping: Mapping::TellType,
            }));
        }
        rules.extend(hashed(reader));
        ColumnMappings(rules)
    }
}

/// A mask is in every record of its column.
const LONGEST_MASK: u32 = 1_000_000;

/// Columns of the family `{beginning}N.chars`.
fn counted(reader: &mut Reader<'_>, beginning: &str, most: u32, mapping: fn(u32) -> Mapping) -> Vec<Rule> {
    let mut rules = Vec::new();
    for key in reader.members(beginning) {
        let count = key.strip_prefix(beginning).and_then(|rest| rest.strip_suffix(".chars"));
        match count.and_then(|count| count.parse().ok()) {
            Some(count) if count > most => {
                reader.reject(key, format!("the number in the name of this key is at most {most}"))
            }
            Some(count) => rules.extend(rule(reader, key, mapping(count))),
            None => reader.reject(key, format!("the name of this key has to be {beginning}<number>.chars")),
        }
    }
    rules
}

/// Columns of the hash families; those of the second version come later.
fn hashed(reader: &mut Reader<'_>) -> Vec<Rule> {
    const BEGINNING: &str = "column.mask.hash.";
    let mut rules = (Vec::new(), Vec::new());
    for key in reader.members(BEGINNING) {
        let rest = key.strip_prefix(BEGINNING).unwrap_or_default();
        let (input, rest) = match rest.strip_prefix("v2.") {
            Some(rest) => (HashInput::Bytes, rest),
            None => (HashInput::JavaObject, rest),
        };
        let parts = rest.split_once(".with.salt.").filter(|(_, salt)| !salt.is_empty());
        let Some((algorithm, salt)) = parts else {
            reader.reject(
                key,
                "the name of this key has to be column.mask.hash.<algorithm>.with.salt.<salt>",
            );
            continue;
        };
        if digest(algorithm).is_none() {
            reader.reject(
                key,
                format!(
                    "the hash algorithm {algorithm} is not known; possible are {}",
                    ALGORITHMS.map(|(name, _)| name).join(", ")
                ),
            );
            continue;
        }
        let mask = HashMask {
            algorithm: algorithm.to_owned(),
            salt: salt.to_owned(),
            input,
        };
        let of_version = match input {
            HashInput::JavaObject => &mut rules.0,
            HashInput::Bytes => &mut rules.1,
        };
        of_version.extend(rule(reader, key, Mapping::Hash(mask)));
    }
    rules.0.extend(rules.1);
    rules.0
}

fn rule(reader: &mut Reader<'_>, key: &str, mapping: Mapping) -> Option<Rule> {
    Some(Rule {
        names: reader.regex_list(key)?,
        subject: Subject::ColumnName,
        mapping,
    })
}

/// Java's names of hash algorithms and those of OpenSSL
/// (<https://docs.oracle.com/en/java/javase/21/docs/specs/security/standard-names.html>).
const ALGORITHMS: [(&str, &str); 12] = [
    ("MD5", "md5"),
    ("SHA-1", "sha1"),
    ("SHA-224", "sha224"),
    ("SHA-256", "sha256"),
    ("SHA-384", "sha384"),
    ("SHA-512", "sha512"),
    ("SHA-512/224", "sha512-224"),
    ("SHA-512/256", "sha512-256"),
    ("SHA3-224", "sha3-224"),
    ("SHA3-256", "sha3-256"),
    ("SHA3-384", "sha3-384"),
    ("SHA3-512", "sha3-512"),
];

/// The algorithm that Java calls so, in any case.
pub fn digest(name: &str) -> Option<MessageDigest> {
    // Java's other names of one of them.
    let name = match ["SHA", "SHA1"].iter().any(|other| other.eq_ignore_ascii_case(name)) {
        true => "SHA-1",
        false => name,
    };
    let mut known = ALGORITHMS.iter();
    let (_, openssl) = known.find(|(java, _)| java.eq_ignore_ascii_case(name))?;
    MessageDigest::from_name(openssl)
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<ColumnMappings, Vec<String>> {
        let pairs = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let config: ConfigMap = pairs.collect();
        let mut reader = Reader::new(&config);
        let mappings = ColumnMappings::read(&mut reader);
        let problems = reader.into_problems();
        match problems.is_empty() {
            true => Ok(mappings),
            false => Err(problems.into_iter().map(|problem| problem.message).collect()),
        }
    }

    fn hash(input: HashInput) -> Mapping {
        Mapping::Hash(HashMask {
            algorithm: "SHA-256".to_owned(),
            salt: "a.b".to_owned(),
            input,
        })
    }

    #[test]
    fn the_first_in_debeziums_order_counts() {
        let mappings = read(&[
            ("column.mask.hash.SHA-256.with.salt.a.b", r"d\.t\..*"),
            ("column.mask.hash.v2.SHA-256.with.salt.a.b", r"d\.u\..*"),
            ("column.truncate.to.20.chars", r"d\.t\.cut"),
            ("column.truncate.to.3.chars", r"d\.t\.(cut|short)"),
            ("column.mask.with.0.chars", r"d\.t\.(cut|masked)"),
            ("column.propagate.source.type", r"d\.t\.told"),
            ("datatype.propagate.source.type", r".*\.json"),
        ])
        .unwrap();
        for (table, column, type_name, expected) in [
            ("t", "cut", "VARCHAR", Some(Mapping::Truncate(20))),
            ("t", "short", "VARCHAR", Some(Mapping::Truncate(3))),
            ("T", "MASKED", "VARCHAR", Some(Mapping::Mask(0))),
            ("t", "told", "VARCHAR", Some(Mapping::TellType)),
            ("t", "document", "JSON", Some(Mapping::TellType)),
            ("t", "other", "VARCHAR", Some(hash(HashInput::JavaObject))),
            ("u", "other", "VARCHAR", Some(hash(HashInput::Bytes))),
            ("v", "other", "VARCHAR", None),
        ] {
            let found = mappings.of(&TableId::new("d", table), column, type_name);
            assert_eq!(found, expected.as_ref(), "{table}.{column}");
            let unhashed = mappings.leave_unhashed(&TableId::new("d", table), column, type_name);
            assert_eq!(
                unhashed,
                ["cut", "short", "told", "document"].contains(&column),
                "{table}.{column}"
            );
        }
    }

    #[test]
    fn names_of_another_form_are_refused() {
        for (key, part) in [
            ("column.truncate.to.x.chars", "column.truncate.to.<number>.chars"),
            ("column.truncate.to.-1.chars", "column.truncate.to.<number>.chars"),
            ("column.mask.with.5", "column.mask.with.<number>.chars"),
            ("column.mask.with.4000000000.chars", "at most 1000000"),
            (
                "column.mask.hash.SHA-256",
                "column.mask.hash.<algorithm>.with.salt.<salt>",
            ),
            (
                "column.mask.hash.ROT13.with.salt.s4lt",
                "ROT13 is not known; possible are MD5, SHA-1",
            ),
        ] {
            let problems = read(&[(key, "a.b.c")]).unwrap_err();
            assert!(problems.iter().any(|problem| problem.contains(part)), "{problems:?}");
            assert!(!problems.iter().any(|problem| problem.contains("s4lt")), "{problems:?}");
        }
        assert!(read(&[("column.mask.with.5.chars", "a.(b")]).is_err());
    }

    #[test]
    fn algorithms_have_javas_names_in_any_case() {
        for (name, _) in ALGORITHMS {
            assert!(digest(name).is_some(), "{name}");
        }
        for name in ["md5", "sha-1", "SHA", "sha1", "sha-512/256"] {
            assert!(digest(name).is_some(), "{name}");
        }
        assert!(digest("MD2").is_none());
    }

    #[test]
    fn a_salt_is_never_shown() {
        assert!(!format!("{:?}", hash(HashInput::Bytes)).contains("a.b"));
    }
}
