//! Apicurio Registry by its own API: gives a schema's text the ids of a version of an artifact.
//!
//! An artifact is what other registries call a subject: a name, in a group, with versions. A version has two ids, one of its
//! own (`globalId`) and one of its content (`contentId`), which every version with the same text and references has. Avro
//! records that are inside of others are artifacts of their own, to which the others refer.
//!
//! As with [`crate::registry`], what can heal is asked again until it does.

mod artifact;
mod artifacts;
mod client;
mod error;
mod references;
mod settings;
mod token;

pub use artifact::{ArtifactName, ArtifactNames, ArtifactType, ArtifactVersion};
pub use artifacts::{Artifacts, AvroDefinition, Pieces};
pub use client::Comparison;
pub use error::ApicurioError;
pub(crate) use settings::HEADER_PREFIX;
pub use settings::{Api, ApicurioSettings, Existing, LogIn, Registration};
pub use token::TokenSettings;
