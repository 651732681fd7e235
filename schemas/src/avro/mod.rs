//! The Connect data model as Avro, exactly as Confluent's `AvroData` maps it.
//!
//! | Connect                       | Avro                                                                    |
//! |-------------------------------|-------------------------------------------------------------------------|
//! | `BOOLEAN`, `STRING`, `BYTES`  | `boolean`, `string`, `bytes`                                            |
//! | `INT8`, `INT16`               | `int` with `connect.type`                                               |
//! | `INT32`, `INT64`              | `int`, `long`                                                           |
//! | `FLOAT32`, `FLOAT64`          | `float`, `double`                                                       |
//! | `STRUCT`                      | `record`; its name's last part is the name, the rest the namespace      |
//! | `STRUCT` without a name       | `record` `ConnectDefault`, `ConnectDefault2`, .. in `io.confluent.connect.avro` |
//! | `ARRAY`                       | `array`                                                                 |
//! | `MAP` with required text keys | `map`                                                                   |
//! | any other `MAP`               | `array` of the record `MapEntry {key, value}`                           |
//! | optional, no default          | `["null", T]`, default null                                             |
//! | optional with a default       | `[T, "null"]`, with that default                                        |
//! | `Decimal`                     | `bytes`, `logicalType` `decimal`, precision 64 if none is given         |
//! | `Date`, `Time`, `Timestamp`   | `logicalType` `date`, `time-millis`, `timestamp-millis`                 |
//!
//! Version, parameters, default, documentation and semantic name travel as `connect.*` properties, unless `connect.meta.data=false` drops them. [`schema_text`] says
//! what the registry is asked for, so every byte of it counts: other text is another schema. [`AvroPlan`] says how values are
//! written.

pub mod name;

mod default;
mod error;
mod parse;
mod schema;
mod style;
mod writer;

pub use error::SchemaError;
pub use parse::parse;
pub use schema::{SchemaPiece, schema_pieces, schema_text};
pub use style::{Metadata, Names, SchemaStyle};
pub use writer::{AvroPlan, AvroWriter, NullDefaults};
