//! [`Wires`]: one producer's connections to the [`Cluster`](super::brokers::Cluster), and what goes wrong on them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::messages::ApiVersionsResponse;
use kafka_protocol::messages::api_versions_response::{ApiVersion, FinalizedFeatureKey};
use kafka_protocol::protocol::StrBytes;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::brokers::{BROKERS, Blast, Cluster, NOBODY, Request};
use super::order::Order;
use crate::network::{Event, LinkCause, LinkFailure, Network, NodeId};
use crate::protocol::{Api, Frame, Versions};
use crate::settings::Address;

/// What all producers of a schedule share.
pub(super) struct World {
    pub(super) cluster: Cluster,
    pub(super) now: Instant,
    pub(super) dice: StdRng,
    /// In thousand: how often something goes wrong.
    pub(super) trouble: u32,
    /// Whatever goes wrong is over when it is tried again.
    pub(super) is_mild: bool,
    transaction_version: i16,
    pub(super) max_in_flight: usize,
    /// What a producer has done that no reader notices, and that is wrong.
    pub(super) fault: Option<String>,
    /// Requests that are carried out although nobody waits for them any more.
    stragglers: Vec<(Instant, i32, Request)>,
}

/// Errors that may be answered, whatever was asked, and do no harm.
const HARMLESS: &[i16] = &[7, 13];
const OF_LEADERS: &[i16] = &[3, 5, 6, 19, 20, 56, 74, 75];
const OF_COORDINATORS: &[i16] = &[14, 15, 16, 51];
/// And those after which the transaction, or the producer, is lost.
const LOSING: &[i16] = &[-1, 2, 42, 59, 120];

impl World {
    pub(super) fn new(seed: u64, transaction_version: i16) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut cluster = Cluster::new();
        let refuses_duplicates = dice.random_bool(0.5);
        let max_in_flight = dice.random_range(1..=5);
        let logs = cluster.logs.iter_mut();
        logs.for_each(|log| log.refuses_duplicates = refuses_duplicates);
        World {
            cluster,
            now: Instant::now(),
            dice,
            trouble: 0,
            is_mild: false,
            transaction_version,
            max_in_flight,
            fault: None,
            stragglers: Vec::new(),
        }
    }

    pub(super) fn chance(&mut self, in_thousand: u32) -> bool {
        self.dice.random_range(0..1000) < in_thousand
    }

    fn pass(&mut self, time: Instant) {
        self.now = self.now.max(time);
        let (due, later) = std::mem::take(&mut self.stragglers)
            .into_iter()
            .partition(|(time, ..)| *time <= self.now);
        self.stragglers = later;
        for (_, broker, request) in due {
            self.cluster.answer(broker, &request, None);
        }
        if self.chance(300) {
            self.cluster.write_markers();
        }
        if self.chance(self.trouble / 4) {
            let partition = self.dice.random_range(0..self.cluster.leaders.len());
            let leader = self.dice.random_range(NOBODY..=BROKERS);
            let (_, epoch) = self.cluster.leaders[partition];
            self.cluster.leaders[partition] = (leader, epoch + 1);
        }
        // Whoever leads, somebody does before long.
        if self.chance(50) {
            let headless = self.cluster.leaders.iter_mut().filter(|(leader, _)| *leader == NOBODY);
            headless.for_each(|leader| *leader = (1, leader.1 + 1));
        }
        if self.chance(self.trouble / 8) {
            self.cluster.coordinating = self.dice.random_range(1..=BROKERS);
        }
    }

    /// What is late is carried out, and markers that are owed are written.
    pub(super) fn settle(&mut self) {
        for (_, broker, request) in std::mem::take(&mut self.stragglers) {
            self.cluster.answer(broker, &request, None);
        }
        self.cluster.write_markers();
    }

    fn versions(&self) -> Versions {
        let keys = Api::ALL.into_iter().map(|api| {
            let (_, newest) = api.spoken();
            // Newer brokers speak newer versions.
            ApiVersion::default()
                .with_api_key(api.key())
                .with_max_version(newest + 1)
        });
        let feature = FinalizedFeatureKey::default()
            .with_name(StrBytes::from_static_str("transaction.version"))
            .with_max_version_level(self.transaction_version);
        Versions::new(
            &ApiVersionsResponse::default()
                .with_api_keys(keys.collect())
                .with_finalized_features_epoch(1)
                .with_finalized_features(vec![feature]),
        )
    }
}

