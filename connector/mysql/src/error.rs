//! [`MySqlError`]: what can go wrong between us and a MySQL server, sorted by what happens next.

use std::error::Error;
use std::fmt;

use connector_api::{ConnectError, TaskError};

use crate::position::{BinlogPosition, OffsetError, StreamedPosition};
use crate::table_id::TableId;

type Cause = Box<dyn Error + Send + Sync>;

/// A failure. Its text names table, column, GTID or position and the next step; never a secret or a row's values.
#[derive(Debug)]
pub struct MySqlError {
    kind: ErrorKind,
    message: String,
    /// Where, as far as it is known; the innermost place first.
    places: Vec<ErrorPlace>,
    source: Option<Cause>,
}

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The server is away, or the connection broke: try again.
    Connection,
    /// Another process reads the same binlog as the same replica: it took the stream over, or this one will not have it back
    /// for long. One of the two is about to end: try again, after a longer pause each time.
    TakenOver,
    /// The server refuses, or is not set up for us: someone has to change the server or the configuration.
    Server,
    /// Bytes or statements of the stream that cannot be taken over safely: the task stops in front of them.
    Decode,
    /// A table's definition is not known at a position, or contradicts the rows: the task stops in front of them.
    Schema,
    /// The stored position cannot be resumed on this server: someone has to choose another one, or another server.
    Position,
}

/// Where something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorPlace {
    /// In a table.
    Table(TableId),
    /// In a column of a table.
    Column(TableId, String),
    /// At or behind a place in a binlog.
    Binlog(BinlogPosition),
    /// At a place in the stream, which knows the transaction.
    Stream(StreamedPosition),
}

impl MySqlError {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        MySqlError {
            kind,
            message: message.into(),
            places: Vec::new(),
            source: None,
        }
    }

    /// A failure that time may heal.
    pub fn connection(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Connection, message)
    }

    /// A stream that another process has taken over.
    pub fn taken_over(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::TakenOver, message)
    }

    /// A server that has to be changed.
    pub fn server(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Server, message)
    }

    /// Bytes that cannot be understood.
    pub fn decode(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Decode, message)
    }

    /// A table definition that is missing or wrong.
    pub fn schema(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Schema, message)
    }

    /// A position that cannot be resumed.
    pub fn position(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Position, message)
    }

    /// The same failure with the place where it happened. The text names it, too, unless the message does already.
    #[must_use]
    pub fn at(mut self, place: impl Into<ErrorPlace>) -> Self {
        self.places.push(place.into());
        self
    }

    /// The same failure with one more sentence about what helps.
    #[must_use]
    pub fn advised(mut self, advice: fmt::Arguments<'_>) -> Self {
        self.message = format!("{}; {advice}", self.message);
        self
    }

    /// The same failure with its cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        self.source = Some(cause.into());
        self
    }

    /// What happens next.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether time may heal it.
    pub fn is_retriable(&self) -> bool {
        self.kind.is_retriable()
    }
}

impl ErrorKind {
    fn is_retriable(self) -> bool {
        match self {
            ErrorKind::Connection | ErrorKind::TakenOver => true,
            ErrorKind::Server | ErrorKind::Decode | ErrorKind::Schema | ErrorKind::Position => false,
        }
    }
}

impl fmt::Display for MySqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        for place in &self.places {
            if !place.is_named_in(&self.message) {
                write!(f, ", {place}")?;
            }
        }
        Ok(())
    }
}

impl Error for MySqlError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

impl ErrorPlace {
    fn is_named_in(&self, message: &str) -> bool {
        match self {
            ErrorPlace::Table(table) => message.contains(&table.to_string()),
            ErrorPlace::Column(table, column) => message.contains(column) && message.contains(&table.to_string()),
            ErrorPlace::Binlog(position) => message.contains(&position.to_string()),
            ErrorPlace::Stream(position) => message.contains(&position.to_string()),
        }
    }
}

/// As the end of a sentence.
impl fmt::Display for ErrorPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorPlace::Table(table) => write!(f, "in table {table}"),
            ErrorPlace::Column(table, column) => write!(f, "in column `{column}` of {table}"),
            ErrorPlace::Binlog(position) => write!(f, "at {position}"),
            ErrorPlace::Stream(position) => write!(f, "at {position}"),
        }
    }
}

impl From<&TableId> for ErrorPlace {
    fn from(table: &TableId) -> Self {
        ErrorPlace::Table(table.clone())
    }
}

impl From<&BinlogPosition> for ErrorPlace {
    fn from(position: &BinlogPosition) -> Self {
        ErrorPlace::Binlog(position.clone())
    }
}

impl From<&StreamedPosition> for ErrorPlace {
    fn from(position: &StreamedPosition) -> Self {
        ErrorPlace::Stream(position.clone())
    }
}

impl From<MySqlError> for ConnectError {
    fn from(error: MySqlError) -> Self {
        let message = error.to_string();
        let connect = match error.is_retriable() {
            true => ConnectError::retriable(message),
            false => ConnectError::fatal(message),
        };
        match error.source {
            Some(cause) => connect.caused_by(cause),
            None => connect,
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

    use super::{ErrorPlace, MySqlError};
    use crate::position::BinlogPosition;
    use crate::table_id::TableId;

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

    #[test]
    fn a_place_is_named_once() {
        let (table, place) = (TableId::new("d", "t"), BinlogPosition::new("binlog.000002", 157));
        let error = MySqlError::decode("a row of d.t is torn").at(&table).at(&place);
        assert_eq!(error.to_string(), "a row of d.t is torn, at binlog.000002:157");
        let error = MySqlError::schema("no definition").at(ErrorPlace::Column(table, "c".to_owned()));
        assert_eq!(error.to_string(), "no definition, in column `c` of d.t");
    }
}
