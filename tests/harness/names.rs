//! [`Names`]: what belongs to one test and to no other, on servers that all tests share.

use std::time::{SystemTime, UNIX_EPOCH};

use rand::Rng;

/// Names of one test. They differ from run to run, so a stack may be used for many runs.
#[derive(Debug, Clone)]
pub struct Names {
    /// Database, topic prefix, connector and `group.id` at once: legal as all of them, and as an Avro name.
    pub own: String,
}

impl Names {
    /// New names for the test `about`.
    pub fn new(about: &str) -> Self {
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |age| age.as_secs());
        let number: u32 = rand::rng().random_range(0..36 * 36);
        Names {
            own: format!("{about}_{seconds}_{number}"),
        }
    }

    /// The database.
    pub fn database(&self) -> &str {
        &self.own
    }

    /// `topic.prefix`.
    pub fn prefix(&self) -> &str {
        &self.own
    }

    /// The connector.
    pub fn connector(&self) -> &str {
        &self.own
    }

    /// The worker's `group.id`.
    pub fn group(&self) -> String {
        format!("{}.workers", self.own)
    }

    /// The worker's topic for `config`, `offset` or `status`.
    pub fn storage_topic(&self, store: &str) -> String {
        format!("{}.{store}", self.group())
    }

    /// The topic of one of the database's tables.
    pub fn topic(&self, table: &str) -> String {
        format!("{0}.{0}.{table}", self.own)
    }

    /// The topic of the schema history.
    pub fn history_topic(&self) -> String {
        format!("{}.schema_history", self.own)
    }
}
