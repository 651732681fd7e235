//! [`ErrorCode`]: what a broker can answer, and what follows from it. One table for all of them.
//!
//! A code can mean different things in the answers to different requests, so the table has a column for each kind:
//!
//! - *produce*: Java's `Sender.completeBatch` and `TransactionManager.canRetry`;
//! - *coordinator* (InitProducerId, AddPartitionsToTxn, EndTxn): the handlers of Java's `TransactionManager`;
//! - *look-up* (Metadata, FindCoordinator, CreateTopics, DescribeConfigs): Java's `Metadata`, `FindCoordinatorHandler` and
//!   `KafkaAdminClient`.
//!
//! Where this client departs from Java, the row says so. Codes that are no answer to any of these requests, and codes that
//! nobody knows yet, begin a new producer: whatever the state is, it is left behind and read back.

use kafka_protocol::error::ResponseError;

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// What was asked for is so already.
    Done,
    /// The same again, after a pause.
    Again,
    /// The same again, soon: the markers of the last transaction are being written.
    Soon,
    /// The same again, when it is known who leads the partition now.
    NewMetadata,
    /// The same again, when it is known who coordinates the transactional id now.
    NewCoordinator,
    /// The open transaction is lost. It is aborted, and the next one can begin.
    Abort,
    /// This producer is of no use any more; a new one begins from what is in the log.
    Rebuild,
    /// Another producer has this transactional id, or the coordinator aborted for us after `transaction.timeout.ms`.
    Fenced,
    /// Only a person can change it.
    Refused,
}

use Consequence::{Abort, Again, Done, Fenced, NewCoordinator, NewMetadata, Rebuild, Refused, Soon};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Produce,
    Coordinator,
    LookUp,
}

struct Row {
    code: i16,
    name: &'static str,
    produce: Consequence,
    coordinator: Consequence,
    look_up: Consequence,
    /// Where the consequence comes from, or why it is another one here.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for readers; a test sees that none is missing")
    )]
    source: &'static str,
}

const fn row(
    code: i16,
    name: &'static str,
    [produce, coordinator, look_up]: [Consequence; 3],
    source: &'static str,
) -> Row {
    Row {
        code,
        name,
        produce,
        coordinator,
        look_up,
        source,
    }
}

