//! Jobs that are held, moved on and ended by hand.

use serde_json::{Value, json};
use tcloud_ci::types::JobState;
use tcloud_core::error::ErrorKind;
use tcloud_inspect::demo;
use tcloud_local::{AuthMode, Forced, JobEnd, JobError, JobMatch, Settings};

use crate::fixture::Fixture;

async fn ready() -> Fixture {
    let settings = Settings::default().auth(AuthMode::Off).workers(1);
    let fixture = Fixture::ready(settings).await;
    fixture.put("a.png", demo::clean_png()).await;
    fixture
}

async fn submitted(fixture: &Fixture) -> String {
    let job = fixture.submit(fixture.inspection("a.png")).await;
    job.job_id.unwrap()
}

/// Sends `body` to the page of jobs for `what`.
async fn page(fixture: &Fixture, method: &str, what: &str, body: &str) -> (u16, Value) {
    let path = format!("/_local/jobs{what}");
    let (status, text) = fixture.raw_to("localhost", method, &path, body, &[]).await;
    (status, serde_json::from_str(&text).unwrap())
}

/// How the job `id` ends.
async fn ended(fixture: &Fixture, id: &str) -> Option<JobState> {
    // A bad end is an error.
    let _ = fixture.wait(id).await;
    fixture.job(id).await.state
}

#[tokio::test]
async fn a_held_job_moves_by_steps_and_others_pass_it() {
    let fixture = ready().await;
    let jobs = fixture.cloud.jobs();
    jobs.hold(JobMatch::any().service("ci").tag("ImageInspect"))
        .unwrap();
    let held = submitted(&fixture).await;
    let free = submitted(&fixture).await;
    jobs.release(&JobMatch::id(&free)).await.unwrap();
    // There is one worker, which the held job does not keep.
    assert_eq!(ended(&fixture, &free).await, Some(JobState::Success));
    assert_eq!(fixture.job(&held).await.state, Some(JobState::Submitted));

    let moved = jobs.step(&JobMatch::any()).await.unwrap();
    assert_eq!(moved.len(), 1);
    assert_eq!((moved[0].state, moved[0].held), ("Running", true));
    let running = fixture.job(&held).await;
    assert_eq!(running.state, Some(JobState::Running));
    assert!(running.start_time.is_some());
    assert_eq!(running.end_time.clone().unwrap().as_str(), "-");
    let again = submitted(&fixture).await;
    jobs.release(&JobMatch::id(&again)).await.unwrap();
    assert_eq!(ended(&fixture, &again).await, Some(JobState::Success));
    assert_eq!(fixture.job(&held).await.state, Some(JobState::Running));

    jobs.step(&JobMatch::id(&held)).await.unwrap();
    assert_eq!(ended(&fixture, &held).await, Some(JobState::Success));
    let status = jobs.list().await.unwrap();
    let status = status.iter().find(|it| it.id == held).unwrap();
    assert_eq!((status.held, status.attempts), (false, 1));
    assert!(status.result.is_some());
    let over = jobs.step(&JobMatch::id(&held)).await;
    assert!(matches!(over, Err(JobError::Ended { .. })));
}

#[tokio::test]
async fn released_jobs_go_on() {
    let fixture = ready().await;
    let jobs = fixture.cloud.jobs();
    jobs.hold(JobMatch::any()).unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(submitted(&fixture).await);
    }
    jobs.step(&JobMatch::id(&ids[0])).await.unwrap();
    jobs.release(&JobMatch::any()).await.unwrap();
    for id in &ids {
        assert_eq!(ended(&fixture, id).await, Some(JobState::Success));
    }
    assert_eq!(jobs.held(), []);
    let free = jobs.step(&JobMatch::any()).await.unwrap();
    assert_eq!(free, []);
}

