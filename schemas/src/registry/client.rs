//! [`Registry`]: the calls, the order of addresses, and the patience.

use std::sync::atomic::{AtomicUsize, Ordering};

use connector_api::config::ConfigProblem;
use schema_registry_converter::async_impl::schema_registry::{
    SrSettings, get_schema_by_id, get_schema_by_subject_and_version, perform_sr_call, post_schema,
};
use schema_registry_converter::error::SRCError;
use schema_registry_converter::schema_registry_common::{SchemaType, SrCall, SuppliedSchema};

use super::auth::Credentials;
use super::difference::differences;
use super::error::RegistryError;
use super::normalized::NormalizingClient;
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
    /// With `normalize.schemas=true`.
    normalizing: Option<NormalizingClient>,
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
                let none = |reason: String| {
                    ConfigProblem::new("schema.registry.url", format!("no client can be built: {reason}"))
                };
                let normalizing = settings.normalizes.then(|| settings.http.client()).transpose()?;
                let normalizing = normalizing.map(|client| client.timeout(settings.http.request_timeout).build());
                let client = settings.http.client()?;
                Ok(Address {
                    url: address.url.clone(),
                    settings: builder.build_with(client).map_err(|error| none(error.error))?,
                    normalizing: normalizing
                        .transpose()
                        .map_err(|error| none(error.to_string()))?
                        .map(|client| NormalizingClient {
                            client,
                            credentials: address.credentials.clone(),
                        }),
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
        match self.answer_at(address, subject, schema).await {
            Ok(Some(id)) => Ok(SchemaId(id)),
            Ok(None) => Err(RegistryError::NoRegistry {
                url: address.url.clone(),
                reason: "its answer has no schema id".to_owned(),
            }),
            Err(RegistryError::Incompatible { subject, code, reason }) => {
                let reason = explained(address, &subject, schema, reason).await;
                Err(RegistryError::Incompatible { subject, code, reason })
            }
            Err(error) => Err(error),
        }
    }

    async fn answer_at(
        &self,
        address: &Address,
        subject: &Subject,
        schema: &str,
    ) -> Result<Option<u32>, RegistryError> {
        let Address {
            url,
            settings,
            normalizing,
        } = address;
        let failed = |error: SRCError| RegistryError::of_call(url, subject, &error);
        match (self.registration, normalizing) {
            (Registration::Register | Registration::LookUp, Some(normalizing)) => {
                let registers = self.registration == Registration::Register;
                normalizing.schema_id(url, subject, schema, registers).await
            }
            (Registration::Register, None) => {
                let supplied = SuppliedSchema::new(None, SchemaType::Avro, schema.to_owned());
                let known = post_schema(settings, subject.as_str().to_owned(), supplied).await;
                known.map(|known| Some(known.id)).map_err(failed)
            }
            (Registration::LookUp, None) => {
                let body = serde_json::json!({ "schema": schema }).to_string();
                let known = perform_sr_call(settings, SrCall::PostForVersion(subject.as_str(), &body)).await;
                known.map(|known| known.id).map_err(failed)
            }
            (Registration::Latest, _) => {
                let latest = get_schema_by_subject_and_version(settings, subject.as_str(), None).await;
                let latest = latest.map_err(failed)?;
                check_bytes(&latest.schema, schema).map_err(|reason| RegistryError::OtherLatest {
                    subject: subject.clone(),
                    reason,
                })?;
                Ok(Some(latest.id))
            }
            (Registration::Id(id), _) => {
                let named = get_schema_by_id(id, settings).await.map_err(failed)?;
                check_bytes(&named.schema, schema).map_err(|reason| RegistryError::OtherSchema {
                    id,
                    subject: subject.clone(),
                    reason,
                })?;
                Ok(Some(id))
            }
        }
    }
}

/// Whether a record of `ours` has the bytes that a reader of `theirs` expects: only documentation, defaults and properties may
/// differ. If not, what does.
fn check_bytes(theirs: &str, ours: &str) -> Result<(), String> {
    let form = |text: &str| parse(text).map(|schema| schema.canonical_form());
    match (form(theirs), form(ours)) {
        (Ok(theirs), Ok(ours)) if theirs == ours => Ok(()),
        _ => Err(match differences(theirs, ours) {
            found if found.is_empty() => "its fields are others, or in another order".to_owned(),
            found => found.join(", "),
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
