//! The providers of `tcloud-credentials`, each of them over real sockets.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tcloud_core::config::Config;
use tcloud_core::credentials::{Credentials, CredentialsProvider, Variables};
use tcloud_core::endpoint::Endpoint;
use tcloud_credentials::{
    AssumeRole, CvmRole, DefaultChain, EnvironmentProvider, ExternalProcess, StaticProvider,
    WebIdentity,
};
use tcloud_local::{LocalCloud, Settings};
use tokio::net::TcpListener;

use crate::fixture::{
    BUCKET, OWNER, REGION, UPLOADER, VISITOR, account, allow, assumed, code, document, objects,
    root, user_key,
};

/// A cloud that listens, and where.
async fn served() -> (LocalCloud, SocketAddr) {
    let account = account().instance_role("uploader");
    let cloud = LocalCloud::start(Settings::default().account(account))
        .await
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = cloud.clone();
    tokio::spawn(async move { serving.serve(listener).await.unwrap() });
    let config = config(address, StaticProvider::new(root()));
    let bucket = tcloud_cos::Client::new(&config).put_bucket(BUCKET);
    bucket.send().await.unwrap();
    (cloud, address)
}

fn config(address: SocketAddr, provider: impl CredentialsProvider + 'static) -> Config {
    Config::builder()
        .region(REGION)
        .endpoint(Endpoint::parse(&format!("http://{address}")).unwrap())
        .credentials_provider(provider)
        .build()
        .unwrap()
}

