use http::Request;
use tcloud_core::body::Body;

use crate::fixture::{Fixture, OWNER, READER, allow, assumed, document, key, root, user_key};

#[tokio::test]
async fn everyone_is_told_who_they_are() {
    let fixture = Fixture::new().await;
    let told = |kind: &str, user: &str, arn: String| (kind.to_owned(), user.to_owned(), arn);
    assert_eq!(
        fixture.who(&root()).await.unwrap(),
        told("CAMUser", OWNER, format!("qcs::cam:{OWNER}:uin/{OWNER}"))
    );
    // Without a policy, too.
    let nobody = "100000000003";
    assert_eq!(
        fixture.who(&user_key("nobody")).await.unwrap(),
        told("CAMUser", nobody, format!("qcs::cam:{OWNER}:uin/{nobody}"))
    );
    let (kind, user, arn) = fixture
        .who(&assumed(fixture.upload(&user_key("reader"))).await)
        .await
        .unwrap();
    let (id, session) = user.split_once(':').unwrap();
    assert_eq!((kind.as_str(), session), ("CAMRole", "build"));
    assert_eq!(arn, format!("qcs::sts:{OWNER}:assumed-role/{id}"));
    let federated = fixture
        .sts(&root())
        .get_federation_token("guest", document(&allow("cos:*", "*")))
        .send()
        .await
        .unwrap();
    assert_eq!(
        fixture
            .who(&key(federated.into_output().credentials))
            .await
            .unwrap(),
        told(
            "CAMUser",
            &format!("{OWNER}:guest"),
            format!("qcs::sts:{OWNER}:federated-user/{OWNER}")
        )
    );
}

#[tokio::test]
async fn a_role_says_who_asked_for_its_key() {
    let fixture = Fixture::new().await;
    let key = assumed(fixture.upload(&user_key("reader"))).await;
    let who = fixture
        .sts(&key)
        .get_caller_identity()
        .send()
        .await
        .unwrap();
    assert_eq!(who.into_output().principal_id.unwrap(), READER);
}

#[tokio::test]
async fn nobody_is_told_nothing() {
    let fixture = Fixture::new().await;
    for authorization in ["SKIP", ""] {
        let request = Request::post("/")
            .header("host", "sts.tencentcloudapi.com")
            .header("content-type", "application/json")
            .header("x-tc-action", "GetCallerIdentity")
            .header("x-tc-version", "2018-08-13")
            .header("authorization", authorization)
            .body(Body::from("{}"))
            .unwrap();
        let answer = fixture.cloud.handle(request).await;
        let text = answer.into_body().collect(1 << 16).await.unwrap();
        let text = String::from_utf8(text.to_vec()).unwrap();
        assert!(text.contains("AuthFailure.InvalidAuthorization"), "{text}");
    }
}
