//! Objects that are locked: nobody replaces or deletes them before their time.

use tcloud_core::time::{Timestamp, format_iso_utc};
use tcloud_cos::Client;
use tcloud_cos::types::{
    CompletedPart, DefaultRetention, ObjectIdentifier, ObjectLockRule, VersioningStatus,
};
use tcloud_local::{AuthMode, Settings};

use crate::fixture::{BUCKET, Fixture, NOW, REGION, bucket_host, code};
use crate::sockets::{Served, status};

const DAY: i64 = 24 * 60 * 60;

/// A cloud whose bucket locks new objects for a day.
async fn locking() -> (Fixture, Client) {
    let (fixture, client) = Fixture::with_bucket().await;
    lock(&client, Some(1)).await;
    (fixture, client)
}

async fn lock(client: &Client, days: Option<i64>) {
    let rule = days.map(|days| ObjectLockRule::new(DefaultRetention::new(days)));
    let set = client.put_bucket_object_lock(BUCKET).rule(rule);
    set.send().await.unwrap();
}

/// The time so many seconds from the start.
fn after(seconds: i64) -> Timestamp {
    Timestamp::from_text(format_iso_utc(NOW / 1000 + seconds))
}

async fn until(client: &Client, key: &str) -> i64 {
    let got = client
        .get_object_retention(BUCKET, key)
        .send()
        .await
        .unwrap();
    got.retain_until_date
        .as_ref()
        .unwrap()
        .unix_seconds()
        .unwrap()
        - NOW / 1000
}

#[tokio::test]
async fn what_is_locked_stays_until_its_time_whatever_is_tried() {
    let (fixture, client) = locking().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    assert_eq!(until(&client, "k").await, DAY);
    let source = format!("{BUCKET}.cos.{REGION}.myqcloud.com/k");
    let begun = client
        .initiate_multipart_upload(BUCKET, "k")
        .send()
        .await
        .unwrap();
    let id = begun.upload_id.clone().unwrap();
    let part = client
        .upload_part(BUCKET, "k", 1, &id, "p")
        .send()
        .await
        .unwrap();
    let parts = || [CompletedPart::new(1, part.etag.clone().unwrap())];
    client
        .put_object(BUCKET, "other", "o")
        .send()
        .await
        .unwrap();
    let other = format!("{BUCKET}.cos.{REGION}.myqcloud.com/other");
    let refused = async |seconds: i64| {
        let now = NOW + seconds * 1000;
        fixture.clock.set(now);
        let client = fixture.client_at(now);
        let mut codes = vec![
            code(client.put_object(BUCKET, "k", "w").send().await),
            code(client.delete_object(BUCKET, "k").send().await),
            code(client.put_object_copy(BUCKET, "k", &other).send().await),
            code(client.put_symlink(BUCKET, "k", "other").send().await),
            code(client.rename_object(BUCKET, "new", "/k").send().await),
        ];
        let complete = client.complete_multipart_upload(BUCKET, "k", &id, parts());
        codes.push(code(complete.send().await));
        codes
    };
    for seconds in [0, DAY - 1] {
        assert_eq!(refused(seconds).await, ["ObjectLocked"; 6], "{seconds}");
    }
    // Nothing of that has changed it, and the owner can read and describe it.
    let later = fixture.client_at(NOW + (DAY - 1) * 1000);
    let read = later.get_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(crate::fixture::text(read.into_body()).await, "v");
    later
        .put_object_copy(BUCKET, "copy", &source)
        .send()
        .await
        .unwrap();
    let tags = later.put_object_acl(BUCKET, "k");
    tags.acl(tcloud_cos::types::ObjectAcl::PublicRead)
        .send()
        .await
        .unwrap();
    let many = ["k", "none", "other"].map(ObjectIdentifier::new);
    let many = later
        .delete_multiple_objects(BUCKET, many)
        .send()
        .await
        .unwrap();
    assert_eq!((many.deleted.len(), many.errors.len()), (1, 2));
    assert_eq!(many.errors[0].code.as_deref(), Some("ObjectLocked"));
    assert_eq!(many.errors[0].key.as_deref(), Some("k"));

    fixture.clock.set(NOW + DAY * 1000);
    let then = fixture.client_at(NOW + DAY * 1000);
    let done = then.complete_multipart_upload(BUCKET, "k", &id, parts());
    done.send().await.unwrap();
    let locked = then.delete_object(BUCKET, "k").send().await;
    assert_eq!(
        code(locked),
        "ObjectLocked",
        "the new one is locked in its turn"
    );
    then.delete_object(BUCKET, "other").send().await.unwrap();
}

