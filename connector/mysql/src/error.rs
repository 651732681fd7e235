//! [`MySqlError`]: what can go wrong between us and a MySQL server, sorted by what happens next.

use std::error::Error;

use connector_api::{ConnectError, TaskError};

use crate::position::OffsetError;

type Cause = Box<dyn Error + Send + Sync>;

/// A failure. Its text names table, column, GTID or position and the next step; never a secret or a row's values.
#[derive(Debug, thiserror::Error)]
pub enum MySqlError {
    /// The server is away, or the connection broke: try again.
    #[error("{message}")]
    Connection {
        /// What happened.
        message: String,
        /// Why.
        source: Option<Cause>,
    },
    /// Another process reads the same binlog as the same replica: it took the stream over, or this one will not have it back for
    /// long. One of the two is about to end.
    #[error("{message}")]
    TakenOver {
        /// What happened.
        message: String,
        /// Why.
        source: Option<Cause>,
    },
    /// The server refuses, or is not set up for us: someone has to change the server or the configuration.
    #[error("{message}")]
    Server {
        /// What happened, and what to do.
        message: String,
        /// Why.
        source: Option<Cause>,
    },
    /// Bytes or statements of the stream that cannot be taken over safely: the task stops in front of them.
    #[error("{message}")]
    Decode {
        /// What was found and where.
        message: String,
        /// Why.
        source: Option<Cause>,
    },
    /// A table's definition is not known at a position, or contradicts the rows.
    #[error("{message}")]
    Schema {
        /// Which table, where, and what to do.
        message: String,
        /// Why.
        source: Option<Cause>,
    },
    /// The stored position cannot be resumed on this server.
    #[error("{message}")]
    Position {
        /// Why not, and the choices.
        message: String,
        /// Why.
        source: Option<Cause>,
    },
}

impl MySqlError {
    /// A failure that time may heal.
    pub fn connection(message: impl Into<String>) -> Self {
        MySqlError::Connection {
            message: message.into(),
            source: None,
        }
    }

    /// A stream that another process has taken over.
    pub fn taken_over(message: impl Into<String>) -> Self {
        MySqlError::TakenOver {
            message: message.into(),
            source: None,
        }
    }

    /// A server that has to be changed.
    pub fn server(message: impl Into<String>) -> Self {
        MySqlError::Server {
            message: message.into(),
            source: None,
        }
    }

    /// Bytes that cannot be understood.
    pub fn decode(message: impl Into<String>) -> Self {
        MySqlError::Decode {
            message: message.into(),
            source: None,
        }
    }

    /// A table definition that is missing or wrong.
    pub fn schema(message: impl Into<String>) -> Self {
        MySqlError::Schema {
            message: message.into(),
            source: None,
        }
    }

    /// A position that cannot be resumed.
    pub fn position(message: impl Into<String>) -> Self {
        MySqlError::Position {
            message: message.into(),
            source: None,
        }
    }

    /// The same failure with its cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        let (MySqlError::Connection { source, .. }
        | MySqlError::TakenOver { source, .. }
        | MySqlError::Server { source, .. }
        | MySqlError::Decode { source, .. }
        | MySqlError::Schema { source, .. }
        | MySqlError::Position { source, .. }) = &mut self;
        *source = Some(cause.into());
        self
    }

    /// Whether time may heal it.
    pub fn is_retriable(&self) -> bool {
        matches!(self, MySqlError::Connection { .. } | MySqlError::TakenOver { .. })
    }
}

impl From<MySqlError> for ConnectError {
    fn from(error: MySqlError) -> Self {
        let connect = match &error {
            MySqlError::Connection { message, .. } | MySqlError::TakenOver { message, .. } => {
                ConnectError::retriable(message)
            }
            MySqlError::Server { message, .. }
            | MySqlError::Decode { message, .. }
            | MySqlError::Schema { message, .. }
            | MySqlError::Position { message, .. } => ConnectError::fatal(message),
        };
        match error {
            MySqlError::Connection { source, .. }
            | MySqlError::TakenOver { source, .. }
            | MySqlError::Server { source, .. }
            | MySqlError::Decode { source, .. }
            | MySqlError::Schema { source, .. }
            | MySqlError::Position { source, .. } => match source {
                Some(cause) => connect.caused_by(cause),
                None => connect,
            },
        }
    }
}

impl From<MySqlError> for TaskError {
    fn from(error: MySqlError) -> Self {
        TaskError::Connector(error.into())
    }
}

impl From<OffsetError> for MySqlError {
    fn from(error: OffsetError) -> Self {
        MySqlError::position("the stored offset cannot be read; correct it or reset the connector's offsets")
            .caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use connector_api::ConnectError;

    use super::MySqlError;

    #[test]
    fn only_a_lost_connection_is_tried_again() {
        assert!(ConnectError::from(MySqlError::connection("gone")).is_retriable());
        let definite = [
            MySqlError::server,
            MySqlError::decode,
            MySqlError::schema,
            MySqlError::position,
        ];
        assert!(
            definite
                .iter()
                .all(|error| !ConnectError::from(error("stop")).is_retriable())
        );
    }

    #[test]
    fn the_cause_travels_along() {
        let error = ConnectError::from(MySqlError::connection("gone").caused_by("reset by peer"));
        assert_eq!(
            std::error::Error::source(&error).map(ToString::to_string).as_deref(),
            Some("reset by peer")
        );
    }
}
