//! Recording, and answering from what was recorded.

use http::StatusCode;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::testing::{Answer, Cassette, Fault, Matching, Mock, Recorder, Replay};
use tcloud_cos::operation::get_object::{GetObjectRequest, GetObjectResponse};
use tcloud_cos::operation::put_object::{PutObjectRequest, PutObjectResponse};
use tcloud_sts::operation::assume_role::{AssumeRoleRequest, AssumeRoleResponse};
use tcloud_sts::types::Credentials as Temporary;

const BUCKET: &str = "examplebucket-1250000000";

/// A service with a secret in every place where there can be one.
fn service() -> Mock {
    let mock = Mock::new();
    mock.when::<AssumeRoleRequest>().answer(
        AssumeRoleResponse::new()
            .credentials(
                Temporary::new()
                    .token("ANSWERTOKEN")
                    .tmp_secret_id("AKIDTEMPORARY")
                    .tmp_secret_key("ANSWERKEY"),
            )
            .expired_time(1_700_007_200),
    );
    mock.when::<GetObjectRequest>()
        .with(|request| request.key.as_deref() == Some("missing"))
        .refuse(
            Fault::new(StatusCode::FORBIDDEN, "AccessDenied", "no")
                .detail("FormatString", "x-cos-security-token=SESSIONTOKEN"),
        );
    mock.when::<GetObjectRequest>()
        .answer(Answer::new(GetObjectResponse::new()).body(vec![0xff, 0, 1]));
    mock.when::<PutObjectRequest>()
        .answer(PutObjectResponse::new().etag("\"1\""));
    mock
}

fn config(transport: impl tcloud_core::transport::Transport + 'static) -> Config {
    Mock::new()
        .config_builder()
        .credentials(Credentials::new("AKIDSIGNER", "SIGNERKEY").with_token("SESSIONTOKEN"))
        .transport(transport)
        .build()
        .unwrap()
}

/// All that the tests ask for, in order: the second and third answers as text.
async fn conversation(config: &Config) -> Vec<String> {
    let sts = tcloud_sts::Client::new(config);
    let cos = tcloud_cos::Client::new(config);
    let role = sts
        .assume_role("qcs::cam::uin/1:roleName/r", "me")
        .send()
        .await
        .unwrap();
    let put = cos
        .put_object(BUCKET, "a b", "content")
        .content_type("text/plain")
        .send()
        .await
        .unwrap();
    let denied = cos.get_object(BUCKET, "missing").send().await.unwrap_err();
    let bytes = cos.get_object(BUCKET, "a b").send().await.unwrap();
    let bytes = bytes.into_body().collect(64).await.unwrap();
    vec![
        format!("{:?}", role.expired_time),
        format!("{:?}", put.etag),
        format!("{:?} {}", denied.code(), denied.message()),
        format!("{bytes:?}"),
    ]
}

#[tokio::test]
async fn what_was_recorded_answers_alike_and_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("conversation.json");
    let recorder = Recorder::saving(service(), &path);
    let lived = conversation(&config(recorder)).await;

    let text = std::fs::read_to_string(&path).unwrap();
    for secret in [
        "ANSWERTOKEN",
        "ANSWERKEY",
        "SESSIONTOKEN",
        "SIGNERKEY",
        "AKIDSIGNER",
        "q-signature",
        "TC3-HMAC",
    ] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert!(text.contains("\"cos:PutObject\"") && text.contains("content-type: text/plain"));

    let replay = Replay::load(&path).unwrap();
    assert_eq!(conversation(&config(replay.clone())).await, lived);
    replay.assert_finished();
}

#[tokio::test]
async fn strict_replay_names_what_differs() {
    let recorder = Recorder::new(service());
    let cos = tcloud_cos::Client::new(&config(recorder.clone()));
    cos.put_object(BUCKET, "a", "content").send().await.unwrap();
    let cassette = recorder.cassette();
    let client = || tcloud_cos::Client::new(&config(Replay::new(cassette.clone())));

    let error = client()
        .put_object(BUCKET, "b", "content")
        .send()
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("its target is \"/b\", and \"/a\" was recorded"),
        "{error}"
    );
    let error = client()
        .put_object(BUCKET, "a", "other")
        .send()
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("its body is another one"),
        "{error}"
    );
    let error = client().get_object(BUCKET, "a").send().await.unwrap_err();
    let expected = "this is cos:GetObject, and cos:PutObject was recorded as request 1";
    assert!(error.to_string().contains(expected), "{error}");
    let again = client();
    again
        .put_object(BUCKET, "a", "content")
        .send()
        .await
        .unwrap();
    let error = again
        .put_object(BUCKET, "a", "content")
        .send()
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("the cassette has ended"),
        "{error}"
    );
}

#[tokio::test]
async fn loose_replay_takes_any_order_and_repeats() {
    let recorder = Recorder::new(service());
    conversation(&config(recorder.clone())).await;
    let replay = Replay::new(recorder.cassette()).matching(Matching::Loose);
    let cos = tcloud_cos::Client::new(&config(replay.clone()));
    for _ in 0..3 {
        let object = cos.get_object(BUCKET, "a b").send().await.unwrap();
        assert_eq!(*object.into_body().collect(64).await.unwrap(), [0xff, 0, 1]);
    }
    cos.put_object(BUCKET, "a b", "whatever")
        .send()
        .await
        .unwrap();
    let error = cos.get_object(BUCKET, "c").send().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the cassette has no cos:GetObject /c"),
        "{error}"
    );
    let unfinished = std::panic::catch_unwind(|| replay.assert_finished()).unwrap_err();
    let text = unfinished.downcast_ref::<String>().unwrap();
    assert!(text.contains("sts:AssumeRole"), "{text}");
}

#[test]
fn a_file_that_is_no_cassette_is_refused_by_name() {
    let error = Cassette::from_json("{}").unwrap_err().to_string();
    assert!(
        error.starts_with("the cassette: it is not a cassette"),
        "{error}"
    );
    let newer = Cassette::from_json(r#"{"version":2,"interactions":[]}"#).unwrap_err();
    assert!(newer.to_string().contains("version 2"), "{newer}");
    let missing = Cassette::load("no/such/file.json").unwrap_err().to_string();
    assert!(
        missing.starts_with("the cassette no/such/file.json: "),
        "{missing}"
    );
}
