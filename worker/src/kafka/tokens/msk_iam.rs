//! [`MskIam`]: tokens of Amazon MSK, made of AWS credentials.
//!
//! MSK has two mechanisms behind one port, its own (AWS_MSK_IAM) and OAUTHBEARER, for the same credentials and permissions. The
//! client library speaks the second. The token is a signed request that nobody sends: the base64url of the URL of the action
//! `kafka-cluster:Connect`, presigned for 15 minutes with Signature Version 4
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>), as the signers that AWS publishes for MSK
//! make it. Credentials come from where AWS's libraries look for them: environment, profile, web identity, container, instance.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::BehaviorVersion;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_types::region::Region;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::OAuthToken;
use serde::{Deserialize, Serialize};

use super::aws_http;

/// Whose credentials sign, and for where.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MskIam {
    /// The region of the brokers; without it, that of the AWS configuration.
    pub region: Option<String>,
    /// A profile of the AWS configuration files (`awsProfileName`).
    pub profile: Option<String>,
    /// A role to assume (`awsRoleArn`).
    pub role: Option<AssumedRole>,
}

/// A role to assume at the security token service.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssumedRole {
    /// `awsRoleArn`
    pub arn: String,
    /// `awsRoleSessionName`
    pub session: Option<String>,
    /// `awsRoleExternalId`
    pub external_id: Option<String>,
    /// `awsStsRegion`
    pub region: Option<String>,
}

/// For how long a token may open connections.
const LIFETIME: Duration = Duration::from_secs(900);
/// From the first question for credentials to the last answer.
const PATIENCE: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("rowmill%2F", env!("CARGO_PKG_VERSION"));

impl MskIam {
    /// Blocks; not on a thread that serves futures.
    pub(super) fn token(self) -> Result<OAuthToken, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("no runtime for AWS: {error}"))?;
        let credentials = async { tokio::time::timeout(PATIENCE, self.credentials()).await };
        let (credentials, region) = runtime
            .block_on(credentials)
            .map_err(|_| format!("AWS gave no credentials within {} s", PATIENCE.as_secs()))??;
        token(&credentials, &region, SystemTime::now())
    }

    async fn credentials(&self) -> Result<(Credentials, String), String> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(aws_http::client());
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        let config = loader.load().await;
        let region = config.region().ok_or(
            "the region is not known: the brokers' names do not tell it, so set AWS_REGION or `region` of the profile",
        )?;
        let provider = match &self.role {
            Some(role) => SharedCredentialsProvider::new(role.assumed_with(&config).await),
            None => config
                .credentials_provider()
                .ok_or("AWS's libraries look for credentials nowhere")?,
        };
        let credentials = provider.provide_credentials().await.map_err(|error| {
            let causes: Vec<String> = causes(&error);
            format!("AWS credentials cannot be had: {}", causes.join(": "))
        })?;
        Ok((credentials, region.to_string()))
    }
}

impl AssumedRole {
    async fn assumed_with(&self, config: &aws_types::SdkConfig) -> AssumeRoleProvider {
        let session = self.session.as_deref().unwrap_or("rowmill");
        let mut role = AssumeRoleProvider::builder(&self.arn)
            .session_name(session)
            .configure(config);
        if let Some(external_id) = &self.external_id {
            role = role.external_id(external_id);
        }
        if let Some(region) = &self.region {
            role = role.region(Region::new(region.clone()));
        }
        role.build().await
    }
}

/// The error and what it came from, which is where AWS's libraries say what happened.
fn causes(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect()
}

/// The token that `credentials` make for the brokers of `region` at `now`.
fn token(credentials: &Credentials, region: &str, now: SystemTime) -> Result<OAuthToken, String> {
    let url = presigned(credentials, region, now).map_err(|error| format!("signing a token for MSK: {error}"))?;
    let expires = (now + LIFETIME).duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(OAuthToken {
        token: URL_SAFE_NO_PAD.encode(format!("{url}&User-Agent={USER_AGENT}")),
        principal_name: credentials.access_key_id().to_owned(),
        lifetime_ms: i64::try_from(expires.as_millis()).unwrap_or(i64::MAX),
    })
}

fn presigned(
    credentials: &Credentials,
    region: &str,
    now: SystemTime,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let url = format!("https://kafka.{region}.amazonaws.com/?Action=kafka-cluster%3AConnect");
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(LIFETIME);
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("kafka-cluster")
        .time(now)
        .settings(settings)
        .build()?
        .into();
    let request = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(&[]))?;
    let (signed, _) = sign(request, &params)?.into_parts();
    let mut request = http::Request::get(&url).body(())?;
    signed.apply_to_request_http1x(&mut request);
    Ok(request.uri().to_string())
}

#[cfg(test)]
mod tests;
