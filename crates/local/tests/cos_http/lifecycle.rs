//! Lifecycle rules act as the clock goes on.

use tcloud_cos::Client;
use tcloud_cos::types::{
    AbortIncompleteMultipartUpload, AccessFrequency, LifecycleAnd, LifecycleExpiration,
    LifecycleFilter, LifecycleRule, LifecycleTransition, NoncurrentVersionExpiration, RuleStatus,
    StorageClass, Tag,
};
use tcloud_local::AuthMode;

use crate::fixture::{Answered, BUCKET, Fixture, code, request};

/// The cloud begins at 06:13:20 in Beijing. What is a day old then is due at this second, the second
/// midnight that follows.
const DUE: u64 = 64_000 + 86_400;

/// A cloud that checks no signatures, whatever its clock shows, and a bucket.
async fn open() -> (Fixture, Client) {
    let fixture = Fixture::mode(AuthMode::Off).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    (fixture, client)
}

fn rule(prefix: &str) -> LifecycleRule {
    LifecycleRule::new(LifecycleFilter::new().prefix(prefix), RuleStatus::Enabled)
}

async fn set(client: &Client, rules: impl IntoIterator<Item = LifecycleRule>) {
    let rules: Vec<_> = rules.into_iter().collect();
    let set = client.put_bucket_lifecycle(BUCKET, rules).send().await;
    set.unwrap();
}

