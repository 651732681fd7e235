use std::fs;
use std::path::PathBuf;

use connector_api::ConfigMap;

use super::{ConfigProviders, with_placeholders};

fn map(pairs: &[(&str, &str)]) -> ConfigMap {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

/// A folder with a file of properties, and one that is no secret's.
struct Secrets(PathBuf);

impl Secrets {
    fn new(about: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("rowmill-providers-{}-{about}", std::process::id()));
        fs::create_dir_all(folder.join("allowed")).expect("a folder");
        for (file, text) in [
            (
                "allowed/db.properties",
                "user = ann\npassword: p\\u00e4ss\nraw=\u{e4}\nempty=\nnested=${env:PATH}\n",
            ),
            ("allowed/token", "first\nsecond\n"),
            ("allowed/wrong.properties", "canary=\\uXYZ\n"),
            ("outside.properties", "user=bob\n"),
        ] {
            fs::write(folder.join(file), text).expect("a file");
        }
        fs::write(folder.join("allowed/latin1"), b"user=\xe4\n").expect("a file");
        Secrets(folder)
    }

    /// A worker with a provider of each class; that of files named `file` is confined.
    fn providers(&self) -> ConfigProviders {
        let class = |name: &str| format!("org.apache.kafka.common.config.provider.{name}ConfigProvider");
        let allowed = self.0.join("allowed").display().to_string();
        let properties = map(&[
            ("config.providers", "file, all,directory,env,vault,bare"),
            ("config.providers.file.class", &class("File")),
            ("config.providers.file.param.allowed.paths", &allowed),
            ("config.providers.all.class", &class("File")),
            ("config.providers.directory.class", &class("Directory")),
            ("config.providers.env.class", &class("EnvVar")),
            ("config.providers.env.param.allowlist.pattern", "PATH|NO_SUCH_.*"),
            ("config.providers.vault.class", "com.example.VaultConfigProvider"),
        ]);
        ConfigProviders::new(&properties).expect("valid")
    }

    /// What `value` stands for; `FOLDER` is the folder. Else why it stands for nothing.
    fn resolve(&self, value: &str) -> Result<String, String> {
        let value = value.replace("FOLDER", &self.0.display().to_string());
        let resolved = self.providers().resolve(&map(&[("k", &value)]));
        resolved.complete().map(|config| config["k"].clone())
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("the folder is ours");
    }
}

#[test]
fn a_placeholder_becomes_what_its_provider_answers() {
    let secrets = Secrets::new("answers");
    let path = std::env::var("PATH").expect("a path");
    for (value, expected) in [
        ("plain $1 ${x}", "plain $1 ${x}"),
        ("${file:FOLDER/allowed/db.properties:user}", "ann"),
        (
            "a ${file:FOLDER/allowed/db.properties:user}${file:FOLDER/allowed/db.properties:password}b",
            "a annpässb",
        ),
        ("${file:FOLDER/allowed/db.properties:raw}", "ä"),
        ("[${file:FOLDER/allowed/db.properties:empty}]", "[]"),
        ("${file:FOLDER/allowed/../allowed/db.properties:user}", "ann"),
        // What an answer holds is not looked up.
        ("${file:FOLDER/allowed/db.properties:nested}", "${env:PATH}"),
        ("${all:FOLDER/outside.properties:user}", "bob"),
        ("${directory:FOLDER/allowed:token}", "first\nsecond\n"),
        ("${env:PATH}", &path),
    ] {
        assert_eq!(secrets.resolve(value).as_deref(), Ok(expected), "{value}");
    }
}

#[test]
fn a_placeholder_that_stands_for_nothing_says_why() {
    let secrets = Secrets::new("refusals");
    for (value, reason) in [
        (
            "${file:FOLDER/outside.properties:user}",
            "is not below the provider's allowed.paths",
        ),
        (
            "${file:FOLDER/allowed/../outside.properties:user}",
            "is not below the provider's allowed.paths",
        ),
        ("${file:FOLDER/allowed/nobody.properties:user}", "cannot be read"),
        ("${file:FOLDER/allowed:user}", "is no file"),
        ("${file:FOLDER/allowed/db.properties:nobody}", "has no key `nobody`"),
        ("${file:FOLDER/allowed/wrong.properties:canary}", "no Java propert"),
        ("${file:FOLDER/allowed/latin1:user}", "is not UTF-8"),
        ("${file:user}", "it names no path"),
        ("${directory:FOLDER/allowed:nobody}", "cannot be read"),
        (
            "${directory:FOLDER/allowed:../outside.properties}",
            "is no name of a file",
        ),
        ("${directory:FOLDER:allowed}", "is no file"),
        ("${env:HOME}", "does not allow the variable `HOME`"),
        ("${env:NO_SUCH_VARIABLE}", "has no variable `NO_SUCH_VARIABLE`"),
        ("${env:/a:PATH}", "has no path"),
        ("${vault:a:b}", "com.example.VaultConfigProvider is not there"),
        ("${bare:a}", "`config.providers.bare.class` is missing"),
        ("${nobody:a}", "`nobody`, which is not configured"),
    ] {
        let problem = secrets.resolve(value).expect_err(value);
        assert!(
            problem.starts_with("`k`: ") && problem.contains(reason),
            "{value}: {problem}"
        );
        assert!(!problem.contains("XYZ"), "{problem}");
    }
    let warnings: Vec<String> = secrets.providers().warnings().collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
}

#[test]
fn a_provider_that_cannot_be_confined_as_it_says_is_none() {
    for (class, param, value) in [
        ("FileConfigProvider", "allowed.paths", "relative"),
        ("DirectoryConfigProvider", "allowed.paths", "/no-such-folder"),
        ("EnvVarConfigProvider", "allowlist.pattern", "("),
    ] {
        let properties = map(&[
            ("config.providers", "p"),
            (
                "config.providers.p.class",
                &format!("org.apache.kafka.common.config.provider.{class}"),
            ),
            (&format!("config.providers.p.param.{param}"), value),
        ]);
        let problems = ConfigProviders::new(&properties).expect_err("refused");
        assert_eq!(problems[0].key, format!("config.providers.p.param.{param}"));
    }
}

#[test]
fn what_was_made_of_a_resolved_configuration_has_its_placeholders_again() {
    let given = map(&[("a", "${env:A}"), ("b", "b"), ("c", "${env:C}")]);
    let made = map(&[("a", "resolved"), ("b", "changed"), ("d", "resolved")]);
    let expected = map(&[("a", "${env:A}"), ("b", "changed"), ("d", "resolved")]);
    assert_eq!(with_placeholders(&given, made), expected);
}
