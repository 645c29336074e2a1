use serde_json::{Value, json};
use tcloud_core::codec::{self, DriftKind};
use tcloud_imaging::Mode;

use super::resize::mode_of;
use super::*;
use crate::pictures::Input;
use crate::store::ObjectName;

fn request(value: &Value) -> ProcessImageRequest {
    let mut request = ProcessImageRequest::default();
    let drift = codec::json::decode(&value.to_string(), "", &mut request).unwrap();
    assert!(
        drift
            .iter()
            .all(|drift| matches!(drift.kind, DriftKind::Value { .. })),
        "the request itself is wrong: {drift:?}"
    );
    request
}

/// A request for an object of COS, with `changes` instead of what it has there.
fn with(changes: &Value) -> Value {
    let mut request = json!({
        "InputInfo": { "Type": "COS", "CosInputInfo": {
            "Bucket": "in-1250000000", "Region": "ap-shanghai", "Object": "/image/test.png"
        } },
        "ImageTask": { "EncodeConfig": { "Format": "PNG" } },
    });
    let members = request.as_object_mut().unwrap();
    members.extend(changes.as_object().unwrap().clone());
    request
}

fn plan(changes: &Value) -> Result<Plan, (String, String)> {
    Plan::new(&request(&with(changes))).map_err(|fault| (fault.code, fault.message))
}

fn by_url() -> Value {
    json!({ "Type": "URL", "UrlInputInfo": { "Url": "https://example.com/a/photo.png" } })
}

fn enlarging(input: Option<Input>, factor: f64) -> Enhancement {
    let to = Resize::scale(factor).unwrap();
    Enhancement::Enlarge { input, to }
}

#[track_caller]
fn assert_refused(changes: &Value, code: &str, node: &str) {
    match plan(changes) {
        Err((found, message)) => {
            assert_eq!(found, code, "{changes}: {message}");
            let named = message
                .split(|c: char| c.is_whitespace() || matches!(c, ':' | ';' | ','))
                .any(|word| word == node);
            assert!(named, "{changes}: {message} does not name {node}");
        }
        Ok(plan) => panic!("{changes} was planned as {plan:?}"),
    }
}

#[test]
fn the_sample_of_the_document_is_planned() {
    let plan = plan(&json!({
        "OutputStorage": { "Type": "COS", "CosOutputStorage": {
            "Bucket": "out-1250000000", "Region": "ap-beijing"
        } },
        "ImageTask": {
            "EncodeConfig": { "Format": "jpeg", "Quality": 75 },
            "EnhanceConfig": { "SuperResolution": { "Switch": "ON" } },
        },
    }))
    .unwrap();
    assert_eq!(
        plan.source,
        Source::Object {
            name: ObjectName::new("in-1250000000", "image/test.png"),
            region: "ap-shanghai".to_owned(),
        }
    );
    assert_eq!(
        plan.work,
        Work {
            format: Some(Format::Jpeg),
            quality: Some(75),
            enhance: vec![enlarging(None, 2.0)],
            resize: None,
        }
    );
    assert_eq!(
        (plan.target.bucket.as_str(), plan.target.region.as_str()),
        ("out-1250000000", "ap-beijing")
    );
    assert_eq!(plan.target.path.key(Format::Jpeg, false), "image/test.jpeg");
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    for (task, node) in [
        (
            json!({ "EnhanceConfig": { "FaceEnhance": {} } }),
            "EnhanceConfig.FaceEnhance",
        ),
        (
            json!({ "EnhanceConfig": { "SuperResolution": {}, "FaceEnhance": { "Switch": "ON" } } }),
            "EnhanceConfig.FaceEnhance",
        ),
        (
            json!({ "EraseConfig": { "ImageEraseLogo": { "DetectTypes": ["logo"] } } }),
            "EraseConfig.ImageEraseLogo.DetectTypes",
        ),
        (
            json!({ "BlindWatermarkConfig": { "ExtractBlindWatermark": {} } }),
            "BlindWatermarkConfig.ExtractBlindWatermark",
        ),
        (
            json!({ "BeautyConfig": { "BeautyEffectItems": [
                { "Type": "Whiten", "Switch": "OFF" }, { "Type": "Smooth", "Value": 40 },
            ] } }),
            "BeautyConfig.BeautyEffectItems[1]",
        ),
        (
            json!({ "BeautyConfig": { "Type": "auto" } }),
            "BeautyConfig",
        ),
        (
            json!({ "AiTryOnConfig": { "Model": "tryon-1.0-lite" } }),
            "AiTryOnConfig",
        ),
        (
            json!({ "AiPosterSuiteConfig": { "Mode": "auto" } }),
            "AiPosterSuiteConfig",
        ),
        (
            json!({ "CreateImageConfig": { "Model": "scene-image-lite", "Prompt": "sea" } }),
            "CreateImageConfig",
        ),
        (json!({ "AiCutoutConfig": {} }), "AiCutoutConfig"),
        (
            json!({ "AiExpansionConfig": { "Width": 9 } }),
            "AiExpansionConfig",
        ),
        (json!({ "AiStoryboardConfig": {} }), "AiStoryboardConfig"),
        (
            json!({ "UnderstandImageConfig": { "Model": "understand-1.0-pro", "Prompt": "?" } }),
            "UnderstandImageConfig",
        ),
        (
            json!({ "ImageQualityConfig": { "Attributes": ["IQA"] } }),
            "ImageQualityConfig",
        ),
        (
            json!({ "AiComposeConfig": { "Layers": [] } }),
            "AiComposeConfig",
        ),
        (
            json!({ "AiDecomposeConfig": { "Layers": 3 } }),
            "AiDecomposeConfig",
        ),
    ] {
        let node = format!("ImageTask.{node}");
        assert_refused(&json!({ "ImageTask": task }), "UnsupportedOperation", &node);
    }
    for (changes, node) in [
        (json!({ "Definition": 5 }), "Definition"),
        (json!({ "ScheduleId": 30_000 }), "ScheduleId"),
        (json!({ "StdExtInfo": "{}" }), "StdExtInfo"),
        (
            json!({ "AddOnParameter": { "OutputConfig": { "Format": "AVIF" } } }),
            "AddOnParameter.OutputConfig",
        ),
        (
            json!({ "InputInfo": { "Type": "AWS-S3" } }),
            "InputInfo.Type",
        ),
        (json!({ "InputInfo": { "Type": "VOD" } }), "InputInfo.Type"),
        (
            json!({ "OutputStorage": { "Type": "AWS-S3" } }),
            "OutputStorage.Type",
        ),
        (
            json!({ "OutputStorage": { "Type": "VOD" } }),
            "OutputStorage.Type",
        ),
    ] {
        assert_refused(&changes, "UnsupportedOperation", node);
    }
}

