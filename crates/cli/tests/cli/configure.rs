//! Profiles: written, listed, and used.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::served::Served;
use crate::support::{Finished, finish, tcloud};

const ID: &str = "AKIDEXAMPLE0123456789";
const SECRET: &str = "SECRETEXAMPLE";

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join(".tencentcloud/credentials")
    }

    fn with(content: &str) -> Self {
        let home = Self::new();
        fs::create_dir(home.0.path().join(".tencentcloud")).unwrap();
        fs::write(home.file(), content).unwrap();
        home
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        self.run_with(arguments, &[], "")
    }

    fn run_with(&self, arguments: &[&str], set: &[(&str, &str)], input: &str) -> Finished {
        let mut command = tcloud();
        command.args(arguments).env("HOME", self.0.path());
        let finished = finish(command.envs(set.iter().copied()).write_stdin(input));
        for text in [&finished.out, &finished.err] {
            assert!(!text.contains(SECRET), "{text}");
        }
        finished
    }

    fn shown(&self, text: &str) -> String {
        text.replace(self.0.path().to_str().unwrap(), "~")
    }
}

fn profile(name: &str) -> String {
    format!("[{name}]\nsecret_id = {ID}\nsecret_key = {SECRET}\nregion = ap-{name}\n")
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn answers_are_written_for_the_owner_alone_and_the_rest_is_kept() {
    let home = Home::new();
    let answers = format!("{ID}\n{SECRET}\nap-guangzhou\n");
    let done = home.run_with(&["configure"], &[], &answers);
    assert_eq!(done.code, 0, "{}", done.err);
    let text = fs::read_to_string(home.file()).unwrap();
    let first =
        format!("[default]\nsecret_id = {ID}\nsecret_key = {SECRET}\nregion = ap-guangzhou\n");
    assert_eq!(text, first);
    #[cfg(unix)]
    assert_eq!(mode(&home.file()), 0o600);

    fs::write(home.file(), format!("# ours\n{first}token = old\n")).unwrap();
    let done = home.run_with(&["configure"], &[], "\n\nap-beijing\n");
    assert_eq!(done.code, 0, "{}", done.err);
    let text = fs::read_to_string(home.file()).unwrap();
    let kept = format!(
        "# ours\n{}token = old\n",
        first.replace("guangzhou", "beijing")
    );
    assert_eq!(text, kept, "empty answers keep what is there");

    let done = home.run_with(&["configure"], &[], "AKIDother\nother\n\n");
    assert_eq!(done.code, 0, "{}", done.err);
    let text = fs::read_to_string(home.file()).unwrap();
    let changed =
        "# ours\n[default]\nsecret_id = AKIDother\nsecret_key = other\nregion = ap-beijing\n";
    assert_eq!(text, changed, "a token goes with its key");

    let done = home.run_with(&["configure", "--profile", "work"], &[], &answers);
    assert_eq!(done.code, 0, "{}", done.err);
    let text = fs::read_to_string(home.file()).unwrap();
    assert_eq!(
        text,
        format!("{changed}\n{}", first.replace("default", "work"))
    );
}

#[test]
fn half_a_key_is_not_written() {
    let home = Home::with(&profile("default"));
    let before = fs::read_to_string(home.file()).unwrap();
    for (input, reason) in [
        ("AKIDnew\n\n\n", "a new SecretId needs its SecretKey"),
        ("AKIDnew\nbad\u{1b}key\n\n", "a value is one line"),
    ] {
        let refused = home.run_with(&["configure"], &[], input);
        assert_eq!(refused.code, 1);
        assert!(refused.err.contains(reason), "{}", refused.err);
    }
    let refused = home.run_with(&["configure", "--profile", "new"], &[], "");
    assert!(
        refused.err.contains("no SecretId was given"),
        "{}",
        refused.err
    );
    assert_eq!(fs::read_to_string(home.file()).unwrap(), before);
}

#[test]
fn a_list_names_the_place_of_each_value() {
    let home = Home::with(&format!("{}{}", profile("default"), profile("work")));
    let listed = home.run(&["configure", "list"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    let out = home.shown(&listed.out);
    for part in [
        "the default",
        "AKID…6789",
        "~/.tencentcloud/credentials, profile default",
        "ap-default",
    ] {
        assert!(out.contains(part), "{part} is not in {out}");
    }
    assert!(!out.contains(ID), "{out}");

    let set = [
        ("TENCENTCLOUD_SECRET_ID", "AKIDvariable99"),
        ("TENCENTCLOUD_SECRET_KEY", SECRET),
    ];
    let listed = home.run_with(&["configure", "list"], &set, "");
    assert!(listed.out.contains("AKID…le99"), "{}", listed.out);
    assert!(
        listed.out.contains("variable TENCENTCLOUD_SECRET_ID"),
        "{}",
        listed.out
    );
    assert!(listed.out.contains("ap-default"), "{}", listed.out);
    let listed = home.run_with(&["configure", "list", "--profile", "work"], &set, "");
    assert!(listed.out.contains("profile work"), "{}", listed.out);

    let nothing = Home::new().run(&["configure", "list"]);
    assert_eq!(nothing.code, 0);
    assert!(nothing.out.contains("does not exist"), "{}", nothing.out);
    let broken =
        Home::with(&format!("[default]\nsecret_key {SECRET}\n")).run(&["configure", "list"]);
    assert_eq!(broken.code, 1);
    assert!(broken.out.contains("line 2"), "{}", broken.out);
}

#[test]
fn a_profile_signs_calls_and_gives_their_region() {
    let home = Home::with(&profile("work"));
    let dry = ["cos", "get-bucket", "--bucket", "b-1250000000", "--dry-run"];
    let call = home.run(&[&dry[..], &["--profile", "work"]].concat());
    assert_eq!(call.code, 0, "{}", call.err);
    assert!(
        call.out.contains("b-1250000000.cos.ap-work.myqcloud.com"),
        "{}",
        call.out
    );
    let call = home.run_with(&dry, &[("TENCENTCLOUD_PROFILE", "work")], "");
    assert!(
        call.out.contains("b-1250000000.cos.ap-work.myqcloud.com"),
        "{}",
        call.out
    );
    let call = home.run(&[&dry[..], &["--profile", "none"]].concat());
    assert_eq!(call.code, 1);
    assert!(
        call.err
            .contains("names the profile none, which has no keys"),
        "{}",
        call.err
    );
    let call = home.run(&[&dry[..], &["--region", "ap-x"]].concat());
    assert_eq!(call.code, 1);
    for part in [
        "environment: ",
        "has no profile default, but work",
        "TKE: ",
        "CVM: ",
    ] {
        assert!(call.err.contains(part), "{part} is not in {}", call.err);
    }
}

#[test]
fn a_served_cloud_is_called_by_the_profile_that_is_named() {
    let home = Home::with(&profile("default"));
    let key = format!("{ID}:{SECRET}");
    let cloud = Served::start(&["--ephemeral", "--key", &key]);
    let call = ["cos", "get-service", "--endpoint", &cloud.address];
    let by_profile = home.run(&[&call[..], &["--profile", "default"]].concat());
    assert_eq!(by_profile.code, 0, "{}", by_profile.err);
    // The default is for the service: this machine's cloud is called by its own key.
    let by_default = home.run(&call);
    assert_eq!(by_default.code, 1);
    assert!(
        by_default.err.contains("using the local cloud's own"),
        "{}",
        by_default.err
    );
}

#[test]
fn the_demonstration_is_local_whatever_is_configured() {
    let home = Home::with(&profile("default"));
    let set = [
        ("TENCENTCLOUD_SECRET_ID", ID),
        ("TENCENTCLOUD_SECRET_KEY", SECRET),
        ("TCLOUD_ENDPOINT", "http://127.0.0.1:1"),
    ];
    let demo = home.run_with(&["inspect", "--demo"], &set, "");
    assert_eq!(demo.code, 0, "{}", demo.err);
    assert!(
        demo.err.contains("a local cloud in this process"),
        "{}",
        demo.err
    );
}

#[test]
fn a_profile_is_no_reason_to_work_locally() {
    let home = Home::with("[default]\nsecret_id = half\n");
    let picture = home.0.path().join("a.png");
    fs::write(&picture, tcloud_inspect::demo::clean_png()).unwrap();
    let arguments = [
        "inspect",
        picture.to_str().unwrap(),
        "--region",
        "ap-x",
        "--bucket",
        "b-1",
    ];
    let refused = home.run(&arguments);
    assert_eq!(refused.code, 1);
    assert!(
        !refused.err.contains("local cloud in this process"),
        "{}",
        refused.err
    );
    assert!(
        refused.err.contains("has secret_id but no secret_key"),
        "{}",
        refused.err
    );
}

/// Answers one request of the token service and tells what was asked.
fn token_service(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().unwrap();
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while !bytes.ends_with(b"\r\n\r\n{}") {
        let read = stream.read(&mut buffer).unwrap();
        assert_ne!(read, 0, "the request ends early");
        bytes.extend_from_slice(buffer.get(..read).unwrap());
    }
    let body = r#"{"Response": {"Arn": "qcs::cam::uin/1:uin/2", "AccountId": "1", "UserId": "2",
        "PrincipalId": "2", "Type": "CAMUser", "RequestId": "r"}}"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).unwrap();
    String::from_utf8(bytes).unwrap().to_lowercase()
}

#[test]
fn whoami_asks_whose_key_it_is_and_says_where_it_is_from() {
    let home = Home::with(&profile("work"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || [token_service(&listener), token_service(&listener)]);
    let call = ["whoami", "--profile", "work", "--endpoint", &address];
    let told = home.run(&call);
    assert_eq!(told.code, 0, "{}", told.err);
    let out = home.shown(&told.out);
    for part in [
        "qcs::cam::uin/1:uin/2",
        "CAMUser",
        "AKID…6789",
        "profile work",
    ] {
        assert!(out.contains(part), "{part} is not in {out}");
    }
    let json = home.run(&[&call[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["accountId"], "1");
    assert_eq!(json["type"], "CAMUser");
    assert_eq!(json["expires"], serde_json::Value::Null);
    for request in asked.join().unwrap() {
        assert!(
            request.contains("x-tc-action: getcalleridentity"),
            "{request}"
        );
        assert!(
            request.contains("host: sts.tencentcloudapi.com"),
            "{request}"
        );
        assert!(
            request.contains(&format!("credential={}/", ID.to_lowercase())),
            "{request}"
        );
    }
}
