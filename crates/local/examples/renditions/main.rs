//! What pictures that are processed while they are read cost: a GET of one that was made before beside
//! a plain GET, and many clients that ask for different ones at once. A release build says something:
//!
//! `cargo run --release -p tcloud-local --example renditions`
//!
//! With the argument `small`, for other builds, pictures are smaller and requests fewer. It ends with an
//! error if a request fails or more memory is taken than the settings allow.

mod cached;
mod connection;
mod crowd;
mod photo;

use std::env;
use std::error::Error;

use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_cos::Client;
use tcloud_local::{AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
use tokio::net::TcpListener;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const BUCKET: &str = "album-1250000000";
/// The key of a picture is its number.
const PICTURES: u32 = 4;
const MEBIBYTE: u64 = 1024 * 1024;

/// How much is measured.
struct Scale {
    width: u32,
    height: u32,
    clients: u32,
    gets: u32,
}

const FULL: Scale = Scale {
    width: 4000,
    height: 3000,
    clients: 64,
    gets: 2000,
};

const SMALL: Scale = Scale {
    width: 1000,
    height: 750,
    clients: 16,
    gets: 50,
};

#[tokio::main]
async fn main() -> Outcome<()> {
    let scale = match env::args().nth(1).as_deref() {
        None => FULL,
        Some("small") => SMALL,
        Some(other) => return Err(format!("{other}: the only argument is `small`").into()),
    };
    let settings = Settings::default()
        .auth(AuthMode::Off)
        .picture_memory(crowd::MEMORY);
    let cloud = LocalCloud::start(settings).await?;
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
        .transport(cloud.transport())
        .build()?;
    let cos = Client::new(&config);
    cos.put_bucket(BUCKET).send().await?;
    for number in 0..PICTURES {
        let photo = photo::photo(scale.width, scale.height, number)?;
        let key = number.to_string();
        cos.put_object(BUCKET, key, photo).send().await?;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let server = tokio::spawn(async move { cloud.serve(listener).await });
    cached::compare(&cos, port, scale.gets).await?;
    crowd::ask(port, scale.clients).await?;
    server.abort();
    Ok(())
}
