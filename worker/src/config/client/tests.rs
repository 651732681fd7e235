use std::collections::{BTreeMap, BTreeSet};

use crate::kafka::{AssumedRole, MskIam, TokenFile, TokenSource};

use super::{ClientKind, RULES, TranslatedClient, concerns_kind, layer, layer_log, refusal, translate_for};

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn check(kind: ClientKind, java: &[(&str, &str)], expected: &[(&str, &str)]) {
    let mut expected = map(expected);
    expected
        .entry("reconnect.backoff.max.ms".to_owned())
        .or_insert_with(|| "1000".to_owned());
    assert_eq!(
        translate_for(kind, &map(java)).map(|client| client.settings.0),
        Ok(expected)
    );
}

fn check_refused(java: &[(&str, &str)], naming: &str) {
    let problems = translate_for(ClientKind::Producer, &map(java)).expect_err("must be refused");
    assert!(
        problems.iter().any(|problem| problem.message.contains(naming)),
        "{problems:?} does not name {naming}"
    );
}

#[test]
fn java_names_become_librdkafkas() {
    check(
        ClientKind::Producer,
        &[
            ("bootstrap.servers", "a:1,b:2"),
            ("max.request.size", "5000000"),
            ("send.buffer.bytes", "-1"),
            ("buffer.memory", "33554432"),
        ],
        &[
            ("bootstrap.servers", "a:1,b:2"),
            ("message.max.bytes", "5000000"),
            ("socket.send.buffer.bytes", "0"),
            ("queue.buffering.max.kbytes", "32768"),
        ],
    );
    check(
        ClientKind::Consumer,
        &[("fetch.max.wait.ms", "20"), ("batch.size", "5")],
        &[("fetch.wait.max.ms", "20")],
    );
    check(
        ClientKind::Consumer,
        &[("request.timeout.ms", "7000")],
        &[("socket.timeout.ms", "7000")],
    );
    check(
        ClientKind::Producer,
        &[("request.timeout.ms", "7000")],
        &[("request.timeout.ms", "7000")],
    );
}

#[test]
fn reconnecting_never_waits_longer_than_a_second() {
    check(ClientKind::Admin, &[], &[("reconnect.backoff.max.ms", "1000")]);
    check(
        ClientKind::Admin,
        &[("reconnect.backoff.max.ms", "30000")],
        &[("reconnect.backoff.max.ms", "1000")],
    );
    check(
        ClientKind::Admin,
        &[("reconnect.backoff.max.ms", "200")],
        &[("reconnect.backoff.max.ms", "200")],
    );
}

#[test]
fn scram_credentials_come_out_of_the_jaas_text() {
    check(
        ClientKind::Consumer,
        &[
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            (
                "sasl.jaas.config",
                r#"org.apache.kafka.common.security.scram.ScramLoginModule required username="me" password="a\"b;c=d";"#,
            ),
        ],
        &[
            ("security.protocol", "sasl_ssl"),
            ("sasl.mechanism", "SCRAM-SHA-512"),
            ("sasl.username", "me"),
            ("sasl.password", "a\"b;c=d"),
        ],
    );
}

#[test]
fn pem_and_pkcs12_stores_are_carried_over() {
    check(
        ClientKind::Producer,
        &[
            ("security.protocol", "SSL"),
            ("ssl.truststore.type", "PEM"),
            ("ssl.truststore.location", "/ca.pem"),
            ("ssl.keystore.type", "pem"),
            ("ssl.keystore.location", "/me.pem"),
            ("ssl.key.password", "k"),
            ("ssl.endpoint.identification.algorithm", ""),
        ],
        &[
            ("security.protocol", "ssl"),
            ("ssl.ca.location", "/ca.pem"),
            ("ssl.certificate.location", "/me.pem"),
            ("ssl.key.location", "/me.pem"),
            ("ssl.key.password", "k"),
            ("ssl.endpoint.identification.algorithm", "none"),
        ],
    );
}

