//! Whole calls over real sockets: a configuration without credentials finds them, keeps them, and
//! renews them when a service takes them for expired.

use std::sync::{Arc, Mutex};

use tcloud_core::client::Client;
use tcloud_core::codec::Document;
use tcloud_core::config::Config;
use tcloud_core::credentials::CredentialsProvider;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::environment::System;
use tcloud_core::network::{Network, Proxy};
use tcloud_core::operation::{BodyFormat, Operation, Protocol, Service};
use tcloud_core::retry::RetryPolicy;
use tcloud_core::schema::Structure;
use tcloud_core::timeouts::Timeouts;
use tcloud_core::transport::Reqwest;
use tcloud_credentials::{AssumeRole, Credentials, CvmRole, ProviderContext, StaticProvider};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{Home, SECRET, variables};

/// Any service of API 3.0.
static MPS: Service = Service::new("mps", "Media", "2019-06-12", Protocol::Tc3);
static NOTHING: Structure = Structure::new("Nothing", &[]);
static DESCRIBE: Operation = Operation::new(
    &MPS,
    "DescribeTasks",
    "POST",
    "/",
    "mps.tencentcloudapi.com",
    &NOTHING,
    &NOTHING,
)
.request_body(BodyFormat::Json)
.response_body(BodyFormat::Json);

/// A request as it came: its first line and headers in lower case, and its body.
#[derive(Clone, Debug)]
struct Seen {
    head: String,
    body: String,
}

impl Seen {
    fn has(&self, part: &str) -> bool {
        self.head.contains(part)
    }
}

/// A server that answers each request by `answer`, and what it has seen.
struct Server {
    address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    async fn start(answer: impl Fn(&Seen) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (answer, all) = (Arc::new(answer), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, all) = (Arc::clone(&answer), Arc::clone(&all));
                tokio::spawn(async move { serve(stream, &*answer, &all).await });
            }
        });
        Self { address, seen }
    }

    fn seen(&self, part: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|it| it.has(part)).cloned().collect()
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::parse(&self.address).unwrap()
    }
}

/// Requests of one connection, one after the other.
async fn serve(
    mut stream: TcpStream,
    answer: &(dyn Fn(&Seen) -> (u16, String) + Send + Sync),
    all: &Mutex<Vec<Seen>>,
) {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
                break at;
            }
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse::<usize>().unwrap());
        while bytes.len() < end + 4 + length {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let rest = bytes.split_off(end + 4 + length);
        let body = String::from_utf8(bytes.split_off(end + 4)).unwrap();
        bytes = rest;
        let seen = Seen { head, body };
        all.lock().unwrap().push(seen.clone());
        let (status, text) = answer(&seen);
        let answer = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        );
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Keys that live for ever, so that only a refusal renews them.
fn keys(id: &str) -> String {
    format!(
        r#""Credentials": {{"TmpSecretId": "{id}", "TmpSecretKey": "{SECRET}", "Token": "t-{id}"}},
        "ExpiredTime": 4102444800"#
    )
}

