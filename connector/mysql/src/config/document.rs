//! `docs/configuration.md` is printed from the tables; this test says when it is out of date.
//!
//! `ROWMILL_REWRITE_DOCS=1 cargo test -p connector-mysql --lib configuration_page` writes it anew.

use std::fmt::Write;

use super::definition::{GROUPS, Handling, Row, Undeclared};
use super::keys::undeclared;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");

const OPENING: &str = "# Configuration of the MySQL connector

The keys are Debezium's (3.6), with its defaults. Every key it knows is listed here with what becomes of it:

- **yes**: carried out as Debezium does.
- **only ..**: these values are carried out, any other is refused when the connector is created or validated.
- **refused**: any other value than the default is refused, because records or safety would depend on it.
- **no effect**: accepted; a value other than the default gives a warning.

Keys that Kafka Connect itself defines for every connector (`name`, `key.converter`, `transforms`, ..) are the worker's.
Regular expressions are matched against whole names in any case; a comma inside one is written `\\,`. They are Java's,
look-around and back-references included; one that takes too long on a name stops the task and is named. In any case: of
letters outside of ASCII, too, which Java tells apart.

This page is printed from the connector's tables; edit those.
";

#[test]
fn the_configuration_page_is_printed_from_the_tables() {
    let page = page();
    if std::env::var_os("ROWMILL_REWRITE_DOCS").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        written == page,
        "docs/configuration.md is out of date; run this test with ROWMILL_REWRITE_DOCS=1"
    );
}

fn page() -> String {
    let mut page = OPENING.to_owned();
    for (group, rows) in GROUPS {
        begin_table(&mut page, group);
        for Row(name, config_type, _, _, default, _, handling, sentence) in rows {
            line(&mut page, name, config_type.name(), *default, *handling, sentence);
        }
    }
    begin_table(&mut page, "Keys that no form shows");
    for Undeclared(name, config_type, default, handling, sentence) in undeclared::KEYS {
        line(&mut page, name, config_type.name(), *default, *handling, sentence);
    }
    for Undeclared(name, config_type, default, handling, sentence) in undeclared::FAMILIES {
        line(
            &mut page,
            &format!("{name}*"),
            config_type.name(),
            *default,
            *handling,
            sentence,
        );
    }
    page
}

fn begin_table(page: &mut String, title: &str) {
    writeln!(
        page,
        "\n## {title}\n\n| key | type | default | carried out | meaning |\n|---|---|---|---|---|"
    )
    .unwrap();
}

fn line(page: &mut String, name: &str, config_type: &str, default: Option<&str>, handling: Handling, sentence: &str) {
    let default = default
        .filter(|text| !text.is_empty())
        .map(|text| format!("`{}`", text.replace('|', "\\|")));
    let carried_out = match handling {
        Handling::CarriedOut => "yes".to_owned(),
        Handling::NoEffect(why) => format!("no effect: {why}"),
        Handling::Refused(why) => format!("refused: {why}"),
        Handling::Only(values, why) => {
            let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            format!("only {}: {why}", values.join(", "))
        }
    };
    writeln!(
        page,
        "| `{name}` | {config_type} | {} | {carried_out} | {sentence} |",
        default.unwrap_or_default()
    )
    .unwrap();
}
