//! Policies of buckets: whom they let in, of this account, of others and of nobody's, and whom they keep
//! out.

use serde_json::{Value, json};
use tcloud_core::credentials::Credentials;
use tcloud_core::error::Error;
use tcloud_cos::Client;
use tcloud_cos::types::{BucketAcl, ObjectAcl, ObjectIdentifier};
use tcloud_local::{Account, AuthMode, OtherAccount, Settings, User};

use crate::fixture::{BUCKET, Fixture, NOW, bucket_host, code, request};
use crate::sockets::{Served, status};

/// A user of the account, another account, and a user of that one.
const OWN: &str = "100000000008";
const OTHER: &str = "200000000001";
const THEIRS: &str = "200000000002";

fn key(name: &str) -> Credentials {
    Credentials::new(format!("AKID{name}"), format!("{name}-secret"))
}

fn policy(effect: &str, action: &str) -> Value {
    json!({
        "version": "2.0",
        "statement": { "effect": effect, "action": action, "resource": "*" }
    })
}

struct Callers {
    fixture: Fixture,
    owner: Client,
    own: Client,
    other: Client,
    theirs: Client,
}

/// A cloud with a bucket, the object `k` in it, and everybody's client.
async fn callers() -> Callers {
    let theirs = User::new(THEIRS, "theirs").key(key("theirs"));
    let theirs = theirs.policy(serde_json::from_value(policy("allow", "cos:Get*")).unwrap());
    let account = Account::default()
        .user(User::new(OWN, "own").key(key("own")))
        .other(OtherAccount::new(OTHER).key(key("other")).user(theirs));
    let fixture = Fixture::with(Settings::default().account(account)).await;
    let owner = fixture.client();
    owner.put_bucket(BUCKET).send().await.unwrap();
    owner.put_object(BUCKET, "k", "v").send().await.unwrap();
    let [own, other, theirs] =
        ["own", "other", "theirs"].map(|name| fixture.client_of(key(name), NOW));
    Callers {
        fixture,
        owner,
        own,
        other,
        theirs,
    }
}

impl Callers {
    /// Gives the bucket the policy of these statements.
    async fn set(&self, statements: Value) {
        let document = json!({ "version": "2.0", "Statement": statements }).to_string();
        let answer = put(&self.fixture, &document).await;
        assert_eq!(answer, "", "{document}");
    }
}

/// Sets the policy as the owner does from the console, and returns the code of the answer.
async fn put(fixture: &Fixture, document: &str) -> String {
    let path = format!("/_local/console/call/cos/{BUCKET}/?policy");
    let mut request = request(&format!("PUT {path}"), "localhost");
    *request.body_mut() = document.to_owned().into();
    let answer = fixture.send(request).await;
    if answer.status.is_success() {
        return String::new();
    }
    answer.element("Code").to_owned()
}

fn statement(effect: &str, who: &[&str], actions: &[&str], key: &str) -> Value {
    json!({
        "Principal": { "qcs": who },
        "Effect": effect,
        "Action": actions,
        "Resource": [format!("qcs::cos:ap-chongqing:uid/1250000000:{BUCKET}/{key}")],
    })
}

fn user(owner: &str, uin: &str) -> String {
    format!("qcs::cam::uin/{owner}:uin/{uin}")
}

const ANYONE: &str = "qcs::cam::anyone:anyone";
const OWNER: &str = "100000000001";

/// Whether a call was done, or refused for want of a permission.
fn allowed<T>(result: Result<T, Error>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.status().map(|it| it.as_u16()), Some(403), "{error}");
            false
        }
    }
}

#[tokio::test]
async fn each_principal_gets_what_the_policy_gives_it_alone() {
    let callers = callers().await;
    let get =
        async |client: &Client, key: &str| allowed(client.get_object(BUCKET, key).send().await);
    for client in [&callers.own, &callers.other, &callers.theirs] {
        assert!(!get(client, "k").await);
    }
    let actions = ["name/cos:GetObject"];
    for (who, [own, other, theirs, nobody]) in [
        (user(OWNER, OWN), [true, false, false, false]),
        (user(OTHER, OTHER), [false, true, true, false]),
        (user(OTHER, THEIRS), [false, false, true, false]),
        (
            format!("qcs::cam::uin/{OTHER}:root"),
            [false, true, true, false],
        ),
        (user("7", "7"), [false; 4]),
        (ANYONE.to_owned(), [true; 4]),
    ] {
        callers
            .set(json!([statement("allow", &[&who], &actions, "*")]))
            .await;
        assert_eq!(get(&callers.own, "k").await, own, "{who}");
        assert_eq!(get(&callers.other, "k").await, other, "{who}");
        assert_eq!(get(&callers.theirs, "k").await, theirs, "{who}");
        let answer = callers.fixture.anonymous("GET /k").await;
        assert_eq!(answer.status == 200, nobody, "{who}: {}", answer.text);
        for client in [&callers.own, &callers.other, &callers.theirs] {
            assert!(
                !allowed(client.put_object(BUCKET, "k", "w").send().await),
                "{who}"
            );
            assert!(!allowed(client.delete_bucket(BUCKET).send().await), "{who}");
        }
    }
    // What it says of some keys it says of no others.
    let open = statement("allow", &[ANYONE], &actions, "open/*");
    callers.set(json!([open])).await;
    callers
        .owner
        .put_object(BUCKET, "open/k", "v")
        .send()
        .await
        .unwrap();
    assert!(get(&callers.other, "open/k").await);
    assert!(!get(&callers.other, "k").await);
    callers
        .owner
        .delete_bucket_policy(BUCKET)
        .send()
        .await
        .unwrap();
    assert!(!get(&callers.other, "open/k").await);
}

