//! [`TransformChain`]: the transforms of a connector, in order, each behind its predicate.
//!
//! A record is handed from one to the next by a call, so that what a transform makes of it can live on the stack for as long
//! as the rest of the chain looks at it: nothing is copied, and a transform that drops a record does not call on.

use std::fmt;

use connector_api::data::WriteError;
use connector_api::pattern::Runaway;

use super::predicate::Predicate;
use super::record::Record;

/// Where a record goes next.
pub type Next<'n> = dyn FnMut(&Record<'_>) + 'n;

/// One transform of Kafka Connect's or Debezium's. Used on the task's thread.
pub trait Transform: Send {
    /// Hands what becomes of `record` to `next`, once; not at all if the record is dropped.
    ///
    /// # Errors
    /// If the record is not what the transform can work on.
    fn apply(&mut self, record: &Record<'_>, next: &mut Next<'_>) -> Result<(), TransformError>;
}

/// Why a transform could not go on: the field and the reason, not the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransformError(String);

impl TransformError {
    /// An error with this explanation.
    pub fn new(message: impl Into<String>) -> Self {
        TransformError(message.into())
    }
}

impl fmt::Display for TransformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TransformError {}

impl From<&Runaway> for TransformError {
    /// What it was asked about may be the value of a column.
    fn from(error: &Runaway) -> Self {
        TransformError(format!(
            "the expression `{}` takes too long to decide whether it matches: repetitions within repetitions, such as \
             `(a+)+`, have to be written as one",
            error.pattern
        ))
    }
}

impl From<Runaway> for TransformError {
    fn from(error: Runaway) -> Self {
        TransformError::from(&error)
    }
}

impl From<WriteError> for TransformError {
    fn from(error: WriteError) -> Self {
        TransformError(error.to_string())
    }
}

/// A transform with its name, and whether it looks at a record.
pub struct Step {
    pub alias: String,
    pub class: &'static str,
    pub predicate: Option<Condition>,
    pub transform: Box<dyn Transform>,
}

/// A predicate, as a transform refers to it.
pub struct Condition {
    pub predicate: Predicate,
    pub negate: bool,
}

/// The transforms of a connector.
#[derive(Default)]
pub struct TransformChain {
    steps: Vec<Step>,
}

impl TransformChain {
    /// These, in order.
    pub fn new(steps: Vec<Step>) -> Self {
        TransformChain { steps }
    }

    /// Hands what becomes of `record` to `last`, unless it is dropped.
    ///
    /// # Errors
    /// A sentence that names the transform, its class and the topic.
    pub fn apply(&mut self, record: &Record<'_>, last: &mut Next<'_>) -> Result<(), TransformError> {
        apply(&mut self.steps, record, last)
    }
}

fn apply(steps: &mut [Step], record: &Record<'_>, last: &mut Next<'_>) -> Result<(), TransformError> {
    let Some((step, rest)) = steps.split_first_mut() else {
        last(record);
        return Ok(());
    };
    if !step.looks_at(record).map_err(|error| step.failed(record, &error))? {
        return apply(rest, record, last);
    }
    let mut result = Ok(());
    let applied = step
        .transform
        .apply(record, &mut |record| result = apply(rest, record, last));
    applied.map_err(|error| step.failed(record, &error))?;
    result
}

impl Step {
    fn looks_at(&self, record: &Record<'_>) -> Result<bool, TransformError> {
        match &self.predicate {
            Some(condition) => Ok(condition.predicate.test(record)? != condition.negate),
            None => Ok(true),
        }
    }

    fn failed(&self, record: &Record<'_>, error: &TransformError) -> TransformError {
        TransformError(format!(
            "transform `{}` ({}) cannot take a record of topic {}: {error}",
            self.alias, self.class, record.topic
        ))
    }
}
