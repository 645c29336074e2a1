//! Requests as the console shows them.

use std::time::Duration;

use http::header::{HOST, HeaderValue};
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use tcloud_core::credentials::Credentials;
use tcloud_core::sign::qsign::{Signer, TokenName, Window};
use tcloud_cos::ObjectIdentifier;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, FaultRule};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Console;
use crate::fixture::{BUCKET, NOW, REGION, bucket_host, code};

/// The row called `name`.
fn row<'a>(rows: &'a Value, name: &str) -> &'a Value {
    let mut all = rows.as_array().unwrap().iter();
    let found = all.find(|row| row["name"] == name);
    found.unwrap_or_else(|| panic!("no row {name} in {rows:#}"))
}

#[tokio::test]
async fn a_request_is_shown_with_its_table_and_without_its_secrets() {
    let console = Console::new().await;
    let put = console
        .cos
        .put_object(BUCKET, "a/b.txt", "hello")
        .content_type("text/plain");
    put.send().await.unwrap();
    let shown = console.shown().await;
    assert_eq!(shown["request"]["operation"], "cos.PutObject");
    assert_eq!(shown["request"]["signature"]["result"], "valid");
    assert_eq!(shown["operation"]["name"], "PutObject");
    let key = row(&shown["rows"], "key");
    assert_eq!(
        (&key["value"], &key["place"]),
        (&json!("a/b.txt"), &json!("path"))
    );
    let absent = row(&shown["rows"], "x-cos-forbid-overwrite");
    assert_eq!(absent["present"], false);
    assert_eq!(shown["problems"], json!([]));
    assert_eq!(shown["body"]["note"], "Content of objects is not kept.");
    let headers = shown["headers"].to_string();
    assert!(headers.contains("q-signature=(secret)"), "{headers}");
    assert!(headers.contains("text/plain"), "{headers}");
    assert!(!shown.to_string().contains("hello"));

    // A document is shown as far as its table goes.
    let objects = [ObjectIdentifier::new("a/b.txt")];
    let delete = console.cos.delete_multiple_objects(BUCKET, objects);
    delete.send().await.unwrap();
    let shown = console.shown().await;
    let text = shown["body"]["text"].as_str().unwrap();
    assert!(text.contains("<Key>a/b.txt</Key>"), "{text}");
    let items = &row(&shown["rows"], "Object")["items"];
    assert_eq!(row(&items[0], "Key")["value"], "a/b.txt");
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_node() {
    let console = Console::new().await;
    console.ci.create_pic_bucket(BUCKET).send().await.unwrap();
    let host = format!("{BUCKET}.ci.{REGION}.myqcloud.com");
    let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_str(&host).unwrap())]);
    let key = Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY);
    let window = Window::new(NOW / 1000 - 60, NOW / 1000 + 900);
    Signer::new(&key, TokenName::Ci, window)
        .authorize(&Method::POST, "/jobs", &[], &mut headers)
        .unwrap();
    let authorization = headers["authorization"].to_str().unwrap();
    let body = "<Request><Tag>ImageInspect</Tag><Operation><JobLevel>9</JobLevel></Operation>\
        <Secret>hush</Secret></Request>";
    let answer = console
        .exchange(
            "POST /jobs",
            &[
                &format!("Host: {host}"),
                &format!("Authorization: {authorization}"),
            ],
            body,
        )
        .await;
    assert_eq!(crate::sockets::status(&answer), "501", "{answer}");
    let shown = console.shown().await;
    let input = row(&shown["rows"], "Input");
    assert_eq!(input["problems"], json!(["is required"]));
    let operation = row(&shown["rows"], "Operation");
    let level = row(&operation["rows"], "JobLevel");
    assert_eq!(level["problems"], json!(["must be from 0 to 2, got 9"]));
    let stranger = row(&shown["rows"], "Secret");
    assert_eq!(stranger["problems"], json!(["is not in the table"]));
    // Nobody knows what it holds.
    assert!(!shown.to_string().contains("hush"));
    let all = shown["problems"].as_array().unwrap();
    assert!(
        all.iter().all(|problem| problem["placed"] == true),
        "{all:?}"
    );
}

