//! The client of the workspace.

use bytes::Bytes;
use http::{Request, Response};
use tcloud_core::future::BoxFuture;
use tcloud_core::transport::{Transport, TransportError};
use tcloud_cos::{Body, Client, Config, Credentials, Endpoint};

use crate::case::{Case, LARGE, SMALL, Zeros};

const BUCKET: &str = "album-1250000000";

pub(crate) async fn run(case: Case, address: &str, times: u32) {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"));
    let checks = !matches!(case, Case::UploadUnchecked | Case::DownloadUnchecked);
    let config = config.check_integrity(checks);
    let config = match case {
        Case::Call => config.transport(Immediate),
        _ => config.endpoint(Endpoint::parse(address).unwrap()),
    };
    let client = Client::new(&config.build().unwrap());
    for _ in 0..times {
        match case {
            Case::Get | Case::GetTimed | Case::Call => get(&client).await,
            Case::Upload | Case::UploadUnchecked => upload(&client).await,
            Case::Download | Case::DownloadUnchecked => download(&client).await,
        }
    }
}

async fn get(client: &Client) {
    let reply = client.get_object(BUCKET, "small").send().await.unwrap();
    let bytes = reply.into_body().collect(SMALL).await.unwrap();
    assert_eq!(bytes.len(), SMALL);
}

async fn upload(client: &Client) {
    let body = Body::from_stream(Zeros { left: LARGE }, Some(LARGE));
    client
        .put_object(BUCKET, "large", body)
        .send()
        .await
        .unwrap();
}

async fn download(client: &Client) {
    let reply = client.get_object(BUCKET, "large").send().await.unwrap();
    let mut body = reply.into_body();
    let mut received = 0;
    while let Some(chunk) = body.chunk().await {
        received += chunk.unwrap().len();
    }
    assert_eq!(u64::try_from(received).unwrap(), LARGE);
}

/// Answers at once, and keeps nothing.
#[derive(Debug)]
struct Immediate;

impl Transport for Immediate {
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        static ANSWER: [u8; SMALL] = [0; SMALL];
        let answer = Response::new(Body::from(Bytes::from_static(&ANSWER)));
        Box::pin(std::future::ready(Ok(answer)))
    }
}
