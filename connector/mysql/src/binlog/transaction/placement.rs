//! What may stand where: events that belong inside of a transaction, and those that stand between two.

use super::open::OpenTransaction;
use super::{State, Step, TransactionTracker};
use crate::error::MySqlError;

impl TransactionTracker {
    /// An event of an open transaction.
    pub(super) fn inside<'e, 'a>(&mut self, step: Step<'e, 'a>, what: &str) -> Result<Step<'e, 'a>, MySqlError> {
        self.with_open(what, |_| {})?;
        Ok(self.unless_executed(step))
    }

    pub(super) fn with_open<'e, 'a>(
        &mut self,
        what: &str,
        act: impl FnOnce(&mut OpenTransaction),
    ) -> Result<Step<'e, 'a>, MySqlError> {
        match &mut self.state {
            State::Open(open) => {
                act(open);
                Ok(Step::Pass)
            }
            _ => Err(self.without_beginning(what)),
        }
    }

    /// An event that stands between transactions.
    pub(super) fn outside<'e, 'a>(&self, what: &str) -> Result<Step<'e, 'a>, MySqlError> {
        match self.state {
            State::Between => Ok(Step::Pass),
            _ => Err(self.broken(what)),
        }
    }

    /// Nothing, if the transaction was streamed before.
    pub(super) fn unless_executed<'e, 'a>(&self, step: Step<'e, 'a>) -> Step<'e, 'a> {
        match &self.state {
            State::Open(OpenTransaction { announced, .. }) | State::Announced(announced) if announced.is_executed => {
                Step::Pass
            }
            _ => step,
        }
    }
}
