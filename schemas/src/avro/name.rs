//! Legal Avro names: a letter or `_`, then letters, digits and `_`; namespaces dotted.
//!
//! The specification means ASCII letters ("Names"). Avro's Java library takes the letters of every script, so a column
//! `名前` works with Debezium and with registries; it works here, too. Names that are ASCII please every reader.
//!
//! Confluent's Java classes let a namespace pass that the registry refuses much later. A name is judged here before
//! anybody else sees it, so that a connector whose `topic.prefix` or column cannot be a name is refused when it is
//! configured, or stops with that name in the error.

use std::fmt;

/// Which name is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A record's own name, the last part of a schema name.
    Record,
    /// A part of a namespace, such as a topic prefix or a database.
    Namespace,
    /// A field, such as a column.
    Field,
}

/// A name that Avro does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{kind} `{name}`{} is no avro name: letters, digits and `_` only, no digit first; {}",
    Inside(full_name),
    self.way_out()
)]
pub struct InvalidName {
    /// What the name is for.
    pub kind: NameKind,
    /// The part that is wrong.
    pub name: String,
    /// The full name it is a part of.
    pub full_name: String,
}

impl InvalidName {
    /// An adjustment replaces letters that are none of Avro's. In a schema name it puts nothing in front of a digit, except
    /// where the whole name begins, and leaves Avro's own types and empty parts as they are.
    fn way_out(&self) -> &'static str {
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
        let stands_first = self.full_name.is_empty() || self.full_name.starts_with(&format!("{}.", self.name));
        let is_adjusted = stands_first && self.name.starts_with(|first: char| first.is_numeric());
        match self.kind {
            NameKind::Field => "set field.name.adjustment.mode to `avro`, or choose another name",
            NameKind::Namespace | NameKind::Record if self.name.chars().all(is_letter) && !is_adjusted => {
                "no adjustment mode changes that: choose another topic.prefix if it comes from there, else leave the table \
                 out with table.exclude.list, or rename it"
            }
            NameKind::Namespace | NameKind::Record => {
                "set schema.name.adjustment.mode to `avro`, or choose another name"
            }
        }
    }
}

struct Inside<'a>(&'a str);

impl fmt::Display for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, " in `{}`", self.0)
        }
    }
}

impl fmt::Display for NameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NameKind::Record => "the record name",
            NameKind::Namespace => "the namespace part",
            NameKind::Field => "the field",
        })
    }
}

/// Whether `name` is one simple Avro name.
pub fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_')
}

/// A dotted name in which every part is a name of ASCII letters, as Confluent's converter writes it with
/// `scrub.invalid.names`: a letter beyond ASCII becomes the digits of its bytes, any other character `_`, and `x` stands before
/// what begins otherwise. Different names can become the same one.
pub fn scrubbed(name: &str) -> String {
    name.split('.').map(scrubbed_part).collect::<Vec<_>>().join(".")
}

fn scrubbed_part(part: &str) -> String {
    let mut scrubbed = String::with_capacity(part.len() + 1);
    // As a form of the web encodes it, and then without what is no letter.
    let is_start = |first: char| first.is_ascii_alphabetic() || first == '_';
    if !part.starts_with(is_start) {
        scrubbed.push('x');
    }
    for character in part.chars() {
        match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' => scrubbed.push(character),
            '.' | '-' | '*' | ' ' => scrubbed.push('_'),
            other => {
                for byte in other.encode_utf8(&mut [0; 4]).bytes() {
                    scrubbed.push_str(&format!("_{byte:02X}"));
                }
            }
        }
    }
    scrubbed
}

/// Checks a dotted schema name, such as `prefix.db.table.Value`.
pub fn check_full_name(full_name: &str) -> Result<(), InvalidName> {
    let (namespace, name) = split(full_name);
    let wrong = namespace
        .into_iter()
        .flat_map(|namespace| namespace.split('.'))
        .find(|part| !is_name(part))
        .map(|part| (NameKind::Namespace, part))
        .or_else(|| (!is_name(name) || is_primitive(name)).then_some((NameKind::Record, name)));
    match wrong {
        Some((kind, part)) => Err(InvalidName {
            kind,
            name: part.to_owned(),
            full_name: full_name.to_owned(),
        }),
        None => Ok(()),
    }
}

