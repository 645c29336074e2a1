//! Formats, sizes, super-resolution: the stored pictures, decoded by another library.

use image::{ImageFormat, Rgb, RgbImage};
use tcloud_mps::types::{
    AdvancedSuperResolutionConfig, ColorEnhanceConfig, CosOutputStorage, ImageAreaBoxInfo,
    ImageDenoiseConfig, ImageEncodeConfig, ImageEnhanceConfig, ImageEraseConfig,
    ImageEraseLogoConfig, ImageQualityEnhanceConfig, ImageResizeConfig, ImageTaskInput,
    ImageTransformConfig, LowLightEnhanceConfig, SuperResolutionConfig, TaskOutputStorage,
};

use crate::fixture::{
    BLUE, BUCKET, Fixture, OTHER_BUCKET, OTHER_REGION, RED, REGION, decode, encode, flag, gradient,
    is_near, object, request,
};

const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

fn to_format(format: &str) -> ImageTaskInput {
    ImageTaskInput::new().encode_config(ImageEncodeConfig::new().format(format))
}

fn resized(config: ImageResizeConfig) -> ImageTaskInput {
    to_format("PNG").transform_config(ImageTransformConfig::new().image_resize(config))
}

/// The request that the document shows, down to the small letters of `jpeg`.
#[tokio::test]
async fn the_documented_request_doubles_a_picture() {
    let cloud = Fixture::new().await;
    cloud
        .put("image/test.png", encode(&flag(40, 24), ImageFormat::Png))
        .await;
    let enhance =
        ImageEnhanceConfig::new().super_resolution(SuperResolutionConfig::new().switch("ON"));
    let task = ImageTaskInput::new()
        .encode_config(ImageEncodeConfig::new().format("jpeg").quality(75))
        .enhance_config(enhance);
    let mut asked = request(object("/image/test.png"), task.clone());
    let place = CosOutputStorage::new().bucket(BUCKET).region(REGION);
    asked.output_storage = Some(TaskOutputStorage::new("COS").cos_output_storage(place.clone()));

    let id = cloud.submit(asked).await.unwrap();
    assert_eq!(id.len(), 64);
    assert!(id.chars().all(|c| c.is_ascii_alphanumeric()), "{id}");

    let detail = cloud.end_of(&id).await;
    // The table has capitals, and the task is shown as it was asked.
    let drift: Vec<_> = detail.drift().iter().map(|drift| &drift.path).collect();
    assert_eq!(drift, ["Response.ImageTask.EncodeConfig.Format"]);
    assert_eq!(detail.task_type.as_ref().unwrap().as_str(), "WorkflowTask");
    assert_eq!(
        (detail.err_code, detail.err_msg.as_deref()),
        (Some(0), Some(""))
    );
    assert_eq!(detail.image_task, Some(Box::new(task)));
    assert_eq!(detail.input_info, Some(object("/image/test.png")));
    let created = detail.create_time.as_ref().unwrap();
    let finished = detail.finish_time.as_ref().unwrap();
    assert!(created.as_str().ends_with('Z') && finished.as_str().ends_with('Z'));
    assert!(created.unix_seconds().unwrap() <= finished.unix_seconds().unwrap());
    let [result] = detail.image_process_task_result_set.as_slice() else {
        panic!("one task has one result");
    };
    assert_eq!(result.status.as_ref().unwrap().as_str(), "SUCCESS");
    assert_eq!(
        (result.err_msg.as_deref(), result.progress),
        (Some(""), Some(100))
    );
    let engine = format!("sr_x2 (tcloud-networks {})", env!("CARGO_PKG_VERSION"));
    let message = result.message.as_ref().unwrap();
    assert!(message.contains(&format!("engine: {engine}")), "{message}");
    let output = result.output.as_ref().unwrap();
    assert_eq!(output.path.as_deref(), Some("/image/test.jpeg"));
    let storage = output.output_storage.as_ref().unwrap();
    assert_eq!(storage.type_.as_ref().unwrap().as_str(), "COS");
    assert_eq!(storage.cos_output_storage, Some(place));

    let stored = cloud.get("image/test.jpeg").await.unwrap();
    assert_eq!(stored.content_type.as_deref(), Some("image/jpeg"));
    assert_eq!(stored.engine, Some(engine));
    let (format, picture) = stored.picture();
    assert_eq!(
        (format, picture.dimensions()),
        (ImageFormat::Jpeg, (80, 48))
    );
    assert!(is_near(*picture.get_pixel(8, 24), RED, 12));
    assert!(is_near(*picture.get_pixel(71, 24), BLUE, 12));
}

