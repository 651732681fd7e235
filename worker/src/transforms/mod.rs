//! What happens to a record before it is converted: the single message transforms that a connector's configuration lists
//! (<https://kafka.apache.org/documentation/#connect_transforms>), each behind its predicate.
//!
//! A transform is written against borrowed values. It compiles what becomes of a schema once, and then only redirects fields:
//! what it makes of a record is an adapter on the stack that the next one, and in the end the converter, writes from.
//!
//! | file               | noun                                                                        |
//! |--------------------|-----------------------------------------------------------------------------|
//! | [`record`]         | a record on its way: topic, key, value, headers                              |
//! | [`chain`]          | what a transform is, and one behind the other                                |
//! | [`predicate`]      | whether a transform looks at a record                                        |
//! | [`classes`]        | all transforms and predicates, by their Java classes                          |
//! | [`configuration`]  | from `transforms` and `predicates` of a configuration to a chain             |
//! | [`header_text`]    | a header's value as Kafka Connect's simple converter writes it               |
//! | `shape`, `or_else` | a struct made of another one's fields                                        |
//! | `reading`          | single fields of a value on its way                                          |
//! | `key_or_value`     | key or value: which of them a transform works on                             |
//! | `envelope`         | how Debezium's transforms tell an envelope                                   |
//! | `keys`             | options that several transforms have                                         |
//! | `field_path`       | the way to a field in structs within structs                                 |
//! | `logical`          | the times that Kafka Connect has types for                                   |
//! | `decimal`          | the parts of a Decimal                                                       |
//! | `calendar`, `date_format` | dates of instants, and Java's patterns for them                       |
//! | `connect_text`     | a value as Kafka Connect prints it                                           |
//! | `script`           | an expression that is asked of every record                                  |
//! | `topic_pattern`    | a regular expression that renames topics                                     |
//!
//! The other files are one transform each; `headers` has two.

pub mod chain;
pub mod classes;
pub mod configuration;
pub mod header_text;
pub mod predicate;
pub mod record;

mod by_logical_table_router;
mod calendar;
mod cast;
mod connect_text;
mod content_based_router;
mod date_format;
mod decimal;
mod envelope;
mod event_router;
mod extract_changed_record_state;
mod extract_field;
mod extract_new_record_state;
mod field_path;
mod filter;
mod flatten;
mod header_from;
mod header_to_value;
mod headers;
mod hoist_field;
mod insert_field;
mod key_or_value;
mod keys;
mod logical;
mod mask_field;
mod or_else;
mod partition_routing;
mod read_to_insert_event;
mod reading;
mod regex_router;
mod replace_field;
mod schema_change_event_filter;
mod script;
mod script_filter;
mod set_schema_metadata;
mod shape;

mod timestamp_converter;
mod timestamp_router;
mod timezone_converter;
mod topic_pattern;
mod value_to_key;
