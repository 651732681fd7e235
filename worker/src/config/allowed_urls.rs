//! [`problems`]: which authorization servers and token files a connector may name (CVE-2025-27817: whoever may configure a
//! connector could have a worker ask any server and read any file).
//!
//! Java's clients use no URL that is not in the JVM's property `org.apache.kafka.sasl.oauthbearer.allowed.urls`. Here that is a
//! line of worker.properties, and what worker.properties itself uses needs none.

use connector_api::ConfigMap;

use super::client::ENDPOINT;

/// The list.
pub(super) const ALLOWED: &str = "org.apache.kafka.sasl.oauthbearer.allowed.urls";

/// Keys of `connector` that name a URL which is not allowed, each with a sentence.
pub(super) fn problems(worker: &ConfigMap, connector: &ConfigMap) -> Vec<(String, String)> {
    let listed = worker.get(ALLOWED).map(String::as_str).unwrap_or_default();
    let own = endpoints(worker).map(|(_, url)| url);
    let allowed: Vec<&str> = listed.split(',').map(str::trim).chain(own).collect();
    endpoints(connector)
        .filter(|(_, url)| !url.is_empty() && !allowed.contains(url))
        .map(|(key, url)| {
            let sentence = format!(
                "`{key}`: {url} is not allowed for connectors; add it to `{ALLOWED}` in the properties of the worker"
            );
            (key.to_owned(), sentence)
        })
        .collect()
}

fn endpoints(config: &ConfigMap) -> impl Iterator<Item = (&str, &str)> {
    config
        .iter()
        .filter(|(key, _)| {
            key.strip_suffix(ENDPOINT)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
        .map(|(key, url)| (key.as_str(), url.trim()))
}

#[cfg(test)]
mod tests {
    use connector_api::ConfigMap;

    use super::{ALLOWED, problems};

    fn map(pairs: &[(&str, &str)]) -> ConfigMap {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_connector_names_what_the_worker_lists_or_uses_itself() {
        let worker = map(&[
            (ALLOWED, "https://a/token, file:///run/token"),
            ("producer.sasl.oauthbearer.token.endpoint.url", "https://b/token"),
        ]);
        let refused = |key: &str, url: &str| {
            let found = problems(&worker, &map(&[(key, url)]));
            found.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        let key = "producer.override.sasl.oauthbearer.token.endpoint.url";
        let history = "schema.history.internal.consumer.sasl.oauthbearer.token.endpoint.url";
        for url in ["https://a/token", "file:///run/token", " https://b/token"] {
            assert_eq!(refused(key, url), Vec::<String>::new(), "{url}");
        }
        assert_eq!(refused(key, "https://c/token"), [key]);
        assert_eq!(refused(history, "file:///etc/shadow"), [history]);
    }
}
