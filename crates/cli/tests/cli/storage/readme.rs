//! What the README shows: the commands of daily use, and an operation that has no handler yet.

use std::process::Command;

use super::cloud::Cloud;

/// The shell commands behind the line of the README that holds `mark`.
fn commands(mark: &str) -> String {
    let readme = include_str!("../../../../../README.md");
    let (_, rest) = readme.split_once(mark).unwrap();
    let (_, rest) = rest.split_once("```sh\n").unwrap();
    let (commands, _) = rest.split_once("\n```").unwrap();
    commands.to_owned()
}

#[cfg(unix)]
#[test]
fn the_commands_of_daily_use_run_as_printed() {
    let cloud = Cloud::start();
    let commands = commands("<!-- daily use: ");
    let count = commands
        .lines()
        .filter(|line| line.contains("tcloud "))
        .count();
    assert!(count >= 10, "{commands}");
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_tcloud"));
    let path = std::env::var("PATH").unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-euxo", "pipefail", "-c", &commands]).env(
        "PATH",
        format!("{}:{path}", binary.parent().unwrap().display()),
    );
    let configured = cloud.command(&[]);
    shell.current_dir(configured.get_current_dir().unwrap());
    for (name, value) in configured.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let done = shell.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&done.stdout), text(&done.stderr));
    assert!(done.status.success(), "{out}{err}");
    assert!(out.contains("clean.png"), "{out}");
}

/// The operation by which "Add an API" shows what comes of a table has no handler in the local cloud,
/// and its table is the one that is printed.
#[test]
fn the_added_operation_is_called_and_not_implemented() {
    let readme = include_str!("../../../../../README.md");
    let (_, part) = readme.split_once("\n## Add an API\n").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    let (_, printed) = part.split_once("```yaml\n# ").unwrap();
    let (printed, _) = printed.split_once("```").unwrap();
    let (path, table) = printed.split_once('\n').unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    assert_eq!(table, std::fs::read_to_string(root.join(path)).unwrap());
    let call = part
        .lines()
        .find_map(|line| line.strip_prefix("tcloud cos "))
        .unwrap();
    let cloud = Cloud::start();
    let call = call.replace("http://127.0.0.1:9000", cloud.address());
    let words: Vec<&str> = ["cos"].into_iter().chain(call.split_whitespace()).collect();
    let failed = cloud.run(&words);
    assert_ne!(failed.code, 0, "{}", failed.out);
    assert!(failed.err.contains("NotImplemented"), "{}", failed.err);
}
