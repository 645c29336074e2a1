//! Presigned URLs of pictures that are processed while they are read.

use std::time::Duration;

use tcloud_ci::picture::{Format, ImageMogr2, Pipeline, Thumbnail};
use tcloud_core::call::CallOptions;

use crate::fixture::BUCKET;
use crate::pictures::{get, get_of, served};

#[tokio::test]
async fn a_presigned_pipeline_is_done_for_whoever_has_its_url() {
    let (served, own) = served().await;
    let scaled = ImageMogr2::new()
        .thumbnail(Thumbnail::Width(40))
        .format(Format::Png);
    let turned = Pipeline::new()
        .then(scaled.clone())
        .then(ImageMogr2::new().rotate(180));
    for pipeline in [Pipeline::from(scaled), turned] {
        let rule = pipeline.rule().unwrap();
        assert_eq!(
            get(&served, &format!("/secret.png?{rule}")).await.status(),
            "403"
        );
        let link = own
            .get_object(BUCKET, "secret.png")
            .options(CallOptions::new().query(rule.as_str(), ""))
            .presign(Duration::from_hours(1))
            .await
            .unwrap();
        let (_, path) = link.url().split_once(&format!(":{}", served.port)).unwrap();
        let host = link.headers()["host"].to_str().unwrap();
        let made = get_of(&served, host, path).await;
        assert_eq!(made.picture().dimensions(), (40, 30), "{rule}");
    }
}