pub(super) struct Wires {
    pub(super) world: Rc<RefCell<World>>,
    links: BTreeMap<NodeId, Link>,
    /// What will happen, in no order.
    pending: Vec<(Instant, Event)>,
    order: Order,
}

struct Link {
    broker: i32,
    is_open: bool,
    /// Answers come in order.
    last_answer: Instant,
    /// Nothing comes any more.
    is_mute: bool,
}

enum Trouble {
    Error(i16),
    LostBefore,
    LostAfter,
    CarriedOutLate,
    Mute,
    Late,
    Twice,
    CutOff,
}

impl Wires {
    pub(super) fn new(world: &Rc<RefCell<World>>) -> Self {
        Wires {
            world: Rc::clone(world),
            links: BTreeMap::new(),
            pending: Vec::new(),
            order: Order::new(world.borrow().max_in_flight),
        }
    }

    fn trouble(world: &mut World, api: Api) -> Option<Trouble> {
        let (trouble, is_mild) = (world.trouble, world.is_mild);
        if !world.chance(trouble) {
            return None;
        }
        let dice = &mut world.dice;
        Some(match dice.random_range(0..16) {
            0..=4 => {
                let special = match api {
                    Api::Produce => OF_LEADERS,
                    Api::Metadata => &[3, 5],
                    _ => OF_COORDINATORS,
                };
                let codes = if dice.random_bool(0.3) { HARMLESS } else { special };
                Trouble::Error(*codes.choose(dice).expect("some"))
            }
            5 if is_mild => Trouble::Late,
            5 if api == Api::Produce || dice.random_bool(0.2) => Trouble::Error(*LOSING.choose(dice).expect("some")),
            5..=7 => Trouble::LostBefore,
            8..=10 => Trouble::LostAfter,
            11 => Trouble::CarriedOutLate,
            12 => Trouble::Mute,
            13 => Trouble::Late,
            14 => Trouble::Twice,
            _ => Trouble::CutOff,
        })
    }

    fn lose(&mut self, node: NodeId, time: Instant) {
        let failure = LinkFailure {
            cause: LinkCause::Lost,
            message: "the wire is cut".to_owned(),
        };
        self.pending
            .retain(|(due, event)| *due <= time || node_of(event) != node);
        self.pending.push((time, Event::Closed { node, failure }));
        self.links.remove(&node);
    }

    fn reply(&mut self, node: NodeId, correlation: i32, body: Vec<u8>, time: Instant) {
        let Some(link) = self.links.get_mut(&node).filter(|link| !link.is_mute) else {
            return;
        };
        let time = time.max(link.last_answer);
        link.last_answer = time;
        self.pending.push((
            time,
            Event::Answered {
                node,
                correlation,
                body: Bytes::from(body),
            },
        ));
    }
}

fn node_of(event: &Event) -> NodeId {
    match event {
        Event::Opened { node, .. } | Event::Answered { node, .. } | Event::Closed { node, .. } => *node,
    }
}

impl Network for Wires {
    fn now(&self) -> Instant {
        self.world.borrow().now
    }

