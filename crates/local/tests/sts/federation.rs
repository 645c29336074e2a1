use serde_json::json;

use crate::fixture::{
    BUCKET, Fixture, allow, assumed, code, document, key, objects, refused, root, user_key,
};

#[tokio::test]
async fn a_federated_user_may_what_the_policy_and_its_issuer_may() {
    let fixture = Fixture::new().await;
    let policy = document(&allow(
        json!(["cos:PutObject", "cos:DeleteObject"]),
        &objects("guest/"),
    ));
    let call = fixture.sts(&root()).get_federation_token("guest", policy);
    let answer = call.send().await.unwrap().into_output();
    assert_eq!(answer.expired_time, Some(1_700_001_800));
    let cos = fixture.cos(&key(answer.credentials));
    cos.put_object(BUCKET, "guest/a", "a").send().await.unwrap();
    cos.delete_object(BUCKET, "guest/a").send().await.unwrap();
    assert_eq!(
        code(cos.put_object(BUCKET, "a", "a").send().await),
        "AccessDenied"
    );
    assert_eq!(
        code(cos.get_object(BUCKET, "guest/a").send().await),
        "AccessDenied"
    );

    // A user gives no more than it has.
    let everything = document(&allow(json!("*"), "*"));
    let prover = fixture.sts(&user_key("prover"));
    let answer = prover
        .get_federation_token("guest", everything)
        .send()
        .await
        .unwrap();
    let cos = fixture.cos(&key(answer.into_output().credentials));
    cos.get_object(BUCKET, "cat.png").send().await.unwrap();
    assert_eq!(
        code(cos.put_object(BUCKET, "a", "a").send().await),
        "AccessDenied"
    );
}

#[tokio::test]
async fn who_may_ask_and_for_how_long() {
    let fixture = Fixture::new().await;
    let policy = || document(&allow(json!("*"), "*"));
    let ask = |key| fixture.sts(key).get_federation_token("guest", policy());
    let (root, prover, reader) = (root(), user_key("prover"), user_key("reader"));
    ask(&root).duration_seconds(7200).send().await.unwrap();
    ask(&prover).duration_seconds(129_600).send().await.unwrap();
    let temporary = assumed(fixture.upload(&root)).await;
    for (call, expected) in [
        (
            ask(&root).duration_seconds(7201),
            "InvalidParameter.OverTimeError",
        ),
        (
            ask(&prover).duration_seconds(129_601),
            "InvalidParameter.OverTimeError",
        ),
        (ask(&reader), "UnauthorizedOperation"),
        (ask(&temporary), "FailedOperation.TempKeyNotAllowed"),
        (ask(&root).name("a b"), "InvalidParameter.ParamError"),
        (ask(&root).name(""), "InvalidParameterValue"),
    ] {
        let (code, message) = refused(call.send().await);
        assert_eq!(code, expected, "{message}");
    }
}