#[tokio::test]
async fn of_a_refused_signature_both_texts_are_shown() {
    let console = Console::new().await;
    let key = Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY);
    let window = Window::new(NOW / 1000 - 60, NOW / 1000 + 900);
    let signed = |method: &Method, secret: &Credentials| {
        let host = HeaderValue::from_str(&bucket_host()).unwrap();
        let mut headers = HeaderMap::from_iter([(HOST, host)]);
        Signer::new(secret, TokenName::Cos, window)
            .authorize(method, "/a b", &[], &mut headers)
            .unwrap();
        format!(
            "Authorization: {}",
            headers["authorization"].to_str().unwrap()
        )
    };
    // Signed for the host and the path of the service, and sent by path.
    let by_path = format!("GET /{BUCKET}/a%20b");
    let authorization = signed(&Method::GET, &key);
    let answer = console.exchange(&by_path, &[&authorization], "").await;
    assert_eq!(crate::sockets::status(&answer), "403");
    let verdict = console.shown().await["request"]["signature"].clone();
    let (ours, theirs) = (&verdict["signed"]["formatString"], &verdict["formatString"]);
    assert_eq!(*ours, format!("get\n/a b\n\nhost={}\n", bucket_host()));
    let sent = format!("host=localhost%3A{}", console.served.port);
    assert_eq!(*theirs, format!("get\n/{BUCKET}/a b\n\n{sent}\n"));
    let why = verdict["signed"]["why"].as_str().unwrap();
    assert!(
        why.contains("for the host") && why.contains("the path `/a b`"),
        "{why}"
    );

    // Another method.
    let host = format!("Host: {}", bucket_host());
    let authorization = signed(&Method::PUT, &key);
    let _ = console
        .exchange("GET /a%20b", &[&host, &authorization], "")
        .await;
    let verdict = console.shown().await["request"]["signature"].clone();
    assert_eq!(
        verdict["signed"]["why"],
        "The client signed a PUT, and sent a GET."
    );

    // Another key: nothing explains it, and nothing is made up.
    let wrong = Credentials::new(DEFAULT_SECRET_ID, "another");
    let authorization = signed(&Method::GET, &wrong);
    let _ = console
        .exchange("GET /a%20b", &[&host, &authorization], "")
        .await;
    let verdict = console.shown().await["request"]["signature"].clone();
    assert_eq!(verdict["result"], "refused");
    assert_eq!(verdict["signed"], Value::Null);
    assert!(
        verdict["stringToSign"]
            .as_str()
            .unwrap()
            .starts_with("sha1\n")
    );
}

#[tokio::test]
async fn requests_come_live_and_those_of_the_console_do_not() {
    let console = Console::new().await;
    // Not to be tried again.
    let rule = FaultRule::refuse(403, "AccessDenied")
        .operation("GetObject")
        .count(1);
    console.served.fixture.cloud.faults().add(rule).unwrap();
    let port = console.served.port;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!("GET /_local/console/events HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(stream).lines();
    let mut line = async |start: &str| loop {
        let next = timeout(Duration::from_mins(1), lines.next_line());
        let line = next.await.unwrap().unwrap().unwrap();
        if let Some(rest) = line.strip_prefix(start) {
            return rest.to_owned();
        }
    };
    assert!(
        line("Content-Type: ")
            .await
            .starts_with("text/event-stream")
    );
    line("retry: ").await;

    // No rule for faults meets what the console asks, and nothing of it is recorded.
    let put = format!("PUT /_local/console/call/cos/{BUCKET}/own");
    assert_eq!(console.ask(&put, "own").await.0, "200");
    let get = format!("GET /_local/console/call/cos/{BUCKET}/own");
    assert_eq!(
        console.ask(&get, "").await,
        ("200".to_owned(), "own".to_owned())
    );
    assert_eq!(console.served.fixture.cloud.requests().all().len(), 0);

    assert_eq!(
        code(console.cos.get_object(BUCKET, "own").send().await),
        "AccessDenied"
    );
    assert_eq!(line("event: ").await, "request");
    let entry: Value = serde_json::from_str(&line("data: ").await).unwrap();
    assert_eq!(
        (&entry["operation"], &entry["code"]),
        (&json!("cos.GetObject"), &json!("AccessDenied"))
    );
    assert_eq!(entry["faults"], json!([1]));
    console.served.fixture.cloud.reset().await.unwrap();
    assert_eq!(line("event: ").await, "cleared");
    // Who watches keeps nobody from ending the cloud.
    let ended = console.served.fixture.cloud.shutdown();
    timeout(Duration::from_mins(1), ended).await.unwrap();
}
