//! [`start_dump`]: how a dump is asked for, and [`refusal`]: why a server would not start or continue it.
//!
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_replication.html>

use std::time::Duration;

use uuid::Uuid;

use super::checksum::ChecksumAlgorithm;
use super::connection::DumpConnection;
use super::error_packet::error_packet;
use crate::error::MySqlError;
use crate::server::{ConnectionOptions, DumpStart, is_transient};

const COM_BINLOG_DUMP: u8 = 0x12;
const COM_REGISTER_REPLICA: u8 = 0x15;
const COM_BINLOG_DUMP_GTID: u8 = 0x1e;
const THROUGH_GTID: u16 = 0x04;
/// The first event of a binlog file, behind its magic number.
const FIRST_POSITION: u64 = 4;
/// The server waits for us as long as Kafka makes us wait.
const NET_WRITE_TIMEOUT: Duration = Duration::from_secs(86_400);

/// How to be a replica.
#[derive(Debug, Clone)]
pub struct StreamOptions {
    /// The server.
    pub connection: ConnectionOptions,
    /// Our number, which no other replica of the server may have.
    pub server_id: u32,
    /// Our identity, the same for every task of a connector: a server ends the dump of a predecessor that bears it.
    pub replica_uuid: Uuid,
    /// How often the server shows that it is there when it has no events.
    pub heartbeat: Duration,
    /// How long the server waits for us to take bytes; absent: longer than Kafka makes us wait.
    pub net_write_timeout: Option<Duration>,
    /// How long it waits for bytes of ours; absent: its own choice.
    pub net_read_timeout: Option<Duration>,
}

/// Logs in as a replica and asks for the dump.
pub(super) fn start_dump(
    options: &StreamOptions,
    start: &DumpStart,
) -> Result<(DumpConnection, Uuid, ChecksumAlgorithm), MySqlError> {
    let request = dump(start, options.server_id)?;
    let mut connection = DumpConnection::open(&options.connection)?;
    let server_uuid = connection
        .value("SELECT @@GLOBAL.server_uuid")?
        .and_then(|uuid| uuid.parse().ok());
    let server_uuid = server_uuid
        .ok_or_else(|| MySqlError::server(format!("MySQL at {} has no server_uuid", connection.address())))?;
    let algorithm = connection.value("SELECT @@GLOBAL.binlog_checksum")?.unwrap_or_default();
    let checksum = ChecksumAlgorithm::named(&algorithm).ok_or_else(|| {
        let address = connection.address();
        MySqlError::server(format!(
            "MySQL at {address} has binlog_checksum={algorithm}, which is not supported; use CRC32"
        ))
    })?;
    connection.execute(&session_variables(options, &algorithm))?;
    connection.command(
        &register(options.server_id),
        "registering as a replica; it needs GRANT REPLICATION SLAVE ON *.*",
    )?;
    connection.request(&request)?;
    Ok((connection, server_uuid, checksum))
}

/// What the server is told about this dump. Each name of 8.0.26 and later stands beside the older one.
fn session_variables(options: &StreamOptions, checksum: &str) -> String {
    let heartbeat = options.heartbeat.as_nanos();
    let uuid = options.replica_uuid;
    let net_write_timeout = options.net_write_timeout.unwrap_or(NET_WRITE_TIMEOUT).as_secs();
    let net_read_timeout = options.net_read_timeout.map_or(String::new(), |timeout| {
        format!(", SESSION net_read_timeout = {}", timeout.as_secs())
    });
    format!(
        "SET @source_binlog_checksum = '{checksum}', @master_binlog_checksum = '{checksum}', \
         @source_heartbeat_period = {heartbeat}, @master_heartbeat_period = {heartbeat}, \
         @replica_uuid = '{uuid}', @slave_uuid = '{uuid}', \
         SESSION net_write_timeout = {net_write_timeout}{net_read_timeout}"
    )
}

