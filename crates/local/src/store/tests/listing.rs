//! Listing, compared with a model that looks at every key.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::listing::Listing;
use crate::store::{Acl, ListQuery, Store, StoreError};
use proptest::collection::btree_set;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::runtime::Builder;

use super::fixture::{BUCKET, Fixture, REGION, on_every_store, put};

on_every_store!(
    folders_are_rolled_up_and_paged,
    an_empty_listing_is_no_error
);

fn query(prefix: &str, delimiter: &str, marker: &str, max_keys: u32) -> ListQuery {
    let [prefix, delimiter, marker] = [prefix, delimiter, marker].map(ToOwned::to_owned);
    ListQuery {
        prefix,
        delimiter,
        marker,
        max_keys,
    }
}

fn keys(listing: &Listing) -> Vec<&str> {
    listing
        .objects
        .iter()
        .map(|object| object.key.as_str())
        .collect()
}

async fn folders_are_rolled_up_and_paged(Fixture { store, .. }: &Fixture) {
    for key in [
        "a",
        "docs/1",
        "docs/2",
        "docs/old/3",
        "docs0",
        "photos/cat.jpg",
        "z",
    ] {
        put(store, key, key).await;
    }
    let top = store
        .list_objects(BUCKET, &query("", "/", "", 3))
        .await
        .unwrap();
    assert_eq!(keys(&top), ["a", "docs0"]);
    assert_eq!(top.common_prefixes, ["docs/"]);
    assert_eq!(top.next_marker.as_deref(), Some("docs0"));
    let rest = store
        .list_objects(BUCKET, &query("", "/", "docs0", 3))
        .await
        .unwrap();
    assert_eq!(keys(&rest), ["z"]);
    assert_eq!(rest.common_prefixes, ["photos/"]);
    assert_eq!(rest.next_marker, None);
    let docs = store
        .list_objects(BUCKET, &query("docs/", "/", "", 1000))
        .await
        .unwrap();
    assert_eq!(keys(&docs), ["docs/1", "docs/2"]);
    assert_eq!(docs.common_prefixes, ["docs/old/"]);
    // A page that ends with a common prefix is continued behind it.
    let page = store
        .list_objects(BUCKET, &query("", "/", "", 2))
        .await
        .unwrap();
    assert_eq!(page.next_marker.as_deref(), Some("docs/"));
    let next = store
        .list_objects(BUCKET, &query("", "/", "docs/", 1))
        .await
        .unwrap();
    assert_eq!(keys(&next), ["docs0"]);
}

async fn an_empty_listing_is_no_error(Fixture { store, .. }: &Fixture) {
    let nothing = Listing::default();
    assert_eq!(
        store
            .list_objects(BUCKET, &query("", "", "", 10))
            .await
            .unwrap(),
        nothing
    );
    put(store, "key", "content").await;
    assert_eq!(
        store
            .list_objects(BUCKET, &query("", "", "", 0))
            .await
            .unwrap(),
        nothing
    );
    let nowhere = store
        .list_objects("other-1250000000", &query("", "", "", 10))
        .await;
    assert!(matches!(nowhere, Err(StoreError::NoSuchBucket(_))));
}

/// The keys, the common prefixes and the next marker that a listing must have.
type Expected = (Vec<String>, Vec<String>, Option<String>);

fn model(all: &BTreeSet<String>, query: &ListQuery) -> Expected {
    let mut entries = BTreeMap::new();
    for key in all.iter().filter(|key| key.starts_with(&query.prefix)) {
        let rest = &key[query.prefix.len()..];
        let end = if query.delimiter.is_empty() {
            None
        } else {
            rest.find(&query.delimiter)
        };
        match end {
            Some(end) => {
                let common = &key[..query.prefix.len() + end + query.delimiter.len()];
                entries.insert(common.as_bytes().to_vec(), true);
            }
            None => {
                entries.insert(key.as_bytes().to_vec(), false);
            }
        }
    }
    entries.retain(|entry, _| entry.as_slice() > query.marker.as_bytes());
    let (mut keys, mut prefixes, mut last) = (Vec::new(), Vec::new(), None);
    let max_keys = usize::try_from(query.max_keys).unwrap();
    for (entry, common) in entries.iter().take(max_keys) {
        let entry = String::from_utf8(entry.clone()).unwrap();
        last = Some(entry.clone());
        if *common {
            prefixes.push(entry);
        } else {
            keys.push(entry);
        }
    }
    (keys, prefixes, last.filter(|_| entries.len() > max_keys))
}

/// Short texts of few letters, so that prefixes, delimiters and markers often meet the keys. The
/// letters include the neighbours of `/`, two around the surrogates and the last one there is.
fn text(longest: usize) -> impl Strategy<Value = String> {
    let letter = select(vec![
        '/',
        '/',
        '.',
        '0',
        'a',
        'b',
        '\'',
        'é',
        '\u{D7FF}',
        '\u{E000}',
        '😀',
        '\u{10FFFF}',
    ]);
    proptest::collection::vec(letter, 0..=longest).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn listing_agrees_with_the_model(
        mut all in btree_set(text(5), 0..24),
        queries in proptest::collection::vec((text(2), text(1), text(4), 0_u32..9), 24),
    ) {
        all.remove("");
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = Store::ephemeral().await.unwrap();
            for bucket in [BUCKET, "neighbour-1250000000"] {
                store.create_bucket(bucket, REGION, Acl::Private).await.unwrap();
            }
            for key in &all {
                put(&store, key, "").await;
            }
            for (prefix, delimiter, marker, max_keys) in queries {
                let query = query(&prefix, &delimiter, &marker, max_keys);
                let listing = store.list_objects(BUCKET, &query).await.unwrap();
                let keys = keys(&listing).into_iter().map(ToOwned::to_owned).collect();
                let actual: Expected = (keys, listing.common_prefixes, listing.next_marker);
                prop_assert_eq!(actual, model(&all, &query), "{:?}", query);
            }
            Ok(())
        })?;
    }
}
