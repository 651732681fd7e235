//! [`ClusterConfig`]: what all records of the config topic amount to. Pure: records in, state out.
//!
//! **Why task configurations wait for a commit.** A set of tasks is written as several records; whoever reads between them
//! must not start half of it. So `task-` records are kept aside until the `commit-` record that counts them. Compaction may
//! have removed some of an *old* set while its commit is still there: then the set is incomplete, the connector counts as
//! inconsistent, and its tasks are made anew (KafkaConfigBackingStore does the same).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::record::{ConfigRecord, Properties, RestartRequest, SessionKey, TargetState};

/// Everything that is known of one connector.
#[derive(Debug, Clone, Default)]
struct Entry {
    /// `None` while the connector does not exist: target states and task counts may precede or outlive it.
    properties: Option<Arc<Properties>>,
    target: TargetState,
    /// Committed task configurations.
    tasks: Vec<Arc<Properties>>,
    /// Task configurations that wait for their commit.
    waiting: BTreeMap<u32, Arc<Properties>>,
    /// The last commit counted tasks that are not in the log.
    is_inconsistent: bool,
    /// The last commit was followed by a fencing record.
    is_fenced: bool,
    /// How many tasks the last fencing record counted.
    fenced_tasks: u32,
    restart: Option<(i64, RestartRequest)>,
}

/// A connector that exists.
#[derive(Debug, Clone, Copy)]
pub struct ConnectorView<'a> {
    entry: &'a Entry,
    properties: &'a Arc<Properties>,
}

impl<'a> ConnectorView<'a> {
    /// Its configuration.
    pub fn properties(&self) -> &'a Arc<Properties> {
        self.properties
    }

    /// What it should be.
    pub fn target(&self) -> TargetState {
        self.entry.target
    }

    /// Its tasks' configurations, by number; empty while there is no complete set.
    pub fn tasks(&self) -> &'a [Arc<Properties>] {
        &self.entry.tasks
    }

    /// Whether its set of tasks has to be made anew.
    pub fn is_inconsistent(&self) -> bool {
        self.entry.is_inconsistent
    }

    /// Whether earlier tasks are fenced, so that the present ones may start.
    pub fn is_fenced(&self) -> bool {
        self.entry.is_fenced
    }

    /// How many tasks the last round of fencing counted.
    pub fn fenced_tasks(&self) -> u32 {
        self.entry.fenced_tasks
    }

    /// The last wish to restart it, and where in the log it stands.
    pub fn restart(&self) -> Option<(i64, RestartRequest)> {
        self.entry.restart
    }
}

/// The config topic's meaning.
#[derive(Debug, Clone, Default)]
pub struct ClusterConfig {
    entries: BTreeMap<String, Entry>,
    session_key: Option<SessionKey>,
    /// Where in the log each key was seen last.
    seen: BTreeMap<String, i64>,
}

impl ClusterConfig {
    /// Takes the record at `offset` of the log.
    pub fn apply(&mut self, record: ConfigRecord, offset: i64) {
        self.seen.insert(record.key(), offset);
        match record {
            ConfigRecord::Connector(name, Some(properties)) => self.entry(name).properties = Some(properties),
            ConfigRecord::Connector(name, None) => {
                let entry = self.entry(name);
                // The count of fenced tasks outlives the connector: their producers may, too.
                *entry = Entry {
                    target: entry.target,
                    fenced_tasks: entry.fenced_tasks,
                    ..Entry::default()
                };
            }
            ConfigRecord::Task(id, Some(properties)) => {
                self.entry(id.connector).waiting.insert(id.task, properties);
            }
            ConfigRecord::Task(id, None) => {
                self.entry(id.connector).waiting.remove(&id.task);
            }
            ConfigRecord::Commit(name, tasks) => self.entry(name).commit(tasks.unwrap_or(0)),
            ConfigRecord::TargetState(name, state) => self.entry(name).target = state.unwrap_or_default(),
            ConfigRecord::TasksFencing(name, count) => {
                let entry = self.entry(name);
                entry.is_fenced = count.is_some();
                entry.fenced_tasks = count.unwrap_or(0);
            }
            ConfigRecord::Restart(name, request) => {
                self.entry(name).restart = request.map(|request| (offset, request));
            }
            ConfigRecord::SessionKey(session_key) => self.session_key = session_key,
            // Kafka Connect's workers pass levels of loggers on to each other; a worker alone gets them over REST.
            ConfigRecord::Logger(..) => {}
        }
    }

    fn entry(&mut self, name: String) -> &mut Entry {
        self.entries.entry(name).or_default()
    }

    /// The names of all connectors.
    pub fn connectors(&self) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter(|(_, entry)| entry.properties.is_some())
            .map(|(name, _)| name.as_str())
    }

    /// A connector, if it exists.
    pub fn connector(&self, name: &str) -> Option<ConnectorView<'_>> {
        let entry = self.entries.get(name)?;
        Some(ConnectorView {
            entry,
            properties: entry.properties.as_ref()?,
        })
    }

    /// The leader's session key.
    pub fn session_key(&self) -> Option<&SessionKey> {
        self.session_key.as_ref()
    }

    /// Where in the log `key` was seen last.
    pub fn last_seen(&self, key: &str) -> Option<i64> {
        self.seen.get(key).copied()
    }
}

