//! Pictures that are processed while they are read, over a socket: by a raw URL, as browsers send
//! it, and by the typed clients.

use std::io::Cursor;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use tcloud_ci::picture::{Flip, Format, ImageMogr2, Pipeline, Thumbnail};
use tcloud_core::call::CallOptions;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_cos::Client;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{BUCKET, NOW, REGION, Standing};
use crate::sockets::Served;

pub(crate) const RED: [u8; 3] = [220, 30, 20];
pub(crate) const GREEN: [u8; 3] = [20, 180, 60];
pub(crate) const BLUE: [u8; 3] = [30, 60, 210];
pub(crate) const GRAY: [u8; 3] = [128, 128, 128];

/// A picture of 80 by 60: red and green above blue and grey.
pub(crate) fn quarters() -> Vec<u8> {
    let picture = RgbImage::from_fn(80, 60, |x, y| {
        image::Rgb(match (x < 40, y < 30) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => GRAY,
        })
    });
    saved(&DynamicImage::ImageRgb8(picture), ImageFormat::Png)
}

fn saved(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The answer to a request without a signature.
pub(crate) struct Raw {
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Raw {
    pub(crate) fn status(&self) -> &str {
        crate::sockets::status(&self.head)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines();
        let found = lines.find_map(|line| {
            let (own, value) = line.split_once(": ")?;
            own.eq_ignore_ascii_case(name).then_some(value)
        });
        found.unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn picture(&self) -> RgbImage {
        assert_eq!(self.status(), "200", "{}\n{}", self.head, self.text());
        image::load_from_memory(&self.body).unwrap().into_rgb8()
    }
}

pub(crate) async fn exchange(served: &Served, method: &str, target: &str, headers: &[&str]) -> Raw {
    let mut head = format!("{method} /{BUCKET}{target} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    sent(served, &head).await
}

/// The answer to a request with this head, which lacks its end.
async fn sent(served: &Served, head: &str) -> Raw {
    let mut stream = TcpStream::connect(("127.0.0.1", served.port))
        .await
        .unwrap();
    let head = format!("{head}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer
        .windows(4)
        .position(|part| part == b"\r\n\r\n")
        .unwrap();
    let body = answer.split_off(end + 4);
    let head = String::from_utf8(answer).unwrap();
    Raw { head, body }
}

pub(crate) async fn get(served: &Served, target: &str) -> Raw {
    exchange(served, "GET", target, &[]).await
}

/// The answer to a request for `path` of `host`.
pub(crate) async fn get_of(served: &Served, host: &str, path: &str) -> Raw {
    sent(served, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n")).await
}

pub(crate) fn config(served: &Served) -> Config {
    let address = format!("http://127.0.0.1:{}", served.port);
    Config::builder()
        .region(REGION)
        .endpoint(Endpoint::parse(&address).unwrap())
        .environment(Standing(NOW))
        .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
        .build()
        .unwrap()
}

/// A cloud that checks every signature, with a picture that everyone may read, and one that not.
pub(crate) async fn served() -> (Served, Client) {
    let served = Served::new(Settings::default().default_region(REGION)).await;
    let own = Client::new(&config(&served));
    own.put_bucket(BUCKET).send().await.unwrap();
    for (key, acl) in [("cat.png", "public-read"), ("secret.png", "private")] {
        let put = own.put_object(BUCKET, key, quarters());
        let put = put.acl(acl).cache_control("max-age=60");
        put.send().await.unwrap();
    }
    (served, own)
}

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

/// The colours in the middles of the quarters, row by row.
#[track_caller]
pub(crate) fn check(picture: &RgbImage, size: (u32, u32), colors: [[u8; 3]; 4]) {
    assert_eq!(picture.dimensions(), size);
    let (width, height) = size;
    let places = [(1, 1), (3, 1), (1, 3), (3, 3)];
    for ((x, y), color) in places.into_iter().zip(colors) {
        let found = picture.get_pixel(x * width / 4, y * height / 4).0;
        let near = found.iter().zip(color).all(|(a, b)| a.abs_diff(b) <= 8);
        assert!(near, "{found:?} instead of {color:?} in quarter {x}, {y}");
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
