//! Makes a workflow, runs it for one object, and waits for its end.
//!
//! `cargo run -p tcloud-ci --example workflow`. A transport in memory stands in for the service.

use tcloud_ci::runtime::transport::Memory;
use tcloud_ci::types::{
    JobOutput, Workflow, WorkflowExecutionState, WorkflowNode, WorkflowNodeInput,
    WorkflowNodeOperation, WorkflowNodeType, WorkflowTopology,
};
use tcloud_ci::{Client, Config, Credentials};

const BUCKET: &str = "examplebucket-1250000000";
const MADE: &str = "<Response><MediaWorkflow><Name>covers</Name><WorkflowId>w01</WorkflowId>\
    <State>Paused</State></MediaWorkflow></Response>";
const TRIGGERED: &str = "<Response><InstanceId>i01</InstanceId></Response>";
const ENDED: &str = "<Response><WorkflowExecution><RunId>i01</RunId><WorkflowId>w01</WorkflowId>\
    <State>Success</State><Tasks><Type>Snapshot</Type><State>Success</State>\
    <Name>Snapshot_1</Name></Tasks></WorkflowExecution></Response>";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), tcloud_ci::Error> {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(Memory::answering([
            (200, MADE),
            (200, TRIGGERED),
            (200, ENDED),
        ]))
        .build()?;
    let client = Client::new(&config);

    // `Start` says which objects, every other node what is done with them.
    let start = WorkflowNode::new(WorkflowNodeType::Start)
        .input(WorkflowNodeInput::new().object_prefix("films/"));
    let snapshot = WorkflowNode::new(WorkflowNodeType::Snapshot).operation(
        WorkflowNodeOperation::new()
            .template_id("t07740e32081b44ad7a0aea03adcffd54a")
            .output(JobOutput::new("ap-chongqing", BUCKET).object("covers/${RunId}/${Number}.jpg")),
    );
    let topology = WorkflowTopology::new(
        [("Start", "Snapshot_1"), ("Snapshot_1", "End")],
        [("Start", start), ("Snapshot_1", snapshot)],
    );
    let made = client
        .create_workflow(BUCKET, Workflow::new("covers", topology))
        .send()
        .await?;
    let workflow_id = made
        .media_workflow
        .as_ref()
        .and_then(|it| it.workflow_id.as_deref())
        .unwrap_or_default();

    let run = client
        .trigger_workflow(BUCKET, workflow_id, "films/holiday.mp4")
        .send()
        .await?;
    let run_id = run.instance_id.as_deref().unwrap_or_default();

    let ended = client.wait_workflow_execution(BUCKET, run_id).await?;
    let execution = ended.workflow_execution.as_ref();
    let tasks = execution.map_or(&[][..], |it| &it.tasks);
    println!("{run_id}: {} nodes have ended", tasks.len());
    assert_eq!(
        execution.and_then(|it| it.state.clone()),
        Some(WorkflowExecutionState::Success)
    );
    Ok(())
}
