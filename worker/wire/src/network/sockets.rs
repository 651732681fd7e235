//! [`Sockets`]: the real network. One thread, the caller's, does everything but connecting.

use std::collections::BTreeMap;
use std::io::{PipeReader, PipeWriter, pipe};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::Instant;

use native_tls::TlsConnector;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::dial::{Dialled, dial};
use super::link::Link;
use super::{Event, LinkCause, LinkFailure, Network, NodeId, tls};
use crate::error::Error;
use crate::protocol::Frame;
use crate::settings::{Address, ConnectionSettings};

/// Connections over TCP.
pub struct Sockets {
    settings: Arc<ConnectionSettings>,
    tls: Option<TlsConnector>,
    ends: BTreeMap<NodeId, (Address, End)>,
    /// What has happened besides answers, to be told with the next wait.
    events: Vec<Event>,
}

enum End {
    /// The thread that connects ends by itself when its time is over, heard or not.
    Dialling {
        outcome: Receiver<Outcome>,
        wake: PipeReader,
    },
    Open(Box<Link>),
}

type Outcome = Result<Dialled, LinkFailure>;

impl Sockets {
    /// No connection yet.
    ///
    /// # Errors
    /// The settings of TLS are of no use.
    pub fn new(settings: ConnectionSettings) -> Result<Self, Error> {
        let tls = settings.tls.as_ref().map(tls::connector).transpose()?;
        Ok(Sockets {
            settings: Arc::new(settings),
            tls,
            ends: BTreeMap::new(),
            events: Vec::new(),
        })
    }

    fn dialling(&self, address: &Address) -> std::io::Result<End> {
        let (wake, woken) = pipe()?;
        let (told, outcome) = channel();
        let (settings, tls, address) = (Arc::clone(&self.settings), self.tls.clone(), address.clone());
        thread::Builder::new().name("kafka-dial".to_owned()).spawn(move || {
            // Nobody listens any more: then the connection is dropped.
            told.send(dial(&settings, tls.as_ref(), &address)).ok();
            wake_up(woken);
        })?;
        Ok(End::Dialling { outcome, wake })
    }

    /// What polls say of each connection, in the order of the nodes.
    fn poll(&self, until: Instant) -> Vec<(NodeId, PollFlags)> {
        let mut polled: Vec<PollFd<'_>> = Vec::with_capacity(self.ends.len());
        for (_, end) in self.ends.values() {
            polled.push(match end {
                End::Dialling { wake, .. } => PollFd::from_borrowed_fd(wake.as_fd(), PollFlags::IN),
                End::Open(link) if link.has_more_to_send() => {
                    PollFd::from_borrowed_fd(link.stream().as_fd(), PollFlags::IN | PollFlags::OUT)
                }
                End::Open(link) => PollFd::from_borrowed_fd(link.stream().as_fd(), PollFlags::IN),
            });
        }
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).ok();
        // A signal ends the wait early, and whoever waits asks again.
        if poll(&mut polled, timeout.as_ref()).is_err() {
            return Vec::new();
        }
        self.ends
            .keys()
            .zip(&polled)
            .map(|(node, fd)| (*node, fd.revents()))
            .filter(|(_, flags)| !flags.is_empty())
            .collect()
    }

    fn serve(&mut self, node: NodeId, flags: PollFlags, events: &mut Vec<Event>) {
        let Some((address, end)) = self.ends.get_mut(&node) else {
            return;
        };
        match end {
            End::Dialling { outcome, .. } => {
                let outcome = match outcome.try_recv() {
                    Ok(outcome) => outcome,
                    Err(TryRecvError::Empty) => return,
                    Err(TryRecvError::Disconnected) => Err(failure(address, "connecting has failed".to_owned())),
                };
                self.dialled(node, outcome, events);
            }
            End::Open(link) => {
                let mut answers = Vec::new();
                let mut result = Ok(());
                if flags.contains(PollFlags::OUT) {
                    result = link.write();
                }
                if result.is_ok() && flags.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
                    result = link.read(&mut answers);
                }
                let told = |(correlation, body)| Event::Answered {
                    node,
                    correlation,
                    body,
                };
                events.extend(answers.into_iter().map(told));
                if let Err(reason) = result {
                    events.push(Event::Closed {
                        node,
                        failure: failure(address, reason),
                    });
                    self.ends.remove(&node);
                }
            }
        }
    }

    fn dialled(&mut self, node: NodeId, outcome: Outcome, events: &mut Vec<Event>) {
        match outcome {
            Ok(Dialled {
                stream,
                versions,
                lifetime,
            }) => {
                if let Some((_, end)) = self.ends.get_mut(&node) {
                    *end = End::Open(Box::new(Link::new(stream)));
                }
                events.push(Event::Opened {
                    node,
                    versions,
                    lifetime,
                });
            }
            Err(failure) => {
                self.ends.remove(&node);
                events.push(Event::Closed { node, failure });
            }
        }
    }
}

/// Dropping the other end of a pipe makes this one readable.
fn wake_up(woken: PipeWriter) {
    drop(woken);
}

fn failure(address: &Address, reason: String) -> LinkFailure {
    LinkFailure {
        cause: LinkCause::Lost,
        message: format!("{address}: {reason}"),
    }
}

impl Network for Sockets {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn open(&mut self, node: NodeId, address: &Address) {
        match self.dialling(address) {
            Ok(end) => {
                self.ends.insert(node, (address.clone(), end));
            }
            Err(error) => self.events.push(Event::Closed {
                node,
                failure: failure(address, format!("no thread to connect with: {error}")),
            }),
        }
    }

    fn close(&mut self, node: NodeId) {
        self.ends.remove(&node);
    }

    fn send(&mut self, node: NodeId, frame: Frame) {
        let Some((address, End::Open(link))) = self.ends.get_mut(&node) else {
            return;
        };
        let was_idle = !link.has_more_to_send();
        link.push(&frame);
        if was_idle && let Err(reason) = link.write() {
            let failure = failure(address, reason);
            self.ends.remove(&node);
            self.events.push(Event::Closed { node, failure });
        }
    }

    fn wait(&mut self, until: Instant, events: &mut Vec<Event>) {
        if !self.events.is_empty() {
            events.append(&mut self.events);
            return;
        }
        for (node, flags) in self.poll(until) {
            self.serve(node, flags, events);
        }
    }
}