fn answered(inner: &str) -> (u16, String) {
    (
        200,
        format!(r#"{{"Response": {{{inner}, "RequestId": "r"}}}}"#),
    )
}

fn refused(code: &str) -> (u16, String) {
    answered(&format!(
        r#""Error": {{"Code": "{code}", "Message": "the token is over"}}"#
    ))
}

fn config(server: &Server, provider: impl CredentialsProvider + 'static) -> Config {
    Config::builder()
        .region("ap-x")
        .endpoint(server.endpoint())
        .credentials_provider(provider)
        .build()
        .unwrap()
}

async fn call(config: &Config) -> Result<(), tcloud_core::error::Error> {
    let client = Client::new(config);
    let mut answer = Document::new(&NOTHING);
    let options = tcloud_core::call::CallOptions::new();
    let request = Document::new(&NOTHING);
    let body = tcloud_core::body::Body::empty();
    client
        .execute(&DESCRIBE, &request, body, &options, &mut answer)
        .await
        .map(|_| ())
}

fn caller() -> StaticProvider {
    StaticProvider::new(Credentials::new("AKIDcaller", SECRET))
}

#[tokio::test]
async fn many_calls_take_a_role_once() {
    let server = Server::start(|seen| {
        if seen.has("x-tc-action: assumerole") {
            answered(&keys("AKIDrole"))
        } else {
            answered(r#""Done": 1"#)
        }
    })
    .await;
    let config = config(&server, AssumeRole::new("role", caller()));
    let calls = (0..50).map(|_| {
        let config = config.clone();
        tokio::spawn(async move { call(&config).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    let roles = server.seen("x-tc-action: assumerole");
    assert_eq!(roles.len(), 1);
    assert!(roles[0].has("host: sts.tencentcloudapi.com"), "{roles:?}");
    assert!(roles[0].body.contains(r#""RoleArn":"role""#), "{roles:?}");
    let calls = server.seen("x-tc-action: describetasks");
    assert_eq!(calls.len(), 50);
    let signed =
        |seen: &Seen| seen.has("credential=akidrole/") && seen.has("x-tc-token: t-akidrole");
    assert!(calls.iter().all(signed), "{calls:?}");
}

#[tokio::test]
async fn an_expired_token_is_renewed_once_and_the_call_goes_on() {
    let given = Mutex::new(0);
    let server = Server::start(move |seen| {
        if seen.has("x-tc-action: assumerole") {
            let mut given = given.lock().unwrap();
            *given += 1;
            answered(&keys(&format!("AKID{given}")))
        } else if seen.has("credential=akid1/") {
            refused("AuthFailure.TokenFailure")
        } else {
            answered(r#""Done": 1"#)
        }
    })
    .await;
    let config = config(&server, AssumeRole::new("role", caller()));
    call(&config).await.unwrap();
    call(&config).await.unwrap();
    assert_eq!(server.seen("x-tc-action: assumerole").len(), 2);
    assert_eq!(server.seen("x-tc-action: describetasks").len(), 3);
}

#[tokio::test]
async fn a_token_that_stays_refused_is_tried_twice() {
    let server = Server::start(|seen| {
        if seen.has("x-tc-action: assumerole") {
            answered(&keys(if seen.body.contains("first") {
                "AKID1"
            } else {
                "AKID2"
            }))
        } else {
            refused("AuthFailure.TokenFailure")
        }
    })
    .await;
    // The same key again: another attempt would gain nothing.
    let same = config(&server, AssumeRole::new("first", caller()));
    let error = call(&same).await.unwrap_err();
    assert_eq!(error.code(), Some("AuthFailure.TokenFailure"));
    assert_eq!(server.seen("x-tc-action: describetasks").len(), 1);
    let fixed = config(
        &server,
        StaticProvider::new(Credentials::new("AKID", "k").with_token("t")),
    );
    call(&fixed).await.unwrap_err();
    assert_eq!(server.seen("x-tc-action: describetasks").len(), 2);
}

#[tokio::test]
async fn a_refusal_that_cannot_be_mended_says_why() {
    let given = Mutex::new(0);
    let server = Server::start(move |seen| {
        if !seen.has("x-tc-action: assumerole") {
            return refused("AuthFailure.TokenFailure");
        }
        let mut given = given.lock().unwrap();
        *given += 1;
        if *given == 1 {
            answered(&keys("AKID1"))
        } else {
            refused("UnauthorizedOperation")
        }
    })
    .await;
    let config = config(&server, AssumeRole::new("role", caller()));
    let error = call(&config).await.unwrap_err();
    assert_eq!(error.code(), Some("AuthFailure.TokenFailure"));
    let text = error.to_string();
    assert!(
        text.contains("the key could not be renewed: the role role was not given"),
        "{text}"
    );
    assert!(!format!("{error:?}").contains(SECRET));
}

#[tokio::test]
async fn who_does_not_want_to_try_again_is_not_made_to() {
    let given = Mutex::new(0);
    let server = Server::start(move |seen| {
        if seen.has("x-tc-action: assumerole") {
            let mut given = given.lock().unwrap();
            *given += 1;
            answered(&keys(&format!("AKID{given}")))
        } else {
            refused("AuthFailure.TokenFailure")
        }
    })
    .await;
    let config = Config::builder()
        .region("ap-x")
        .endpoint(server.endpoint())
        .credentials_provider(AssumeRole::new("role", caller()))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    call(&config).await.unwrap_err();
    assert_eq!(server.seen("x-tc-action: describetasks").len(), 1);
}

/// A metadata service that gives the keys `id` of the role `uploads`, and the region `ap-machine`.
async fn machine(id: &'static str) -> Server {
    Server::start(move |seen| {
        let path = seen.head.split(' ').nth(1).unwrap_or_default();
        match path {
            "/latest/meta-data/cam/security-credentials/" => (200, "uploads".to_owned()),
            "/latest/meta-data/cam/security-credentials/uploads" => (
                200,
                format!(
                    r#"{{"TmpSecretId": "{id}", "TmpSecretKey": "{SECRET}", "Token": "t",
                        "ExpiredTime": 4102444800, "Code": "Success"}}"#
                ),
            ),
            "/latest/meta-data/placement/region" => (200, "ap-machine".to_owned()),
            _ => (404, String::new()),
        }
    })
    .await
}

#[tokio::test]
async fn a_machine_signs_calls_with_its_role_and_in_its_region() {
    let machine = machine("AKIDmachine").await;
    let service = Server::start(|_| answered(r#""Done": 1"#)).await;
    let home = Home::new();
    let set = [("TENCENTCLOUD_METADATA_ENDPOINT", machine.address.as_str())];
    let config = Config::builder()
        .endpoint(service.endpoint())
        .credentials_provider(home.chain(&set))
        .build()
        .unwrap();
    call(&config).await.unwrap();
    call(&config).await.unwrap();
    assert_eq!(
        machine.seen("host: metadata.tencentyun.com").len(),
        3,
        "asked once"
    );
    let calls = service.seen("x-tc-action: describetasks");
    assert_eq!(calls.len(), 2);
    for seen in calls {
        assert!(seen.has("credential=akidmachine/"), "{seen:?}");
        assert!(seen.has("x-tc-region: ap-machine"), "{seen:?}");
    }
}

/// A proxy asks the metadata service of its own machine, and gets the keys of that one.
#[tokio::test]
async fn the_metadata_service_is_not_asked_through_a_proxy() {
    let machine_itself = machine("AKIDmachine").await;
    let proxy = machine("AKIDproxy").await;
    let network = Network::new().proxy(Proxy::url(proxy.address.as_str()));
    let transport = Reqwest::with(&network, Timeouts::new()).unwrap();
    let set = [(
        "TENCENTCLOUD_METADATA_ENDPOINT",
        machine_itself.address.as_str(),
    )];
    let keys = CvmRole::of(variables(&set))
        .credentials(&ProviderContext::new(transport, System))
        .await
        .unwrap();
    assert_eq!(keys.secret_id(), "AKIDmachine");
    assert_eq!(
        machine_itself.seen("host: metadata.tencentyun.com").len(),
        3
    );
    assert_eq!(proxy.seen("").len(), 0, "the proxy has seen nothing");
}
