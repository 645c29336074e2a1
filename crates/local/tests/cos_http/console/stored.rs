//! Objects in the console: by the handlers of the services, for the owner of the account.

use serde_json::json;
use tcloud_local::{AuthMode, Settings};

use super::{Console, head};
use crate::fixture::BUCKET;
use crate::sockets::status;

#[tokio::test]
async fn calls_are_made_for_the_owner() {
    let console = Console::with(Settings::default().auth(AuthMode::Strict)).await;
    let object = format!("/_local/console/call/cos/{BUCKET}/a/caf%C3%A9%20%2B.html");
    let put = console
        .exchange(
            &format!("PUT {object}"),
            &["Content-Type: text/html", "x-cos-meta-a: b", "Cookie: c=d"],
            "<script>alert(1)</script>",
        )
        .await;
    assert_eq!(status(&put), "200", "{put}");
    let got = console.exchange(&format!("GET {object}"), &[], "").await;
    assert!(got.ends_with("<script>alert(1)</script>"), "{got}");
    let head = head(&got);
    assert!(head.contains("x-cos-meta-a: b"), "{head}");
    // Content never runs beside the console.
    assert!(
        head.contains("content-security-policy: default-src 'none'; sandbox"),
        "{head}"
    );
    assert!(head.contains("x-content-type-options: nosniff"), "{head}");

    let listed = console
        .ask(
            &format!("GET /_local/console/call/cos/{BUCKET}/?prefix=a/"),
            "",
        )
        .await;
    assert!(listed.1.contains("<Key>a/café +.html</Key>"), "{listed:?}");
    let services = console.ask("GET /_local/console/call/cos/", "").await;
    assert!(
        services.1.contains(&format!("<Name>{BUCKET}</Name>")),
        "{services:?}"
    );
    // A refusal is that of the service.
    let none = console
        .ask(&format!("GET /_local/console/call/cos/{BUCKET}/none"), "")
        .await;
    assert_eq!(none.0, "404");
    assert!(none.1.contains("<Code>NoSuchKey</Code>"), "{none:?}");
    // Nobody else gets in meanwhile.
    let unsigned = console
        .ask(&format!("GET /{BUCKET}/a/caf%C3%A9%20%2B.html"), "")
        .await;
    assert_eq!(unsigned.0, "403");
}

#[tokio::test]
async fn a_url_is_signed_by_the_owner() {
    let console = Console::new().await;
    let put = console.cos.put_object(BUCKET, "a b/ü.txt", "content");
    put.send().await.unwrap();
    let wish = json!({ "bucket": BUCKET, "key": "a b/ü.txt", "method": "GET", "seconds": 60 });
    let made = console
        .json("POST /_local/console/presign", &wish.to_string())
        .await;
    let url = made["url"].as_str().unwrap();
    let start = format!("http://localhost:{}", console.served.port);
    let path = url.strip_prefix(&start).unwrap();
    assert_eq!(
        console.ask(&format!("GET {path}"), "").await,
        ("200".into(), "content".into())
    );
    assert_eq!(console.ask(&format!("PUT {path}"), "other").await.0, "403");
    // The URL is a secret, in the list as well.
    let shown = console.shown().await;
    let query = shown["query"].to_string();
    assert!(query.contains(r#"["q-signature","(secret)"]"#), "{query}");

    for wrong in [
        json!({ "bucket": BUCKET, "key": "k", "method": "POST", "seconds": 60 }),
        json!({ "bucket": BUCKET, "key": "k", "method": "GET", "seconds": 0 }),
        json!({ "bucket": BUCKET, "key": "k", "method": "GET", "seconds": 60, "more": 1 }),
    ] {
        let refused = console
            .ask("POST /_local/console/presign", &wrong.to_string())
            .await;
        assert_eq!(refused.0, "400", "{wrong}");
    }
}

#[tokio::test]
async fn what_is_implemented_is_listed() {
    let console = Console::new().await;
    let listed = console.json("GET /_local/console/operations", "").await;
    let services = listed["services"].as_array().unwrap();
    let cos = services.iter().find(|it| it["name"] == "cos").unwrap();
    let operations = cos["operations"].as_array().unwrap();
    let put = operations
        .iter()
        .find(|it| it["name"] == "PutObject")
        .unwrap();
    assert_eq!(
        (&put["implemented"], &put["kept"]),
        (&json!(true), &json!(false))
    );
    let pictures = listed["engines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "pictures");
    assert_eq!(pictures.unwrap()["built"], cfg!(feature = "pictures"));
}
