//! [`IdForm`]: how a record says which schema it has.

use crate::apicurio::{Api, ApicurioError, ArtifactVersion};
use crate::registry::Role;
use crate::settings::Settings;
use crate::wire_format::MAGIC;

const USE_ID: &str = "apicurio.registry.use-id";
const ID_HANDLER: &str = "apicurio.registry.id-handler";
const AS_CONFLUENT: &str = "apicurio.registry.as-confluent";
const HEADERS: &str = "apicurio.registry.headers.enabled";

/// Which of a version's ids is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdKind {
    /// `contentId`
    Content,
    /// `globalId`
    Global,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum IdPlace {
    /// Behind the magic byte, in four bytes.
    Four,
    /// Behind the magic byte, in eight.
    Eight,
    /// In a header of this name; another one, of that name, tells the encoding.
    Headers { id: String, encoding: &'static str },
}

/// Which id, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IdForm {
    kind: IdKind,
    place: IdPlace,
}

impl IdKind {
    pub(super) fn read(settings: &mut Settings<'_>, api: Api) -> Self {
        match settings.word(USE_ID, &["contentId", "globalId"]) {
            Some("globalId") => IdKind::Global,
            Some(_) => IdKind::Content,
            None => match api {
                Api::V2 => IdKind::Global,
                Api::V3 => IdKind::Content,
            },
        }
    }

    pub(super) fn of(self, version: &ArtifactVersion) -> u64 {
        match self {
            IdKind::Content => version.content_id,
            IdKind::Global => version.global_id,
        }
    }

    fn name(self) -> &'static str {
        match self {
            IdKind::Content => "contentId",
            IdKind::Global => "globalId",
        }
    }
}

impl IdForm {
    pub(super) fn read(settings: &mut Settings<'_>, api: Api, role: Role) -> Self {
        let kind = IdKind::read(settings, api);
        let bytes = id_bytes(settings, api);
        let place = match settings.boolean(HEADERS, api == Api::V2) {
            false => bytes,
            true => headers(settings, kind, role),
        };
        IdForm { kind, place }
    }

    /// What stands before the datum.
    pub(super) fn before(&self, version: &ArtifactVersion) -> Result<Vec<u8>, ApicurioError> {
        let id = self.kind.of(version);
        let mut before = vec![MAGIC];
        match &self.place {
            IdPlace::Headers { .. } => before.clear(),
            IdPlace::Eight => before.extend(id.to_be_bytes()),
            IdPlace::Four => {
                let short = u32::try_from(id).map_err(|_| ApicurioError::LongId {
                    artifact: version.artifact.clone(),
                    id,
                })?;
                before.extend(short.to_be_bytes());
            }
        }
        Ok(before)
    }

    /// What stands in headers.
    pub(super) fn headers(&self, version: &ArtifactVersion) -> Vec<(String, Vec<u8>)> {
        match &self.place {
            IdPlace::Four | IdPlace::Eight => Vec::new(),
            IdPlace::Headers { id, encoding } => vec![
                (id.clone(), self.kind.of(version).to_be_bytes().to_vec()),
                ((*encoding).to_owned(), b"BINARY".to_vec()),
            ],
        }
    }
}

fn id_bytes(settings: &mut Settings<'_>, api: Api) -> IdPlace {
    const PACKAGE: &str = "io.apicurio.registry.serde.";
    let as_confluent = settings.boolean(AS_CONFLUENT, false);
    match settings.text(ID_HANDLER) {
        _ if as_confluent => IdPlace::Four,
        None => match api {
            Api::V2 => IdPlace::Eight,
            Api::V3 => IdPlace::Four,
        },
        Some(class) => match class.strip_prefix(PACKAGE).unwrap_or(class) {
            "Default4ByteIdHandler" | "Legacy4ByteIdHandler" => IdPlace::Four,
            "DefaultIdHandler" | "Legacy8ByteIdHandler" => IdPlace::Eight,
            _ => {
                settings.problem(
                    ID_HANDLER,
                    format!(
                        "{class} is not supported; there are {PACKAGE}Default4ByteIdHandler and Legacy8ByteIdHandler, and \
                         those of version 2, Legacy4ByteIdHandler and DefaultIdHandler"
                    ),
                );
                IdPlace::Four
            }
        },
    }
}

fn headers(settings: &Settings<'_>, kind: IdKind, role: Role) -> IdPlace {
    let (role, encoding) = match role {
        Role::Key => ("key", "apicurio.key.encoding"),
        Role::Value => ("value", "apicurio.value.encoding"),
    };
    let key = format!("apicurio.registry.headers.{role}.{}.name", kind.name());
    let name = settings.text(&key).map(str::to_owned);
    IdPlace::Headers {
        id: name.unwrap_or_else(|| format!("apicurio.{role}.{}", kind.name())),
        encoding,
    }
}
