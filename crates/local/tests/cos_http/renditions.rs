//! Pictures that are processed while they are read.

use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use tcloud_ci::picture::{Flip, Format, ImageMogr2, Pipeline, Thumbnail};
use tcloud_core::call::CallOptions;

use crate::fixture::BUCKET;
use crate::pictures::{
    BLUE, GRAY, GREEN, RED, check, config, exchange, get, quarters, saved, served,
};

/// An animation of three frames of 1 by 1, each shown for 70 ms, for ever.
const MOVING: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\
    !\xff\x0bNETSCAPE2.0\x03\x01\0\0\0\
    !\xf9\x04\0\x07\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\
    !\xf9\x04\0\x07\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x4c\x01\0\
    !\xf9\x04\0\x07\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";

#[tokio::test]
async fn an_animation_stays_one() {
    let (served, own) = served().await;
    let put = own.put_object(BUCKET, "moving.gif", MOVING.to_vec());
    put.acl("public-read").send().await.unwrap();
    for (query, media_type, start, frames) in [
        ("imageMogr2/thumbnail/!500p", "image/gif", "GIF89a", "3"),
        ("imageMogr2/format/webp", "image/webp", "RIFF", "3"),
        ("imageMogr2/cgif/2", "image/gif", "GIF89a", "2"),
        (
            "imageMogr2/format/webp|imageMogr2/format/gif",
            "image/gif",
            "GIF89a",
            "3",
        ),
        ("imageMogr2/format/png", "image/png", "\u{fffd}PNG", "1"),
    ] {
        let made = get(&served, &format!("/moving.gif?{query}")).await;
        assert_eq!(
            (made.status(), made.header("content-type")),
            ("200", media_type)
        );
        assert!(made.text().starts_with(start), "{query}");
        let info = get(&served, &format!("/moving.gif?{query}|imageInfo")).await;
        let count = format!("\"frame_count\":\"{frames}\"");
        assert!(info.text().contains(&count), "{query}: {}", info.text());
    }
}

#[tokio::test]
async fn a_url_shows_the_processed_picture() {
    let (served, _) = served().await;
    let same = [RED, GREEN, BLUE, GRAY];
    for (query, size, colors) in [
        ("imageMogr2/thumbnail/40x", (40, 30), same),
        ("imageMogr2/thumbnail/!50p", (40, 30), same),
        ("imageMogr2/thumbnail/!50px", (40, 60), same),
        ("imageMogr2/thumbnail/!x50p", (80, 30), same),
        ("imageMogr2/thumbnail/x120", (160, 120), same),
        ("imageMogr2/thumbnail/40x40", (40, 30), same),
        ("imageMogr2/thumbnail/160x160%3E", (80, 60), same),
        ("imageMogr2/thumbnail/40x40%3C", (80, 60), same),
        ("imageMogr2/thumbnail/!40x40r", (53, 40), same),
        ("imageMogr2/thumbnail/50x20!", (50, 20), same),
        ("imageMogr2/thumbnail/1200@", (40, 30), same),
        ("imageMogr2/crop/60x60", (60, 60), same),
        (
            "imageMogr2/crop/40x60/gravity/west",
            (40, 60),
            [RED, RED, BLUE, BLUE],
        ),
        ("imageMogr2/cut/40x30x40x0", (40, 30), [GREEN; 4]),
        ("imageMogr2/rotate/90", (60, 80), [BLUE, RED, GRAY, GREEN]),
        (
            "imageMogr2/flip/horizontal",
            (80, 60),
            [GREEN, RED, GRAY, BLUE],
        ),
        (
            "imageMogr2/flip/vertical",
            (80, 60),
            [BLUE, GRAY, RED, GREEN],
        ),
        (
            "imageMogr2/cut/40x30x40x0/thumbnail/20x",
            (20, 15),
            [GREEN; 4],
        ),
        (
            "imageMogr2/thumbnail/20x/cut/10x7x10x0",
            (10, 7),
            [GREEN; 4],
        ),
        (
            "imageMogr2/rotate/90|imageMogr2/thumbnail/30x",
            (30, 40),
            [BLUE, RED, GRAY, GREEN],
        ),
        ("imageView2/1/w/60/h/60", (60, 60), same),
        ("imageView2/2/w/40", (40, 30), same),
        ("imageView2/4/w/40/h/40/format/jpg", (53, 40), same),
        ("imageMogr2/bright/100", (80, 60), [[255; 3]; 4]),
        (
            "imageMogr2/strip/auto-orient/interlace/1/format/jpg",
            (80, 60),
            same,
        ),
        (
            "imageMogr2%2Fthumbnail%2F40x%2Fformat%2Fbmp=",
            (40, 30),
            same,
        ),
    ] {
        let answer = get(&served, &format!("/cat.png?{query}")).await;
        assert_eq!(answer.status(), "200", "{query}: {}", answer.text());
        check(&answer.picture(), size, colors);
    }
}

