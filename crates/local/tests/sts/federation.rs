use std::time::Duration;

use serde_json::json;

use crate::fixture::{
    BUCKET, Fixture, PROVER, allow, assumed, code, document, key, objects, refused, root, user_key,
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
async fn an_access_list_leads_nobody_beyond_the_policy_of_a_temporary_key() {
    let fixture = Fixture::new().await;
    let prover = fixture.sts(&user_key("prover"));
    let of = async |statements: serde_json::Value| {
        let call = prover.get_federation_token("guest", document(&statements));
        let answer = call.send().await.unwrap().into_output();
        fixture.cos(&key(answer.credentials))
    };
    let reading = of(allow(json!("cos:GetObject"), &objects(""))).await;
    let writing = of(allow(
        json!(["cos:GetObject", "cos:PutObject"]),
        &objects(""),
    ))
    .await;
    let acl = fixture.cos(&root());
    let acl = acl.put_bucket_acl(BUCKET);
    let acl = acl.grant_write(format!("id=\"{PROVER}\"")).send().await;
    acl.unwrap();
    // The list gives the issuer what no policy of the issuer does.
    let own = fixture.cos(&user_key("prover"));
    own.put_object(BUCKET, "own", "a").send().await.unwrap();
    let put = writing.put_object(BUCKET, "given", "a").send().await;
    put.unwrap();
    let put = reading.put_object(BUCKET, "beyond", "a").send().await;
    assert_eq!(code(put), "AccessDenied");
}

/// The key is below the prefix that the policy of the temporary key allows, and the form carries the
/// token of that key.
#[tokio::test]
async fn a_federated_user_signs_forms() {
    let fixture = Fixture::new().await;
    let policy = document(&allow(json!("cos:PostObject"), &objects("guest/")));
    let call = fixture.sts(&root()).get_federation_token("guest", policy);
    let answer = call.send().await.unwrap().into_output();
    let cos = fixture.cos(&key(answer.credentials));
    for (key, with_token, status, expected) in [
        ("guest/${filename}", true, 204, ""),
        ("guest/${filename}", false, 403, "InvalidAccessKeyId"),
        ("other/${filename}", true, 403, "AccessDenied"),
    ] {
        let form = cos.upload_form(BUCKET, key);
        let form = form.presign(Duration::from_mins(10)).await.unwrap();
        let fields = form.fields().iter();
        let sent = fields.filter(|(name, _)| with_token || name != "x-cos-security-token");
        let field = |(name, value): &(String, String)| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n\
            hello\r\n--b--\r\n";
        let body = sent.map(field).collect::<Vec<_>>().concat() + file;
        let post =
            fixture
                .cos(&root())
                .post_object(BUCKET, "multipart/form-data; boundary=b", body);
        match post.send().await {
            Ok(reply) => assert_eq!(reply.status(), status),
            Err(error) => {
                assert_eq!(
                    error.status().map(|it| it.as_u16()),
                    Some(status),
                    "{error}"
                );
                assert_eq!(error.code(), Some(expected), "{error}");
            }
        }
    }
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
