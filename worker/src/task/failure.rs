//! [`TaskFailure`]: why a session failed, and who acts next.

use std::fmt;

use connector_api::{ConnectError, SinkError, TaskError};
use schemas::converter::ConverterError;

use crate::kafka::{KafkaError, Outcome};
use crate::transforms::chain::TransformError;

/// Who acts after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// The runner: a new session after a while.
    Retry,
    /// The herder: does this worker still own the task? If so, a new session.
    AskOwnership,
    /// A person.
    Operator,
}

/// Why a session failed.
#[derive(Debug)]
pub struct TaskFailure {
    pub next: NextStep,
    pub message: String,
    /// Whether Kafka may be in trouble, as opposed to the source or the registry.
    pub may_be_kafkas: bool,
}

impl TaskFailure {
    /// Only a person can fix it.
    pub fn operator(message: impl Into<String>) -> Self {
        TaskFailure {
            next: NextStep::Operator,
            message: message.into(),
            may_be_kafkas: false,
        }
    }

    /// A failure of Kafka.
    pub fn kafka(error: &KafkaError) -> Self {
        let next = match error.outcome() {
            Outcome::Retry | Outcome::Rebuild => NextStep::Retry,
            Outcome::Fenced => NextStep::AskOwnership,
            Outcome::Refused => NextStep::Operator,
        };
        TaskFailure {
            next,
            message: error.to_string(),
            may_be_kafkas: true,
        }
    }
}

impl fmt::Display for TaskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TaskFailure {}

impl From<ConnectError> for TaskFailure {
    fn from(error: ConnectError) -> Self {
        let next = if error.is_retriable() {
            NextStep::Retry
        } else {
            NextStep::Operator
        };
        TaskFailure {
            next,
            message: error.with_causes(),
            may_be_kafkas: false,
        }
    }
}

impl From<ConverterError> for TaskFailure {
    fn from(error: ConverterError) -> Self {
        let next = if error.is_retriable() {
            NextStep::Retry
        } else {
            NextStep::Operator
        };
        TaskFailure {
            next,
            message: error.to_string(),
            may_be_kafkas: false,
        }
    }
}

impl From<TransformError> for TaskFailure {
    fn from(error: TransformError) -> Self {
        TaskFailure::operator(error.to_string())
    }
}

impl From<TaskError> for TaskFailure {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::Connector(error) => error.into(),
            TaskError::Sink(SinkError { cause, place }) => {
                let mut failure = match cause.downcast::<TaskFailure>() {
                    Ok(failure) => *failure,
                    Err(other) => TaskFailure {
                        next: NextStep::Retry,
                        message: other.to_string(),
                        may_be_kafkas: true,
                    },
                };
                if let Some(place) = place.filter(|_| failure.next == NextStep::Operator) {
                    failure.message.push_str(&format!("\nThe change is {place}."));
                }
                failure
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ConnectError, KafkaError, Outcome, SinkError, TaskError, TaskFailure};

    #[test]
    fn only_a_failure_that_may_be_kafkas_asks_for_a_moment_of_order() {
        let kafkas = |failure: TaskFailure| failure.may_be_kafkas;
        let lost = TaskFailure::kafka(&KafkaError::new(Outcome::Rebuild, "committing", "no answer"));
        let sink = |cause: TaskFailure| TaskFailure::from(TaskError::Sink(SinkError::new(cause)));
        assert!(!kafkas(TaskFailure::from(ConnectError::retriable("MySQL is away"))));
        assert!(!kafkas(sink(TaskFailure::operator("no key"))));
        assert!(kafkas(sink(lost)));
        let unknown = SinkError::new(std::io::Error::other("whatever"));
        assert!(kafkas(TaskFailure::from(TaskError::Sink(unknown))));
    }
}
