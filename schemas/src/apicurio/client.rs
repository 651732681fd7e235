//! [`ApicurioClient`]: the calls of the registry's own API, in its versions 2 and 3.

use connector_api::config::ConfigProblem;
use reqwest::{Client, Method, RequestBuilder, Url};
use serde_json::{Value as Json, json};

use super::artifact::{ArtifactName, ArtifactType, ArtifactVersion};
use super::error::ApicurioError;
use super::references::Reference;
use super::settings::{Api, ApicurioSettings, Existing, LogIn, URL};
use super::token::Token;
use crate::registry::Credentials;

/// A registry at one address.
pub(super) struct ApicurioClient {
    url: Url,
    api: Api,
    client: Client,
    timeout: std::time::Duration,
    credentials: Credentials,
    token: Option<Token>,
}

/// Content to be registered.
pub(super) struct Content<'a> {
    pub(super) artifact_type: ArtifactType,
    pub(super) text: &'a str,
    pub(super) references: &'a [Reference],
}

/// How content is compared with what the registry has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// By its text.
    Text,
    /// By its canonical form (`apicurio.registry.canonicalize`).
    Canonical,
}

impl ApicurioClient {
    /// Asks nothing yet.
    pub(super) fn new(settings: &ApicurioSettings) -> Result<Self, ConfigProblem> {
        let builder = settings.http.client().map_err(of_these_keys)?;
        let client = builder
            .build()
            .map_err(|error| ConfigProblem::new(URL, format!("no client can be built: {error}")))?;
        let (credentials, token) = match &settings.log_in {
            LogIn::With(credentials) => (credentials.clone(), None),
            LogIn::Token(token) => (Credentials::None, Some(Token::new(token.clone()))),
        };
        Ok(ApicurioClient {
            url: settings.url.clone(),
            api: settings.api,
            client,
            timeout: settings.http.request_timeout,
            credentials,
            token,
        })
    }

    /// Registers content, as a new artifact or, if there is one, as `existing` says.
    pub(super) async fn register(
        &self,
        artifact: &ArtifactName,
        version: Option<&str>,
        content: &Content<'_>,
        existing: Existing,
        comparison: Comparison,
    ) -> Result<ArtifactVersion, ApicurioError> {
        let mut url = self.address(&["groups", artifact.group_or_default(), "artifacts"]);
        url.query_pairs_mut()
            .append_pair("ifExists", existing.name(self.api))
            .append_pair("canonical", comparison.name());
        let references: Vec<Json> = content.references.iter().map(Reference::to_json).collect();
        let request = self.client.request(Method::POST, url);
        let request = match self.api {
            Api::V2 => {
                let request = request
                    .header("x-registry-artifactid", &artifact.id)
                    .header("x-registry-artifacttype", content.artifact_type.name());
                let request = match version {
                    Some(version) => request.header("x-registry-version", version),
                    None => request,
                };
                match references.is_empty() {
                    true => request
                        .header("content-type", "application/json")
                        .body(content.text.to_owned()),
                    false => request
                        .header("content-type", "application/create.extended+json")
                        .body(json!({"content": content.text, "references": references}).to_string()),
                }
            }
            Api::V3 => {
                let body = json!({
                    "artifactId": artifact.id,
                    "artifactType": content.artifact_type.name(),
                    "firstVersion": {
                        "version": version,
                        "content": {
                            "content": content.text,
                            "contentType": "application/json",
                            "references": references,
                        },
                    },
                });
                request
                    .header("content-type", "application/json")
                    .body(body.to_string())
            }
        };
        let answer = self.json(artifact, request).await?;
        match self.api {
            Api::V2 => self.version(&answer),
            Api::V3 => self.version(&answer["version"]),
        }
    }

    /// A version of an artifact, or its latest.
    pub(super) async fn look_up(
        &self,
        artifact: &ArtifactName,
        version: Option<&str>,
    ) -> Result<ArtifactVersion, ApicurioError> {
        let versions = [
            "groups",
            artifact.group_or_default(),
            "artifacts",
            &artifact.id,
            "versions",
        ];
        let url = match self.api {
            Api::V2 => self.address(&[&versions[..], &[version.unwrap_or("latest"), "meta"]].concat()),
            Api::V3 => self.address(&[&versions[..], &[version.unwrap_or("branch=latest")]].concat()),
        };
        let answer = self.json(artifact, self.client.request(Method::GET, url)).await?;
        self.version(&answer)
    }

    /// The content of a version, with the definitions of what it names.
    pub(super) async fn whole_content(&self, version: &ArtifactVersion) -> Result<String, ApicurioError> {
        let id = version.global_id.to_string();
        let mut url = self.address(&["ids", "globalIds", &id]);
        let (key, value) = match self.api {
            Api::V2 => ("dereference", "true"),
            Api::V3 => ("references", "DEREFERENCE"),
        };
        url.query_pairs_mut().append_pair(key, value);
        self.ask(&version.artifact, self.client.request(Method::GET, url)).await
    }

