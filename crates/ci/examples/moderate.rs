//! Moderates a picture at once: what was found, and what to do with the picture.
//!
//! `cargo run -p tcloud-ci --example moderate`. A transport in memory stands in for the service;
//! leave `transport` out to reach the real one.

use tcloud_ci::runtime::transport::Memory;
use tcloud_ci::types::AuditingLabel;
use tcloud_ci::{Client, Config, Credentials};

const ANSWER: &str = "<RecognitionResult><JobId>si01</JobId><State>Success</State>\
    <Object>album/party.jpg</Object><Label>Ads</Label><Result>1</Result><Score>96</Score>\
    <AdsInfo><HitFlag>1</HitFlag><Score>96</Score><Label>QRCode</Label></AdsInfo>\
    </RecognitionResult>";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), tcloud_ci::Error> {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(Memory::answering([(200, ANSWER)]))
        .build()?;
    let client = Client::new(&config);

    let verdict = client
        .get_sensitive_content_recognition("examplebucket-1250000000", "album/party.jpg")
        .biz_type("avatars")
        .send()
        .await?;

    // 0: normal, 1: sensitive, 2: perhaps sensitive.
    let what = match verdict.result {
        Some(0) => "publish",
        Some(1) => "refuse",
        _ => "let a person look",
    };
    let label = verdict.label.as_ref().map_or("-", AuditingLabel::as_str);
    println!(
        "{what}: {label}, {} of 100",
        verdict.score.unwrap_or_default()
    );
    assert_eq!(
        (what, &verdict.label),
        ("refuse", &Some(AuditingLabel::Ads))
    );
    Ok(())
}
