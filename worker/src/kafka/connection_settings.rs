//! [`connection_settings`]: how brokers are reached.

use std::sync::Arc;

use wire::{Address, ConnectionSettings, Sasl, ScramHash, Tls};

use super::given::Given;
use super::tokens::TokenSource;
use super::{ClientSettings, Refusal};

/// The settings of connections.
pub(super) fn connection_settings(settings: &ClientSettings) -> Result<ConnectionSettings, Refusal> {
    let given = &Given(settings);
    let java = ConnectionSettings::new(addresses(given)?);
    let buffer = |key| {
        given
            .number(key, 0)
            .map(|bytes: usize| Some(bytes).filter(|bytes| *bytes > 0))
    };
    let (first_retry, longest_retry) = (
        given.milliseconds("retry.backoff.ms", java.retry_backoff)?,
        given.milliseconds("retry.backoff.max.ms", java.retry_backoff_max)?,
    );
    let protocol = given.text("security.protocol").unwrap_or("plaintext");
    Ok(ConnectionSettings {
        client_id: given.text("client.id").map_or(java.client_id, str::to_owned),
        tls: if protocol.ends_with("ssl") {
            Some(tls(given)?)
        } else {
            None
        },
        sasl: if protocol.starts_with("sasl") {
            Some(sasl(given)?)
        } else {
            None
        },
        setup_timeout: given.milliseconds("socket.connection.setup.timeout.ms", java.setup_timeout)?,
        send_buffer: buffer("socket.send.buffer.bytes")?,
        receive_buffer: buffer("socket.receive.buffer.bytes")?,
        reconnect_backoff: given.milliseconds("reconnect.backoff.ms", java.reconnect_backoff)?,
        reconnect_backoff_max: given.milliseconds("reconnect.backoff.max.ms", java.reconnect_backoff_max)?,
        request_timeout: given.milliseconds("request.timeout.ms", java.request_timeout)?,
        retry_backoff: first_retry,
        retry_backoff_max: longest_retry.max(first_retry),
        metadata_max_age: given.milliseconds("metadata.max.age.ms", java.metadata_max_age)?,
        bootstrap: java.bootstrap,
        auto_create_topics: java.auto_create_topics,
    })
}

/// `host:port`, several with commas between them; in front of one can stand a protocol, which says nothing.
fn addresses(given: &Given<'_>) -> Result<Vec<Address>, Refusal> {
    let servers = given.text("bootstrap.servers").unwrap_or_default();
    let servers = servers.split(',').map(str::trim).filter(|server| !server.is_empty());
    let address = |server: &str| {
        let place = server.split_once("://").map_or(server, |(_, place)| place);
        let (host, port) = place.rsplit_once(':')?;
        Some(Address {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port: port.parse().ok()?,
        })
    };
    servers
        .map(|server| {
            address(server)
                .ok_or_else(|| Refusal::of_setting("bootstrap.servers", format!("`{server}` is not host:port")))
        })
        .collect()
}

fn tls(given: &Given<'_>) -> Result<Tls, Refusal> {
    let pem = |text, file| match (given.text(text), given.text(file)) {
        (Some(pem), _) => Ok(Some(pem.to_owned())),
        (None, Some(path)) => std::fs::read_to_string(path)
            .map(Some)
            .map_err(|error| Refusal::of_setting(file, format!("{path} cannot be read: {error}"))),
        (None, None) => Ok(None),
    };
    let chain = pem("ssl.certificate.pem", "ssl.certificate.location")?;
    let key = pem("ssl.key.pem", "ssl.key.location")?;
    let identity = match chain.zip(key) {
        None => None,
        Some((chain, key)) => {
            let file = format!("{chain}\n{key}");
            let identity = key_stores::identity(file.as_bytes(), "", given.text("ssl.key.password"));
            let identity =
                identity.map_err(|error| Refusal::of_setting("ssl.key.location", format!("what it names {error}")))?;
            Some((identity.chain, identity.key))
        }
    };
    Ok(Tls {
        trusted: pem("ssl.ca.pem", "ssl.ca.location")?,
        identity,
        verify_hostname: given.text("ssl.endpoint.identification.algorithm") != Some("none"),
    })
}

fn sasl(given: &Given<'_>) -> Result<Sasl, Refusal> {
    let credential = |key| given.text(key).unwrap_or_default().to_owned();
    let (username, password) = (credential("sasl.username"), credential("sasl.password"));
    let scram = |hash| Sasl::Scram {
        hash,
        username: username.clone(),
        password: password.clone(),
    };
    Ok(match given.text("sasl.mechanism").unwrap_or_default() {
        "PLAIN" => Sasl::Plain { username, password },
        "SCRAM-SHA-256" => scram(ScramHash::Sha256),
        "SCRAM-SHA-512" => scram(ScramHash::Sha512),
        "OAUTHBEARER" => {
            let source = given.text("sasl.oauthbearer.config").unwrap_or_default();
            let source: TokenSource = serde_json::from_str(source)
                .map_err(|error| Refusal::of_setting("sasl.oauthbearer.config", error.to_string()))?;
            Sasl::OauthBearer(Arc::new(source))
        }
        other => return Err(Refusal::of_setting("sasl.mechanism", format!("`{other}` is not known"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Result<ConnectionSettings, Refusal> {
        let given = pairs.iter().fold(ClientSettings::default(), |settings, (key, value)| {
            settings.with(key, *value)
        });
        connection_settings(&given)
    }

    #[test]
    fn servers_are_named_as_javas_clients_take_them() {
        let made = settings(&[("bootstrap.servers", "a:1, SASL_SSL://b:2,[::1]:3,")]).expect("servers");
        let shown: Vec<String> = made.bootstrap.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["a:1", "b:2", "[::1]:3"]);
        for wrong in ["a", "a:b", "a:70000"] {
            let refused = settings(&[("bootstrap.servers", wrong)]).err().expect("no server");
            assert_eq!(refused.settings, ["bootstrap.servers"]);
            assert!(refused.reason.contains(wrong), "{}", refused.reason);
        }
    }

    #[test]
    fn security_is_what_the_protocol_says() {
        let made = |protocol| {
            let login = [("sasl.mechanism", "SCRAM-SHA-512"), ("sasl.username", "me")];
            settings(&[&[("security.protocol", protocol)], &login[..]].concat()).expect("nothing is wrong")
        };
        for (protocol, is_secured, logs_in) in [
            ("plaintext", false, false),
            ("ssl", true, false),
            ("sasl_plaintext", false, true),
            ("sasl_ssl", true, true),
        ] {
            let made = made(protocol);
            assert_eq!(
                (made.tls.is_some(), made.sasl.is_some()),
                (is_secured, logs_in),
                "{protocol}"
            );
        }
        assert_eq!(
            made("sasl_ssl").sasl.map(|sasl| sasl.mechanism()),
            Some("SCRAM-SHA-512")
        );
        assert!(made("ssl").tls.is_some_and(|tls| tls.verify_hostname));
    }

    #[test]
    fn pauses_are_javas_unless_they_are_given() {
        let made = settings(&[("retry.backoff.ms", "5000"), ("socket.send.buffer.bytes", "0")]).expect("all right");
        assert_eq!(
            (made.retry_backoff.as_millis(), made.retry_backoff_max.as_millis()),
            (5000, 5000)
        );
        assert_eq!((made.send_buffer, made.reconnect_backoff.as_millis()), (None, 50));
    }
}
