//! Lists and waits of the generated client, over a transport in memory and a clock that only
//! moves when someone sleeps.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tcloud_ci::runtime::environment::Manual;
use tcloud_ci::runtime::transport::Memory;
use tcloud_ci::types::JobState;
use tcloud_ci::{CallOptions, Client, Config, Credentials, ErrorKind, ObjectInput};

const BUCKET: &str = "examplebucket-1250000000";

fn client(transport: &Memory, clock: &Manual) -> Client {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(transport.clone())
        .environment(clock.clone())
        .build()
        .unwrap();
    Client::new(&config)
}

fn clock() -> Manual {
    Manual::new(1_700_000_000_000)
}

fn queries(transport: &Memory) -> Vec<String> {
    transport
        .requests()
        .iter()
        .map(|request| request.uri.query().unwrap_or_default().to_owned())
        .collect()
}

fn buckets(total: usize, names: &[&str]) -> String {
    let items: Vec<_> = names
        .iter()
        .map(|name| format!("<PicBucketList><Name>{name}</Name></PicBucketList>"))
        .collect();
    let items = items.concat();
    format!("<Response><TotalCount>{total}</TotalCount>{items}</Response>")
}

#[tokio::test]
async fn a_list_with_page_numbers_is_followed_to_its_end() {
    let transport = Memory::answering([(200, buckets(3, &["a", "b"])), (200, buckets(3, &["c"]))]);
    let items = client(&transport, &clock())
        .describe_pic_buckets()
        .page_size(2)
        .items()
        .collect()
        .await
        .unwrap();
    let names: Vec<_> = items
        .iter()
        .filter_map(|bucket| bucket.name.as_deref())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(
        queries(&transport),
        ["pageSize=2", "pageNumber=2&pageSize=2"]
    );
}

#[tokio::test]
async fn an_empty_page_ends_a_list_whose_total_is_wrong() {
    let transport = Memory::answering([(200, buckets(9, &["a"])), (200, buckets(9, &[]))]);
    let mut pages = client(&transport, &clock()).describe_pic_buckets().pages();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        page.unwrap();
        count += 1;
    }
    assert_eq!(count, 2);
}

fn jobs(token: &str) -> String {
    format!(
        "<Response><JobsDetail><JobId>j{token}</JobId></JobsDetail><NextToken>{token}</NextToken>\
         </Response>"
    )
}

#[tokio::test]
async fn a_list_with_a_token_is_followed_and_does_not_circle() {
    let transport = Memory::answering([(200, jobs("1")), (200, jobs(""))]);
    let jobs_of = |transport: &Memory| {
        client(transport, &clock())
            .list_jobs(BUCKET, "p1", "ImageInspect")
            .items()
    };
    assert_eq!(jobs_of(&transport).collect().await.unwrap().len(), 2);
    assert!(queries(&transport)[1].contains("nextToken=1"));

    let transport = Memory::answering([(200, jobs("1")), (200, jobs("1")), (200, jobs("1"))]);
    let error = jobs_of(&transport).collect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Response);
    assert!(
        error
            .to_string()
            .starts_with("ListJobs: the list names the same page again")
    );
}

#[tokio::test]
async fn an_error_ends_a_list() {
    let transport = Memory::answering([(404, "")]);
    let mut pages = client(&transport, &clock()).describe_pic_buckets().pages();
    assert!(pages.next().await.unwrap().is_err());
    assert!(pages.next().await.is_none());
}

fn job(state: &str) -> String {
    format!(
        "<Response><JobsDetail><Code>ResourceNotFound</Code><Message>No such object.</Message>\
         <JobId>c01</JobId><State>{state}</State></JobsDetail></Response>"
    )
}

#[tokio::test]
async fn a_wait_ends_in_the_typed_result() {
    let transport = Memory::answering(["Submitted", "Running", "Success"].map(|s| (200, job(s))));
    let clock = clock();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watched = Arc::clone(&seen);
    let reply = client(&transport, &clock)
        .wait_job(BUCKET, "c01")
        .watch(move |response| {
            watched
                .lock()
                .unwrap()
                .push(response.jobs_detail[0].state.clone());
        })
        .await
        .unwrap();
    assert_eq!(reply.jobs_detail[0].state, Some(JobState::Success));
    assert_eq!(clock.slept(), [Duration::from_secs(2); 2]);
    assert_eq!(
        *seen.lock().unwrap(),
        [JobState::Submitted, JobState::Running, JobState::Success].map(Some)
    );
}

