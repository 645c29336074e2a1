//! What a job says about a picture.

use tcloud_ci::types::{ImageInspectState, JobState};
use tcloud_core::error::ErrorKind;
use tcloud_inspect::{Profile, demo};
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture, REGION, findings};

fn number(length: usize) -> i64 {
    length.try_into().unwrap()
}

#[tokio::test]
async fn a_submission_is_answered_with_the_waiting_job() {
    let fixture = Fixture::ready(Settings::default().workers(0)).await;
    let inspection = fixture
        .inspection("input/test.png")
        .user_data("This is my data.")
        .job_level(0);
    let job = fixture.submit(inspection).await;
    assert_eq!(job.code.as_deref(), Some("Success"));
    assert_eq!(job.message.as_deref(), Some(""));
    assert_eq!(job.state, Some(JobState::Submitted));
    assert_eq!(job.tag.as_deref(), Some("ImageInspect"));
    let id = job.job_id.clone().unwrap();
    assert!(id.len() == 33 && id.starts_with('c'), "{id}");
    let queue = job.queue_id.clone().unwrap();
    assert!(queue.len() == 33 && queue.starts_with('p'), "{queue}");
    let created = job.creation_time.clone().unwrap();
    assert!(
        created.unix_seconds().is_some() && created.as_str().ends_with("+0800"),
        "{created}"
    );
    assert_eq!(job.start_time.clone().unwrap().as_str(), "-");
    assert_eq!(job.end_time.clone().unwrap().as_str(), "-");
    let input = job.input.clone().unwrap();
    assert_eq!(input.bucket_id.as_deref(), Some(BUCKET));
    assert_eq!(input.region.as_deref(), Some(REGION));
    assert_eq!(input.object.as_deref(), Some("input/test.png"));
    let operation = job.operation.clone().unwrap();
    assert_eq!(operation.user_data.as_deref(), Some("This is my data."));
    assert_eq!(operation.job_level, Some(0));
    assert_eq!(operation.image_inspect, None);
    assert_eq!(operation.image_inspect_result, None);
    assert_eq!(fixture.job(&id).await, job);
}

#[tokio::test]
async fn a_stream_behind_a_picture_is_found_to_the_byte() {
    let fixture = Fixture::ready(Settings::default()).await;
    let (picture, file) = (demo::clean_png().len(), demo::png_with_mpeg_ts());
    fixture.put("album/cat 1.png", file.clone()).await;
    let job = fixture
        .inspected(fixture.inspection("album/cat 1.png"))
        .await;
    assert_eq!(job.state, Some(JobState::Success));
    assert!(job.start_time.as_ref().unwrap().unix_seconds().is_some());
    assert!(job.end_time.as_ref().unwrap().unix_seconds().is_some());

    let result = job.operation.clone().unwrap().image_inspect_result.unwrap();
    assert_eq!(result.state, Some(ImageInspectState::Success));
    assert_eq!(result.input_object_name.as_deref(), Some("album/cat 1.png"));
    assert_eq!(
        result.input_object_url.unwrap(),
        format!("https://{BUCKET}.cos.{REGION}.myqcloud.com/album/cat%201.png")
    );
    let findings = findings(job);
    assert_eq!(findings.pic_size, Some(number(file.len())));
    assert_eq!(findings.pic_type.as_deref(), Some("png"));
    assert_eq!(findings.suspicious, Some(true));
    assert_eq!(findings.suspicious_begin_byte, Some(number(picture)));
    assert_eq!(findings.suspicious_end_byte, Some(number(file.len()) - 1));
    assert_eq!(findings.suspicious_size, Some(number(file.len() - picture)));
    assert_eq!(findings.suspicious_type.as_deref(), Some("MPEG-TS"));
    assert_eq!(findings.auto_process_result, None);
    assert!(fixture.has("album/cat 1.png").await);
}

