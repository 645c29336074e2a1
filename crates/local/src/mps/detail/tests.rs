use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_mps::types::{CosInputInfo, ImageTaskInput, MediaInputInfo, S3InputInfo, UrlInputInfo};

use super::*;
use crate::mps::plan::Plan;
use crate::store::{ClaimedJob, JobClass, Outcome, Store};

fn request() -> ProcessImageRequest {
    let object = CosInputInfo::new("in-1250000000", "ap-shanghai", "/a.png");
    let mut request = ProcessImageRequest::new(MediaInputInfo::new("COS").cos_input_info(object));
    request.image_task = Some(Box::new(ImageTaskInput::new()));
    request
}

async fn submit(store: &Store, request: ProcessImageRequest) -> String {
    let plan = Plan::new(&request).unwrap();
    let job = task::new_job(request, &plan).unwrap();
    store.submit_job(&job).await.unwrap();
    job.id
}

async fn claim(store: &Store) -> ClaimedJob {
    store
        .claim_job(JobClass::Picture, "worker", 60_000)
        .await
        .unwrap()
        .unwrap()
}

async fn detail(store: &Store, id: &str) -> DescribeImageTaskDetailResponse {
    of(&store.job(id).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_task_waits_is_processed_and_finishes() {
    let store = Store::ephemeral().await.unwrap();
    let id = submit(&store, request()).await;
    let waiting = detail(&store, &id).await;
    assert_eq!(waiting.status, Some(TaskStatus::Waiting));
    let claimed = claim(&store).await;
    let processing = detail(&store, &id).await;
    assert_eq!(processing.status, Some(TaskStatus::Processing));
    for unfinished in [waiting, processing] {
        assert_eq!(unfinished.input_info, request().input_info);
        assert_eq!(unfinished.err_msg, None);
        assert_eq!(unfinished.finish_time, None);
        assert!(unfinished.image_process_task_result_set.is_empty());
    }
    let outcome = Outcome::Failed {
        code: Cause::SourceFile.code().to_owned(),
        message: "no such object".to_owned(),
        result: None,
    };
    store.finish_job(&claimed, &outcome, &[]).await.unwrap();
    let finished = detail(&store, &id).await;
    assert_eq!(finished.status, Some(TaskStatus::Finish));
    assert_eq!(finished.err_code, Some(60_000));
    assert_eq!(finished.err_msg.as_deref(), Some("SourceFileError"));
    assert_eq!(finished.message.as_deref(), Some("no such object"));
    assert!(finished.finish_time.is_some());
}

#[tokio::test]
async fn keys_of_other_clouds_are_neither_kept_nor_shown() {
    let store = Store::ephemeral().await.unwrap();
    let mut asked = request();
    let amazon = S3InputInfo::new("b", "us-east-1", "o").s3_secret_key("very-secret");
    let address = UrlInputInfo::new("https://example.com/?token=very-secret");
    let input = asked.input_info.unwrap();
    asked.input_info = Some(input.s3_input_info(amazon).url_input_info(address));
    let id = submit(&store, asked).await;
    let job = store.job(&id).await.unwrap();
    assert!(!job.request.contains("very-secret"), "{}", job.request);
    assert_eq!(of(&job).unwrap().input_info, request().input_info);
}
