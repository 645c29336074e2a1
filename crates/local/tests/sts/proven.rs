use tcloud_local::MfaSecret;

use crate::fixture::{
    BUCKET, Fixture, MFA, NOW, PROVER, assumed, code, key, refused, root, user_key,
};

const UPLOADER: &str = crate::fixture::UPLOADER;

fn serial() -> String {
    format!("qcs::cam:uin/{PROVER}::mfa/softToken")
}

fn shown_now() -> String {
    let secret: MfaSecret = MFA.parse().unwrap();
    secret.code(NOW / 1000)
}

#[tokio::test]
async fn whoever_proves_a_second_factor_gets_a_key_of_their_own_rights() {
    let fixture = Fixture::new().await;
    let sts = fixture.sts(&user_key("prover"));
    let answer = sts
        .get_session_token(serial(), shown_now())
        .send()
        .await
        .unwrap();
    let key = key(answer.into_output().credentials);
    let (kind, user, _) = fixture.who(&key).await.unwrap();
    assert_eq!((kind.as_str(), user.as_str()), ("CAMUser", PROVER));
    let cos = fixture.cos(&key);
    cos.get_object(BUCKET, "cat.png").send().await.unwrap();
    assert_eq!(
        code(cos.put_object(BUCKET, "a", "a").send().await),
        "AccessDenied"
    );
    // It also counts for a role.
    let call = sts.assume_role(UPLOADER, "build").serial_number(serial());
    assumed(call.token_code(shown_now())).await;
}

#[tokio::test]
async fn a_wrong_factor_is_none() {
    let fixture = Fixture::new().await;
    let ask = |key, serial: String, code: &str| fixture.sts(key).get_session_token(serial, code);
    let prover = user_key("prover");
    let wrong = if shown_now() == "000000" {
        "000001"
    } else {
        "000000"
    };
    for (call, expected) in [
        (
            ask(&prover, serial(), wrong),
            "FailedOperation.CheckMFAError",
        ),
        (ask(&prover, serial(), ""), "InvalidParameterValue"),
        (
            ask(&prover, "softToken".into(), &shown_now()),
            "InvalidParameter.ParamError",
        ),
        (
            ask(&user_key("nobody"), serial(), &shown_now()),
            "UnauthorizedOperation",
        ),
        (
            ask(&root(), serial(), &shown_now()),
            "FailedOperation.CheckMFAError",
        ),
    ] {
        let (code, message) = refused(call.send().await);
        assert_eq!(code, expected, "{message}");
    }
    let call = fixture.sts(&prover).assume_role(UPLOADER, "build");
    let call = call.serial_number(serial()).token_code(wrong);
    assert_eq!(code(call.send().await), "FailedOperation.CheckMFAError");
}
