//! [`HttpsFront`]: HTTPS with a log-in in front of a server that speaks HTTP, as a reverse proxy gives it to a schema registry.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use native_tls::{Identity, TlsAcceptor};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink, split};
use tokio::net::{TcpListener, TcpStream};
use tokio_native_tls::TlsStream;

/// What a registry says to somebody it does not know.
const UNAUTHORIZED: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nConnection: close\r\n\
    Content-Length: 43\r\n\r\n{\"error_code\":401,\"message\":\"Unauthorized\"}";

/// A relay on loopback that ends TLS.
pub struct HttpsFront {
    port: u16,
    asked: Arc<Mutex<Vec<u8>>>,
    task: tokio::task::JoinHandle<()>,
}

impl HttpsFront {
    /// Relays to `port` of 127.0.0.1, with the certificate and key of a PKCS12 store. Who comes without this
    /// `Authorization` is answered 401.
    pub async fn to(port: u16, store: &[u8], password: &str, authorization: &str) -> Result<Self> {
        let acceptor = TlsAcceptor::new(Identity::from_pkcs12(store, password)?)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let gate = Gate {
            server: port,
            authorization: authorization.to_owned(),
            asked: Arc::clone(&asked),
        };
        Ok(HttpsFront {
            port: listener.local_addr()?.port(),
            asked,
            task: tokio::spawn(accept(listener, acceptor.into(), gate)),
        })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What clients have sent, decrypted.
    pub fn asked(&self) -> String {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&asked).into_owned()
    }
}

impl Drop for HttpsFront {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, acceptor: tokio_native_tls::TlsAcceptor, gate: Gate) {
    while let Ok((client, _)) = listener.accept().await {
        let (acceptor, gate) = (acceptor.clone(), gate.clone());
        tokio::spawn(async move {
            // A client that does not like the certificate goes away; that is its affair.
            if let Ok(client) = acceptor.accept(client).await {
                drop(gate.serve(client).await);
            }
        });
    }
}

/// Lets clients through to the server that show the right `Authorization` in the first request of their connection.
#[derive(Clone)]
struct Gate {
    server: u16,
    authorization: String,
    asked: Arc<Mutex<Vec<u8>>>,
}

impl Gate {
    async fn serve(&self, mut client: TlsStream<TcpStream>) -> std::io::Result<()> {
        let mut first = Vec::new();
        while !first.windows(4).any(|end| end == b"\r\n\r\n") {
            if client.read_buf(&mut first).await? == 0 {
                return Ok(());
            }
        }
        self.note(&first);
        if self.admits(&String::from_utf8_lossy(&first)) {
            return self.relay(client, &first).await;
        }
        client.write_all(UNAUTHORIZED.as_bytes()).await?;
        client.shutdown().await?;
        // Unread bytes would make the kernel reset the connection, and the answer would be lost.
        copy(&mut client, &mut sink()).await.map(|_| ())
    }

    fn admits(&self, request: &str) -> bool {
        let mut headers = request.lines().filter_map(|line| line.split_once(": "));
        headers.any(|(name, value)| name.eq_ignore_ascii_case("authorization") && value == self.authorization)
    }

    async fn relay(&self, client: TlsStream<TcpStream>, first: &[u8]) -> std::io::Result<()> {
        let server = TcpStream::connect(("127.0.0.1", self.server)).await?;
        let (mut from_client, mut to_client) = split(client);
        let (mut from_server, mut to_server) = server.into_split();
        let requests = async {
            to_server.write_all(first).await?;
            let mut buffer = vec![0; 16 << 10];
            loop {
                let length = from_client.read(&mut buffer).await?;
                if length == 0 {
                    return to_server.shutdown().await;
                }
                self.note(&buffer[..length]);
                to_server.write_all(&buffer[..length]).await?;
            }
        };
        let answers = async {
            copy(&mut from_server, &mut to_client).await?;
            to_client.shutdown().await
        };
        tokio::try_join!(requests, answers)?;
        Ok(())
    }

    fn note(&self, bytes: &[u8]) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.extend_from_slice(bytes);
    }
}
