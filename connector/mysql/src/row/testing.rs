//! What the tests of the type families share: the value that a function writes, and packed decimals.

use connector_api::data::{Value, ValueCollector, ValueWriter, WriteError};
use mysql_common::binlog::decimal::Decimal;

use super::Written;

/// The value that `write` gives; `None` for NULL.
pub(super) fn written(write: impl FnOnce(&mut dyn ValueWriter) -> Written) -> Result<Option<Value>, WriteError> {
    let mut collector = ValueCollector::default();
    if write(&mut collector)? {
        collector.finish().map(Some)
    } else {
        Ok(None)
    }
}

/// The packed form, by another implementation: it packs the digits it is given, and keeps zeros only behind a sign.
pub(super) fn packed(text: &str, precision: u8, scale: u8) -> Vec<u8> {
    let (sign, digits) = text.strip_prefix('-').map_or(("+", text), |digits| ("-", digits));
    let width = usize::from(precision) + usize::from(scale > 0);
    let mut bytes = Vec::new();
    format!("{sign}{digits:0>width$}")
        .parse::<Decimal>()
        .unwrap()
        .write_bin(&mut bytes)
        .unwrap();
    bytes
}
