//! Receives a callback with axum: the local cloud runs a job and posts its end to this program.
//!
//! `cargo run -p tcloud-local --example callback`. Nothing leaves the machine.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tcloud_ci::callback::{Callback, parse};
use tcloud_ci::operation::create_image_inspect_job::Input;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const BUCKET: &str = "examplebucket-1250000000";

/// What the service posts. Any 2xx tells it not to try again.
async fn receive(State(told): State<mpsc::Sender<Callback>>, body: String) -> StatusCode {
    match parse(&body) {
        Ok(received) => {
            // Where the service departs from its documents, which is worth a line in a log.
            for drift in &received.drift {
                eprintln!("{drift}");
            }
            match told.send(received.callback).await {
                Ok(()) => StatusCode::NO_CONTENT,
                Err(_) => StatusCode::SERVICE_UNAVAILABLE,
            }
        }
        Err(error) => {
            eprintln!("{error}");
            StatusCode::BAD_REQUEST
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (told, mut tellings) = mpsc::channel(8);
    let app = Router::new().route("/told", post(receive)).with_state(told);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/told", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let settings = Settings::default().allow_private_addresses(true);
    let cloud = LocalCloud::start(settings).await?;
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
        .transport(cloud.transport())
        .build()?;
    let (cos, ci) = (
        tcloud_cos::Client::new(&config),
        tcloud_ci::Client::new(&config),
    );
    cos.put_bucket(BUCKET).send().await?;
    ci.create_pic_bucket(BUCKET).send().await?;
    let picture = tcloud_inspect::demo::clean_png();
    cos.put_object(BUCKET, "cat.png", picture).send().await?;
    ci.create_image_inspect_job(BUCKET, Input::new("cat.png"))
        .callback(address)
        .send()
        .await?;

    let Some(Callback::Job(job)) = tellings.recv().await else {
        return Err("it should tell of a job".into());
    };
    let state = job.jobs_detail.first().and_then(|it| it.state.as_ref());
    println!("told: {state:?}");
    assert_eq!(state, Some(&tcloud_ci::types::JobState::Success));
    cloud.shutdown().await;
    Ok(())
}
