//! What pictures hold beside what one sees: codes, and blind watermarks.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use image::{ImageFormat, Rgb, RgbImage};
use tcloud_ci::Client;
use tcloud_ci::operation::process_stored_image::ProcessStoredImageResponse;
use tcloud_ci::types::{SlimMode, SwitchState};

use crate::fixture::{BUCKET, bucket_host};
use crate::pictures::{config, get, served};
use crate::sockets::Served;

const NAME: &str = "blind watermark of tcloud (not Tencent's)";

fn encoded(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn scene() -> RgbImage {
    RgbImage::from_fn(240, 180, |x, y| {
        let wave = (f64::from(x) / 13.0).sin() * (f64::from(y) / 17.0).cos() * 60.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a shade"
        )]
        let shade = (120.0 + wave) as u8;
        Rgb([shade, shade / 2 + 50, 220 - shade / 2])
    })
}

fn logo() -> RgbImage {
    RgbImage::from_fn(64, 64, |x, y| {
        Rgb([if (x < 24) ^ (y > 40) { 250 } else { 5 }; 3])
    })
}

async fn ruled(ci: &Client, key: &str, to: &str, rule: &str) -> ProcessStoredImageResponse {
    let rules = format!(r#"{{"rules":[{{"fileid":"{to}","rule":"{rule}"}}]}}"#);
    let call = ci.process_stored_image(BUCKET, key, rules);
    call.send().await.unwrap().into_output()
}

fn address(key: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("http://{}/{key}", bucket_host()))
}

async fn put(served: &Served, key: &str, content: Vec<u8>) {
    let cos = tcloud_cos::Client::new(&config(served));
    let put = cos.put_object(BUCKET, key, content).acl("public-read");
    put.send().await.unwrap();
}

#[tokio::test]
async fn a_text_is_hidden_and_read_again() {
    let (served, _) = served().await;
    put(&served, "scene.png", encoded(&scene(), ImageFormat::Png)).await;
    let ci = Client::new(&config(&served));
    let text = BASE64_URL_SAFE_NO_PAD.encode("腾讯云 tcloud");
    let rule = format!("watermark/3/type/3/text/{text}");
    ruled(&ci, "scene.png", "marked.png", &rule).await;
    // It outlives JPEG, and another size.
    ruled(
        &ci,
        "marked.png",
        "worn.jpg",
        "imageMogr2/format/jpg/quality/70!",
    )
    .await;
    ruled(&ci, "marked.png", "small.png", "imageMogr2/thumbnail/!80p").await;
    for key in ["marked.png", "worn.jpg", "small.png"] {
        let told = ruled(&ci, key, "none", "watermark/4/type/3").await;
        let results = told.process_results.unwrap();
        assert_eq!(results.text.as_deref(), Some("腾讯云 tcloud"), "{key}");
        assert!(results.object.is_empty());
    }
    let told = ruled(&ci, "scene.png", "none", "watermark/4/type/3").await;
    assert_eq!(told.process_results.unwrap().text, None);

    let answer = get(&served, &format!("/scene.png?{rule}")).await;
    assert_eq!(answer.status(), "200", "{}", answer.text());
    assert_eq!(answer.header("x-tcloud-engines"), NAME);
    put(&served, "read.png", answer.body).await;
    let answer = get(&served, "/read.png?watermark/4/type/3").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let told: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(
        told,
        serde_json::json!({ "text": "腾讯云 tcloud", "engine": NAME })
    );
}

