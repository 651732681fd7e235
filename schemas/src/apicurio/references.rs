//! [`Reference`]: what a schema says of another one that it names, and the order of several.
//!
//! A registry finds content again by its text and its references together, in their order. So that it finds what Java's
//! converters have registered, the order is theirs: of version 2 that of the fields, of version 3 that in which a `HashSet`
//! hands them out, whose hash is of all four texts.

use serde_json::{Value as Json, json};

use super::artifact::ArtifactVersion;

/// A schema that another one names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Reference {
    /// The name in the text.
    pub(super) name: String,
    pub(super) group: Option<String>,
    pub(super) artifact: String,
    pub(super) version: String,
}

impl Reference {
    pub(super) fn new(name: &str, version: ArtifactVersion) -> Self {
        Reference {
            name: name.to_owned(),
            group: version.artifact.group,
            artifact: version.artifact.id,
            version: version.version,
        }
    }

    pub(super) fn to_json(&self) -> Json {
        json!({
            "groupId": self.group,
            "artifactId": self.artifact,
            "version": self.version,
            "name": self.name,
        })
    }

    /// What Lombok's `@EqualsAndHashCode` makes of the four fields.
    fn java_hash(&self) -> i32 {
        const PRIME: i32 = 59;
        const NULL: i32 = 43;
        let fields = [
            Some(&self.name),
            self.group.as_ref(),
            Some(&self.artifact),
            Some(&self.version),
        ];
        fields.into_iter().fold(1, |hash: i32, field| {
            hash.wrapping_mul(PRIME)
                .wrapping_add(field.map_or(NULL, |field| string_hash(field)))
        })
    }
}

/// Each once, in the order of a `HashSet` into which they were put as they come.
pub(super) fn as_set(references: Vec<Reference>) -> Vec<Reference> {
    let mut set: Vec<Reference> = Vec::with_capacity(references.len());
    for reference in references {
        if !set.contains(&reference) {
            set.push(reference);
        }
    }
    let mut buckets: u32 = 16;
    while set.len() * 4 > buckets as usize * 3 {
        buckets *= 2;
    }
    set.sort_by_key(|reference| {
        let hash = reference.java_hash().cast_unsigned();
        (hash ^ (hash >> 16)) & (buckets - 1)
    });
    set
}

/// `String.hashCode`.
fn string_hash(text: &str) -> i32 {
    text.encode_utf16()
        .fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

#[cfg(test)]
mod tests {
    use super::{Reference, as_set, string_hash};

    #[test]
    fn a_set_has_each_once() {
        let reference = |name: &str| Reference {
            name: name.to_owned(),
            group: None,
            artifact: name.to_owned(),
            version: "1".to_owned(),
        };
        let set = as_set(["a", "b", "a"].map(reference).to_vec());
        assert_eq!(set.len(), 2);
        assert!(set.contains(&reference("a")) && set.contains(&reference("b")));
    }

    #[test]
    fn texts_have_javas_hash() {
        for (text, hash) in [
            ("", 0),
            ("a", 97),
            ("ab", 97 * 31 + 98),
            ("polygenelubricants", i32::MIN),
        ] {
            assert_eq!(string_hash(text), hash, "{text}");
        }
    }
}
