//! A correct topic has no fault, and every planted one is found.

use serde_json::{Value, json};

use super::{Checker, FaultKind};
use crate::change_event::{ChangeEvent, Operation};
use crate::ledger::{Change, Ledger, Phase};
use crate::murmur2::partition_of;

const PARTITIONS: i32 = 3;

fn row(id: i64, version: i64) -> Value {
    json!({"id": id, "version": version})
}

fn key(id: i64) -> Value {
    json!({"id": id})
}

/// Key 1: read as of its second change, then updated. Key 2: came and went before the snapshot. Key 3: moved to key 4,
/// deleted, inserted again. Key 5: never touched after the snapshot. Version 99 was rolled back.
fn ledger() -> Ledger {
    let mut ledger = Ledger::default();
    let mut commit = |id, phase, change| ledger.commit(&key(id), phase, change);
    commit(1, Phase::Foldable, Change::Insert(row(1, 10)));
    commit(1, Phase::Foldable, Change::Update(row(1, 11)));
    commit(1, Phase::Foldable, Change::Update(row(1, 12)));
    commit(1, Phase::Streamed, Change::Update(row(1, 13)));
    commit(2, Phase::Foldable, Change::Insert(row(2, 20)));
    commit(2, Phase::Foldable, Change::Delete);
    commit(3, Phase::Streamed, Change::Insert(row(3, 30)));
    commit(3, Phase::Streamed, Change::MoveAway(key(4)));
    commit(
        4,
        Phase::Streamed,
        Change::MoveIn {
            from: key(3),
            row: row(4, 31),
        },
    );
    commit(4, Phase::Streamed, Change::Delete);
    commit(4, Phase::Streamed, Change::Insert(row(4, 32)));
    commit(5, Phase::Foldable, Change::Insert(row(5, 50)));
    ledger.rolled_back.insert(99);
    ledger
}

fn event(id: i64, operation: Operation, before: Value, after: Value) -> ChangeEvent {
    let key_bytes = id.to_be_bytes().to_vec();
    ChangeEvent {
        partition: partition_of(&key_bytes, PARTITIONS),
        offset: 0,
        key_bytes: Some(key_bytes),
        key: key(id),
        operation,
        before,
        after,
        source: Value::Null,
        old_key: Value::Null,
        new_key: Value::Null,
    }
}

fn topic() -> Vec<ChangeEvent> {
    use Operation::{Create, Delete, Read, Tombstone, Update};
    let to_4 = |event| ChangeEvent {
        new_key: key(4),
        ..event
    };
    let from_3 = |event| ChangeEvent {
        old_key: key(3),
        ..event
    };
    let mut events = vec![
        event(1, Read, Value::Null, row(1, 11)),
        event(5, Read, Value::Null, row(5, 50)),
        event(1, Update, row(1, 11), row(1, 12)),
        event(1, Update, row(1, 12), row(1, 13)),
        event(3, Create, Value::Null, row(3, 30)),
        to_4(event(3, Delete, row(3, 30), Value::Null)),
        to_4(event(3, Tombstone, Value::Null, Value::Null)),
        from_3(event(4, Create, Value::Null, row(4, 31))),
        event(4, Delete, row(4, 31), Value::Null),
        event(4, Tombstone, Value::Null, Value::Null),
        event(4, Create, Value::Null, row(4, 32)),
    ];
    number(&mut events);
    events
}

fn number(events: &mut [ChangeEvent]) {
    for (offset, event) in events.iter_mut().enumerate() {
        event.offset = offset as i64;
    }
}

/// The kinds of fault that are found after `plant` has been at the topic, each once.
fn found(plant: impl FnOnce(&mut Vec<ChangeEvent>)) -> Vec<FaultKind> {
    found_of(0, plant)
}

