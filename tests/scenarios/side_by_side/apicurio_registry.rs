//! [`ApicurioRegistry`]: what Apicurio's converters wrote, by the registry's own API and the `apache-avro` crate.
//!
//! A record names a version of an artifact by one of its two ids. `scripts/record_lib/apicurio_registry.py` does the same for
//! the recordings.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use serde_json::{Value, json};

use super::decoder::{plain, remove_logical_types};

/// What the classes of its converters begin with.
pub(super) const PACKAGE: &str = "io.apicurio.";
/// What a case says of it, a path, behind `key.converter.` and `value.converter.`.
pub(super) const URL: &str = "apicurio.registry.url";
/// So far the two ids of a version are kept apart that no case can take one for the other.
const DISTANCE: u64 = 200;

/// A registry, with the versions of one case's artifacts.
pub(super) struct ApicurioRegistry {
    server: String,
    client: reqwest::Client,
    known: BTreeMap<u64, Version>,
}

struct Version {
    subject: String,
    content_id: u64,
    /// Its type, what it refers to, and its content.
    text: String,
    reader: Option<GenericDatumReader<'static>>,
}

/// What a part of a record is.
pub(super) struct FoundPart<'a> {
    pub text: &'a str,
    pub value: Value,
    /// How its id is written.
    pub id: String,
}

impl ApicurioRegistry {
    /// Of the server that has Confluent's API at this address.
    pub(super) fn new(ccompat_url: &str) -> Result<Self> {
        let (server, _) = ccompat_url.split_once("/apis/").context("a path below /apis/")?;
        Ok(ApicurioRegistry {
            server: server.to_owned(),
            client: reqwest::Client::new(),
            known: BTreeMap::new(),
        })
    }

