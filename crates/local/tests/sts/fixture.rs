//! A local cloud with users and roles, at a time that moves when told to, and clients of it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::environment::{Environment, System};
use tcloud_core::error::Error;
use tcloud_core::future::BoxFuture;
use tcloud_local::{
    Account, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Policy, Role, Settings, User,
};
use tcloud_local::{Clock, ManualClock};
use tcloud_sts::operation::assume_role::AssumeRole;

/// 2023-11-14T22:13:20Z, in milliseconds.
pub(crate) const NOW: i64 = 1_700_000_000_000;
pub(crate) const REGION: &str = "ap-guangzhou";
pub(crate) const BUCKET: &str = "album-1250000000";
pub(crate) const OWNER: &str = "100000000001";
pub(crate) const READER: &str = "100000000002";
pub(crate) const NOBODY: &str = "100000000003";
pub(crate) const PROVER: &str = "100000000004";
pub(crate) const UPLOADER: &str = "qcs::cam::uin/100000000001:roleName/uploader";
pub(crate) const VISITOR: &str = "qcs::cam::uin/100000000001:roleName/visitor";
/// The secret of the prover's software token.
pub(crate) const MFA: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

pub(crate) struct Fixture {
    pub(crate) cloud: LocalCloud,
    pub(crate) clock: Arc<ManualClock>,
}

/// The cloud's clock, while time passes: calls have timeouts.
#[derive(Debug)]
struct Following(Arc<ManualClock>);

impl Environment for Following {
    fn now(&self) -> i64 {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        System.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        System.sleep(duration)
    }

    fn random(&self) -> u64 {
        0
    }
}

/// A policy of these statements.
pub(crate) fn policy(statements: &Value) -> Policy {
    document(statements).parse().unwrap()
}

/// The text of a policy of these statements.
pub(crate) fn document(statements: &Value) -> String {
    json!({ "version": "2.0", "statement": statements }).to_string()
}

pub(crate) fn allow(action: impl Into<Value>, resource: &str) -> Value {
    json!({ "effect": "allow", "action": action.into(), "resource": resource })
}

/// All objects of the album below `prefix`.
pub(crate) fn objects(prefix: &str) -> String {
    format!("qcs::cos:{REGION}:uid/1250000000:{BUCKET}/{prefix}*")
}

pub(crate) fn root() -> Credentials {
    Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY)
}

pub(crate) fn user_key(name: &str) -> Credentials {
    Credentials::new(format!("AKID{name}"), format!("secret-of-{name}"))
}

/// Three users and two roles: `uploader`, which all of the account, virtual machines and one
/// service account may become, and `visitor`, which asks for an external id.
pub(crate) fn account() -> Account {
    let user = |uin, name| User::new(uin, name).key(user_key(name));
    let assume = allow(json!("name/sts:AssumeRole"), UPLOADER);
    let read = allow(
        json!(["name/cos:GetObject", "cos:HeadObject"]),
        &objects(""),
    );
    let trust = json!([
        {
            "effect": "allow",
            "action": "name/sts:AssumeRole",
            "principal": {
                "qcs": [format!("qcs::cam::uin/{OWNER}:root")],
                "service": ["cvm.qcloud.com"]
            }
        },
        {
            "effect": "allow",
            "action": "name/sts:AssumeRoleWithWebIdentity",
            "principal": { "federated": [format!("qcs::cam::uin/{OWNER}:oidc-provider/local")] },
            "condition": {
                "string_equal": {
                    "oidc:aud": "sts.cloud.tencent.com",
                    "oidc:sub": "system:serviceaccount:default:web"
                }
            }
        }
    ]);
    let uploader = Role::new("uploader", policy(&trust)).policy(policy(&json!([
        allow(json!(["cos:PutObject", "cos:GetObject"]), &objects("")),
        allow(json!("ci:Describe*"), "*"),
        allow(json!("mps:DescribeImageTaskDetail"), "*"),
    ])));
    let visitor = Role::new(
        "visitor",
        policy(&json!({
            "effect": "allow",
            "action": "name/sts:AssumeRole",
            "principal": { "qcs": format!("qcs::cam::uin/{OWNER}:root") },
            "condition": { "string_equal": { "sts:external_id": "agreed" } }
        })),
    );
    Account::default()
        .user(user(READER, "reader").policy(policy(&json!([read, assume]))))
        .user(user(NOBODY, "nobody"))
        .user(
            user(PROVER, "prover")
                .mfa(MFA.parse().unwrap())
                .policy(policy(&allow(json!(["sts:*", "cos:GetObject"]), "*"))),
        )
        .role(uploader)
        .role(visitor)
}

