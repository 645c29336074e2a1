//! The command as a user runs it, with nothing configured.

use assert_cmd::Command;

/// The built command in an environment without configuration.
pub(crate) fn tcloud() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcloud"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let prefixes = ["TENCENTCLOUD_", "TCLOUD_", "TCCLI_", "TKE_"];
        if prefixes.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    // Nobody's profiles, and no machine's role.
    command
        .env("HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/no-home"))
        .env("TENCENTCLOUD_METADATA_DISABLED", "true");
    command.env("NO_COLOR", "1").env("COLUMNS", "100");
    command
}

/// As [`tcloud`], with an access key that exists nowhere.
pub(crate) fn with_key() -> Command {
    let mut command = tcloud();
    command
        .env("TENCENTCLOUD_SECRET_ID", "AKIDEXAMPLE0123456789")
        .env("TENCENTCLOUD_SECRET_KEY", "SECRETEXAMPLE")
        .env("TENCENTCLOUD_REGION", "ap-chongqing");
    command
}

/// A bucket of a local cloud.
pub(crate) const BUCKET: &str = "album-1250000000";

/// The words that read the object `key` of [`BUCKET`] into the file `to`, or write it with `-`.
pub(crate) fn get_object<'a>(key: &'a str, to: &'a str) -> [&'a str; 8] {
    [
        "cos",
        "get-object",
        "--bucket",
        BUCKET,
        "--key",
        key,
        "--to",
        to,
    ]
}

/// What a finished command wrote and how it ended.
pub(crate) struct Finished {
    /// The exit code.
    pub(crate) code: i32,
    /// The standard output.
    pub(crate) out: String,
    /// The standard error.
    pub(crate) err: String,
}

/// Runs `command` to its end.
pub(crate) fn finish(command: &mut Command) -> Finished {
    let output = command.output().unwrap();
    Finished {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