    /// The address of a path.
    pub(super) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.server)
    }

    async fn text(&self, path: &str) -> Result<String> {
        let answer = self
            .client
            .get(self.address(&format!("/apis/registry/v3/{path}")))
            .send();
        Ok(answer.await?.error_for_status()?.text().await?)
    }

    async fn ask(&self, path: &str) -> Result<Value> {
        Ok(serde_json::from_str(&self.text(path).await?)?)
    }

    /// Registers the same until it has ids that are far from each other.
    pub(super) async fn keep_ids_apart(&self) -> Result<()> {
        let url = self.address("/apis/registry/v3/groups/recorder/artifacts?ifExists=CREATE_VERSION");
        let content = json!({"content": "\"null\"", "contentType": "application/json"});
        let body = json!({"artifactId": "apart", "artifactType": "AVRO", "firstVersion": {"content": content}});
        loop {
            let request = self.client.post(&url).header("content-type", "application/json");
            let answer = request.body(body.to_string()).send().await?.error_for_status()?;
            let answer: Value = serde_json::from_str(&answer.text().await?)?;
            let id = |kind: &str| answer["version"][kind].as_u64().context("an id");
            if id("globalId")? >= id("contentId")? + DISTANCE {
                return Ok(());
            }
        }
    }

    /// Learns all versions of the artifacts of a topic prefix.
    pub(super) async fn learn(&mut self, prefix: &str) -> Result<()> {
        self.known.clear();
        let mut offset = 0;
        loop {
            let page = self.ask(&format!("search/artifacts?limit=500&offset={offset}")).await?;
            let artifacts = page["artifacts"].as_array().context("a list of artifacts")?;
            if artifacts.is_empty() {
                return Ok(());
            }
            for artifact in artifacts {
                let group = artifact["groupId"].as_str().unwrap_or("default");
                let name = artifact["artifactId"].as_str().context("the id of an artifact")?;
                if is_of_prefix(group, name, prefix) {
                    self.learn_artifact(group, name).await?;
                }
            }
            offset += artifacts.len();
        }
    }

    async fn learn_artifact(&mut self, group: &str, name: &str) -> Result<()> {
        let path = format!("groups/{group}/artifacts/{name}");
        let artifact = self.ask(&path).await?;
        let kind = artifact["artifactType"].as_str().context("the type of an artifact")?;
        let versions = self.ask(&format!("{path}/versions?limit=500")).await?;
        for version in versions["versions"].as_array().context("a list of versions")? {
            let number = version["version"].as_str().context("a version")?;
            let at = format!("{path}/versions/{number}");
            let content = self.text(&format!("{at}/content")).await?;
            let references = self.ask(&format!("{at}/references")).await?;
            let references = references.as_array().context("a list of references")?;
            let names = references.iter().map(|each| {
                let text = |key: &str| each[key].as_str().unwrap_or("default");
                format!(
                    "{} is {}/{} {}\n",
                    text("name"),
                    text("groupId"),
                    text("artifactId"),
                    text("version")
                )
            });
            let reader = match kind {
                "AVRO" => Some(self.reader(&content, references).await?),
                _ => None,
            };
            let id = |kind: &str| version[kind].as_u64().context("an id");
            self.known.insert(
                id("globalId")?,
                Version {
                    subject: format!("{group}/{name}"),
                    content_id: id("contentId")?,
                    text: format!("{kind}\n{}{content}", names.collect::<String>()),
                    reader,
                },
            );
        }
        Ok(())
    }

    async fn reader(&self, content: &str, references: &[Value]) -> Result<GenericDatumReader<'static>> {
        let mut named = Vec::new();
        self.definitions(references, &mut named).await?;
        let named: Vec<String> = named.into_iter().map(|(_, text)| text).collect();
        let content = without_logical_types(content)?;
        let (schema, named) = Schema::parse_str_with_list(&content, &named)?;
        // A reader borrows its schemas; all live as long as the test.
        let schema: &'static Schema = Box::leak(Box::new(schema));
        let mut named: Vec<&'static Schema> = named.into_iter().map(|schema| &*Box::leak(Box::new(schema))).collect();
        // It names records of its own as well.
        named.push(schema);
        Ok(GenericDatumReader::builder(schema).writer_schemata(named)?.build()?)
    }

    /// What the references stand for, each once, the innermost first.
    async fn definitions(&self, references: &[Value], found: &mut Vec<(String, String)>) -> Result<()> {
        for each in references {
            let text = |key: &str| each[key].as_str().unwrap_or("default");
            let at = format!(
                "groups/{}/artifacts/{}/versions/{}",
                text("groupId"),
                text("artifactId"),
                text("version")
            );
            let inner = self.ask(&format!("{at}/references")).await?;
            Box::pin(self.definitions(inner.as_array().context("a list of references")?, found)).await?;
            if !found.iter().any(|(name, _)| name == text("name")) {
                let content = self.text(&format!("{at}/content")).await?;
                found.push((text("name").to_owned(), without_logical_types(&content)?));
            }
        }
        Ok(())
    }

    /// The artifacts, as `GROUP/ARTIFACT`, with the texts of their versions.
    pub(super) fn subjects(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut subjects: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for version in self.known.values() {
            subjects.entry(&version.subject).or_default().push(&version.text);
        }
        subjects
    }

    /// What the bytes of a key or value are.
    pub(super) fn part(
        &self,
        role: &str,
        bytes: &[u8],
        headers: &[(String, Option<Vec<u8>>)],
    ) -> Result<FoundPart<'_>> {
        let is_id = |name: &str| {
            ["globalId", "contentId"]
                .iter()
                .any(|kind| name == format!("apicurio.{role}.{kind}"))
        };
        if let Some((_, value)) = headers.iter().find(|(name, _)| is_id(name)) {
            let id = value.as_deref().context("an id")?;
            let (version, kind) = self.version(number(id))?;
            return version.found(bytes, format!("{kind} in a header of {} bytes", id.len()));
        }
        if bytes.first() == Some(&b'{') {
            let mut document: Value = serde_json::from_slice(bytes)?;
            let fields = document.as_object().context("an object")?;
            ensure!(fields.keys().eq(["schemaId", "payload"]), "it is {document}");
            let (version, kind) = self.version(document["schemaId"].as_u64().context("an id")?)?;
            return Ok(FoundPart {
                text: &version.text,
                value: document["payload"].take(),
                id: format!("{kind} as schemaId"),
            });
        }
        let length = if bytes.get(1..5) == Some(&[0; 4]) { 8 } else { 4 };
        ensure!(bytes.first() == Some(&0), "the magic byte is {:?}", bytes.first());
        let (id, datum) = bytes[1..].split_at_checked(length).context("an id")?;
        let (version, kind) = self.version(number(id))?;
        version.found(datum, format!("{kind} in {length} bytes"))
    }

    fn version(&self, id: u64) -> Result<(&Version, &'static str)> {
        if let Some(version) = self.known.get(&id) {
            return Ok((version, "globalId"));
        }
        let by_content = self.known.values().find(|version| version.content_id == id);
        Ok((
            by_content.with_context(|| format!("no version has the id {id}"))?,
            "contentId",
        ))
    }
}

impl Version {
    fn found(&self, mut datum: &[u8], id: String) -> Result<FoundPart<'_>> {
        let reader = self.reader.as_ref().context("a schema of Avro")?;
        let value = reader.read_value(&mut datum)?;
        ensure!(datum.is_empty(), "{} bytes are left after the datum", datum.len());
        Ok(FoundPart {
            text: &self.text,
            value: plain(value)?,
            id,
        })
    }
}

/// A header as recordings show it: what an id is depends on the registry.
pub(super) fn shown_header(name: &str, value: Option<&[u8]>) -> Value {
    let is_id = name.starts_with("apicurio.") && (name.ends_with(".globalId") || name.ends_with(".contentId"));
    match value {
        Some(id) if is_id => format!("an id in {} bytes", id.len()).into(),
        value => value.map(String::from_utf8_lossy).into(),
    }
}

fn is_of_prefix(group: &str, name: &str, prefix: &str) -> bool {
    let is_of_topics = [group, name].iter().any(|part| part.starts_with(&format!("{prefix}.")));
    let is_own = [format!("{prefix}-key"), format!("{prefix}-value")]
        .iter()
        .any(|own| own == name);
    is_own || is_of_topics && !name.contains("recorder.mark")
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

fn without_logical_types(text: &str) -> Result<String> {
    let mut document: Value = serde_json::from_str(text)?;
    remove_logical_types(&mut document);
    Ok(document.to_string())
}