#[test]
fn stores_of_javas_are_read() {
    let fixture = |name: &str| format!("{}/../connector/key_stores/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    for (trusted, own, key_password) in [
        ("trusted.jks", "client.jks", Some("key-password")),
        ("trusted.p12", "client.p12", None),
    ] {
        let mut java = map(&[
            ("security.protocol", "SSL"),
            ("ssl.truststore.location", &fixture(trusted)),
            ("ssl.truststore.password", "store-password"),
            ("ssl.keystore.location", &fixture(own)),
            ("ssl.keystore.password", "store-password"),
        ]);
        java.extend(key_password.map(|password| ("ssl.key.password".to_owned(), password.to_owned())));
        let translated = translate_for(ClientKind::Consumer, &java).expect("readable");
        for setting in ["ssl.ca.pem", "ssl.certificate.pem", "ssl.key.pem"] {
            let value = translated.settings.value(setting).unwrap_or_default();
            assert!(value.starts_with("-----BEGIN "), "{own}: {setting} is {value}");
        }
        assert_eq!(translated.settings.value("ssl.key.password"), None);
        assert_eq!(refusal(ClientKind::Consumer, &translated.settings, &java), None);
        java.insert("ssl.keystore.password".to_owned(), "canary".to_owned());
        let problems = translate_for(ClientKind::Consumer, &java).expect_err("another password");
        assert!(
            problems.len() == 1 && problems[0].message.contains("with this password"),
            "{problems:?}"
        );
        assert!(!problems[0].message.contains("canary"));
    }
}

#[test]
fn what_cannot_be_carried_out_is_refused_by_name() {
    check_refused(&[("ssl.truststore.location", "/t.jks")], "ssl.truststore.location");
    check_refused(&[("ssl.keystore.location", "/t.jks")], "ssl.keystore.location");
    check_refused(&[("ssl.cipher.suites", "TLS_AES_256_GCM_SHA384")], "ssl.cipher.suites");
    check_refused(&[("partitioner.class", "com.example.Mine")], "partitioner.class");
    check_refused(&[("security.protocol", "SASL_PLAINTEXT")], "sasl.mechanism");
    check_refused(
        &[("security.protocol", "SASL_PLAINTEXT"), ("sasl.mechanism", "PLAIN")],
        "sasl.jaas.config",
    );
    check_refused(
        &[
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "PLAIN"),
            (
                "sasl.jaas.config",
                "com.sun.security.auth.module.JndiLoginModule required user.provider.url=\"ldap://x\";",
            ),
        ],
        "com.sun.security.auth.module.JndiLoginModule",
    );
}

const OAUTH: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
const MSK: &str = "software.amazon.msk.auth.iam.IAMLoginModule required";
const LOGIN_HANDLER: &str = "sasl.login.callback.handler.class";

/// Settings of a client that logs in by this mechanism and this login module.
fn sasl(mechanism: &str, jaas: &str, others: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut java = map(&[
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", mechanism),
        ("sasl.jaas.config", jaas),
    ]);
    java.extend(map(others));
    java
}

fn token_source(java: &BTreeMap<String, String>) -> TokenSource {
    let client = translate_for(ClientKind::Producer, java).expect("nothing here is refused");
    assert_eq!(client.settings.value("sasl.mechanism"), Some("OAUTHBEARER"));
    let source = client.settings.value("sasl.oauthbearer.config").expect("a source");
    serde_json::from_str(source).expect("a source")
}

#[test]
fn unsecured_tokens_claim_what_the_options_of_the_login_module_say() {
    let jaas = format!(
        "{OAUTH} unsecuredLoginStringClaim_name=\"alice\" unsecuredLoginPrincipalClaimName=name \
         unsecuredLoginNumberClaim_n=\"1.5\" unsecuredLoginListClaim_scope=\"|a|b\" unsecuredLoginLifetimeSeconds=60;"
    );
    let TokenSource::Unsecured(unsecured) = token_source(&sasl("oauthbearer", &jaas, &[])) else {
        panic!("other tokens");
    };
    let claims = serde_json::json!({ "name": "alice", "n": 1.5, "scope": ["a", "b"] });
    assert_eq!(serde_json::Value::Object(unsecured.claims), claims);
    assert_eq!((unsecured.principal_claim.as_str(), unsecured.lifetime_s), ("name", 60));
}

const ENDPOINT: &str = "sasl.oauthbearer.token.endpoint.url";
const OAUTH_HANDLER: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler";