#[tokio::test]
async fn what_is_denied_stays_denied_and_the_refusal_names_the_statement() {
    let callers = callers().await;
    let open = callers.owner.put_bucket_acl(BUCKET);
    open.acl(BucketAcl::PublicReadWrite).send().await.unwrap();
    let all = ["name/cos:*"];
    callers
        .set(json!([
            statement("allow", &[ANYONE], &all, "*"),
            statement("deny", &[ANYONE], &["name/cos:DeleteObject"], "*"),
            statement(
                "deny",
                &[&user(OTHER, OTHER)],
                &["name/cos:GetObject"],
                "secret/*"
            ),
        ]))
        .await;
    for key in ["k", "secret/k"] {
        callers
            .own
            .put_object(BUCKET, key, "v")
            .send()
            .await
            .unwrap();
    }
    let named = "statement 2 of policy 1 of the bucket album-1250000000 denies it";
    for client in [&callers.owner, &callers.own, &callers.other] {
        let refused = client.delete_object(BUCKET, "k").send().await.unwrap_err();
        assert_eq!(refused.code(), Some("AccessDenied"));
        assert!(refused.to_string().contains(named), "{refused}");
    }
    let answer = callers.fixture.anonymous("DELETE /k").await;
    assert!(answer.element("Message").contains(named), "{}", answer.text);
    // Of several objects those go that may.
    let many = [ObjectIdentifier::new("k"), ObjectIdentifier::new("other")];
    let many = callers.owner.delete_multiple_objects(BUCKET, many);
    let many = many.send().await.unwrap();
    assert_eq!((many.deleted.len(), many.errors.len()), (0, 2));
    let refused = callers.other.get_object(BUCKET, "secret/k").send().await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("statement 3 of policy 1"), "{refused}");
    assert!(allowed(
        callers.own.get_object(BUCKET, "secret/k").send().await
    ));
    // A copy reads its source.
    let source = format!("{BUCKET}.cos.ap-chongqing.myqcloud.com/secret/k");
    let copy = callers
        .other
        .put_object_copy(BUCKET, "copy", &source)
        .send()
        .await;
    assert!(!allowed(copy));
    callers.owner.head_object(BUCKET, "k").send().await.unwrap();
}

#[tokio::test]
async fn nobody_locks_the_owner_out() {
    let callers = callers().await;
    callers
        .set(json!([statement("deny", &[ANYONE], &["name/cos:*"], "*")]))
        .await;
    assert!(!allowed(callers.owner.get_object(BUCKET, "k").send().await));
    callers
        .owner
        .get_bucket_policy(BUCKET)
        .send()
        .await
        .unwrap();
    assert!(!allowed(callers.own.get_bucket_policy(BUCKET).send().await));
    callers
        .owner
        .delete_bucket_policy(BUCKET)
        .send()
        .await
        .unwrap();
    callers.owner.get_object(BUCKET, "k").send().await.unwrap();
}

#[tokio::test]
async fn conditions_decide_and_what_is_not_understood_never_allows() {
    let callers = callers().await;
    let with = |effect: &str, condition: Value| {
        let mut statement = statement(effect, &[ANYONE], &["name/cos:GetObject"], "*");
        statement["Condition"] = condition;
        json!([statement])
    };
    let here = json!({ "ip_equal": { "qcs:ip": ["127.0.0.0/8"] } });
    let there = json!({ "ip_equal": { "qcs:ip": ["192.0.2.0/24"] } });
    let unknown = json!({ "ip_equal": { "cos:no-such-thing": ["1"] } });
    let get = async || callers.fixture.anonymous("GET /k").await.status.as_u16();
    for (condition, status) in [(&here, 200), (&there, 403), (&unknown, 403)] {
        callers.set(with("allow", condition.clone())).await;
        assert_eq!(get().await, status, "{condition}");
    }
    for (condition, status) in [(&here, false), (&there, true), (&unknown, false)] {
        callers.set(with("deny", condition.clone())).await;
        let got = callers.owner.get_object(BUCKET, "k").send().await;
        assert_eq!(allowed(got), status, "{condition}");
    }
}

