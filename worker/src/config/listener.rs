//! [`Listener`]: an address REST listens on; [`Advertised`]: the address others reach this worker by.

use std::fmt;
use std::net::IpAddr;

/// `http://host:port`; an empty host is every address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Host name or address; empty for every address. IPv6 addresses stand without brackets.
    pub host: String,
    /// The port; 0 for any free one.
    pub port: u16,
}

impl Listener {
    /// Parses the comma-separated list of `listeners`.
    pub(crate) fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let listeners: Vec<Self> = text
            .split(',')
            .map(str::trim)
            .filter(|url| !url.is_empty())
            .map(Self::parse)
            .collect::<Result<_, _>>()?;
        if listeners.is_empty() {
            Err("at least one address is needed, such as http://127.0.0.1:8083".to_owned())
        } else {
            Ok(listeners)
        }
    }

    fn parse(url: &str) -> Result<Self, String> {
        let (protocol, address) = url
            .split_once("://")
            .ok_or_else(|| format!("`{url}` is not of the form http://host:port"))?;
        if !protocol.eq_ignore_ascii_case("http") {
            return Err(format!("`{url}`: only http is supported; let a proxy terminate TLS"));
        }
        let (host, port) = address.rsplit_once(':').ok_or_else(|| format!("`{url}` has no port"))?;
        let port = port.parse().map_err(|_| format!("`{url}`: `{port}` is no port"))?;
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        Ok(Listener {
            host: host.to_owned(),
            port,
        })
    }

    /// Whether only this machine reaches it.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// What to bind.
    pub fn bind_address(&self) -> (String, u16) {
        let host = if self.host.is_empty() { "0.0.0.0" } else { &self.host };
        (host.to_owned(), self.port)
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", HostAndPort(&self.host, self.port))
    }
}

/// `host:port` as other workers and clients see this worker; also its worker id in status records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Advertised {
    host: String,
    port: u16,
}

impl Advertised {
    /// What is not given is taken from the first listener, and a listener on every address names the machine.
    pub(crate) fn new(listeners: &[Listener], host: Option<String>, port: Option<u16>) -> Self {
        let first = listeners.first();
        let listening = first
            .map(|listener| listener.host.clone())
            .filter(|host| !matches!(host.as_str(), "" | "0.0.0.0" | "::"));
        Advertised {
            host: host.or(listening).unwrap_or_else(machine_name),
            port: port.or(first.map(|listener| listener.port)).unwrap_or(0),
        }
    }

    /// The name or address.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Puts the port in place that the system chose for a listener with port 0.
    pub(crate) fn bound_to(&mut self, port: u16) {
        if self.port == 0 {
            self.port = port;
        }
    }
}

impl fmt::Display for Advertised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        HostAndPort(&self.host, self.port).fmt(f)
    }
}

struct HostAndPort<'a>(&'a str, u16);

impl fmt::Display for HostAndPort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') {
            write!(f, "[{}]:{}", self.0, self.1)
        } else {
            write!(f, "{}:{}", self.0, self.1)
        }
    }
}

fn machine_name() -> String {
    // The kernel's own name; a container engine sets it to something its network resolves.
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Advertised, Listener};

    fn check(text: &str, expected: Result<&[(&str, u16)], &str>) {
        let parsed = Listener::parse_list(text);
        match expected {
            Ok(addresses) => {
                let listeners = addresses.iter().map(|(host, port)| Listener {
                    host: (*host).to_owned(),
                    port: *port,
                });
                assert_eq!(parsed, Ok(listeners.collect()));
            }
            Err(naming) => assert!(
                parsed.clone().is_err_and(|problem| problem.contains(naming)),
                "{parsed:?}"
            ),
        }
    }

    #[test]
    fn listeners_are_read_as_kafka_connect_writes_them() {
        check("http://:8083", Ok(&[("", 8083)]));
        check(
            "HTTP://myhost:8080, http://[::1]:0",
            Ok(&[("myhost", 8080), ("::1", 0)]),
        );
        check("https://myhost:8443", Err("only http"));
        check("myhost:80", Err("http://host:port"));
        check("http://myhost", Err("no port"));
        check("", Err("at least one"));
    }

    #[test]
    fn the_worker_id_is_what_is_advertised_else_the_first_listener() {
        let listeners = Listener::parse_list("http://127.0.0.1:18083").unwrap();
        assert_eq!(Advertised::new(&listeners, None, None).to_string(), "127.0.0.1:18083");
        assert_eq!(
            Advertised::new(&listeners, Some("w1".to_owned()), Some(9)).to_string(),
            "w1:9"
        );
        let everywhere = Listener::parse_list("http://:8083").unwrap();
        let name = Advertised::new(&everywhere, None, None).to_string();
        assert!(name.ends_with(":8083") && name.len() > ":8083".len(), "{name}");
    }

    #[test]
    fn only_loopback_addresses_count_as_private() {
        for (text, private) in [
            ("http://127.0.0.1:1", true),
            ("http://localhost:1", true),
            ("http://[::1]:1", true),
            ("http://:1", false),
            ("http://10.0.0.1:1", false),
        ] {
            assert_eq!(Listener::parse_list(text).unwrap()[0].is_loopback(), private, "{text}");
        }
    }
}