#[test]
fn tokens_are_those_of_an_endpoint_or_a_file_where_that_is_what_the_url_names() {
    let jaas = format!("{OAUTH} clientId=\"me\" clientSecret=\"s\" scope=\"a b\";");
    let from = |others: &[(&str, &str)]| {
        let others = [&[(LOGIN_HANDLER, OAUTH_HANDLER)], others].concat();
        token_source(&sasl("OAUTHBEARER", &jaas, &others))
    };
    let TokenSource::Endpoint(endpoint) = from(&[(ENDPOINT, "https://t/token"), ("sasl.login.read.timeout.ms", "7")])
    else {
        panic!("other tokens");
    };
    assert_eq!(endpoint.url, "https://t/token");
    assert_eq!(
        (endpoint.client_id.as_str(), endpoint.client_secret.as_str()),
        ("me", "s")
    );
    assert_eq!(
        (endpoint.scope.as_deref(), endpoint.read_timeout.as_millis()),
        (Some("a b"), 7)
    );
    // Keys of their own come before the options of the login module.
    let own = [
        (ENDPOINT, "http://t"),
        ("sasl.oauthbearer.client.credentials.client.id", "other"),
        ("sasl.oauthbearer.scope", "c"),
    ];
    let TokenSource::Endpoint(endpoint) = from(&own) else {
        panic!("other tokens");
    };
    assert_eq!(
        (endpoint.client_id.as_str(), endpoint.scope.as_deref()),
        ("other", Some("c"))
    );
    let file = from(&[
        (ENDPOINT, "file:///run/to%20ken"),
        ("sasl.oauthbearer.sub.claim.name", "azp"),
    ]);
    let expected = TokenFile {
        path: "/run/to ken".to_owned(),
        principal_claim: "azp".to_owned(),
    };
    assert!(file == TokenSource::File(expected));
}

#[test]
fn amazon_msk_is_logged_in_to_by_both_of_its_mechanisms() {
    let servers = (
        "bootstrap.servers",
        "b-1.shop.a1b2.c2.kafka.eu-west-1.amazonaws.com:9098",
    );
    let handler = (
        "sasl.client.callback.handler.class",
        "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
    );
    let login = (
        LOGIN_HANDLER,
        "software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler",
    );
    let options =
        "awsProfileName=\"shop\" awsRoleArn=\"arn:aws:iam::1:role/cdc\" awsStsRegion=\"us-east-1\" awsDebugCreds=true;";
    let expected = TokenSource::MskIam(MskIam {
        region: Some("eu-west-1".to_owned()),
        profile: Some("shop".to_owned()),
        role: Some(AssumedRole {
            arn: "arn:aws:iam::1:role/cdc".to_owned(),
            session: None,
            external_id: None,
            region: Some("us-east-1".to_owned()),
        }),
    });
    let own = sasl("AWS_MSK_IAM", &format!("{MSK} {options}"), &[servers, handler]);
    assert!(token_source(&own) == expected);
    let oauth = sasl("OAUTHBEARER", &format!("{OAUTH} {options}"), &[servers, login]);
    assert!(token_source(&oauth) == expected);
    for servers in [
        "b-1.kafka.a1b2.c2.kafka.eu-west-1.amazonaws.com:9098,b-2.kafka.a1b2.c2.kafka.eu-west-1.amazonaws.com:9098",
        "SASL_SSL://boot-abc.c1.kafka-serverless.eu-west-1.amazonaws.com:9098",
        "b-1.shop.a1b2.c2.kafka.eu-west-1.amazonaws.com.cn:9098",
    ] {
        let named = ("bootstrap.servers", servers);
        let own = sasl("AWS_MSK_IAM", &format!("{MSK} {options}"), &[named, handler]);
        assert!(token_source(&own) == expected, "{servers}");
    }
    let elsewhere = sasl(
        "AWS_MSK_IAM",
        &format!("{MSK};"),
        &[("bootstrap.servers", "kafka:9098")],
    );
    let nothing = MskIam {
        region: None,
        profile: None,
        role: None,
    };
    assert!(token_source(&elsewhere) == TokenSource::MskIam(nothing));
}

