//! The picture that the README shows is what its address shows.

use tcloud_inspect::demo;

use crate::fixture::BUCKET;
use crate::pictures::{get, served};

const README: &str = include_str!("../../../../README.md");
const SHOWN: &[u8] = include_bytes!("../../../../docs/pictures/rendition.png");

#[tokio::test]
async fn the_readme_shows_what_its_address_shows() {
    let (before, _) = README.split_once("](docs/pictures/rendition.png)").unwrap();
    let mut lines = before.lines().rev();
    let address = lines.find(|line| line.starts_with("http://")).unwrap();
    let (_, rule) = address.split_once("clean.png?").unwrap();
    let (served, own) = served().await;
    let put = own.put_object(BUCKET, "clean.png", demo::clean_png());
    put.acl("public-read").send().await.unwrap();
    let made = get(&served, &format!("/clean.png?{rule}")).await.picture();
    let shown = image::load_from_memory(SHOWN).unwrap().into_rgb8();
    assert_eq!(made.dimensions(), shown.dimensions());
    // Other machines may round otherwise.
    let pairs = made.as_raw().iter().zip(shown.as_raw());
    let far = pairs.map(|(a, b)| a.abs_diff(*b)).max();
    assert!(far <= Some(3), "{far:?}");
}
