//! Watermarks on pictures that are read.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use image::{DynamicImage, ImageFormat, RgbImage};

use crate::fixture::{BUCKET, REGION};
use crate::pictures::{BLUE, GRAY, RED, get, saved, served};

/// The URL of a watermark: the head of the operation, an address, and what comes behind it.
fn watermark(address: &str, more: &str) -> String {
    let address = URL_SAFE_NO_PAD.encode(address);
    format!("watermark/1/image/{address}{more}")
}

#[tokio::test]
async fn a_watermark_is_a_picture_of_the_same_bucket() {
    let (served, own) = served().await;
    let mark = RgbImage::from_pixel(8, 6, image::Rgb([0; 3]));
    let mark = saved(&DynamicImage::ImageRgb8(mark), ImageFormat::Png);
    for (key, acl) in [("mark.png", "public-read"), ("hidden.png", "private")] {
        own.put_object(BUCKET, key, mark.clone())
            .acl(acl)
            .send()
            .await
            .unwrap();
    }
    let host = format!("http://{BUCKET}.cos.{REGION}.myqcloud.com");
    let public = format!("{host}/mark.png");
    let query = watermark(&public, "/gravity/northwest/dx/4/dy/2/dissolve/100");
    let made = get(&served, &format!("/cat.png?{query}")).await.picture();
    assert_eq!(made.dimensions(), (80, 60));
    for ((x, y), color) in [
        ((4, 2), [0; 3]),
        ((11, 7), [0; 3]),
        ((3, 2), RED),
        ((4, 1), RED),
        ((12, 7), RED),
        ((11, 8), RED),
    ] {
        assert_eq!(made.get_pixel(x, y).0, color, "{x}, {y}");
    }
    // Without more it stands at the lower right, and a tenth of what is below is seen.
    let made = get(&served, &format!("/cat.png?{}", watermark(&public, "")))
        .await
        .picture();
    assert_eq!(made.get_pixel(79, 59).0, [13; 3]);
    assert_eq!(made.get_pixel(71, 59).0, GRAY);
    let scaled = watermark(
        &public,
        "/scatype/1/spcent/500/dissolve/100|imageMogr2/format/png",
    );
    let made = get(&served, &format!("/cat.png?{scaled}")).await.picture();
    assert_eq!(
        (made.get_pixel(41, 31).0, made.get_pixel(39, 31).0),
        ([0; 3], BLUE)
    );
    let tiled = watermark(&public, "/batch/1/spacing/100/dissolve/100");
    let made = get(&served, &format!("/cat.png?{tiled}")).await.picture();
    assert_eq!(
        (made.get_pixel(17, 13).0, made.get_pixel(9, 7).0),
        ([0; 3], RED)
    );

    let nested = format!("{host}/cat.png?{}", watermark(&public, ""));
    let hidden = own.get_object(BUCKET, "hidden.png");
    let hidden = hidden.presign(Duration::from_hours(1)).await.unwrap();
    let prefix = format!("http://127.0.0.1:{}", served.port);
    let path = hidden.url().strip_prefix(&prefix).unwrap();
    let signed = format!(
        "http://{}{path}",
        hidden.headers()["host"].to_str().unwrap()
    );
    let query = watermark(&signed, "");
    assert_eq!(
        get(&served, &format!("/cat.png?{query}")).await.status(),
        "200"
    );
    for (address, part) in [
        (format!("{host}/hidden.png"), "AccessDenied"),
        (format!("{host}/none.png"), "AccessDenied"),
        (
            format!("https://{BUCKET}.cos.{REGION}.myqcloud.com/mark.png"),
            "http://",
        ),
        (
            format!("http://other-1250000000.cos.{REGION}.myqcloud.com/mark.png"),
            "in the bucket",
        ),
        (
            "http://169.254.169.254/latest/meta-data".to_owned(),
            "in the bucket",
        ),
        ("mark.png".to_owned(), "in the bucket"),
        (nested, "watermark itself"),
    ] {
        let made = get(&served, &format!("/cat.png?{}", watermark(&address, ""))).await;
        assert_eq!(made.status(), "400", "{address}");
        assert!(made.text().contains(part), "{address}: {}", made.text());
    }
}

#[tokio::test]
async fn a_text_is_written_on_the_picture() {
    let (served, _) = served().await;
    let text = URL_SAFE_NO_PAD.encode("Hé!");
    let fill = URL_SAFE_NO_PAD.encode("#FFFFFF");
    let query = format!("watermark/2/text/{text}/fill/{fill}/fontsize/30/dissolve/100");
    let made = get(&served, &format!("/cat.png?{query}")).await.picture();
    let white = |from: u32, to: u32| {
        let pixels = made.enumerate_pixels();
        let white = pixels.filter(|(x, _, pixel)| (from..to).contains(x) && pixel.0 == [255; 3]);
        white.count()
    };
    assert_eq!(white(0, 20), 0);
    assert!(white(20, 80) > 60, "{}", white(20, 80));
    let missing = URL_SAFE_NO_PAD.encode("\u{f1234}");
    let refused = get(&served, &format!("/cat.png?watermark/2/text/{missing}")).await;
    assert_eq!(refused.status(), "400");
    assert!(refused.text().contains("U+F1234"), "{}", refused.text());
}
