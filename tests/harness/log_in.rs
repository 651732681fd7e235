//! [`LogIn`]: how a client of Kafka logs in over SASL and TLS, in the words of Java's clients.

use anyhow::Result;

use crate::connector::ConnectorConfig;
use crate::stack::Stack;
use crate::worker_process::WorkerProcess;

/// A mechanism of SASL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    Plain,
    ScramSha512,
    /// With tokens that nobody signs and that are valid for so many seconds.
    Token(u32),
}

/// A user of the stack's SASL_SSL listener.
#[derive(Debug, Clone)]
pub struct LogIn {
    server: String,
    mechanism: Mechanism,
    user: String,
    password: String,
    truststore: String,
    /// Of a trust store of Java's; without it, it is a PEM file.
    store_password: Option<String>,
    /// Where tokens come from; without it, they are made.
    token_url: Option<String>,
}

impl LogIn {
    /// The user who may do everything.
    pub fn full(stack: &Stack, mechanism: Mechanism) -> Result<Self> {
        LogIn::of(stack, mechanism, stack.kafka_user()?)
    }

    /// The user who may do what ACLs say.
    pub fn limited(stack: &Stack, mechanism: Mechanism) -> Result<Self> {
        LogIn::of(stack, mechanism, stack.kafka_limited_user()?)
    }

    fn of(stack: &Stack, mechanism: Mechanism, (user, password): (&str, &str)) -> Result<Self> {
        Ok(LogIn {
            server: stack.kafka_sasl()?.to_owned(),
            mechanism,
            user: user.to_owned(),
            password: password.to_owned(),
            truststore: stack.kafka_certificate()?.to_owned(),
            store_password: None,
            token_url: None,
        })
    }

    /// The same with another password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.password = password.to_owned();
        self
    }

    /// The same with another trust store, a PEM file.
    #[must_use]
    pub fn trusting(mut self, truststore: &str) -> Self {
        self.truststore = truststore.to_owned();
        self
    }

    /// The same with a trust store of Java's.
    #[must_use]
    pub fn trusting_store(mut self, truststore: &str, password: &str) -> Self {
        self.truststore = truststore.to_owned();
        self.store_password = Some(password.to_owned());
        self
    }

    /// The same with tokens from an authorization server, whom the user shows the password, or of a file.
    #[must_use]
    pub fn with_tokens_of(mut self, url: &str) -> Self {
        self.token_url = Some(url.to_owned());
        self
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = self.usual_settings().to_vec();
        if let Some(url) = &self.token_url {
            let handler = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";
            settings.push(("sasl.login.callback.handler.class", handler.to_owned()));
            settings.push(("sasl.oauthbearer.token.endpoint.url", url.clone()));
        }
        settings
    }

    fn usual_settings(&self) -> [(&'static str, String); 6] {
        let (mechanism, module) = match self.mechanism {
            Mechanism::Plain => ("PLAIN", "plain.PlainLoginModule"),
            Mechanism::ScramSha512 => ("SCRAM-SHA-512", "scram.ScramLoginModule"),
            Mechanism::Token(_) => ("OAUTHBEARER", "oauthbearer.OAuthBearerLoginModule"),
        };
        let (user, password) = (&self.user, &self.password);
        let options = match self.mechanism {
            Mechanism::Token(_) if self.token_url.is_some() => {
                format!("clientId=\"{user}\" clientSecret=\"{password}\"")
            }
            Mechanism::Token(seconds) => {
                format!("unsecuredLoginStringClaim_sub=\"{user}\" unsecuredLoginLifetimeSeconds=\"{seconds}\"")
            }
            Mechanism::Plain | Mechanism::ScramSha512 => format!("username=\"{user}\" password=\"{password}\""),
        };
        let jaas = format!("org.apache.kafka.common.security.{module} required {options};");
        [
            ("security.protocol", "SASL_SSL".to_owned()),
            ("sasl.mechanism", mechanism.to_owned()),
            ("sasl.jaas.config", jaas),
            ("ssl.truststore.location", self.truststore.clone()),
            (
                "ssl.truststore.type",
                if self.store_password.is_some() { "JKS" } else { "PEM" }.to_owned(),
            ),
            (
                "ssl.truststore.password",
                self.store_password.clone().unwrap_or_default(),
            ),
        ]
    }

    /// A worker whose own clients log in like this; those of its connectors inherit it.
    #[must_use]
    pub fn of_worker(&self, worker: WorkerProcess) -> WorkerProcess {
        let worker = worker.with("bootstrap.servers", &self.server);
        self.below("", worker)
    }

    /// A worker whose clients below a prefix (`producer.`, `consumer.`, `admin.`) log in like this.
    #[must_use]
    pub fn below(&self, prefix: &str, worker: WorkerProcess) -> WorkerProcess {
        let settings = self.settings().into_iter();
        settings.fold(worker, |worker, (key, value)| {
            worker.with(&format!("{prefix}{key}"), value)
        })
    }

    /// A connector whose schema history is written and read like this.
    #[must_use]
    pub fn of_history(&self, config: ConnectorConfig) -> ConnectorConfig {
        let config = config.with("schema.history.internal.kafka.bootstrap.servers", &self.server);
        let settings = self.settings().into_iter();
        settings.fold(config, |config, (key, value)| {
            config
                .with(&format!("schema.history.internal.producer.{key}"), &value)
                .with(&format!("schema.history.internal.consumer.{key}"), &value)
        })
    }
}
