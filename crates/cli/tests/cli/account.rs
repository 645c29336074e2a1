//! Users, roles and web identities of a served cloud, from a file.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::served::Served;
use crate::support::{Finished, finish, tcloud};

const ACCOUNT: &str = r#"{
    "users": [{
        "uin": "100000000002",
        "name": "reader",
        "keys": [{ "secretId": "AKIDreader", "secretKey": "r" }]
    }],
    "roles": [{
        "name": "pod",
        "trust": { "version": "2.0", "statement": {
            "effect": "allow",
            "action": "name/sts:AssumeRoleWithWebIdentity",
            "principal": { "federated": "qcs::cam::uin/100000000001:oidc-provider/local" },
            "condition": { "string_equal": { "oidc:sub": "web" } }
        } }
    }]
}"#;

/// A call of `cloud` with the key `id`.
fn call(cloud: &Served, arguments: &[&str], id: &str, secret: &str) -> Finished {
    let mut command = tcloud();
    command.args(arguments).args(["--endpoint", &cloud.address]);
    command.args(["--region", "ap-guangzhou"]);
    command.envs([
        ("TENCENTCLOUD_SECRET_ID", id),
        ("TENCENTCLOUD_SECRET_KEY", secret),
    ]);
    finish(&mut command)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_file_gives_users_and_roles_and_a_token_is_written_for_a_pod() {
    let folder = tempfile::tempdir().unwrap();
    let (account, token) = (folder.path().join("account"), folder.path().join("token"));
    fs::write(&account, ACCOUNT).unwrap();
    let mut cloud = Served::start(&[
        "--ephemeral",
        "--account",
        text(&account),
        "--web-identity-token",
        text(&token),
        "--web-identity-subject",
        "web",
    ]);
    let greeting = cloud.greeting();
    assert!(greeting.contains(text(&account)), "{greeting}");

    let who = call(&cloud, &["sts", "get-caller-identity"], "AKIDreader", "r");
    let who: Value = serde_json::from_str(&who.out).unwrap();
    assert_eq!(who["UserId"], "100000000002", "{who}");
    let denied = call(&cloud, &["cos", "get-service"], "AKIDreader", "r");
    assert!(denied.err.contains("cos:GetService"), "{}", denied.err);

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&token).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let token = fs::read_to_string(&token).unwrap();
    let assume = [
        "sts",
        "assume-role-with-web-identity",
        "--provider-id",
        "local",
        "--web-identity-token",
        &token,
        "--role-arn",
        "qcs::cam::uin/100000000001:roleName/pod",
        "--role-session-name",
        "pod-1",
    ];
    let assumed = call(&cloud, &assume, "AKIDnobody", "n");
    assert_eq!(assumed.code, 0, "{}", assumed.err);
    let assumed: Value = serde_json::from_str(&assumed.out).unwrap();
    assert!(assumed["Credentials"]["Token"].is_string(), "{assumed}");
}

#[test]
fn a_running_cloud_gets_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account");
    fs::write(&path, ACCOUNT).unwrap();
    let cloud = Served::start(&["--ephemeral"]);
    let unknown = call(&cloud, &["sts", "get-caller-identity"], "AKIDreader", "r");
    assert_eq!(unknown.code, 1, "{}", unknown.out);
    let set = cloud.run(&["local", "accounts", text(&path)]);
    assert_eq!(set.code, 0, "{}", set.err);
    let shown = cloud.run(&["local", "accounts"]);
    assert_eq!(shown.out, set.out);
    let shown: Value = serde_json::from_str(&shown.out).unwrap();
    assert_eq!(shown["users"][0]["keys"][0]["secretKey"], "(secret)");
    let who = call(&cloud, &["sts", "get-caller-identity"], "AKIDreader", "r");
    assert_eq!(who.code, 0, "{}", who.err);
    // What was shown is a file that can be given.
    fs::write(&path, shown.to_string()).unwrap();
    assert_eq!(cloud.run(&["local", "accounts", text(&path)]).out, set.out);
    fs::write(&path, r#"{"role": []}"#).unwrap();
    let refused = cloud.run(&["local", "accounts", text(&path)]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("unknown field `role`"),
        "{}",
        refused.err
    );
}

#[test]
fn a_slip_of_the_file_is_named_and_no_secret_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("account");
    for (content, code, named) in [
        (r#"{"role": []}"#, 2, "unknown field `role`"),
        (r#"{"keys": "s3cret"}"#, 2, "line 1"),
        (r#"{"instance": {"role": "gone"}}"#, 1, "role gone"),
    ] {
        fs::write(&path, content).unwrap();
        let arguments = [
            "local",
            "--port",
            "0",
            "--ephemeral",
            "--account",
            text(&path),
        ];
        let refused = finish(tcloud().args(arguments));
        assert_eq!(refused.code, code, "{}", refused.err);
        assert!(refused.err.contains(named), "{}", refused.err);
        assert!(!refused.err.contains("s3cret"), "{}", refused.err);
    }
    let absent = folder.path().join("absent");
    let refused = finish(tcloud().args(["local", "--port", "0", "--account", text(&absent)]));
    assert_eq!(refused.code, 2, "{}", refused.err);
}
