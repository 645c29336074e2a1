//! Requests that are refused at once: no task is made of them.

use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_mps::types::{
    AiCutoutConfig, AiTryOnConfig, BeautyConfig, BeautyEffectItemConfig, FaceEnhanceConfig,
    ImageEncodeConfig, ImageEnhanceConfig, ImageEraseConfig, ImageEraseLogoConfig,
    ImageResizeConfig, ImageTaskInput, ImageTransformConfig, MediaInputInfo, S3InputInfo,
    TaskOutputStorage,
};

use crate::fixture::{Fixture, object, request};

#[track_caller]
fn assert_refusal(error: &tcloud_core::error::Error, code: &str, node: &str) {
    assert_eq!(error.code(), Some(code), "{error}");
    assert!(
        error.message().contains(node),
        "{error} does not name {node}"
    );
    assert!(error.request_id().is_some());
}

#[tokio::test]
async fn what_is_not_built_is_unsupported() {
    let cloud = Fixture::new().await;
    let task = ImageTaskInput::new;
    let face = ImageEnhanceConfig::new().face_enhance(FaceEnhanceConfig::new());
    let erase = ImageEraseConfig::new().image_erase_logo(ImageEraseLogoConfig::new());
    let beauty = BeautyConfig::new().beauty_effect_items([BeautyEffectItemConfig::new("Smooth")]);
    for (task, node) in [
        (
            task().enhance_config(face),
            "ImageTask.EnhanceConfig.FaceEnhance",
        ),
        (
            task().erase_config(erase),
            "ImageTask.EraseConfig.ImageEraseLogo",
        ),
        (
            task().beauty_config(beauty),
            "ImageTask.BeautyConfig.BeautyEffectItems[0]",
        ),
        (
            task().ai_try_on_config(AiTryOnConfig::new("tryon-1.0-pro")),
            "ImageTask.AiTryOnConfig",
        ),
        (
            task().ai_cutout_config(AiCutoutConfig::new()),
            "ImageTask.AiCutoutConfig",
        ),
    ] {
        let error = cloud
            .submit(request(object("/a.png"), task))
            .await
            .unwrap_err();
        assert_refusal(&error, "UnsupportedOperation", node);
    }

    let scenario = cloud
        .mps()
        .process_image(object("/a.png"))
        .schedule_id(30_000);
    let error = scenario.send().await.unwrap_err();
    assert_refusal(&error, "UnsupportedOperation", "ScheduleId");

    let place = S3InputInfo::new("bucket", "us-east-1", "a.png");
    let amazon = MediaInputInfo::new("AWS-S3").s3_input_info(place);
    let error = cloud.submit(request(amazon, task())).await.unwrap_err();
    assert_refusal(&error, "UnsupportedOperation", "InputInfo.Type");

    let mut elsewhere = request(object("/a.png"), task());
    elsewhere.output_storage = Some(TaskOutputStorage::new("VOD"));
    let error = cloud.submit(elsewhere).await.unwrap_err();
    assert_refusal(&error, "UnsupportedOperation", "OutputStorage.Type");
}

#[tokio::test]
async fn bad_values_are_named() {
    let cloud = Fixture::new().await;
    let encode = |config| ImageTaskInput::new().encode_config(config);
    let resize = |config| {
        ImageTaskInput::new().transform_config(ImageTransformConfig::new().image_resize(config))
    };
    for (task, node) in [
        (
            encode(ImageEncodeConfig::new().format("HEIF")),
            "ImageTask.EncodeConfig.Format",
        ),
        (
            encode(ImageEncodeConfig::new().quality(0)),
            "ImageTask.EncodeConfig.Quality",
        ),
        (
            resize(ImageResizeConfig::new().percent(11.0)),
            "ImageTask.TransformConfig.ImageResize.Percent",
        ),
        (
            resize(ImageResizeConfig::new().mode("fill").width(16_385)),
            "ImageTask.TransformConfig.ImageResize.Width",
        ),
        (
            resize(ImageResizeConfig::new().mode("stretch")),
            "ImageTask.TransformConfig.ImageResize.Mode",
        ),
        (
            resize(ImageResizeConfig::new().mode("pad")),
            "ImageTask.TransformConfig.ImageResize",
        ),
    ] {
        let error = cloud
            .submit(request(object("/a.png"), task))
            .await
            .unwrap_err();
        assert_refusal(&error, "InvalidParameterValue", node);
    }
    let mut path = request(object("/a.png"), ImageTaskInput::new());
    path.output_path = Some("{unheardOf}.{format}".to_owned());
    let error = cloud.submit(path).await.unwrap_err();
    assert_refusal(&error, "InvalidParameterValue", "OutputPath");
}

#[tokio::test]
async fn a_request_without_a_task_asks_for_nothing() {
    let cloud = Fixture::new().await;
    let error = cloud
        .submit(ProcessImageRequest::new(object("/a.png")))
        .await
        .unwrap_err();
    assert_refusal(&error, "MissingParameter", "ImageTask");
}

#[tokio::test]
async fn an_unknown_task_is_not_found() {
    let cloud = Fixture::new().await;
    let error = cloud
        .mps()
        .describe_image_task_detail("no-such-task")
        .send()
        .await
        .unwrap_err();
    assert_refusal(&error, "ResourceNotFound", "TaskId");
}
