//! What random bytes are thrown at (`scripts/fuzz`): one function for each target of `connector/mysql/fuzz`, which panics when a
//! promise does not hold. Compiled for these targets, by the feature `fuzzing`, and for the unit tests, which give each of
//! them one input; no part of the connector.

mod binlog_event;
mod ddl;
mod gtid_set;
mod history_record;
mod json;
mod row;

pub use binlog_event::binlog_event;
pub use ddl::ddl;
pub use gtid_set::gtid_set;
pub use history_record::history_record;
pub use json::json;
pub use row::row;

#[cfg(test)]
mod tests {
    use super::{binlog_event, ddl, gtid_set, history_record, json, row};

    /// The targets are compiled and run with the other tests, so that they do not fall behind the code.
    #[test]
    fn each_target_takes_an_input() {
        // FORMAT_DESCRIPTION, as far as its header goes.
        binlog_event(&[0, 0, 0, 0, 15, 1, 0, 0, 0, 19, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        ddl("ALTER TABLE t ADD d INT AFTER a, DROP c");
        gtid_set(b"3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7");
        history_record(br#"{"source":{"server":"shop"},"position":{},"ddl":"DROP TABLE t"}"#);
        // The literal `true`.
        json(&[4, 1]);
        // `d`.`t` with one INT, and the row 7.
        row((b"\x01d\0\x01t\0\x01\x03\0\x01", &[0, 7, 0, 0, 0]));
    }
}
