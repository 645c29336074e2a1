//! Buckets that keep versions.

use http::Request;
use tcloud_core::body::Body;
use tcloud_cos::Client;
use tcloud_cos::types::{ObjectIdentifier, VersioningStatus};
use tcloud_local::AuthMode;

use crate::fixture::{BUCKET, Fixture, bucket_host, code, request, text};

/// A cloud with a bucket that keeps versions.
async fn versioned() -> (Fixture, Client) {
    // Without signatures, so that a test can look at headers as well.
    let fixture = Fixture::mode(AuthMode::Off).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    set(&client, "Enabled").await;
    (fixture, client)
}

async fn set(client: &Client, status: &str) {
    client
        .put_bucket_versioning(BUCKET, status)
        .send()
        .await
        .unwrap();
}

/// Stores an object and returns the id of its version.
async fn put(client: &Client, key: &str, content: &'static str) -> String {
    let put = client
        .put_object(BUCKET, key, content)
        .send()
        .await
        .unwrap();
    put.version_id.clone().unwrap()
}

#[tokio::test]
async fn whether_a_bucket_keeps_versions_is_remembered() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let status = async || {
        let got = client.get_bucket_versioning(BUCKET).send().await.unwrap();
        got.status.clone()
    };
    assert_eq!(status().await, None);
    set(&client, "Enabled").await;
    assert_eq!(status().await, Some(VersioningStatus::Enabled));
    set(&client, "Suspended").await;
    assert_eq!(status().await, Some(VersioningStatus::Suspended));
    let wrong = client
        .put_bucket_versioning(BUCKET, "Disabled")
        .send()
        .await;
    assert_eq!(code(wrong), "InvalidArgument");
    let missing = client
        .put_bucket_versioning("none-1250000000", "Enabled")
        .send()
        .await;
    assert_eq!(code(missing), "NoSuchBucket");
    assert_eq!(status().await, Some(VersioningStatus::Suspended));
}

#[tokio::test]
async fn each_version_is_read_by_its_id() {
    let (_fixture, client) = versioned().await;
    let first = put(&client, "k", "first").await;
    let second = put(&client, "k", "second").await;
    let latest = client.get_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(latest.version_id.as_deref(), Some(&*second));
    assert_eq!(text(latest.into_body()).await, "second");
    let old = client.get_object(BUCKET, "k").version_id(&first);
    let old = old.send().await.unwrap();
    assert_eq!(old.version_id.as_deref(), Some(&*first));
    assert_eq!(text(old.into_body()).await, "first");
    let head = client.head_object(BUCKET, "k").version_id(&first);
    let head = head.send().await.unwrap();
    assert_eq!(head.content_length, Some(5));

    let none = client.get_object(BUCKET, "k").version_id("null").send();
    assert_eq!(code(none.await), "NoSuchVersion");
    let wrong = client.get_object(BUCKET, "k").version_id("1").send();
    assert_eq!(code(wrong.await), "InvalidArgument");
    let other = client.get_object(BUCKET, "other").version_id(&first).send();
    assert_eq!(code(other.await), "NoSuchVersion");
}

#[tokio::test]
async fn a_bucket_without_versions_does_not_mention_them() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let stored = client
        .put_object(BUCKET, "k", "content")
        .send()
        .await
        .unwrap();
    assert_eq!(stored.version_id, None);
    let read = client.get_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(read.version_id, None);
    let listed = client
        .get_bucket_object_versions(BUCKET)
        .send()
        .await
        .unwrap();
    let [version] = &listed.versions[..] else {
        panic!("{listed:?}")
    };
    assert_eq!(version.version_id.as_deref().unwrap_or_default(), "");
    assert_eq!(version.is_latest, Some(true));
    let deleted = client.delete_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(
        (deleted.version_id.clone(), deleted.delete_marker),
        (None, None)
    );
    let listed = client
        .get_bucket_object_versions(BUCKET)
        .send()
        .await
        .unwrap();
    assert!(listed.versions.is_empty() && listed.delete_markers.is_empty());
}