#[tokio::test]
async fn a_failed_job_is_an_error_with_the_services_reason() {
    let transport = Memory::answering([(200, job("Failed"))]);
    let error = client(&transport, &clock())
        .wait_job(BUCKET, "c01")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert_eq!(error.code(), Some("ResourceNotFound"));
    assert_eq!(
        error.to_string(),
        "DescribeJob: ResourceNotFound: the job ended as Failed: No such object (HTTP 200)"
    );
}

#[tokio::test]
async fn a_job_that_does_not_exist_is_not_waited_for() {
    let answer = "<Response><NonExistJobIds>c01</NonExistJobIds></Response>";
    let transport = Memory::answering([(200, answer)]);
    let error = client(&transport, &clock())
        .wait_job(BUCKET, "c01")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert!(
        error.to_string().contains("there is no such job"),
        "{error}"
    );
}

#[tokio::test]
async fn a_wait_is_given_up_in_time() {
    let transport = Memory::new(|_| {
        Ok(tcloud_ci::runtime::http::Response::new(
            job("Running").into(),
        ))
    });
    let error = client(&transport, &clock())
        .wait_job(BUCKET, "c01")
        .interval(Duration::from_secs(10))
        .timeout(Duration::from_secs(30))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(transport.requests().len(), 4);
}

#[tokio::test]
async fn a_job_is_submitted_and_waited_for_in_one_go() {
    let states = ["Submitted", "Running", "Success"];
    let transport = Memory::answering(states.map(|state| (200, job(state))));
    let clock = clock();
    let submitted = Arc::new(Mutex::new(None));
    let (seen, options) = (Arc::clone(&submitted), CallOptions::new());
    let done = client(&transport, &clock)
        .create_image_inspect_job(BUCKET, ObjectInput::new("cat.png"))
        .options(options.region("ap-guangzhou").query("more", "1"))
        .submit_and_wait()
        .on_submitted(move |reply| *seen.lock().unwrap() = reply.job_id().map(str::to_owned))
        .interval(Duration::from_secs(7))
        .await
        .unwrap();
    assert_eq!(done.jobs_detail[0].state, Some(JobState::Success));
    assert_eq!(submitted.lock().unwrap().as_deref(), Some("c01"));
    assert_eq!(clock.slept(), [Duration::from_secs(7)]);
    let requests = transport.requests();
    let asked: Vec<_> = requests
        .iter()
        .map(|request| format!("{} {}", request.method, request.uri))
        .collect();
    let host = format!("https://{BUCKET}.ci.ap-guangzhou.myqcloud.com/jobs");
    assert_eq!(
        asked,
        [
            format!("POST {host}?more=1"),
            format!("GET {host}/c01"),
            format!("GET {host}/c01"),
        ]
    );
}

#[tokio::test]
async fn a_wait_that_fails_names_the_job_that_was_submitted() {
    let submit = |answers: &[(u16, String)]| {
        let transport = Memory::answering(answers.to_vec());
        client(&transport, &clock())
            .create_image_inspect_job(BUCKET, ObjectInput::new("cat.png"))
            .submit_and_wait()
            .timeout(Duration::ZERO)
            .into_future()
    };
    let submitted = || (200, job("Submitted"));
    let error = submit(&[submitted(), (200, job("Failed"))])
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.job_id()),
        (ErrorKind::Job, Some("c01"))
    );
    assert_eq!(
        error.to_string(),
        "DescribeJob: ResourceNotFound: the job ended as Failed: No such object (job c01, HTTP 200)"
    );
    let error = submit(&[submitted(), (200, job("Running"))])
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.job_id()),
        (ErrorKind::Timeout, Some("c01"))
    );
    let error = submit(&[submitted(), (403, String::new())])
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.job_id()),
        (ErrorKind::Service, Some("c01"))
    );

    // Without a job there is none to name.
    let error = submit(&[(403, String::new())]).await.unwrap_err();
    assert_eq!(error.job_id(), None);
    let error = submit(&[(200, "<Response/>".to_owned())])
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.job_id()), (ErrorKind::Response, None));
    assert!(
        error
            .to_string()
            .starts_with("CreateImageInspectJob: the answer has no id of a job")
    );
}

