//! [`Registry`]: the calls, the order of addresses, and the patience.

use std::sync::atomic::{AtomicUsize, Ordering};

use connector_api::config::ConfigProblem;
use schema_registry_converter::async_impl::schema_registry::{
    SrSettings, get_schema_by_subject_and_version, perform_sr_call, post_schema,
};
use schema_registry_converter::schema_registry_common::{SchemaType, SrCall, SuppliedSchema};

use super::auth::Credentials;
use super::difference::differences;
use super::error::RegistryError;
use super::patience::{Refusal, patiently};
use super::settings::{Registration, RegistrySettings};
use super::subject::Subject;
use crate::avro::parse;
use crate::wire_format::SchemaId;

/// A schema registry at one or several addresses.
pub struct Registry {
    addresses: Vec<Address>,
    /// The address that answered last; it is asked first.
    preferred: AtomicUsize,
    registration: Registration,
}

struct Address {
    url: String,
    settings: SrSettings,
}

impl Registry {
    /// Builds the clients; asks nothing yet.
    ///
    /// # Errors
    /// If certificates cannot be read.
    pub fn new(settings: &RegistrySettings) -> Result<Self, Vec<ConfigProblem>> {
        let addresses = settings
            .addresses
            .iter()
            .map(|address| {
                let mut builder = SrSettings::new_builder(address.url.clone());
                match &address.credentials {
                    Credentials::None => {}
                    Credentials::Basic { user, password } => {
                        builder.set_basic_authorization(user, Some(&password.0));
                    }
                    Credentials::Bearer(token) => {
                        builder.set_token_authorization(&token.0);
                    }
                }
                builder.set_timeout(settings.http.request_timeout);
                let settings = builder.build_with(settings.http.client()?).map_err(|error| {
                    ConfigProblem::new(
                        "schema.registry.url",
                        format!("no client can be built: {}", error.error),
                    )
                })?;
                Ok(Address {
                    url: address.url.clone(),
                    settings,
                })
            })
            .collect::<Result<Vec<_>, ConfigProblem>>()
            .map_err(|problem| vec![problem])?;
        Ok(Registry {
            addresses,
            preferred: AtomicUsize::new(0),
            registration: settings.registration,
        })
    }

    /// The id of a schema, registered if need be. Waits for a registry that is away, until `stopping` says so.
    ///
    /// # Errors
    /// If time alone will not give another answer, or the wait was stopped.
    pub async fn schema_id(
        &self,
        subject: &Subject,
        schema: &str,
        stopping: &dyn Fn() -> bool,
    ) -> Result<SchemaId, RegistryError> {
        let answer = patiently(subject, stopping, async || self.ask(subject, schema).await).await;
        answer.unwrap_or_else(|| {
            Err(RegistryError::Stopped {
                subject: subject.clone(),
            })
        })
    }

    /// Asks every address once, the one that answered last first.
    async fn ask(&self, subject: &Subject, schema: &str) -> Result<SchemaId, RegistryError> {
        let preferred = self.preferred.load(Ordering::Relaxed);
        let mut last = None;
        for offset in 0..self.addresses.len() {
            let at = (preferred + offset) % self.addresses.len();
            match self.ask_at(&self.addresses[at], subject, schema).await {
                Err(error) if error.is_retriable() => last = Some(error),
                answer => {
                    self.preferred.store(at, Ordering::Relaxed);
                    return answer;
                }
            }
        }
        Err(last.unwrap_or_else(|| RegistryError::NoRegistry {
            url: String::new(),
            reason: "no address is configured".to_owned(),
        }))
    }

    async fn ask_at(&self, address: &Address, subject: &Subject, schema: &str) -> Result<SchemaId, RegistryError> {
        let answer = match self.registration {
            Registration::Register => {
                let supplied = SuppliedSchema::new(None, SchemaType::Avro, schema.to_owned());
                post_schema(&address.settings, subject.as_str().to_owned(), supplied)
                    .await
                    .map(|known| Some(known.id))
            }
            Registration::LookUp => {
                let body = serde_json::json!({ "schema": schema }).to_string();
                perform_sr_call(&address.settings, SrCall::PostForVersion(subject.as_str(), &body))
                    .await
                    .map(|known| known.id)
            }
            Registration::Latest => {
                match get_schema_by_subject_and_version(&address.settings, subject.as_str(), None).await {
                    Ok(latest) => {
                        same_bytes(subject, &latest.schema, schema)?;
                        Ok(Some(latest.id))
                    }
                    Err(error) => Err(error),
                }
            }
        };
        match answer {
            Ok(Some(id)) => Ok(SchemaId(id)),
            Ok(None) => Err(RegistryError::NoRegistry {
                url: address.url.clone(),
                reason: "its answer has no schema id".to_owned(),
            }),
            Err(error) => match RegistryError::of_call(&address.url, subject, &error) {
                RegistryError::Incompatible { subject, code, reason } => {
                    let reason = explained(address, &subject, schema, reason).await;
                    Err(RegistryError::Incompatible { subject, code, reason })
                }
                error => Err(error),
            },
        }
    }
}

/// Whether a record of `ours` has the bytes that a reader of the `latest` schema expects: only documentation, defaults and
/// properties may differ.
fn same_bytes(subject: &Subject, latest: &str, ours: &str) -> Result<(), RegistryError> {
    let form = |text: &str| parse(text).map(|schema| schema.canonical_form());
    match (form(latest), form(ours)) {
        (Ok(latest), Ok(ours)) if latest == ours => Ok(()),
        _ => Err(RegistryError::OtherLatest {
            subject: subject.clone(),
            reason: match differences(latest, ours) {
                found if found.is_empty() => "its fields are others, or in another order".to_owned(),
                found => found.join(", "),
            },
        }),
    }
}

/// Why the schema is refused: the fields that differ from the latest version, else the registry's own words.
async fn explained(address: &Address, subject: &Subject, schema: &str, reason: String) -> String {
    match get_schema_by_subject_and_version(&address.settings, subject.as_str(), None).await {
        Ok(latest) => match differences(&latest.schema, schema) {
            found if found.is_empty() => reason,
            found => found.join(", "),
        },
        Err(_) => reason,
    }
}

#[cfg(test)]
mod tests;
