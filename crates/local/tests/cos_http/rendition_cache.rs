//! Which renditions of pictures are kept, and for how long.

use image::{DynamicImage, ImageFormat};
use tcloud_cos::Client;
use tcloud_local::Settings;

use crate::fixture::{BUCKET, REGION};
use crate::pictures::{config, exchange, get, quarters, saved, served};
use crate::sockets::Served;

/// Whether the answer to `GET <target>` was made before.
async fn cached(served: &Served, target: &str) -> (String, Vec<u8>) {
    let answer = get(served, target).await;
    assert_eq!(answer.status(), "200", "{}", answer.text());
    (answer.header("x-tcloud-rendition").to_owned(), answer.body)
}

#[tokio::test]
async fn a_rendition_is_made_once_until_the_picture_changes() {
    let (served, own) = served().await;
    let target = "/cat.png?imageMogr2/thumbnail/20x";
    let (first, made) = cached(&served, target).await;
    assert_eq!(first, "miss");
    assert_eq!(
        cached(&served, target).await,
        ("hit".to_owned(), made.clone())
    );
    let head = exchange(&served, "HEAD", target, &[]).await;
    assert_eq!(head.header("x-tcloud-rendition"), "hit");
    assert_eq!(head.header("content-length"), made.len().to_string());
    assert_eq!(
        cached(&served, "/cat.png?imageMogr2/thumbnail/21x").await.0,
        "miss"
    );
    // One that comes to the picture as it was, which is not kept twice.
    let original = "/cat.png?imageMogr2/quality/90/minisize/1";
    let (_, before) = cached(&served, original).await;
    assert_eq!(cached(&served, original).await, ("hit".to_owned(), before));

    let black = saved(&DynamicImage::new_rgb8(80, 60), ImageFormat::Png);
    let put = own.put_object(BUCKET, "cat.png", black);
    put.acl("public-read").send().await.unwrap();
    let (again, other) = cached(&served, target).await;
    assert_eq!(again, "miss");
    assert_ne!(other, made);
    own.delete_object(BUCKET, "cat.png").send().await.unwrap();
    assert_ne!(get(&served, target).await.status(), "200");
}

#[tokio::test]
async fn who_may_not_read_a_picture_may_not_read_its_renditions() {
    let (served, own) = served().await;
    let target = "/cat.png?imageMogr2/thumbnail/20x";
    assert_eq!(cached(&served, target).await.0, "miss");
    own.put_object_acl(BUCKET, "cat.png")
        .acl("private")
        .send()
        .await
        .unwrap();
    assert_eq!(get(&served, target).await.status(), "403");
}

#[tokio::test]
async fn equal_requests_at_the_same_time_are_one_computation() {
    let (served, _) = served().await;
    let target = "/cat.png?imageMogr2/thumbnail/800x/blur/20x10";
    let all = (0..8).map(|_| cached(&served, target));
    let all = futures_util::future::join_all(all).await;
    let misses = all.iter().filter(|(cache, _)| cache == "miss").count();
    assert_eq!(misses, 1);
    assert!(all.iter().all(|(_, body)| *body == all[0].1));
}

#[tokio::test]
async fn without_a_cache_every_rendition_is_made() {
    let settings = Settings::default().default_region(REGION);
    let served = Served::new(settings.rendition_cache(0)).await;
    let own = Client::new(&config(&served));
    own.put_bucket(BUCKET).send().await.unwrap();
    let put = own.put_object(BUCKET, "cat.png", quarters());
    put.acl("public-read").send().await.unwrap();
    for _ in 0..2 {
        let made = cached(&served, "/cat.png?imageMogr2/thumbnail/20x").await;
        assert_eq!(made.0, "miss");
    }
}
