//! [`login`]: how a client logs in by SASL, out of the mechanism, the login module and the classes that Java would load.
//!
//! Classes are known by name, and what they do is done here: those of Kafka's own mechanisms, and those of AWS's library for
//! Amazon MSK (<https://github.com/aws/aws-msk-iam-auth>).

use std::collections::BTreeMap;

use connector_api::config::ConfigProblem;
use serde_json::{Map, Value};

use super::about;
use super::oauth::{self, ENDPOINT};
use super::rules::NO_KERBEROS;
use crate::config::jaas::{Credentials, Login};
use crate::kafka::{AssumedRole, MskIam, TokenSource, Unsecured};

const MECHANISM: &str = "sasl.mechanism";
const JAAS: &str = "sasl.jaas.config";
const LOGIN_HANDLER: &str = "sasl.login.callback.handler.class";
const CLIENT_HANDLER: &str = "sasl.client.callback.handler.class";

const OAUTH_MODULE: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
const UNSECURED_HANDLER: &str =
    "org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler";
const ENDPOINT_HANDLERS: [&str; 2] = [
    "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
    "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler",
];
const MSK_MODULE: &str = "software.amazon.msk.auth.iam.IAMLoginModule";
const MSK_CLIENT_HANDLER: &str = "software.amazon.msk.auth.iam.IAMClientCallbackHandler";
/// The same tokens by the mechanism OAUTHBEARER.
const MSK_LOGIN_HANDLER: &str = "software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler";

/// Settings of the client library.
type Settings = Vec<(&'static str, String)>;

/// What a client of `java` logs in by, which speaks SASL.
pub(super) fn login(java: &BTreeMap<String, String>) -> Result<Settings, ConfigProblem> {
    let given = |key: &str| {
        java.get(key)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    };
    let mechanism = given(MECHANISM).map(str::to_uppercase);
    let only = |key: &'static str, known: &[&str]| match given(key) {
        Some(class) if !known.contains(&class) => Err(about(
            key,
            format!("the Java class {class} cannot be loaded: use sasl.jaas.config"),
        )),
        class => Ok(class),
    };
    let jaas = || {
        given(JAAS).ok_or_else(|| {
            ConfigProblem::new(
                JAAS,
                "`sasl.jaas.config` is missing: it carries the login module and its options, such as user name and password",
            )
        })
    };
    let module = |known: &[&str]| {
        let login = Login::parse(jaas()?).and_then(|login| login.only_of(known));
        login.map_err(|problem| about(JAAS, problem))
    };
    match mechanism.as_deref() {
        None | Some("GSSAPI") => Err(about(MECHANISM, NO_KERBEROS)),
        Some(mechanism @ ("PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512")) => {
            only(CLIENT_HANDLER, &[])?;
            only(LOGIN_HANDLER, &[])?;
            let credentials = Credentials::parse(jaas()?).map_err(|problem| about(JAAS, problem))?;
            Ok(vec![
                (MECHANISM, mechanism.to_owned()),
                ("sasl.username", credentials.username),
                ("sasl.password", credentials.password),
            ])
        }
        Some("AWS_MSK_IAM") => {
            only(CLIENT_HANDLER, &[MSK_CLIENT_HANDLER])?;
            only(LOGIN_HANDLER, &[])?;
            Ok(tokens(msk_iam(module(&[MSK_MODULE])?, given("bootstrap.servers"))?))
        }
        Some("OAUTHBEARER") => {
            only(CLIENT_HANDLER, &[])?;
            let [endpoint, secured_endpoint] = ENDPOINT_HANDLERS;
            let known = [UNSECURED_HANDLER, MSK_LOGIN_HANDLER, endpoint, secured_endpoint];
            let source = match only(LOGIN_HANDLER, &known)? {
                Some(MSK_LOGIN_HANDLER) => msk_iam(module(&[OAUTH_MODULE])?, given("bootstrap.servers"))?,
                Some(class) if ENDPOINT_HANDLERS.contains(&class) => {
                    oauth::token_source(java, module(&[OAUTH_MODULE])?)?
                }
                _ if given(ENDPOINT).is_some() => {
                    return Err(about(ENDPOINT, format!("is used by `{LOGIN_HANDLER}={endpoint}` only")));
                }
                _ => unsecured(module(&[OAUTH_MODULE])?).map_err(|problem| about(JAAS, problem))?,
            };
            Ok(tokens(source))
        }
        Some(other) => Err(about(
            MECHANISM,
            format!(
                "`{other}` is unknown; PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER and AWS_MSK_IAM are supported"
            ),
        )),
    }
}

