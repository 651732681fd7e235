//! [`SoleMember`]: a group of one, which ends when a second worker appears.
//!
//! At its start each worker takes the leader's transactional id and then writes a session key of its own, as each new leader
//! of Kafka Connect does. A worker that finds a foreign session key *after* its own in the log has been replaced: the writer
//! of that key has taken the id since. (Its own next write would be fenced as well; this notices it at once.) So of two
//! workers started by accident the later one stays.
//!
//! A worker has one generation for life, which its session key carries: whoever takes the leader's id next finds it in the
//! log, also if the worker has not yet said a word in the status topic.

use super::{Assignment, Membership, MembershipChange};
use crate::store::config::{ClusterConfig, SessionKey};

/// The only member of its group.
pub struct SoleMember {
    session_key: SessionKey,
    generation: i32,
    has_seen_own_key: bool,
    assignment: Option<Assignment>,
}

/// The generation of a worker that starts: behind that of the worker whose session key is in the log, and behind
/// `newest_status`, the highest that any status carries. Kafka Connect's session keys carry none.
pub fn next_generation(config: &ClusterConfig, newest_status: i32) -> i32 {
    let last = config.session_key().and_then(|key| key.generation);
    last.unwrap_or_default().max(newest_status).saturating_add(1)
}

impl SoleMember {
    /// A member that has written `session_key` and whose statuses carry `generation`.
    pub fn new(session_key: SessionKey, generation: i32) -> Self {
        SoleMember {
            session_key,
            generation,
            has_seen_own_key: false,
            assignment: None,
        }
    }
}

impl Membership for SoleMember {
    fn observe(&mut self, config: &ClusterConfig) -> MembershipChange {
        match config.session_key() {
            Some(latest) if *latest == self.session_key => self.has_seen_own_key = true,
            Some(latest) if self.has_seen_own_key => {
                return MembershipChange::Replaced {
                    reason: format!(
                        "a later worker with the same group.id wrote its session key at {} (ms since the epoch); \
                         only one worker of a group can run, so this one ends",
                        latest.creation_timestamp
                    ),
                };
            }
            _ => {}
        }
        let next = Assignment::of_everything(config, self.generation);
        if self.assignment.as_ref() == Some(&next) {
            return MembershipChange::Unchanged;
        }
        self.assignment = Some(next.clone());
        MembershipChange::Assigned(next)
    }
}

#[cfg(test)]
mod tests {
    use super::{Membership, MembershipChange, SessionKey, SoleMember, next_generation};
    use crate::store::config::{ClusterConfig, ConfigRecord, Properties};

    fn key(name: &str) -> SessionKey {
        SessionKey {
            key: name.to_owned(),
            algorithm: "HmacSHA256".to_owned(),
            creation_timestamp: 1,
            generation: Some(7),
        }
    }

    fn connector(name: &str) -> ConfigRecord {
        ConfigRecord::Connector(name.to_owned(), Some(Properties::default().into()))
    }

    #[test]
    fn everything_is_assigned_to_it_in_the_one_generation_it_has() {
        let mut config = ClusterConfig::default();
        let mut member = SoleMember::new(key("own"), 7);
        let assigned: Vec<(i32, usize)> = [
            ConfigRecord::SessionKey(Some(key("own"))),
            connector("a"),
            connector("a"),
            connector("b"),
        ]
        .into_iter()
        .zip(0..)
        .filter_map(|(record, offset)| {
            config.apply(record, offset);
            match member.observe(&config) {
                MembershipChange::Assigned(assignment) => Some((assignment.generation, assignment.connectors.len())),
                _ => None,
            }
        })
        .collect();
        assert_eq!(assigned, [(7, 0), (7, 1), (7, 2)]);
    }

    #[test]
    fn a_worker_is_of_a_later_generation_than_any_before_it() {
        let mut config = ClusterConfig::default();
        assert_eq!(next_generation(&config, 0), 1);
        assert_eq!(next_generation(&config, 41), 42, "after Kafka Connect");
        config.apply(ConfigRecord::SessionKey(Some(key("predecessor"))), 0);
        assert_eq!(next_generation(&config, 3), 8, "the predecessor has stored no status");
        assert_eq!(next_generation(&config, 41), 42);
    }

    #[test]
    fn a_later_session_key_replaces_it_and_an_earlier_one_does_not() {
        let mut config = ClusterConfig::default();
        let mut member = SoleMember::new(key("own"), 0);
        config.apply(ConfigRecord::SessionKey(Some(key("predecessor"))), 0);
        assert!(matches!(member.observe(&config), MembershipChange::Assigned(_)));
        config.apply(ConfigRecord::SessionKey(Some(key("own"))), 1);
        assert_eq!(member.observe(&config), MembershipChange::Unchanged);
        config.apply(ConfigRecord::SessionKey(Some(key("successor"))), 2);
        assert!(matches!(member.observe(&config), MembershipChange::Replaced { .. }));
    }
}
