//! [`Admin`]: what there is in a cluster: its brokers, topics and their settings; and topics to be made.
//!
//! It asks for one thing at a time, on the caller's thread, and asks again where nothing is lost by it. A topic that is to be made
//! and whose answer was lost may be found to be there already.

use std::time::{Duration, Instant};

use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::MetadataResponseTopic;
use kafka_protocol::messages::{
    BrokerId, CreateTopicsRequest, DescribeConfigsRequest, MetadataRequest, MetadataResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;

use crate::backoff::Wake;
use crate::error::{Error, Kind};
use crate::error_code::{Asked, Consequence, ErrorCode};
use crate::network::{Event, LinkCause, LinkFailure, Network, NodeId, Sockets};
use crate::nodes::{Nodes, Question};
use crate::protocol::{self, Api, Call};
use crate::settings::{Address, ConnectionSettings};

/// Administers a cluster. Its calls block.
pub struct Admin<N: Network = Sockets> {
    network: N,
    nodes: Nodes<Api>,
    events: Vec<Event>,
}

/// What a cluster says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub cluster_id: Option<String>,
    /// Those that are there.
    pub brokers: Vec<i32>,
    /// Those of the topics asked for that there are.
    pub topics: Vec<TopicLook>,
    controller: Option<NodeId>,
}

/// A topic that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicLook {
    pub name: String,
    /// The brokers of each partition's replicas, whether they are there or not.
    pub replicas: Vec<Vec<i32>>,
}

/// A topic to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewTopic<'a> {
    pub name: &'a str,
    /// -1: the broker's default.
    pub partitions: i32,
    /// -1: the broker's default.
    pub replication_factor: i16,
    /// Names and values.
    pub settings: &'a [(&'a str, &'a str)],
}

/// What became of a topic that was to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    Created,
    WasThere,
    /// There are fewer brokers than replicas, or some of them are away.
    TooFewBrokers(Error),
}

/// Among the kinds of what has settings.
const OF_TOPIC: i8 = 2;
/// Between questions to a cluster that is not ready.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(100);

impl Question for Api {
    fn api(&self) -> Api {
        *self
    }
}

impl Admin<Sockets> {
    /// Connected to nobody yet.
    ///
    /// # Errors
    /// [`Kind::Refused`]: the settings are of no use.
    pub fn new(settings: ConnectionSettings) -> Result<Self, Error> {
        let network = Sockets::new(settings.clone())?;
        let now = network.now();
        Ok(Admin {
            network,
            nodes: Nodes::new(settings, now),
            events: Vec::new(),
        })
    }
}

impl<N: Network> Admin<N> {
    /// Looks at these topics, or at all that this user may see. With `creates`, a broker that makes topics by itself makes those
    /// that are missing.
    ///
    /// # Errors
    /// [`Kind::Retry`]: no answer in this time, or one that says that it is too early.
    pub fn look(&mut self, topics: Option<&[&str]>, creates: bool, patience: Duration) -> Result<Look, Error> {
        let doing = match topics {
            Some([]) => "looking at the cluster".to_owned(),
            Some(names) => format!("looking up topic {}", names.join(", ")),
            None => "looking up all topics".to_owned(),
        };
        let deadline = self.network.now() + patience;
        let topic = |name: &&str| MetadataRequestTopic::default().with_name(Some(topic_name(name)));
        let ask = MetadataRequest::default()
            .with_topics(topics.map(|names| names.iter().map(topic).collect()))
            .with_allow_auto_topic_creation(creates);
        let answer = self.ask(None, &ask, &doing, deadline)?;
        self.learn_brokers(&answer);
        let mut found = Vec::with_capacity(answer.topics.len());
        for topic in &answer.topics {
            let is_asked_for = topics.is_some();
            match ErrorCode::of(topic.error_code) {
                None => found.push(TopicLook::of(topic)),
                Some(error) if error.is("UNKNOWN_TOPIC_OR_PARTITION") => {}
                Some(error) if is_asked_for => return Err(failure(&doing, error, None)),
                Some(_) => {}
            }
        }
        let known = answer.brokers.iter().map(|broker| broker.node_id.0);
        Ok(Look {
            cluster_id: answer.cluster_id.as_ref().map(|id| id.to_string()),
            brokers: known.clone().collect(),
            topics: found,
            controller: known.into_iter().find(|id| *id == answer.controller_id.0).map(NodeId),
        })
    }

