//! What was felt: held to the bound, and written down where a table is wanted.

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use harness::pulse::Felt;

const MATRIX: &str = "ROWMILL_PRODUCTION";

const OTHERS: &str = "ROWMILL_PRODUCTION_OF";

/// Whether all cases are wanted, or those of a run of the suite.
pub(super) fn all() -> bool {
    std::env::var_os(MATRIX).is_some()
}

/// Whether the worker is ours, so that a promise of ours may be broken.
pub(super) fn is_ours() -> bool {
    std::env::var_os(OTHERS).is_none()
}

/// Adds a line to the table.
fn write_down(line: &str) -> Result<()> {
    if let Some(file) = std::env::var_os(MATRIX) {
        writeln!(File::options().create(true).append(true).open(file)?, "{line}")?;
    }
    Ok(())
}

/// A promise of ours: broken, it fails the test. Of somebody else's worker it is written down what happened instead.
pub(super) fn promised(case: &str, kept: Result<()>) -> Result<()> {
    match kept {
        Err(error) if !is_ours() => write_down(&format!("| {case} | {} | |", error.root_cause())),
        kept => kept,
    }
}

/// Fails if a statement had to wait for longer than it may; otherwise says what was felt.
pub(super) fn bearable(case: &str, felt: &[Felt], bound: Duration) -> Result<()> {
    let slowest = felt.iter().max_by_key(|felt| felt.longest).context("a beat")?;
    let statements: u64 = felt.iter().map(|felt| felt.statements).sum();
    write_down(&format!(
        "| {case} | {} ms | {statements} |",
        slowest.longest.as_millis()
    ))?;
    ensure!(
        slowest.longest <= bound || !is_ours(),
        "{case}: {} waited for {:?}, which is more than {bound:?}",
        slowest.name,
        slowest.longest
    );
    Ok(())
}
