//! `?ci-process=ImageRepair`, `AIImageCrop` and `AssessQuality`, over a socket.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE;
use image::{Rgb, RgbImage};
use tcloud_ci::Client;

use crate::fixture::{BUCKET, bucket_host};
use crate::pictures::{config, get, quarters, served};

const LIMIT: usize = 1 << 20;
const GROUND: Rgb<u8> = Rgb([60, 90, 130]);

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut file, image::ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

fn decoded(bytes: &[u8]) -> RgbImage {
    image::load_from_memory(bytes).unwrap().into_rgb8()
}

/// A red square on a plain ground.
fn spotted(width: u32, height: u32, (left, top): (u32, u32), side: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let is_spot = (left..left + side).contains(&x) && (top..top + side).contains(&y);
        if is_spot { Rgb([230, 30, 20]) } else { GROUND }
    })
}

fn is_clean(picture: &RgbImage) -> bool {
    let far = |pixel: &Rgb<u8>| pixel.0.iter().zip(GROUND.0).any(|(a, b)| a.abs_diff(b) > 2);
    !picture.pixels().any(far)
}

#[tokio::test]
async fn what_is_drawn_or_masked_is_erased() {
    let (served, own) = served().await;
    let put = own.put_object(BUCKET, "spot.png", png(&spotted(80, 60, (20, 15), 12)));
    put.send().await.unwrap();
    let mask = RgbImage::from_fn(80, 60, |x, y| {
        let is_masked = (18..34).contains(&x) && (13..29).contains(&y);
        Rgb([if is_masked { 255 } else { 0 }; 3])
    });
    let put = own
        .put_object(BUCKET, "mask.png", png(&mask))
        .acl("public-read");
    put.send().await.unwrap();
    let small = own
        .put_object(BUCKET, "small.png", png(&RgbImage::new(9, 9)))
        .acl("public-read");
    small.send().await.unwrap();
    let ci = Client::new(&config(&served));
    let address = |key: &str| {
        let host = bucket_host();
        BASE64_URL_SAFE.encode(format!("http://{host}/{key}"))
    };
    let outline = BASE64_URL_SAFE.encode("[[18,13],[34,13],[34,29],[18,29]]");
    let unpadded = outline.trim_end_matches('=');
    let repair = || ci.get_image_repair(BUCKET, "spot.png");
    for call in [
        repair().mask_poly(outline.as_str()),
        repair().mask_poly(unpadded),
        repair().mask_pic(address("mask.png")),
        // The picture goes before the outline.
        repair().mask_pic(address("mask.png")).mask_poly("!"),
    ] {
        let reply = call.send().await.unwrap();
        assert_eq!(reply.content_type.as_deref(), Some("image/png"));
        assert_eq!(
            reply.headers().get("x-tcloud-engines").unwrap(),
            "inpainting (Telea)"
        );
        let picture = decoded(&reply.into_body().collect(LIMIT).await.unwrap());
        assert_eq!(picture.dimensions(), (80, 60));
        assert!(is_clean(&picture));
    }
    let all = BASE64_URL_SAFE.encode("[[0,0],[80,0],[80,60],[0,60]]");
    let line = BASE64_URL_SAFE.encode("[[0,0],[80,0]]");
    for (call, code) in [
        (repair(), "NotImplemented"),
        (repair().mask_poly("!"), "InvalidArgument"),
        (repair().mask_poly(line), "InvalidArgument"),
        (repair().mask_poly(all), "InvalidArgument"),
        (repair().mask_pic(address("none.png")), "InvalidArgument"),
        (repair().mask_pic(address("small.png")), "InvalidArgument"),
    ] {
        let error = call.send().await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{error}");
    }
    let answer = get(&served, "/cat.png?ci-process=ImageRepair").await;
    assert_eq!(answer.status(), "403", "{}", answer.text());
}

