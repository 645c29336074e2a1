//! `?ci-process=AISuperResolution` and `AIEnhanceImage`, over a socket.

use image::RgbImage;
use tcloud_ci::Client;

use crate::fixture::BUCKET;
use crate::pictures::{config, get, quarters, served};

const LIMIT: usize = 1 << 20;

fn decoded(bytes: &[u8]) -> RgbImage {
    image::load_from_memory(bytes).unwrap().into_rgb8()
}

#[tokio::test]
async fn a_picture_is_doubled_once_or_twice() {
    let (served, _) = served().await;
    let ci = Client::new(&config(&served));
    for (magnify, size) in [
        (None, (160, 120)),
        (Some(2), (160, 120)),
        (Some(4), (320, 240)),
    ] {
        let mut call = ci.get_ai_super_resolution(BUCKET, "secret.png");
        if let Some(magnify) = magnify {
            call = call.magnify(magnify);
        }
        let reply = call.send().await.unwrap();
        assert_eq!(reply.content_type.as_deref(), Some("image/png"));
        let bytes = reply.into_body().collect(LIMIT).await.unwrap();
        let picture = decoded(&bytes);
        assert_eq!(picture.dimensions(), size);
        let before = decoded(&quarters());
        for (x, y) in [(5, 5), (70, 5), (5, 50), (70, 50)] {
            let times = size.0 / 80;
            let (old, new) = (
                before.get_pixel(x, y),
                picture.get_pixel(x * times, y * times),
            );
            let near = old.0.iter().zip(new.0).all(|(a, b)| a.abs_diff(b) <= 6);
            assert!(near, "{old:?} {new:?}");
        }
    }
}

#[tokio::test]
async fn noise_is_taken_out_by_degrees() {
    let (served, own) = served().await;
    let noisy = RgbImage::from_fn(64, 48, |x, y| {
        let noise = u8::try_from((x * 7919 + y * 104_729 + x * y * 31) % 41).unwrap();
        image::Rgb([90 + noise, 80 + noise, 70 + noise])
    });
    let mut file = std::io::Cursor::new(Vec::new());
    noisy.write_to(&mut file, image::ImageFormat::Png).unwrap();
    let put = own.put_object(BUCKET, "noisy.png", file.into_inner());
    put.send().await.unwrap();
    let ci = Client::new(&config(&served));
    let mut spreads = Vec::new();
    for degree in [0, 3, 5] {
        let call = ci.get_ai_enhance_image(BUCKET, "noisy.png");
        let reply = call.denoise(degree).sharpen(0).send().await.unwrap();
        let bytes = reply.into_body().collect(LIMIT).await.unwrap();
        let picture = decoded(&bytes);
        assert_eq!(picture.dimensions(), (64, 48));
        let mean = picture.pixels().map(|it| f64::from(it.0[1])).sum::<f64>() / 3072.0;
        let spread = picture
            .pixels()
            .map(|it| (f64::from(it.0[1]) - mean).powi(2));
        spreads.push(spread.sum::<f64>());
    }
    assert!(spreads[0] > 2.0 * spreads[1], "{spreads:?}");
    assert!(spreads[1] > 2.0 * spreads[2], "{spreads:?}");
}

#[tokio::test]
async fn what_is_no_picture_is_refused_or_sent_as_it_is() {
    let (served, own) = served().await;
    let put = own.put_object(BUCKET, "text.png", "no picture".as_bytes().to_vec());
    put.content_type("text/plain").send().await.unwrap();
    let ci = Client::new(&config(&served));
    let call = ci.get_ai_super_resolution(BUCKET, "text.png");
    let error = call.send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidContent"), "{error}");
    let call = ci.get_ai_enhance_image(BUCKET, "text.png");
    let error = call.send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidContent"), "{error}");
    let call = ci.get_ai_enhance_image(BUCKET, "text.png").ignore_error(1);
    let reply = call.send().await.unwrap();
    assert_eq!(reply.content_type.as_deref(), Some("text/plain"));
    let bytes = reply.into_body().collect(LIMIT).await.unwrap();
    assert_eq!(bytes.as_ref(), b"no picture");
    // What costs that much is for nobody without a signature.
    let answer = get(&served, "/cat.png?ci-process=AISuperResolution").await;
    assert_eq!(answer.status(), "403", "{}", answer.text());
}
