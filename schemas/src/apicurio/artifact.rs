//! [`ArtifactName`]: under which name a schema is kept, and [`ArtifactNames`]: who gives that name.

use std::fmt;

use crate::avro::name::split;
use crate::registry::Role;

/// `apicurio.registry.artifact-resolver-strategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArtifactNames {
    /// `<topic>-key` and `<topic>-value`.
    #[default]
    Topic,
    /// The topic's, for keys and values.
    SimpleTopic,
    /// The record's, in the group of its namespace.
    Record,
    /// The record's full name.
    QualifiedRecord,
    /// The topic's, then the record's, in the group of its namespace.
    TopicRecord,
}

impl ArtifactNames {
    const NAMES: [(&str, ArtifactNames); 5] = [
        (
            "io.apicurio.registry.serde.strategy.TopicIdStrategy",
            ArtifactNames::Topic,
        ),
        (
            "io.apicurio.registry.serde.strategy.SimpleTopicIdStrategy",
            ArtifactNames::SimpleTopic,
        ),
        (
            "io.apicurio.registry.serde.avro.strategy.RecordIdStrategy",
            ArtifactNames::Record,
        ),
        (
            "io.apicurio.registry.serde.avro.strategy.QualifiedRecordIdStrategy",
            ArtifactNames::QualifiedRecord,
        ),
        (
            "io.apicurio.registry.serde.avro.strategy.TopicRecordIdStrategy",
            ArtifactNames::TopicRecord,
        ),
    ];

    /// By the class, whose package may be left out.
    pub fn parse(class: &str) -> Option<Self> {
        let is_meant = |known: &str| {
            let simple = known.rsplit_once('.').map_or(known, |(_, simple)| simple);
            class == known || class == simple
        };
        Self::NAMES
            .iter()
            .find(|(known, _)| is_meant(known))
            .map(|(_, names)| *names)
    }

    /// The classes there are.
    pub fn class_names() -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().map(|(name, _)| *name)
    }

    /// Whether only a record has such a name.
    pub fn are_of_records(self) -> bool {
        !matches!(self, ArtifactNames::Topic | ArtifactNames::SimpleTopic)
    }

    /// The name for a topic's keys or values. `record` is the full name of their schema, if they are records.
    pub fn artifact(self, topic: &str, role: Role, record: Option<&str>) -> Option<ArtifactName> {
        let id = match (self, role) {
            (ArtifactNames::Topic, Role::Key) => format!("{topic}-key"),
            (ArtifactNames::Topic, Role::Value) => format!("{topic}-value"),
            (ArtifactNames::SimpleTopic, _) => topic.to_owned(),
            (ArtifactNames::Record, _) => split(record?).1.to_owned(),
            (ArtifactNames::QualifiedRecord, _) => record?.to_owned(),
            (ArtifactNames::TopicRecord, _) => format!("{topic}-{}", split(record?).1),
        };
        Some(ArtifactName {
            group: record.and_then(|record| self.group(record)),
            id,
        })
    }

    /// The name of a record that another one refers to.
    pub fn referenced(self, record: &str) -> ArtifactName {
        ArtifactName {
            group: self.group(record),
            id: record.to_owned(),
        }
    }

    fn group(self, record: &str) -> Option<String> {
        match self {
            ArtifactNames::Record | ArtifactNames::TopicRecord => split(record).0.map(str::to_owned),
            _ => None,
        }
    }
}

/// Where the versions of a schema are kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ArtifactName {
    /// `None`: the default group.
    pub group: Option<String>,
    /// Unique in its group.
    pub id: String,
}

impl ArtifactName {
    /// The group as it stands in an address.
    pub(super) fn group_or_default(&self) -> &str {
        self.group.as_deref().unwrap_or("default")
    }
}

impl fmt::Display for ArtifactName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.group {
            Some(group) => write!(f, "{group}/{}", self.id),
            None => f.write_str(&self.id),
        }
    }
}

/// What an artifact holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactType {
    /// Avro schemas.
    Avro,
    /// Kafka Connect's own schemas, as its JSON converter prints them.
    KafkaConnect,
}

impl ArtifactType {
    pub(super) fn name(self) -> &'static str {
        match self {
            ArtifactType::Avro => "AVRO",
            ArtifactType::KafkaConnect => "KCONNECT",
        }
    }
}

/// A version of an artifact, and the two ids that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactVersion {
    /// As the registry names its group.
    pub artifact: ArtifactName,
    /// Often a number.
    pub version: String,
    /// Of this version alone.
    pub global_id: u64,
    /// Of its content, wherever else that is.
    pub content_id: u64,
}

#[cfg(test)]
mod tests {
    use super::{ArtifactNames, Role};

    #[test]
    fn an_artifact_is_named_by_topic_or_record() {
        for (class, record, expected) in [
            ("TopicIdStrategy", None, Some("p.db.t-value")),
            ("SimpleTopicIdStrategy", None, Some("p.db.t")),
            ("RecordIdStrategy", Some("p.db.t.Value"), Some("p.db.t/Value")),
            ("RecordIdStrategy", Some("Value"), Some("Value")),
            ("RecordIdStrategy", None, None),
            ("QualifiedRecordIdStrategy", Some("p.db.t.Value"), Some("p.db.t.Value")),
            (
                "TopicRecordIdStrategy",
                Some("p.db.t.Value"),
                Some("p.db.t/p.db.t-Value"),
            ),
        ] {
            let names = ArtifactNames::parse(class).expect("a strategy");
            let artifact = names.artifact("p.db.t", Role::Value, record);
            assert_eq!(artifact.map(|name| name.to_string()).as_deref(), expected, "{class}");
        }
        for class in ArtifactNames::class_names() {
            let names = ArtifactNames::parse(class).expect("a strategy");
            let group = if names.referenced("a.b.C").group.is_some() {
                "a.b/"
            } else {
                ""
            };
            assert_eq!(names.referenced("a.b.C").to_string(), format!("{group}a.b.C"));
        }
        assert_eq!(ArtifactNames::parse("com.example.Mine"), None);
    }
}