/// The same where so many rows may begin with a change.
fn found_of(left_out: usize, plant: impl FnOnce(&mut Vec<ChangeEvent>)) -> Vec<FaultKind> {
    let ledger = ledger();
    let mut events = topic();
    plant(&mut events);
    let checker = Checker {
        ledger: &ledger,
        identity: &["id"],
        keyed: true,
        read_again: false,
        left_out,
        partitions: PARTITIONS,
    };
    let mut kinds: Vec<FaultKind> = checker.faults(&events).into_iter().map(|fault| fault.kind).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

#[test]
fn a_correct_topic_has_no_fault_and_folds_to_the_table() {
    assert_eq!(found(|_| ()), []);
    let ledger = ledger();
    let checker = Checker {
        ledger: &ledger,
        identity: &["id"],
        keyed: true,
        read_again: false,
        left_out: 0,
        partitions: PARTITIONS,
    };
    assert_eq!(checker.fold(&topic()), ledger.fold());
    assert_eq!(ledger.fold().len(), 3);
}

#[test]
fn a_lost_record_is_found_wherever_it_was() {
    for index in 0..topic().len() {
        let kinds = found(|events| drop(events.remove(index)));
        let expected = match topic()[index].operation {
            Operation::Tombstone => FaultKind::Tombstone,
            // A change that the snapshot could have held follows.
            Operation::Read if topic()[index].key == key(1) => FaultKind::Unread,
            _ => FaultKind::Lost,
        };
        assert!(kinds.contains(&expected), "without record {index}: {kinds:?}");
    }
}

#[test]
fn a_doubled_record_is_found_wherever_it_was() {
    for index in 0..topic().len() {
        let kinds = found(|events| {
            let copy = events[index].clone();
            events.push(copy);
        });
        let expected = match topic()[index].operation {
            Operation::Tombstone => FaultKind::Tombstone,
            _ => FaultKind::Doubled,
        };
        assert!(kinds.contains(&expected), "record {index} twice: {kinds:?}");
    }
}

#[test]
fn swapped_records_of_one_key_are_found() {
    assert_eq!(found(|events| events.swap(2, 3)), [FaultKind::Swapped]);
    assert_eq!(found(|events| events.swap(7, 10)), [FaultKind::Swapped]);
}

#[test]
fn the_order_of_different_keys_does_not_matter() {
    assert_eq!(found(|events| events.swap(1, 2)), []);
}

#[test]
fn a_record_of_something_that_never_was_is_a_ghost() {
    let ghost = |version| {
        move |events: &mut Vec<ChangeEvent>| {
            events.push(event(5, Operation::Update, row(5, 50), row(5, version)));
        }
    };
    assert_eq!(found(ghost(51)), [FaultKind::Ghost]);
    assert_eq!(found(ghost(99)), [FaultKind::RolledBack]);
}

#[test]
fn a_row_that_was_deleted_before_the_snapshot_is_a_ghost() {
    let kinds = found(|events| events.insert(0, event(2, Operation::Read, Value::Null, row(2, 20))));
    assert_eq!(kinds, [FaultKind::Lost], "its delete is missing");
}

#[test]
fn a_snapshot_row_comes_once_and_first() {
    assert_eq!(
        found(|events| events.insert(1, events[0].clone())),
        [FaultKind::Doubled]
    );
    let late = found(|events| {
        let read = events.remove(1);
        events.push(ChangeEvent {
            after: row(1, 13),
            key: key(1),
            key_bytes: events[0].key_bytes.clone(),
            ..read
        });
    });
    assert!(late.contains(&FaultKind::Doubled), "{late:?}");
}

#[test]
fn a_row_that_was_left_out_begins_with_a_change_of_the_snapshots_beginning() {
    let without_read = |events: &mut Vec<ChangeEvent>| {
        events.retain(|event| event.key != key(1) || event.operation != Operation::Read)
    };
    assert_eq!(found_of(0, without_read), [FaultKind::Unread]);
    assert_eq!(found_of(1, without_read), []);
    let without_change = |events: &mut Vec<ChangeEvent>| {
        without_read(events);
        let first = events
            .iter()
            .position(|event| event.key == key(1))
            .expect("changes of it");
        events.remove(first);
    };
    assert_eq!(found_of(1, without_change), [FaultKind::Lost], "the snapshot was over");
}

#[test]
fn a_change_after_the_snapshot_cannot_be_folded_into_it() {
    let kinds = found(|events| {
        events.drain(2..4);
        events[0].after = row(1, 13);
    });
    assert_eq!(kinds, [FaultKind::Lost]);
}

#[test]
fn before_images_are_chained() {
    assert_eq!(found(|events| events[3].before = row(1, 11)), [FaultKind::BrokenChain]);
    assert_eq!(found(|events| events[4].before = row(3, 29)), [FaultKind::BrokenChain]);
}

#[test]
fn a_key_change_names_the_other_key_on_all_three_records() {
    assert_eq!(found(|events| events[5].new_key = Value::Null), [FaultKind::KeyHeader]);
    assert_eq!(found(|events| events[6].new_key = Value::Null), [FaultKind::KeyHeader]);
    assert_eq!(found(|events| events[7].old_key = key(1)), [FaultKind::KeyHeader]);
    assert_eq!(found(|events| events[10].old_key = key(1)), [FaultKind::KeyHeader]);
}

#[test]
fn a_record_with_another_rows_key_or_in_another_partition_is_found() {
    assert_eq!(found(|events| events[1].key = key(6)), [FaultKind::Place]);
    assert_eq!(
        found(|events| events[1].partition = (events[1].partition + 1) % PARTITIONS),
        [FaultKind::Place]
    );
    assert_eq!(found(|events| events[1].key_bytes = None), [FaultKind::Place]);
}

#[test]
fn only_snapshot_rows_of_a_keyless_table_may_repeat() {
    let ledger = ledger();
    let checker = Checker {
        ledger: &ledger,
        identity: &["id"],
        keyed: false,
        read_again: false,
        left_out: 0,
        partitions: 1,
    };
    let keyless = |plant: &dyn Fn(&mut Vec<ChangeEvent>)| {
        let mut events = topic();
        plant(&mut events);
        for event in &mut events {
            *event = ChangeEvent {
                partition: 0,
                key_bytes: None,
                key: Value::Null,
                old_key: Value::Null,
                new_key: Value::Null,
                ..event.clone()
            };
        }
        checker
            .faults(&events)
            .into_iter()
            .map(|fault| fault.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(keyless(&|_| ()), []);
    assert_eq!(keyless(&|events| events.insert(1, events[0].clone())), []);
    assert_eq!(
        keyless(&|events| events.insert(3, events[2].clone())),
        [FaultKind::Doubled]
    );
    assert_eq!(keyless(&|events| drop(events.remove(2))), [FaultKind::Lost]);
}

/// A row that came, changed, went and came again before the snapshot that reads it anew, and changed once more after it.
#[test]
fn a_keyless_row_that_is_read_again_is_told_as_gone_once_for_every_state() {
    use Operation::{Create, Delete, Read, Update};
    let mut ledger = Ledger::default();
    let mut commit = |phase, change| ledger.commit(&key(1), phase, change);
    commit(Phase::Foldable, Change::Insert(row(1, 10)));
    commit(Phase::Foldable, Change::Update(row(1, 11)));
    commit(Phase::Foldable, Change::Delete);
    commit(Phase::Foldable, Change::Insert(row(1, 12)));
    commit(Phase::Streamed, Change::Update(row(1, 13)));
    let checker = Checker {
        ledger: &ledger,
        identity: &["id"],
        keyed: false,
        read_again: true,
        left_out: 0,
        partitions: 1,
    };
    let keyless = |operation, before, after| ChangeEvent {
        partition: 0,
        key_bytes: None,
        key: Value::Null,
        ..event(1, operation, before, after)
    };
    let topic = [
        keyless(Read, Value::Null, row(1, 10)),
        keyless(Delete, row(1, 10), Value::Null),
        keyless(Delete, row(1, 11), Value::Null),
        keyless(Read, Value::Null, row(1, 12)),
        keyless(Update, row(1, 12), row(1, 13)),
    ];
    let found = |plant: &dyn Fn(&mut Vec<ChangeEvent>)| {
        let mut events = topic.to_vec();
        plant(&mut events);
        let faults = checker.faults(&events);
        faults.into_iter().map(|fault| fault.kind).collect::<Vec<_>>()
    };
    assert_eq!(found(&|_| ()), []);
    assert_eq!(found(&|events| drop(events.remove(0))), [], "it was not read before");
    let came_after = |events: &mut Vec<ChangeEvent>| events[3] = keyless(Create, Value::Null, row(1, 12));
    assert_eq!(found(&came_after), [], "it came after the view");
    for lost in 1..topic.len() {
        assert_eq!(found(&|events| drop(events.remove(lost))), [FaultKind::Lost], "{lost}");
    }
    for doubled in [1, 2] {
        let double = |events: &mut Vec<ChangeEvent>| events.insert(3, events[doubled].clone());
        assert!(found(&double).contains(&FaultKind::Doubled), "{doubled}");
    }
    assert_eq!(found(&|events| events.swap(2, 3)), [FaultKind::Swapped]);
    assert!(found(&|events| events.truncate(2)).contains(&FaultKind::Lost));
}