#[tokio::test]
async fn a_picture_is_hidden_and_found_by_itself_or_by_the_original() {
    let (served, own) = served().await;
    put(&served, "scene.png", encoded(&scene(), ImageFormat::Png)).await;
    put(&served, "logo.png", encoded(&logo(), ImageFormat::Png)).await;
    let ci = Client::new(&config(&served));
    let logo = address("logo.png");
    for (kind, level, by) in [
        (1, "", address("scene.png")),
        (2, "/level/1", logo.clone()),
        (2, "/level/3", logo.clone()),
    ] {
        let rule = format!("watermark/3/type/{kind}/image/{logo}{level}");
        ruled(
            &ci,
            "scene.png",
            "marked.jpg",
            &format!("{rule}|imageMogr2/format/jpg"),
        )
        .await;
        let read = format!("watermark/4/type/{kind}/image/{by}");
        let told = ruled(&ci, "marked.jpg", "found.png", &read).await;
        let found = told.process_results.unwrap().object.remove(0);
        assert!(found.watermark_status > Some(75), "{kind}: {found:?}");
        assert_eq!((found.width, found.height), (Some(256), Some(256)));
        let marked = own.get_object(BUCKET, "marked.jpg").send().await.unwrap();
        let marked = marked.into_body().collect(1 << 20).await.unwrap();
        put(&served, "open.jpg", marked.to_vec()).await;
        let answer = get(&served, &format!("/open.jpg?{read}")).await;
        let picture = answer.picture();
        // What was light is light: the upper left, and the lower right.
        let shades =
            [(40, 40), (200, 40), (40, 230), (200, 230)].map(|(x, y)| picture.get_pixel(x, y).0[0]);
        assert_eq!(shades, [255, 0, 0, 255], "{kind}");
        let sure: u8 = answer
            .header("x-tcloud-watermark-certainty")
            .parse()
            .unwrap();
        assert!(sure > 75);
        assert_eq!(answer.header("x-tcloud-engines"), NAME);
    }
    let read = format!("watermark/4/type/2/image/{logo}");
    let told = ruled(&ci, "scene.png", "found.png", &read).await;
    let found = told.process_results.unwrap().object.remove(0);
    assert!(found.watermark_status < Some(60), "{found:?}");
}

#[tokio::test]
#[cfg(feature = "codes")]
async fn codes_are_drawn_read_and_covered() {
    let (served, _) = served().await;
    let ci = Client::new(&config(&served));
    let drawn = async |text: &str, mode: i64| {
        let call = ci.generate_qr_code(BUCKET, text, 200).mode(mode);
        let answer = call.send().await.unwrap().into_output();
        let png = BASE64_STANDARD
            .decode(answer.result_image.unwrap())
            .unwrap();
        image::load_from_memory(&png).unwrap().into_rgb8()
    };
    let (square, bars) = (
        drawn("https://example.com", 0).await,
        drawn("TCLOUD-7", 1).await,
    );
    assert_eq!(
        (square.dimensions(), bars.dimensions()),
        ((200, 200), (200, 100))
    );
    let mut both = RgbImage::from_pixel(500, 300, Rgb([235, 240, 245]));
    image::imageops::overlay(&mut both, &square, 20, 30);
    image::imageops::overlay(&mut both, &bars, 270, 150);
    put(&served, "codes.png", encoded(&both, ImageFormat::Png)).await;
    for (kind, texts) in [
        (0, vec!["https://example.com", "TCLOUD-7"]),
        (1, vec!["https://example.com"]),
        (2, vec!["TCLOUD-7"]),
    ] {
        let call = ci.get_qr_code(BUCKET, "codes.png").bar_type(kind).cover(1);
        let answer = call.send().await.unwrap().into_output();
        let found: Vec<_> = answer
            .qr_code_info
            .iter()
            .map(|it| it.code_url.as_deref().unwrap())
            .collect();
        assert_eq!(found, texts);
        assert_eq!(answer.code_status, Some(1));
        let place = answer.qr_code_info[0].code_location.as_ref().unwrap();
        let corners: Vec<Vec<u32>> = place
            .point
            .iter()
            .map(|it| {
                it.split(',')
                    .map(|number| number.parse().unwrap())
                    .collect()
            })
            .collect();
        let (left, top) = if kind == 2 { (270, 150) } else { (20, 30) };
        assert_eq!(corners.len(), 4);
        for corner in corners {
            assert!((left..=left + 200).contains(&corner[0]), "{corner:?}");
            assert!((top..=top + 200).contains(&corner[1]), "{corner:?}");
        }
        let covered = BASE64_STANDARD
            .decode(answer.result_image.unwrap())
            .unwrap();
        put(&served, "covered.png", covered).await;
        let left = ci
            .get_qr_code(BUCKET, "covered.png")
            .bar_type(kind)
            .send()
            .await
            .unwrap();
        assert_eq!(left.code_status, Some(0), "{kind}");
    }
    let told = ruled(&ci, "codes.png", "covered.png", "QRcode/cover/1/bar-type/1").await;
    let object = told.process_results.unwrap().object.remove(0);
    assert_eq!(object.code_status, Some(1));
    assert_eq!(
        object.qr_code_info[0].code_url.as_deref(),
        Some("https://example.com")
    );
    assert_eq!((object.width, object.height), (Some(500), Some(300)));
    let answer = ci
        .get_qr_code(BUCKET, "covered.png")
        .send()
        .await
        .unwrap()
        .into_output();
    assert_eq!(answer.qr_code_info.len(), 1, "the bars alone");

    put(&served, "scene.png", encoded(&scene(), ImageFormat::Png)).await;
    let none = ci
        .get_qr_code(BUCKET, "scene.png")
        .send()
        .await
        .unwrap()
        .into_output();
    assert_eq!((none.code_status, none.qr_code_info.len()), (Some(0), 0));
    let refused = get(&served, "/codes.png?QRcode/cover/0").await;
    assert_eq!(refused.status(), "400", "{}", refused.text());
    for call in [
        ci.generate_qr_code(BUCKET, "a", 9),
        ci.generate_qr_code(BUCKET, "", 200),
        ci.generate_qr_code(BUCKET, "a", 5000),
        ci.generate_qr_code(BUCKET, "腾讯", 200).mode(1),
    ] {
        let error = call.send().await.unwrap_err();
        assert_eq!(error.code(), Some("InvalidArgument"), "{error}");
    }
}

