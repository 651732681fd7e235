//! [`SoleMember`]: a group of one, which ends when a second worker appears.
//!
//! At its start each worker takes the leader's transactional id and then writes a session key of its own, as each new leader
//! of Kafka Connect does. A worker that finds a foreign session key *after* its own in the log has been replaced: the writer
//! of that key has taken the id since. (Its own next write would be fenced as well; this notices it at once.) So of two
//! workers started by accident the later one stays.

use super::{Assignment, Membership, MembershipChange};
use crate::store::config::{ClusterConfig, SessionKey};

/// The only member of its group.
pub struct SoleMember {
    session_key: SessionKey,
    has_seen_own_key: bool,
    assignment: Assignment,
    has_assigned: bool,
}

impl SoleMember {
    /// A member that has written `session_key`. Its generations follow `newest_generation`, the highest that any status
    /// carries.
    pub fn new(session_key: SessionKey, newest_generation: i32) -> Self {
        SoleMember {
            session_key,
            has_seen_own_key: false,
            assignment: Assignment {
                generation: newest_generation,
                ..Assignment::default()
            },
            has_assigned: false,
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
        let next = Assignment::of_everything(config, self.assignment.generation.saturating_add(1));
        if self.has_assigned && next.is_same_work(&self.assignment) {
            return MembershipChange::Unchanged;
        }
        self.has_assigned = true;
        self.assignment = next.clone();
        MembershipChange::Assigned(next)
    }
}

#[cfg(test)]
mod tests {
    use super::{Membership, MembershipChange, SessionKey, SoleMember};
    use crate::store::config::{ClusterConfig, ConfigRecord, Properties};

    fn key(name: &str) -> SessionKey {
        SessionKey {
            key: name.to_owned(),
            algorithm: "HmacSHA256".to_owned(),
            creation_timestamp: 1,
        }
    }

    fn connector(name: &str) -> ConfigRecord {
        ConfigRecord::Connector(name.to_owned(), Some(Properties::default().into()))
    }

    #[test]
    fn everything_is_assigned_to_it_in_growing_generations() {
        let mut config = ClusterConfig::default();
        let mut member = SoleMember::new(key("own"), 7);
        let generations: Vec<i32> = [
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
                MembershipChange::Assigned(assignment) => Some(assignment.generation),
                _ => None,
            }
        })
        .collect();
        assert_eq!(generations, [8, 9, 10]);
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