fn variables(set: &[(&'static str, &str)]) -> Variables {
    let set: HashMap<_, _> = set
        .iter()
        .map(|(name, text)| (*name, (*text).to_owned()))
        .collect();
    Variables::new(move |name| set.get(name).cloned())
}

/// The chain over the folder `home` and no other place.
fn chain(home: &Path, set: &[(&'static str, &str)]) -> DefaultChain {
    DefaultChain::new()
        .home(home)
        .of_all_users(home.join("etc/credentials"))
        .variables(variables(set))
}

/// Asserts that the calls of `config` are those of a session of the role `uploader`.
async fn assert_uploads(config: &Config) {
    let who = tcloud_sts::Client::new(config).get_caller_identity();
    let who = who.send().await.unwrap().into_output();
    assert_eq!(who.account_id.as_deref(), Some(OWNER));
    assert_eq!(who.type_.as_deref(), Some("CAMRole"));
    let cos = tcloud_cos::Client::new(config);
    cos.put_object(BUCKET, "sent/a", "a").send().await.unwrap();
    let refused = cos.delete_object(BUCKET, "sent/a").send().await;
    assert_eq!(code(refused), "AccessDenied");
    // A service of API 3.0: the role may ask, so it learns that there is none.
    let mps = tcloud_mps::Client::new(config);
    let answer = mps.describe_image_task_detail("none").send().await;
    assert_eq!(code(answer), "ResourceNotFound");
}

#[tokio::test]
async fn a_role_is_assumed_by_another_key_and_narrowed_by_a_policy() {
    let (_cloud, address) = served().await;
    let reader = || StaticProvider::new(user_key("reader"));
    assert_uploads(&config(
        address,
        AssumeRole::new(UPLOADER, reader()).session_name("ci"),
    ))
    .await;

    let narrowed = AssumeRole::new(UPLOADER, reader())
        .duration(Duration::from_mins(15))
        .policy(document(&json!(allow(
            json!("cos:PutObject"),
            &objects("sent/")
        ))));
    let cos = tcloud_cos::Client::new(&config(address, narrowed));
    cos.put_object(BUCKET, "sent/b", "b").send().await.unwrap();
    let refused = cos.put_object(BUCKET, "other", "b").send().await;
    assert_eq!(code(refused), "AccessDenied");

    let stranger = AssumeRole::new(VISITOR, StaticProvider::new(root()));
    let refused = tcloud_cos::Client::new(&config(address, stranger)).get_bucket(BUCKET);
    let error = refused.send().await.unwrap_err();
    assert!(
        error.to_string().contains("does not trust the caller"),
        "{error}"
    );
    let visitor = AssumeRole::new(VISITOR, StaticProvider::new(root())).external_id("agreed");
    let who = tcloud_sts::Client::new(&config(address, visitor)).get_caller_identity();
    assert_eq!(who.send().await.unwrap().type_.as_deref(), Some("CAMRole"));
}

#[tokio::test]
async fn a_pod_proves_who_it_is_by_its_file() {
    let (cloud, address) = served().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("token");
    let subject = "system:serviceaccount:default:web";
    std::fs::write(
        &file,
        cloud.web_identity_token(subject, Duration::from_hours(1)),
    )
    .unwrap();
    let set = [
        ("TKE_REGION", REGION),
        ("TKE_PROVIDER_ID", "local"),
        ("TKE_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap()),
        ("TKE_ROLE_ARN", UPLOADER),
    ];
    assert_uploads(&config(address, WebIdentity::of(variables(&set)))).await;
    // The chain comes to it where there are no keys.
    assert_uploads(&config(address, chain(home.path(), &set))).await;
}

#[tokio::test]
async fn a_machine_has_the_keys_of_its_role() {
    let (_cloud, address) = served().await;
    let home = tempfile::tempdir().unwrap();
    let metadata = format!("http://{address}");
    let set = [("TENCENTCLOUD_METADATA_ENDPOINT", metadata.as_str())];
    assert_uploads(&config(address, CvmRole::of(variables(&set)))).await;
    assert_uploads(&config(address, chain(home.path(), &set))).await;
}

#[tokio::test]
async fn a_profile_names_a_role() {
    let (_cloud, address) = served().await;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".tccli");
    std::fs::create_dir(&folder).unwrap();
    let key = user_key("reader");
    let profile = json!({
        "secretId": key.secret_id(),
        "secretKey": key.secret_key(),
        "role-arn": UPLOADER,
        "role-session-name": "laptop",
    });
    std::fs::write(folder.join("default.credential"), profile.to_string()).unwrap();
    assert_uploads(&config(address, chain(home.path(), &[]))).await;
}

/// A temporary key of the role, as STS has issued it.
async fn temporary(address: SocketAddr) -> Credentials {
    let sts = tcloud_sts::Client::new(&config(address, StaticProvider::new(user_key("reader"))));
    assumed(sts.assume_role(UPLOADER, "by-hand")).await
}

#[tokio::test]
async fn variables_hold_a_temporary_key() {
    let (_cloud, address) = served().await;
    let home = tempfile::tempdir().unwrap();
    let key = temporary(address).await;
    for token in [
        "TENCENTCLOUD_TOKEN",
        "TENCENTCLOUD_SESSION_TOKEN",
        "TENCENTCLOUD_SECURITY_TOKEN",
    ] {
        let set = [
            ("TENCENTCLOUD_SECRET_ID", key.secret_id()),
            ("TENCENTCLOUD_SECRET_KEY", key.secret_key()),
            (token, key.token().unwrap()),
        ];
        assert_uploads(&config(address, EnvironmentProvider::of(variables(&set)))).await;
        assert_uploads(&config(address, chain(home.path(), &set))).await;
    }
}

#[tokio::test]
async fn a_profile_holds_a_temporary_key_or_takes_a_role_by_another_one() {
    let (_cloud, address) = served().await;
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("keys");
    let (reader, key) = (user_key("reader"), temporary(address).await);
    let profiles = format!(
        "[default]\nsecret_id = {}\nsecret_key = {}\ntoken = {}\n\
         [reader]\nsecret_id = {}\nsecret_key = {}\n\
         [uploads]\nrole_arn = {UPLOADER}\nsource_profile = reader\n",
        key.secret_id(),
        key.secret_key(),
        key.token().unwrap(),
        reader.secret_id(),
        reader.secret_key(),
    );
    std::fs::write(&file, profiles).unwrap();
    let named = ("TENCENTCLOUD_CREDENTIALS_FILE", file.to_str().unwrap());
    assert_uploads(&config(address, chain(home.path(), &[named]))).await;
    let set = [named, ("TENCENTCLOUD_PROFILE", "uploads")];
    assert_uploads(&config(address, chain(home.path(), &set))).await;
}

/// Prints what the token service has answered.
#[cfg(unix)]
#[tokio::test]
async fn a_program_prints_a_temporary_key() {
    let (_cloud, address) = served().await;
    let home = tempfile::tempdir().unwrap();
    let key = temporary(address).await;
    let answer = json!({
        "Credentials": {
            "TmpSecretId": key.secret_id(),
            "TmpSecretKey": key.secret_key(),
            "Token": key.token(),
        },
        "ExpiredTime": 4_102_444_800_i64,
    });
    let file = home.path().join("answer.json");
    std::fs::write(&file, answer.to_string()).unwrap();
    let program = ExternalProcess::new("cat").arg(&file);
    assert_uploads(&config(address, program)).await;
}

/// Whoever names no credentials gets the chain from the first client, of whichever service.
#[tokio::test]
async fn clients_bring_the_chain_where_no_credentials_are_named() {
    let (cloud, _) = served().await;
    let builder = || {
        Config::builder()
            .region(REGION)
            .transport(cloud.transport())
    };
    let clients: [fn(&Config); 4] = [
        |config| drop(tcloud_ci::Client::new(config)),
        |config| drop(tcloud_cos::Client::new(config)),
        |config| drop(tcloud_mps::Client::new(config)),
        |config| drop(tcloud_sts::Client::new(config)),
    ];
    for client in clients {
        let config = builder().build().unwrap();
        assert!(!format!("{config:?}").contains("DefaultChain"));
        client(&config);
        assert!(format!("{config:?}").contains("DefaultChain"), "{config:?}");
        let config = builder().credentials(root()).build().unwrap();
        client(&config);
        assert!(!format!("{config:?}").contains("DefaultChain"));
    }
}
