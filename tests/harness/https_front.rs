//! [`HttpsFront`]: HTTPS in front of a server that speaks HTTP, as a reverse proxy gives it to a schema registry.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use native_tls::{Identity, TlsAcceptor};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, split};
use tokio::net::{TcpListener, TcpStream};

/// A relay on loopback that ends TLS.
pub struct HttpsFront {
    port: u16,
    asked: Arc<Mutex<Vec<u8>>>,
    task: tokio::task::JoinHandle<()>,
}

impl HttpsFront {
    /// Relays to `port` of 127.0.0.1, with the certificate and key of a PKCS12 store.
    pub async fn to(port: u16, store: &[u8], password: &str) -> Result<Self> {
        let acceptor = TlsAcceptor::new(Identity::from_pkcs12(store, password)?)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let own = listener.local_addr()?.port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(accept(listener, acceptor.into(), port, Arc::clone(&asked)));
        Ok(HttpsFront { port: own, asked, task })
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

async fn accept(listener: TcpListener, acceptor: tokio_native_tls::TlsAcceptor, port: u16, asked: Arc<Mutex<Vec<u8>>>) {
    while let Ok((client, _)) = listener.accept().await {
        let (acceptor, asked) = (acceptor.clone(), Arc::clone(&asked));
        tokio::spawn(async move {
            // A client that does not like the certificate goes away; that is its affair.
            if let Ok(client) = acceptor.accept(client).await {
                drop(relay(client, port, &asked).await);
            }
        });
    }
}

async fn relay(
    client: tokio_native_tls::TlsStream<TcpStream>,
    port: u16,
    asked: &Mutex<Vec<u8>>,
) -> std::io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut from_client, mut to_client) = split(client);
    let (mut from_server, mut to_server) = server.into_split();
    let requests = async {
        let mut buffer = vec![0; 16 << 10];
        loop {
            let length = from_client.read(&mut buffer).await?;
            if length == 0 {
                return to_server.shutdown().await;
            }
            asked
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend_from_slice(&buffer[..length]);
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
