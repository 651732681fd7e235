//! [`Login`]: from a fresh TCP connection to a session, with or without TLS.
//!
//! Ways to log in: `caching_sha2_password` (from the server's cache; in full over TLS, or with the password encrypted for
//! the server's RSA key) and `mysql_native_password`. A password never leaves in clear text but inside of TLS, so
//! `mysql_clear_password` and the plugins that need it are refused by name, whatever the server asks for.

use mysql_common::constants::CapabilityFlags;
use mysql_common::io::ParseBuf;
use mysql_common::packets::{AuthPlugin, AuthSwitchRequest, HandshakePacket, HandshakeResponse, SslRequest};
use mysql_common::proto::{MyDeserialize, MySerialize};
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::rsa::Padding;

use super::error_packet::server_error;
use crate::error::MySqlError;
use crate::server::{ConnectionOptions, SslMode, connect_attributes};
use connector_api::config::Password;

/// The largest packet we say we take; the server's own limit decides what it sends.
const MAX_PACKET: u32 = 1 << 30;
/// utf8mb4_general_ci, which every release knows.
const COLLATION: u8 = 45;

const OK: u8 = 0x00;
const MORE_DATA: u8 = 0x01;
const SWITCH: u8 = 0xfe;
const ERROR: u8 = 0xff;

/// What the server's first packet says.
pub(super) struct Greeting {
    capabilities: CapabilityFlags,
    nonce: Vec<u8>,
    plugin: AuthPlugin<'static>,
    server_version: (u16, u16, u16),
}

impl Greeting {
    /// Reads the first packet, which may also be an error ("too many connections").
    pub(super) fn parse(packet: &[u8], address: &str) -> Result<Greeting, MySqlError> {
        if packet.first() == Some(&ERROR) {
            return Err(server_error(packet, address, "connecting"));
        }
        let invalid = |error| MySqlError::server(format!("{address} does not speak MySQL's protocol")).caused_by(error);
        let handshake = HandshakePacket::deserialize((), &mut ParseBuf(packet)).map_err(invalid)?;
        Ok(Greeting {
            capabilities: handshake.capabilities(),
            nonce: handshake.nonce(),
            plugin: handshake
                .auth_plugin()
                .map_or(AuthPlugin::MysqlNativePassword, AuthPlugin::into_owned),
            server_version: handshake.server_version_parsed().unwrap_or((5, 7, 0)),
        })
    }

    /// Whether to speak TLS, or why we cannot.
    pub(super) fn wants_tls(&self, mode: SslMode, address: &str) -> Result<bool, MySqlError> {
        if mode == SslMode::Disabled || self.capabilities.contains(CapabilityFlags::CLIENT_SSL) {
            return Ok(mode != SslMode::Disabled);
        }
        if mode.allows_plain() {
            return Ok(false);
        }
        Err(MySqlError::server(format!(
            "MySQL at {address} has no TLS, which database.ssl.mode demands; enable it on the server or choose `preferred`"
        )))
    }

    /// The packet after which TLS begins.
    pub(super) fn tls_request(&self) -> Vec<u8> {
        bytes(&SslRequest::new(
            self.our_capabilities() | CapabilityFlags::CLIENT_SSL,
            MAX_PACKET,
            COLLATION,
        ))
    }

    fn our_capabilities(&self) -> CapabilityFlags {
        self.capabilities
            & (CapabilityFlags::CLIENT_LONG_PASSWORD
                | CapabilityFlags::CLIENT_LONG_FLAG
                | CapabilityFlags::CLIENT_PROTOCOL_41
                | CapabilityFlags::CLIENT_TRANSACTIONS
                | CapabilityFlags::CLIENT_SECURE_CONNECTION
                | CapabilityFlags::CLIENT_PLUGIN_AUTH
                | CapabilityFlags::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA
                | CapabilityFlags::CLIENT_CONNECT_ATTRS)
    }
}

/// A dialogue in progress: give it the server's packets, send what it answers.
pub(super) struct Login<'a> {
    greeting: Greeting,
    options: &'a ConnectionOptions,
    address: &'a str,
    is_secure: bool,
    /// The server's RSA key was asked for.
    awaits_key: bool,
}

/// What to do after a packet of the server's.
pub(super) enum NextStep {
    /// Send this.
    Send(Vec<u8>),
    /// Wait for the next packet.
    Wait,
    /// We are in.
    Done,
}

impl<'a> Login<'a> {
    /// Begins on a channel that is TLS if `is_secure`.
    pub(super) fn new(greeting: Greeting, options: &'a ConnectionOptions, address: &'a str, is_secure: bool) -> Self {
        Login {
            greeting,
            options,
            address,
            is_secure,
            awaits_key: false,
        }
    }