#[test]
fn what_is_switched_off_or_empty_asks_for_nothing() {
    for task in [
        json!({}),
        json!({ "EnhanceConfig": {
            "Denoise": { "Switch": "OFF", "Type": "strong" },
            "SuperResolution": { "Switch": "OFF", "Size": 2 },
        } }),
        json!({ "EraseConfig": {} }),
        json!({ "BeautyConfig": { "BeautyEffectItems": [{ "Type": "Smooth", "Switch": "OFF" }] } }),
        json!({ "TransformConfig": { "ImageResize": { "Switch": "OFF", "Mode": "fill" } } }),
    ] {
        let plan = plan(&json!({ "ImageTask": task })).unwrap();
        assert_eq!(plan.work, Work::default(), "{task}");
    }
}

#[test]
fn a_switch_that_is_not_set_is_on() {
    let task = json!({
        "EnhanceConfig": { "SuperResolution": {} },
        "TransformConfig": { "ImageResize": {} },
    });
    let work = plan(&json!({ "ImageTask": task })).unwrap().work;
    assert_eq!(work.enhance, [enlarging(None, 2.0)]);
    assert_eq!(work.resize, Some(Resize::scale(1.0).unwrap()));
}

#[test]
#[cfg(feature = "networks")]
fn enhancements_are_done_in_an_order_of_their_own() {
    use tcloud_imaging::Percent;
    let enhance = |config: Value| {
        plan(&json!({ "ImageTask": { "EnhanceConfig": config } }))
            .unwrap()
            .work
            .enhance
    };
    let sharpen = |amount| Enhancement::Sharpen(Percent::new(amount).unwrap());
    assert_eq!(
        enhance(json!({
            "SharpEnhance": { "Intensity": 0.3 },
            "SuperResolution": { "Type": "lq" },
            "Denoise": { "Type": "strong" },
        })),
        [
            Enhancement::Denoise(1.0),
            enlarging(Some(Input::Worn), 2.0),
            sharpen(30),
        ]
    );
    assert_eq!(
        enhance(json!({ "ImageQualityEnhance": { "Type": "normal" }, "SharpEnhance": {} })),
        [Enhancement::Denoise(0.75), sharpen(35)]
    );
    let percent = |value| Percent::new(value).unwrap();
    assert_eq!(
        enhance(json!({
            "SuperResolution": {},
            "ColorEnhance": { "Type": "Normal" },
            "LowLightEnhance": {},
        })),
        [
            Enhancement::LowLight,
            Enhancement::Color(percent(70)),
            enlarging(None, 2.0),
        ]
    );
    let advanced = |config: Value| enhance(json!({ "AdvancedSuperResolutionConfig": config }));
    assert_eq!(advanced(json!({})), [enlarging(None, 2.0)]);
    assert_eq!(
        advanced(json!({ "Type": "ultra", "Percent": 3.5 })),
        [enlarging(None, 3.5)]
    );
    let to_box = |mode, width, height| {
        let to = Resize::to_box(mode, width, height).unwrap();
        [Enhancement::Enlarge { input: None, to }]
    };
    assert_eq!(
        advanced(json!({ "Mode": "fixed", "Width": 4096, "Height": 90 })),
        to_box(Mode::Fixed, Some(4096), Some(90))
    );
    assert_eq!(
        advanced(json!({ "Mode": "aspect", "Height": 90, "LongSide": 7 })),
        to_box(Mode::Cover, None, Some(90))
    );
}

