//! Uploads a file, lists its folder, and downloads it again.
//!
//! `cargo run -p tcloud-cos --example upload -- <bucket> <file>`, with credentials and region in
//! the environment. Against the local cloud set `TCLOUD_ENDPOINT`, too.

use tcloud_cos::{Client, Config, Endpoint};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(bucket), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: upload <bucket> <file>".into());
    };
    let mut config = Config::builder();
    if let Ok(endpoint) = std::env::var("TCLOUD_ENDPOINT") {
        config = config.endpoint(Endpoint::parse(&endpoint)?);
    }
    let client = Client::new(&config.build()?);

    let content = tokio::fs::read(&file).await?;
    let key = format!("uploads/{file}");
    let reply = client.put_object(&bucket, &key, content).send().await?;
    println!(
        "uploaded with ETag {}",
        reply.etag.as_deref().unwrap_or("-")
    );

    let mut objects = client.get_bucket(&bucket).prefix("uploads/").items();
    while let Some(object) = objects.next().await {
        let object = object?;
        println!(
            "{:>10} {}",
            object.size.unwrap_or_default(),
            object.key.unwrap_or_default()
        );
    }

    let mut body = client.get_object(&bucket, &key).send().await?.into_body();
    let mut bytes = 0;
    while let Some(chunk) = body.chunk().await {
        bytes += chunk?.len();
    }
    println!("downloaded {bytes} bytes");
    Ok(())
}
