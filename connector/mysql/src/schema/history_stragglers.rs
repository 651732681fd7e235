//! [`Stragglers`]: records of a writer that was no longer the connector's when they reached the topic.
//!
//! Nothing fences the writer of a schema history: Debezium's recovery cannot read one with transactions. A worker that was
//! suspended with an append on its way is replaced; its successor streams the statement again and records it, and those that
//! follow; then the append of the first one lands behind them, and would take the definition back at the next recovery.
//!
//! Such a record is known by two things together: it stands *before* a statement that was recorded earlier in the topic, and it
//! was handled before that, too. What it says was recorded again by the successor, which streamed from before it.
//! One of them alone says nothing. Whoever streams a part again, after a crash or from an altered offset, records
//! statements that stand before earlier ones, handles them later, and records all that follow once more. And clocks of two
//! machines differ.
//!
//! A snapshot records many statements at one position, and a new one begins a new order.

use super::history_order::HistoryPosition;

/// Judges the records in force, in the order of the topic.
#[derive(Default)]
pub(super) struct Stragglers {
    /// The newest record, and when it was handled.
    newest: Option<(HistoryPosition, Option<i64>)>,
}

impl Stragglers {
    /// Whether the record at this position came too late. One that did not becomes the newest.
    pub(super) fn is_one(&mut self, position: &HistoryPosition, ts_ms: Option<i64>) -> bool {
        if let Some((newest, newest_ms)) = &self.newest {
            let is_older = ts_ms.zip(*newest_ms).is_some_and(|(own, newest)| own < newest);
            if is_older && position.is_before(newest) {
                return true;
            }
        }
        self.newest = Some((position.clone(), ts_ms));
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{HistoryPosition, Stragglers};

    const UUID: &str = "ca9f915b-e695-11f1-ada1-02fc00000001";

    fn check(records: &[(&str, bool, i64)], late: &[usize]) {
        let mut stragglers = Stragglers::default();
        let found: Vec<usize> = (0..)
            .zip(records)
            .filter(|(_, (gtids, is_snapshot, ts_ms))| {
                let offset = json!({"gtids": format!("{UUID}:{gtids}"), "snapshot": is_snapshot});
                let position = HistoryPosition::read(offset.as_object().expect("an object")).expect("a position");
                stragglers.is_one(&position, Some(*ts_ms))
            })
            .map(|(number, _)| number)
            .collect();
        assert_eq!(found, late, "{records:?}");
    }

    #[test]
    fn what_was_handled_before_and_stands_before_what_is_recorded_came_too_late() {
        check(&[("1-5", false, 50), ("1-9", false, 60), ("1-5", false, 40)], &[2]);
        // Several, and behind a snapshot as well.
        let two = [
            ("1-9", true, 50),
            ("1-9", true, 51),
            ("1-5", false, 40),
            ("1-6", false, 41),
            ("1-9", false, 60),
        ];
        check(&two, &[2, 3]);
        // A snapshot's own.
        check(&[("1-9", true, 50), ("1-12", false, 60), ("1-5", true, 40)], &[2]);
    }

    #[test]
    fn what_is_streamed_once_more_is_in_force() {
        // After a crash, or from an offset that was altered: all that follows comes once more.
        let again = [
            ("1-5", false, 50),
            ("1-9", false, 60),
            ("1-5", false, 70),
            ("1-9", false, 80),
        ];
        check(&again, &[]);
        // A new snapshot of a server that was set back.
        check(&[("1-9", false, 50), ("1-5", true, 60), ("1-6", false, 70)], &[]);
        // One statement, several records.
        check(&[("1-5", false, 50), ("1-5", false, 50)], &[]);
    }
}