#[tokio::test]
async fn the_answer_says_what_it_is_and_is_not_sent_twice() {
    let (served, _) = served().await;
    let target = "/cat.png?imageMogr2/thumbnail/40x/format/webp/quality/80";
    let answer = get(&served, target).await;
    assert_eq!(answer.header("content-type"), "image/webp");
    assert_eq!(answer.header("cache-control"), "max-age=60");
    assert_eq!(
        answer.header("content-length"),
        answer.body.len().to_string()
    );
    check(&answer.picture(), (40, 30), [RED, GREEN, BLUE, GRAY]);
    let tag = answer.header("etag").to_owned();
    let original = get(&served, "/cat.png").await.header("etag").to_owned();
    let other = get(&served, "/cat.png?imageMogr2/thumbnail/30x").await;
    assert!(tag != original && tag != other.header("etag") && !tag.is_empty());

    let known = format!("If-None-Match: {tag}");
    let again = exchange(&served, "GET", target, &[&known]).await;
    assert_eq!((again.status(), again.body.len()), ("304", 0));
    let head = exchange(&served, "HEAD", target, &[]).await;
    assert_eq!((head.status(), head.body.len()), ("200", 0));
    for name in ["content-type", "content-length", "etag", "last-modified"] {
        assert_eq!(head.header(name), answer.header(name), "{name}");
    }
    // A part is not answered: HTTP lets a server send the whole.
    let part = exchange(&served, "GET", target, &["Range: bytes=0-3"]).await;
    assert_eq!((part.status(), &part.body), ("200", &answer.body));
}

#[tokio::test]
async fn typed_clients_read_what_they_describe() {
    let (served, own) = served().await;
    let operation = ImageMogr2::new()
        .thumbnail(Thumbnail::Within {
            width: 40,
            height: 40,
        })
        .pad(true)
        .color("#102030")
        .flip(Flip::Horizontal)
        .format(Format::Png);
    let rule = Pipeline::from(operation).rule().unwrap();
    let options = CallOptions::new().query(rule, "");
    let call = own.get_object(BUCKET, "secret.png").options(options);
    let bytes = call
        .send()
        .await
        .unwrap()
        .into_body()
        .collect(1 << 20)
        .await;
    let picture = image::load_from_memory(&bytes.unwrap())
        .unwrap()
        .into_rgb8();
    assert_eq!(picture.dimensions(), (40, 40));
    assert_eq!(picture.get_pixel(20, 1).0, [0x10, 0x20, 0x30]);
    assert_eq!(picture.get_pixel(10, 12).0, GREEN);

    let options = CallOptions::new().query("imageMogr2/rotate/90", "");
    let missing = own.get_object(BUCKET, "none.png").options(options);
    let error = missing.send().await.unwrap_err();
    assert_eq!(error.code(), Some("NoSuchKey"), "{error}");

    let ci = tcloud_ci::Client::new(&config(&served));
    let info = ci
        .get_image_info(BUCKET, "secret.png")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (info.width, info.height, info.frame_count),
        (Some(80), Some(60), Some(1))
    );
    assert_eq!(info.format.as_deref(), Some("png"));
    assert_eq!(info.size, i64::try_from(quarters().len()).ok());
    let average = ci.get_image_ave(BUCKET, "cat.png").send().await.unwrap();
    assert_eq!(average.rgb, info.photo_rgb);
    // The mean of the four colours.
    assert_eq!(average.rgb.as_deref(), Some("0x646469"));
}

