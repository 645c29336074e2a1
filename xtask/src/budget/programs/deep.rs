//! A call whose answer has hundreds of structures, from memory.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tcloud_mps::runtime::transport::Memory;
use tcloud_mps::{Client, Config, Credentials};

const ANSWER: &str = r#"{"Response": {"Status": "FINISH", "RequestId": "03b25aab"}}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::builder()
        .region("ap-shanghai")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(Memory::answering([(200, ANSWER)]))
        .build()?;
    let client = Client::new(&config);
    let mut call = pin!(client.describe_task_detail("3pg2p4jEfbFH").send());
    let reply = loop {
        if let Poll::Ready(reply) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            break reply?;
        }
    };
    println!("{}", reply.workflow_task.is_some());
    Ok(())
}
