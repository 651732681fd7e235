use std::collections::BTreeMap;

use super::RegistrySettings;
use crate::settings::Settings;

fn read(given: &[(&str, &str)]) -> (RegistrySettings, Vec<String>) {
    let given: BTreeMap<String, String> = given
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let mut settings = Settings::new(&given);
    let read = RegistrySettings::read(&mut settings);
    let problems = settings.finish().err().unwrap_or_default();
    (read, problems.iter().map(ToString::to_string).collect())
}

fn check_problem(given: &[(&str, &str)], expected: &str) {
    let mut given = given.to_vec();
    if !given.iter().any(|(key, _)| *key == "schema.registry.url") {
        given.push(("schema.registry.url", "http://r:8081"));
    }
    let (_, problems) = read(&given);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with(expected), "{problems:?}");
}

#[test]
fn what_is_not_carried_out_is_refused_with_its_key_and_a_way_out() {
    check_problem(&[("schema.registry.url", " ")], "schema.registry.url must be set");
    check_problem(
        &[("schema.registry.url", "mock://x")],
        "schema.registry.url has the scheme `mock`",
    );
    check_problem(
        &[("schema.registry.url", "registry")],
        "schema.registry.url is no list of URLs",
    );
    check_problem(
        &[("basic.auth.credentials.source", "SASL_INHERIT")],
        "basic.auth.credentials.source SASL_INHERIT is not supported; URL and USER_INFO are",
    );
    check_problem(
        &[
            ("basic.auth.credentials.source", "USER_INFO"),
            ("basic.auth.user.info", "nobody"),
        ],
        "basic.auth.user.info must have the form user:password",
    );
    check_problem(
        &[
            ("bearer.auth.credentials.source", "OAUTHBEARER"),
            ("bearer.auth.token", "t"),
        ],
        "bearer.auth.credentials.source OAUTHBEARER is not supported",
    );
    check_problem(
        &[("bearer.auth.credentials.source", "STATIC_TOKEN")],
        "bearer.auth.token must be set",
    );
    check_problem(
        &[("bearer.auth.token", "t"), ("basic.auth.credentials.source", "URL")],
        "basic.auth.credentials.source cannot stand beside bearer.auth",
    );
    check_problem(
        &[
            ("schema.registry.ssl.truststore.location", "/x/trust.bks"),
            ("schema.registry.ssl.truststore.type", "BKS"),
        ],
        "schema.registry.ssl.truststore.type is `BKS`; it must be one of JKS, PKCS12, PEM",
    );
    check_problem(
        &[
            ("schema.registry.ssl.keystore.location", "/x/key.bks"),
            ("schema.registry.ssl.keystore.type", "BKS"),
        ],
        "schema.registry.ssl.keystore.type is `BKS`; it must be one of JKS, PKCS12, PEM",
    );
    check_problem(&[("proxy.host", "p")], "proxy.port must be a port number");
    check_problem(
        &[("http.read.timeout.ms", "soon")],
        "http.read.timeout.ms must be a number of milliseconds",
    );
    check_problem(
        &[("request.header.a b", "x")],
        "request.header.a b is no legal HTTP header",
    );
}

#[test]
fn secrets_are_not_shown() {
    let (settings, problems) = read(&[
        ("schema.registry.url", "https://user:canary1@r:8081/path/"),
        ("schema.registry.ssl.keystore.location", "/x/k.p12"),
        ("schema.registry.ssl.keystore.password", "canary2"),
        ("request.header.x-key", "canary3"),
    ]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(settings.addresses[0].url, "https://r:8081/path");
    let shown = format!("{settings:?}");
    assert!(!shown.contains("canary"), "{shown}");
}
