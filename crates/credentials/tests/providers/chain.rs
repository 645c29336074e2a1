//! Places one after the other.

use http::Response;
use tcloud_core::body::Body;
use tcloud_core::transport::Memory;
use tcloud_credentials::{
    Chain, Credentials, CredentialsError, CredentialsProvider, DefaultChain, StaticProvider,
};

use crate::fixture::{Home, SECRET, ask, context, failure, keys_of_sts, nowhere};

const OWN: &str = ".tencentcloud/credentials";
const KEY: [(&str, &str); 2] = [
    ("TENCENTCLOUD_SECRET_ID", "AKIDvariable"),
    ("TENCENTCLOUD_SECRET_KEY", SECRET),
];

#[tokio::test]
async fn variables_come_before_the_profile_and_the_region_comes_along() {
    let home = Home::new();
    let profile = format!(
        "[default]\nsecret_id = AKIDprofile\nsecret_key = {SECRET}\nregion = ap-x\n[other]\n\
         secret_id = AKIDother\nsecret_key = {SECRET}\n"
    );
    home.write(OWN, profile);
    let found = ask(home.chain(&KEY)).await.unwrap();
    assert_eq!(
        (found.secret_id(), found.region()),
        ("AKIDvariable", Some("ap-x"))
    );
    let found = ask(home.chain(&[])).await.unwrap();
    assert_eq!(
        (found.secret_id(), found.region()),
        ("AKIDprofile", Some("ap-x"))
    );
    let found = ask(home.chain(&KEY).profile("other")).await.unwrap();
    assert_eq!(
        found.secret_id(),
        "AKIDother",
        "who names a profile means it"
    );
    let error = failure(home.chain(&KEY).profile("none")).await;
    assert!(
        error.to_string().contains("names the profile none"),
        "{error}"
    );
}

#[tokio::test]
async fn a_pod_comes_before_the_machine() {
    let home = Home::new();
    let path = home.write("token", "jwt");
    let set = [
        ("TKE_REGION", "ap-pod"),
        ("TKE_PROVIDER_ID", "cluster"),
        ("TKE_WEB_IDENTITY_TOKEN_FILE", path.to_str().unwrap()),
        ("TKE_ROLE_ARN", "role"),
    ];
    let service = Memory::answering([(200, keys_of_sts("AKIDpod", 60))]);
    let found = home
        .chain(&set)
        .credentials(&context(service))
        .await
        .unwrap();
    assert_eq!(
        (found.secret_id(), found.region()),
        ("AKIDpod", Some("ap-pod"))
    );

    let machine = Memory::new(|request| {
        let body = match request.uri.path() {
            "/latest/meta-data/placement/region" => "ap-machine".to_owned(),
            "/latest/meta-data/cam/security-credentials/" => "r".to_owned(),
            _ => format!(r#"{{"TmpSecretId": "AKIDmachine", "TmpSecretKey": "{SECRET}"}}"#),
        };
        Ok(Response::new(Body::from(body)))
    });
    let found = home
        .chain(&[])
        .credentials(&context(machine))
        .await
        .unwrap();
    assert_eq!(
        (found.secret_id(), found.region()),
        ("AKIDmachine", Some("ap-machine"))
    );
}

#[tokio::test]
async fn an_empty_chain_tells_each_place_and_what_was_there() {
    let home = Home::new();
    home.write(OWN, "[other]\nsecret_id = i\n");
    let set = [("TENCENTCLOUD_METADATA_DISABLED", "true")];
    let error = failure(home.chain(&set)).await;
    assert!(error.is_absent());
    assert_eq!(
        home.shown(&error.to_string()),
        "no credentials; environment: neither TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are \
         set nor TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY; profile: \
         ~/.tencentcloud/credentials has no profile default, but other, ~/etc/credentials does not \
         exist, ~/.tccli/default.credential does not exist; TKE: TKE_PROVIDER_ID, \
         TKE_WEB_IDENTITY_TOKEN_FILE, TKE_ROLE_ARN are not set; CVM: the metadata service is turned \
         off by TENCENTCLOUD_METADATA_DISABLED; set TENCENTCLOUD_SECRET_ID and \
         TENCENTCLOUD_SECRET_KEY, or write a profile by `tcloud configure`"
    );
}

#[tokio::test]
async fn what_is_there_in_part_ends_the_search() {
    let home = Home::new();
    home.write(OWN, "[default]\nsecret_id = AKIDprofile\nsecret_key = k\n");
    let error = failure(home.chain(&[("TENCENTCLOUD_SECRET_KEY", SECRET)])).await;
    assert!(!error.is_absent());
    assert_eq!(
        error.to_string(),
        "no credentials; environment: TENCENTCLOUD_SECRET_KEY is set but TENCENTCLOUD_SECRET_ID is \
         not; set TENCENTCLOUD_SECRET_ID too"
    );
    let absent = || Failing(CredentialsError::absent("nothing here"));
    let chain = Chain::new().then("one", absent()).then("two", absent());
    let three = chain.then("three", StaticProvider::new(Credentials::new("i", "k")));
    assert_eq!(ask(three).await.unwrap().secret_id(), "i");
    let error = failure(Chain::new()).await;
    assert!(error.is_absent());
}

#[test]
fn whether_anything_is_configured_is_known_without_asking_anyone() {
    let home = Home::new();
    assert!(!home.chain(&[]).is_configured());
    for set in [
        KEY[0],
        ("TENCENTCLOUD_SECRETID", "i"),
        ("TENCENTCLOUD_PROFILE", "none"),
        ("TCCLI_PROFILE", "none"),
        ("TKE_ROLE_ARN", "r"),
        ("TENCENTCLOUD_CREDENTIALS_FILE", "/none"),
    ] {
        assert!(home.chain(&[set]).is_configured(), "{set:?}");
    }
    assert!(home.chain(&[]).profile("none").is_configured());
    home.write(OWN, "[default]\nregion = ap-x\n");
    assert!(!home.chain(&[]).is_configured(), "a region is no key");
    home.write(OWN, "[default]\nsecret_id = i\n");
    assert!(home.chain(&[]).is_configured());
}

#[test]
fn debug_shows_no_secret() {
    let chain = Chain::new().then("key", StaticProvider::new(Credentials::new("AKID", SECRET)));
    assert!(!format!("{chain:?}").contains(SECRET));
    let home = Home::new();
    home.write(
        OWN,
        format!("[default]\nsecret_id = AKID\nsecret_key = {SECRET}\ntoken = {SECRET}\n"),
    );
    let chain: DefaultChain = home.chain(&KEY);
    assert!(!format!("{chain:?}").contains(SECRET));
    let profile = chain.files().load().unwrap();
    let key = profile.key().unwrap();
    assert!(!format!("{profile:?} {key:?}").contains(SECRET));
    let context = context(nowhere());
    assert!(!format!("{context:?}").contains(SECRET));
}

#[derive(Debug)]
struct Failing(CredentialsError);

impl CredentialsProvider for Failing {
    fn credentials<'a>(
        &'a self,
        _: &'a tcloud_credentials::ProviderContext,
    ) -> tcloud_core::future::BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(std::future::ready(Err(self.0.clone())))
    }
}
