//! [`Artifacts`]: from a schema to the version of the artifact that is it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use connector_api::config::ConfigProblem;

use super::artifact::{ArtifactName, ArtifactNames, ArtifactType, ArtifactVersion};
use super::client::{ApicurioClient, Comparison, Content};
use super::error::ApicurioError;
use super::references::{Reference, as_set};
use super::settings::{Api, ApicurioSettings, Existing, Registration};
use crate::avro::{SchemaPiece, parse};
use crate::registry::Role;
use crate::registry::difference::differences;
use crate::registry::patience::patiently;

/// The same content is registered once for an artifact, also where many schemas name it, as the connector's `Source`.
const MOST_KNOWN: usize = 1_024;

/// A registry, and how schemas are kept there.
pub struct Artifacts {
    client: ApicurioClient,
    api: Api,
    names: ArtifactNames,
    /// What stands in the place of the parts of a name, and for a version.
    group: Option<String>,
    id: Option<String>,
    version: Option<String>,
    registration: Registration,
    comparison: Comparison,
    pieces: Pieces,
    known: Mutex<HashMap<Registered, ArtifactVersion>>,
}

/// What was registered: the text, and what it refers to.
type Registered = (ArtifactName, String, Vec<Reference>);

/// Whether the records in a schema are artifacts of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pieces {
    /// Each, and the others refer to it.
    Apart,
    /// All are defined where they stand (`apicurio.registry.dereference-schema`).
    Together,
}

/// An Avro schema, as a whole and in pieces.
pub struct AvroDefinition<'a> {
    /// With all definitions.
    pub whole: &'a str,
    /// The same in pieces.
    pub pieces: &'a SchemaPiece,
}

impl Artifacts {
    /// Builds the client; asks nothing yet.
    ///
    /// # Errors
    /// If certificates cannot be read.
    pub fn new(settings: &ApicurioSettings) -> Result<Self, Vec<ConfigProblem>> {
        Ok(Artifacts {
            client: ApicurioClient::new(settings).map_err(|problem| vec![problem])?,
            api: settings.api,
            names: settings.names,
            group: settings.group.clone(),
            id: settings.id.clone(),
            version: settings.version.clone(),
            registration: settings.registration,
            comparison: settings.comparison,
            pieces: settings.pieces,
            known: Mutex::default(),
        })
    }

    /// The name of the artifact for a topic's keys or values; `None` if it is to be named by a record, and this is none.
    pub fn name(&self, topic: &str, role: Role, record: Option<&str>) -> Option<ArtifactName> {
        let named = self.names.artifact(topic, role, record)?;
        Some(ArtifactName {
            group: self.group.clone().or(named.group),
            id: self.id.clone().unwrap_or(named.id),
        })
    }

    /// The version of an Avro schema. Waits for a registry that is away, until `stopping` says so.
    ///
    /// # Errors
    /// If time alone will not give another answer, or the wait was stopped.
    pub async fn avro(
        &self,
        artifact: &ArtifactName,
        definition: &AvroDefinition<'_>,
        stopping: &dyn Fn() -> bool,
    ) -> Result<ArtifactVersion, ApicurioError> {
        let ask = async || match (self.registration, self.pieces) {
            (Registration::Register(existing), Pieces::Apart) => {
                self.register(artifact, definition.pieces, existing).await
            }
            (Registration::Register(existing), Pieces::Together) => {
                self.register_whole(artifact, ArtifactType::Avro, definition.whole, existing)
                    .await
            }
            (Registration::LookUp, _) => self.version_with_the_same_bytes(artifact, definition.whole).await,
            (Registration::Find, pieces) => {
                let text: &str = match pieces {
                    Pieces::Apart => &definition.pieces.text,
                    Pieces::Together => definition.whole,
                };
                self.client
                    .find(artifact, ArtifactType::Avro, text, self.comparison)
                    .await
            }
        };
        answered(artifact, patiently(artifact, stopping, ask).await)
    }