    fn open(&mut self, node: NodeId, address: &Address) {
        let world = Rc::clone(&self.world);
        let mut world = world.borrow_mut();
        let trouble = world.trouble;
        let fails = world.chance(trouble);
        let time = world.now + Duration::from_millis(world.dice.random_range(1..50));
        if fails {
            drop(world);
            self.lose(node, time);
            return;
        }
        let broker = i32::from(address.port) - 9000;
        self.links.insert(
            node,
            Link {
                broker,
                is_open: true,
                last_answer: time,
                is_mute: false,
            },
        );
        // A log-in that ends.
        let ends = world.chance(trouble);
        let lifetime = ends.then(|| Duration::from_millis(world.dice.random_range(1..5000)));
        let versions = world.versions();
        let opened = Event::Opened {
            node,
            versions,
            lifetime,
        };
        self.pending.push((time, opened));
    }

    fn close(&mut self, node: NodeId) {
        self.order.closed(node);
        self.links.remove(&node);
        self.pending.retain(|(_, event)| node_of(event) != node);
    }

    fn send(&mut self, node: NodeId, frame: Frame) {
        let world = Rc::clone(&self.world);
        let mut world = world.borrow_mut();
        let request = Request::read(frame.to_bytes());
        let number = request.correlation;
        if request.api == Api::Produce {
            let sent = self
                .order
                .sent(node, number, request.version, Cluster::places(&request));
            world.fault = world.fault.take().or(sent.err());
        }
        let Some(link) = self.links.get(&node).filter(|link| link.is_open) else {
            return;
        };
        let broker = link.broker;
        let soon = world.now + Duration::from_micros(world.dice.random_range(100..3000));
        let much_later = world.now + Duration::from_millis(world.dice.random_range(5..40_000));
        match Wires::trouble(&mut world, request.api) {
            None => {
                let answer = world.cluster.answer(broker, &request, None);
                self.reply(node, number, answer, soon);
            }
            Some(Trouble::Error(code)) => {
                let blasts = [Blast::All, Blast::EvenOnes, Blast::EvenOnesUnmentioned];
                world.cluster.blast = *blasts.choose(&mut world.dice).expect("some");
                let answer = world.cluster.answer(broker, &request, Some(code));
                self.reply(node, number, answer, soon);
            }
            Some(Trouble::LostBefore) => self.lose(node, soon),
            Some(Trouble::LostAfter) => {
                world.cluster.answer(broker, &request, None);
                self.lose(node, soon);
            }
            Some(Trouble::CarriedOutLate) => {
                world.stragglers.push((much_later, broker, request));
                self.lose(node, soon);
            }
            Some(Trouble::Mute) => {
                world.cluster.answer(broker, &request, None);
                if let Some(link) = self.links.get_mut(&node) {
                    link.is_mute = true;
                }
            }
            Some(Trouble::Late) => {
                world.cluster.throttle_ms = world.dice.random_range(0..5000);
                let answer = world.cluster.answer(broker, &request, None);
                world.cluster.throttle_ms = 0;
                self.reply(node, number, answer, much_later);
            }
            Some(Trouble::Twice) => {
                let answer = world.cluster.answer(broker, &request, None);
                self.reply(node, number, answer.clone(), soon);
                self.reply(node, number, answer, soon);
            }
            Some(Trouble::CutOff) => {
                let mut answer = world.cluster.answer(broker, &request, None);
                answer.truncate(world.dice.random_range(0..=answer.len()));
                self.reply(node, number, answer, soon);
            }
        }
    }

    fn wait(&mut self, until: Instant, events: &mut Vec<Event>) {
        let mut world = self.world.borrow_mut();
        let first = self.pending.iter().map(|(time, _)| *time).min();
        let now = world.now + Duration::from_micros(5);
        let time = first.map_or(until, |first| first.min(until)).max(now);
        world.pass(time);
        let now = world.now;
        let (mut due, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|(time, _)| *time <= now);
        self.pending = later;
        due.sort_by_key(|(time, _)| *time);
        for (_, event) in due {
            match &event {
                Event::Answered {
                    node,
                    correlation,
                    body,
                } => self.order.answered(*node, *correlation, body),
                Event::Closed { node, .. } => self.order.closed(*node),
                Event::Opened { .. } => {}
            }
            events.push(event);
        }
    }
}