impl Entry {
    fn commit(&mut self, count: u32) {
        let waiting = std::mem::take(&mut self.waiting);
        let is_complete = waiting.len() as u64 == u64::from(count) && waiting.keys().copied().eq(0..count);
        // Kafka Connect may commit without repeating unchanged configurations of the same number of tasks.
        let is_same = waiting.is_empty() && self.tasks.len() as u64 == u64::from(count);
        if is_complete && !is_same {
            self.tasks = waiting.into_values().collect();
        }
        self.is_inconsistent = !is_complete && !is_same;
        if self.is_inconsistent {
            self.tasks.clear();
        }
        self.is_fenced = false;
    }
}

#[cfg(test)]
mod tests {
    use super::{ClusterConfig, ConfigRecord, Properties, TargetState};
    use crate::store::ConnectorTaskId;
    use crate::store::status::tests::recorded;

    fn properties(key: &str) -> Option<std::sync::Arc<Properties>> {
        Some(Properties::from_iter([(key, "1")]).into())
    }

    fn task(number: u32) -> ConfigRecord {
        ConfigRecord::Task(ConnectorTaskId::new("c", number), properties("t"))
    }

    fn commit(tasks: u32) -> ConfigRecord {
        ConfigRecord::Commit("c".to_owned(), Some(tasks))
    }

    fn after(records: impl IntoIterator<Item = ConfigRecord>) -> ClusterConfig {
        let mut config = ClusterConfig::default();
        let created = ConfigRecord::Connector("c".to_owned(), properties("a"));
        for (offset, record) in std::iter::once(created).chain(records).enumerate() {
            config.apply(record, i64::try_from(offset).unwrap());
        }
        config
    }

    fn check(records: impl IntoIterator<Item = ConfigRecord>, tasks: usize, is_inconsistent: bool, is_fenced: bool) {
        let config = after(records);
        let view = config.connector("c").expect("it was created");
        assert_eq!(
            (view.tasks().len(), view.is_inconsistent(), view.is_fenced()),
            (tasks, is_inconsistent, is_fenced)
        );
    }

    #[test]
    fn tasks_wait_for_their_commit_and_may_start_after_the_fencing() {
        let fencing = |count| ConfigRecord::TasksFencing("c".to_owned(), Some(count));
        check([task(0), task(1)], 0, false, false);
        check([task(0), task(1), commit(2)], 2, false, false);
        check([task(0), task(1), commit(2), fencing(2)], 2, false, true);
        check(
            [task(0), task(1), commit(2), fencing(2), task(0), commit(1)],
            1,
            false,
            false,
        );
        check([task(0), commit(1), fencing(1), commit(0)], 0, false, false);
    }

    #[test]
    fn a_set_of_which_compaction_took_a_part_is_inconsistent_until_a_whole_one_follows() {
        check([task(1), commit(2)], 0, true, false);
        check([commit(2)], 0, true, false);
        check([commit(2), task(0), task(1), commit(2)], 2, false, false);
    }

    #[test]
    fn a_deleted_connector_leaves_neither_tasks_nor_target_but_its_fencing_count() {
        let config = after([
            ConfigRecord::TargetState("c".to_owned(), Some(TargetState::Stopped)),
            task(0),
            commit(1),
            ConfigRecord::TasksFencing("c".to_owned(), Some(1)),
            ConfigRecord::Connector("c".to_owned(), None),
            ConfigRecord::TargetState("c".to_owned(), None),
        ]);
        assert!(config.connector("c").is_none() && config.connectors().next().is_none());
        let mut config = config;
        config.apply(ConfigRecord::Connector("c".to_owned(), properties("a")), 9);
        let view = config.connector("c").unwrap();
        assert_eq!(
            (view.tasks().len(), view.target(), view.fenced_tasks()),
            (0, TargetState::Started, 1)
        );
        assert!(!view.is_fenced());
    }

    #[test]
    fn a_target_state_may_come_before_its_connector() {
        let mut config = ClusterConfig::default();
        config.apply(ConfigRecord::TargetState("c".to_owned(), Some(TargetState::Paused)), 0);
        assert!(config.connector("c").is_none());
        config.apply(ConfigRecord::Connector("c".to_owned(), properties("a")), 1);
        assert_eq!(
            config.connector("c").map(|view| view.target()),
            Some(TargetState::Paused)
        );
    }

    /// The recording ends with all connectors deleted; rc1 was last created again in step 28 and deleted in step 29.
    #[test]
    fn the_life_of_a_real_cluster_ends_empty() {
        let mut config = ClusterConfig::default();
        let mut created = 0;
        for (offset, record) in recorded("connect-rec-configs").into_iter().enumerate() {
            let record = ConfigRecord::decode(&record.key, record.value.as_deref())
                .unwrap()
                .unwrap();
            created += usize::from(matches!(&record, ConfigRecord::Connector(_, Some(_))));
            config.apply(record, i64::try_from(offset).unwrap());
            for name in config.connectors() {
                assert!(
                    !config.connector(name).unwrap().is_inconsistent(),
                    "{name} at record {offset}"
                );
            }
        }
        assert!(created > 10 && config.session_key().is_some());
        assert_eq!(config.connectors().collect::<Vec<_>>(), Vec::<&str>::new());
    }
}
