//! What is done about a suspicious picture.

use tcloud_ci::types::{AutoProcessCode, ImageInspect, ImageInspectProcessType};
use tcloud_cos::types::ObjectAcl;
use tcloud_inspect::demo;
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture, findings};

const KEY: &str = "album/cat.png";
const BACKUP: &str = "abnormal_images_backup/album/cat.png";

/// Inspects a suspicious, publicly readable picture and tells how the action went, if any.
async fn act(fixture: &Fixture, asked: ImageInspect) -> Option<AutoProcessCode> {
    fixture
        .cos
        .put_object(BUCKET, KEY, demo::png_with_mpeg_ts())
        .acl(ObjectAcl::PublicRead)
        .send()
        .await
        .unwrap();
    let job = fixture
        .inspected(fixture.inspection(KEY).image_inspect(asked))
        .await;
    findings(job)
        .auto_process_result
        .map(|result| result.code.unwrap())
}

fn asked(process: ImageInspectProcessType) -> ImageInspect {
    ImageInspect::new().auto_process(true).process_type(process)
}

/// Whether the picture can be read without a signature.
async fn is_public(fixture: &Fixture) -> bool {
    let request = http::Request::get(format!("/{KEY}"))
        .header("host", format!("{BUCKET}.cos.ap-chongqing.myqcloud.com"))
        .body(tcloud_core::body::Body::empty())
        .unwrap();
    fixture.cloud.handle(request).await.status().is_success()
}

#[tokio::test]
async fn a_backup_moves_the_picture() {
    let fixture = Fixture::ready(Settings::default()).await;
    let code = act(&fixture, asked(ImageInspectProcessType::BackupObject)).await;
    assert_eq!(code, Some(AutoProcessCode::Success));
    assert!(!fixture.has(KEY).await);
    let moved = fixture.cos.get_object(BUCKET, BACKUP).send().await.unwrap();
    let content = moved.into_body().collect(1 << 20).await.unwrap();
    assert!(content == demo::png_with_mpeg_ts());
}

#[tokio::test]
async fn a_backup_is_what_happens_if_nothing_is_said() {
    let fixture = Fixture::ready(Settings::default()).await;
    let code = act(&fixture, ImageInspect::new().auto_process(true)).await;
    assert_eq!(code, Some(AutoProcessCode::Success));
    assert!(!fixture.has(KEY).await && fixture.has(BACKUP).await);
}

#[tokio::test]
async fn a_switch_makes_the_picture_private() {
    let fixture = Fixture::ready(Settings::default()).await;
    let none = act(&fixture, ImageInspect::new().auto_process(false)).await;
    assert_eq!(none, None);
    assert!(is_public(&fixture).await);
    let code = act(
        &fixture,
        asked(ImageInspectProcessType::SwitchObjectToPrivate),
    )
    .await;
    assert_eq!(code, Some(AutoProcessCode::Success));
    assert!(!is_public(&fixture).await);
    assert!(fixture.has(KEY).await);
}

#[tokio::test]
async fn a_deletion_leaves_nothing() {
    let fixture = Fixture::ready(Settings::default()).await;
    let code = act(&fixture, asked(ImageInspectProcessType::DeleteObject)).await;
    assert_eq!(code, Some(AutoProcessCode::Success));
    assert!(!fixture.has(KEY).await && !fixture.has(BACKUP).await);
}

#[tokio::test]
async fn a_clean_picture_is_left_alone() {
    let fixture = Fixture::ready(Settings::default()).await;
    fixture.put(KEY, demo::clean_png()).await;
    let asked = asked(ImageInspectProcessType::DeleteObject);
    let job = fixture
        .inspected(fixture.inspection(KEY).image_inspect(asked.clone()))
        .await;
    assert_eq!(
        job.operation.as_ref().unwrap().image_inspect,
        Some(Box::new(asked))
    );
    assert_eq!(findings(job).auto_process_result, None);
    assert!(fixture.has(KEY).await);
}
