//! Pictures in a cloud, read over a socket: by a raw URL, as browsers send it, and by the typed clients.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};
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

/// `picture` as a file.
pub(crate) fn saved(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The answer to a request without a signature.
pub(crate) struct Raw {
    pub(crate) head: String,
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
