//! TLS of a connection, by OpenSSL.

use native_tls::{Certificate, Identity, Protocol, TlsConnector};
use openssl::x509::X509;

use crate::error::{Error, Kind};
use crate::settings::Tls;

/// What connections are secured with.
pub(super) fn connector(tls: &Tls) -> Result<TlsConnector, Error> {
    let refuse = |what: &str, error: String| Error::new(Kind::Refused, format!("setting up TLS: {what}"), error);
    let mut builder = TlsConnector::builder();
    builder
        .min_protocol_version(Some(Protocol::Tlsv12))
        .danger_accept_invalid_hostnames(!tls.verify_hostname);
    if let Some(trusted) = &tls.trusted {
        let what = "the trusted certificates";
        builder.disable_built_in_roots(true);
        let certificates = X509::stack_from_pem(trusted.as_bytes()).map_err(|error| refuse(what, error.to_string()))?;
        for certificate in certificates {
            let der = certificate.to_der().map_err(|error| refuse(what, error.to_string()))?;
            let certificate = Certificate::from_der(&der).map_err(|error| refuse(what, error.to_string()))?;
            builder.add_root_certificate(certificate);
        }
    }
    if let Some((certificates, key)) = &tls.identity {
        let identity = Identity::from_pkcs8(certificates.as_bytes(), key.as_bytes())
            .map_err(|error| refuse("the client's certificate and key", error.to_string()))?;
        builder.identity(identity);
    }
    builder.build().map_err(|error| refuse("OpenSSL", error.to_string()))
}