    /// The first packet: who we are, and the answer to the plugin the server named first.
    pub(super) fn response(&self) -> Result<Vec<u8>, MySqlError> {
        let mut capabilities = self.greeting.our_capabilities();
        if self.is_secure {
            capabilities |= CapabilityFlags::CLIENT_SSL;
        }
        // A server whose default is unknown to us switches to the account's own plugin.
        let plugin = match &self.greeting.plugin {
            plugin @ (AuthPlugin::CachingSha2Password | AuthPlugin::MysqlNativePassword) => plugin.clone(),
            _ => AuthPlugin::CachingSha2Password,
        };
        let scramble = self.scramble(&plugin)?;
        Ok(bytes(&HandshakeResponse::new(
            Some(scramble),
            self.greeting.server_version,
            Some(self.options.user.as_bytes()),
            None::<&[u8]>,
            Some(plugin),
            capabilities,
            Some(connect_attributes(self.options)),
            MAX_PACKET,
        )))
    }

    /// Reacts to a packet.
    pub(super) fn answer(&mut self, packet: &[u8]) -> Result<NextStep, MySqlError> {
        match packet.split_first() {
            Some((&OK, _)) => Ok(NextStep::Done),
            Some((&SWITCH, _)) => self.switch(packet).map(NextStep::Send),
            Some((&MORE_DATA, data)) => self.more_data(data),
            Some((&ERROR, _)) => Err(server_error(packet, self.address, "logging in")),
            _ => Err(self.unexpected()),
        }
    }

    fn switch(&mut self, packet: &[u8]) -> Result<Vec<u8>, MySqlError> {
        let request = AuthSwitchRequest::deserialize((), &mut ParseBuf(packet)).map_err(|_| self.unexpected())?;
        let (plugin, nonce) = (request.auth_plugin().into_owned(), request.plugin_data().to_vec());
        self.greeting.nonce = nonce;
        let scramble = self.scramble(&plugin)?;
        self.greeting.plugin = plugin;
        Ok(scramble)
    }

    /// The continuation of `caching_sha2_password`.
    fn more_data(&mut self, data: &[u8]) -> Result<NextStep, MySqlError> {
        const FAST_LOGIN: &[u8] = &[3];
        const FULL_LOGIN: &[u8] = &[4];
        const ASK_FOR_KEY: u8 = 2;
        match data {
            FAST_LOGIN => Ok(NextStep::Wait),
            FULL_LOGIN if self.is_secure => Ok(NextStep::Send(terminated(&self.options.password))),
            FULL_LOGIN => {
                self.awaits_key = true;
                Ok(NextStep::Send(vec![ASK_FOR_KEY]))
            }
            pem if self.awaits_key => {
                self.awaits_key = false;
                let encrypted = encrypt(&self.options.password, &self.greeting.nonce, pem);
                encrypted.map(NextStep::Send).map_err(|error| {
                    MySqlError::server(format!("MySQL at {} sent no usable RSA key; use TLS", self.address))
                        .caused_by(error)
                })
            }
            _ => Err(self.unexpected()),
        }
    }

    /// The password's answer to the server's nonce; nothing for an empty password.
    fn scramble(&self, plugin: &AuthPlugin<'_>) -> Result<Vec<u8>, MySqlError> {
        match plugin {
            AuthPlugin::CachingSha2Password | AuthPlugin::MysqlNativePassword => {
                let scramble = plugin.gen_data(Some(self.options.password.reveal()), &self.greeting.nonce);
                Ok(scramble.map(|scramble| scramble.to_vec()).unwrap_or_default())
            }
            other => Err(MySqlError::server(format!(
                "MySQL at {} asks user {} to log in with {}, which is not supported; \
                 use an account with caching_sha2_password or mysql_native_password",
                self.address,
                self.options.user,
                String::from_utf8_lossy(other.as_bytes())
            ))),
        }
    }

    fn unexpected(&self) -> MySqlError {
        MySqlError::connection(format!(
            "MySQL at {} answered the log-in with something unexpected",
            self.address
        ))
    }
}

fn terminated(password: &Password) -> Vec<u8> {
    [password.reveal().as_bytes(), &[0]].concat()
}

/// The password, mixed with the nonce, for the owner of the key alone.
fn encrypt(password: &Password, nonce: &[u8], pem: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let mixed: Vec<u8> = terminated(password)
        .iter()
        .zip(nonce.iter().cycle())
        .map(|(a, b)| a ^ b)
        .collect();
    let key = PKey::public_key_from_pem(pem)?;
    let mut encrypter = Encrypter::new(&key)?;
    encrypter.set_rsa_padding(Padding::PKCS1_OAEP)?;
    let mut encrypted = vec![0; encrypter.encrypt_len(&mixed)?];
    let length = encrypter.encrypt(&mixed, &mut encrypted)?;
    encrypted.truncate(length);
    Ok(encrypted)
}