#[test]
fn ways_to_log_in_that_are_not_built_in_are_refused_by_name() {
    let refused = |java: &BTreeMap<String, String>, named: &str| {
        let problems = translate_for(ClientKind::Producer, java).expect_err("refused");
        let is_named = problems.iter().any(|problem| problem.message.contains(named));
        assert!(is_named, "{problems:?} does not say {named}");
        assert!(!format!("{problems:?}").contains("canary"), "{problems:?}");
    };
    refused(
        &sasl("OAUTHBEARER", &format!("{OAUTH};"), &[]),
        "unsecuredLoginStringClaim_sub",
    );
    refused(
        &sasl(
            "OAUTHBEARER",
            &format!("{OAUTH} unsecuredLoginExtension_a=\"canary\";"),
            &[],
        ),
        "unsecuredLoginExtension_a",
    );
    refused(
        &sasl("OAUTHBEARER", &format!("{MSK} password=\"canary\";"), &[]),
        MSK.split(' ').next().unwrap_or(MSK),
    );
    refused(
        &sasl("AWS_MSK_IAM", &format!("{MSK} awsRoleSecretAccessKey=\"canary\";"), &[]),
        "awsRoleSecretAccessKey",
    );
    refused(
        &sasl(
            "OAUTHBEARER",
            &format!("{OAUTH} unsecuredLoginStringClaim_sub=\"a\";"),
            &[(ENDPOINT, "http://t")],
        ),
        OAUTH_HANDLER,
    );
    let asked = |options: &str, others: &[(&str, &str)]| {
        let others = [&[(LOGIN_HANDLER, OAUTH_HANDLER)], others].concat();
        sasl("OAUTHBEARER", &format!("{OAUTH} {options};"), &others)
    };
    refused(&asked("", &[]), "`sasl.oauthbearer.token.endpoint.url`: is missing");
    refused(
        &asked("clientId=a", &[(ENDPOINT, "http://t")]),
        "option `clientSecret` is missing",
    );
    refused(
        &asked("clientId=a clientSecret=canary", &[(ENDPOINT, "http://u:canary@t")]),
        "cannot hold credentials",
    );
    refused(
        &asked("clientId=a clientSecret=canary", &[(ENDPOINT, "ldap://t")]),
        "http, https and file are supported",
    );
    refused(
        &asked(
            "clientId=a clientSecret=canary extension_x=canary",
            &[(ENDPOINT, "http://t")],
        ),
        "option `extension_x` is not supported",
    );
    let bearer = "org.apache.kafka.common.security.oauthbearer.JwtBearerJwtRetriever";
    refused(
        &asked(
            "",
            &[(ENDPOINT, "http://t"), ("sasl.oauthbearer.jwt.retriever.class", bearer)],
        ),
        bearer,
    );
    refused(
        &sasl(
            "OAUTHBEARER",
            &format!("{OAUTH};"),
            &[(LOGIN_HANDLER, "com.example.Mine")],
        ),
        "com.example.Mine",
    );
    refused(&sasl("DIGEST", &format!("{OAUTH};"), &[]), "AWS_MSK_IAM are supported");
}

#[test]
fn what_only_a_jvm_understands_is_named_in_a_warning() {
    let client = translate_for(
        ClientKind::Producer,
        &map(&[("max.block.ms", "1"), ("transactional.id", "x"), ("lingger.ms", "1")]),
    );
    let warnings = client.expect("nothing here is refused").warnings;
    for named in ["max.block.ms", "transactional.id", "did you mean `linger.ms`"] {
        assert!(
            warnings.iter().any(|warning| warning.message.contains(named)),
            "{warnings:?} does not say {named}"
        );
    }
}

#[test]
fn debug_output_shows_no_values() {
    let client = translate_for(
        ClientKind::Producer,
        &map(&[
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "PLAIN"),
            (
                "sasl.jaas.config",
                r#"org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="canary";"#,
            ),
        ]),
    );
    assert!(!format!("{client:?}").contains("canary"));
}

#[test]
fn a_layer_without_security_inherits_it_and_one_with_starts_afresh() {
    let worker = map(&[
        ("bootstrap.servers", "a:1"),
        ("security.protocol", "SSL"),
        ("ssl.key.password", "x"),
    ]);
    let tuned = map(&[("batch.size", "5")]);
    assert_eq!(
        layer(&[&worker, &tuned]).get("security.protocol").map(String::as_str),
        Some("SSL")
    );
    let elsewhere = map(&[("bootstrap.servers", "b:1")]);
    assert_eq!(layer(&[&worker, &elsewhere]), elsewhere);
}

