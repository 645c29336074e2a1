//! A local cloud at a standing time, and ways to talk to it.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Request, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::environment::{Environment, System};
use tcloud_core::error::Error;
use tcloud_core::future::BoxFuture;
use tcloud_core::transport::Transport;
use tcloud_cos::Client;
use tcloud_local::ManualClock;
use tcloud_local::{AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};

/// The time of every cloud: 2023-11-14T22:13:20Z, in milliseconds.
pub(crate) const NOW: i64 = 1_700_000_000_000;
pub(crate) const BUCKET: &str = "album-1250000000";
pub(crate) const REGION: &str = "ap-chongqing";

pub(crate) struct Fixture {
    pub(crate) cloud: LocalCloud,
    pub(crate) clock: Arc<ManualClock>,
}

/// A clock that stands at a time in milliseconds, while time passes: calls have timeouts.
#[derive(Debug)]
pub(crate) struct Standing(pub(crate) i64);

impl Environment for Standing {
    fn now(&self) -> i64 {
        self.0
    }

    fn monotonic(&self) -> Duration {
        System.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        System.sleep(duration)
    }

    fn random(&self) -> u64 {
        0
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The text of the first element `name`.
    pub(crate) fn element(&self, name: &str) -> &str {
        let (_, rest) = self
            .text
            .split_once(&format!("<{name}>"))
            .unwrap_or_default();
        rest.split_once('<').unwrap_or_default().0
    }
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub(crate) async fn mode(mode: AuthMode) -> Self {
        Self::with(Settings::default().auth(mode)).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let cloud = LocalCloud::start(settings.clock(Arc::clone(&clock) as _))
            .await
            .unwrap();
        Self { cloud, clock }
    }

    /// A cloud with [`BUCKET`] in it, and its client.
    pub(crate) async fn with_bucket() -> (Self, Client) {
        let fixture = Self::new().await;
        let client = fixture.client();
        client.put_bucket(BUCKET).send().await.unwrap();
        (fixture, client)
    }

    pub(crate) fn client(&self) -> Client {
        self.client_at(NOW)
    }

    /// A client whose clock shows `now`.
    pub(crate) fn client_at(&self, now: i64) -> Client {
        self.client_of(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY), now)
    }

    pub(crate) fn client_of(&self, credentials: Credentials, now: i64) -> Client {
        Self::client_over(self.cloud.transport(), credentials, now)
    }

    /// A client that reaches its service by `transport`.
    pub(crate) fn client_over(
        transport: impl Transport + 'static,
        credentials: Credentials,
        now: i64,
    ) -> Client {
        Client::new(&config(transport, credentials, now))
    }

    /// A client of Cloud Infinite.
    #[cfg(feature = "pictures")]
    pub(crate) fn pictures(&self) -> tcloud_ci::Client {
        let credentials = Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY);
        tcloud_ci::Client::new(&config(self.cloud.transport(), credentials, NOW))
    }

    /// Sends `<method> <path>` to [`BUCKET`] without a signature.
    pub(crate) async fn anonymous(&self, line: &str) -> Answered {
        self.send(request(line, &bucket_host())).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.cloud.handle(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect(1 << 20).await.unwrap();
        Answered {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// A page about the cloud.
    pub(crate) async fn page(&self, path: &str) -> serde_json::Value {
        let answer = self
            .send(request(&format!("GET {path}"), "localhost"))
            .await;
        serde_json::from_str(&answer.text).unwrap()
    }
}

fn config(transport: impl Transport + 'static, credentials: Credentials, now: i64) -> Config {
    Config::builder()
        // The cloud itself is to refuse what is out of bounds.
        .check_limits(false)
        .region(REGION)
        .credentials(credentials)
        .environment(Standing(now))
        .transport(transport)
        .build()
        .unwrap()
}

pub(crate) fn bucket_host() -> String {
    format!("{BUCKET}.cos.{REGION}.myqcloud.com")
}

/// The request `<method> <path>` to `host`.
pub(crate) fn request(line: &str, host: &str) -> Request<Body> {
    let (method, path) = line.split_once(' ').unwrap();
    Request::builder()
        .method(method)
        .uri(path)
        .header("host", host)
        .body(Body::empty())
        .unwrap()
}

/// The code of the error that `result` must be.
pub(crate) fn code<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("the call should have failed"),
        Err(error) => error.code().unwrap_or_default().to_owned(),
    }
}

pub(crate) async fn text(body: Body) -> String {
    let bytes = body.collect(1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}
