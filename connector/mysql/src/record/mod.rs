//! From a row change to the records of Debezium's contract.

mod name_adjustment;

pub use name_adjustment::NameAdjustment;
