//! AVIF, HEIF and JPEG XL, over a socket, with the programs of the machine, which are also the
//! readers that results are compared by.

use std::fs;
use std::path::Path;
use std::process::Command;

use image::RgbImage;

use crate::fixture::BUCKET;
use crate::pictures::{BLUE, GRAY, GREEN, RED, check, get, served};
use crate::programs::needs;

const SAME: [[u8; 3]; 4] = [RED, GREEN, BLUE, GRAY];

/// A file that the codecs' own makers wrote: `make.sh` beside it.
fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../imaging/tests");
    fs::read(Path::new(folder).join(name)).unwrap()
}

fn golden(name: &str) -> RgbImage {
    let png = file(&format!("golden/data/{name}.png"));
    image::load_from_memory(&png).unwrap().into_rgb8()
}

/// What `program` makes of the picture file `bytes`.
fn read_by(program: &str, bytes: &[u8], ending: &str) -> RgbImage {
    let folder = tempfile::tempdir().unwrap();
    let [from, to] =
        [format!("in.{ending}"), "out.png".to_owned()].map(|name| folder.path().join(name));
    fs::write(&from, bytes).unwrap();
    let read = Command::new(program).arg(&from).arg(&to).output().unwrap();
    assert!(read.status.success(), "{program}: {read:?}");
    image::open(&to).unwrap().into_rgb8()
}

#[tokio::test]
async fn avif_is_written_as_its_own_reader_reads_it() {
    if !needs("avifdec") {
        return;
    }
    let (served, own) = served().await;
    for (query, size) in [
        ("imageMogr2/format/avif", (80, 60)),
        ("imageMogr2/thumbnail/40x/format/avif/quality/90!", (40, 30)),
        ("imageView2/2/w/40/format/avif", (40, 30)),
    ] {
        let made = get(&served, &format!("/cat.png?{query}")).await;
        assert_eq!(made.status(), "200", "{}", made.text());
        assert_eq!(made.header("content-type"), "image/avif");
        check(&read_by("avifdec", made.body(), "avif"), size, SAME);
        let put = own.put_object(BUCKET, "made.avif", made.body().to_vec());
        put.acl("public-read").send().await.unwrap();
        let info = get(&served, "/made.avif?imageInfo").await.text();
        assert!(info.contains(r#""format":"avif""#), "{info}");
        // And back again.
        let back = get(&served, "/made.avif?imageMogr2/format/png").await;
        check(&back.picture(), size, SAME);
    }
}

#[tokio::test]
async fn heif_is_written_and_read_by_libheif() {
    if !needs("heif-enc") || !needs("heif-convert") {
        return;
    }
    let (served, own) = served().await;
    let made = get(
        &served,
        "/cat.png?imageMogr2/rotate/90/format/heif/quality/95!",
    )
    .await;
    assert_eq!(made.status(), "200", "{}", made.text());
    assert_eq!(made.header("content-type"), "image/heic");
    let turned = [BLUE, RED, GRAY, GREEN];
    check(
        &read_by("heif-convert", made.body(), "heic"),
        (60, 80),
        turned,
    );
    let put = own.put_object(BUCKET, "phone.heic", made.body().to_vec());
    put.acl("public-read").send().await.unwrap();
    let info = get(&served, "/phone.heic?imageInfo").await.text();
    assert!(info.contains(r#""format":"heif""#), "{info}");
    let back = get(&served, "/phone.heic?imageMogr2/rotate/270/format/png").await;
    check(&back.picture(), (80, 60), SAME);
    let average = get(&served, "/phone.heic?imageAve").await;
    assert_eq!(average.status(), "200", "{}", average.text());
}

#[tokio::test]
async fn pictures_of_other_makers_are_read() {
    let (served, own) = served().await;
    let mut cases = vec![("lossless.jxl", "source", 0), ("deep.jxl", "source", 0)];
    if needs("avifdec") {
        cases.push(("plain.avif", "source", 0));
        cases.push(("turned.avif", "turn_270", 0));
        cases.push(("mirrored.avif", "flip_horizontal", 0));
    }
    if needs("heif-convert") {
        cases.push(("plain.heic", "source", 3));
    }
    for (name, expected, off) in cases {
        let bytes = file(&format!("codecs/data/{name}"));
        let put = own.put_object(BUCKET, name, bytes);
        put.acl("public-read").send().await.unwrap();
        let made = get(&served, &format!("/{name}?imageMogr2/format/png")).await;
        let (made, expected) = (made.picture(), golden(expected));
        assert_eq!(made.dimensions(), expected.dimensions(), "{name}");
        let pairs = made.as_raw().iter().zip(expected.as_raw());
        let most = pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(most <= off, "{name}: {most}");
    }
}

#[tokio::test]
async fn what_nobody_here_reads_or_writes_is_refused_by_name() {
    let (served, own) = served().await;
    let put = own.put_object(BUCKET, "cat.tpg", b"TPG\0\0\0\0\0".to_vec());
    put.acl("public-read").send().await.unwrap();
    for (target, name) in [
        ("/cat.tpg?imageMogr2/format/png", "reading TPG"),
        ("/cat.png?imageMogr2/format/tpg", "imageMogr2/format/tpg"),
    ] {
        let refused = get(&served, target).await;
        let text = refused.text();
        assert_eq!(refused.status(), "501", "{text}");
        assert!(
            text.contains("NotImplemented") && text.contains(name),
            "{text}"
        );
    }
    let put = own.put_object(
        BUCKET,
        "phone.heic",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(),
    );
    put.acl("public-read").send().await.unwrap();
    let refused = get(&served, "/phone.heic?imageMogr2/format/png").await;
    assert_eq!(refused.status(), "400", "{}", refused.text());
    assert!(
        refused.text().contains("reading a HEIF picture"),
        "{}",
        refused.text()
    );
}