#[test]
#[cfg(feature = "networks")]
fn bad_enhancements_are_refused_by_name() {
    let prefix = "ImageTask.EnhanceConfig";
    for (config, node) in [
        (json!({ "Denoise": { "Type": "some" } }), "Denoise.Type"),
        (
            json!({ "ImageQualityEnhance": { "Type": "best" } }),
            "ImageQualityEnhance.Type",
        ),
        (
            json!({ "SuperResolution": { "Type": "xq" } }),
            "SuperResolution.Type",
        ),
        (
            json!({ "SharpEnhance": { "Intensity": 1.1 } }),
            "SharpEnhance.Intensity",
        ),
        (
            json!({ "AdvancedSuperResolutionConfig": { "Percent": 0.0 } }),
            "AdvancedSuperResolutionConfig.Percent",
        ),
        (
            json!({ "AdvancedSuperResolutionConfig": { "Mode": "fixed", "Width": 4097 } }),
            "AdvancedSuperResolutionConfig",
        ),
        (
            json!({ "AdvancedSuperResolutionConfig": { "Mode": "fixed" } }),
            "AdvancedSuperResolutionConfig",
        ),
        (
            json!({ "AdvancedSuperResolutionConfig": { "Mode": "pad", "Width": 4 } }),
            "AdvancedSuperResolutionConfig.Mode",
        ),
        (
            json!({ "AdvancedSuperResolutionConfig": { "Type": "mega" } }),
            "AdvancedSuperResolutionConfig.Type",
        ),
    ] {
        let changes = json!({ "ImageTask": { "EnhanceConfig": config } });
        assert_refused(
            &changes,
            "InvalidParameterValue",
            &format!("{prefix}.{node}"),
        );
    }
}

#[test]
fn width_and_height_go_before_the_sides_and_percent_before_none() {
    let resize = |config: Value| {
        plan(&json!({ "ImageTask": { "TransformConfig": { "ImageResize": config } } }))
            .unwrap()
            .work
            .resize
    };
    assert_eq!(
        resize(json!({ "Mode": "lfit", "Width": 30, "LongSide": 90, "ShortSide": 80 })),
        Some(Resize::to_box(Mode::Contain, Some(30), None).unwrap())
    );
    assert_eq!(
        resize(json!({ "Mode": "fill", "LongSide": 90, "ShortSide": 80 })),
        Some(Resize::to_sides(Mode::Fill, Some(90), Some(80)).unwrap())
    );
    assert_eq!(
        resize(json!({ "Percent": 0.5, "Width": 30 })),
        Some(Resize::scale(0.5).unwrap())
    );
}

