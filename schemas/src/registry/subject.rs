//! [`Subject`]: under which name a schema is registered, and [`SubjectNames`]: who gives that name.
//!
//! `TopicNameStrategy`, Confluent's default: `<topic>-key` and `<topic>-value`. With the others records of several schemas can
//! be in one topic, or one schema in several.

use std::fmt;

/// Whether a converter serves keys or values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `key.converter`.
    Key,
    /// `value.converter`.
    Value,
}

/// `key.subject.name.strategy` and `value.subject.name.strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SubjectNames {
    /// The topic's.
    #[default]
    Topic,
    /// The record's.
    Record,
    /// The topic's, then the record's.
    TopicRecord,
}

impl SubjectNames {
    /// The classes' simple names.
    const NAMES: [(&str, SubjectNames); 3] = [
        ("TopicNameStrategy", SubjectNames::Topic),
        ("RecordNameStrategy", SubjectNames::Record),
        ("TopicRecordNameStrategy", SubjectNames::TopicRecord),
    ];

    /// By the class, whose package may be left out.
    pub fn parse(class: &str) -> Option<Self> {
        let name = class
            .strip_prefix("io.confluent.kafka.serializers.subject.")
            .unwrap_or(class);
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, names)| *names)
    }

    /// The subject of a topic's keys or values. `record` is the full name of their schema, if they are records; others have no
    /// subject of their own name.
    pub fn subject(self, topic: &str, role: Role, record: Option<&str>) -> Option<Subject> {
        Some(Subject(match (self, role) {
            (SubjectNames::Topic, Role::Key) => format!("{topic}-key"),
            (SubjectNames::Topic, Role::Value) => format!("{topic}-value"),
            (SubjectNames::Record, _) => record?.to_owned(),
            (SubjectNames::TopicRecord, _) => format!("{topic}-{}", record?),
        }))
    }
}

/// The name under which the versions of a schema are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject(String);

impl Subject {
    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, SubjectNames};

    fn check(class: &str, role: Role, record: Option<&str>, expected: Option<&str>) {
        let names = SubjectNames::parse(class).expect("a strategy");
        let subject = names.subject("p.db.t", role, record);
        assert_eq!(subject.as_ref().map(super::Subject::as_str), expected);
    }

    #[test]
    fn a_subject_is_named_by_topic_or_record() {
        let record = Some("p.db.t.Value");
        check("TopicNameStrategy", Role::Key, record, Some("p.db.t-key"));
        check("TopicNameStrategy", Role::Value, None, Some("p.db.t-value"));
        let package = "io.confluent.kafka.serializers.subject.";
        check(&format!("{package}RecordNameStrategy"), Role::Key, record, record);
        check(&format!("{package}RecordNameStrategy"), Role::Key, None, None);
        let both = Some("p.db.t-p.db.t.Value");
        check("TopicRecordNameStrategy", Role::Value, record, both);
        check("TopicRecordNameStrategy", Role::Value, None, None);
        assert_eq!(SubjectNames::parse("com.example.Mine"), None);
    }
}
