//! Symbolic links.

use serde_json::json;
use tcloud_core::credentials::Credentials;
use tcloud_cos::types::{ObjectAcl, VersioningStatus};
use tcloud_local::{Account, AuthMode, Settings, User};

use crate::fixture::{BUCKET, Fixture, NOW, bucket_host, code, text};
use crate::sockets::{Served, status};

#[tokio::test]
async fn a_link_is_read_as_what_it_leads_to() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "real/a b.txt", "content");
    let target = put.content_type("text/x-own").send().await.unwrap();
    let made = client
        .put_symlink(BUCKET, "link", "real/a%20b.txt")
        .send()
        .await
        .unwrap();
    assert!(made.etag.is_some());
    let got = client.get_symlink(BUCKET, "link").send().await.unwrap();
    assert_eq!(got.symlink_target.as_deref(), Some("real/a%20b.txt"));
    assert_eq!(got.etag, made.etag);
    let read = client
        .get_object(BUCKET, "link")
        .range("bytes=0-3")
        .send()
        .await
        .unwrap();
    assert_eq!(read.etag, target.etag);
    assert_eq!(read.content_type.as_deref(), Some("text/x-own"));
    assert_eq!(text(read.into_body()).await, "cont");
    let head = client.head_object(BUCKET, "link").send().await.unwrap();
    assert_eq!((head.content_length, &head.etag), (Some(7), &target.etag));
    // It is another link when it leads elsewhere.
    let other = client
        .put_symlink(BUCKET, "link", "later")
        .send()
        .await
        .unwrap();
    assert_ne!(other.etag, made.etag);
    client
        .put_object(BUCKET, "later", "late")
        .send()
        .await
        .unwrap();
    let read = client.get_object(BUCKET, "link").send().await.unwrap();
    assert_eq!(text(read.into_body()).await, "late");
}

#[tokio::test]
async fn links_that_lead_nowhere_are_told() {
    let (_fixture, client) = Fixture::with_bucket().await;
    client
        .put_symlink(BUCKET, "broken", "none")
        .send()
        .await
        .unwrap();
    let refused = client
        .get_object(BUCKET, "broken")
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("NoSuchKey"));
    assert!(refused.to_string().contains("symbolic link"), "{refused}");
    client
        .put_symlink(BUCKET, "twice", "broken")
        .send()
        .await
        .unwrap();
    let chain = client.get_object(BUCKET, "twice").send().await;
    assert_eq!(code(chain), "InvalidArgument");
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let none = client.get_symlink(BUCKET, "k").send().await;
    assert_eq!(code(none), "InvalidRequest");
    let none = client.get_symlink(BUCKET, "nothing").send().await;
    assert_eq!(code(none), "NoSuchKey");
    for bad in ["self", "%ff"] {
        let made = client.put_symlink(BUCKET, "self", bad).send().await;
        assert_eq!(code(made), "InvalidArgument", "{bad}");
    }
    let nowhere = client.put_symlink("none-1250000000", "k", "v").send().await;
    assert_eq!(code(nowhere), "NoSuchBucket");
}

#[tokio::test]
async fn a_version_of_a_link_leads_where_it_led() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let enabled = client.put_bucket_versioning(BUCKET, VersioningStatus::Enabled);
    enabled.send().await.unwrap();
    for key in ["a", "b"] {
        client.put_object(BUCKET, key, key).send().await.unwrap();
    }
    let old = client
        .put_symlink(BUCKET, "link", "a")
        .send()
        .await
        .unwrap();
    let old = old.version_id.clone().unwrap();
    client
        .put_symlink(BUCKET, "link", "b")
        .send()
        .await
        .unwrap();
    let got = client
        .get_symlink(BUCKET, "link")
        .version_id(&old)
        .send()
        .await
        .unwrap();
    assert_eq!(got.symlink_target.as_deref(), Some("a"));
    let read = client
        .get_object(BUCKET, "link")
        .version_id(&old)
        .send()
        .await
        .unwrap();
    assert_eq!(text(read.into_body()).await, "a");
}

#[tokio::test]
async fn a_link_opens_no_door_that_is_closed() {
    let statement = json!({ "version": "2.0", "statement": {
        "effect": "allow",
        "action": ["cos:GetObject", "cos:PutSymlink"],
        "resource": format!("qcs::cos:*:uid/1250000000:{BUCKET}/own/*"),
    }});
    let key = Credentials::new("AKIDreader", "reader-secret");
    let user = User::new("100000000008", "reader").key(key.clone());
    let user = user.policy(serde_json::from_value(statement).unwrap());
    let settings = Settings::default().account(Account::default().user(user));
    let fixture = Fixture::with(settings).await;
    let owner = fixture.client();
    owner.put_bucket(BUCKET).send().await.unwrap();
    owner
        .put_object(BUCKET, "secret", "s")
        .send()
        .await
        .unwrap();
    owner
        .put_object(BUCKET, "own/open", "o")
        .send()
        .await
        .unwrap();
    let reader = fixture.client_of(key, NOW);
    for (target, opens) in [("own/open", true), ("secret", false)] {
        reader
            .put_symlink(BUCKET, "own/link", target)
            .send()
            .await
            .unwrap();
        let read = reader.get_object(BUCKET, "own/link").send().await;
        match read {
            Ok(_) => assert!(opens),
            Err(error) => {
                assert!(!opens, "{error}");
                assert_eq!(error.code(), Some("AccessDenied"));
            }
        }
    }
    // Neither for whoever does not sign.
    let link = owner
        .put_object_acl(BUCKET, "own/link")
        .acl(ObjectAcl::PublicRead);
    link.send().await.unwrap();
    assert_eq!(fixture.anonymous("GET /own/link").await.status, 403);
}

#[tokio::test]
async fn over_a_socket_a_link_is_followed() {
    let served = Served::new(Settings::default().auth(AuthMode::Off)).await;
    let host = format!("Host: {}", bucket_host());
    let put = ["PUT / HTTP/1.1", &host, "Content-Length: 0"];
    assert_eq!(status(&served.exchange(&put, "").await), "200");
    let put = ["PUT /k HTTP/1.1", &host, "Content-Length: 7"];
    assert_eq!(status(&served.exchange(&put, "content").await), "200");
    let link = [
        "PUT /link?symlink HTTP/1.1",
        &host,
        "x-cos-symlink-target: k",
        "Content-Length: 0",
    ];
    let made = served.exchange(&link, "").await;
    assert_eq!(status(&made), "200", "{made}");
    let got = served.exchange(&["GET /link HTTP/1.1", &host], "").await;
    assert!(got.ends_with("\r\n\r\ncontent"), "{got}");
    let got = served
        .exchange(&["GET /link?symlink HTTP/1.1", &host], "")
        .await;
    assert!(got.contains("x-cos-symlink-target: k\r\n"), "{got}");
}
