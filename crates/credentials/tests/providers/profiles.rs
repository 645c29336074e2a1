//! Files of profiles, of both kinds, good and broken.

use std::fs;

use tcloud_credentials::{ProfileFile, ProfileProvider};

use crate::fixture::{Home, NOW, SECRET, ask, failure};

const OWN: &str = ".tencentcloud/credentials";

fn provider(home: &Home, set: &[(&'static str, &str)]) -> ProfileProvider {
    ProfileProvider::of(home.files(set))
}

#[tokio::test]
async fn a_profile_is_read_as_people_write_it() {
    let home = Home::new();
    home.write(
        OWN,
        "\u{feff}; keys\r\n[default]\r\nsecret_id = AKIDown\r\nSECRET_KEY=k=1\r\nregion = ap-x\r\n\
         [other]\r\nsecret_id = AKIDother\r\nsecret_key = k\r\nsession_token = t\r\n",
    );
    let own = ask(provider(&home, &[])).await.unwrap();
    assert_eq!((own.secret_id(), own.secret_key()), ("AKIDown", "k=1"));
    assert_eq!(
        (own.token(), own.region(), own.expires_at()),
        (None, Some("ap-x"), None)
    );
    let source = home.shown(own.source().unwrap());
    assert_eq!(source, "~/.tencentcloud/credentials, profile default");

    let other = [("TENCENTCLOUD_PROFILE", "other")];
    let named = ask(provider(&home, &other)).await.unwrap();
    assert_eq!((named.secret_id(), named.token()), ("AKIDother", Some("t")));
    let given = ProfileProvider::of(home.files(&other).profile("default"));
    assert_eq!(ask(given).await.unwrap().secret_id(), "AKIDown");
}

#[tokio::test]
async fn the_files_are_looked_at_in_order() {
    let home = Home::new();
    let ini = |id: &str| format!("[default]\nsecret_id = {id}\nsecret_key = k\n");
    home.write(
        ".tccli/default.credential",
        r#"{"secretId": "official", "secretKey": "k"}"#,
    );
    home.write(
        ".tccli/default.configure",
        r#"{"_sys_param": {"region": "ap-y"}}"#,
    );
    let found = ask(provider(&home, &[])).await.unwrap();
    assert_eq!(
        (found.secret_id(), found.region()),
        ("official", Some("ap-y"))
    );

    home.write("etc/credentials", ini("all"));
    assert_eq!(ask(provider(&home, &[])).await.unwrap().secret_id(), "all");
    home.write(OWN, ini("own"));
    assert_eq!(ask(provider(&home, &[])).await.unwrap().secret_id(), "own");
    let elsewhere = home.write("elsewhere", ini("elsewhere"));
    let set = [("TENCENTCLOUD_CREDENTIALS_FILE", elsewhere.to_str().unwrap())];
    assert_eq!(
        ask(provider(&home, &set)).await.unwrap().secret_id(),
        "elsewhere"
    );
}

#[tokio::test]
async fn a_profile_of_the_official_command_line_can_be_named() {
    let home = Home::new();
    home.write(OWN, "[default]\nsecret_id = own\nsecret_key = k\n");
    home.write(
        ".tccli/work.credential",
        r#"{"secretId": "work", "secretKey": "k", "token": "t"}"#,
    );
    let set = [("TCCLI_PROFILE", "work")];
    let found = ask(provider(&home, &set)).await.unwrap();
    assert_eq!((found.secret_id(), found.token()), ("work", Some("t")));
    let set = [
        ("TCCLI_PROFILE", "work"),
        ("TENCENTCLOUD_PROFILE", "default"),
    ];
    assert_eq!(ask(provider(&home, &set)).await.unwrap().secret_id(), "own");

    let error = failure(provider(&home, &[("TCCLI_PROFILE", "none")])).await;
    assert!(!error.is_absent(), "a name that someone gave is meant");
    let error = home.shown(&error.to_string());
    assert!(
        error.starts_with(
            "TCCLI_PROFILE names the profile none, which has no keys: ~/.tccli/none.credential does \
             not exist, ~/.tencentcloud/credentials has no profile none, but default, "
        ),
        "{error}"
    );
    // A name is no path.
    home.write(
        "outside.credential",
        r#"{"secretId": "outside", "secretKey": "k"}"#,
    );
    let error = failure(provider(&home, &[("TCCLI_PROFILE", "../outside")])).await;
    assert!(error.to_string().contains("has no keys"), "{error}");
}

#[tokio::test]
async fn a_login_that_has_ended_says_how_to_renew_it() {
    let home = Home::new();
    let login = |end: i64| {
        let json = format!(
            r#"{{"type": "oauth", "secretId": "AKIDlogin", "secretKey": "{SECRET}", "token": "t",
                "expiresAt": {end}}}"#
        );
        home.write(".tccli/default.credential", json);
        provider(&home, &[])
    };
    let found = ask(login(NOW + 60)).await.unwrap();
    assert_eq!(found.expires_at(), Some(NOW + 60));
    let error = failure(login(NOW)).await;
    assert!(
        error.to_string().contains("run any command of `tccli`"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_told_file_by_file() {
    let home = Home::new();
    home.write(OWN, "[other]\nsecret_id = i\nsecret_key = k\n[more]\n");
    let error = failure(provider(&home, &[])).await;
    assert!(error.is_absent());
    assert_eq!(
        home.shown(&error.to_string()),
        "~/.tencentcloud/credentials has no profile default, but other, more, ~/etc/credentials does \
         not exist, ~/.tccli/default.credential does not exist"
    );
    home.write(OWN, "[default]\nregion = ap-x\n");
    let error = failure(provider(&home, &[])).await;
    assert!(
        error
            .to_string()
            .contains("has a profile default without keys"),
        "{error}"
    );
    assert_eq!(home.files(&[]).region().as_deref(), Some("ap-x"));
}

#[tokio::test]
async fn broken_files_are_named_and_end_the_search() {
    let home = Home::new();
    let half = format!("[default]\nsecret_id = {SECRET}\n");
    let other_half = format!("[default]\nsecret_key = {SECRET}\n");
    let no_entry = format!("[default]\nsecret_key {SECRET}\n");
    let mut utf16: Vec<u8> = vec![0xff, 0xfe];
    utf16.extend("[default]".encode_utf16().flat_map(u16::to_le_bytes));
    let large = format!("[default]\n{}", "#\n".repeat(600_000));
    let seconds = format!("[default]\nrole_arn = r\nduration_seconds = {SECRET}\n");
    let command = format!("[default]\ncredential_process = \"{SECRET}\n");
    let cases: [(&[u8], &str); 9] = [
        (half.as_bytes(), "has secret_id but no secret_key"),
        (other_half.as_bytes(), "has secret_key but no secret_id"),
        (
            no_entry.as_bytes(),
            "line 2: an entry is written as key = value",
        ),
        (b"[default\n", "line 1: a section is written as [name]"),
        (b"[default]\nsecret_id = \xff\xfe\n", "is not text in UTF-8"),
        (&utf16, "is not text in UTF-8"),
        (large.as_bytes(), "has more than 1048576 bytes"),
        (
            seconds.as_bytes(),
            "duration_seconds is not a number of seconds",
        ),
        (
            command.as_bytes(),
            "credential_process is not a command line",
        ),
    ];
    for (content, reason) in cases {
        home.write(OWN, content);
        let error = failure(provider(&home, &[])).await;
        assert!(!error.is_absent(), "{error}");
        let shown = home.shown(&error.to_string());
        assert!(shown.contains("~/.tencentcloud/credentials"), "{shown}");
        assert!(shown.contains(reason), "{shown}");
    }
    fs::remove_file(home.path(OWN)).unwrap();
    let official = format!("{{\"secretId\": \"{SECRET}\"");
    home.write(".tccli/default.credential", &official);
    let error = failure(provider(&home, &[])).await;
    assert!(
        error
            .to_string()
            .contains("line 1 is not as tccli writes it"),
        "{error}"
    );
    home.write(".tccli/default.credential", format!("{official}}}"));
    let error = failure(provider(&home, &[])).await;
    assert!(
        error.to_string().contains("has secretId but no secretKey"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_that_is_named_has_to_be_there() {
    let home = Home::new();
    let path = home.path("none");
    let set = [("TENCENTCLOUD_CREDENTIALS_FILE", path.to_str().unwrap())];
    let error = failure(provider(&home, &set)).await;
    assert!(!error.is_absent());
    let shown = home.shown(&error.to_string());
    assert_eq!(
        shown,
        "TENCENTCLOUD_CREDENTIALS_FILE names ~/none, which does not exist"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn what_cannot_be_read_is_named() {
    let home = Home::new();
    // A folder is refused whoever runs the test; permissions do not bind the super-user.
    fs::create_dir_all(home.path(OWN)).unwrap();
    let error = failure(provider(&home, &[])).await;
    assert!(!error.is_absent());
    assert!(
        error.to_string().contains("credentials cannot be read: "),
        "{error}"
    );
}

#[tokio::test]
async fn profiles_that_take_their_keys_from_each_other_end() {
    let home = Home::new();
    home.write(
        OWN,
        "[default]\nrole_arn = a\nsource_profile = b\n[b]\nrole_arn = b\nsource_profile = default\n\
         [alone]\nrole_arn = a\n",
    );
    let error = failure(provider(&home, &[])).await;
    assert!(
        error.to_string().contains("leads around in a circle"),
        "{error}"
    );
    let error = failure(provider(&home, &[("TENCENTCLOUD_PROFILE", "alone")])).await;
    assert!(
        error.to_string().contains("no keys to take it with"),
        "{error}"
    );
}

#[test]
fn a_file_is_changed_in_one_step_and_for_its_owner_alone() {
    let home = Home::new();
    let path = home.path(OWN);
    let mut file = ProfileFile::open(&path).unwrap();
    file.set("default", "secret_id", "AKIDnew").unwrap();
    file.set("default", "secret_key", "k").unwrap();
    file.save().unwrap();
    let expected = "[default]\nsecret_id = AKIDnew\nsecret_key = k\n";
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);

    fs::write(&path, format!("# ours\n{expected}[other]\r\nx = 1\r\n")).unwrap();
    #[cfg(unix)]
    set_mode(&path, 0o644);
    let mut file = ProfileFile::open(&path).unwrap();
    assert_eq!(file.get("default", "secret_id"), Some("AKIDnew"));
    file.set("default", "region", "ap-x").unwrap();
    file.remove("default", "secret_key");
    file.save().unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "# ours\n[default]\nsecret_id = AKIDnew\nregion = ap-x\n[other]\r\nx = 1\r\n"
    );
    #[cfg(unix)]
    assert_eq!(mode(&path), 0o600);
    let folder = path.parent().unwrap();
    #[cfg(unix)]
    assert_eq!(mode(folder), 0o700);
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "no draft is left");
}

#[test]
fn what_would_not_be_read_again_is_not_written() {
    let home = Home::new();
    let mut file = ProfileFile::open(home.path(OWN)).unwrap();
    for value in ["", " k", "k ", "a\nsecret_key = b", "a\rb", "\0"] {
        assert!(
            file.set("default", "secret_key", value).is_err(),
            "{value:?}"
        );
    }
    for profile in ["", "a]", "a\n[b", " a"] {
        assert!(file.set(profile, "secret_key", "k").is_err(), "{profile:?}");
    }
    assert_eq!(file.get("default", "secret_key"), None);
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let home = Home::new();
    let target = home.write("kept/keys", "[default]\nsecret_id = old\n");
    fs::create_dir_all(home.path(".tencentcloud")).unwrap();
    std::os::unix::fs::symlink(&target, home.path(OWN)).unwrap();
    let mut file = ProfileFile::open(home.path(OWN)).unwrap();
    file.set("default", "secret_id", "new").unwrap();
    file.save().unwrap();
    assert!(fs::symlink_metadata(home.path(OWN)).unwrap().is_symlink());
    assert_eq!(
        fs::read_to_string(target).unwrap(),
        "[default]\nsecret_id = new\n"
    );
}

#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[cfg(unix)]
fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