/// Makes the reader visible in `SHOW REPLICAS`, where others look before they choose a server id.
fn register(server_id: u32) -> Vec<u8> {
    const NAME: &[u8] = b"rowmill";
    let mut command = vec![COM_REGISTER_REPLICA];
    command.extend(server_id.to_le_bytes());
    command.push(NAME.len() as u8);
    command.extend(NAME);
    // User, password, port, rank, source id: not used by the server.
    command.extend([0; 1 + 1 + 2 + 4 + 4]);
    command
}

/// The request for everything behind `start`.
fn dump(start: &DumpStart, server_id: u32) -> Result<Vec<u8>, MySqlError> {
    let mut command = Vec::new();
    match start {
        DumpStart::AllBut(gtids) => {
            let mut set = Vec::new();
            gtids.encode(&mut set);
            command.push(COM_BINLOG_DUMP_GTID);
            command.extend(THROUGH_GTID.to_le_bytes());
            command.extend(server_id.to_le_bytes());
            // No file name: with one, the server would begin there instead of looking for the first missing transaction.
            command.extend(0_u32.to_le_bytes());
            command.extend(FIRST_POSITION.to_le_bytes());
            command.extend((set.len() as u32).to_le_bytes());
            command.extend(set);
        }
        DumpStart::From(position) => {
            let offset = u32::try_from(position.position.max(FIRST_POSITION)).map_err(|_| {
                MySqlError::position(format!(
                    "position {position} lies beyond 4 GiB, where a server without GTIDs cannot be asked to begin; \
                     delete the connector's offsets and take a new snapshot, or enable gtid_mode"
                ))
            })?;
            command.push(COM_BINLOG_DUMP);
            command.extend(offset.to_le_bytes());
            command.extend(0_u16.to_le_bytes());
            command.extend(server_id.to_le_bytes());
            command.extend(position.file.as_bytes());
        }
    }
    Ok(command)
}

/// What the error packet in a dump means for us. `at` is how far the stream has come.
pub(super) fn refusal(packet: &[u8], at: &str, replica: Uuid) -> MySqlError {
    const FATAL_ERROR_READING_BINLOG: u16 = 1236;
    const ACCESS_DENIED: u16 = 1227;
    match error_packet(packet) {
        Some((FATAL_ERROR_READING_BINLOG, text)) => fatal(&text, at, replica),
        Some((ACCESS_DENIED | 1045, text)) => MySqlError::server(format!(
            "the server does not let us read its binlog: {text}; GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* to the user"
        )),
        Some((code, text)) if is_transient(code) => {
            MySqlError::connection(format!("the server ended the binlog stream at {at}: {text}"))
        }
        Some((code, text)) => MySqlError::server(format!(
            "the server refuses the binlog stream at {at}: error {code}: {text}"
        )),
        None => MySqlError::connection(format!(
            "the server ended the binlog stream at {at} with an unreadable error"
        )),
    }
}

/// Error 1236 has one number for everything; only its text tells (`sql/rpl_binlog_sender.cc`).
fn fatal(text: &str, at: &str, replica: Uuid) -> MySqlError {
    let says = |part: &str| text.contains(part);
    // The server compares the uuids of replicas, ours among them, and ids only of those that have none (`kill_zombie_dump_threads`
    // in `sql/rpl_source.cc`). So this is another process that runs this very connector of this worker group.
    if says("same server_uuid") {
        return MySqlError::taken_over(format!(
            "another process that runs this connector took the binlog stream over at {at} (as replica {replica}): a predecessor of \
             this worker that woke up, or a successor; Kafka lets only one of them write, and the other one ends by itself; the \
             server says: {text}"
        ));
    }
    if says("purged") || says("Could not find first log file") || says("could not find next log") {
        return MySqlError::position(format!(
            "the server no longer has the binlogs behind {at}: either connect to a server that still has them, or delete the \
             connector's offsets and take a new snapshot; the server says: {text}"
        ));
    }
    if let Some(error) = gtid_mode(text, at) {
        return error;
    }
    if says("more GTIDs") || says("position > file size") || says("impossible position") {
        return MySqlError::position(format!(
            "the server's history is not the one that was streamed up to {at}; if it was reset or restored from a backup, \
             delete the connector's offsets and take a new snapshot; the server says: {text}"
        ));
    }
    if says("max_allowed_packet") {
        return MySqlError::server(format!(
            "an event behind {at} is larger than the server's max_allowed_packet; \
             SET GLOBAL max_allowed_packet = 1073741824; the server says: {text}"
        ));
    }
    MySqlError::server(format!("the server cannot read its binlog behind {at}: {text}"))
}