fn bytes(packet: &impl MySerialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    packet.serialize(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mysql_common::constants::CapabilityFlags;
    use mysql_common::packets::AuthPlugin;
    use openssl::encrypt::Decrypter;
    use openssl::pkey::PKey;
    use openssl::rsa::{Padding, Rsa};

    use super::{Greeting, Login, NextStep};
    use crate::error::MySqlError;
    use crate::server::{ConnectionOptions, SslMode, SslOptions};
    use connector_api::config::Password;

    const NONCE: &[u8] = b"abcdefghijklmnopqrst";

    fn options() -> ConnectionOptions {
        ConnectionOptions {
            hostname: "db".to_owned(),
            port: 3306,
            user: "me".to_owned(),
            password: Password::new("canary"),
            ssl: SslOptions::default(),
            connect_timeout: Duration::from_secs(1),
            initial_statements: Vec::new(),
            task: None,
        }
    }

    fn greeting(capabilities: CapabilityFlags) -> Greeting {
        let plugin = AuthPlugin::CachingSha2Password;
        Greeting {
            capabilities,
            nonce: NONCE.to_vec(),
            plugin,
            server_version: (9, 7, 4),
        }
    }

    fn login(options: &ConnectionOptions, is_secure: bool) -> Login<'_> {
        Login::new(greeting(CapabilityFlags::all()), options, "db:3306", is_secure)
    }

    fn sent(step: Result<NextStep, MySqlError>) -> Vec<u8> {
        match step {
            Ok(NextStep::Send(packet)) => packet,
            Ok(_) => panic!("nothing was sent"),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn the_password_is_sent_in_clear_inside_of_tls_only() {
        let options = options();
        assert_eq!(sent(login(&options, true).answer(&[1, 4])), b"canary\0");

        let key = Rsa::generate(2048).expect("a key");
        let pem = key.public_key_to_pem().expect("pem");
        let mut plain = login(&options, false);
        assert_eq!(sent(plain.answer(&[1, 4])), [2]);
        let encrypted = sent(plain.answer(&[&[1], pem.as_slice()].concat()));
        let key = PKey::from_rsa(key).expect("a key");
        let mut decrypter = Decrypter::new(&key).expect("a decrypter");
        decrypter.set_rsa_padding(Padding::PKCS1_OAEP).expect("a padding");
        let mut mixed = vec![0; decrypter.decrypt_len(&encrypted).expect("a length")];
        let length = decrypter.decrypt(&encrypted, &mut mixed).expect("our key");
        let password: Vec<u8> = mixed[..length].iter().zip(NONCE).map(|(a, b)| a ^ b).collect();
        assert_eq!(password, b"canary\0");
    }

    #[test]
    fn a_server_that_wants_the_password_in_clear_is_refused() {
        for plugin in [
            "mysql_clear_password",
            "sha256_password",
            "mysql_old_password",
            "dialog",
        ] {
            let options = options();
            let packet = [&[0xfe], plugin.as_bytes(), b"\0", NONCE, b"\0"].concat();
            let error = login(&options, true)
                .answer(&packet)
                .err()
                .expect("refused")
                .to_string();
            assert!(
                error.contains(plugin) && error.contains("user me") && !error.contains("canary"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_switch_brings_a_new_nonce() {
        let options = options();
        let packet = [&[0xfe], &b"mysql_native_password\0"[..], b"tsrqponmlkjihgfedcba", b"\0"].concat();
        let scramble = sent(login(&options, false).answer(&packet));
        let expected = AuthPlugin::MysqlNativePassword.gen_data(Some("canary"), b"tsrqponmlkjihgfedcba");
        assert_eq!(Some(scramble), expected.map(|data| data.to_vec()));
    }

    #[test]
    fn nonsense_from_a_server_is_an_error() {
        for packet in [&b""[..], &[1], &[1, 9, 9], &[7, 7], &[0xfe], &[0xff], &[0xff, 1]] {
            let options = options();
            assert!(login(&options, true).answer(packet).is_err(), "{packet:?}");
            assert!(Greeting::parse(packet, "db:3306").is_err(), "{packet:?}");
        }
        let options = options();
        let mut plain = login(&options, false);
        sent(plain.answer(&[1, 4]));
        assert!(plain.answer(b"\x01no key").is_err());
    }

    #[test]
    fn tls_is_spoken_as_the_mode_demands() {
        let (with, without) = (
            greeting(CapabilityFlags::all()),
            greeting(CapabilityFlags::CLIENT_PROTOCOL_41),
        );
        for (mode, has_tls, lacks_tls) in [
            (SslMode::Disabled, Some(false), Some(false)),
            (SslMode::Preferred, Some(true), Some(false)),
            (SslMode::Required, Some(true), None),
            (SslMode::VerifyCa, Some(true), None),
            (SslMode::VerifyIdentity, Some(true), None),
        ] {
            assert_eq!(with.wants_tls(mode, "db:3306").ok(), has_tls, "{mode:?}");
            assert_eq!(without.wants_tls(mode, "db:3306").ok(), lacks_tls, "{mode:?}");
        }
    }

    #[test]
    fn a_full_server_can_heal() {
        let packet = [&[0xff], &1040_u16.to_le_bytes()[..], b"#08004Too many connections"].concat();
        assert!(Greeting::parse(&packet, "db:3306").is_err_and(|error| error.is_retriable()));
    }
}
