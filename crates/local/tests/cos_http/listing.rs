use tcloud_cos::Client;
use tcloud_cos::operation::get_bucket::GetBucketResponse;
use tcloud_local::AuthMode;

use crate::fixture::{BUCKET, Fixture, code};

fn keys(page: &GetBucketResponse) -> Vec<&str> {
    page.contents
        .iter()
        .map(|object| object.key.as_deref().unwrap())
        .collect()
}

/// A cloud that checks no signatures, with a bucket.
async fn open() -> (Fixture, Client) {
    let fixture = Fixture::mode(AuthMode::Off).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    (fixture, client)
}

fn prefixes(page: &GetBucketResponse) -> Vec<&str> {
    page.common_prefixes
        .iter()
        .map(|common| common.prefix.as_deref().unwrap())
        .collect()
}

#[tokio::test]
async fn pages_of_keys_and_folders() {
    let (_fixture, client) = Fixture::with_bucket().await;
    for key in ["a/1", "a/2", "b", "c/1", "d"] {
        client.put_object(BUCKET, key, "x").send().await.unwrap();
    }
    let all = client.get_bucket(BUCKET).send().await.unwrap();
    assert_eq!(keys(&all), ["a/1", "a/2", "b", "c/1", "d"]);
    assert_eq!(all.name.as_deref(), Some(BUCKET));
    assert_eq!(all.max_keys, Some(1000));
    assert_eq!(all.is_truncated, Some(false));
    assert!(all.next_marker.is_none());
    let first = &all.contents[0];
    assert_eq!(
        first.etag.as_deref(),
        Some("\"9dd4e461268c8034f5c8564e155c67a6\"")
    );
    assert_eq!(first.size, Some(1));
    assert_eq!(
        first.last_modified.as_ref().unwrap().as_str(),
        "2023-11-14T22:13:20.000Z"
    );

    let page = client
        .get_bucket(BUCKET)
        .delimiter("/")
        .max_keys(2)
        .send()
        .await
        .unwrap();
    assert_eq!(prefixes(&page), ["a/"]);
    assert_eq!(keys(&page), ["b"]);
    assert_eq!(page.is_truncated, Some(true));
    let marker = page.next_marker.clone().unwrap();
    let rest = client
        .get_bucket(BUCKET)
        .delimiter("/")
        .marker(marker)
        .send()
        .await
        .unwrap();
    assert_eq!(prefixes(&rest), ["c/"]);
    assert_eq!(keys(&rest), ["d"]);

    let folder = client.get_bucket(BUCKET).prefix("a/").send().await.unwrap();
    assert_eq!(keys(&folder), ["a/1", "a/2"]);
    assert_eq!(folder.prefix.as_deref(), Some("a/"));
}

#[tokio::test]
async fn keys_can_be_encoded() {
    let (fixture, client) = open().await;
    let key = "a b/+%中\u{1}";
    client.put_object(BUCKET, key, "x").send().await.unwrap();
    let page = client.get_bucket(BUCKET).prefix("a b").send();
    assert_eq!(keys(&page.await.unwrap()), [key]);

    let page = fixture.anonymous("GET /?encoding-type=url&prefix=a%20b");
    let page = page.await;
    assert_eq!(page.element("EncodingType"), "url");
    assert_eq!(page.element("Key"), "a%20b%2F%2B%25%E4%B8%AD%01");
    assert_eq!(page.element("Prefix"), "a%20b");
}

/// XML carries no such character, so the answer says that its keys are encoded.
#[tokio::test]
async fn one_key_with_a_control_character_hides_no_other() {
    let (fixture, client) = open().await;
    for key in ["a b", "c\u{1}d", "e f"] {
        client.put_object(BUCKET, key, "x").send().await.unwrap();
    }
    let page = client.get_bucket(BUCKET).send().await.unwrap();
    assert_eq!(keys(&page), ["a b", "c\u{1}d", "e f"]);
    let page = fixture.anonymous("GET /").await;
    assert_eq!(page.element("EncodingType"), "url");
    assert_eq!(page.element("Key"), "a%20b");
    // A page without such a key is as it was asked for.
    let page = fixture.anonymous("GET /?prefix=a").await;
    assert_eq!(page.element("EncodingType"), "");
    assert_eq!(page.element("Key"), "a b");
    let items = client.get_bucket(BUCKET).max_keys(1).items();
    assert_eq!(items.collect().await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_encoded_list_is_followed_to_its_end() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let all = ["a b", "a!x", "\u{4e2d}/1", "\u{4e2d}/2"];
    for key in all {
        client.put_object(BUCKET, key, "x").send().await.unwrap();
    }
    let listed = client
        .get_bucket(BUCKET)
        .max_keys(1)
        .items()
        .collect()
        .await
        .unwrap();
    assert_eq!(listed.len(), all.len());
}

#[tokio::test]
async fn wrong_listings_are_refused() {
    let (_fixture, client) = Fixture::with_bucket().await;
    for count in [0, 1001, -1] {
        let result = client.get_bucket(BUCKET).max_keys(count).send().await;
        assert_eq!(code(result), "InvalidArgument", "{count}");
    }
    let missing = client.get_bucket("none-1250000000").send().await;
    assert_eq!(code(missing), "NoSuchBucket");
}