#[tokio::test]
async fn where_versions_are_kept_each_has_its_lock() {
    let (fixture, client) = locking().await;
    let enabled = client.put_bucket_versioning(BUCKET, VersioningStatus::Enabled);
    enabled.send().await.unwrap();
    let old = client.put_object(BUCKET, "k", "old").send().await.unwrap();
    let old = old.version_id.clone().unwrap();
    // A newer version and a delete marker hide it, and take nothing away.
    client.put_object(BUCKET, "k", "new").send().await.unwrap();
    let marker = client.delete_object(BUCKET, "k").send().await.unwrap();
    let marker = marker.version_id.clone().unwrap();
    let delete = |id: &str| client.delete_object(BUCKET, "k").version_id(id).send();
    assert_eq!(code(delete(&old).await), "ObjectLocked");
    delete(&marker).await.unwrap();
    let mut named = ObjectIdentifier::new("k");
    named.version_id = Some(old.clone());
    let many = client
        .delete_multiple_objects(BUCKET, [named])
        .send()
        .await
        .unwrap();
    assert_eq!(many.errors[0].version_id.as_deref(), Some(old.as_str()));
    client
        .get_object(BUCKET, "k")
        .version_id(&old)
        .send()
        .await
        .unwrap();
    fixture.clock.set(NOW + DAY * 1000);
    let then = fixture.client_at(NOW + DAY * 1000);
    then.delete_object(BUCKET, "k")
        .version_id(&old)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_lock_is_prolonged_and_never_shortened() {
    let (fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let put = |seconds| {
        client
            .put_object_retention(BUCKET, "k", after(seconds))
            .send()
    };
    assert_eq!(code(put(60).await), "InvalidBucketState");
    lock(&client, None).await;
    let none = client.get_object_retention(BUCKET, "k").send().await;
    assert_eq!(code(none), "NoSuchObjectLockConfiguration");
    for past in [-1, 0] {
        assert_eq!(code(put(past).await), "InvalidLockedTime", "{past}");
    }
    client.delete_object(BUCKET, "k").send().await.unwrap();
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    put(60).await.unwrap();
    assert_eq!(until(&client, "k").await, 60);
    assert_eq!(code(put(59).await), "InvalidLockedTime");
    put(60).await.unwrap();
    put(120).await.unwrap();
    assert_eq!(
        code(client.delete_object(BUCKET, "k").send().await),
        "ObjectLocked"
    );
    let none = client
        .put_object_retention(BUCKET, "none", after(60))
        .send()
        .await;
    assert_eq!(code(none), "NoSuchKey");
    let never = Timestamp::from_text("tomorrow".to_owned());
    let never = client.put_object_retention(BUCKET, "k", never).send().await;
    assert!(never.is_err());
    fixture.clock.set(NOW + 120_000);
    let then = fixture.client_at(NOW + 120_000);
    then.delete_object(BUCKET, "k").send().await.unwrap();
}

#[tokio::test]
async fn the_rule_counts_for_what_is_stored_from_then_on() {
    let (_fixture, client) = Fixture::with_bucket().await;
    client
        .put_object(BUCKET, "before", "v")
        .send()
        .await
        .unwrap();
    lock(&client, Some(2)).await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    assert_eq!(until(&client, "k").await, 2 * DAY);
    lock(&client, Some(1)).await;
    client
        .put_object(BUCKET, "later", "v")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (until(&client, "k").await, until(&client, "later").await),
        (2 * DAY, DAY)
    );
    lock(&client, None).await;
    client.put_object(BUCKET, "free", "v").send().await.unwrap();
    for key in ["before", "free"] {
        client.delete_object(BUCKET, key).send().await.unwrap();
    }
    let wrong = ObjectLockRule::new(DefaultRetention::new(0));
    let wrong = client
        .put_bucket_object_lock(BUCKET)
        .rule(wrong)
        .send()
        .await;
    assert!(wrong.is_err());
}

#[tokio::test]
async fn over_a_socket_a_locked_object_is_not_deleted() {
    let served = Served::new(Settings::default().auth(AuthMode::Off)).await;
    let host = format!("Host: {}", bucket_host());
    let put = ["PUT / HTTP/1.1", &host, "Content-Length: 0"];
    assert_eq!(status(&served.exchange(&put, "").await), "200");
    let document = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>\
                    <DefaultRetention><Days>1</Days></DefaultRetention></Rule>\
                    </ObjectLockConfiguration>";
    let length = format!("Content-Length: {}", document.len());
    let set = ["PUT /?object-lock HTTP/1.1", &host, &length];
    let set = served.exchange(&set, document).await;
    assert_eq!(status(&set), "200", "{set}");
    let put = ["PUT /k HTTP/1.1", &host, "Content-Length: 1"];
    assert_eq!(status(&served.exchange(&put, "v").await), "200");
    for line in ["DELETE /k HTTP/1.1", "PUT /k HTTP/1.1"] {
        let refused = served
            .exchange(&[line, &host, "Content-Length: 0"], "")
            .await;
        assert_eq!(status(&refused), "409", "{refused}");
        assert!(refused.contains("<Code>ObjectLocked</Code>"), "{refused}");
    }
    let got = served
        .exchange(&["GET /k?retention HTTP/1.1", &host], "")
        .await;
    assert!(
        got.contains("<RetainUntilDate>2023-11-15T22:13:20.000Z</RetainUntilDate>"),
        "{got}"
    );
}