/// What a server says that was asked by set and meets a transaction that is in no set: it may be asked by file and position.
const ANONYMOUS_BEHIND_SET: &str = "anonymous transaction when AUTO_POSITION = 1";

/// Whether the packet says that transactions without GTIDs follow, for which the server cannot be asked by set.
pub(super) fn meets_anonymous(packet: &[u8]) -> bool {
    error_packet(packet).is_some_and(|(_, text)| text.contains(ANONYMOUS_BEHIND_SET))
}

/// Refusals that follow from `gtid_mode`: it was changed under the stream, or forbids what is still to be sent.
fn gtid_mode(text: &str, at: &str) -> Option<MySqlError> {
    let says = |part: &str| text.contains(part);
    if says(ANONYMOUS_BEHIND_SET) || says("cannot start in AUTO_POSITION mode") {
        return Some(MySqlError::connection(format!(
            "gtid_mode was taken back, and transactions without GTIDs follow {at}; they are asked for by file and position; \
             the server says: {text}"
        )));
    }
    let permissive = if says("anonymous transaction when @@GLOBAL.GTID_MODE") {
        "ON_PERMISSIVE"
    } else if says("GTID-transaction when @@GLOBAL.GTID_MODE") {
        "OFF_PERMISSIVE"
    } else {
        return None;
    };
    Some(MySqlError::position(format!(
        "the server does not send the transactions that follow {at}, because they were written under another gtid_mode; SET \
         GLOBAL gtid_mode = {permissive} until the connector has streamed them, and restart the task; the server says: {text}"
    )))
}

#[cfg(test)]
mod tests {
    use mysql_common::packets::{
        BinlogDumpFlags, ComBinlogDump, ComBinlogDumpGtid, ComRegisterSlave, GnoInterval, Sid,
    };
    use mysql_common::proto::MySerialize;

    use super::{Duration, StreamOptions, Uuid, dump, meets_anonymous, refusal, register, session_variables};
    use crate::error::{ErrorKind, MySqlError};
    use crate::position::{BinlogPosition, GtidSet};
    use crate::server::{ConnectionOptions, DumpStart, SslOptions};
    use connector_api::config::Password;

    fn bytes(packet: &impl MySerialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        packet.serialize(&mut bytes);
        bytes
    }

    #[test]
    fn the_server_waits_as_long_as_the_configuration_says() {
        let mut options = StreamOptions {
            connection: ConnectionOptions {
                hostname: "h".to_owned(),
                port: 1,
                user: "u".to_owned(),
                password: Password::new("p"),
                ssl: SslOptions::default(),
                connect_timeout: Duration::from_secs(1),
                initial_statements: Vec::new(),
                task: None,
            },
            server_id: 1,
            replica_uuid: Uuid::nil(),
            heartbeat: Duration::from_secs(2),
            net_write_timeout: None,
            net_read_timeout: None,
        };
        let silent = session_variables(&options, "CRC32");
        assert!(silent.ends_with("SESSION net_write_timeout = 86400"), "{silent}");
        assert!(silent.contains("@source_heartbeat_period = 2000000000"), "{silent}");
        options.net_write_timeout = Some(Duration::from_secs(70));
        options.net_read_timeout = Some(Duration::from_secs(80));
        let given = session_variables(&options, "CRC32");
        assert!(
            given.ends_with("SESSION net_write_timeout = 70, SESSION net_read_timeout = 80"),
            "{given}"
        );
    }