    /// Makes a topic.
    ///
    /// # Errors
    /// [`Kind::Retry`]: no answer in this time.
    pub fn create_topic(&mut self, topic: &NewTopic<'_>, patience: Duration) -> Result<Creation, Error> {
        let doing = format!("creating topic {}", topic.name);
        let deadline = self.network.now() + patience;
        let settings = topic.settings.iter().map(|(name, value)| {
            CreatableTopicConfig::default()
                .with_name(StrBytes::from_string((*name).to_owned()))
                .with_value(Some(StrBytes::from_string((*value).to_owned())))
        });
        let ask = CreateTopicsRequest::default()
            .with_topics(vec![
                CreatableTopic::default()
                    .with_name(topic_name(topic.name))
                    .with_num_partitions(topic.partitions)
                    .with_replication_factor(topic.replication_factor)
                    .with_configs(settings.collect()),
            ])
            .with_timeout_ms(i32::try_from(patience.as_millis()).unwrap_or(i32::MAX));
        loop {
            // Only the controller makes topics, where brokers do not pass the wish on.
            let left = deadline.saturating_duration_since(self.network.now());
            let controller = self.look(Some(&[]), false, left)?.controller;
            let answer = self.ask(controller, &ask, &doing, deadline)?;
            let Some(told) = answer.topics.first() else {
                return Err(Error::new(Kind::Retry, doing, "the answer does not name it"));
            };
            let Some(error) = ErrorCode::of(told.error_code) else {
                return Ok(Creation::Created);
            };
            let refused = failure(&doing, error, told.error_message.as_deref());
            match error.consequence(Asked::LookUp) {
                Consequence::Done => return Ok(Creation::WasThere),
                Consequence::Refused if error.is("INVALID_REPLICATION_FACTOR") => {
                    return Ok(Creation::TooFewBrokers(refused));
                }
                Consequence::Again if self.network.now() + BETWEEN_QUESTIONS < deadline => self.rest(),
                _ => return Err(refused),
            }
        }
    }

    /// A topic's settings, those that are defaults as well.
    ///
    /// # Errors
    /// [`Kind::Refused`]: they may not be seen.
    pub fn topic_settings(&mut self, topic: &str, patience: Duration) -> Result<Vec<(String, String)>, Error> {
        let doing = format!("reading the settings of topic {topic}");
        let deadline = self.network.now() + patience;
        let resource = DescribeConfigsResource::default()
            .with_resource_type(OF_TOPIC)
            .with_resource_name(StrBytes::from_string(topic.to_owned()))
            .with_configuration_keys(None);
        let ask = DescribeConfigsRequest::default().with_resources(vec![resource]);
        let answer = self.ask(None, &ask, &doing, deadline)?;
        let Some(told) = answer.results.first() else {
            return Err(Error::new(Kind::Retry, doing, "the answer does not name it"));
        };
        if let Some(error) = ErrorCode::of(told.error_code) {
            let refused = failure(&doing, error, told.error_message.as_deref());
            return Err(match error.is("TOPIC_AUTHORIZATION_FAILED") {
                true => refused.because("the user needs the right `DescribeConfigs` on the topic to see them"),
                false => refused,
            });
        }
        let settings = told.configs.iter().filter_map(|setting| {
            let value = setting.value.as_ref()?;
            Some((setting.name.to_string(), value.to_string()))
        });
        Ok(settings.collect())
    }

    /// Asks one broker, or whichever is there, until an answer comes or the time is over.
    fn ask<C: Call>(
        &mut self,
        whom: Option<NodeId>,
        call: &C,
        doing: &str,
        deadline: Instant,
    ) -> Result<C::Answer, Error> {
        let mut asked: Option<(NodeId, i16, i32)> = None;
        loop {
            let now = self.network.now();
            if now >= deadline {
                return Err(self.explain(Error::new(Kind::Retry, doing, "no answer in time")));
            }
            let mut wake = Wake::default();
            self.give_up_overdue(now);
            if asked.is_none_or(|(node, ..)| !self.nodes.is_up(node)) {
                asked = self.send(whom, call, doing, now, &mut wake)?;
            }
            self.nodes.remember_deadlines(&mut wake);
            let mut events = std::mem::take(&mut self.events);
            self.network.wait(wake.or(deadline), &mut events);
            let mut answer = None;
            for event in events.drain(..) {
                if let Some((correlation, body)) = self.hear(event, doing)?
                    && let Some((_, version, _)) = asked.filter(|(.., ours)| *ours == correlation)
                {
                    answer = Some(protocol::answer::<C>(body, version));
                }
            }
            self.events = events;
            if let Some(answer) = answer {
                return answer.map_err(|error| Error::new(Kind::Retry, doing, error.to_string()));
            }
        }
    }

