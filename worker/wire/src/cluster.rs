//! [`Cluster`]: which brokers there are, and which of them leads a partition, as far as it is known.
//!
//! What an older answer says is not believed against a newer one: leaders have epochs (KIP-320), which grow for as long as a
//! topic is the same.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::{MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

use crate::backoff::{Wake, pause};
use crate::error_code::{Asked, Consequence, ErrorCode};
use crate::network::NodeId;
use crate::settings::{Address, ConnectionSettings};

/// More partitions than a topic can have in a cluster that works; an index is an index into memory here.
const MOST_PARTITIONS: usize = 1 << 20;

/// A topic by the order in which it was first asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Topic(usize);

/// What is known of a cluster.
pub(crate) struct Cluster {
    topics: Vec<KnownTopic>,
    by_name: HashMap<String, Topic>,
    brokers: BTreeMap<NodeId, Address>,
    /// An answer is on its way.
    is_asked: bool,
    /// Somebody needs to know something that is not known.
    is_wanted: bool,
    not_before: Option<Instant>,
    fruitless: u32,
    asked_all: Instant,
    backoff: (Duration, Duration),
    max_age: Duration,
    auto_create: bool,
}

struct KnownTopic {
    name: String,
    /// Another one if it was deleted and made anew; nothing if the broker is too old to say.
    id: u128,
    leaders: Vec<Leader>,
    is_wanted: bool,
    /// What the last answer said of it.
    error: Option<ErrorCode>,
}

#[derive(Debug, Clone, Copy)]
struct Leader {
    node: Option<NodeId>,
    epoch: i32,
}

const NOBODY: Leader = Leader { node: None, epoch: -1 };

impl Cluster {
    /// Nothing is known.
    pub(crate) fn new(settings: &ConnectionSettings, now: Instant) -> Self {
        Cluster {
            topics: Vec::new(),
            by_name: HashMap::new(),
            brokers: BTreeMap::new(),
            is_asked: false,
            is_wanted: true,
            not_before: None,
            fruitless: 0,
            asked_all: now,
            backoff: (settings.retry_backoff, settings.retry_backoff_max),
            max_age: settings.metadata_max_age,
            auto_create: settings.auto_create_topics,
        }
    }

    /// The topic of this name, known from now on.
    pub(crate) fn topic(&mut self, name: &str) -> Topic {
        if let Some(topic) = self.by_name.get(name) {
            return *topic;
        }
        let topic = Topic(self.topics.len());
        self.by_name.insert(name.to_owned(), topic);
        self.topics.push(KnownTopic {
            name: name.to_owned(),
            id: 0,
            leaders: Vec::new(),
            is_wanted: true,
            error: None,
        });
        self.is_wanted = true;
        self.not_before = None;
        topic
    }

    pub(crate) fn name(&self, topic: Topic) -> &str {
        &self.topics[topic.0].name
    }

    pub(crate) fn brokers(&self) -> &BTreeMap<NodeId, Address> {
        &self.brokers
    }

    /// Who leads a partition; if nobody knows, that is asked for.
    pub(crate) fn leader(&mut self, topic: Topic, partition: i32) -> Option<NodeId> {
        let known = &mut self.topics[topic.0];
        let leader = usize::try_from(partition)
            .ok()
            .and_then(|index| known.leaders.get(index));
        let node = leader.and_then(|leader| leader.node);
        if node.is_none() {
            known.is_wanted = true;
            self.is_wanted = true;
        }
        node
    }

    /// How many partitions a topic has; if nobody knows, that is asked for.
    pub(crate) fn partitions(&mut self, topic: Topic) -> Option<usize> {
        let known = &mut self.topics[topic.0];
        let count = known.leaders.len();
        if count > 0 && known.error.is_none() {
            return Some(count);
        }
        known.is_wanted = true;
        self.is_wanted = true;
        None
    }

    /// The leader of a partition is another one.
    pub(crate) fn forget_leader(&mut self, topic: Topic, partition: i32) {
        let known = &mut self.topics[topic.0];
        let leader = usize::try_from(partition)
            .ok()
            .and_then(|index| known.leaders.get_mut(index));
        if let Some(leader) = leader {
            leader.node = None;
            known.is_wanted = true;
            self.is_wanted = true;
        }
    }

    /// A broker does not answer: perhaps others lead its partitions now.
    pub(crate) fn suspect(&mut self, node: NodeId) {
        for topic in &mut self.topics {
            let leads = topic.leaders.iter().any(|leader| leader.node == Some(node));
            topic.is_wanted |= leads;
            self.is_wanted |= leads;
        }
    }

