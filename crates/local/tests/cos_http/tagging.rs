//! Tags of buckets and objects.

use tcloud_cos::Client;
use tcloud_cos::types::{CompletedPart, Tag, TagSet, TaggingDirective, VersioningStatus};
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture, REGION, code};

const OTHER: &str = "other-1250000000";

fn set(tags: &[(&str, &str)]) -> TagSet {
    TagSet::new(tags.iter().map(|(key, value)| Tag::new(*key, *value)))
}

async fn tagged(client: &Client, key: &str, value: &str) -> Vec<String> {
    let listed = client.get_service().tag_key(key).tag_value(value).send();
    let buckets = listed.await.unwrap().buckets.clone().unwrap_or_default();
    buckets
        .bucket
        .into_iter()
        .map(|it| it.name.unwrap())
        .collect()
}

#[tokio::test]
async fn buckets_are_tagged_and_listed_by_tag() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let get = || client.get_bucket_tagging(BUCKET).send();
    assert_eq!(code(get().await), "NoSuchTagSet");
    let tags = set(&[("team", "blue"), ("year", "2024")]);
    let put = client.put_bucket_tagging(BUCKET, tags.clone());
    put.send().await.unwrap();
    assert_eq!(get().await.unwrap().tag_set, Some(tags));
    client
        .put_bucket(OTHER)
        .tagging("team=blue&place=deep%20sea")
        .send()
        .await
        .unwrap();
    assert_eq!(tagged(&client, "team", "blue").await, [BUCKET, OTHER]);
    assert_eq!(tagged(&client, "place", "deep sea").await, [OTHER]);
    assert!(tagged(&client, "team", "red").await.is_empty());
    assert!(tagged(&client, "blue", "team").await.is_empty());
    let half = client.get_service().tag_key("team").send().await;
    assert_eq!(code(half), "InvalidArgument");

    client.delete_bucket_tagging(BUCKET).send().await.unwrap();
    client.delete_bucket_tagging(BUCKET).send().await.unwrap();
    assert_eq!(code(get().await), "NoSuchTagSet");
    assert_eq!(tagged(&client, "team", "blue").await, [OTHER]);
}

#[tokio::test]
async fn tags_of_buckets_are_checked() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let many: Vec<_> = (0..51).map(|it| format!("k{it}")).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), "v")).collect();
    let put = client.put_bucket_tagging(BUCKET, set(&many[..50]));
    put.send().await.unwrap();
    let long = "v".repeat(256);
    for bad in [
        set(&many),
        set(&[("k", "1"), ("k", "2")]),
        set(&[("k", &long)]),
    ] {
        let put = client.put_bucket_tagging(BUCKET, bad).send().await;
        assert_eq!(code(put), "InvalidTag");
    }
    let put = client.put_bucket(OTHER).tagging("k=1&k=2").send().await;
    assert_eq!(code(put), "InvalidTag");
    assert_eq!(code(client.head_bucket(OTHER).send().await), "");
    let kept = client.get_bucket_tagging(BUCKET).send().await.unwrap();
    assert_eq!(kept.tag_set.as_ref().unwrap().tags.len(), 50);
}

async fn of(client: &Client, key: &str, version: Option<&str>) -> Vec<(String, String)> {
    let mut asked = client.get_object_tagging(BUCKET, key);
    if let Some(version) = version {
        asked = asked.version_id(version);
    }
    let answer = asked.send().await.unwrap();
    let tags = answer.tag_set.clone().unwrap().tags.into_iter();
    tags.map(|tag| (tag.key.unwrap(), tag.value.unwrap()))
        .collect()
}

fn pairs(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    let tags = tags.iter();
    tags.map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[tokio::test]
async fn tags_of_an_object_are_put_returned_and_deleted() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "k", "v");
    let put = put.tagging("team=deep%20sea&year=2024").send().await;
    let etag = put.unwrap().etag.clone();
    let header = pairs(&[("team", "deep sea"), ("year", "2024")]);
    assert_eq!(of(&client, "k", None).await, header);
    let replaced = set(&[("a", "1")]);
    let put = client.put_object_tagging(BUCKET, "k", replaced);
    put.send().await.unwrap();
    assert_eq!(of(&client, "k", None).await, pairs(&[("a", "1")]));
    // The object itself is as it was.
    let head = client.head_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(head.etag, etag);
    for _ in 0..2 {
        let delete = client.delete_object_tagging(BUCKET, "k");
        delete.send().await.unwrap();
        assert_eq!(of(&client, "k", None).await, []);
    }
    // Whoever replaces an object says what its tags are.
    let put = client.put_object(BUCKET, "k", "v").tagging("a=1");
    put.send().await.unwrap();
    client.put_object(BUCKET, "k", "w").send().await.unwrap();
    assert_eq!(of(&client, "k", None).await, []);
}