/// Runs `task` on the object `key` and returns the picture with the engines that made it.
async fn enhanced(
    cloud: &Fixture,
    key: &str,
    enhance: ImageEnhanceConfig,
) -> ((u32, u32), Option<String>) {
    let task = to_format("PNG").enhance_config(enhance);
    let mut asked = request(object(&format!("/{key}")), task);
    asked.output_dir = Some("/enhanced/".to_owned());
    let path = cloud.succeed(asked).await;
    let stored = cloud.get(path.trim_start_matches('/')).await.unwrap();
    let (_, picture) = stored.picture();
    (picture.dimensions(), stored.engine)
}

#[tokio::test]
async fn a_picture_is_enlarged_to_any_size_by_the_network_for_its_kind() {
    let cloud = Fixture::new().await;
    for (key, format) in [("a.png", ImageFormat::Png), ("a.jpg", ImageFormat::Jpeg)] {
        cloud.put(key, encode(&gradient(20, 14), format)).await;
    }
    let to = AdvancedSuperResolutionConfig::new;
    let name = |role: &str| format!("{role} (tcloud-networks {})", env!("CARGO_PKG_VERSION"));
    let (clean, worn) = (name("sr_x2"), name("sr_x2_robust"));
    let twice = |name: &String| format!("{name}, {name}");
    for (key, config, size, engines) in [
        ("a.png", to(), (40, 28), Some(clean.clone())),
        ("a.png", to().percent(1.5), (30, 21), Some(clean.clone())),
        ("a.jpg", to().percent(3.0), (60, 42), Some(twice(&worn))),
        ("a.jpg", to().percent(5.0), (100, 70), Some(twice(&worn))),
        ("a.jpg", to().percent(0.5), (10, 7), None),
        (
            "a.png",
            to().mode("fixed").width(33).height(50),
            (33, 50),
            Some(twice(&clean)),
        ),
        (
            "a.png",
            to().mode("aspect").long_side(40),
            (40, 28),
            Some(clean),
        ),
    ] {
        let enhance = ImageEnhanceConfig::new().advanced_super_resolution_config(config);
        assert_eq!(
            enhanced(&cloud, key, enhance).await,
            (size, engines),
            "{key}"
        );
    }
    let soft = SuperResolutionConfig::new().type_("lq");
    let enhance = ImageEnhanceConfig::new().super_resolution(soft);
    assert_eq!(
        enhanced(&cloud, "a.png", enhance).await,
        ((40, 28), Some(worn))
    );
}

#[tokio::test]
async fn noise_is_taken_out_of_a_picture() {
    let cloud = Fixture::new().await;
    let noisy = RgbImage::from_fn(60, 60, |x, y| {
        let noise = u8::try_from((x * 7919 + y * 104_729 + x * y * 31) % 41).unwrap();
        Rgb([100 + noise, 80 + noise, 90 + noise])
    });
    cloud
        .put("noisy.png", encode(&noisy, ImageFormat::Png))
        .await;
    let spread = |picture: &RgbImage| {
        let values: Vec<f64> = picture.pixels().map(|pixel| pixel.0[1].into()).collect();
        let mean = values.iter().sum::<f64>() / 3600.0;
        values
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>()
            / 3600.0
    };
    let before = spread(&noisy);
    for (strength, share) in [("weak", 0.5), ("strong", 0.1)] {
        let denoise = ImageDenoiseConfig::new().type_(strength);
        let enhance = ImageEnhanceConfig::new().denoise(denoise);
        let mut asked = request(
            object("/noisy.png"),
            to_format("PNG").enhance_config(enhance),
        );
        asked.output_dir = Some(format!("/{strength}/"));
        let path = cloud.succeed(asked).await;
        let stored = cloud.get(path.trim_start_matches('/')).await.unwrap();
        assert!(stored.engine.as_ref().unwrap().starts_with("denoise ("));
        let after = spread(&stored.picture().1);
        assert!(after < share * before, "{strength}: {before} to {after}");
    }
    let quality = ImageQualityEnhanceConfig::new().type_("strong");
    let enhance = ImageEnhanceConfig::new().image_quality_enhance(quality);
    let (size, engines) = enhanced(&cloud, "noisy.png", enhance).await;
    assert_eq!(size, (60, 60));
    assert!(engines.unwrap().starts_with("denoise ("));
}

