//! A server's error packet: what it says, and what that means for us.

use mysql_common::constants::CapabilityFlags;
use mysql_common::io::ParseBuf;
use mysql_common::packets::ErrPacket;
use mysql_common::proto::MyDeserialize;

use crate::error::MySqlError;
use crate::server::is_transient;

/// The code and the text of an error packet.
pub(super) fn error_packet(packet: &[u8]) -> Option<(u16, String)> {
    let error = ErrPacket::deserialize(CapabilityFlags::CLIENT_PROTOCOL_41, &mut ParseBuf(packet)).ok()?;
    match error {
        ErrPacket::Error(error) => Some((error.error_code(), error.message_str().into_owned())),
        ErrPacket::Progress(_) => None,
    }
}

/// An error packet as an error, while `doing` something.
pub(super) fn server_error(packet: &[u8], address: &str, doing: &str) -> MySqlError {
    match error_packet(packet) {
        Some((code, text)) if is_transient(code) => {
            MySqlError::connection(format!("MySQL at {address} cannot answer now ({doing}): {text}"))
        }
        Some((code, text)) => MySqlError::server(format!("MySQL at {address} refuses ({doing}): error {code}: {text}")),
        None => MySqlError::connection(format!("MySQL at {address} sent an unreadable error ({doing})")),
    }
}
