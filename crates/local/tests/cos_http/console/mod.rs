//! The console: who may see it, and what it is told, over sockets.

mod guard;
#[cfg(feature = "pictures")]
mod pictures;
mod requests;
mod stored;
mod work;

use serde_json::Value;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::environment::{Environment, System};
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, Settings};

use crate::fixture::{BUCKET, NOW, REGION, Standing};
use crate::sockets::{Served, status};

/// A cloud that listens, its bucket, and a browser on this machine.
struct Console {
    served: Served,
    cos: tcloud_cos::Client,
    ci: tcloud_ci::Client,
}

impl Console {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let served = Served::new(settings.default_region(REGION).bucket(BUCKET)).await;
        let config = Config::builder()
            .check_limits(false)
            .region(REGION)
            .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
            .environment(Standing(NOW))
            .transport(served.fixture.cloud.transport())
            .build()
            .unwrap();
        Self {
            served,
            cos: tcloud_cos::Client::new(&config),
            ci: tcloud_ci::Client::new(&config),
        }
    }

    /// All of the answer to `<method> <path>` with these headers.
    async fn exchange(&self, line: &str, headers: &[&str], body: &str) -> String {
        // In one piece: an older client knows no chunks.
        let line = format!("{line} HTTP/1.0");
        let host = format!("Host: localhost:{}", self.served.port);
        let length = format!("Content-Length: {}", body.len());
        let named = headers.iter().any(|header| header.starts_with("Host:"));
        let host = (!named).then_some(host.as_str());
        let mut head = vec![line.as_str(), &length];
        head.extend(host);
        head.extend(headers);
        self.served.exchange(&head, body).await
    }

    /// Status and body of the answer.
    async fn ask(&self, line: &str, body: &str) -> (String, String) {
        let answer = self.exchange(line, &[], body).await;
        let (_, content) = answer.split_once("\r\n\r\n").unwrap();
        (status(&answer).to_owned(), content.to_owned())
    }

    /// The document of an answer that is none of an error.
    async fn json(&self, line: &str, body: &str) -> Value {
        let (status, text) = self.ask(line, body).await;
        assert_eq!(status, "200", "{line}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The id of the last request of a program.
    async fn last(&self) -> String {
        let log = self.json("GET /_local/requests?limit=1", "").await;
        let id = log.pointer("/requests/0/requestId").unwrap();
        id.as_str().unwrap().to_owned()
    }

    /// The last request of a program, as it is shown.
    async fn shown(&self) -> Value {
        let id = self.last().await;
        let line = format!("GET /_local/console/requests/{id}");
        self.json(&line, "").await
    }

    /// Asks until `is_there` holds.
    async fn until(&self, line: &str, is_there: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..3_000 {
            let found = self.json(line, "").await;
            if is_there(&found) {
                return found;
            }
            System.sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{line} did not come to it");
    }
}

/// The headers of an answer.
fn head(answer: &str) -> String {
    let (head, _) = answer.split_once("\r\n\r\n").unwrap();
    head.to_ascii_lowercase()
}
