//! Tasks that were accepted and end badly: the detail says why, and nothing is stored.

use std::io::Cursor;
use std::sync::Arc;

use crc::{CRC_32_ISO_HDLC, Crc};
use image::{DynamicImage, ImageFormat};
use tcloud_local::ManualClock;
use tcloud_local::{AuthMode, Settings};
use tcloud_mps::types::{
    CosOutputStorage, ImageEncodeConfig, ImageEnhanceConfig, ImageResizeConfig, ImageTaskInput,
    ImageTransformConfig, SuperResolutionConfig, TaskOutputStorage,
};

use crate::fixture::{
    BUCKET, Fixture, OTHER_REGION, REGION, encode, flag, object, object_of, request,
};

const LIMIT: usize = 32 * 1024 * 1024;

fn to_bmp() -> ImageTaskInput {
    ImageTaskInput::new().encode_config(ImageEncodeConfig::new().format("BMP"))
}

#[tokio::test]
async fn an_input_that_is_not_there_fails_the_task() {
    let cloud = Fixture::new().await;
    cloud
        .put("a.png", encode(&flag(4, 4), ImageFormat::Png))
        .await;
    for (input, reason) in [
        (object("/missing.png"), "missing.png"),
        (
            object_of("nowhere-1250000000", REGION, "/a.png"),
            "nowhere-1250000000",
        ),
        (
            object_of(BUCKET, OTHER_REGION, "/a.png"),
            "lies in ap-shanghai",
        ),
    ] {
        let (code, number, message) = cloud.fail(request(input, to_bmp())).await;
        assert_eq!((code.as_str(), number), ("SourceFileError", 60_000));
        assert!(message.contains(reason), "{message}");
    }
    assert!(cloud.get("a.bmp").await.is_none());
}

#[tokio::test]
async fn an_output_bucket_that_is_not_there_fails_the_task() {
    let cloud = Fixture::new().await;
    cloud
        .put("a.png", encode(&flag(4, 4), ImageFormat::Png))
        .await;
    for (bucket, region) in [("nowhere-1250000000", REGION), (BUCKET, OTHER_REGION)] {
        let mut asked = request(object("/a.png"), to_bmp());
        let place = CosOutputStorage::new().bucket(bucket).region(region);
        asked.output_storage = Some(TaskOutputStorage::new("COS").cos_output_storage(place));
        let (code, number, message) = cloud.fail(asked).await;
        assert_eq!((code.as_str(), number), ("InvalidInput", 40_000));
        assert!(message.contains(bucket), "{message}");
    }
    assert!(cloud.get("a.bmp").await.is_none());
}

#[tokio::test]
async fn a_file_that_is_no_whole_picture_fails_the_task() {
    let cloud = Fixture::new().await;
    let mut cut = encode(&flag(64, 64), ImageFormat::Png);
    cut.truncate(cut.len() / 2);
    for content in [b"just text".to_vec(), Vec::new(), cut] {
        cloud.put("broken.png", content).await;
        let (code, _, message) = cloud.fail(request(object("/broken.png"), to_bmp())).await;
        assert_eq!(code, "SourceFileError", "{message}");
    }
    assert!(cloud.get("broken.bmp").await.is_none());
}

#[tokio::test]
async fn limits_are_checked_from_the_header() {
    let cloud = Fixture::new().await;
    for (content, reason) in [
        (forged_png(30_001, 1), "30000 a side"),
        (forged_png(20_000, 20_000), "400000000 pixels"),
        (vec![0; LIMIT + 1], "33554433 bytes"),
    ] {
        cloud.put("huge.png", content).await;
        let (code, _, message) = cloud.fail(request(object("/huge.png"), to_bmp())).await;
        assert_eq!(code, "SourceFileError", "{message}");
        assert!(message.contains(reason), "{message}");
    }
}

#[tokio::test]
async fn a_result_that_would_be_too_large_fails_the_task() {
    let cloud = Fixture::new().await;
    cloud
        .put("long.png", encode(&flag(9000, 1), ImageFormat::Png))
        .await;
    let enhance = ImageEnhanceConfig::new().super_resolution(SuperResolutionConfig::new());
    let tenfold = ImageResizeConfig::new().percent(10.0);
    for task in [
        to_bmp().enhance_config(enhance),
        to_bmp().transform_config(ImageTransformConfig::new().image_resize(tenfold)),
    ] {
        let (code, number, message) = cloud.fail(request(object("/long.png"), task)).await;
        assert_eq!((code.as_str(), number), ("InvalidInput", 40_000));
        assert!(message.contains("the output picture"), "{message}");
    }
}

#[tokio::test]
async fn a_result_there_is_no_memory_for_fails_the_task() {
    let cloud = Fixture::with(Settings::default().ephemeral_limit(10_000)).await;
    cloud
        .put("a.png", encode(&flag(100, 100), ImageFormat::Png))
        .await;
    let (code, _, message) = cloud.fail(request(object("/a.png"), to_bmp())).await;
    assert_eq!(code, "InternalError");
    assert!(message.contains("limited to 10000 bytes"), "{message}");
    assert!(cloud.get("a.bmp").await.is_none());
}

