//! Lists and waits of the generated client, over a transport in memory and a clock that only moves
//! when someone sleeps.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use serde_json::{Value, json};
use tcloud_mps::runtime::environment::Manual;
use tcloud_mps::runtime::transport::Memory;
use tcloud_mps::{Client, Config, Credentials, ErrorKind, MediaInputInfo};

fn client(transport: &Memory) -> Client {
    let config = Config::builder()
        .region("ap-shanghai")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(transport.clone())
        .environment(Manual::new(1_700_000_000_000))
        .build()
        .unwrap();
    Client::new(&config)
}

fn answers(answers: impl IntoIterator<Item = Value>) -> Memory {
    let answers = answers.into_iter();
    Memory::answering(answers.map(|answer| (200, json!({ "Response": answer }).to_string())))
}

/// A member of all bodies that were sent.
fn sent(transport: &Memory, member: &str) -> Vec<Value> {
    let requests = transport.requests();
    let bodies = requests.iter().map(|request| &request.body);
    bodies
        .map(|it| serde_json::from_slice::<Value>(it).unwrap())
        .map(|body| body.get(member).cloned().unwrap_or_default())
        .collect()
}

fn templates(total: u64, names: &[&str]) -> Value {
    let set: Vec<_> = names.iter().map(|name| json!({ "Name": name })).collect();
    json!({ "TotalCount": total, "TranscodeTemplateSet": set })
}

#[tokio::test]
async fn a_list_by_offset_is_followed_to_its_end() {
    let transport = answers([templates(3, &["a", "b"]), templates(3, &["c"])]);
    let list = client(&transport).describe_transcode_templates().limit(2);
    let names: Vec<_> = list.items().collect().await.unwrap();
    let names: Vec<_> = names.iter().filter_map(|it| it.name.as_deref()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(sent(&transport, "Offset"), [Value::Null, json!(2)]);
    assert_eq!(sent(&transport, "Limit"), [2, 2]);
}

#[tokio::test]
async fn a_list_by_offset_starts_where_it_is_told_to() {
    let transport = answers([templates(9, &["h"]), templates(9, &[])]);
    let list = client(&transport).describe_transcode_templates().offset(7);
    assert_eq!(list.items().collect().await.unwrap().len(), 1);
    assert_eq!(sent(&transport, "Offset"), [7, 8]);
}

#[tokio::test]
async fn a_list_by_scroll_token_is_followed_to_its_end() {
    let tasks = |ids: &[&str], token: &str| {
        let set: Vec<_> = ids.iter().map(|id| json!({ "TaskId": id })).collect();
        json!({ "TaskSet": set, "ScrollToken": token, "TotalCount": 3 })
    };
    let transport = answers([tasks(&["1", "2"], "more"), tasks(&["3"], "")]);
    let list = client(&transport).describe_tasks("FINISH");
    assert_eq!(list.items().collect().await.unwrap().len(), 3);
    assert_eq!(
        sent(&transport, "ScrollToken"),
        [Value::Null, json!("more")]
    );
}

#[tokio::test]
async fn a_task_is_submitted_and_waited_for_in_one_go() {
    let status = |status: &str| json!({ "Status": status });
    let transport = answers([
        json!({ "TaskId": "t1" }),
        status("WAITING"),
        status("FINISH"),
    ]);
    let input = MediaInputInfo::new("URL");
    let done = client(&transport).process_image(input).submit_and_wait();
    let status = done.await.unwrap().into_output().status;
    assert_eq!(status.unwrap().as_str(), "FINISH");
    assert_eq!(
        sent(&transport, "TaskId"),
        [Value::Null, json!("t1"), json!("t1")]
    );

    let failed = json!({ "Status": "FINISH", "ErrMsg": "InternalError", "Message": "no" });
    let transport = answers([json!({ "TaskId": "t2" }), failed]);
    let input = MediaInputInfo::new("URL");
    let error = client(&transport)
        .process_image(input)
        .submit_and_wait()
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.job_id()), (ErrorKind::Job, Some("t2")));
}

/// A finished workflow whose parts ended like this.
fn workflow(parts: &[Value]) -> Value {
    json!({
        "Status": "FINISH",
        "WorkflowTask": {
            "Status": "FINISH", "ErrCode": 0, "Message": "",
            "MediaProcessResultSet": parts,
        },
    })
}

fn transcoding(status: &str, code: &str, message: &str) -> Value {
    json!({ "Type": "Transcode", "TranscodeTask": {
        "Status": status, "ErrCodeExt": code, "ErrCode": 0, "Message": message,
    } })
}

#[tokio::test]
async fn a_task_of_good_parts_ends_well() {
    let running = json!({ "Status": "PROCESSING" });
    let done = workflow(&[transcoding("SUCCESS", "", "")]);
    let transport = answers([running, done]);
    let reply = client(&transport).wait_task("t").await.unwrap();
    assert!(reply.workflow_task.is_some());
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn a_finished_task_with_a_failed_part_is_an_error() {
    let good = transcoding("SUCCESS", "", "");
    let bad = transcoding("FAIL", "InvalidParameterValue.SrcFile", "no video stream");
    let transport = answers([workflow(&[good, bad])]);
    let error = client(&transport).wait_task("t").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Job);
    assert_eq!(error.code(), Some("InvalidParameterValue.SrcFile"));
    let part = "WorkflowTask.MediaProcessResultSet[1].TranscodeTask failed: no video stream";
    assert!(error.message().contains(part), "{error}");
}

#[tokio::test]
async fn a_finished_task_with_an_error_number_is_an_error() {
    let answer = json!({ "Status": "FINISH", "EditMediaTask": {
        "Status": "FINISH", "ErrCode": 70000, "Message": "the source is gone",
    } });
    let error = client(&answers([answer])).wait_task("t").await.unwrap_err();
    assert_eq!(error.code(), Some("70000"));
    assert!(error.message().contains("EditMediaTask failed"), "{error}");
}

#[tokio::test]
async fn an_empty_list_is_sent_where_it_is_given() {
    let transport = answers([json!({}), json!({}), json!({})]);
    let client = client(&transport);
    client.describe_transcode_templates().send().await.unwrap();
    let list = client.describe_transcode_templates().definitions([7]);
    list.definitions([]).send().await.unwrap();
    let list = client.describe_transcode_templates().definitions([]);
    list.definitions([7]).send().await.unwrap();
    assert_eq!(
        sent(&transport, "Definitions"),
        [Value::Null, json!([]), json!([7])]
    );
}

#[tokio::test]
async fn a_required_list_may_be_empty_but_not_left_out() {
    let transport = answers([json!({})]);
    let client = client(&transport);
    let nobody: [&str; 0] = [];
    let delete = client.delete_stream_package_linear_assembly_channels(nobody);
    delete.send().await.unwrap();
    assert_eq!(sent(&transport, "Ids"), [json!([])]);
}
