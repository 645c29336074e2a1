//! One call over the network, by the ready transport.

use tcloud_mps::types::MediaInputInfo;
use tcloud_mps::{Client, Config};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::new(&Config::builder().region("ap-shanghai").build()?);
    let reply = client.process_image(MediaInputInfo::new("COS")).send().await?;
    println!("{}", reply.task_id.as_deref().unwrap_or_default());
    Ok(())
}