#[tokio::test]
async fn what_is_known_of_a_picture_is_answered_in_json() {
    let (served, _) = served().await;
    let answer = get(
        &served,
        "/cat.png?imageMogr2/thumbnail/40x/format/webp|imageInfo",
    )
    .await;
    assert_eq!(
        answer.header("content-type"),
        "application/json",
        "{}",
        answer.text()
    );
    let info: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (&info["format"], &info["width"]),
        (&"webp".into(), &"40".into()),
        "{info}"
    );
    let answer = get(&served, "/cat.png?imageMogr2/cut/40x30x0x0|imageAve").await;
    assert_eq!(answer.text(), r#"{"RGB":"0xdc1e14"}"#);
    let alone = get(&served, "/cat.png?imageAve").await;
    assert_eq!(alone.text(), r#"{"RGB":"0x646469"}"#);
    let info = get(&served, "/cat.png?imageInfo").await;
    assert!(info.text().contains(r#""format":"png""#), "{}", info.text());
}

#[tokio::test]
async fn corners_are_clear_where_the_format_has_alpha_and_white_elsewhere() {
    let (served, own) = served().await;
    for query in ["iradius/30", "rradius/30", "rotate/45"] {
        let png = get(&served, &format!("/cat.png?imageMogr2/{query}")).await;
        let picture = image::load_from_memory(&png.body).unwrap().into_rgba8();
        assert_eq!(picture.get_pixel(0, 0).0[3], 0, "{query}");
        let jpg = get(&served, &format!("/cat.png?imageMogr2/{query}/format/jpg")).await;
        let corner = jpg.picture().get_pixel(0, 0).0;
        assert!(
            corner.iter().all(|&sample| sample > 230),
            "{query}: {corner:?}"
        );
    }
    let clear = RgbaImage::from_pixel(9, 9, image::Rgba([200, 0, 0, 0]));
    let clear = saved(&DynamicImage::ImageRgba8(clear), ImageFormat::Png);
    let put = own
        .put_object(BUCKET, "clear.png", clear)
        .acl("public-read");
    put.send().await.unwrap();
    let white = get(&served, "/clear.png?imageMogr2/format/bmp")
        .await
        .picture();
    assert_eq!(white.get_pixel(4, 4).0, [255; 3]);
}

#[tokio::test]
async fn the_quality_follows_that_of_the_source_and_bytes_are_bounded() {
    let (served, own) = served().await;
    let noise = RgbImage::from_fn(200, 200, |x, y| {
        let hash: u32 = (x * 7919 + y * 104_729).wrapping_mul(2_654_435_761);
        let [red, green, blue, _] = hash.to_be_bytes();
        image::Rgb([red, green, blue])
    });
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 60);
    noise.write_with_encoder(encoder).unwrap();
    let put = own.put_object(BUCKET, "noise.jpg", jpeg.clone());
    put.acl("public-read").send().await.unwrap();
    let size = async |query: &str| {
        let answer = get(&served, &format!("/noise.jpg?imageMogr2/{query}")).await;
        assert_eq!(answer.status(), "200", "{query}: {}", answer.text());
        answer.body.len()
    };
    let own_quality = size("strip").await;
    assert_eq!(
        size("quality/90").await,
        own_quality,
        "no more than the source's"
    );
    assert!(size("quality/90!").await > own_quality * 3 / 2);
    assert!(size("quality/30").await < own_quality);
    assert_eq!(size("rquality/50").await, size("quality/30").await);
    assert_eq!(size("lquality/30").await, own_quality);
    assert!(size("quality/90!/size-limit/12k").await <= 12 * 1024);
    assert!(
        size("quality/90!/size-limit/12k").await > 10 * 1024,
        "the best that fits"
    );
    // What is not smaller is the picture itself.
    assert_eq!(size("quality/100!/minisize/1").await, jpeg.len());
}

/// Requests, each with the status, the code and a part of the message of its refusal.
const REFUSALS: &[(&str, &str, &str, &str)] = &[
    (
        "/cat.png?imageMogr2/scrop/9x9",
        "501",
        "NotImplemented",
        "imageMogr2/scrop",
    ),
    (
        "/cat.png?imageMogr2/format/svg",
        "501",
        "NotImplemented",
        "imageMogr2/format/svg",
    ),
    (
        "/cat.png?imageMogr2/rotate/9|watermark/3/type/3/text/YQ",
        "400",
        "InvalidArgument",
        "96 pixels",
    ),
    (
        "/cat.png?style/small",
        "400",
        "InvalidArgument",
        "no style `small`",
    ),
    (
        "/cat.png?imageMogr2/rotate/9&imageView2/1/w/9",
        "501",
        "NotImplemented",
        "imageView2",
    ),
    (
        "/cat.png?imageMogr2/rotate/400",
        "400",
        "InvalidArgument",
        "rotate",
    ),
    (
        "/cat.png?imageMogr2/rotate/left",
        "400",
        "InvalidArgument",
        "rotate",
    ),
    (
        "/cat.png?imageMogr2/thumbnail/12000x",
        "400",
        "InvalidArgument",
        "9999",
    ),
    (
        "/cat.png?imageMogr2/cut/9x9x80x0",
        "400",
        "InvalidArgument",
        "inside the picture",
    ),
    (
        "/cat.png?imageMogr2/iradius/31",
        "400",
        "InvalidArgument",
        "radius",
    ),
    (
        "/cat.png?imageMogr2/size-limit/9k",
        "400",
        "InvalidArgument",
        "format/jpg",
    ),
    (
        "/text.png?imageMogr2/rotate/9",
        "400",
        "InvalidContent",
        "not supported",
    ),
    (
        "/none.png?imageMogr2/rotate/9",
        "403",
        "AccessDenied",
        "none.png",
    ),
    ("/secret.png?imageMogr2/rotate/9", "403", "AccessDenied", ""),
    ("/secret.png?imageInfo", "403", "AccessDenied", ""),
];

#[tokio::test]
async fn refusals_name_the_part() {
    let (served, own) = served().await;
    let put = own.put_object(BUCKET, "text.png", "no picture");
    put.acl("public-read").send().await.unwrap();
    for &(target, status, code, part) in REFUSALS {
        let answer = get(&served, target).await;
        let text = answer.text();
        assert_eq!(answer.status(), status, "{target}: {text}");
        assert!(
            text.contains(&format!("<Code>{code}</Code>")),
            "{target}: {text}"
        );
        assert!(text.contains(part), "{target}: {text}");
    }
    let ignored = get(&served, "/text.png?imageMogr2/rotate/9/ignore-error/1").await;
    assert_eq!(
        (ignored.status(), &*ignored.body),
        ("200", b"no picture".as_slice())
    );
    assert_eq!(ignored.header("content-type"), "image/png");
}

#[tokio::test]
async fn what_a_camera_noted_is_told() {
    let (served, own) = served().await;
    let nothing = get(&served, "/cat.png?exif").await;
    assert_eq!(nothing.status(), "200", "{}", nothing.text());
    assert_eq!(nothing.text(), r#"{"error":"no exif data"}"#);

    // A PNG file with a chunk of Exif that says how it is turned.
    let mut exif = b"eXIfII*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend([0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    let sum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&exif);
    let length = u32::try_from(exif.len() - 4).unwrap();
    let chunk = [&length.to_be_bytes()[..], &exif, &sum.to_be_bytes()].concat();
    let mut turned = quarters();
    turned.splice(33..33, chunk);
    let put = own.put_object(BUCKET, "turned.png", turned);
    put.acl("public-read").send().await.unwrap();
    let told = get(&served, "/turned.png?exif").await;
    assert_eq!(told.header("content-type"), "application/json");
    assert!(
        told.text().contains(r#""Orientation":{"val":"#),
        "{}",
        told.text()
    );
    assert_eq!(get(&served, "/secret.png?exif").await.status(), "403");
}
