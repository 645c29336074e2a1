//! Pictures that are made while another one is uploaded, or of a stored one: `Pic-Operations`.

use http::StatusCode;
use tcloud_ci::picture::{Format, ImageMogr2, PicOperations, Pipeline, Rule, Thumbnail};
use tcloud_ci::types::ImageProcessObject;

use crate::fixture::{BUCKET, Fixture, code};
use crate::pictures::quarters;

/// A cloud with a bucket, and the client that processes pictures.
async fn fixture() -> (Fixture, tcloud_cos::Client, tcloud_ci::Client) {
    let (fixture, cos) = Fixture::with_bucket().await;
    let ci = fixture.pictures();
    (fixture, cos, ci)
}

fn small(file_id: &str) -> Rule {
    let recipe = ImageMogr2::new().thumbnail(Thumbnail::Width(40));
    Rule::new(file_id, recipe.format(Format::Jpg))
}

async fn media_type(cos: &tcloud_cos::Client, bucket: &str, key: &str) -> String {
    let head = cos.head_object(bucket, key).send().await.unwrap();
    head.into_output().content_type.unwrap()
}

#[tokio::test]
async fn an_upload_makes_what_its_rules_say() {
    let (_fixture, cos, ci) = fixture().await;
    let other = "other-1250000000";
    cos.put_bucket(other).send().await.unwrap();
    let operations = PicOperations::new()
        .info(true)
        .rule(small("small.jpg"))
        .rule(small("/top.jpg").bucket(other));
    let header = operations.to_header().unwrap();
    let put = ci.put_image(BUCKET, "album/cat.png", header, quarters());
    let answer = put.acl("public-read").send().await.unwrap().into_output();

    let original = answer.original_info.unwrap();
    assert_eq!(original.key.as_deref(), Some("album/cat.png"));
    let info = original.image_info.unwrap();
    assert_eq!((info.width, info.height), (Some(80), Some(60)));
    assert_eq!(info.format.as_deref(), Some("PNG"));
    assert_eq!(info.frame_count, Some(1));
    assert!(info.ave.unwrap().starts_with("0x"));
    let results = answer.process_results.unwrap().object;
    let [beside, top]: [ImageProcessObject; 2] = results.try_into().unwrap();
    assert_eq!(beside.key.as_deref(), Some("album/small.jpg"));
    assert_eq!((beside.width, beside.height), (Some(40), Some(30)));
    assert_eq!(beside.format.as_deref(), Some("jpeg"));
    assert_eq!(top.key.as_deref(), Some("top.jpg"));
    let location = top.location.unwrap();
    assert!(location.starts_with("other-1250000000.cos."), "{location}");

    assert_eq!(media_type(&cos, BUCKET, "album/cat.png").await, "image/png");
    assert_eq!(media_type(&cos, other, "top.jpg").await, "image/jpeg");
    let stored = cos.head_object(BUCKET, "album/small.jpg").send().await;
    let stored = stored.unwrap().into_output();
    assert_eq!(stored.content_length, beside.size);
    assert_eq!(stored.etag, beside.etag);
}

#[tokio::test]
async fn a_result_may_replace_the_picture() {
    let (_fixture, cos, ci) = fixture().await;
    cos.put_object(BUCKET, "cat.png", quarters())
        .send()
        .await
        .unwrap();
    let header = PicOperations::new().rule(small("cat.png"));
    let header = header.to_header().unwrap();
    let process = ci.process_stored_image(BUCKET, "cat.png", header);
    let answer = process.send().await.unwrap().into_output();
    let original = answer.original_info.unwrap();
    assert!(original.image_info.is_none(), "it was not asked for");
    let made = &answer.process_results.unwrap().object[0];
    assert_eq!(original.etag, made.etag);
    assert_eq!(media_type(&cos, BUCKET, "cat.png").await, "image/jpeg");
}

#[tokio::test]
async fn a_rule_may_be_a_style() {
    let (_fixture, cos, ci) = fixture().await;
    let body = "?imageMogr2/thumbnail/!50p";
    ci.update_bucket_style(BUCKET, "half", body)
        .send()
        .await
        .unwrap();
    let rule: Pipeline = "style/half".parse().unwrap();
    let header = PicOperations::new().rule(Rule::new("half.png", rule));
    let put = ci.put_image(BUCKET, "cat.png", header.to_header().unwrap(), quarters());
    let answer = put.send().await.unwrap().into_output();
    let made = &answer.process_results.unwrap().object[0];
    assert_eq!((made.width, made.height), (Some(40), Some(30)));
    assert_eq!(media_type(&cos, BUCKET, "half.png").await, "image/png");
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_before_anything_is_stored() {
    let (_fixture, cos, ci) = fixture().await;
    let six = [r#"{"fileid":"a","rule":"imageMogr2/rotate/90"}"#; 6].join(",");
    for (header, expected) in [
        ("no json".to_owned(), "InvalidArgument"),
        (format!(r#"{{"rules":[{six}]}}"#), "InvalidArgument"),
        (
            r#"{"rules":[{"fileid":"a","rule":"imageInfo"}]}"#.to_owned(),
            "InvalidArgument",
        ),
        (
            r#"{"rules":[{"fileid":"/","rule":"imageMogr2/rotate/90"}]}"#.to_owned(),
            "InvalidArgument",
        ),
        (
            r#"{"rules":[{"fileid":"a","rule":"style/none"}]}"#.to_owned(),
            "InvalidArgument",
        ),
        (
            r#"{"rules":[{"fileid":"a","rule":"imageMogr2/format/tpg"}]}"#.to_owned(),
            "NotImplemented",
        ),
        (
            r#"{"rules":[{"fileid":"a","bucket":"gone-1250000000","rule":"imageMogr2/rotate/90"}]}"#
                .to_owned(),
            "NoSuchBucket",
        ),
    ] {
        let put = ci.put_image(BUCKET, "cat.png", &header, quarters());
        assert_eq!(code(put.send().await), expected, "{header}");
    }
    let left = cos.get_bucket(BUCKET).send().await.unwrap().into_output();
    assert!(left.contents.is_empty());
}

#[tokio::test]
async fn what_is_no_picture_is_stored_and_makes_nothing() {
    let (_fixture, cos, ci) = fixture().await;
    let header = PicOperations::new().rule(small("small.jpg"));
    let put = ci.put_image(BUCKET, "cat.png", header.to_header().unwrap(), "no picture");
    let refused = put.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidContent"));
    assert_eq!(refused.status(), Some(StatusCode::BAD_REQUEST));
    let left = cos.get_bucket(BUCKET).send().await.unwrap().into_output();
    let keys: Vec<_> = left
        .contents
        .iter()
        .filter_map(|it| it.key.as_deref())
        .collect();
    assert_eq!(keys, ["cat.png"]);
}