#[tokio::test]
async fn a_clean_picture_has_no_suspicious_nodes() {
    let fixture = Fixture::ready(Settings::default()).await;
    fixture.put("clean.png", demo::clean_png()).await;
    let findings = findings(fixture.inspected(fixture.inspection("clean.png")).await);
    assert_eq!(findings.suspicious, Some(false));
    assert_eq!(findings.pic_size, Some(number(demo::clean_png().len())));
    assert_eq!(findings.pic_type.as_deref(), Some("png"));
    assert_eq!(findings.suspicious_begin_byte, None);
    assert_eq!(findings.suspicious_end_byte, None);
    assert_eq!(findings.suspicious_size, None);
    assert_eq!(findings.suspicious_type, None);
}

#[tokio::test]
async fn a_stream_that_only_calls_itself_a_picture_is_all_suspicious() {
    let fixture = Fixture::ready(Settings::default()).await;
    fixture.put("film.jpg", demo::mpeg_ts()).await;
    let findings = findings(fixture.inspected(fixture.inspection("film.jpg")).await);
    assert_eq!(findings.pic_type, None);
    assert_eq!(findings.suspicious_begin_byte, Some(0));
    assert_eq!(
        findings.suspicious_size,
        Some(number(demo::mpeg_ts().len()))
    );
}

#[tokio::test]
async fn the_documented_profile_finds_no_script() {
    for (profile, suspicious) in [(Profile::Extended, true), (Profile::Documented, false)] {
        let fixture = Fixture::ready(Settings::default().inspect_profile(profile)).await;
        let mut file = demo::clean_png();
        file.extend(b"<?php echo 'a script of some length'; ?>");
        fixture.put("a.png", file).await;
        let findings = findings(fixture.inspected(fixture.inspection("a.png")).await);
        assert_eq!(findings.suspicious, Some(suspicious), "{profile:?}");
    }
}

#[tokio::test]
async fn a_missing_object_fails_the_job_not_the_request() {
    let fixture = Fixture::ready(Settings::default()).await;
    let id = fixture
        .submit(fixture.inspection("gone.png"))
        .await
        .job_id
        .unwrap();
    let error = fixture.wait(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert_eq!(error.code(), Some("ResourceNotFound"));
    let job = fixture.job(&id).await;
    assert_eq!(job.state, Some(JobState::Failed));
    assert!(job.message.unwrap().contains("gone.png"));
    let result = job.operation.unwrap().image_inspect_result.unwrap();
    assert_eq!(result.state, Some(ImageInspectState::Failed));
    assert_eq!(result.code.as_deref(), Some("ResourceNotFound"));
    assert_eq!(result.process_result, None);
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_fails_with_invalid_content() {
    let mut wide = demo::clean_png();
    // The width, behind the signature and the head of the first chunk.
    wide[16..20].copy_from_slice(&30_001_u32.to_be_bytes());
    let fixture = Fixture::ready(Settings::default()).await;
    for (key, content, part) in [
        ("notes.txt", b"nothing to see".to_vec(), "no picture"),
        ("wide.png", wide, "30001 x 200"),
        ("large.png", vec![0; 32 * 1024 * 1024 + 1], "33554433 bytes"),
    ] {
        fixture.put(key, content).await;
        let id = fixture
            .submit(fixture.inspection(key))
            .await
            .job_id
            .unwrap();
        let error = fixture.wait(&id).await.unwrap_err();
        assert_eq!(error.code(), Some("InvalidContent"), "{key}");
        assert!(error.message().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_picture_that_cannot_be_searched_completely_is_suspicious() {
    let fixture = Fixture::ready(Settings::default()).await;
    // Heads of chunks that reach to the end of the file, where a checksum would have to fit.
    let mut file = demo::clean_png();
    let size = file.len() + 400_000;
    while file.len() < size - 64 {
        let length = u32::try_from(size - file.len() - 20).unwrap();
        file.extend(b"\x89PNG\r\n\x1A\n");
        file.extend(length.to_be_bytes());
        file.extend(b"zzZz");
    }
    file.resize(size, b'.');
    fixture.put("decoys.png", file).await;
    let job = fixture.inspected(fixture.inspection("decoys.png")).await;
    assert_eq!(job.state, Some(JobState::Success));
    let found = findings(job);
    assert_eq!(found.suspicious, Some(true));
    assert_eq!(found.suspicious_type.as_deref(), Some("UNSEARCHED"));
    assert_eq!(found.suspicious_end_byte, Some(number(size - 1)));
}
