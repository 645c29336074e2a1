//! `reqwest` alone, which neither signs nor checks.

use std::time::Duration;

use reqwest::{Body, Client};

use crate::case::{Case, LARGE, SMALL, Zeros};

pub(crate) async fn run(case: Case, address: &str, times: u32) {
    rustls::crypto::ring::default_provider()
        .install_default()
        .unwrap();
    let mut client = Client::builder().no_proxy();
    if case == Case::GetTimed {
        client = client
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(20))
            .timeout(Duration::from_mins(1));
    }
    let client = client.build().unwrap();
    for _ in 0..times {
        match case {
            Case::Get | Case::GetTimed | Case::Call => get(&client, address).await,
            Case::Upload | Case::UploadUnchecked => upload(&client, address).await,
            Case::Download | Case::DownloadUnchecked => download(&client, address).await,
        }
    }
}

async fn get(client: &Client, address: &str) {
    let answer = client.get(format!("{address}/small")).send().await.unwrap();
    let bytes = answer.error_for_status().unwrap().bytes().await.unwrap();
    assert_eq!(bytes.len(), SMALL);
}

async fn upload(client: &Client, address: &str) {
    let request = client
        .put(format!("{address}/large"))
        .header("content-length", LARGE)
        .body(Body::wrap_stream(Zeros { left: LARGE }));
    request.send().await.unwrap().error_for_status().unwrap();
}

async fn download(client: &Client, address: &str) {
    let answer = client.get(format!("{address}/large")).send().await.unwrap();
    let mut answer = answer.error_for_status().unwrap();
    let mut received = 0;
    while let Some(chunk) = answer.chunk().await.unwrap() {
        received += chunk.len();
    }
    assert_eq!(u64::try_from(received).unwrap(), LARGE);
}
