//! One call, answered from memory: no TLS, no async runtime.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tcloud_mps::runtime::transport::Memory;
use tcloud_mps::types::MediaInputInfo;
use tcloud_mps::{Client, Config, Credentials};

const ANSWER: &str = r#"{"Response": {"TaskId": "3pg2p4jEfbFH", "RequestId": "03b25aab"}}"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::builder()
        .region("ap-shanghai")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(Memory::answering([(200, ANSWER)]))
        .build()?;
    let client = Client::new(&config);
    let mut call = pin!(client.process_image(MediaInputInfo::new("COS")).send());
    let reply = loop {
        if let Poll::Ready(reply) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            break reply?;
        }
    };
    println!("{}", reply.task_id.as_deref().unwrap_or_default());
    Ok(())
}