fn tokens(source: TokenSource) -> Settings {
    vec![
        (MECHANISM, "OAUTHBEARER".to_owned()),
        ("sasl.oauthbearer.config", source.to_string()),
    ]
}

/// The options of AWS's login module.
fn msk_iam(login: Login, servers: Option<&str>) -> Result<TokenSource, ConfigProblem> {
    let (mut profile, mut arn, mut session, mut external_id, mut region) = (None, None, None, None, None);
    for (option, value) in login.options {
        match option.as_str() {
            "awsProfileName" => profile = Some(value),
            "awsRoleArn" => arn = Some(value),
            "awsRoleSessionName" => session = Some(value),
            "awsRoleExternalId" => external_id = Some(value),
            "awsStsRegion" => region = Some(value),
            // How Java's library logs, and how often it asks again.
            "awsDebugCreds" | "awsMaxRetries" | "awsMaxBackOffTimeMs" => {}
            other => return Err(about(JAAS, format!("option `{other}` is not supported"))),
        }
    }
    let role = arn.map(|arn| AssumedRole {
        arn,
        session,
        external_id,
        region,
    });
    Ok(TokenSource::MskIam(MskIam {
        region: servers.and_then(region_of),
        profile,
        role,
    }))
}

/// The region in the name of a broker of MSK: `b-1.NAME.ID.c2.kafka.REGION.amazonaws.com:9098`, with `kafka-serverless` in the
/// place of `kafka` in serverless clusters.
fn region_of(servers: &str) -> Option<String> {
    let server = servers.split(',').next()?.trim();
    let server = server.split_once("://").map_or(server, |(_, behind)| behind);
    // From behind: a cluster can have any name.
    let mut labels = server.split(':').next()?.rsplit('.');
    labels.find(|label| *label == "amazonaws")?;
    let region = labels
        .next()
        .filter(|label| *label != "vpce")
        .or_else(|| labels.next())?;
    let service = labels.next()?;
    ["kafka", "kafka-serverless"]
        .contains(&service)
        .then(|| region.to_owned())
}

/// The options of Kafka's unsecured tokens.
fn unsecured(login: Login) -> Result<TokenSource, String> {
    let mut claims = Map::new();
    let mut principal_claim = "sub".to_owned();
    let mut lifetime_s = 3600;
    for (option, value) in login.options {
        let number = |text: &str| text.parse::<f64>().map_err(|_| format!("`{option}` is not a number"));
        if let Some(claim) = option.strip_prefix("unsecuredLoginStringClaim_") {
            claims.insert(claim.to_owned(), Value::from(value));
        } else if let Some(claim) = option.strip_prefix("unsecuredLoginNumberClaim_") {
            claims.insert(claim.to_owned(), Value::from(number(&value)?));
        } else if let Some(claim) = option.strip_prefix("unsecuredLoginListClaim_") {
            // Its first character is what separates the items.
            let separator = value.chars().next().ok_or_else(|| format!("`{option}` is empty"))?;
            let items = value.split(separator).skip(1).map(Value::from);
            claims.insert(claim.to_owned(), items.collect());
        } else {
            match option.as_str() {
                "unsecuredLoginPrincipalClaimName" => principal_claim = value,
                "unsecuredLoginLifetimeSeconds" => lifetime_s = number(&value)? as i64,
                // What a client calls its scope is nobody else's business.
                "unsecuredLoginScopeClaimName" => {}
                other => return Err(format!("option `{other}` is not supported")),
            }
        }
    }
    if !claims.get(&principal_claim).is_some_and(Value::is_string) {
        return Err(format!(
            "option `unsecuredLoginStringClaim_{principal_claim}` is missing"
        ));
    }
    Ok(TokenSource::Unsecured(Unsecured {
        claims,
        principal_claim,
        lifetime_s,
    }))
}
