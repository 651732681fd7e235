//! [`TokenServer`]: an authorization server that gives tokens for client credentials, once it is well.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use openssl::base64::encode_block;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server on loopback. Its tokens are signed by nobody, which is what the stack's broker takes.
pub struct TokenServer {
    port: u16,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

struct State {
    user: String,
    authorization: String,
    lifetime_s: u64,
    /// How many more are answered 503.
    unwell: AtomicUsize,
    asked: Mutex<Vec<String>>,
}

impl TokenServer {
    /// Gives tokens of `user` that are valid for so many seconds to whoever shows this secret. The first question finds it unwell.
    pub async fn start(user: &str, secret: &str, lifetime_s: u64) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(State {
            user: user.to_owned(),
            authorization: format!("Basic {}", encode_block(format!("{user}:{secret}").as_bytes())),
            lifetime_s,
            unwell: AtomicUsize::new(1),
            asked: Mutex::default(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&state)));
        Ok(TokenServer { port, state, task })
    }

    /// Where tokens are.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/token", self.port)
    }

    /// What it was asked.
    pub fn asked(&self) -> Vec<String> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A token that nobody signs.
pub fn unsigned_token(user: &str, lifetime_s: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let claims = json!({ "sub": user, "iat": now.as_secs(), "exp": now.as_secs() + lifetime_s });
    let part = |value: &Value| {
        let text = encode_block(value.to_string().as_bytes());
        text.trim_end_matches('=').replace('+', "-").replace('/', "_")
    };
    format!("{}.{}.", part(&json!({ "alg": "none" })), part(&claims))
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            // Who goes away in the middle asks again.
            drop(state.serve(client).await);
        });
    }
}

impl State {
    async fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let (mut request, mut piece) = (String::new(), [0; 4096]);
        while !is_whole(&request) {
            match client.read(&mut piece).await? {
                0 => return Ok(()),
                read => request.push_str(&String::from_utf8_lossy(&piece[..read])),
            }
        }
        let (status, body) = self.answer(&request);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let head = format!(
            "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        client.write_all((head + &body).as_bytes()).await
    }

    fn answer(&self, request: &str) -> (u16, String) {
        if self.unwell.swap(0, Ordering::Relaxed) > 0 {
            return (503, String::new());
        }
        let shows = |line: &str| {
            line.split_once(": ")
                .is_some_and(|(_, value)| value == self.authorization)
        };
        match request.lines().any(shows) && request.contains("grant_type=client_credentials") {
            true => {
                let token = unsigned_token(&self.user, self.lifetime_s);
                (
                    200,
                    json!({ "access_token": token, "token_type": "Bearer" }).to_string(),
                )
            }
            false => (
                401,
                json!({ "error": "invalid_client", "error_description": "who?" }).to_string(),
            ),
        }
    }
}

/// Whether the form is there.
fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse().ok())?
    });
    body.len() >= length.unwrap_or(0)
}