    /// The version of a schema of Kafka Connect. Waits as [`avro`](Self::avro) does.
    ///
    /// # Errors
    /// As there.
    pub async fn kafka_connect(
        &self,
        artifact: &ArtifactName,
        text: &str,
        stopping: &dyn Fn() -> bool,
    ) -> Result<ArtifactVersion, ApicurioError> {
        let kind = ArtifactType::KafkaConnect;
        let ask = async || match self.registration {
            Registration::Register(existing) => self.register_whole(artifact, kind, text, existing).await,
            Registration::LookUp => self.client.look_up(artifact, self.version.as_deref()).await,
            Registration::Find => self.client.find(artifact, kind, text, self.comparison).await,
        };
        answered(artifact, patiently(artifact, stopping, ask).await)
    }

    async fn register_whole(
        &self,
        artifact: &ArtifactName,
        artifact_type: ArtifactType,
        text: &str,
        existing: Existing,
    ) -> Result<ArtifactVersion, ApicurioError> {
        let content = Content {
            artifact_type,
            text,
            references: &[],
        };
        self.register_content(artifact, &content, existing).await
    }

    /// Registers what a piece names, then the piece itself.
    async fn register(
        &self,
        artifact: &ArtifactName,
        piece: &SchemaPiece,
        existing: Existing,
    ) -> Result<ArtifactVersion, ApicurioError> {
        let mut references: Vec<Reference> = Vec::with_capacity(piece.uses.len());
        for (name, used) in &piece.uses {
            let mut artifact = self.names.referenced(name);
            artifact.group = self.group.clone().or(artifact.group);
            let version = Box::pin(self.register(&artifact, used, existing)).await?;
            references.push(Reference::new(name, version));
        }
        // Converters of version 2 name a record twice that is in two fields.
        if self.api == Api::V3 {
            references = as_set(references);
        }
        let content = Content {
            artifact_type: ArtifactType::Avro,
            text: &piece.text,
            references: &references,
        };
        self.register_content(artifact, &content, existing).await
    }

    async fn register_content(
        &self,
        artifact: &ArtifactName,
        content: &Content<'_>,
        existing: Existing,
    ) -> Result<ArtifactVersion, ApicurioError> {
        let key = (artifact.clone(), content.text.to_owned(), content.references.to_vec());
        if let Some(known) = self.known().get(&key) {
            return Ok(known.clone());
        }
        let version = self.version.as_deref();
        let version = self
            .client
            .register(artifact, version, content, existing, self.comparison)
            .await?;
        let mut known = self.known();
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(key, version.clone());
        Ok(version)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Registered, ArtifactVersion>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest version or the one that is asked for, if a record of `ours` has the bytes that its readers expect: only
    /// documentation, defaults and properties may differ.
    async fn version_with_the_same_bytes(
        &self,
        artifact: &ArtifactName,
        ours: &str,
    ) -> Result<ArtifactVersion, ApicurioError> {
        let found = self.client.look_up(artifact, self.version.as_deref()).await?;
        let theirs = self.client.whole_content(&found).await?;
        let form = |text: &str| parse(text).map(|schema| schema.canonical_form());
        match (form(&theirs), form(ours)) {
            (Ok(theirs), Ok(ours)) if theirs == ours => Ok(found),
            _ => Err(ApicurioError::OtherSchema {
                artifact: artifact.clone(),
                version: found.version,
                reason: match differences(&theirs, ours) {
                    found if found.is_empty() => "its fields are others, or in another order".to_owned(),
                    found => found.join(", "),
                },
            }),
        }
    }
}

fn answered(
    artifact: &ArtifactName,
    answer: Option<Result<ArtifactVersion, ApicurioError>>,
) -> Result<ArtifactVersion, ApicurioError> {
    answer.unwrap_or_else(|| {
        Err(ApicurioError::Stopped {
            artifact: artifact.clone(),
        })
    })
}
