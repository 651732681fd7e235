//! [`Brokers`]: how many brokers a cluster has, and what it means that it refuses a number of replicas.
//!
//! A cluster refuses a topic for its number of replicas if it has fewer brokers, and also if too many of them are away: its only
//! one is fenced for a moment, or one of three is restarted (a cluster with ZooKeeper does not count it then). The first is a
//! person's to mend, the second passes, and the refusal is the same. But metadata tell the brokers that are there, and the
//! replicas of the topics tell those that have been.

use std::collections::BTreeSet;

use wire::Look;

use super::Outcome;

/// The brokers of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Brokers {
    /// Those that are there.
    present: usize,
    /// Those, and all that have replicas.
    known: usize,
}

impl Brokers {
    /// As a look at all topics shows them.
    pub(super) fn of(look: &Look) -> Self {
        let replicas = look.topics.iter().flat_map(|topic| topic.replicas.iter().flatten());
        Brokers::told_by(look.brokers.iter().copied(), replicas.copied())
    }

    fn told_by(present: impl Iterator<Item = i32>, replicas: impl Iterator<Item = i32>) -> Self {
        let present: BTreeSet<i32> = present.collect();
        let known: BTreeSet<i32> = replicas.chain(present.iter().copied()).collect();
        Brokers {
            present: present.len(),
            known: known.len(),
        }
    }

    /// What it means that `replicas` are refused, and why. -1 stands for the brokers' default, which they do not tell.
    pub(super) fn refuse(self, replicas: i32) -> (Outcome, String) {
        let Brokers { present, known } = self;
        let asked = usize::try_from(replicas).ok();
        let is_enough_with_all = asked.map_or(present < known, |replicas| replicas <= known);
        let wanted = asked.map_or("the brokers' default number of replicas".to_owned(), |replicas| {
            format!("a replication factor of {replicas}")
        });
        if present == 0 || is_enough_with_all {
            let why = format!("{wanted} needs brokers that are away: {present} of {known} are there");
            return (Outcome::Retry, why);
        }
        (
            Outcome::Refused,
            format!("{wanted} needs more brokers than the {known} that the cluster has"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Brokers, Outcome};

    #[test]
    fn more_replicas_than_the_cluster_has_ever_had_brokers_are_a_persons_to_mend() {
        // Brokers that are there, brokers with replicas, the replication factor.
        let cases: &[(&[i32], &[i32], i32, Outcome)] = &[
            (&[1], &[], 3, Outcome::Refused),
            (&[1], &[1, 1], 3, Outcome::Refused),
            (&[1, 2], &[1, 2], 3, Outcome::Refused),
            (&[1], &[1], -1, Outcome::Refused),
            (&[1, 2], &[1, 2, 3], 3, Outcome::Retry),
            (&[1, 2], &[1, 2, 3], -1, Outcome::Retry),
            // It has come back while it was asked.
            (&[1], &[1], 1, Outcome::Retry),
            // Nobody is there, and so nobody knows.
            (&[], &[], 3, Outcome::Retry),
            (&[], &[1], 1, Outcome::Retry),
            (&[], &[1], -1, Outcome::Retry),
        ];
        for (present, replicas, factor, expected) in cases {
            let brokers = Brokers::told_by(present.iter().copied(), replicas.iter().copied());
            let (outcome, why) = brokers.refuse(*factor);
            assert_eq!(outcome, *expected, "{factor} replicas on {present:?}: {why}");
        }
    }

    #[test]
    fn the_reason_counts_the_brokers() {
        let why = |present: usize, known: usize, factor: i32| Brokers { present, known }.refuse(factor).1;
        assert_eq!(
            why(1, 1, 3),
            "a replication factor of 3 needs more brokers than the 1 that the cluster has"
        );
        assert_eq!(
            why(2, 3, 3),
            "a replication factor of 3 needs brokers that are away: 2 of 3 are there"
        );
        assert!(why(1, 1, -1).starts_with("the brokers' default number of replicas needs more brokers"));
    }
}