    /// The newest version of an artifact that has this content.
    pub(super) async fn find(
        &self,
        artifact: &ArtifactName,
        artifact_type: ArtifactType,
        text: &str,
        comparison: Comparison,
    ) -> Result<ArtifactVersion, ApicurioError> {
        let group = artifact.group_or_default();
        let request = match self.api {
            Api::V2 => {
                let mut url = self.address(&["groups", group, "artifacts", &artifact.id, "meta"]);
                url.query_pairs_mut().append_pair("canonical", comparison.name());
                self.client.request(Method::POST, url)
            }
            Api::V3 => {
                let mut url = self.address(&["search", "versions"]);
                url.query_pairs_mut()
                    .append_pair("groupId", group)
                    .append_pair("artifactId", &artifact.id)
                    .append_pair("artifactType", artifact_type.name())
                    .append_pair("canonical", comparison.name())
                    .append_pair("orderby", "globalId")
                    .append_pair("order", "desc")
                    .append_pair("limit", "1");
                self.client.request(Method::POST, url)
            }
        };
        let request = request.header("content-type", "application/json").body(text.to_owned());
        let answer = self.json(artifact, request).await?;
        match self.api {
            Api::V2 => self.version(&answer),
            Api::V3 => match answer["versions"].get(0) {
                Some(version) => self.version(version),
                None => Err(ApicurioError::NotRegistered {
                    artifact: artifact.clone(),
                    reason: "no version of it has this content".to_owned(),
                }),
            },
        }
    }

    fn address(&self, path: &[&str]) -> Url {
        let mut url = self.url.clone();
        // Only addresses without a host have no path, and those are refused.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    async fn json(&self, artifact: &ArtifactName, request: RequestBuilder) -> Result<Json, ApicurioError> {
        let body = self.ask(artifact, request).await?;
        serde_json::from_str(&body).map_err(|_| {
            ApicurioError::of_strange_answer(self.url.as_str(), "its answer is not the JSON of a registry")
        })
    }

    async fn ask(&self, artifact: &ArtifactName, request: RequestBuilder) -> Result<String, ApicurioError> {
        let request = request.timeout(self.timeout).header("accept", "application/json, */*");
        let request = match (&self.credentials, &self.token) {
            (_, Some(token)) => request.bearer_auth(token.now(&self.client, artifact).await?.0),
            (Credentials::Basic { user, password }, _) => request.basic_auth(user, Some(&password.0)),
            (Credentials::Bearer(token), _) => request.bearer_auth(&token.0),
            (Credentials::None, _) => request,
        };
        let silence = |error: reqwest::Error| ApicurioError::of_silence(self.url.as_str(), artifact, &error);
        let answer = request.send().await.map_err(silence)?;
        let status = answer.status();
        let body = answer.text().await.map_err(silence)?;
        if status.is_success() {
            return Ok(body);
        }
        if let (401, Some(token)) = (status.as_u16(), &self.token) {
            token.forget().await;
        }
        Err(ApicurioError::of_answer(self.url.as_str(), artifact, status, &body))
    }

    fn version(&self, answer: &Json) -> Result<ArtifactVersion, ApicurioError> {
        let text = |key: &str| answer.get(key).and_then(Json::as_str).map(str::to_owned);
        let number = |key: &str| answer.get(key).and_then(Json::as_u64);
        // Version 2 of the API calls an artifact's id just so, and was seen to answer numbers for versions.
        let id = text("artifactId").or_else(|| text("id"));
        let version = text("version").or_else(|| number("version").map(|version| version.to_string()));
        match (id, version, number("globalId"), number("contentId")) {
            (Some(id), Some(version), Some(global_id), Some(content_id)) => Ok(ArtifactVersion {
                artifact: ArtifactName {
                    group: text("groupId"),
                    id,
                },
                version,
                global_id,
                content_id,
            }),
            _ => Err(ApicurioError::of_strange_answer(
                self.url.as_str(),
                "its answer has no ids of a version",
            )),
        }
    }
}

/// The same problem under the keys of Apicurio's converters.
fn of_these_keys(problem: ConfigProblem) -> ConfigProblem {
    let key = match problem.key.as_str() {
        "proxy.host" => "apicurio.registry.proxy.host",
        "schema.registry.ssl.keystore.location" => "apicurio.registry.request.ssl.keystore.location",
        "schema.registry.ssl.truststore.certificates" => "apicurio.registry.tls.certificates",
        "schema.registry.ssl.truststore.location" => "apicurio.registry.tls.truststore.location",
        "schema.registry.url" => URL,
        other => other,
    };
    ConfigProblem::new(key, problem.message)
}

impl Comparison {
    fn name(self) -> &'static str {
        match self {
            Comparison::Text => "false",
            Comparison::Canonical => "true",
        }
    }
}

#[cfg(test)]
mod tests;
