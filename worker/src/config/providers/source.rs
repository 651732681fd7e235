//! [`Source`]: what a config provider reads: a file of properties, a folder of files, or the environment (Kafka's
//! `FileConfigProvider`, `DirectoryConfigProvider` and `EnvVarConfigProvider`).
//!
//! Where Kafka leaves a placeholder as it stands, because a key, a file or a right is missing, this says why: a password that
//! reads `${file:..}` is refused by a server that does not say so.

use std::collections::BTreeMap;
use std::env::VarError;
use std::fs;
use std::path::{Path, PathBuf};

use connector_api::ConfigMap;
use connector_api::pattern::{Case, Pattern};
use encoding_rs::UTF_8;
use java_properties::PropertiesIter;

use super::allowed_paths::AllowedPaths;
use super::placeholder::Placeholder;

/// The files that were read for one configuration, so that all of its keys are of the same instant.
pub(super) type FilesRead = BTreeMap<PathBuf, Result<ConfigMap, String>>;

/// What a provider reads.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// `${alias:path:key}` is a property of the file.
    File(AllowedPaths),
    /// `${alias:path:key}` is the content of the file `key` in the folder.
    Directory(AllowedPaths),
    /// `${alias:key}` is a variable whose name the expression matches.
    Environment(Option<Pattern>),
}

impl Source {
    /// Reads the class and the settings below `param.`. `None`: there is no such class here.
    pub(super) fn new(class: &str, params: &ConfigMap) -> Option<Result<Self, (&'static str, String)>> {
        let allowed = || {
            let setting = params.get("allowed.paths").map(String::as_str);
            AllowedPaths::parse(setting).map_err(|problem| ("allowed.paths", problem))
        };
        Some(match class.strip_prefix("org.apache.kafka.common.config.provider.")? {
            "FileConfigProvider" => allowed().map(Source::File),
            "DirectoryConfigProvider" => allowed().map(Source::Directory),
            "EnvVarConfigProvider" => allowed_names(params.get("allowlist.pattern")).map(Source::Environment),
            _ => return None,
        })
    }

    /// What `placeholder` stands for, or why that cannot be said.
    pub(super) fn value(&self, placeholder: Placeholder<'_>, files: &mut FilesRead) -> Result<String, String> {
        let Placeholder { path, key, .. } = placeholder;
        match self {
            Source::File(_) | Source::Directory(_) if path.is_empty() => {
                Err("it names no path: a placeholder of files is `${alias:path:key}`".to_owned())
            }
            Source::File(allowed) => {
                let path = allowed.admit(path)?;
                let properties = files.entry(path.clone()).or_insert_with(|| read_properties(&path));
                let found = properties.as_ref().map_err(Clone::clone)?.get(key);
                found
                    .cloned()
                    .ok_or_else(|| format!("{} has no key `{key}`", path.display()))
            }
            Source::Directory(allowed) => {
                if key.contains('/') || matches!(key, "" | "." | "..") {
                    return Err(format!("`{key}` is no name of a file in {path}"));
                }
                let file = allowed.admit(path)?.join(key);
                read_text(&file)
            }
            Source::Environment(allowed) => variable(allowed.as_ref(), path, key),
        }
    }
}

/// `param.allowlist.pattern`: an expression for whole names.
fn allowed_names(pattern: Option<&String>) -> Result<Option<Pattern>, (&'static str, String)> {
    let Some(pattern) = pattern.filter(|pattern| !pattern.is_empty()) else {
        return Ok(None);
    };
    let names = Pattern::new(pattern, Case::Sensitive);
    names
        .map(Some)
        .map_err(|error| ("allowlist.pattern", format!("no regular expression: {error}")))
}

fn variable(allowed: Option<&Pattern>, path: &str, name: &str) -> Result<String, String> {
    if !path.is_empty() {
        return Err(format!(
            "a variable of the environment has no path, and `{path}` stands before its name"
        ));
    }
    let is_allowed = allowed.map_or(Ok(true), |names| names.matches(name));
    if !is_allowed.map_err(|runaway| runaway.to_string())? {
        return Err(format!(
            "the provider's allowlist.pattern does not allow the variable `{name}`"
        ));
    }
    std::env::var(name).map_err(|error| match error {
        VarError::NotPresent => format!("the worker's environment has no variable `{name}`"),
        VarError::NotUnicode(_) => format!("the variable `{name}` is not UTF-8"),
    })
}

fn read_text(file: &Path) -> Result<String, String> {
    let text = match fs::metadata(file) {
        Ok(metadata) if !metadata.is_file() => return Err(format!("{} is no file", file.display())),
        Ok(_) => fs::read(file),
        Err(error) => Err(error),
    };
    let bytes = text.map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", file.display()))
}

fn read_properties(file: &Path) -> Result<ConfigMap, String> {
    let text = read_text(file)?;
    let mut properties = ConfigMap::new();
    PropertiesIter::new_with_encoding(text.as_bytes(), UTF_8)
        .read_into(|key, value| {
            properties.insert(key, value);
        })
        .map_err(|error| match error.line_number() {
            // The text of the error may repeat the line, and secrets stand there.
            Some(line) => format!("line {line} of {} is no Java property", file.display()),
            None => format!("{} is no Java properties file", file.display()),
        })?;
    Ok(properties)
}