#[tokio::test]
async fn a_picture_is_cut_to_what_draws_the_eye() {
    let (served, own) = served().await;
    for (key, place) in [("left.png", (12, 40)), ("right.png", (250, 40))] {
        let put = own.put_object(BUCKET, key, png(&spotted(300, 120, place, 40)));
        put.send().await.unwrap();
    }
    let ci = Client::new(&config(&served));
    for key in ["left.png", "right.png"] {
        for (fixed, size) in [(0, (120, 120)), (1, (60, 60))] {
            let call = ci.get_ai_image_crop(BUCKET, key, 60, 60).fixed(fixed);
            let reply = call.send().await.unwrap();
            let engines = reply.headers().get("x-tcloud-engines").unwrap();
            assert_eq!(engines, "saliency (frequency-tuned)");
            let picture = decoded(&reply.into_body().collect(LIMIT).await.unwrap());
            assert_eq!(picture.dimensions(), size);
            let red = picture.pixels().filter(|pixel| pixel.0[0] > 200).count();
            assert!(red * 10 > picture.pixels().count(), "{key}: {red}");
        }
    }
    let wide = || ci.get_ai_image_crop(BUCKET, "left.png", 301, 60);
    let error = wide().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidArgument"), "{error}");
    assert!(error.message().contains("300 x 120"), "{error}");
    let reply = wide().ignore_error(1).send().await.unwrap();
    let picture = decoded(&reply.into_body().collect(LIMIT).await.unwrap());
    assert_eq!(picture.dimensions(), (300, 120));
}

#[tokio::test]
async fn figures_say_what_a_picture_is() {
    let (served, own) = served().await;
    let noise = |x: u32, y: u32| u8::try_from((x * 7919 + y * 104_729 + x * y * 31) % 97).unwrap();
    let lively = RgbImage::from_fn(300, 240, |x, y| {
        let base = if (x / 30 + y / 30) % 2 == 0 { 40 } else { 150 };
        Rgb([base + noise(x / 5, y / 5), base, 200 - base])
    });
    let gray = image::imageops::grayscale(&lively);
    let gray = image::DynamicImage::ImageLuma8(gray).into_rgb8();
    let blurred = image::imageops::blur(&lively, 4.0);
    for (key, picture) in [
        ("lively.png", &lively),
        ("gray.png", &gray),
        ("blurred.png", &blurred),
        ("plain.png", &RgbImage::from_pixel(1200, 300, GROUND)),
        ("big.png", &RgbImage::from_pixel(1100, 1001, GROUND)),
    ] {
        own.put_object(BUCKET, key, png(picture))
            .send()
            .await
            .unwrap();
    }
    let put = own.put_object(BUCKET, "small.png", quarters());
    put.send().await.unwrap();
    let ci = Client::new(&config(&served));
    let of = async |key: &str| {
        ci.assess_quality(BUCKET, key)
            .send()
            .await
            .unwrap()
            .into_output()
    };
    let lively = of("lively.png").await;
    let flags = [
        lively.long_image,
        lively.black_and_white,
        lively.small_image,
        lively.pure_image,
    ];
    assert_eq!(flags, [Some(false); 4]);
    let clarity = lively.clarity_score.unwrap();
    assert!((1..=100).contains(&clarity));
    assert_eq!(lively.low_quality_score, Some(100 - clarity));
    // Nobody here knows what is beautiful.
    assert_eq!(lively.aesthetic_score, None);
    assert_eq!(of("gray.png").await.black_and_white, Some(true));
    assert!(of("blurred.png").await.clarity_score.unwrap() < clarity);
    let plain = of("plain.png").await;
    assert_eq!(
        (plain.pure_image, plain.long_image),
        (Some(true), Some(true))
    );
    assert_eq!(of("big.png").await.big_image, Some(true));
    let small = of("small.png").await;
    assert_eq!(
        (small.small_image, small.clarity_score),
        (Some(true), Some(0))
    );
    let beauty = ci
        .assess_quality(BUCKET, "lively.png")
        .enable_aesthetics("true");
    let error = beauty.send().await.unwrap_err();
    assert_eq!(error.code(), Some("NotImplemented"), "{error}");
}
