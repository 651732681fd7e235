//! The opening of a row of a keyless table that a resumed snapshot has read again from its beginning.
//!
//! Nothing tells which rows of such a table consumers have. While the stream catches up with the snapshot's new view, every
//! state that a change ends is reported as deleted, also one that consumers never had; the state that the change leaves is not
//! reported, because the view has it and it is read. So the opening consists of snapshot rows and deletes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Fault, FaultKind, KeyCheck};
use crate::change_event::{ChangeEvent, Operation};
use crate::ledger::{Change, Phase};

impl KeyCheck<'_> {
    /// How many of the row's events are its opening, and the newest change in it.
    pub(super) fn opening(&self, events: &[&ChangeEvent], faults: &mut Vec<Fault>) -> (usize, Option<usize>) {
        let shown: Vec<(usize, &ChangeEvent)> = events
            .iter()
            .map_while(|event| Some((self.shown(event)?, *event)))
            .collect();
        let (mut ended, mut newest) = (BTreeSet::new(), None);
        for (index, event) in &shown {
            let is_delete = event.operation == Operation::Delete;
            if is_delete && !ended.insert(*index) {
                faults.push(self.fault(FaultKind::Doubled, format!("the delete {}", event.place())));
            } else if newest > Some(*index) {
                faults.push(self.fault(
                    FaultKind::Swapped,
                    format!("{} at {}", self.describe(*index), event.place()),
                ));
            }
            newest = newest.max(Some(*index));
        }
        if let (Some((first, event)), Some(newest)) = (shown.first(), newest) {
            let from = first + usize::from(event.operation == Operation::Read);
            let ends_a_row = |index: &usize| index.checked_sub(1).is_some_and(|before| self.is_row(before));
            for index in (from..=newest)
                .filter(ends_a_row)
                .filter(|index| !ended.contains(index))
            {
                faults.push(self.fault(FaultKind::Lost, format!("the delete before {}", self.describe(index))));
            }
            let is_read = shown
                .iter()
                .any(|(index, event)| *index == newest && event.operation == Operation::Read);
            if self.is_row(newest) && !is_read {
                faults.push(self.fault(
                    FaultKind::Lost,
                    format!("the snapshot row of {}", self.describe(newest)),
                ));
            }
        }
        (shown.len(), newest)
    }

    /// The change whose state a snapshot row has, or that ended the state of a delete; `None` for what is no part of an opening.
    fn shown(&self, event: &ChangeEvent) -> Option<usize> {
        let state = |row: &Value| {
            let is_it = |(_, change): &(Phase, Change)| change.row() == row && !row.is_null();
            self.history.iter().position(is_it)
        };
        match event.operation {
            Operation::Read => state(&event.after),
            Operation::Delete => {
                let ending = state(&event.before)? + 1;
                let (phase, _) = self.history.get(ending)?;
                (*phase == Phase::Foldable).then_some(ending)
            }
            _ => None,
        }
    }

    fn is_row(&self, index: usize) -> bool {
        !self.history[index].1.row().is_null()
    }
}