    #[test]
    fn commands_agree_with_mysql_common() {
        assert_eq!(
            register(7),
            bytes(&ComRegisterSlave::new(7).with_hostname(&b"rowmill"[..]))
        );

        let from = DumpStart::From(BinlogPosition::new("binlog.000002", 157));
        let theirs = ComBinlogDump::new(7).with_pos(157).with_filename(&b"binlog.000002"[..]);
        assert_eq!(dump(&from, 7).expect("a command"), bytes(&theirs));

        let gtids: GtidSet = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-3".parse().expect("a set");
        let uuid = 0x3e11fa47_71ca_11e1_9e33_c80aa9429562_u128.to_be_bytes();
        let theirs = ComBinlogDumpGtid::new(7)
            .with_pos(4)
            .with_flags(BinlogDumpFlags::empty())
            .with_sids(vec![Sid::new(uuid).with_interval(GnoInterval::new(1, 4))]);
        assert_eq!(dump(&DumpStart::AllBut(gtids), 7).expect("a command"), bytes(&theirs));
    }

    #[test]
    fn a_position_the_command_cannot_carry_is_refused() {
        let from = DumpStart::From(BinlogPosition::new("binlog.000002", 1 << 32));
        assert!(dump(&from, 7).is_err_and(|error| error.kind() == ErrorKind::Position));
    }

    fn packet(code: u16, text: &str) -> Vec<u8> {
        [&[0xff][..], &code.to_le_bytes(), b"#HY000", text.as_bytes()].concat()
    }

    fn error(code: u16, text: &str) -> MySqlError {
        refusal(&packet(code, text), "binlog.000002:157", Uuid::nil())
    }

    #[test]
    fn only_a_transaction_in_no_set_makes_the_stream_go_on_by_file() {
        let by_set = "Cannot replicate anonymous transaction when AUTO_POSITION = 1, at file b.000003, position 9.";
        assert!(meets_anonymous(&packet(1236, by_set)));
        let by_file =
            "Cannot replicate anonymous transaction when @@GLOBAL.GTID_MODE = ON, at file b.000003, position 9.";
        assert!(!meets_anonymous(&packet(1236, by_file)));
    }

    fn check(code: u16, text: &str, expected: ErrorKind) {
        let error = error(code, text);
        assert_eq!(error.kind(), expected, "{text}");
        assert!(
            error.to_string().contains(text) && error.to_string().contains("binlog"),
            "{error}"
        );
    }

    /// Texts of MySQL 9.7.
    #[test]
    fn refusals_are_sorted_by_what_helps() {
        let (position, server) = (ErrorKind::Position, ErrorKind::Server);
        let (connection, taken_over) = (ErrorKind::Connection, ErrorKind::TakenOver);
        check(
            1236,
            "Cannot replicate because the source purged required binary logs.",
            position,
        );
        check(
            1236,
            "Could not find first log file name in binary log index file",
            position,
        );
        check(1236, "Replica has more GTIDs than the source has", position);
        check(
            1236,
            "Client requested source to start replication from position > file size",
            position,
        );
        check(
            1236,
            "A replica with the same server_uuid/server_id as this replica has connected to the source;",
            taken_over,
        );
        check(
            1236,
            "log event entry exceeded max_allowed_packet; Increase max_allowed_packet on source",
            server,
        );
        check(
            1227,
            "Access denied; you need (at least one of) the REPLICATION SLAVE privilege(s)",
            server,
        );
        for (text, mode) in [
            (
                "Cannot replicate anonymous transaction when @@GLOBAL.GTID_MODE = ON, at file b.000003, position 9.",
                "gtid_mode = ON_PERMISSIVE",
            ),
            (
                "Cannot replicate GTID-transaction when @@GLOBAL.GTID_MODE = OFF, at file b.000003, position 9.",
                "gtid_mode = OFF_PERMISSIVE",
            ),
        ] {
            check(1236, text, position);
            assert!(error(1236, text).to_string().contains(mode), "{text}");
        }
        check(
            1236,
            "Cannot replicate anonymous transaction when AUTO_POSITION = 1, at file b.000003, position 9.",
            connection,
        );
        check(
            1236,
            "The replication sender thread cannot start in AUTO_POSITION mode: this server has GTID_MODE = OFF_PERMISSIVE \
             instead of ON.",
            connection,
        );
        check(1053, "Server shutdown in progress", connection);
        check(3169, "Session was killed", connection);
    }
}