    /// Sends the question if a broker can be asked now: whom, in which version, under which number.
    fn send<C: Call>(
        &mut self,
        whom: Option<NodeId>,
        call: &C,
        doing: &str,
        now: Instant,
        wake: &mut Wake,
    ) -> Result<Option<(NodeId, i16, i32)>, Error> {
        let node = match whom {
            Some(node) => self.nodes.is_ready(node, &mut self.network, now, wake).then_some(node),
            None => self.nodes.any(&mut self.network, now, wake),
        };
        let Some(node) = node else { return Ok(None) };
        let Some(version) = self.nodes.newest(node, C::API, i16::MAX) else {
            let message = format!(
                "broker {} does not speak a version of {} that this client does",
                node.0,
                C::API
            );
            return Err(Error::new(Kind::Refused, doing, message));
        };
        let correlation = self.nodes.next_correlation();
        let frame = protocol::request(call, version, correlation, self.nodes.client_id())
            .map_err(|error| Error::new(Kind::Refused, doing, error.to_string()))?;
        self.nodes.ask(node, C::API, version, frame, &mut self.network);
        Ok(Some((node, version, correlation)))
    }

    /// Takes what has happened; an answer is returned, with its number.
    fn hear(&mut self, event: Event, doing: &str) -> Result<Option<(i32, bytes::Bytes)>, Error> {
        let now = self.network.now();
        match event {
            Event::Opened {
                node,
                versions,
                lifetime,
            } => self.nodes.opened(node, versions, lifetime, now),
            Event::Closed { node, failure } => {
                self.nodes.closed(node, &failure, now);
                if failure.cause == LinkCause::Refused {
                    return Err(Error::new(Kind::Refused, doing, failure.message));
                }
            }
            Event::Answered {
                node,
                correlation,
                body,
            } => {
                if self.nodes.answered(node, correlation).is_some() {
                    return Ok(Some((correlation, body)));
                }
                self.network.close(node);
                self.lose(node, format!("nothing was asked under the number {correlation}"), now);
            }
        }
        Ok(None)
    }

    fn give_up_overdue(&mut self, now: Instant) {
        for (node, message) in self.nodes.overdue(now) {
            self.network.close(node);
            self.lose(node, message, now);
        }
    }

    fn lose(&mut self, node: NodeId, message: String, now: Instant) {
        let cause = LinkCause::Lost;
        self.nodes.closed(node, &LinkFailure { cause, message }, now);
    }

    fn learn_brokers(&mut self, answer: &MetadataResponse) {
        let now = self.network.now();
        let brokers = answer.brokers.iter().filter_map(|broker| {
            let port = u16::try_from(broker.port).ok()?;
            let host = broker.host.to_string();
            Some((NodeId(broker.node_id.0), Address { host, port }))
        });
        self.nodes.learn(&brokers.collect(), &mut self.network, now);
    }

    /// Nothing happens for a moment.
    fn rest(&mut self) {
        std::thread::sleep(BETWEEN_QUESTIONS);
    }

    /// With the last thing that was wrong with a connection.
    fn explain(&self, error: Error) -> Error {
        match self.nodes.complaint() {
            Some(complaint) => error.because(complaint),
            None => error,
        }
    }
}

impl TopicLook {
    fn of(topic: &MetadataResponseTopic) -> Self {
        let ids = |brokers: &[BrokerId]| brokers.iter().map(|broker| broker.0).collect();
        TopicLook {
            name: topic.name.as_ref().map_or(String::new(), |name| name.0.to_string()),
            replicas: topic
                .partitions
                .iter()
                .map(|partition| ids(&partition.replica_nodes))
                .collect(),
        }
    }
}

fn topic_name(name: &str) -> TopicName {
    TopicName(StrBytes::from_string(name.to_owned()))
}

fn failure(doing: &str, error: ErrorCode, message: Option<&str>) -> Error {
    let kind = match error.consequence(Asked::LookUp) {
        Consequence::Refused => Kind::Refused,
        _ => Kind::Retry,
    };
    let failure = Error::new(kind, doing, error.to_string());
    match message {
        Some(message) => failure.because(message),
        None => failure,
    }
}
