//! The producer against a cluster that does anything a cluster may do.
//!
//! A [`Cluster`] is a model of Kafka's logs and of its transaction coordinator, written after their rules, not after this
//! client. [`Wires`] connect producers to it and go wrong in every way: answers are errors, come late, twice, cut off or never;
//! connections end before or after a request was carried out; a request is carried out long after its connection is gone.
//! Leaders and coordinators move. Time is a number, so a schedule of minutes takes milliseconds, and a seed repeats it.
//!
//! Each schedule writes transactions, commits some, aborts others, begins anew with another producer whenever one is lost, and
//! lets lost ones go on writing. At the end the log is read as a `read_committed` consumer would: what was committed is there
//! once and in order, what was aborted is not, and what nobody knows is there whole or not at all. In half of the schedules
//! nothing goes wrong that another attempt does not mend, and there no transaction may be given up. And whatever a reader
//! sees, no batch may leave before its predecessor ([`Order`](order::Order)).

mod brokers;
mod coordinator;
mod log;
mod order;
mod schedule;
mod wires;

use schedule::Schedule;

/// How many schedules of each kind a run has, unless `WIRE_SCHEDULES` says otherwise. `WIRE_SEED` runs one of them.
const SCHEDULES: u64 = 10_000;

fn run(transaction_version: i16) {
    let variable = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let schedules = variable("WIRE_SCHEDULES").unwrap_or(SCHEDULES);
    let seeds = variable("WIRE_SEED").map_or(0..schedules, |seed| seed..seed + 1);
    let mut committed = 0;
    for seed in seeds.clone() {
        match Schedule::new(seed, transaction_version).run() {
            Ok(count) => committed += count,
            Err(reason) => panic!("WIRE_SEED={seed}, transaction.version {transaction_version}: {reason}"),
        }
    }
    assert!(
        committed as u64 > seeds.end - seeds.start,
        "hardly anything was committed: {committed}"
    );
}

#[test]
fn transactions_of_version_1_come_once_or_not_at_all() {
    run(0);
}

#[test]
fn transactions_of_version_2_come_once_or_not_at_all() {
    run(2);
}