    /// Whether metadata should be asked for now.
    pub(crate) fn is_due(&mut self, now: Instant, wake: &mut Wake) -> bool {
        if self.is_asked {
            return false;
        }
        if !self.is_wanted && now < self.asked_all + self.max_age {
            return false;
        }
        match self.not_before.filter(|time| now < *time) {
            Some(time) => {
                wake.at(time);
                false
            }
            None => true,
        }
    }

    /// What is asked: all topics when they were not looked at for long, otherwise those somebody waits for.
    pub(crate) fn ask(&mut self, now: Instant) -> MetadataRequest {
        let all = now >= self.asked_all + self.max_age;
        if all {
            self.asked_all = now;
        }
        let wanted = self.topics.iter().filter(|topic| all || topic.is_wanted);
        let topics = wanted
            .map(|topic| {
                let name = TopicName(StrBytes::from_string(topic.name.clone()));
                MetadataRequestTopic::default().with_name(Some(name))
            })
            .collect();
        self.is_asked = true;
        MetadataRequest::default()
            .with_topics(Some(topics))
            .with_allow_auto_topic_creation(self.auto_create)
    }

    /// No answer comes.
    pub(crate) fn unanswered(&mut self, now: Instant) {
        self.is_asked = false;
        self.is_wanted = true;
        self.pause(now);
        self.fruitless += 1;
    }

    fn pause(&mut self, now: Instant) {
        self.not_before = Some(now + pause(self.backoff.0, self.backoff.1, self.fruitless));
    }

    /// Learns from an answer. Topics that only a person can help are answered, with the error.
    pub(crate) fn learn(&mut self, answer: &MetadataResponse, now: Instant) -> Vec<(Topic, ErrorCode)> {
        self.is_asked = false;
        self.brokers = answer
            .brokers
            .iter()
            .filter_map(|broker| {
                let port = u16::try_from(broker.port).ok()?;
                let host = broker.host.to_string();
                Some((NodeId(broker.node_id.0), Address { host, port }))
            })
            .collect();
        let mut refused = Vec::new();
        for told in &answer.topics {
            let Some(name) = &told.name else { continue };
            let Some(topic) = self.by_name.get(name.0.as_str()).copied() else {
                continue;
            };
            let known = &mut self.topics[topic.0];
            known.learn(told);
            match known.error {
                Some(error) if error.consequence(Asked::LookUp) == Consequence::Refused => refused.push((topic, error)),
                _ => {}
            }
        }
        self.is_wanted = self.brokers.is_empty() || self.topics.iter().any(|topic| topic.is_wanted);
        self.fruitless = if self.is_wanted { self.fruitless + 1 } else { 0 };
        // Also what was answered well is not asked again at once: a broker may not know better yet.
        self.pause(now);
        refused
    }

    /// Why nobody is known to lead a partition, in words; nothing if somebody is.
    pub(crate) fn why_no_leader(&self, topic: Topic, partition: i32) -> Option<String> {
        let known = &self.topics[topic.0];
        let leader = usize::try_from(partition)
            .ok()
            .and_then(|index| known.leaders.get(index));
        match (known.error, leader) {
            (Some(error), _) => Some(error.to_string()),
            (None, Some(leader)) => leader.node.is_none().then(|| "it has no leader".to_owned()),
            (None, None) if known.leaders.is_empty() => Some("nothing is known of the topic".to_owned()),
            (None, None) => Some(format!("the topic has {} partitions", known.leaders.len())),
        }
    }
}

impl KnownTopic {
    fn learn(&mut self, told: &MetadataResponseTopic) {
        self.error = ErrorCode::of(told.error_code);
        let id = told.topic_id.as_u128();
        if self.error.is_none() && id != self.id {
            self.id = id;
            self.leaders.clear();
        }
        for partition in &told.partitions {
            let Ok(index) = usize::try_from(partition.partition_index) else {
                continue;
            };
            if index >= MOST_PARTITIONS {
                continue;
            }
            if index >= self.leaders.len() {
                self.leaders.resize(index + 1, NOBODY);
            }
            let known = &mut self.leaders[index];
            if partition.leader_epoch < known.epoch && partition.leader_epoch >= 0 {
                continue;
            }
            known.epoch = partition.leader_epoch;
            let is_led = is_led(partition.error_code);
            known.node = (partition.leader_id.0 >= 0 && is_led).then_some(NodeId(partition.leader_id.0));
        }
        self.is_wanted = self.error.is_some() || self.leaders.iter().any(|leader| leader.node.is_none());
    }
}

/// A leader is one also if followers are missing (REPLICA_NOT_AVAILABLE).
fn is_led(error_code: i16) -> bool {
    ErrorCode::of(error_code).is_none_or(|error| error.is("REPLICA_NOT_AVAILABLE"))
}
