//! What errors and log lines advise can be done here: every key that a sentence of the sources names is in a table of keys,
//! and a value that it asks for is one that is carried out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::definition::{GROUPS, Handling, Row, Undeclared};
use super::keys::undeclared;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const CRATES: [&str; 4] = ["connector/api", "connector/mysql", "schemas", "worker"];
/// Where the keys of the worker, of transforms, of clients and of converters stand as literals of their own.
const OTHER_TABLES: [&str; 4] = [
    "worker/src/config",
    "worker/src/transforms",
    "schemas/src/registry",
    "schemas/src/converter",
];
/// Beginnings that the worker takes away before it looks a key up.
const PREFIXES: [&str; 6] = [
    "producer.override.",
    "schema.history.internal.producer.",
    "schema.history.internal.consumer.",
    "topic.creation.default.",
    "key.converter.",
    "value.converter.",
];
/// Settings of topics and brokers, the worker's file, and the beginnings of Java's class names.
const OF_OTHERS: [&str; 5] = [
    "max.message.bytes",
    "worker.properties",
    "org.apache.",
    "io.confluent.",
    "io.apicurio.",
];

/// The Rust files below a folder, without tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // The tables of keys describe what patterns are for.
        if path.is_dir() && !matches!(name, "tests" | "keys") {
            found.extend(sources(&path));
        } else if name.ends_with(".rs") && !matches!(name, "tests.rs" | "advice.rs") {
            found.push(path);
        }
    }
    found
}

/// The string literals of a source outside of its tests, each as one line.
fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or(source);
    let mut found = Vec::new();
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '/' if characters.peek() == Some(&'/') => _ = characters.find(|next| *next == '\n'),
            // A quotation mark is a character here, as in '"' and '\''.
            '\'' if characters.next_if_eq(&'"').is_some() => {}
            '\'' if characters.next_if_eq(&'\\').is_some() => _ = characters.next(),
            '"' => {
                let mut literal = String::new();
                while let Some(next) = characters.next().filter(|next| *next != '"') {
                    match (next, characters.peek()) {
                        ('\\', Some('\n')) => while characters.next_if(|blank| blank.is_whitespace()).is_some() {},
                        ('\\', _) => literal.extend(characters.next()),
                        _ => literal.push(next),
                    }
                }
                found.push(literal);
            }
            _ => {}
        }
    }
    found
}

/// The words of a text that look like keys, with the value that stands behind an equals sign.
fn named_keys(text: &str) -> Vec<(&str, Option<&str>)> {
    let of_key =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '=' | '-' | '*' | '<');
    let words = text.split(|c: char| !of_key(c) && !c.is_ascii_uppercase() && !matches!(c, '/' | '{' | '}' | '>'));
    let keys = words.filter_map(|word| {
        let (key, value) = match word.split_once('=') {
            Some((key, value)) => (key, Some(value.trim_end_matches(['.', ',']))),
            None => (word.trim_end_matches('.'), None),
        };
        let parts: Vec<&str> = key.split('.').collect();
        let is_part =
            |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        (parts.len() > 1 && parts.iter().all(is_part) && !key.starts_with(|c: char| c.is_ascii_digit()))
            .then_some((key, value.filter(|value| !value.is_empty())))
    });
    keys.collect()
}

/// What becomes of a key of the connector.
fn handling(key: &str) -> Option<Handling> {
    let rows = GROUPS.iter().flat_map(|(_, rows)| rows.iter());
    let row = rows.map(|Row(name, .., handling, _)| (*name, *handling));
    let mut all = row.chain(
        undeclared::KEYS
            .iter()
            .map(|Undeclared(name, _, _, handling, _)| (*name, *handling)),
    );
    let family = || {
        undeclared::FAMILIES
            .iter()
            .find(|Undeclared(name, ..)| key.starts_with(name))
    };
    all.find(|(name, _)| *name == key)
        .map(|(_, handling)| handling)
        .or_else(|| family().map(|Undeclared(_, _, _, handling, _)| *handling))
}

#[test]
fn every_key_and_value_that_a_sentence_names_is_taken_here() {
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a source");
    let mut others = BTreeSet::new();
    for folder in OTHER_TABLES {
        let all = sources(&Path::new(ROOT).join(folder))
            .iter()
            .flat_map(|path| literals(&read(path)))
            .collect::<Vec<_>>();
        others.extend(all.into_iter().filter(|literal| !literal.contains(' ')));
    }
    let is_of_others = |key: &str| {
        // Several keys may be named by what they have in common.
        let family = format!("{key}.");
        let bare = PREFIXES
            .iter()
            .find_map(|prefix| key.strip_prefix(prefix))
            .unwrap_or(key);
        others.contains(key)
            || others.contains(bare)
            || others.iter().any(|other| other.starts_with(&family))
            || OF_OTHERS.iter().any(|beginning| key.starts_with(beginning))
    };
    let (mut looked_at, mut wrong) = (0, Vec::new());
    for name in CRATES {
        for path in sources(&Path::new(ROOT).join(name).join("src")) {
            let source = read(&path);
            let is_sentence = |literal: &&String| literal.contains(' ') && !literal.starts_with("SELECT ");
            for sentence in literals(&source).iter().filter(is_sentence) {
                for (key, value) in named_keys(sentence) {
                    looked_at += 1;
                    let is_taken = match (handling(key), value) {
                        (Some(Handling::Only(values, _)), Some(value)) => values.contains(&value),
                        (Some(Handling::Refused(_)), Some(_)) => false,
                        (Some(_), _) => true,
                        (None, _) => is_of_others(key),
                    };
                    if !is_taken {
                        wrong.push(format!("{}: {key} {value:?}: {sentence}", path.display()));
                    }
                }
            }
        }
    }
    assert!(looked_at > 60, "only {looked_at} keys were found in the sources");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn keys_are_found_in_sentences() {
    let found = named_keys("set a.b.c=5, or x.y; see docs/c.md, m.n.* and {table}.z, `p.q` of Java.u (r.s)");
    assert_eq!(
        found,
        [("a.b.c", Some("5")), ("x.y", None), ("p.q", None), ("r.s", None)]
    );
    let source = "let a = \"one \\\n   two\"; // \"not\"\nlet b = '\"'; let c = \"three\"; let d = '\\'';";
    assert_eq!(literals(source), ["one two", "three"]);
}