#[tokio::test]
async fn an_upload_in_parts_and_a_copy_have_tags() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let begun = client.initiate_multipart_upload(BUCKET, "from");
    let begun = begun.tagging("a=1&b=2").send().await.unwrap();
    let id = begun.upload_id.clone().unwrap();
    let part = client.upload_part(BUCKET, "from", 1, &id, "v").send().await;
    let part = part.unwrap().etag.clone().unwrap();
    let part = CompletedPart::new(1, part);
    let whole = client.complete_multipart_upload(BUCKET, "from", &id, [part]);
    whole.send().await.unwrap();
    let own = pairs(&[("a", "1"), ("b", "2")]);
    assert_eq!(of(&client, "from", None).await, own);

    let source = format!("{BUCKET}.cos.{REGION}.myqcloud.com/from");
    let copy = || client.put_object_copy(BUCKET, "to", &source);
    copy().send().await.unwrap();
    assert_eq!(of(&client, "to", None).await, own);
    // Without the directive, the header is nothing, as that of the metadata is.
    copy().tagging("c=3").send().await.unwrap();
    assert_eq!(of(&client, "to", None).await, own);
    let replaced = copy().tagging_directive(TaggingDirective::Replaced);
    replaced.tagging("c=3").send().await.unwrap();
    assert_eq!(of(&client, "to", None).await, pairs(&[("c", "3")]));
    let replaced = copy().tagging_directive(TaggingDirective::Replaced);
    replaced.send().await.unwrap();
    assert_eq!(of(&client, "to", None).await, []);
}

#[tokio::test]
async fn each_version_has_tags_of_its_own() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let versioned = client.put_bucket_versioning(BUCKET, VersioningStatus::Enabled);
    versioned.send().await.unwrap();
    let put = client.put_object(BUCKET, "k", "older").tagging("a=1");
    let older = put.send().await.unwrap().version_id.clone().unwrap();
    client
        .put_object(BUCKET, "k", "newer")
        .send()
        .await
        .unwrap();
    assert_eq!(of(&client, "k", None).await, []);
    assert_eq!(of(&client, "k", Some(&older)).await, pairs(&[("a", "1")]));
    let put = client.put_object_tagging(BUCKET, "k", set(&[("b", "2")]));
    put.version_id(&older).send().await.unwrap();
    assert_eq!(of(&client, "k", None).await, []);
    assert_eq!(of(&client, "k", Some(&older)).await, pairs(&[("b", "2")]));
    let delete = client.delete_object_tagging(BUCKET, "k");
    delete.version_id(&older).send().await.unwrap();
    assert_eq!(of(&client, "k", Some(&older)).await, []);

    let deleted = client.delete_object(BUCKET, "k").send().await.unwrap();
    let marker = deleted.version_id.clone().unwrap();
    let get = || client.get_object_tagging(BUCKET, "k");
    assert_eq!(code(get().send().await), "NoSuchKey");
    assert_eq!(
        code(get().version_id(&marker).send().await),
        "MethodNotAllowed"
    );
    assert_eq!(code(get().version_id("x").send().await), "InvalidArgument");
}

#[tokio::test]
async fn wrong_tags_of_objects_change_nothing() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "k", "v").tagging("kept=1");
    put.send().await.unwrap();
    let many: Vec<_> = (0..11).map(|it| format!("k{it}")).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), "v")).collect();
    let long = "v".repeat(256);
    for bad in [
        set(&many),
        set(&[("k", "1"), ("k", "2")]),
        set(&[("k<", "1")]),
        set(&[("k", &long)]),
    ] {
        let put = client.put_object_tagging(BUCKET, "k", bad).send().await;
        assert_eq!(code(put), "InvalidTag");
    }
    for bad in ["k=1&k=2", "=1", "k=%ff", "k=1%262"] {
        let put = client.put_object(BUCKET, "k", "w").tagging(bad);
        assert_eq!(code(put.send().await), "InvalidTag", "{bad}");
        let begun = client.initiate_multipart_upload(BUCKET, "k").tagging(bad);
        assert_eq!(code(begun.send().await), "InvalidTag", "{bad}");
    }
    assert_eq!(of(&client, "k", None).await, pairs(&[("kept", "1")]));
    let tags = || set(&[("a", "1")]);
    for (bucket, key, refusal) in [(BUCKET, "none", "NoSuchKey"), (OTHER, "k", "NoSuchBucket")] {
        let put = client.put_object_tagging(bucket, key, tags());
        assert_eq!(code(put.send().await), refusal);
        let get = client.get_object_tagging(bucket, key);
        assert_eq!(code(get.send().await), refusal);
        let delete = client.delete_object_tagging(bucket, key);
        assert_eq!(code(delete.send().await), refusal);
    }
}

#[tokio::test]
async fn tags_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || Settings::default().folder(folder.path());
    let fixture = Fixture::with(settings()).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    let put = client.put_object(BUCKET, "k", "v").tagging("a=1");
    put.send().await.unwrap();
    let begun = client.initiate_multipart_upload(BUCKET, "parts");
    let begun = begun.tagging("b=2").send().await.unwrap();
    let id = begun.upload_id.clone().unwrap();
    fixture.cloud.shutdown().await;
    drop(client);
    drop(fixture);

    let fixture = Fixture::with(settings()).await;
    let client = fixture.client();
    assert_eq!(of(&client, "k", None).await, pairs(&[("a", "1")]));
    let part = client.upload_part(BUCKET, "parts", 1, &id, "v");
    let part = part.send().await.unwrap().etag.clone().unwrap();
    let part = CompletedPart::new(1, part);
    let whole = client.complete_multipart_upload(BUCKET, "parts", &id, [part]);
    whole.send().await.unwrap();
    assert_eq!(of(&client, "parts", None).await, pairs(&[("b", "2")]));
}

#[tokio::test]
async fn answers_say_how_many_tags_an_object_has() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "k", "v").tagging("a=1&b=2");
    put.send().await.unwrap();
    let get = client.get_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(get.tagging_count, Some(2));
    let head = || client.head_object(BUCKET, "k").send();
    assert_eq!(head().await.unwrap().tagging_count, Some(2));
    client
        .delete_object_tagging(BUCKET, "k")
        .send()
        .await
        .unwrap();
    assert_eq!(head().await.unwrap().tagging_count, None);
}