#[tokio::test]
async fn a_deleted_object_is_behind_a_marker() {
    let (fixture, client) = versioned().await;
    let version = put(&client, "k", "content").await;
    let deleted = client.delete_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    assert_eq!(deleted.delete_marker, Some(true));
    let marker = deleted.version_id.clone().unwrap();

    let missing = client.get_object(BUCKET, "k").send().await.unwrap_err();
    assert_eq!(missing.code(), Some("NoSuchKey"));
    let missing = fixture.anonymous("GET /k").await;
    assert_eq!(missing.header("x-cos-delete-marker"), "true");
    assert_eq!(missing.header("x-cos-version-id"), marker);
    let head = fixture.anonymous("HEAD /k").await;
    assert_eq!(head.status, 404);
    assert_eq!(head.header("x-cos-delete-marker"), "true");
    let read = client.get_object(BUCKET, "k").version_id(&marker).send();
    let read = read.await.unwrap_err();
    assert_eq!(
        (read.code(), read.status().unwrap().as_u16()),
        (Some("MethodNotAllowed"), 405)
    );
    let read = fixture
        .anonymous(&format!("GET /k?versionId={marker}"))
        .await;
    assert_eq!(read.header("x-cos-delete-marker"), "true");
    assert_eq!(
        code(client.delete_bucket(BUCKET).send().await),
        "BucketNotEmpty"
    );

    let gone = client.delete_object(BUCKET, "k").version_id(&marker);
    let gone = gone.send().await.unwrap();
    assert_eq!(gone.delete_marker, Some(true));
    assert_eq!(gone.version_id.as_deref(), Some(&*marker));
    let read = client.get_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(text(read.into_body()).await, "content");
    let gone = client.delete_object(BUCKET, "k").version_id(&version);
    let gone = gone.send().await.unwrap();
    assert_eq!(
        (gone.delete_marker, gone.version_id.as_deref()),
        (None, Some(&*version))
    );
    client.delete_bucket(BUCKET).send().await.unwrap();
}

#[tokio::test]
async fn a_suspended_bucket_has_the_version_null() {
    let (_fixture, client) = versioned().await;
    let kept = put(&client, "k", "kept").await;
    set(&client, "Suspended").await;
    assert_eq!(put(&client, "k", "null").await, "null");
    assert_eq!(put(&client, "k", "null again").await, "null");
    let deleted = client.delete_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(deleted.version_id.as_deref(), Some("null"));
    let listed = client
        .get_bucket_object_versions(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.versions.len(), 1);
    assert_eq!(listed.versions[0].version_id.as_deref(), Some(&*kept));
    assert_eq!(listed.delete_markers[0].version_id.as_deref(), Some("null"));
    assert_eq!(listed.delete_markers[0].is_latest, Some(true));
}

