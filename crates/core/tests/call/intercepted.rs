//! What interceptors see and change.

use std::sync::{Arc, Mutex};

use http::Response;
use http::header::{HOST, HeaderName, HeaderValue};
use tcloud_core::client::Client;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::error::ErrorKind;
use tcloud_core::interceptor::{Answered, Interceptor, Outgoing, Refused};
use tcloud_core::transport::Memory;

use crate::fixture::{ANSWER, DESCRIBE, call, clock, whole};

type Log = Arc<Mutex<Vec<String>>>;

/// Notes what passes, under its name, and does what it is made for.
#[derive(Debug, Default)]
struct Layer {
    name: &'static str,
    log: Log,
    header: Option<(HeaderName, &'static str)>,
    refuses_request: bool,
    refuses_answer: bool,
}

impl Interceptor for Layer {
    fn request(&self, request: &mut Outgoing<'_>) -> Result<(), Refused> {
        let line = format!("{} {}", self.name, request.path());
        self.log.lock().unwrap().push(line);
        if let Some((name, value)) = &self.header {
            let value = HeaderValue::from_static(value);
            request.headers_mut().insert(name.clone(), value);
            request.query_mut().push(("added".into(), "a b".into()));
        }
        if self.refuses_request {
            return Err("not on a Sunday".into());
        }
        Ok(())
    }

    fn answer(&self, answer: &Answered<'_>) -> Result<(), Refused> {
        let line = format!("{} {}", self.name, answer.status().as_u16());
        self.log.lock().unwrap().push(line);
        if self.refuses_answer {
            return Err("it is too old".into());
        }
        Ok(())
    }
}

/// A client whose calls pass `layers`, and its transport.
fn intercepted(layers: Vec<Layer>) -> (Client, Memory) {
    let transport = Memory::new(|_| {
        let answer = Response::builder().header("x-ci-request-id", "r-1");
        Ok(answer.body(ANSWER.into()).unwrap())
    });
    let mut config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(transport.clone())
        .environment(clock());
    for layer in layers {
        config = config.interceptor(layer);
    }
    (Client::new(&config.build().unwrap()), transport)
}

#[tokio::test]
async fn layers_are_passed_in_order_and_what_they_add_is_signed() {
    let log = Log::default();
    let named = |name| Layer {
        name,
        log: Arc::clone(&log),
        ..Layer::default()
    };
    let first = Layer {
        header: Some((HeaderName::from_static("x-ci-tenant"), "t")),
        ..named("first")
    };
    let (client, transport) = intercepted(vec![first, named("second")]);
    call(&client, &DESCRIBE, &whole()).await.unwrap();
    assert_eq!(
        *log.lock().unwrap(),
        [
            "first /jobs/a/图 1.png",
            "second /jobs/a/图 1.png",
            "second 200",
            "first 200"
        ]
    );
    let sent = transport.requests();
    let [request] = &sent[..] else {
        panic!("{sent:?}");
    };
    assert!(request.uri.query().unwrap().contains("added=a%20b"));
    assert_eq!(request.headers["x-ci-tenant"], "t");
    let authorization = request.headers["authorization"].to_str().unwrap();
    let list = |name: &str| {
        let (_, rest) = authorization.split_once(name).unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    assert!(list("q-header-list=").contains("x-ci-tenant"));
    assert!(list("q-url-param-list=").contains("added"));
}

#[tokio::test]
async fn the_first_that_refuses_a_request_ends_the_call_before_it_is_sent() {
    let log = Log::default();
    let layer = |refuses_request| Layer {
        log: Arc::clone(&log),
        refuses_request,
        ..Layer::default()
    };
    let (client, transport) = intercepted(vec![layer(true), layer(false)]);
    let error = call(&client, &DESCRIBE, &whole()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert_eq!(
        error.to_string(),
        "DescribeJob: an interceptor refused the request: not on a Sunday"
    );
    assert!(!error.was_ever_sent());
    assert_eq!(log.lock().unwrap().len(), 1);
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn a_refused_answer_ends_the_call_and_is_not_asked_for_again() {
    let (client, transport) = intercepted(vec![Layer {
        refuses_answer: true,
        ..Layer::default()
    }]);
    let error = call(&client, &DESCRIBE, &whole()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Response);
    assert_eq!(error.request_id(), Some("r-1"));
    assert_eq!(error.status().map(|it| it.as_u16()), Some(200));
    assert!(error.was_ever_sent());
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn the_host_is_not_an_interceptors() {
    let (client, transport) = intercepted(vec![Layer {
        header: Some((HOST, "evil.example.com")),
        ..Layer::default()
    }]);
    let error = call(&client, &DESCRIBE, &whole()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.message().contains("`host`"), "{error}");
    assert!(transport.requests().is_empty());
}
