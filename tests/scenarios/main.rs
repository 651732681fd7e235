//! Scenarios over real servers: table of contents.
//!
//! | file                    | promise                                                                             |
//! |-------------------------|-------------------------------------------------------------------------------------|
//! | [`exactly_once_kernel`] | a numbered stream survives kills, stops, rivals and foreign transactions              |
//! | [`ledger`]              | every committed version arrives once, in the snapshot and after it, killed or not     |
//! | [`compaction`]          | what the broker's cleaner leaves is the table                                         |
//! | [`faults_that_heal`]    | servers and connections come back, events flow within seconds                         |
//! | [`faults_that_stop`]    | what only a person can mend stops the task and names the way out                      |
//! | [`failover`]            | a replica takes over in the middle of a transaction                                   |
//! | [`sizes`]               | memory depends on the largest row only                                                |
//! | [`rest_api`]            | the life of a connector over REST; it survives the worker                             |
//! | [`side_by_side`]        | on the same SQL, ours gives what the incumbent gave                                   |

mod compaction;
mod exactly_once_kernel;
mod failover;
mod faults_that_heal;
mod faults_that_stop;
mod ledger;
mod rest_api;
mod side_by_side;
mod sizes;
