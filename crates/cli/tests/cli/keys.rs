//! Access keys of a served cloud that are not on its command line.

use std::fs;
use std::path::{Path, PathBuf};

use crate::served::{Served, local};
use crate::support::{Finished, finish, tcloud};

const NAME_OF_SECRET: [&str; 2] = ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"];

/// A file `keys` in `folder` that its owner alone may read.
fn file(folder: &Path, content: &str) -> PathBuf {
    let path = folder.join("keys");
    fs::write(&path, content).unwrap();
    allow(&path, 0o600);
    path
}

#[cfg(unix)]
fn allow(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn allow(_: &Path, _: u32) {}

/// A call of `cloud` with a key.
fn call(cloud: &Served, id: &str, secret: &str) -> Finished {
    let mut command = tcloud();
    command.args(["cos", "get-service", "--region", "ap-guangzhou"]);
    command.args(["--endpoint", &cloud.address]);
    command.envs(NAME_OF_SECRET.into_iter().zip([id, secret]));
    finish(&mut command)
}

/// `tcloud local` with `arguments` that it refuses.
fn refused(arguments: &[&str]) -> Finished {
    finish(
        tcloud()
            .args(["local", "--port", "0", "--ephemeral"])
            .args(arguments),
    )
}

#[test]
fn keys_come_from_a_file_and_the_command_line_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "# ours\n\nAKIDone:first\nAKIDtwo:second:half\n",
    );
    let path = path.to_str().unwrap();
    let more = ["--key", "AKIDthree:third", "--bucket", "b-1250000000"];
    let mut cloud = Served::start(&[&["--ephemeral", "--keys-file", path], &more[..]].concat());
    for (id, secret) in [
        ("AKIDone", "first"),
        ("AKIDtwo", "second:half"),
        ("AKIDthree", "third"),
    ] {
        let called = call(&cloud, id, secret);
        assert_eq!(called.code, 0, "{id}: {}", called.err);
    }
    let wrong = call(&cloud, "AKIDtwo", "first");
    assert!(wrong.err.contains("SignatureDoesNotMatch"), "{}", wrong.err);
    let built_in = call(&cloud, "AKIDlocalcloud", "localcloudsecret");
    assert!(
        built_in.err.contains("InvalidAccessKeyId"),
        "{}",
        built_in.err
    );
    let greeting = cloud.greeting();
    assert!(
        greeting.contains("AKIDtwo (its secret as given)"),
        "{greeting}"
    );
    assert!(!greeting.contains("second"), "{greeting}");
}

#[test]
fn keys_come_from_the_environment_where_the_command_line_has_none() {
    let keys = "AKIDone:first,AKIDtwo:second\n";
    let cloud = Served::of(local().arg("--ephemeral").env("TCLOUD_LOCAL_KEYS", keys));
    for (id, secret) in [("AKIDone", "first"), ("AKIDtwo", "second")] {
        let called = call(&cloud, id, secret);
        assert_eq!(called.code, 0, "{id}: {}", called.err);
    }
    let given = ["--ephemeral", "--key", "AKIDthree:third"];
    let cloud = Served::of(local().args(given).env("TCLOUD_LOCAL_KEYS", keys));
    assert_eq!(call(&cloud, "AKIDthree", "third").code, 0);
    assert_eq!(call(&cloud, "AKIDone", "first").code, 1);
}

#[test]
fn a_bad_key_is_named_by_its_place_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "AKIDone:first\ns3cret-without-an-id\n");
    let path = path.to_str().unwrap();
    let bad = refused(&["--keys-file", path]);
    assert_eq!(bad.code, 2);
    assert_eq!(
        bad.err,
        format!("tcloud: {path}, line 2: write it as ID:SECRET\n")
    );

    let mut variable = tcloud();
    variable.args(["local", "--port", "0", "--ephemeral"]);
    let bad = finish(variable.env("TCLOUD_LOCAL_KEYS", "AKIDone:first,s3cret"));
    assert_eq!(bad.code, 2);
    assert_eq!(
        bad.err,
        "tcloud: TCLOUD_LOCAL_KEYS, key 2: write it as ID:SECRET\n"
    );

    file(folder.path(), "AKIDone:first\nAKIDone:s3cret\n");
    let twice = refused(&["--keys-file", path]);
    assert_eq!(twice.code, 2);
    assert!(
        twice.err.contains("AKIDone is given twice"),
        "{}",
        twice.err
    );
    assert!(!twice.err.contains("s3cret"), "{}", twice.err);

    file(folder.path(), "# nothing yet\n");
    let none = refused(&["--keys-file", path]);
    assert!(none.err.contains("holds no key"), "{}", none.err);
    let missing = refused(&["--keys-file", "no-such-file"]);
    assert!(
        missing.err.contains("no-such-file cannot be read"),
        "{}",
        missing.err
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "AKIDone:first\n");
    let arguments = ["--ephemeral", "--keys-file", path.to_str().unwrap()];
    let mut cloud = Served::start(&arguments);
    cloud.signal("TERM");
    let (notes, _) = cloud.end();
    assert!(!notes.contains("warning"), "{notes}");

    allow(&path, 0o644);
    let mut cloud = Served::start(&arguments);
    cloud.signal("TERM");
    let (notes, _) = cloud.end();
    assert!(
        notes.contains("warning: other users of this machine may read the keys"),
        "{notes}"
    );
}