#[tokio::test]
async fn another_account_comes_in_by_access_control_lists_too() {
    let callers = callers().await;
    let get = async |client: &Client| allowed(client.get_object(BUCKET, "k").send().await);
    for (id, [other, theirs]) in [(OTHER, [true, true]), (THEIRS, [false, true])] {
        let list = callers.owner.put_object_acl(BUCKET, "k");
        list.grant_read(format!("id=\"{id}\""))
            .send()
            .await
            .unwrap();
        assert_eq!(get(&callers.other).await, other, "{id}");
        assert_eq!(get(&callers.theirs).await, theirs, "{id}");
        assert!(!get(&callers.own).await);
    }
    let word = callers
        .owner
        .put_object_acl(BUCKET, "k")
        .acl(ObjectAcl::Private);
    word.send().await.unwrap();
    let word = callers
        .owner
        .put_bucket_acl(BUCKET)
        .acl(BucketAcl::AuthenticatedRead);
    word.send().await.unwrap();
    assert!(allowed(callers.other.get_bucket(BUCKET).send().await));
    let write = callers.owner.put_bucket_acl(BUCKET);
    write
        .grant_write(format!("id=\"{OTHER}\""))
        .send()
        .await
        .unwrap();
    assert!(allowed(
        callers.other.put_object(BUCKET, "new", "v").send().await
    ));
    // Their own account lets that user read alone.
    assert!(!allowed(
        callers.theirs.put_object(BUCKET, "new", "v").send().await
    ));
    let begun = callers.other.initiate_multipart_upload(BUCKET, "parts");
    begun.send().await.unwrap();
    let listed = callers
        .owner
        .list_multipart_uploads(BUCKET)
        .send()
        .await
        .unwrap();
    let initiator = listed.uploads[0].initiator.clone().unwrap();
    assert_eq!(initiator.id, Some(user(OTHER, OTHER)));
    // Nothing else here is theirs.
    assert!(!allowed(callers.other.get_service().send().await));
    assert!(!allowed(
        callers.other.put_bucket("theirs-1250000000").send().await
    ));
}

#[tokio::test]
async fn bad_policies_change_nothing() {
    let callers = callers().await;
    let actions = ["name/cos:GetObject"];
    callers
        .set(json!([statement("allow", &[ANYONE], &actions, "*")]))
        .await;
    let good = json!({
        "version": "2.0",
        "Statement": [statement("allow", &[&user("1", "1")], &actions, "*")],
    });
    let good = good.to_string();
    for (from, to, code) in [
        (r#""2.0""#, r#""1.0""#, "InvalidArgument"),
        ("name/cos:GetObject", "GetObject", "MalformedPolicy"),
        (BUCKET, "other-1250000000", "InvalidPolicyDocument"),
        ("qcs::cos:", "acs::oss:", "MalformedPolicy"),
    ] {
        assert_eq!(
            put(&callers.fixture, &good.replace(from, to)).await,
            code,
            "{to}"
        );
    }
    assert_eq!(callers.fixture.anonymous("GET /k").await.status, 200);
    let none = callers.own.get_bucket_policy(BUCKET).send().await;
    assert_eq!(code(none), "AccessDenied");
}

#[tokio::test]
async fn an_account_must_make_sense() {
    for (text, named) in [
        (r#"{"others": [{"uin": "x"}]}"#, "`x` is no number"),
        (
            r#"{"others": [{"uin": "100000000001"}]}"#,
            "100000000001 is given twice",
        ),
        (
            r#"{"others": [{"uin": "7", "keys": [{"secretId": "AKIDlocalcloud", "secretKey": "s"}]}]}"#,
            "AKIDlocalcloud is given twice",
        ),
    ] {
        let account = Account::from_json(text).unwrap();
        let refused = tcloud_local::LocalCloud::start(Settings::default().account(account)).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(named), "{refused}");
    }
}

#[tokio::test]
async fn over_a_socket_the_policy_decides() {
    let served = Served::new(Settings::default().auth(AuthMode::Strict)).await;
    let client = served.fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let host = format!("Host: {}", bucket_host());
    let get = ["GET /k HTTP/1.1", &host];
    assert_eq!(status(&served.exchange(&get, "").await), "403");
    let document = json!({
        "version": "2.0",
        "Statement": [statement("allow", &[ANYONE], &["name/cos:GetObject"], "*")],
    });
    assert_eq!(put(&served.fixture, &document.to_string()).await, "");
    let answer = served.exchange(&get, "").await;
    assert!(answer.ends_with("\r\n\r\nv"), "{answer}");
}
