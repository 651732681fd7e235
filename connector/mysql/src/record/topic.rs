//! [`TopicNames`]: which topic a record goes to.
//!
//! Debezium's `DefaultTopicNamingStrategy`: the prefix, the database and the table, joined by a delimiter; what Kafka does
//! not allow in a topic becomes `_`. Its `SchemaTopicNamingStrategy` leaves the database out. Two tables can so become one
//! topic, there as here.

use crate::config::TopicNaming;
use crate::table_id::TableId;

/// Kafka's limit (`org.apache.kafka.common.internals.Topic`); longer names are cut, as Debezium does.
const LONGEST: usize = 249;

/// Names topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicNames {
    prefix: String,
    delimiter: String,
    naming: TopicNaming,
}

impl TopicNames {
    /// Names for the source called `prefix`.
    pub fn new(prefix: impl Into<String>, delimiter: impl Into<String>, naming: TopicNaming) -> Self {
        TopicNames {
            prefix: prefix.into(),
            delimiter: delimiter.into(),
            naming,
        }
    }

    /// The topic of a table's changes.
    pub fn changes(&self, table: &TableId) -> String {
        let TopicNames { prefix, delimiter, .. } = self;
        let TableId { database, table } = table;
        sanitized(&match self.naming {
            TopicNaming::DatabaseAndTable => format!("{prefix}{delimiter}{database}{delimiter}{table}"),
            TopicNaming::Table => format!("{prefix}{delimiter}{table}"),
        })
    }

    /// The topic of the boundaries of transactions, with the ending that the user chose.
    pub fn transactions(&self, ending: &str) -> String {
        let TopicNames { prefix, delimiter, .. } = self;
        sanitized(&format!("{prefix}{delimiter}{ending}"))
    }

    /// The topic of schema changes.
    pub fn schema_changes(&self) -> String {
        sanitized(&self.prefix)
    }
}

fn sanitized(name: &str) -> String {
    let mut sanitized = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => sanitized.push(c),
            // Java counts UTF-16 units: a character beyond the basic plane becomes two.
            _ => sanitized.extend(std::iter::repeat_n('_', c.len_utf16())),
        }
    }
    sanitized.truncate(LONGEST);
    sanitized
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(delimiter: &str) -> TopicNames {
        TopicNames::new("p", delimiter, TopicNaming::DatabaseAndTable)
    }

    fn check(database: &str, table: &str, topic: &str) {
        assert_eq!(names(".").changes(&TableId::new(database, table)), topic);
    }

    #[test]
    fn what_kafka_does_not_allow_becomes_an_underscore() {
        check("inventory", "orders", "p.inventory.orders");
        check("my-db", "a b$c", "p.my-db.a_b_c");
        check("größe", "日本", "p.gr__e.__");
        check("d", "😀", "p.d.__");
        check("d.e", "f.g", "p.d.e.f.g");
    }

    #[test]
    fn a_name_ends_where_kafkas_limit_is() {
        let topic = names(".").changes(&TableId::new("d".repeat(64), "t".repeat(300)));
        assert_eq!(topic.len(), LONGEST);
    }

    #[test]
    fn the_delimiter_can_be_chosen() {
        let names = names("_");
        assert_eq!(names.changes(&TableId::new("d", "t")), "p_d_t");
        assert_eq!(names.schema_changes(), "p");
    }

    #[test]
    fn the_database_can_be_left_out() {
        let names = TopicNames::new("p", "_", TopicNaming::Table);
        assert_eq!(names.changes(&TableId::new("d", "t")), "p_t");
        assert_eq!(names.transactions("x"), "p_x");
    }
}
