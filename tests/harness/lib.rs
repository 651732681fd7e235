//! What the scenarios stand on: real servers, a real worker process, and readers that are not ours.
//!
//! Nothing here knows a crate of the product. MySQL, Kafka, the schema registry and the worker's REST interface are spoken to
//! from outside, and Avro is decoded by the `apache-avro` crate, so a mistake cannot agree with itself.
//!
//! | file               | noun                                                                            |
//! |--------------------|---------------------------------------------------------------------------------|
//! | [`stack`]          | the servers that `scripts/test` started, and stacks of our own to kill            |
//! | [`names`]          | a test's own database, topics, connector and group                               |
//! | [`worker_process`] | a worker: spawned, stopped, killed, started again                                |
//! | [`rest_client`]    | what one asks a worker                                                           |
//! | [`metrics`]        | what a worker tells Prometheus                                                  |
//! | [`pipeline`]       | all of it for one test: a database, a worker, a connector, its topics            |
//! | [`diary`]          | a table of numbered entries, and the pipeline that carries them                  |
//! | [`connector`]      | configurations of connectors                                                     |
//! | [`log_in`]         | how clients of Kafka log in                                                      |
//! | [`token_server`]   | an authorization server                                                         |
//! | [`kafka_admin`]    | topics made by hand, and what the limited user may do                            |
//! | [`kafka_cluster`]  | which broker leads, and which coordinates                                        |
//! | [`kafka_log`]      | what Kafka's own tool says of a log                                              |
//! | [`mysql`]          | SQL sessions                                                                     |
//! | [`tcp_proxy`]      | a connection that can be cut or fall silent                                      |
//! | [`pulse`]          | an application's statements, and how long the slowest took                       |
//! | [`https_front`]    | HTTPS with a log-in in front of the registry                                     |
//! | [`key_stores`]     | keys and certificates of `keytool`                                               |
//! | [`kafka_reader`]   | topics from offset 0 to the end                                                  |
//! | [`foreign_writer`] | somebody else's open transaction                                                 |
//! | [`murmur2`]        | the partition of a key                                                           |
//! | [`registry`]       | Avro bytes to values                                                             |
//! | [`change_event`]   | a record of a table's topic, decoded                                             |
//! | [`ledger`]         | what was committed, in order per key                                             |
//! | [`workload`]       | seeded writers that keep a ledger                                                |
//! | [`checker`]        | events against ledger: every fault found, named                                  |
//! | [`wire_producer`]  | a producer of our own Kafka client, in a process of its own                      |
//! | [`wire_ledger`]    | transactions that it writes one behind the other, and what became of each         |
//! | [`difference`]     | where something differs from its recording, and where it may                    |
//! | [`seed`]           | randomness that can be replayed                                                  |
//! | [`eventually`]     | waiting for a state; the only place that sleeps                                  |

pub mod change_event;
pub mod checker;
pub mod connector;
pub mod diary;
pub mod difference;
pub mod eventually;
pub mod foreign_writer;
pub mod https_front;
pub mod kafka_admin;
pub mod kafka_cluster;
pub mod kafka_log;
pub mod kafka_reader;
pub mod key_stores;
pub mod ledger;
pub mod log_in;
pub mod metrics;
pub mod murmur2;
pub mod mysql;
pub mod names;
pub mod pipeline;
pub mod pulse;
pub mod registry;
pub mod rest_client;
pub mod seed;
pub mod stack;
pub mod tcp_proxy;
pub mod token_server;
pub mod wire_ledger;
pub mod wire_producer;
pub mod worker_process;
pub mod workload;
