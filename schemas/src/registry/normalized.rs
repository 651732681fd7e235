//! [`NormalizingClient`]: `normalize.schemas=true`, by which the registry compares and keeps a schema in its normal form. The
//! crate that asks everything else does not know that parameter of the two calls.

use reqwest::{Client, Url};
use serde_json::{Value, json};

use super::auth::Credentials;
use super::error::RegistryError;
use super::subject::Subject;

const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// Asks one address.
pub(super) struct NormalizingClient {
    pub(super) client: Client,
    pub(super) credentials: Credentials,
}

impl NormalizingClient {
    /// The id of a schema, which is registered unless it is only looked up.
    pub(super) async fn schema_id(
        &self,
        url: &str,
        subject: &Subject,
        schema: &str,
        registers: bool,
    ) -> Result<Option<u32>, RegistryError> {
        let asked = address(url, subject, registers).ok_or_else(|| RegistryError::NoRegistry {
            url: url.to_owned(),
            reason: "its address cannot have a path".to_owned(),
        })?;
        let request = self
            .client
            .post(asked)
            .header("content-type", MEDIA_TYPE)
            .header("accept", MEDIA_TYPE)
            .body(json!({ "schema": schema }).to_string());
        let request = match &self.credentials {
            Credentials::None => request,
            Credentials::Basic { user, password } => request.basic_auth(user, Some(&password.0)),
            Credentials::Bearer(token) => request.bearer_auth(&token.0),
        };
        let failed = |error: reqwest::Error| RegistryError::of_transport(url, subject, &error);
        let answer = request.send().await.map_err(failed)?;
        let status = answer.status();
        if status.is_success() {
            let known: Value = answer.json().await.map_err(failed)?;
            return Ok(known["id"].as_u64().and_then(|id| u32::try_from(id).ok()));
        }
        let refusal: Value = answer.json().await.unwrap_or_default();
        let code = refusal["error_code"].as_u64().and_then(|code| u32::try_from(code).ok());
        let message = refusal["message"].as_str().unwrap_or_default();
        let (code, status) = (code.unwrap_or_default(), status.as_u16());
        Err(RegistryError::of_status(url, subject, status, code, message))
    }
}

fn address(url: &str, subject: &Subject, registers: bool) -> Option<Url> {
    let mut asked = Url::parse(url).ok()?;
    let segments = ["subjects", subject.as_str()].into_iter();
    asked
        .path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(segments.chain(registers.then_some("versions")));
    asked.set_query(Some(match registers {
        true => "normalize=true",
        false => "normalize=true&deleted=false",
    }));
    Some(asked)
}

#[cfg(test)]
mod tests {
    use super::address;
    use crate::registry::{Role, SubjectNames};

    #[test]
    fn a_subject_is_one_part_of_the_path_whatever_is_in_it() {
        let subject = SubjectNames::Topic
            .subject("a/b?c", Role::Key, None)
            .expect("a subject");
        let asked = |registers| address("http://r:1/apis/v7", &subject, registers).map(String::from);
        assert_eq!(
            asked(true).as_deref(),
            Some("http://r:1/apis/v7/subjects/a%2Fb%3Fc-key/versions?normalize=true")
        );
        assert_eq!(
            asked(false).as_deref(),
            Some("http://r:1/apis/v7/subjects/a%2Fb%3Fc-key?normalize=true&deleted=false")
        );
    }
}