#[test]
fn a_log_inherits_the_log_in_on_the_same_servers_only() {
    let client = map(&[
        ("bootstrap.servers", "a:1,b:1"),
        ("security.protocol", "SASL_SSL"),
        ("sasl.jaas.config", "the client's"),
        ("batch.size", "5"),
    ]);
    let log = |servers: Option<&str>, own: &[(&str, &str)]| layer_log(&client, servers, &map(own));
    assert_eq!(log(None, &[]), client);
    assert_eq!(
        log(Some(" b:1, a:1"), &[]),
        client,
        "the same servers, in another order"
    );
    let elsewhere = map(&[("bootstrap.servers", "c:1"), ("batch.size", "5")]);
    assert_eq!(log(Some("c:1"), &[]), elsewhere, "the password stays here");
    assert_eq!(
        log(Some("a:1"), &[("bootstrap.servers", "c:1")]),
        elsewhere,
        "its own key wins"
    );
    let with_own_user = log(Some("a:1,b:1"), &[("sasl.jaas.config", "its own")]);
    let found = |key: &str| with_own_user.get(key).map(String::as_str);
    assert_eq!(found("sasl.jaas.config"), Some("its own"));
    assert_eq!(found("security.protocol"), Some("SASL_SSL"));
}

fn fitted(java: &[(&str, &str)]) -> TranslatedClient {
    let mut client = translate_for(ClientKind::Producer, &map(java)).expect("translated");
    client.fit_transactions();
    client
}

#[test]
fn a_record_is_never_delivered_longer_than_its_transaction_lasts() {
    let client = fitted(&[("delivery.timeout.ms", "120000")]);
    assert_eq!(client.settings.value("delivery.timeout.ms"), Some("60000"));
    assert!(
        client.warnings[0]
            .message
            .contains("`delivery.timeout.ms` is taken as 60000"),
        "{:?}",
        client.warnings
    );
    let client = fitted(&[("delivery.timeout.ms", "120000"), ("transaction.timeout.ms", "180000")]);
    assert_eq!(client.settings.value("delivery.timeout.ms"), Some("120000"));
    assert!(client.warnings.is_empty());
}

fn check_client(kind: ClientKind, java: &[(&str, &str)], naming: Option<&str>) {
    let given = map(java);
    let settings = translate_for(kind, &given).expect("translated").settings;
    let refused = refusal(kind, &settings, &given);
    let is_as_expected = match (&refused, naming) {
        (Some(problem), Some(key)) => problem.key == key && problem.message.starts_with(&format!("`{key}`: ")),
        (None, None) => true,
        _ => false,
    };
    assert!(is_as_expected, "{kind:?} of {java:?}: {refused:?}, and not {naming:?}");
}

#[test]
fn what_a_client_does_not_take_is_refused_under_javas_name() {
    for (key, value) in [
        ("bootstrap.servers", "k"),
        ("max.request.size", "lots"),
        ("batch.size", "-1"),
        ("acks", "most"),
        ("compression.type", "rar"),
        ("max.in.flight.requests.per.connection", "6"),
        ("request.timeout.ms", "-2"),
        ("enable.idempotence", "perhaps"),
    ] {
        check_client(ClientKind::Producer, &[(key, value)], Some(key));
    }
    let java = [("compression.type", "gzip"), ("compression.gzip.level", "10")];
    check_client(ClientKind::Producer, &java, Some("compression.gzip.level"));
    for (key, value) in [
        ("acks", "all"),
        ("acks", "-1"),
        ("acks", "1"),
        ("retries", "0"),
        ("batch.size", "0"),
        ("send.buffer.bytes", "-1"),
        ("compression.type", "ZSTD"),
        ("enable.idempotence", "false"),
        ("delivery.timeout.ms", "120000"),
    ] {
        check_client(ClientKind::Producer, &[(key, value)], None);
    }
    for kind in [ClientKind::Consumer, ClientKind::Admin] {
        check_client(kind, &[("bootstrap.servers", "k:1")], None);
    }
    let java = [("request.timeout.ms", "600000")];
    check_client(ClientKind::Consumer, &java, Some("request.timeout.ms"));
}

#[test]
fn no_setting_has_two_rules_for_the_same_client() {
    for kind in [ClientKind::Producer, ClientKind::Consumer, ClientKind::Admin] {
        let mut seen = BTreeSet::new();
        for (name, concerns, _) in RULES {
            assert!(
                !concerns_kind(*concerns, kind) || seen.insert(name),
                "{name} twice for {kind:?}"
            );
        }
    }
}
