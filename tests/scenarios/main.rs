//! Scenarios over real servers: table of contents.
//!
//! `scripts/test` runs them; `scripts/test --only NAME` some of them. A failed random schedule tells its `ROWMILL_SEED`, which
//! repeats it from the environment.
//!
//! | file                    | promise                                                                             |
//! |-------------------------|-------------------------------------------------------------------------------------|
//! | [`exactly_once_kernel`] | a numbered stream survives kills, stops, rivals and foreign transactions              |
//! | [`ledger`]              | every committed version arrives once, in the snapshot and after it, killed or not     |
//! | [`snapshots`]           | a snapshot holds what its position means, and is no cluster's alone                   |
//! | [`snapshot_modes`]    | when a snapshot is taken again, by which statement, and what a lost history leads to   |
//! | [`production`]          | an application's statements go on, whatever happens to a snapshot                     |
//! | [`snapshot_tables`]     | tables that are exchanged, created, renamed, altered or MyISAM while a snapshot runs |
//! | [`frontiers`]           | what is deleted while a snapshot is interrupted is reported, whatever the table's key |
//! | [`own_statements`]      | statements of the user's run in every session, and with every heartbeat               |
//! | [`chaos`]               | whatever is asked while servers come and go, what was asked last is there in the end  |
//! | [`compaction`]          | what the broker's cleaner leaves is the table                                         |
//! | [`faults_that_heal`]    | servers and connections come back, events flow within seconds                         |
//! | [`faults_that_stop`]    | what only a person can mend stops the task and names the way out                      |
//! | [`predecessors`]        | a worker that wakes up beside its successor does it no harm                           |
//! | [`other_servers`]       | what is no MySQL server is refused by name, at first sight and later                  |
//! | [`logged_otherwise`]    | statements as text, XA, differences of documents, GTIDs out of order: nothing is lost   |
//! | [`transaction_metadata`] | beginning and end of a transaction are told once, and its changes numbered, killed or not  |
//! | [`failover`]            | a replica takes over in the middle of a transaction                                   |
//! | [`gtid_tags`]           | transactions under tags are like any others                                           |
//! | [`streamed_definitions`] | a definition that was followed by statements is the one that a snapshot reads         |
//! | [`migrations_elsewhere`] | statements about tables that are not captured cut nothing                              |
//! | [`random_definitions`] | the same of statements at random                                                      |
//! | [`gtid_modes`]          | by file or by set, and from one to the other: a transaction goes on where it was      |
//! | [`quiet_tables`]        | the stored offset moves on while only other tables change                             |
//! | [`sizes`]               | memory depends on the largest row only; too large rows stop the task or are skipped   |
//! | [`termination`]         | SIGTERM ends the worker in time, with everything committed, whatever is away          |
//! | [`rest_api`]            | the life of a connector over REST; it survives the worker                             |
//! | [`configurations`]      | what people bring along is carried out, or refused by its key with what to write       |
//! | [`rest_strangers`]      | pages of other sites neither read nor change anything; odd clients are served          |
//! | [`secrets`]             | passwords reach nobody but the servers they are for                                   |
//! | [`config_providers`]    | placeholders are resolved where they are used, and shown, stored and logged as written |
//! | [`rest_golden`]         | REST answers as Kafka Connect did, exchange by exchange                               |
//! | [`tls`]                 | connections are encrypted, and the server's certificate is checked, as configured     |
//! | [`kafka_security`]      | clients log in to Kafka over SASL and TLS; what is wrong with a log-in is reported    |
//! | [`kafka_rights`]        | what the broker refuses is reported, and granted by the right it names                |
//! | [`registry_https`]      | the registry over HTTPS: trusted, logged in to, the second of two URLs                |
//! | [`metrics`]             | what `/metrics` tells of a task is there and true                                     |
//! | [`wire`]                | transactions of our own Kafka client are what other clients read, whatever happens      |
//! | [`wire_cluster`]        | the same on three brokers that are killed, suspended and restarted, and on an older Kafka |
//! | [`side_by_side`]        | on the same SQL, ours gives what Debezium gave                                        |

mod chaos;
mod compaction;
mod config_providers;
mod configurations;
mod exactly_once_kernel;
mod failover;
mod faults_that_heal;
mod faults_that_stop;
mod frontiers;
mod gtid_modes;
mod gtid_tags;
mod kafka_rights;
mod kafka_security;
mod ledger;
mod logged_otherwise;
mod metrics;
mod migrations_elsewhere;
mod other_servers;
mod own_statements;
mod predecessors;
mod production;
mod quiet_tables;
mod random_definitions;
mod registry_https;
mod rest_api;
mod rest_golden;
mod rest_strangers;
mod secrets;
mod side_by_side;
mod sizes;
mod snapshot_modes;
mod snapshot_tables;
mod snapshots;
mod streamed_definitions;
mod termination;
mod tls;
mod transaction_metadata;
mod wire;
mod wire_cluster;
