//! Blocks of a page in a shell.

#![expect(clippy::panic, reason = "a test ends where it cannot go on")]

use std::env;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use tcloud_guide::markdown::Block;

use crate::storage::cloud::Cloud;

/// Where pages say that the local cloud is.
const ADDRESS: &str = "http://127.0.0.1:9000";

/// Ends what a command has written; its exit code follows.
const END: &str = "\u{1}ended by ";

/// A command and what is printed of it.
struct Step {
    line: usize,
    command: String,
    /// What it writes, if that is printed.
    output: Option<String>,
    fails: bool,
}

/// Runs the blocks of the page `name` that are for a shell, with a cloud that has `bucket`; how many
/// commands that are, and what is not as it is printed.
pub(super) fn run(name: &str, blocks: &[Block], bucket: Option<&str>) -> (usize, Vec<String>) {
    let mut steps = steps(name, blocks);
    steps.retain(|it| can_run(&it.command));
    let mut wrong = Vec::new();
    if steps.is_empty() {
        return (0, wrong);
    }
    let cloud = Cloud::start();
    if let Some(bucket) = bucket {
        cloud.done(&["mb", &format!("cos://{bucket}")]);
    }
    let mut script = "exec 2>&1 </dev/null\n".to_owned();
    for step in &steps {
        let command = step.command.replace(ADDRESS, cloud.address());
        // In this shell, so that the next one finds what it sets.
        writeln!(
            script,
            "eval {}\nprintf '\\n{END}%s\\n' $?",
            quoted(&command)
        )
        .unwrap();
    }
    let mut shell = in_cloud(&cloud);
    let done = shell
        .args(["-uo", "pipefail", "-c", &script])
        .output()
        .unwrap();
    let written = String::from_utf8(done.stdout).unwrap();
    let mut rest = written.replace(cloud.address(), ADDRESS);
    for step in &steps {
        let place = format!("{name}:{}: {}", step.line, step.command);
        let Some((output, after)) = rest.split_once(END) else {
            panic!("{place}\nends the shell:\n{rest}");
        };
        let (code, after) = after.split_once('\n').unwrap();
        let output = output.trim_end();
        if (code != "0") != step.fails {
            wrong.push(format!("{place}\nends with {code}:\n{output}"));
        }
        if let Some(expected) = &step.output
            && !is_like(expected.trim_end(), output)
        {
            wrong.push(format!(
                "{place}\nwrites:\n{output}\nand should write:\n{expected}"
            ));
        }
        rest = after.to_owned();
    }
    (steps.len(), wrong)
}

/// A shell in the folder of `cloud` that finds the built command, and the cloud by it.
fn in_cloud(cloud: &Cloud) -> Command {
    let mut shell = Command::new("bash");
    let binary = Path::new(env!("CARGO_BIN_EXE_tcloud"));
    let path = env::var("PATH").unwrap();
    let path = format!("{}:{path}", binary.parent().unwrap().display());
    let configured = cloud.command(&[]);
    let folder = configured.get_current_dir().unwrap();
    for (name, value) in configured.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
        .current_dir(folder)
        .env("HOME", folder)
        .env("PATH", path);
    shell
}

fn steps(name: &str, blocks: &[Block]) -> Vec<Step> {
    let mut steps = Vec::new();
    for block in blocks {
        match block.language() {
            "sh" if block.is("checked") => check(name, block),
            "sh" => steps.push(Step {
                line: block.line,
                // Each of its commands has to succeed.
                command: format!("( set -e; {} )", block.text),
                output: None,
                fails: false,
            }),
            "console" => steps.extend(told(block)),
            _ => {}
        }
    }
    steps
}

/// The commands of a block with what they write.
fn told(block: &Block) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, line) in block.text.lines().enumerate() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step {
                line: block.line + number + 1,
                command: command.to_owned(),
                output: Some(String::new()),
                fails: block.is("fails"),
            }),
            (None, Some(step)) => {
                let output = step.output.get_or_insert_default();
                output.push_str(line);
                output.push('\n');
            }
            (None, None) => panic!("line {}: begin with `$ `", block.line),
        }
    }
    steps
}

/// Whether a command finds its program. One that does not is left out, but not where `CI` is `true`.
fn can_run(command: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there = || env::split_paths(&path).any(|folder| folder.join("curl").is_file());
    let is_ci = || env::var_os("CI").is_some_and(|value| value == "true");
    if !command.starts_with("curl ") || is_there() || is_ci() {
        return true;
    }
    println!("skipped: {command} needs curl (package curl)");
    false
}

/// Bash reads it, and our command takes its arguments.
fn check(name: &str, block: &Block) {
    let place = format!("{name}:{}", block.line);
    let bash = Command::new("bash")
        .args(["-n", "-c", &block.text])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&bash.stderr);
    assert!(bash.status.success(), "{place}: {said}");
    for line in block.text.replace("\\\n", " ").lines() {
        let line = line.split(" #").next().unwrap_or_default();
        let Some(arguments) = line.strip_prefix("tcloud ") else {
            continue;
        };
        let ours = arguments.split(" -- ").next().unwrap_or_default();
        let ours = ours.trim_end_matches('&');
        // It looks at what stands before that, and does nothing.
        let command = format!("{} {ours} --help", env!("CARGO_BIN_EXE_tcloud"));
        let help = Command::new("bash")
            .args(["-c", &command])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&help.stderr);
        assert!(help.status.success(), "{place}: {line}: {said}");
    }
}

/// Whether `text` is `pattern`, in which `…` stands for any text.
fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in between {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[test]
fn what_is_written_is_compared() {
    assert!(is_like("a\nb", "a\nb"));
    assert!(!is_like("a", "ab") && !is_like("ab", "a"));
    assert!(is_like("a … d", "a b c d") && is_like("…\nb", "x\ny\nb") && is_like("…", ""));
    assert!(!is_like("… x …", "a b c") && !is_like("a…", "b"));
}