#[rustfmt::skip]
const TABLE: &[Row] = &[
    //                                          produce         coordinator     look-up
    row(-1, "UNKNOWN_SERVER_ERROR",            [Abort,          Rebuild,        Again],         "Sender.failBatch; TransactionManager: unexpected, fatal"),
    row(1, "OFFSET_OUT_OF_RANGE",              [Rebuild,        Rebuild,        Rebuild],       "Fetch: OffsetFetcher resets, or fails without auto.offset.reset: so it is here"),
    row(2, "CORRUPT_MESSAGE",                  [Again,          Rebuild,        Again],         "CorruptRecordException is retriable: damaged on its way"),
    row(3, "UNKNOWN_TOPIC_OR_PARTITION",       [NewMetadata,    Again,          Again],         "InvalidMetadataException; a new topic is not known everywhere at once"),
    row(5, "LEADER_NOT_AVAILABLE",             [NewMetadata,    Again,          Again],         "InvalidMetadataException"),
    row(6, "NOT_LEADER_OR_FOLLOWER",           [NewMetadata,    Again,          Again],         "InvalidMetadataException"),
    row(7, "REQUEST_TIMED_OUT",                [Again,          Again,          Again],         "RetriableException"),
    row(8, "BROKER_NOT_AVAILABLE",             [NewMetadata,    NewCoordinator, Again],         "not retriable in Java, which never sees it; a broker that is away comes back"),
    row(9, "REPLICA_NOT_AVAILABLE",            [NewMetadata,    Again,          Again],         "InvalidMetadataException"),
    row(10, "MESSAGE_TOO_LARGE",               [Refused,        Rebuild,        Rebuild],       "Sender splits batches of several records; here the setting is named"),
    row(13, "NETWORK_EXCEPTION",               [NewMetadata,    Again,          Again],         "InvalidMetadataException"),
    row(14, "COORDINATOR_LOAD_IN_PROGRESS",    [Again,          Again,          Again],         "RetriableException; produce: the verification of KIP-890 asks the coordinator"),
    row(15, "COORDINATOR_NOT_AVAILABLE",       [Again,          NewCoordinator, Again],         "TransactionManager.lookupCoordinator; produce: as 14"),
    row(16, "NOT_COORDINATOR",                 [Again,          NewCoordinator, Again],         "TransactionManager.lookupCoordinator; produce: as 14"),
    row(17, "INVALID_TOPIC_EXCEPTION",         [Refused,        Refused,        Refused],       "Metadata: InvalidTopicException ends the send"),
    row(18, "RECORD_LIST_TOO_LARGE",           [Refused,        Rebuild,        Rebuild],       "RecordBatchTooLargeException: larger than a segment"),
    row(19, "NOT_ENOUGH_REPLICAS",             [Again,          Again,          Again],         "RetriableException: min.insync.replicas is not met for a while"),
    row(20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND",[Again,          Again,          Again],         "RetriableException: written, and the repetition is known as such"),
    row(21, "INVALID_REQUIRED_ACKS",           [Refused,        Rebuild,        Rebuild],       "not retriable; acks is always all"),
    row(29, "TOPIC_AUTHORIZATION_FAILED",      [Refused,        Refused,        Refused],       "abortable in Java; a right is missing until somebody grants it"),
    row(31, "CLUSTER_AUTHORIZATION_FAILED",    [Refused,        Refused,        Refused],       "as 29: IdempotentWrite, for producers without a transactional id"),
    row(32, "INVALID_TIMESTAMP",               [Refused,        Rebuild,        Rebuild],       "not retriable: the topic refuses records of this age"),
    row(33, "UNSUPPORTED_SASL_MECHANISM",      [Refused,        Refused,        Refused],       "AuthenticationException: fatal"),
    row(34, "ILLEGAL_SASL_STATE",              [Refused,        Refused,        Refused],       "AuthenticationException: fatal"),
    row(35, "UNSUPPORTED_VERSION",             [Refused,        Refused,        Refused],       "UnsupportedVersionException: fatal"),
    row(36, "TOPIC_ALREADY_EXISTS",            [Rebuild,        Rebuild,        Done],          "CreateTopics: it is there"),
    row(37, "INVALID_PARTITIONS",              [Rebuild,        Rebuild,        Refused],       "CreateTopics: ApiException, not retriable"),
    row(38, "INVALID_REPLICATION_FACTOR",      [Rebuild,        Rebuild,        Refused],       "CreateTopics: as 37; also said while brokers are away"),
    row(39, "INVALID_REPLICA_ASSIGNMENT",      [Rebuild,        Rebuild,        Refused],       "CreateTopics: as 37"),
    row(40, "INVALID_CONFIG",                  [Rebuild,        Rebuild,        Refused],       "CreateTopics: as 37"),
    row(41, "NOT_CONTROLLER",                  [Rebuild,        Rebuild,        Again],         "RetriableException; where topics are made by looking for them"),
    row(42, "INVALID_REQUEST",                 [Abort,          Rebuild,        Rebuild],       "TransactionManager: unexpected, fatal"),
    row(43, "UNSUPPORTED_FOR_MESSAGE_FORMAT",  [Refused,        Refused,        Refused],       "not retriable: the topic keeps a format older than v2"),
    row(44, "POLICY_VIOLATION",                [Refused,        Refused,        Refused],       "not retriable"),
    row(45, "OUT_OF_ORDER_SEQUENCE_NUMBER",    [Abort,          Rebuild,        Rebuild],       "canRetry: Again unless it is the oldest that is not acknowledged (see the partition's queue)"),
    row(46, "DUPLICATE_SEQUENCE_NUMBER",       [Done,           Rebuild,        Rebuild],       "completeBatch: it is in the log"),
    row(47, "INVALID_PRODUCER_EPOCH",          [Fenced,         Fenced,         Rebuild],       "produce: abortable in Java (KIP-588), where EndTxn then finds out; here nobody asks again"),
    row(48, "INVALID_TXN_STATE",               [Abort,          Rebuild,        Rebuild],       "TransactionManager: fatal; produce: the partition is not in the transaction (KIP-890)"),
    row(49, "INVALID_PRODUCER_ID_MAPPING",     [Rebuild,        Rebuild,        Rebuild],       "abortable in Java, which then asks for an id: so does a new producer"),
    row(50, "INVALID_TRANSACTION_TIMEOUT",     [Refused,        Refused,        Rebuild],       "TransactionManager: fatal; transaction.max.timeout.ms of the broker"),
    row(51, "CONCURRENT_TRANSACTIONS",         [Soon,           Soon,           Soon],          "RetriableException; AddPartitionsToTxnHandler shortens the pause (KAFKA-5482)"),
    row(52, "TRANSACTION_COORDINATOR_FENCED",  [Rebuild,        Rebuild,        Rebuild],       "between brokers"),
    row(53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", [Refused,  Refused,        Refused],       "TransactionManager: fatal"),
    row(54, "SECURITY_DISABLED",               [Refused,        Refused,        Refused],       "not retriable"),
    row(55, "OPERATION_NOT_ATTEMPTED",         [Abort,          Abort,          Rebuild],       "AddPartitionsToTxnHandler: another partition's error says why"),
    row(56, "KAFKA_STORAGE_ERROR",             [NewMetadata,    Again,          Again],         "InvalidMetadataException: the leader's disk"),
    row(58, "SASL_AUTHENTICATION_FAILED",      [Refused,        Refused,        Refused],       "AuthenticationException: fatal"),
    row(59, "UNKNOWN_PRODUCER_ID",             [Abort,          Rebuild,        Rebuild],       "abortable with a new epoch (KIP-360)"),
    row(60, "REASSIGNMENT_IN_PROGRESS",        [Rebuild,        Rebuild,        Rebuild],       "no answer to these requests"),
    row(72, "LISTENER_NOT_FOUND",              [NewMetadata,    Again,          Again],         "InvalidMetadataException: a broker restarts with other listeners"),
    row(74, "FENCED_LEADER_EPOCH",             [NewMetadata,    Again,          Again],         "InvalidMetadataException (KIP-320)"),
    row(75, "UNKNOWN_LEADER_EPOCH",            [NewMetadata,    Again,          Again],         "RetriableException (KIP-320)"),
    row(76, "UNSUPPORTED_COMPRESSION_TYPE",    [Refused,        Rebuild,        Rebuild],       "not retriable: zstd and a broker older than 2.1"),
    row(78, "OFFSET_NOT_AVAILABLE",            [Again,          Again,          Again],         "RetriableException"),
    row(80, "PREFERRED_LEADER_NOT_AVAILABLE",  [NewMetadata,    Again,          Again],         "InvalidMetadataException"),
    row(83, "ELIGIBLE_LEADERS_NOT_AVAILABLE",  [NewMetadata,    Again,          Again],         "InvalidMetadataException"),
    row(87, "INVALID_RECORD",                  [Refused,        Rebuild,        Rebuild],       "not retriable: a compacted topic and no key, among others"),
    row(89, "THROTTLING_QUOTA_EXCEEDED",       [Again,          Again,          Again],         "RetriableException (KIP-599)"),
    row(90, "PRODUCER_FENCED",                 [Fenced,         Fenced,         Rebuild],       "TransactionManager: fatal"),
    row(97, "PRINCIPAL_DESERIALIZATION_FAILURE", [Refused,      Refused,        Refused],       "the brokers' own security"),
    row(100, "UNKNOWN_TOPIC_ID",               [NewMetadata,    Again,          Again],         "InvalidMetadataException: the topic was made anew"),
    row(103, "INCONSISTENT_TOPIC_ID",          [NewMetadata,    Again,          Again],         "InvalidMetadataException"),
    row(105, "TRANSACTIONAL_ID_NOT_FOUND",     [Rebuild,        Rebuild,        Rebuild],       "as 49"),
    row(120, "TRANSACTION_ABORTABLE",          [Abort,          Abort,          Rebuild],       "KIP-890: aborted, and the id goes on"),
    row(129, "REBOOTSTRAP_REQUIRED",           [Rebuild,        Rebuild,        Again],         "KIP-1102: asked of another broker"),
];

/// An error as a broker answered it; never 0, which is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ErrorCode(i16);

impl ErrorCode {
    /// The error of an answer, if it is one.
    pub(crate) fn of(code: i16) -> Option<Self> {
        (code != 0).then_some(ErrorCode(code))
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.code == self.0)
    }

    /// What follows from it.
    pub(crate) fn consequence(self, asked: Asked) -> Consequence {
        self.row().map_or(Rebuild, |row| match asked {
            Asked::Produce => row.produce,
            Asked::Coordinator => row.coordinator,
            Asked::LookUp => row.look_up,
        })
    }

    pub(crate) fn is(self, name: &str) -> bool {
        self.row().is_some_and(|row| row.name == name)
    }
}

/// As Kafka's documentation calls it.
impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.row(), ResponseError::try_from_code(self.0)) {
            (Some(row), _) => f.write_str(row.name),
            (None, Some(error)) => write!(f, "{error:?} ({})", self.0),
            (None, None) => write!(f, "error {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use kafka_protocol::error::ResponseError;

    use super::{
        Abort, Again, Asked, Consequence, Done, ErrorCode, Fenced, NewMetadata, Rebuild, Refused, Soon, TABLE,
    };

    #[test]
    fn every_code_is_in_the_table_once_and_says_where_its_consequence_comes_from() {
        assert!(
            TABLE.windows(2).all(|pair| pair[0].code < pair[1].code),
            "in order, each once"
        );
        assert!(TABLE.iter().all(|row| row.code != 0 && !row.source.is_empty()));
    }

    /// What the crate knows of Java's `RetriableException`s, which the table was not written from.
    #[test]
    fn what_java_asks_again_is_asked_again() {
        for row in TABLE {
            let error = ResponseError::try_from_code(row.code).expect("it is none");
            let is_again = matches!(row.look_up, Again | Soon);
            assert!(is_again || !error.is_retriable(), "{} is retriable", row.name);
        }
    }

    #[test]
    fn whatever_a_broker_answers_has_a_consequence() {
        for code in i16::MIN..=i16::MAX {
            let Some(error) = ErrorCode::of(code) else { continue };
            assert!(!error.to_string().is_empty());
            if TABLE.iter().all(|row| row.code != code) {
                assert_eq!(error.consequence(Asked::Produce), Rebuild);
            }
        }
        assert_eq!(ErrorCode::of(0), None);
    }

    fn check(code: i16, asked: Asked, expected: Consequence) {
        let error = ErrorCode::of(code).expect("an error");
        assert_eq!(error.consequence(asked), expected, "{error}");
    }

    #[test]
    fn the_same_code_means_what_was_asked() {
        check(15, Asked::Produce, Again);
        check(15, Asked::Coordinator, Consequence::NewCoordinator);
        check(6, Asked::Produce, NewMetadata);
        check(6, Asked::LookUp, Again);
        check(46, Asked::Produce, Done);
        check(47, Asked::Coordinator, Fenced);
        check(51, Asked::Produce, Soon);
        check(120, Asked::Coordinator, Abort);
        check(53, Asked::LookUp, Refused);
    }
}
