//! Tags of buckets.

use tcloud_cos::Client;
use tcloud_cos::types::{Tag, TagSet};

use crate::fixture::{BUCKET, Fixture, code};

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