/// Checks a dotted name that becomes a namespace, such as a topic prefix or a whole topic name.
pub fn check_namespace(namespace: &str) -> Result<(), InvalidName> {
    match namespace.split('.').find(|part| !is_name(part)) {
        Some(part) => {
            let full_name = if part == namespace {
                String::new()
            } else {
                namespace.to_owned()
            };
            Err(InvalidName {
                kind: NameKind::Namespace,
                name: part.to_owned(),
                full_name,
            })
        }
        None => Ok(()),
    }
}

/// Checks the name of a field of the record `full_name`.
pub fn check_field(field: &str, full_name: &str) -> Result<(), InvalidName> {
    if is_name(field) {
        return Ok(());
    }
    Err(InvalidName {
        kind: NameKind::Field,
        name: field.to_owned(),
        full_name: full_name.to_owned(),
    })
}

/// Splits a full name into namespace and name, at the last dot.
pub(crate) fn split(full_name: &str) -> (Option<&str>, &str) {
    match full_name.rsplit_once('.') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, full_name),
    }
}

/// "Primitive type names have no namespace and their names may not be defined in any namespace" (Avro specification).
fn is_primitive(name: &str) -> bool {
    matches!(
        name,
        "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string"
    )
}

#[cfg(test)]
mod tests {
    use super::{NameKind, check_field, check_full_name, check_namespace};

    fn check(full_name: &str, expected: Option<(NameKind, &str)>) {
        let found = check_full_name(full_name).err().map(|error| (error.kind, error.name));
        assert_eq!(
            found,
            expected.map(|(kind, name)| (kind, name.to_owned())),
            "{full_name}"
        );
    }

    #[test]
    fn names_are_scrubbed_as_confluents_converter_does() {
        for (name, expected) in [
            ("p.db.t.Value", "p.db.t.Value"),
            ("my-p.a b.1t.Key", "my_p.a_b.x1t.Key"),
            ("\u{e9}t\u{e9}$", "x_C3_A9t_C3_A9_24"),
            ("_a*b", "_a_b"),
            ("", "x"),
        ] {
            assert_eq!(super::scrubbed(name), expected, "{name}");
        }
    }

    #[test]
    fn the_part_of_a_name_that_avro_refuses_is_named() {
        check("dbserver1.inventory.customers.Value", None);
        check("_p._1.t.Key", None);
        check("Plain", None);
        check("my-prefix.db.t.Value", Some((NameKind::Namespace, "my-prefix")));
        check("p.1db.t.Value", Some((NameKind::Namespace, "1db")));
        check("p..t.Value", Some((NameKind::Namespace, "")));
        check("p.größe.表", None);
        check("p.a😀.Value", Some((NameKind::Namespace, "a😀")));
        check("p.a-b", Some((NameKind::Record, "a-b")));
        check("p.string", Some((NameKind::Record, "string")));
        check("", Some((NameKind::Record, "")));
    }

    #[test]
    fn the_error_says_what_to_change() {
        let error = check_field("a-b", "p.db.t.Value").unwrap_err().to_string();
        assert!(
            error.starts_with("the field `a-b` in `p.db.t.Value` is no avro name"),
            "{error}"
        );
        assert!(error.contains("field.name.adjustment.mode"), "{error}");
        let error = check_namespace("my-prefix").unwrap_err().to_string();
        assert!(
            error.starts_with("the namespace part `my-prefix` is no avro name"),
            "{error}"
        );
        assert!(error.contains("set schema.name.adjustment.mode to `avro`"), "{error}");
        assert!(check_namespace("a.b_2").is_ok());
    }

    /// Both modes were on `avro` already when the error advised to set them.
    #[test]
    fn a_name_that_no_adjustment_changes_is_not_answered_with_one() {
        for name in ["p.db.x.1y.Value", "p.1größe.t.Value", "p..t.Value", "p.db.string"] {
            let error = check_full_name(name).unwrap_err().to_string();
            assert!(
                error.contains("no adjustment mode changes that") && error.contains("table.exclude.list"),
                "{error}"
            );
        }
        let error = check_full_name("1p.db.t.Value").unwrap_err().to_string();
        assert!(error.contains("set schema.name.adjustment.mode to `avro`"), "{error}");
    }
}
