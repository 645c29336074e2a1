//! Which host an attempt is for, and which one serves when it cannot be reached.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Response;
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::{self, Document};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::environment::Manual;
use tcloud_core::error::ErrorKind;
use tcloud_core::host::{ApiHost, CiHost, HostUrl, Hosts};
use tcloud_core::transport::{Memory, Recorded, TransportError};

use crate::fixture::{
    ANSWER, CREATE, DESCRIBE, EMPTY, PUT, RESPONSE, TASK, TC3_REQUEST, call, clock, whole,
};

const OWN: &str = "b-1250000000.ci.ap-chongqing.myqcloud.com";
const BACKUP: &str = "b-1250000000.ci.ap-chongqing.tencentci.cn";

fn client(transport: &Memory, clock: &Manual, hosts: Hosts) -> Client {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(transport.clone())
        .environment(clock.clone())
        .hosts(hosts)
        .build()
        .unwrap();
    Client::new(&config)
}

fn host(request: &Recorded) -> String {
    let host = request.headers.get("host").unwrap();
    host.to_str().unwrap().to_owned()
}

fn hosts_of(transport: &Memory) -> Vec<String> {
    transport.requests().iter().map(host).collect()
}

#[tokio::test]
async fn the_signature_covers_the_host_that_is_asked() {
    let hosts = Hosts::new().ci(CiHost::Url(
        HostUrl::parse("http://{bucket}.storage.example.com:8080").unwrap(),
    ));
    let mut signatures = Vec::new();
    for (hosts, expected) in [
        (Hosts::new(), OWN),
        (Hosts::second_domain(), BACKUP),
        (hosts, "b-1250000000.storage.example.com:8080"),
    ] {
        let transport = Memory::answering([(200, ANSWER)]);
        let client = client(&transport, &clock(), hosts);
        call(&client, &CREATE, &whole()).await.unwrap();
        let [sent] = transport.requests().try_into().unwrap();
        assert_eq!(sent.headers["host"], expected);
        assert_eq!(sent.uri.authority().unwrap().as_str(), expected);
        let signature = sent.headers["authorization"].to_str().unwrap();
        assert!(signature.contains("host;"), "{signature}");
        signatures.push(signature.rsplit('=').next().unwrap().to_owned());
    }
    signatures.sort();
    signatures.dedup();
    assert_eq!(signatures.len(), 3, "each host has its own");
}

