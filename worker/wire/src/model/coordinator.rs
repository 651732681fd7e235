//! The coordinator of one transactional id (Kafka's `TransactionCoordinator` and `TransactionMetadata`).

use std::collections::BTreeSet;

pub(super) const CONCURRENT: i16 = 51;
pub(super) const FENCED: i16 = 90;
const INVALID_STATE: i16 = 48;
const UNKNOWN_ID: i16 = 49;

/// The only id that it gives away.
const PRODUCER: i64 = 4000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Empty,
    Ongoing,
    Preparing { commits: bool },
    Complete { commits: bool },
}

/// Markers that are to be written.
pub(super) struct Markers {
    pub(super) partitions: BTreeSet<usize>,
    pub(super) producer: i64,
    pub(super) epoch: i16,
    pub(super) commits: bool,
}

pub(super) struct Coordinator {
    epoch: i16,
    state: State,
    partitions: BTreeSet<usize>,
}

impl Coordinator {
    pub(super) fn new() -> Self {
        Coordinator {
            epoch: -1,
            state: State::Empty,
            partitions: BTreeSet::new(),
        }
    }

    /// InitProducerId. An open transaction is aborted first, and the producer asks again.
    pub(super) fn init(&mut self, producer: i64, epoch: i16) -> Result<(i64, i16), i16> {
        if producer >= 0 && epoch != self.epoch {
            return Err(FENCED);
        }
        match self.state {
            State::Preparing { .. } => Err(CONCURRENT),
            State::Ongoing => {
                self.epoch += 1;
                self.state = State::Preparing { commits: false };
                Err(CONCURRENT)
            }
            State::Empty | State::Complete { .. } => {
                self.epoch += 1;
                self.state = State::Empty;
                self.partitions.clear();
                Ok((PRODUCER, self.epoch))
            }
        }
    }

    /// Its name, as DescribeTransactions tells it.
    pub(super) fn state(&self) -> &'static str {
        match self.state {
            State::Empty => "Empty",
            State::Ongoing => "Ongoing",
            State::Preparing { commits: true } => "PrepareCommit",
            State::Preparing { commits: false } => "PrepareAbort",
            State::Complete { commits: true } => "CompleteCommit",
            State::Complete { commits: false } => "CompleteAbort",
        }
    }

    fn check(&self, producer: i64, epoch: i16) -> Result<(), i16> {
        match producer {
            PRODUCER if epoch == self.epoch => Ok(()),
            PRODUCER => Err(FENCED),
            _ => Err(UNKNOWN_ID),
        }
    }

    /// AddPartitionsToTxn, by a client or, in version 2, by a broker.
    pub(super) fn add(
        &mut self,
        producer: i64,
        epoch: i16,
        partitions: impl IntoIterator<Item = usize>,
    ) -> Result<(), i16> {
        self.check(producer, epoch)?;
        if let State::Preparing { .. } = self.state {
            return Err(CONCURRENT);
        }
        if self.state != State::Ongoing {
            self.partitions.clear();
            self.state = State::Ongoing;
        }
        self.partitions.extend(partitions);
        Ok(())
    }

    /// What a broker asks before it appends the first batch of a transaction of version 1 (KIP-890, part 1).
    pub(super) fn verify(&self, producer: i64, epoch: i16, partition: usize) -> Result<(), i16> {
        self.check(producer, epoch)?;
        match self.state {
            State::Preparing { .. } => Err(CONCURRENT),
            State::Ongoing if self.partitions.contains(&partition) => Ok(()),
            _ => Err(INVALID_STATE),
        }
    }

    /// EndTxn; answers the id and epoch that follow.
    pub(super) fn end(&mut self, producer: i64, epoch: i16, commits: bool, version: i16) -> Result<(i64, i16), i16> {
        if version >= 5 {
            return self.end_with_epoch(producer, epoch, commits);
        }
        self.check(producer, epoch)?;
        match self.state {
            State::Ongoing => {
                self.state = State::Preparing { commits };
                Ok((-1, -1))
            }
            State::Complete { commits: did } if did == commits => Ok((-1, -1)),
            State::Preparing { commits: does } if does == commits => Err(CONCURRENT),
            _ => Err(INVALID_STATE),
        }
    }

    fn end_with_epoch(&mut self, producer: i64, epoch: i16, commits: bool) -> Result<(i64, i16), i16> {
        if producer == PRODUCER && epoch + 1 == self.epoch {
            // Asked again, and the answer to the first time was lost.
            return match self.state {
                State::Preparing { commits: does } if does == commits => Err(CONCURRENT),
                State::Complete { commits: did } if did == commits => Ok((PRODUCER, self.epoch)),
                State::Ongoing | State::Empty => Err(FENCED),
                _ => Err(INVALID_STATE),
            };
        }
        self.check(producer, epoch)?;
        match self.state {
            State::Ongoing => {
                self.epoch += 1;
                self.state = State::Preparing { commits };
                Ok((PRODUCER, self.epoch))
            }
            State::Empty | State::Complete { .. } if !commits => {
                self.epoch += 1;
                self.partitions.clear();
                self.state = State::Complete { commits: false };
                Ok((PRODUCER, self.epoch))
            }
            State::Preparing { .. } => Err(CONCURRENT),
            _ => Err(INVALID_STATE),
        }
    }

    /// The markers of what was decided, which are written now.
    pub(super) fn complete(&mut self) -> Option<Markers> {
        let State::Preparing { commits } = self.state else {
            return None;
        };
        self.state = State::Complete { commits };
        Some(Markers {
            partitions: std::mem::take(&mut self.partitions),
            producer: PRODUCER,
            epoch: self.epoch,
            commits,
        })
    }
}