#[tokio::test]
async fn a_list_of_versions_has_pages() {
    let (_fixture, client) = versioned().await;
    for key in ["a", "b/1", "b/2", "c\u{1}"] {
        put(&client, key, "one").await;
        put(&client, key, "two").await;
    }
    client.delete_object(BUCKET, "a").send().await.unwrap();
    let whole = client
        .get_bucket_object_versions(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(whole.versions.len(), 8);
    assert_eq!(whole.versions[7].key.as_deref(), Some("c\u{1}"));
    assert_eq!(whole.delete_markers.len(), 1);
    assert_eq!(whole.is_truncated, Some(false));

    let mut key_marker = String::new();
    let mut version_marker = String::new();
    let mut pages = Vec::new();
    loop {
        let page = client
            .get_bucket_object_versions(BUCKET)
            .key_marker(&key_marker)
            .version_id_marker(&version_marker)
            .max_keys(2)
            .send()
            .await
            .unwrap();
        pages.push((page.versions.len(), page.delete_markers.len()));
        if page.is_truncated != Some(true) {
            break;
        }
        key_marker = page.next_key_marker.clone().unwrap();
        version_marker = page.next_version_id_marker.clone().unwrap_or_default();
    }
    assert_eq!(pages, [(1, 1), (2, 0), (2, 0), (2, 0), (1, 0)]);

    let folders = client
        .get_bucket_object_versions(BUCKET)
        .delimiter("/")
        .prefix("b")
        .send()
        .await
        .unwrap();
    assert!(folders.versions.is_empty());
    assert_eq!(folders.common_prefixes[0].prefix.as_deref(), Some("b/"));
    let alone = client
        .get_bucket_object_versions(BUCKET)
        .version_id_marker("null");
    assert_eq!(code(alone.send().await), "InvalidArgument");
    let wrong = client.get_bucket_object_versions(BUCKET).max_keys(1001);
    assert_eq!(code(wrong.send().await), "InvalidArgument");
}

#[tokio::test]
async fn many_versions_are_deleted_at_once() {
    let (_fixture, client) = versioned().await;
    let first = put(&client, "a", "one").await;
    let second = put(&client, "a", "two").await;
    put(&client, "b", "one").await;
    let delete = async |objects: Vec<ObjectIdentifier>| {
        let deleted = client.delete_multiple_objects(BUCKET, objects).send().await;
        deleted.unwrap()
    };
    let answer = delete(vec![
        ObjectIdentifier::new("a").version_id(&first),
        ObjectIdentifier::new("b"),
        ObjectIdentifier::new("a").version_id("nonsense"),
    ])
    .await;
    assert_eq!(answer.deleted.len(), 2);
    assert_eq!(answer.deleted[0].version_id.as_deref(), Some(&*first));
    assert_eq!(answer.deleted[0].delete_marker, None);
    let marker = answer.deleted[1].delete_marker_version_id.clone().unwrap();
    assert_eq!(answer.deleted[1].delete_marker, Some(true));
    assert_eq!(answer.deleted[1].version_id, None);
    assert_eq!(answer.errors[0].code.as_deref(), Some("InvalidArgument"));
    assert_eq!(answer.errors[0].version_id.as_deref(), Some("nonsense"));

    let answer = delete(vec![ObjectIdentifier::new("b").version_id(&marker)]).await;
    let [deleted] = &answer.deleted[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(deleted.delete_marker, Some(true));
    assert_eq!(deleted.delete_marker_version_id.as_deref(), Some(&*marker));
    assert_eq!(deleted.version_id.as_deref(), Some(&*marker));
    let read = client.get_object(BUCKET, "a").send().await.unwrap();
    assert_eq!(read.version_id.as_deref(), Some(&*second));
    client.get_object(BUCKET, "b").send().await.unwrap();
}

#[tokio::test]
async fn a_list_may_be_set_on_a_version() {
    let (_fixture, client) = versioned().await;
    let old = put(&client, "k", "old").await;
    put(&client, "k", "new").await;
    client
        .put_object_acl(BUCKET, "k")
        .version_id(&old)
        .acl("public-read")
        .send()
        .await
        .unwrap();
    let acl = async |version: Option<&str>| {
        let got = client.get_object_acl(BUCKET, "k").version_id(version);
        got.send().await.unwrap().acl.clone().unwrap().to_string()
    };
    assert_eq!(acl(Some(&old)).await, "public-read");
    assert_eq!(acl(None).await, "default");
}

/// Words that no client of ours sends.
#[tokio::test]
async fn a_document_that_says_nothing_is_refused() {
    let fixture = Fixture::mode(AuthMode::Off).await;
    fixture.anonymous("PUT /").await;
    let send = async |document: &'static str| {
        let mut request: Request<Body> = request("PUT /?versioning", &bucket_host());
        request
            .headers_mut()
            .insert("content-length", document.len().into());
        *request.body_mut() = Body::from(document);
        let answer = fixture.send(request).await;
        assert_eq!(answer.status, 400, "{document}");
        answer.element("Code").to_owned()
    };
    for document in ["<Versioning", "<a></b>"] {
        assert_eq!(send(document).await, "MalformedXML", "{document}");
    }
    for document in ["", "<Other/>", "<VersioningConfiguration/>"] {
        assert_eq!(send(document).await, "InvalidArgument", "{document}");
    }
    let answer = fixture.anonymous("GET /?versioning").await;
    assert!(!answer.text.contains("Status"), "{}", answer.text);
}
