//! What is set for buckets.

use super::fixture::{BUCKET, Fixture, REGION, START, on_every_store};
use crate::store::{Acl, SettingName, StoreError};

on_every_store!(
    a_setting_is_kept_replaced_and_deleted,
    settings_of_a_kind_are_paged_and_counted,
    a_bucket_takes_its_settings_along,
    a_setting_of_no_bucket_is_refused,
);

fn named(bucket: &str, kind: &'static str, id: &str) -> SettingName {
    SettingName {
        bucket: bucket.to_owned(),
        kind,
        id: id.to_owned(),
    }
}

async fn a_setting_is_kept_replaced_and_deleted(Fixture { store, clock, .. }: &Fixture) {
    let name = named(BUCKET, "website", "");
    assert_eq!(store.bucket_setting(&name).await.unwrap(), None);
    assert!(!store.delete_bucket_setting(&name).await.unwrap());
    for document in ["<a/>", "<b/>"] {
        clock.advance(1);
        assert!(store.put_bucket_setting(&name, document, 1).await.unwrap());
    }
    let kept = store.bucket_setting(&name).await.unwrap().unwrap();
    assert_eq!((kept.document.as_str(), kept.set_at), ("<b/>", START + 2));
    let other = named(BUCKET, "logging", "");
    assert_eq!(store.bucket_setting(&other).await.unwrap(), None);
    assert!(store.delete_bucket_setting(&name).await.unwrap());
    assert_eq!(store.bucket_setting(&name).await.unwrap(), None);
}

async fn settings_of_a_kind_are_paged_and_counted(Fixture { store, .. }: &Fixture) {
    for id in ["b", "\u{e9}", "a", "B"] {
        let name = named(BUCKET, "inventory", id);
        assert!(store.put_bucket_setting(&name, id, 4).await.unwrap());
    }
    let fifth = named(BUCKET, "inventory", "c");
    assert!(!store.put_bucket_setting(&fifth, "c", 4).await.unwrap());
    let again = named(BUCKET, "inventory", "b");
    assert!(store.put_bucket_setting(&again, "b", 4).await.unwrap());
    let page = async |after: &str| {
        let page = store.bucket_settings(BUCKET, "inventory", after, 3);
        let ids = page.await.unwrap().into_iter().map(|it| it.id);
        ids.collect::<Vec<_>>()
    };
    assert_eq!(page("").await, ["B", "a", "b"]);
    assert_eq!(page("b").await, ["\u{e9}"]);
    let all = store.settings_of_kind("inventory").await.unwrap();
    assert_eq!(all.len(), 4);
}

async fn a_bucket_takes_its_settings_along(Fixture { store, .. }: &Fixture) {
    let name = named(BUCKET, "website", "");
    assert!(store.put_bucket_setting(&name, "<a/>", 1).await.unwrap());
    store.delete_bucket(BUCKET).await.unwrap();
    let again = store.create_bucket(BUCKET, REGION, Acl::Private).await;
    again.unwrap();
    assert_eq!(store.bucket_setting(&name).await.unwrap(), None);
}

async fn a_setting_of_no_bucket_is_refused(Fixture { store, .. }: &Fixture) {
    let name = named("none-1250000000", "website", "");
    let refused = |result| matches!(result, Err(StoreError::NoSuchBucket(_)));
    assert!(refused(store.bucket_setting(&name).await.map(drop)));
    assert!(refused(
        store.put_bucket_setting(&name, "", 1).await.map(drop)
    ));
    assert!(refused(store.delete_bucket_setting(&name).await.map(drop)));
    let listed = store.bucket_settings(&name.bucket, "website", "", 1).await;
    assert!(refused(listed.map(drop)));
}