#[tokio::test]
async fn a_picture_that_could_take_too_much_memory_fails_the_task() {
    let cloud = Fixture::with(Settings::default().picture_memory(8 << 20)).await;
    cloud
        .put("a.png", encode(&flag(2000, 1000), ImageFormat::Png))
        .await;
    let (code, number, message) = cloud.fail(request(object("/a.png"), to_bmp())).await;
    assert_eq!((code.as_str(), number), ("InvalidInput", 40_000));
    assert!(message.contains("at most 8 MiB are allowed"), "{message}");
    assert!(cloud.get("a.bmp").await.is_none());
    // A pixel takes little; stretched, it does not.
    cloud
        .put("pixel.png", encode(&flag(1, 1), ImageFormat::Png))
        .await;
    let stretched = ImageResizeConfig::new()
        .mode("fixed")
        .width(9000)
        .height(9000);
    let task =
        ImageTaskInput::new().transform_config(ImageTransformConfig::new().image_resize(stretched));
    let (code, _, message) = cloud.fail(request(object("/pixel.png"), task)).await;
    assert_eq!(code, "InvalidInput");
    assert!(message.contains("of memory"), "{message}");
}

#[tokio::test]
async fn what_a_result_does_not_hold_is_said() {
    let cloud = Fixture::new().await;
    let deep = DynamicImage::ImageRgb8(flag(4, 4)).into_rgba16();
    let mut file = Cursor::new(Vec::new());
    DynamicImage::ImageRgba16(deep)
        .write_to(&mut file, ImageFormat::Png)
        .unwrap();
    cloud.put("deep.png", file.into_inner()).await;
    let task = cloud
        .submit(request(object("/deep.png"), to_bmp()))
        .await
        .unwrap();
    let detail = cloud.end_of(&task).await;
    assert_eq!(
        detail.message.as_deref(),
        Some("SUCCESS; 16 bits a sample are reduced to 8")
    );
}

#[tokio::test]
async fn formats_that_are_not_read_are_refused_by_name() {
    let cloud = Fixture::new().await;
    for (content, name) in [
        (
            &b"\0\0\0\x18ftypcrx \0\0\0\0crx isom"[..],
            "a Canon raw file (CR3)",
        ),
        (b"8BPS\0\x01", "a Photoshop file"),
        (b"TPG\0\0\0\0\0", "TPG"),
    ] {
        cloud.put("a.png", content).await;
        let (code, _, message) = cloud.fail(request(object("/a.png"), to_bmp())).await;
        assert_eq!(code, "SourceFileError");
        let start = format!("reading {name} is not supported: use JPEG, PNG");
        assert!(message.starts_with(&start), "{message}");
    }
    // Nothing of these but their start is there.
    for (content, start) in [
        (
            &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..],
            "reading a HEIF picture",
        ),
        (
            b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
            "reading an AVIF picture",
        ),
        (b"\xff\x0a\0\0\0\0", "reading a JPEG XL picture"),
    ] {
        cloud.put("a.png", content).await;
        let (code, _, message) = cloud.fail(request(object("/a.png"), to_bmp())).await;
        assert_eq!(code, "SourceFileError");
        assert!(message.starts_with(start), "{message}");
    }
}

#[cfg(all(feature = "avif", feature = "jxl"))]
#[tokio::test]
async fn what_phones_and_browsers_store_is_converted() {
    let cloud = Fixture::new().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../imaging/tests/codecs/data");
    for (name, program) in [
        ("lossless.jxl", None),
        ("plain.avif", Some("avifdec")),
        ("plain.heic", Some("heif-convert")),
    ] {
        if program.is_some_and(|program| !crate::programs::needs(program)) {
            continue;
        }
        let bytes = std::fs::read(format!("{folder}/{name}")).unwrap();
        cloud.put(name, bytes).await;
        let task = cloud
            .submit(request(object(&format!("/{name}")), to_bmp()))
            .await
            .unwrap();
        let detail = cloud.end_of(&task).await;
        assert_eq!(detail.message.as_deref(), Some("SUCCESS"), "{name}");
    }
}

#[tokio::test]
async fn a_task_can_be_looked_up_for_seven_days() {
    const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;
    let clock = Arc::new(ManualClock::new(1_750_000_000_000));
    // The client's clock goes on, so its signatures do not fit.
    let settings = Settings::default().auth(AuthMode::Off).clock(clock.clone());
    let cloud = Fixture::with(settings).await;
    let task = cloud
        .submit(request(object("/a.png"), to_bmp()))
        .await
        .unwrap();
    let detail = cloud.end_of(&task).await;
    assert_eq!(
        detail.create_time.as_ref().unwrap().as_str(),
        "2025-06-15T15:06:40Z"
    );
    let look = || cloud.mps().describe_image_task_detail(&task).send();
    clock.advance(WEEK);
    look().await.unwrap();
    clock.advance(1);
    let error = look().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFound"));
}

/// A PNG file that claims a size and has a single empty chunk of pixels.
fn forged_png(width: u32, height: u32) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // Eight bits a sample, RGB, and the only methods there are.
    header.extend([8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(b"IHDR", header.as_slice()), (b"IDAT", &[]), (b"IEND", &[])] {
        let checked = [kind.as_slice(), content].concat();
        file.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        file.extend(&checked);
        file.extend(
            Crc::<u32>::new(&CRC_32_ISO_HDLC)
                .checksum(&checked)
                .to_be_bytes(),
        );
    }
    file
}