#[tokio::test]
async fn a_slim_picture_is_smaller_and_looks_the_same() {
    let (served, _) = served().await;
    let mut file = std::io::Cursor::new(Vec::new());
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 98);
    scene().write_with_encoder(encoder).unwrap();
    let jpeg = file.into_inner();
    let before = jpeg.len();
    put(&served, "scene.jpg", jpeg).await;
    let refused = get(&served, "/scene.jpg?imageSlim").await;
    assert_eq!(refused.status(), "400", "{}", refused.text());
    assert!(refused.text().contains("?image-slim"), "{}", refused.text());
    let ci = tcloud_ci::Client::new(&config(&served));
    ci.update_bucket_image_slim(BUCKET).send().await.unwrap();
    let answer = get(&served, "/scene.jpg?imageSlim").await;
    assert_eq!(answer.header("content-type"), "image/jpeg");
    assert!(
        answer.body.len() < before * 2 / 3,
        "{} of {before}",
        answer.body.len()
    );
    let far = scene();
    let far = far.as_raw().iter().zip(answer.picture().into_raw());
    let far = far
        .map(|(a, b)| f64::from(a.abs_diff(b)).powi(2))
        .sum::<f64>()
        / (240.0 * 180.0 * 3.0);
    assert!(far < 9.0, "{far}");
    // What does not become smaller stays to the byte.
    put(&served, "slim.jpg", answer.body.clone()).await;
    let again = get(&served, "/slim.jpg?imageSlim").await;
    assert!(again.body.len() <= answer.body.len());

    // By itself where the bucket says so, and never what is no picture.
    assert_eq!(get(&served, "/scene.jpg").await.body.len(), before);
    put(&served, "text.jpg", b"no picture".to_vec()).await;
    let always = ci.update_bucket_image_slim(BUCKET);
    always.slim_mode(SlimMode::Auto).send().await.unwrap();
    assert_eq!(get(&served, "/scene.jpg").await.body, answer.body);
    assert_eq!(get(&served, "/text.jpg").await.body, b"no picture");
    let told = ci.describe_bucket_image_slim(BUCKET).send().await.unwrap();
    assert_eq!(told.status, Some(SwitchState::On));
    assert_eq!(told.slim_mode, Some(SlimMode::Auto));
    ci.delete_bucket_image_slim(BUCKET).send().await.unwrap();
    assert_eq!(get(&served, "/scene.jpg").await.body.len(), before);
    assert_eq!(get(&served, "/scene.jpg?imageSlim").await.status(), "400");
}
