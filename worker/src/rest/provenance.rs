//! Where a request comes from: pages of other sites do not drive this worker through their reader's browser.
//!
//! REST has no log-in, so reaching it is the right to use it, and a browser reaches what its user reaches. Two ways lead from
//! a foreign page to a listener that only this machine should know. The page sends a request to it, which the browser marks
//! with `Origin` or `Sec-Fetch-Site` (Fetch Metadata Request Headers, W3C); or the page's own name is made to resolve to this
//! machine, and then its requests carry that name as `Host`. Programs send none of the marks and are not concerned.
//!
//! Origins that `access.control.allow.origin` names are those that the operator wants.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Request, StatusCode, Version};

use super::error::ApiError;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a listener takes.
#[derive(Debug, Clone)]
pub(super) struct Admission {
    /// Names by which a listener that only this machine reaches may be addressed, beside those of the loopback interface.
    /// `None`: the listener is reached from elsewhere, by names that nobody knows here.
    loopback_names: Option<Vec<String>>,
    allowed_origins: Vec<String>,
}

impl Admission {
    /// `names` are those that the configuration gives to the worker; `allowed_origins` is `access.control.allow.origin`.
    pub(super) fn new(is_loopback: bool, names: Vec<String>, allowed_origins: Option<&str>) -> Self {
        let allowed = allowed_origins.unwrap_or_default().split(',').map(str::trim);
        Admission {
            loopback_names: is_loopback.then_some(names),
            allowed_origins: allowed.filter(|origin| !origin.is_empty()).map(str::to_owned).collect(),
        }
    }

    /// Refuses what comes from elsewhere.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), ApiError> {
        let addressed = addressed(request)?;
        if let (Some(names), Some(host)) = (&self.loopback_names, &addressed)
            && !is_loopback(host.host())
            && !names.iter().any(|name| name.eq_ignore_ascii_case(host.host()))
        {
            return Err(forbidden(format!(
                "This listener is for this machine only and is not known as {}: address it as localhost or 127.0.0.1; if a \
                 proxy on this machine passes the name on, set rest.advertised.host.name to it in worker.properties",
                host.host()
            )));
        }
        self.check_origin(request.headers(), addressed.as_ref())
    }

    fn check_origin(&self, headers: &HeaderMap, addressed: Option<&Authority>) -> Result<(), ApiError> {
        let is_cross_site = headers
            .get(SEC_FETCH_SITE)
            .is_some_and(|site| site.as_bytes().eq_ignore_ascii_case(b"cross-site"));
        let Some(origin) = headers.get(ORIGIN) else {
            let is_open = self.allowed_origins.iter().any(|allowed| allowed == "*");
            return match is_cross_site && !is_open {
                true => Err(forbidden(
                    "Requests that a page of another site makes are refused".to_owned(),
                )),
                false => Ok(()),
            };
        };
        let origin = String::from_utf8_lossy(origin.as_bytes()).into_owned();
        if self.allows(&origin) || (!is_cross_site && is_own(&origin, addressed)) {
            return Ok(());
        }
        Err(forbidden(format!(
            "Requests from pages of {origin} are refused; if they shall be taken, name it in access.control.allow.origin in \
             worker.properties"
        )))
    }

    /// What `Access-Control-Allow-Origin` says to such a request: the origin that is allowed, or that all are.
    pub(super) fn answered_origin(&self, headers: &HeaderMap) -> Option<String> {
        if self.allowed_origins.iter().any(|allowed| allowed == "*") {
            return Some("*".to_owned());
        }
        let origin = headers.get(ORIGIN)?.to_str().ok()?;
        self.allows(origin).then(|| origin.to_owned())
    }

    fn allows(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|allowed| matches(allowed, origin))
    }
}

fn forbidden(message: String) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, message)
}

/// The name and port that the request was sent to: those of an absolute URI, else of `Host`. Only a client of HTTP/1.0 need not
/// say (RFC 9112, section 3.2).
fn addressed<B>(request: &Request<B>) -> Result<Option<Authority>, ApiError> {
    let bad = |message: &str| Err(ApiError::bad_request(message));
    let mut given = request.headers().get_all(HOST).iter();
    let host = match (given.next(), given.next()) {
        (Some(host), None) => match Authority::try_from(host.as_bytes()) {
            Ok(host) if !host.as_str().contains('@') => Some(host),
            _ => return bad("The Host header is no valid host"),
        },
        (Some(_), Some(_)) => return bad("The request has more than one Host header"),
        (None, _) if request.version() >= Version::HTTP_11 => return bad("The request has no Host header"),
        (None, _) => None,
    };
    Ok(request.uri().authority().cloned().or(host))
}