#[tokio::test]
async fn a_call_may_ask_another_host_than_the_client() {
    let transport = Memory::answering([(200, r#"{"Response":{"State":"x"}}"#)]);
    let client = client(&transport, &clock(), Hosts::new());
    let options = CallOptions::new().hosts(Hosts::new().api(ApiHost::Regional));
    let mut output = Document::new(&RESPONSE);
    client
        .execute(
            &TASK,
            &Document::new(&TC3_REQUEST),
            Body::empty(),
            &options,
            &mut output,
        )
        .await
        .unwrap();
    assert_eq!(
        hosts_of(&transport),
        ["mps.ap-chongqing.tencentcloudapi.com"]
    );
}

/// Fails as `fail` says at all hosts but the last in `good`.
fn failing(good: &'static str, sent: bool) -> Memory {
    Memory::new(move |request| {
        if host(request) == good {
            Ok(Response::new(ANSWER.into()))
        } else if sent {
            Err(TransportError::new("reset"))
        } else {
            Err(TransportError::unsent("refused"))
        }
    })
}

#[tokio::test]
async fn a_backup_serves_at_once_where_the_first_host_cannot_be_reached() {
    for (operation, sent) in [(&CREATE, false), (&DESCRIBE, false), (&DESCRIBE, true)] {
        let (transport, clock) = (failing(BACKUP, sent), clock());
        let client = client(&transport, &clock, Hosts::new().backup(true));
        call(&client, operation, &whole()).await.unwrap();
        assert_eq!(hosts_of(&transport), [OWN, BACKUP]);
        assert!(clock.slept().is_empty(), "nobody waits for another host");
    }
}

#[tokio::test]
async fn the_hosts_are_asked_in_turn() {
    let (transport, clock) = (failing("", false), clock());
    let client = client(&transport, &clock, Hosts::new().backup(true));
    let error = call(&client, &DESCRIBE, &whole()).await.unwrap_err();
    assert_eq!(hosts_of(&transport), [OWN, BACKUP, OWN]);
    assert_eq!(clock.slept().len(), 1, "before the first host once more");
    assert!(!error.was_ever_sent());
}

#[tokio::test]
async fn without_backups_the_host_stays() {
    let (transport, clock) = (failing(BACKUP, false), clock());
    let client = client(&transport, &clock, Hosts::new());
    call(&client, &DESCRIBE, &whole()).await.unwrap_err();
    assert_eq!(hosts_of(&transport), [OWN; 3]);
}

#[tokio::test]
async fn a_write_that_may_have_arrived_goes_to_no_other_host() {
    let transport = failing(BACKUP, true);
    let client = client(&transport, &clock(), Hosts::new().backup(true));
    let error = call(&client, &CREATE, &whole()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.was_ever_sent());
    assert_eq!(hosts_of(&transport), [OWN]);
}

#[tokio::test]
async fn what_has_answered_is_asked_again() {
    for status in [429, 500, 503] {
        let transport = Memory::new(move |_| {
            let body = "<Error><Code>SlowDown</Code><Message>m</Message></Error>";
            let answer = Response::builder().status(status);
            Ok(answer.body(body.into()).unwrap())
        });
        let client = client(&transport, &clock(), Hosts::new().backup(true));
        call(&client, &DESCRIBE, &whole()).await.unwrap_err();
        assert_eq!(hosts_of(&transport), [OWN; 3], "{status}");
    }
    // An answer that breaks off has begun.
    let transport = Memory::new(|_| {
        let broken = Broken(true);
        Ok(Response::new(Body::from_stream(broken, None)))
    });
    let client = client(&transport, &clock(), Hosts::new().backup(true));
    call(&client, &DESCRIBE, &whole()).await.unwrap_err();
    assert_eq!(hosts_of(&transport), [OWN; 3]);
}

/// A body that breaks off.
struct Broken(bool);

impl futures_core::Stream for Broken {
    type Item = std::io::Result<bytes::Bytes>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(Some(if std::mem::take(&mut self.0) {
            Ok(bytes::Bytes::from_static(b"<Response>"))
        } else {
            Err(std::io::Error::other("reset"))
        }))
    }
}

#[tokio::test]
async fn an_endpoint_is_connected_to_whatever_host_is_asked() {
    let transport = failing(BACKUP, false);
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("a", "b"))
        .transport(transport.clone())
        .environment(clock())
        .hosts(Hosts::new().backup(true))
        .endpoint(Endpoint::parse("http://127.0.0.1:9000").unwrap())
        .build()
        .unwrap();
    call(&Client::new(&config), &CREATE, &whole())
        .await
        .unwrap();
    assert_eq!(hosts_of(&transport), [OWN, BACKUP]);
    for request in transport.requests() {
        assert_eq!(request.uri.authority().unwrap(), "127.0.0.1:9000");
    }
}

/// Answers for the hosts that end in `good`.
fn answering_for(good: &'static str) -> Memory {
    Memory::new(move |request| match host(request) {
        host if host.ends_with(good) => Ok(Response::new(ANSWER.into())),
        _ => Err(TransportError::unsent("refused")),
    })
}

/// A request about another bucket than [`whole`] is.
fn of_another_bucket() -> Document {
    let mut request = whole();
    codec::set(&mut request, "bucket", "other-1250000000");
    request
}

#[tokio::test]
async fn calls_begin_at_the_backup_of_a_host_that_did_not_answer() {
    let (transport, clock) = (answering_for("tencentci.cn"), clock());
    let client = client(&transport, &clock, Hosts::new().backup(true));
    for _ in 0..3 {
        call(&client, &CREATE, &whole()).await.unwrap();
    }
    assert_eq!(hosts_of(&transport), [OWN, BACKUP, BACKUP, BACKUP]);

    // Another bucket of the region is served by the same machines, and another client of the
    // configuration knows what this one has learnt.
    let other = Client::new(client.config());
    call(&other, &CREATE, &of_another_bucket()).await.unwrap();
    let asked = hosts_of(&transport).pop().unwrap();
    assert_eq!(asked, "other-1250000000.ci.ap-chongqing.tencentci.cn");

    // After half a minute one call tries the host again, and the next ones do not.
    clock.advance(Duration::from_secs(30));
    for _ in 0..2 {
        call(&client, &CREATE, &whole()).await.unwrap();
    }
    assert_eq!(hosts_of(&transport)[5..], [OWN, BACKUP, BACKUP]);
}

#[tokio::test]
async fn a_host_that_answers_again_is_asked_again() {
    let healthy = Arc::new(AtomicBool::new(false));
    let is_healthy = Arc::clone(&healthy);
    let transport = Memory::new(move |request| {
        if host(request) == BACKUP || is_healthy.load(Ordering::SeqCst) {
            Ok(Response::new(ANSWER.into()))
        } else {
            Err(TransportError::unsent("refused"))
        }
    });
    let clock = clock();
    let client = client(&transport, &clock, Hosts::new().backup(true));
    call(&client, &CREATE, &whole()).await.unwrap();
    healthy.store(true, Ordering::SeqCst);
    call(&client, &CREATE, &whole()).await.unwrap();
    clock.advance(Duration::from_secs(30));
    for _ in 0..2 {
        call(&client, &CREATE, &whole()).await.unwrap();
    }
    assert_eq!(hosts_of(&transport), [OWN, BACKUP, BACKUP, OWN, OWN]);
}

#[tokio::test]
async fn where_no_host_answers_calls_begin_at_the_first() {
    let transport = answering_for("nowhere");
    let client = client(&transport, &clock(), Hosts::new().backup(true));
    for _ in 0..2 {
        call(&client, &CREATE, &whole()).await.unwrap_err();
    }
    assert_eq!(hosts_of(&transport), [OWN, BACKUP, OWN, OWN, BACKUP, OWN]);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_the_fault_of_its_host() {
    let transport = Memory::new(|_| Ok(Response::new(Body::empty())));
    let client = client(&transport, &clock(), Hosts::new().backup(true));
    let options = CallOptions::new();
    for broken in [true, false] {
        let body = if broken {
            Body::from_stream(Broken(true), None)
        } else {
            Body::from("whole")
        };
        let mut output = Document::new(&RESPONSE);
        let outcome = client
            .execute(&PUT, &Document::new(&EMPTY), body, &options, &mut output)
            .await;
        assert_eq!(outcome.is_err(), broken);
    }
    // What broke off never arrived.
    assert_eq!(hosts_of(&transport), ["ci.ap-chongqing.myqcloud.com"]);
}
