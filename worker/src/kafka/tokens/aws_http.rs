//! [`client`]: HTTP for AWS's libraries, by the client that everything else here uses.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

/// What AWS's libraries give no limit for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client for the configuration of AWS's libraries.
pub(super) fn client() -> SharedHttpClient {
    http_client_fn(|settings, _| {
        let limit = settings.read_timeout().unwrap_or(PATIENCE);
        let client = reqwest::Client::builder()
            .connect_timeout(settings.connect_timeout().unwrap_or(PATIENCE))
            .timeout(limit)
            // Credentials are asked of who is named, and of nobody else.
            .redirect(reqwest::redirect::Policy::none())
            .build();
        SharedHttpConnector::new(Connector(client.map_err(|error| error.to_string())))
    })
}

#[derive(Debug)]
struct Connector(Result<reqwest::Client, String>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let client = client.map_err(|reason| ConnectorError::user(reason.into()))?;
            sent(&client, request).await
        })
    }
}

async fn sent(client: &reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let body = body.bytes().map(<[u8]>::to_vec).unwrap_or_default();
    let request = client
        .request(parts.method, parts.uri.to_string())
        .headers(parts.headers)
        .body(body);
    let failed = |error: reqwest::Error| match error.is_timeout() {
        true => ConnectorError::timeout(error.into()),
        false => ConnectorError::io(error.into()),
    };
    let answer = request.send().await.map_err(failed)?;
    let mut response = http::Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let body = answer.bytes().await.map_err(failed)?;
    let response = response
        .body(SdkBody::from(body.to_vec()))
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    response
        .try_into()
        .map_err(|error: aws_smithy_runtime_api::http::HttpError| ConnectorError::other(error.into(), None))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_request_and_its_answer_are_carried_over() {
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = server.local_addr().expect("an address");
        let served = tokio::spawn(async move {
            let (mut stream, _) = server.accept().await.expect("a connection");
            let mut asked = vec![0; 4096];
            let read = stream.read(&mut asked).await.expect("a request");
            let answer = "HTTP/1.1 404 Not Found\r\nx-said: so\r\ncontent-length: 4\r\nconnection: close\r\n\r\nnone";
            stream.write_all(answer.as_bytes()).await.expect("written");
            String::from_utf8_lossy(&asked[..read]).into_owned()
        });
        let connector = Connector(Ok(reqwest::Client::new()));
        let mut request = HttpRequest::get(format!("http://{address}/latest?a=%2F")).expect("a request");
        request.headers_mut().insert("x-asked", "this");
        let mut answer = connector.call(request).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 404);
        assert_eq!(answer.headers().get("x-said"), Some("so"));
        assert_eq!(answer.take_body().bytes(), Some(&b"none"[..]));
        let asked = served.await.expect("what was asked");
        assert!(asked.starts_with("GET /latest?a=%2F HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains("x-asked: this\r\n"), "{asked}");
    }
}
