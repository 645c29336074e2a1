//! Attempts that fail on demand.

use std::time::Duration;

use http::StatusCode;
use tcloud_core::error::ErrorKind;
use tcloud_core::testing::{Answer, Failure, Faulty, Manual, Mock};
use tcloud_cos::operation::get_object::{GetObjectRequest, GetObjectResponse};
use tcloud_mps::operation::process_media::{ProcessMediaRequest, ProcessMediaResponse};

const BUCKET: &str = "examplebucket-1250000000";

fn mock() -> Mock {
    let mock = Mock::new();
    mock.when::<GetObjectRequest>()
        .answer(Answer::new(GetObjectResponse::new()).body("0123456789"));
    mock.when::<ProcessMediaRequest>()
        .answer(ProcessMediaResponse::new().task_id("1"));
    mock
}

fn media(client: &tcloud_mps::Client) -> tcloud_mps::operation::process_media::ProcessMedia {
    client.process_media(tcloud_mps::types::MediaInputInfo::new("URL"))
}

#[tokio::test]
async fn what_was_not_sent_is_tried_again_and_what_may_have_been_is_not() {
    let mock = mock();
    let transport = Faulty::schedule(
        mock.clone(),
        [
            Some(Failure::Refused),
            None,
            Some(Failure::ResetBeforeAnswer),
        ],
    );
    let config = mock
        .config_builder()
        .transport(transport.clone())
        .build()
        .unwrap();
    let client = tcloud_mps::Client::new(&config);

    media(&client).send().await.unwrap();
    assert_eq!(transport.attempts(), 2);

    let error = media(&client).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(transport.attempts(), 3);
    mock.assert_called::<ProcessMediaRequest>(2);
}

#[tokio::test]
async fn retry_after_is_waited_for_on_the_clock() {
    let mock = mock();
    let clock = Manual::new(0);
    let busy = Failure::RetryAfter(StatusCode::TOO_MANY_REQUESTS, 7);
    let config = mock
        .config_builder()
        .transport(Faulty::schedule(mock.clone(), [Some(busy)]))
        .environment(clock.clone())
        .build()
        .unwrap();
    tcloud_cos::Client::new(&config)
        .get_object(BUCKET, "a")
        .send()
        .await
        .unwrap();
    assert_eq!(clock.slept(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn an_answer_is_cut_in_its_body_and_the_operation_is_known() {
    let mock = mock();
    let transport = Faulty::new(mock.clone(), |_, operation| {
        (operation?.name == "GetObject").then_some(Failure::Cut(4))
    });
    let config = mock.config_builder().transport(transport).build().unwrap();
    let reply = tcloud_cos::Client::new(&config)
        .get_object(BUCKET, "a")
        .send()
        .await
        .unwrap();
    let mut body = reply.into_body();
    assert_eq!(body.chunk().await.unwrap().unwrap(), "0123");
    let error = body.chunk().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("reset"), "{error}");

    let config = tcloud_mps::Client::new(&config);
    media(&config).send().await.unwrap();
}
