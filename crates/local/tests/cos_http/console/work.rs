//! Jobs and callbacks in the console.

use serde_json::{Value, json};
use tcloud_ci::operation::create_image_inspect_job::Input;
use tcloud_inspect::demo;
use tcloud_local::Settings;

use super::Console;
use crate::fixture::BUCKET;

/// A cloud with a queue and a suspicious picture.
async fn ready(settings: Settings) -> Console {
    let console = Console::with(settings).await;
    console.ci.create_pic_bucket(BUCKET).send().await.unwrap();
    let put = console
        .cos
        .put_object(BUCKET, "hidden.png", demo::png_with_mpeg_ts());
    put.send().await.unwrap();
    console
}

/// Submits an inspection that calls back where nobody may be called.
async fn submit(console: &Console) -> String {
    let job = console
        .ci
        .create_image_inspect_job(BUCKET, Input::new("hidden.png"))
        .callback("http://user:hush@127.0.0.1:9/done");
    let reply = job.send().await.unwrap().into_output();
    reply.jobs_detail.first().unwrap().job_id.clone().unwrap()
}

#[tokio::test]
async fn a_job_is_shown_with_every_attempt_of_its_callback() {
    let console = ready(Settings::default()).await;
    let id = submit(&console).await;
    let line = format!("GET /_local/console/jobs/{id}");
    let has_failed = |job: &Value| job["callbacks"][0]["state"] == "Failed";
    let job = console.until(&line, has_failed).await;
    assert_eq!(
        (&job["state"], &job["tag"]),
        (&json!("Success"), &json!("ImageInspect"))
    );
    assert!(
        job["request"]
            .as_str()
            .unwrap()
            .contains("<Object>hidden.png</Object>")
    );
    assert!(job["result"].as_str().unwrap().contains("MPEG-TS"));
    let callback = &job["callbacks"][0];
    assert_eq!(callback["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(callback["attempts"][0]["number"], 1);
    assert!(callback["attempts"][0]["error"].is_string());
    assert!(!job.to_string().contains("hush"), "{job}");
    assert!(callback["body"].as_str().unwrap().contains("TaskFinish"));

    // Once more: another attempt of the same callback.
    let again = format!("POST /_local/console/callbacks/{}/again", callback["id"]);
    assert_eq!(console.json(&again, "").await["state"], "Pending");
    let twice = |job: &Value| {
        has_failed(job) && job["callbacks"][0]["attempts"].as_array().unwrap().len() == 2
    };
    let job = console.until(&line, twice).await;
    assert_eq!(job["callbacks"][0]["attempts"][1]["number"], 2);

    // The job once more: another one, with the same request.
    let again = console
        .json(&format!("POST /_local/console/jobs/{id}/again"), "")
        .await;
    let other = again["id"].as_str().unwrap();
    assert_ne!(other, id);
    let line = format!("GET /_local/console/jobs/{other}");
    let done = console.until(&line, |job| job["state"] == "Success").await;
    assert_eq!(
        (&done["request"], &done["result"]),
        (&job["request"], &job["result"])
    );
    let listed = console
        .json(
            "GET /_local/console/jobs?state=Success&tag=ImageInspect",
            "",
        )
        .await;
    let ids: Vec<_> = listed["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    assert_eq!(ids, [other, id.as_str()]);
    let queue = &listed["queues"][0];
    assert_eq!(
        (&queue["bucket"], &queue["state"]),
        (&json!(BUCKET), &json!("Active"))
    );
    let line = format!(
        "GET /_local/console/jobs?queue={}",
        queue["id"].as_str().unwrap()
    );
    assert_eq!(
        console.json(&line, "").await["jobs"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_job_that_waits_is_cancelled() {
    let console = ready(Settings::default().workers(0)).await;
    let id = submit(&console).await;
    let cancel = format!("POST /_local/console/jobs/{id}/cancel");
    assert_eq!(console.json(&cancel, "").await["state"], "Cancel");
    let (status, text) = console.ask(&cancel, "").await;
    assert_eq!(status, "400");
    assert!(
        text.contains("cannot be cancelled in state Cancel"),
        "{text}"
    );
}

#[tokio::test]
async fn every_byte_of_a_picture_is_accounted_for() {
    let console = ready(Settings::default()).await;
    let wish = json!({ "bucket": BUCKET, "key": "hidden.png" }).to_string();
    let report = console.json("POST /_local/console/inspect", &wish).await;
    assert_eq!(
        (&report["suspicious"], &report["picture"]),
        (&json!(true), &json!("png"))
    );
    let mut next = 0;
    for region in report["regions"].as_array().unwrap() {
        assert_eq!(region["begin"], next);
        next = region["end"].as_u64().unwrap() + 1;
    }
    assert_eq!(report["size"], next);
    let last = report["regions"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["kind"], &last["what"]),
        (&json!("foreign"), &json!("MPEG-TS"))
    );
    let wish = json!({ "bucket": BUCKET, "key": "none" }).to_string();
    assert_eq!(
        console.ask("POST /_local/console/inspect", &wish).await.0,
        "400"
    );
}