#[test]
fn bad_values_are_refused_by_name() {
    let resize =
        |config: Value| json!({ "ImageTask": { "TransformConfig": { "ImageResize": config } } });
    let encode = |config: Value| json!({ "ImageTask": { "EncodeConfig": config } });
    let size = json!({ "EnhanceConfig": { "SuperResolution": { "Size": 4 } } });
    let path = "InputInfo.CosInputInfo.Object";
    let object = |object: &str| {
        json!({ "InputInfo": { "Type": "COS", "CosInputInfo": {
            "Bucket": "in-1250000000", "Region": "ap-shanghai", "Object": object
        } } })
    };
    let url = |url: &str| {
        json!({
            "InputInfo": { "Type": "URL", "UrlInputInfo": { "Url": url } },
            "OutputStorage": { "Type": "COS" },
        })
    };
    let address = "InputInfo.UrlInputInfo.Url";
    let image_resize = "ImageTask.TransformConfig.ImageResize";
    for (changes, node) in [
        (
            resize(json!({ "Percent": 10.5 })),
            format!("{image_resize}.Percent").as_str(),
        ),
        (
            resize(json!({ "Percent": 0.0 })),
            &format!("{image_resize}.Percent"),
        ),
        (
            resize(json!({ "Percent": 0.099 })),
            &format!("{image_resize}.Percent"),
        ),
        (
            resize(json!({ "Percent": 10.01 })),
            &format!("{image_resize}.Percent"),
        ),
        (
            resize(json!({ "Mode": "fill", "ShortSide": 16_385 })),
            image_resize,
        ),
        (
            resize(json!({ "Mode": "fill", "Width": 0, "Height": 1 })),
            image_resize,
        ),
        (
            resize(json!({ "Mode": "stretch", "Width": 1 })),
            &format!("{image_resize}.Mode"),
        ),
        (
            resize(json!({ "Mode": "fill", "Width": -1 })),
            &format!("{image_resize}.Width"),
        ),
        (resize(json!({ "Mode": "pad" })), image_resize),
        (
            resize(json!({ "Mode": "pad", "Height": 20_000 })),
            image_resize,
        ),
        (
            encode(json!({ "Format": "HEIF" })),
            "ImageTask.EncodeConfig.Format",
        ),
        (
            encode(json!({ "Format": "gif" })),
            "ImageTask.EncodeConfig.Format",
        ),
        (
            encode(json!({ "Quality": 0 })),
            "ImageTask.EncodeConfig.Quality",
        ),
        (
            encode(json!({ "Quality": 101 })),
            "ImageTask.EncodeConfig.Quality",
        ),
        (
            json!({ "ImageTask": size }),
            "ImageTask.EnhanceConfig.SuperResolution.Size",
        ),
        (object("/"), path),
        (object("/folder/"), path),
        (url("ftp://example.com/a.png"), address),
        (url("/a.png"), address),
        (url("not an address"), address),
        (json!({ "OutputPath": "fixed.png" }), "OutputPath"),
        (json!({ "InputInfo": by_url() }), "OutputStorage"),
        (
            json!({ "InputInfo": by_url(), "OutputStorage": { "Type": "COS" } }),
            "OutputStorage.CosOutputStorage.Bucket",
        ),
        (
            json!({ "InputInfo": by_url(), "OutputStorage": {
                "Type": "COS", "CosOutputStorage": { "Bucket": "out-1250000000" }
            } }),
            "OutputStorage.CosOutputStorage.Region",
        ),
    ] {
        assert_refused(&changes, "InvalidParameterValue", node);
    }
}

#[test]
fn what_another_node_calls_for_is_missed() {
    for (changes, node) in [
        (
            json!({ "InputInfo": { "Type": "COS" } }),
            "InputInfo.CosInputInfo",
        ),
        (
            json!({ "InputInfo": { "Type": "URL" } }),
            "InputInfo.UrlInputInfo.Url",
        ),
        (json!({ "ImageTask": null }), "ImageTask"),
    ] {
        assert_refused(&changes, "MissingParameter", node);
    }
}

#[test]
fn an_open_output_place_is_that_of_the_input() {
    for storage in [
        Value::Null,
        json!({ "Type": "COS" }),
        json!({ "Type": "COS", "CosOutputStorage": { "Bucket": "", "Region": "" } }),
    ] {
        let target = plan(&json!({ "OutputStorage": storage })).unwrap().target;
        assert_eq!(
            (target.bucket.as_str(), target.region.as_str()),
            ("in-1250000000", "ap-shanghai")
        );
    }
    let partly = json!({ "Type": "COS", "CosOutputStorage": { "Bucket": "out-1250000000" } });
    let target = plan(&json!({ "OutputStorage": partly })).unwrap().target;
    assert_eq!(
        (target.bucket.as_str(), target.region.as_str()),
        ("out-1250000000", "ap-shanghai")
    );
}

#[test]
fn mode_names_are_those_of_the_service() {
    let found = ["mfit", "lfit", "fill", "pad", "FIXED"].map(mode_of);
    let modes = [
        Mode::Cover,
        Mode::Contain,
        Mode::Fill,
        Mode::Pad,
        Mode::Fixed,
    ];
    assert_eq!(found, modes.map(Some));
    assert_eq!(mode_of("percent"), None);
}