/// `localhost`, 127.0.0.0/8 and `::1`, and nothing that a resolver answers.
fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let address = host.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a page of `origin` was served from where the request was sent to. A proxy may have ended TLS in between.
fn is_own(origin: &str, addressed: Option<&Authority>) -> bool {
    let Some((scheme, place)) = origin.split_once("://") else {
        return false;
    };
    let default = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    match (place.parse::<Authority>(), addressed) {
        (Ok(place), Some(addressed)) => {
            place.host().eq_ignore_ascii_case(addressed.host())
                && place.port_u16().unwrap_or(default) == addressed.port_u16().unwrap_or(default)
        }
        _ => false,
    }
}

/// An allowed origin may have one or more `*`, each for any text, as in Kafka Connect.
fn matches(pattern: &str, origin: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern.eq_ignore_ascii_case(origin);
    };
    let begins = origin
        .get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start));
    begins && (start.len()..=origin.len()).any(|end| origin.get(end..).is_some_and(|tail| matches(rest, tail)))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::Admission;

    fn check(admission: &Admission, headers: &[(&str, &str)], expected: Result<(), &str>) {
        let mut request = Request::builder().uri("/connectors");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = admission.check(&request.body(()).expect("a request"));
        match expected {
            Ok(()) => assert_eq!(answer, Ok(()), "{headers:?}"),
            Err(naming) => {
                let error = answer.err().map(|error| format!("{error:?}")).unwrap_or_default();
                assert!(error.contains(naming), "{headers:?}: {error}");
            }
        }
    }

    fn loopback() -> Admission {
        Admission::new(true, vec!["worker-1".to_owned()], None)
    }

    #[test]
    fn a_loopback_listener_is_addressed_by_loopback_names_only() {
        for host in [
            "localhost:8083",
            "LOCALHOST",
            "localhost.",
            "127.0.0.1:9",
            "127.8.9.1",
            "[::1]:8083",
            "worker-1",
        ] {
            check(&loopback(), &[("host", host)], Ok(()));
        }
        for host in [
            "evil.example:8083",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "0.0.0.0:8083",
            "10.0.0.1",
        ] {
            check(&loopback(), &[("host", host)], Err("403"));
            check(&Admission::new(false, Vec::new(), None), &[("host", host)], Ok(()));
        }
        for host in ["user@localhost", "", "a b"] {
            check(&loopback(), &[("host", host)], Err("400"));
        }
        check(&loopback(), &[], Err("no Host"));
        check(
            &loopback(),
            &[("host", "localhost"), ("host", "localhost")],
            Err("more than one"),
        );
    }

    #[test]
    fn an_absolute_uri_names_what_is_addressed() {
        let request = Request::builder()
            .uri("http://evil.example/connectors")
            .header("host", "localhost");
        assert!(loopback().check(&request.body(()).expect("a request")).is_err());
    }

    #[test]
    fn only_own_and_allowed_origins_are_taken_on_every_listener() {
        let open = |allowed| Admission::new(false, Vec::new(), allowed);
        let own = [("host", "connect:8083"), ("origin", "http://connect:8083")];
        let ended_tls = [("host", "connect.example"), ("origin", "https://connect.example")];
        let foreign = [("host", "connect:8083"), ("origin", "https://ui.example")];
        check(&open(None), &own, Ok(()));
        check(&open(None), &ended_tls, Ok(()));
        check(&open(None), &foreign, Err("https://ui.example"));
        for (origin, host) in [
            ("null", "connect"),
            ("http://connect:3000", "connect:8083"),
            ("file://connect", "connect"),
        ] {
            check(&open(None), &[("host", host), ("origin", origin)], Err("403"));
        }
        for allowed in ["*", "https://other, https://ui.example", "https://*.example"] {
            check(&open(Some(allowed)), &foreign, Ok(()));
        }
        for allowed in ["https://*.other", "http://ui.example", "https://ui.example.com"] {
            check(&open(Some(allowed)), &foreign, Err("403"));
        }
    }

    #[test]
    fn requests_from_pages_of_other_sites_are_refused() {
        let from = |site| [("host", "localhost:8083"), ("sec-fetch-site", site)];
        check(&loopback(), &from("cross-site"), Err("another site"));
        for site in ["same-origin", "same-site", "none"] {
            check(&loopback(), &from(site), Ok(()));
        }
        check(
            &Admission::new(true, Vec::new(), Some("*")),
            &from("cross-site"),
            Ok(()),
        );
    }
}