#[tokio::test]
async fn every_format_is_read_and_written() {
    let cloud = Fixture::new().await;
    let picture = gradient(20, 14);
    let formats = [
        (ImageFormat::Jpeg, "JPEG", "jpeg", "image/jpeg"),
        (ImageFormat::Png, "PNG", "png", "image/png"),
        (ImageFormat::WebP, "WebP", "webp", "image/webp"),
        (ImageFormat::Bmp, "BMP", "bmp", "image/bmp"),
    ];
    for (input_format, name, _, _) in formats {
        let input = encode(&picture, input_format);
        let expected = decode(&input);
        cloud.put(&format!("in/{name}"), input).await;
        for (format, word, extension, media_type) in formats {
            let mut asked = request(object(&format!("/in/{name}")), to_format(word));
            asked.output_dir = Some("/out/".to_owned());
            let path = cloud.succeed(asked).await;
            assert_eq!(path, format!("/out/{name}.{extension}"));
            let stored = cloud.get(path.trim_start_matches('/')).await.unwrap();
            assert_eq!(stored.content_type.as_deref(), Some(media_type));
            assert_eq!(stored.engine, None);
            let (found_format, found) = stored.picture();
            assert_eq!(found_format, format);
            assert_eq!(found.dimensions(), expected.dimensions());
            // JPEG and WebP lose some of the picture, and JPEG decoders differ in the last bits.
            let tolerance = match (input_format, format) {
                (_, ImageFormat::Jpeg | ImageFormat::WebP) => 40,
                (ImageFormat::Jpeg, _) => 4,
                _ => 0,
            };
            for (x, y, pixel) in found.enumerate_pixels() {
                assert!(
                    is_near(*pixel, *expected.get_pixel(x, y), tolerance),
                    "{name} to {word} at {x}, {y}"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_resize_mode_gives_its_size() {
    let cloud = Fixture::new().await;
    cloud
        .put("flag.png", encode(&flag(40, 20), ImageFormat::Png))
        .await;
    let resize = ImageResizeConfig::new;
    for (config, size) in [
        (resize(), (40, 20)),
        (resize().percent(0.5), (20, 10)),
        (resize().mode("percent").percent(2.5), (100, 50)),
        (resize().mode("mfit").width(30).height(30), (60, 30)),
        (resize().mode("lfit").width(30).height(30), (30, 15)),
        (resize().mode("fill").width(30).height(30), (30, 30)),
        (resize().mode("pad").width(30).height(30), (30, 30)),
        (resize().mode("fixed").width(30).height(30), (30, 30)),
        (resize().mode("lfit").width(20), (20, 10)),
        (resize().mode("lfit").long_side(30), (30, 15)),
        (resize().mode("fixed").long_side(10).short_side(8), (10, 8)),
        (resize().mode("lfit").width(10).long_side(30), (10, 5)),
        (
            resize().mode("fill").width(7).height(7).switch("OFF"),
            (40, 20),
        ),
    ] {
        let mut asked = request(object("/flag.png"), resized(config.clone()));
        asked.output_path = Some("/small.{format}".to_owned());
        assert_eq!(cloud.succeed(asked).await, "/small.png");
        let (_, picture) = cloud.get("small.png").await.unwrap().picture();
        let (width, height) = picture.dimensions();
        assert_eq!((width, height), size, "{config:?}");
        // Whatever the mode, the middle row is red on the left and blue on the right.
        let middle = height / 2;
        assert!(
            is_near(*picture.get_pixel(width / 8, middle), RED, 3),
            "{config:?}"
        );
        assert!(
            is_near(*picture.get_pixel(width - 1 - width / 8, middle), BLUE, 3),
            "{config:?}"
        );
        let is_padded = config
            .mode
            .as_ref()
            .is_some_and(|mode| mode.as_str() == "pad");
        let corner = if is_padded { WHITE } else { RED };
        assert!(is_near(*picture.get_pixel(0, 0), corner, 3), "{config:?}");
    }
}

#[tokio::test]
async fn quality_is_relative_to_that_of_the_input() {
    let cloud = Fixture::new().await;
    cloud
        .put("a.png", encode(&gradient(64, 64), ImageFormat::Png))
        .await;
    let jpeg = |quality: Option<i64>| {
        let mut config = ImageEncodeConfig::new().format("JPEG");
        config.quality = quality;
        ImageTaskInput::new().encode_config(config)
    };
    let run = async |input: &str, quality: Option<i64>, output: &str| {
        let mut asked = request(object(input), jpeg(quality));
        asked.output_path = Some(format!("/{output}.{{format}}"));
        cloud.succeed(asked).await;
        let stored = cloud.get(&format!("{output}.jpeg")).await.unwrap();
        quantization_table(&stored.content)
    };
    let original = run("/a.png", Some(80), "original").await;
    let kept = run("/original.jpeg", None, "kept").await;
    let half = run("/original.jpeg", Some(50), "half").await;
    let forty = run("/a.png", Some(40), "forty").await;
    assert_eq!(
        kept, original,
        "without a quality that of the input is kept"
    );
    assert_eq!(half, forty, "half of 80 is 40");
    assert_ne!(half, original);
}

/// The first quantisation table of a JPEG file.
fn quantization_table(file: &[u8]) -> Vec<u8> {
    let start = file
        .windows(2)
        .position(|pair| pair == [0xff, 0xdb])
        .unwrap();
    file[start + 5..start + 69].to_vec()
}

#[tokio::test]
async fn the_result_goes_where_it_was_asked_to() {
    let cloud = Fixture::new().await;
    cloud
        .put("image/test.png", encode(&flag(8, 8), ImageFormat::Png))
        .await;
    let mut asked = request(object("/image/test.png"), to_format("BMP"));
    let place = CosOutputStorage::new()
        .bucket(OTHER_BUCKET)
        .region(OTHER_REGION);
    asked.output_storage = Some(TaskOutputStorage::new("COS").cos_output_storage(place));
    asked.output_dir = Some("/image/201907/".to_owned());
    asked.output_path = Some("{inputName}_{inputFormat}.{format}".to_owned());
    assert_eq!(cloud.succeed(asked).await, "/image/201907/test_png.bmp");
    let key = "image/201907/test_png.bmp";
    let stored = cloud
        .get_from(OTHER_BUCKET, OTHER_REGION, key)
        .await
        .unwrap();
    assert_eq!(stored.picture(), (ImageFormat::Bmp, flag(8, 8)));
}

/// As the service warns: the default path with the input's own format is the input's own name.
#[tokio::test]
async fn a_result_of_the_same_name_replaces_the_input() {
    let cloud = Fixture::new().await;
    cloud
        .put("photo.PNG", encode(&flag(8, 8), ImageFormat::Png))
        .await;
    let half = ImageResizeConfig::new().percent(0.5);
    let transform = ImageTransformConfig::new().image_resize(half);
    let task = ImageTaskInput::new().transform_config(transform);
    assert_eq!(
        cloud.succeed(request(object("photo.PNG"), task)).await,
        "/photo.PNG"
    );
    let (format, picture) = cloud.get("photo.PNG").await.unwrap().picture();
    assert_eq!((format, picture.dimensions()), (ImageFormat::Png, (4, 4)));
}

/// The picture that comes of `task`, and what made it.
async fn made(cloud: &Fixture, key: &str, task: ImageTaskInput) -> (RgbImage, Option<String>) {
    let mut asked = request(object(&format!("/{key}")), task);
    asked.output_dir = Some("/made/".to_owned());
    let path = cloud.succeed(asked).await;
    let stored = cloud.get(path.trim_start_matches('/')).await.unwrap();
    let (_, picture) = stored.picture();
    (picture, stored.engine)
}

#[tokio::test]
async fn dull_and_dark_pictures_are_improved_by_named_methods() {
    let cloud = Fixture::new().await;
    let dull = RgbImage::from_fn(90, 60, |x, y| {
        let value = u8::try_from(80 + x + y / 6).unwrap();
        Rgb([value, value, value - 8])
    });
    let dark = RgbImage::from_fn(90, 60, |x, y| {
        let value = u8::try_from(6 + (x + y) / 6).unwrap();
        Rgb([value, value, value])
    });
    let spread = |picture: &RgbImage| {
        let shades = picture.pixels().map(|it| it.0[1]);
        (shades.clone().min().unwrap(), shades.max().unwrap())
    };
    cloud.put("dull.png", encode(&dull, ImageFormat::Png)).await;
    cloud.put("dark.png", encode(&dark, ImageFormat::Png)).await;
    let mut lasts = spread(&dull);
    for degree in ["weak", "normal", "strong"] {
        let color = ColorEnhanceConfig::new().type_(degree);
        let enhance = ImageEnhanceConfig::new().color_enhance(color);
        let task = to_format("PNG").enhance_config(enhance);
        let (picture, engine) = made(&cloud, "dull.png", task).await;
        assert_eq!(engine.as_deref(), Some("automatic levels (Oklab)"));
        let found = spread(&picture);
        assert!(
            found.0 < lasts.0 && found.1 > lasts.1,
            "{degree}: {found:?} {lasts:?}"
        );
        lasts = found;
    }
    let enhance = ImageEnhanceConfig::new().low_light_enhance(LowLightEnhanceConfig::new());
    let task = to_format("PNG").enhance_config(enhance);
    let (picture, engine) = made(&cloud, "dark.png", task).await;
    assert_eq!(engine.as_deref(), Some("low light (CLAHE)"));
    assert!(spread(&picture).1 > 2 * spread(&dark).1);
}

#[tokio::test]
async fn given_areas_are_erased_and_logos_are_not_looked_for() {
    let cloud = Fixture::new().await;
    let marked = RgbImage::from_fn(80, 60, |x, y| {
        if (20..40).contains(&x) && (10..20).contains(&y) {
            Rgb([250, 250, 0])
        } else {
            Rgb([60, 80, 120])
        }
    });
    cloud.put("a.png", encode(&marked, ImageFormat::Png)).await;
    let pixels = ImageAreaBoxInfo::new().area_coord_set([19, 9, 41, 21]);
    let shares = ImageAreaBoxInfo::new().bounding_box([0.23, 0.14, 0.52, 0.35]);
    for area in [pixels.clone(), shares] {
        let logo = ImageEraseLogoConfig::new().image_area_boxes([area]);
        let erase = ImageEraseConfig::new().image_erase_logo(logo);
        let task = to_format("PNG").erase_config(erase);
        let (picture, engine) = made(&cloud, "a.png", task).await;
        assert_eq!(engine.as_deref(), Some("inpainting (Telea)"));
        let clean = Rgb([60, 80, 120]);
        assert!(picture.pixels().all(|pixel| is_near(*pixel, clean, 2)));
    }
    let reversed = ImageAreaBoxInfo::new().area_coord_set([41, 9, 19, 21]);
    let logo = ImageEraseLogoConfig::new;
    for (logo, code) in [
        (logo(), "UnsupportedOperation"),
        (
            logo()
                .image_area_boxes([pixels.clone()])
                .detect_types(["logo"]),
            "UnsupportedOperation",
        ),
        (logo().image_area_boxes([reversed]), "InvalidParameterValue"),
        (
            logo().image_area_boxes(vec![pixels; 17]),
            "InvalidParameterValue",
        ),
    ] {
        let erase = ImageEraseConfig::new().image_erase_logo(logo);
        let task = to_format("PNG").erase_config(erase);
        let asked = request(object("/a.png"), task);
        let error = cloud.submit(asked).await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{error}");
        assert!(error.message().contains("ImageEraseLogo"), "{error}");
    }
}