#[tokio::test]
async fn a_failure_and_a_result_are_forced() {
    let fixture = ready().await;
    let jobs = fixture.cloud.jobs();
    let fail = JobEnd::fail("InternalError", "out of order");
    jobs.force_next(Forced::new(fail.clone()).count(1)).unwrap();
    let id = submitted(&fixture).await;
    assert_eq!(ended(&fixture, &id).await, Some(JobState::Failed));
    let failed = fixture.job(&id).await;
    assert_eq!(failed.code.as_deref(), Some("InternalError"));
    assert_eq!(failed.message.as_deref(), Some("out of order"));
    // A program that waits gets it as an error.
    let error = fixture.wait(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert_eq!(jobs.forced(), []);
    let id = submitted(&fixture).await;
    assert_eq!(ended(&fixture, &id).await, Some(JobState::Success));
    let list = jobs.list().await.unwrap();
    let result = list.iter().find(|it| it.id == id).unwrap().result.clone();
    let mut result = result.unwrap();

    // What was shown can be given, and changed.
    result["ProcessResult"]["PicSize"] = json!(4711);
    jobs.hold(JobMatch::any()).unwrap();
    let id = submitted(&fixture).await;
    let status = jobs.force(&id, &JobEnd::succeed(result)).await.unwrap();
    assert_eq!(status.state, "Success");
    let found = crate::fixture::findings(fixture.job(&id).await);
    assert_eq!(found.pic_size, Some(4711));
    let over = jobs.force(&id, &fail).await;
    assert!(matches!(over, Err(JobError::Ended { .. })));
    let none = jobs.force("none", &fail).await;
    assert!(matches!(none, Err(JobError::Unknown(_))));
}

#[tokio::test]
async fn a_state_is_forced_by_requests_and_a_reset_forgets_it() {
    let fixture = ready().await;
    let (status, view) = page(&fixture, "POST", "/hold", r#"{"tag": "ImageInspect"}"#).await;
    assert_eq!(status, 200, "{view}");
    assert_eq!(view["held"], json!([{ "tag": "ImageInspect" }]));
    let id = submitted(&fixture).await;
    for state in ["Pause", "Running", "Submitted", "Pause"] {
        let body = json!({ "id": id, "state": state }).to_string();
        let (status, view) = page(&fixture, "POST", "/state", &body).await;
        assert_eq!(status, 200, "{view}");
        assert_eq!(view["jobs"][0]["state"], state);
        assert_eq!(view["jobs"][0]["held"], true);
        let shown = fixture.job(&id).await.state.unwrap();
        assert_eq!(shown.as_str(), state);
    }
    let body = json!({ "id": id, "state": "Cancel" }).to_string();
    let (_, view) = page(&fixture, "POST", "/state", &body).await;
    assert_eq!(view["jobs"][0]["state"], "Cancel");
    assert_eq!(view["jobs"][0]["held"], false);
    let (status, _) = page(&fixture, "POST", "/state", &body).await;
    assert_eq!(status, 409);

    let (_, health) = {
        let (status, text) = fixture
            .raw_to("localhost", "GET", "/_local/health", "", &[])
            .await;
        (status, serde_json::from_str::<Value>(&text).unwrap())
    };
    assert_eq!(health["held_jobs"], json!([{ "tag": "ImageInspect" }]));
    let forced = json!({ "end": { "fail": { "code": "InternalError" } }, "count": 2 });
    let (status, view) = page(&fixture, "POST", "/force", &forced.to_string()).await;
    assert_eq!((status, &view["forced"][0]["count"]), (200, &json!(2)));
    fixture.cloud.reset().await.unwrap();
    let (_, view) = page(&fixture, "GET", "", "").await;
    assert_eq!(view, json!({ "held": [], "forced": [], "jobs": [] }));
}

#[tokio::test]
async fn what_no_job_can_be_is_refused() {
    let fixture = ready().await;
    for (what, body, status, named) in [
        ("/hold", "", 400, "EOF"),
        ("/hold", r#"{"tags": "a"}"#, 400, "unknown field `tags`"),
        (
            "/hold",
            r#"{"tag": "ImageInspekt"}"#,
            400,
            "ci ImageInspect",
        ),
        ("/hold", r#"{"service": "sts"}"#, 400, "no such jobs"),
        ("/step", r#"{"id": "none"}"#, 404, "no job none"),
        (
            "/state",
            r#"{"id": "none", "state": "Pause"}"#,
            404,
            "no job none",
        ),
        (
            "/state",
            r#"{"id": "none", "state": "Success"}"#,
            400,
            "`Success`",
        ),
        ("/force", r#"{"end": {"fail": {}}}"#, 400, "code"),
        (
            "/force",
            r#"{"end": {"succeed": {"result": {}}}}"#,
            400,
            "name the tag",
        ),
        (
            "/force",
            r#"{"which": {"tag": "ImageInspect"}, "end": {"succeed": {"result": {"Resul": 1}}}}"#,
            400,
            "no result of ci ImageInspect",
        ),
        ("/forget", "", 404, "no such page"),
    ] {
        let (was, view) = page(&fixture, "POST", what, body).await;
        let error = view["error"].as_str().unwrap();
        assert_eq!(was, status, "{what} {body}: {error}");
        assert!(error.contains(named), "{what} {body}: {error}");
    }
    assert_eq!(page(&fixture, "GET", "/hold", "").await.0, 405);
    assert_eq!(page(&fixture, "DELETE", "", "").await.0, 405);
}

#[tokio::test]
async fn what_was_held_waits_for_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || {
        Settings::default()
            .auth(AuthMode::Off)
            .folder(folder.path())
    };
    let fixture = Fixture::ready(settings()).await;
    fixture.put("a.png", demo::clean_png()).await;
    fixture.cloud.jobs().hold(JobMatch::any()).unwrap();
    let (waiting, running) = (submitted(&fixture).await, submitted(&fixture).await);
    fixture
        .cloud
        .jobs()
        .step(&JobMatch::id(&running))
        .await
        .unwrap();
    fixture
        .cloud
        .jobs()
        .set_state(&waiting, "Pause")
        .await
        .unwrap();
    fixture.cloud.shutdown().await;
    let fixture = Fixture::start(settings()).await;
    for id in [waiting, running] {
        assert_eq!(ended(&fixture, &id).await, Some(JobState::Success));
    }
}
