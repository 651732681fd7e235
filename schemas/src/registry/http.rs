//! [`HttpSettings`]: how questions travel to a registry, whatever they ask.

use std::time::Duration;

use connector_api::config::ConfigProblem;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Proxy};

use super::auth::{Credentials, Tls};

/// A connection is kept for a burst of new schemas, but not for so long that it could be dead when it is next needed.
const IDLE_CONNECTION: Duration = Duration::from_secs(2);
/// Confluent's default is a minute, in which a registry could be back for long; a connection that does not come about in
/// this time is tried anew.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long an answer may take (Confluent: a minute).
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// A proxy, and who we are to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyServer {
    /// Without credentials.
    pub url: String,
    /// What to send there.
    pub credentials: Credentials,
}

/// Certificates, proxy, headers and deadlines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// Which certificates are trusted and which one is shown.
    pub tls: Tls,
    /// What stands between.
    pub proxy: Option<ProxyServer>,
    /// Headers of every request.
    pub headers: HeaderMap,
    /// For a connection.
    pub connect_timeout: Duration,
    /// For an answer.
    pub request_timeout: Duration,
}

impl HttpSettings {
    /// A client that is to be built.
    pub(crate) fn client(&self) -> Result<ClientBuilder, ConfigProblem> {
        let builder = Client::builder()
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(IDLE_CONNECTION)
            .default_headers(self.headers.clone())
            // Credentials go where they were configured to go, and nowhere else.
            .redirect(Policy::none());
        // Like Java's client, ours takes a proxy from its settings only, never from the environment.
        let builder = match &self.proxy {
            Some(server) => builder.proxy(server.proxy()?),
            None => builder.no_proxy(),
        };
        self.tls.apply(builder)
    }
}

impl ProxyServer {
    fn proxy(&self) -> Result<Proxy, ConfigProblem> {
        let proxy = Proxy::all(&self.url).map_err(|error| ConfigProblem::new("proxy.host", error.to_string()))?;
        Ok(match &self.credentials {
            Credentials::Basic { user, password } => proxy.basic_auth(user, &password.0),
            _ => proxy,
        })
    }
}