impl Fixture {
    /// A cloud with [`account`] and the album, in which there is `cat.png`.
    pub(crate) async fn new() -> Self {
        Self::with(Settings::default().account(account())).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let clock = Arc::new(ManualClock::new(NOW));
        let fixture = Self::start(settings, clock).await;
        let cos = fixture.cos(&root());
        cos.put_bucket(BUCKET).send().await.unwrap();
        let put = cos.put_object(BUCKET, "cat.png", "meow");
        put.send().await.unwrap();
        fixture
    }

    pub(crate) async fn start(settings: Settings, clock: Arc<ManualClock>) -> Self {
        let settings = settings.clock(Arc::clone(&clock) as _);
        let cloud = LocalCloud::start(settings).await.unwrap();
        Self { cloud, clock }
    }

    /// Lets `seconds` pass for the cloud and its clients.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(seconds * 1000);
    }

    fn config(&self, key: &Credentials) -> Config {
        Config::builder()
            // The cloud itself is to refuse what is out of bounds.
            .check_limits(false)
            .region(REGION)
            .credentials(key.clone())
            .environment(Following(Arc::clone(&self.clock)))
            .transport(self.cloud.transport())
            .build()
            .unwrap()
    }

    pub(crate) fn cos(&self, key: &Credentials) -> tcloud_cos::Client {
        tcloud_cos::Client::new(&self.config(key))
    }

    pub(crate) fn ci(&self, key: &Credentials) -> tcloud_ci::Client {
        tcloud_ci::Client::new(&self.config(key))
    }

    pub(crate) fn mps(&self, key: &Credentials) -> tcloud_mps::Client {
        tcloud_mps::Client::new(&self.config(key))
    }

    pub(crate) fn sts(&self, key: &Credentials) -> tcloud_sts::Client {
        tcloud_sts::Client::new(&self.config(key))
    }

    /// A session of the role `uploader`, yet to be asked for by `key`.
    pub(crate) fn upload(&self, key: &Credentials) -> AssumeRole {
        self.sts(key).assume_role(UPLOADER, "build")
    }

    /// Who has `key`: `Type`, `UserId` and `Arn`.
    pub(crate) async fn who(&self, key: &Credentials) -> Result<(String, String, String), Error> {
        let who = self
            .sts(key)
            .get_caller_identity()
            .send()
            .await?
            .into_output();
        assert_eq!(who.account_id.unwrap(), OWNER);
        Ok((who.type_.unwrap(), who.user_id.unwrap(), who.arn.unwrap()))
    }
}

/// The key that an answer of STS has.
pub(crate) fn key(credentials: Option<tcloud_sts::types::Credentials>) -> Credentials {
    let key = credentials.unwrap();
    Credentials::new(key.tmp_secret_id.unwrap(), key.tmp_secret_key.unwrap())
        .with_token(key.token.unwrap())
}

/// The key that `call` brings.
pub(crate) async fn assumed(call: AssumeRole) -> Credentials {
    key(call.send().await.unwrap().into_output().credentials)
}

/// The code of the error that `result` must be.
pub(crate) fn code<T>(result: Result<T, Error>) -> String {
    refused(result).0
}

/// Code and message of the error that `result` must be.
pub(crate) fn refused<T>(result: Result<T, Error>) -> (String, String) {
    match result {
        Ok(_) => panic!("the call should have failed"),
        Err(error) => (
            error.code().unwrap_or_default().to_owned(),
            error.message().to_owned(),
        ),
    }
}
