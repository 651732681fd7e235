//! [`Versions`]: what one broker speaks.

use std::collections::HashMap;

use kafka_protocol::messages::ApiVersionsResponse;

use super::api::Api;

/// The feature that is finalised when every broker knows transactions of version 2 (KIP-890).
const TRANSACTION_FEATURE: &str = "transaction.version";

/// The versions of every request that a broker takes, and what its cluster has agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Versions {
    ranges: HashMap<i16, (i16, i16)>,
    /// Grows with every change of the finalised features; -1: it knows none.
    epoch: i64,
    transaction_version: i16,
}

impl Versions {
    pub(crate) fn new(answer: &ApiVersionsResponse) -> Self {
        let ranges = answer
            .api_keys
            .iter()
            .map(|api| (api.api_key, (api.min_version, api.max_version)))
            .collect();
        let transaction_version = answer
            .finalized_features
            .iter()
            .find(|feature| feature.name.as_str() == TRANSACTION_FEATURE)
            .map_or(0, |feature| feature.max_version_level);
        Versions {
            ranges,
            epoch: answer.finalized_features_epoch,
            transaction_version,
        }
    }

    /// The newest version of `api` that both speak, `at_most` this one.
    pub(crate) fn newest(&self, api: Api, at_most: i16) -> Option<i16> {
        let (oldest, newest) = api.spoken();
        let (theirs_oldest, theirs_newest) = *self.ranges.get(&api.key())?;
        let version = newest.min(theirs_newest).min(at_most);
        (version >= oldest.max(theirs_oldest)).then_some(version)
    }

    /// What the cluster has finalised, and since when: its epoch grows.
    pub(crate) fn transaction_version(&self) -> (i64, i16) {
        (self.epoch, self.transaction_version)
    }

    /// The requests that a producer cannot do without, in words, if one is missing.
    pub(crate) fn missing(&self) -> Option<String> {
        let needed = [Api::Produce, Api::Metadata, Api::InitProducerId];
        let missing: Vec<String> = needed
            .into_iter()
            .filter(|api| self.newest(*api, i16::MAX).is_none())
            .map(|api| {
                let (oldest, newest) = api.spoken();
                format!("{api} in a version from {oldest} to {newest}")
            })
            .collect();
        (!missing.is_empty()).then(|| missing.join(", "))
    }
}