/// A job that is described by a parameter of the query, whose names are in lower case.
#[tokio::test]
async fn what_describes_a_job_gets_the_rows_of_the_same_names() {
    let answer = |state: &str| {
        let text = format!(r#"{{"Job": {{"JobId": "e01", "State": "{state}"}}}}"#);
        (200, text)
    };
    let transport = Memory::answering([answer("Unstart"), answer("Success")]);
    let done = client(&transport, &clock())
        .create_dataset_export_job("1250000000", "pets", "cats", 1)
        .submit_and_wait()
        .await
        .unwrap();
    assert_eq!(done.job.as_ref().unwrap().job_id.as_deref(), Some("e01"));
    assert_eq!(queries(&transport)[1], "datasetname=pets&jobid=e01");
}

#[tokio::test]
async fn a_setter_takes_an_option() {
    let transport = Memory::answering([(200, job("Submitted"))]);
    let (user_data, level) = (Some("a note"), None::<i64>);
    client(&transport, &clock())
        .create_image_inspect_job(BUCKET, ObjectInput::new("cat.png"))
        .user_data(user_data)
        .job_level(2)
        .job_level(level)
        .callback(None::<String>)
        .callback_type(Some("Url"))
        .send()
        .await
        .unwrap();
    let requests = transport.requests();
    let body = String::from_utf8_lossy(&requests[0].body);
    assert!(body.contains("<UserData>a note</UserData>"), "{body}");
    assert!(body.contains("<CallBackType>Url</CallBackType>"), "{body}");
    assert!(
        !body.contains("JobLevel") && !body.contains("<CallBack>"),
        "{body}"
    );
}

#[tokio::test]
async fn what_is_missing_inside_a_container_is_named() {
    use tcloud_ci::operation::create_image_inspect_job::Input;
    let transport = Memory::answering::<&str>([]);
    let error = client(&transport, &clock())
        .create_image_inspect_job(BUCKET, Input::default())
        .send()
        .await
        .unwrap_err();
    assert!(
        error.to_string().starts_with(
            "CreateImageInspectJob: required, but not given: Request.Input.Object; set them; see "
        ),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_out_of_bounds_is_refused_unless_told_otherwise() {
    use tcloud_ci::operation::create_image_inspect_job::Input;
    let transport = Memory::answering([(200, "<Response/>")]);
    let builder = || {
        Config::builder()
            .region("ap-guangzhou")
            .credentials(Credentials::new("a", "b"))
            .transport(transport.clone())
    };
    let submit = |config: &Config| {
        Client::new(config)
            .create_image_inspect_job(BUCKET, Input::new("a.png"))
            .job_level(3)
            .send()
    };
    let error = submit(&builder().build().unwrap()).await.unwrap_err();
    assert!(
        error.to_string().starts_with(
            "CreateImageInspectJob: Request.Operation.JobLevel must be from 0 to 2, got 3; see "
        ),
        "{error}"
    );
    assert_eq!(transport.requests().len(), 0);

    let unchecked = builder().check_limits(false).build().unwrap();
    submit(&unchecked).await.unwrap();
    assert_eq!(transport.requests().len(), 1);
}

/// The documents of one and the same job print its state in two cases.
#[tokio::test]
async fn a_wait_ends_on_a_state_in_either_case() {
    for (state, ends_well) in [
        ("success", true),
        ("Success", true),
        ("failed", false),
        ("Failed", false),
    ] {
        let answer = |state: &str| (200, format!(r#"{{"Job":{{"State":"{state}"}}}}"#));
        let transport = Memory::answering([answer("todo"), answer("running"), answer(state)]);
        let outcome = client(&transport, &clock())
            .wait_dataset_export_job("1250000000", "dataset", "job")
            .await;
        assert_eq!(transport.requests().len(), 3, "{state}");
        match outcome {
            Ok(reply) => {
                assert!(ends_well, "{state}");
                assert!(reply.drift().is_empty(), "{:?}", reply.drift());
            }
            Err(error) => {
                assert!(!ends_well, "{state}");
                assert_eq!(error.kind(), ErrorKind::Job, "{error}");
            }
        }
    }
}