/// Lets `seconds` pass, and returns what was done.
async fn advance(fixture: &Fixture, seconds: u64) -> serde_json::Value {
    let line = format!("POST /_local/clock?advance={seconds}");
    let answer: Answered = fixture.send(request(&line, "localhost")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let page: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    page.pointer("/done/lifecycle").unwrap().clone()
}

async fn put(client: &Client, key: &str, content: impl Into<tcloud_core::body::Body>) {
    let put = client.put_object(BUCKET, key, content.into()).send().await;
    put.unwrap();
}

async fn keys(client: &Client) -> Vec<String> {
    let listed = client.get_bucket(BUCKET).send().await.unwrap();
    let contents = listed.contents.iter();
    contents.map(|object| object.key.clone().unwrap()).collect()
}

#[tokio::test]
async fn objects_expire_at_the_midnight_after_their_days() {
    let (fixture, client) = open().await;
    let tagged = LifecycleFilter::new().and(
        LifecycleAnd::new()
            .prefix("tmp/")
            .tags([Tag::new("keep", "no")]),
    );
    let after = || LifecycleExpiration::new().days(1);
    set(
        &client,
        [
            rule("logs/").expiration(after()),
            LifecycleRule::new(tagged, RuleStatus::Enabled).expiration(after()),
            LifecycleRule::new(LifecycleFilter::new(), RuleStatus::Disabled).expiration(after()),
        ],
    )
    .await;
    for key in ["logs/1", "logs/2", "other", "tmp/kept"] {
        put(&client, key, "content").await;
    }
    let tmp = client.put_object(BUCKET, "tmp/1", "content");
    tmp.tagging("keep=no").send().await.unwrap();
    let early = advance(&fixture, DUE - 1).await;
    assert_eq!(early["removed"], 0);
    assert_eq!(keys(&client).await.len(), 5);
    let due = advance(&fixture, 1).await;
    assert_eq!(due["removed"], 3, "{due}");
    assert_eq!(keys(&client).await, ["other", "tmp/kept"]);
    let gone = client.get_object(BUCKET, "logs/1").send().await;
    assert_eq!(code(gone), "NoSuchKey");
}

#[tokio::test]
async fn a_date_lets_all_objects_expire() {
    let (fixture, client) = open().await;
    let on = LifecycleExpiration::new().date("2023-11-16T00:00:00+08:00");
    set(&client, [rule("").expiration(on)]).await;
    put(&client, "key", "content").await;
    assert_eq!(advance(&fixture, 63_999).await["removed"], 0);
    assert_eq!(advance(&fixture, 1).await["removed"], 1);
    // Nothing is left to do, and what comes later is met as well.
    assert_eq!(advance(&fixture, 0).await["removed"], 0);
    put(&client, "late", "content").await;
    assert_eq!(advance(&fixture, 0).await["removed"], 1);
    assert!(keys(&client).await.is_empty());
}

#[tokio::test]
async fn versions_go_one_after_the_other() {
    let (fixture, client) = open().await;
    let versioning = client.put_bucket_versioning(BUCKET, "Enabled").send().await;
    versioning.unwrap();
    set(
        &client,
        [
            rule("").expiration(LifecycleExpiration::new().days(1)),
            rule("").noncurrent_version_expiration(
                NoncurrentVersionExpiration::new().noncurrent_days(3),
            ),
            rule("").expiration(LifecycleExpiration::new().expired_object_delete_marker(true)),
        ],
    )
    .await;
    put(&client, "key", "old").await;
    put(&client, "key", "new").await;
    let listed = async || {
        let listed = client
            .get_bucket_object_versions(BUCKET)
            .send()
            .await
            .unwrap();
        (listed.versions.len(), listed.delete_markers.len())
    };
    // The latest is hidden behind a delete marker.
    assert_eq!(advance(&fixture, DUE).await["removed"], 1);
    assert_eq!(listed().await, (2, 1));
    assert!(keys(&client).await.is_empty());
    // The old one is not the latest since the beginning, the new one since the marker was made.
    assert_eq!(advance(&fixture, 2 * 86_400).await["removed"], 1);
    assert_eq!(listed().await, (1, 1));
    // With the last version goes the marker.
    assert_eq!(advance(&fixture, 86_400).await["removed"], 2);
    assert_eq!(listed().await, (0, 0));
    client.delete_bucket(BUCKET).send().await.unwrap();
}

#[tokio::test]
async fn objects_move_to_colder_classes() {
    let (fixture, client) = open().await;
    let to = |class: StorageClass, days| LifecycleTransition::new(class).days(days);
    set(
        &client,
        [rule("").transitions([
            to(StorageClass::StandardIa, 1),
            to(StorageClass::Archive, 2),
        ])],
    )
    .await;
    put(&client, "large", "x".repeat(64 * 1024)).await;
    put(&client, "small", "x".repeat(64 * 1024 - 1)).await;
    let class = async |key| {
        let head = client.head_object(BUCKET, key).send().await.unwrap();
        let class = head.storage_class.as_ref().map(ToString::to_string);
        (class.unwrap_or_default(), head.etag.clone())
    };
    let (_, etag) = class("large").await;
    assert_eq!(advance(&fixture, DUE).await["moved"], 1);
    assert_eq!(class("large").await, ("STANDARD_IA".to_owned(), etag));
    assert_eq!(class("small").await.0, "", "it is too small");
    client.get_object(BUCKET, "large").send().await.unwrap();
    assert_eq!(advance(&fixture, 86_400).await["moved"], 1);
    assert_eq!(class("large").await.0, "ARCHIVE");
    let archived = client.get_object(BUCKET, "large").send().await;
    assert_eq!(code(archived), "InvalidObjectState");
    assert_eq!(advance(&fixture, 10 * 86_400).await["moved"], 0);
}

#[tokio::test]
async fn uploads_that_nobody_completes_are_given_up() {
    let (fixture, client) = open().await;
    let abort = AbortIncompleteMultipartUpload::new(1);
    set(
        &client,
        [rule("big/").abort_incomplete_multipart_upload(abort)],
    )
    .await;
    let mut ids = Vec::new();
    for key in ["big/1", "other"] {
        let begun = client.initiate_multipart_upload(BUCKET, key).send().await;
        let id = begun.unwrap().upload_id.clone().unwrap();
        let part = client.upload_part(BUCKET, key, 1, &id, "part");
        part.send().await.unwrap();
        ids.push(id);
    }
    assert_eq!(advance(&fixture, DUE - 1).await["given_up"], 0);
    assert_eq!(advance(&fixture, 1).await["given_up"], 1);
    let gone = client.upload_part(BUCKET, "big/1", 2, &ids[0], "part");
    assert_eq!(code(gone.send().await), "NoSuchUpload");
    let left = client.upload_part(BUCKET, "other", 2, &ids[1], "part");
    left.send().await.unwrap();
}

#[tokio::test]
async fn rules_that_are_gone_do_nothing() {
    let (fixture, client) = open().await;
    set(
        &client,
        [rule("").expiration(LifecycleExpiration::new().days(1))],
    )
    .await;
    put(&client, "key", "content").await;
    client.delete_bucket_lifecycle(BUCKET).send().await.unwrap();
    assert_eq!(advance(&fixture, 30 * 86_400).await["removed"], 0);
    assert_eq!(keys(&client).await, ["key"]);
}

#[tokio::test]
async fn moving_by_use_is_refused_by_name() {
    let (_fixture, client) = open().await;
    let seldom = AccessFrequency::new()
        .access_count_less_than(1)
        .recent_days(30);
    let moved = LifecycleTransition::new(StorageClass::StandardIa)
        .days(30)
        .access_frequency(seldom);
    let put = client.put_bucket_lifecycle(BUCKET, [rule("").transitions([moved])]);
    let refused = put.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("NotImplemented"));
    assert!(refused.to_string().contains("AccessFrequency"), "{refused}");
    let none = client.get_bucket_lifecycle(BUCKET).send().await;
    assert_eq!(code(none), "NoSuchLifecycleConfiguration");
}
