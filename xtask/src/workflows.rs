//! What `.github/workflows` starts is there: nobody sees a mistake in it before a tag is pushed.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests are not recognised as tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Parser;
use serde_json::Value;

use crate::arguments::Arguments;
use crate::command::{cargo, output};
use crate::files;

/// Programs that the machines of the workflows have, or that a step before installs.
const PROGRAMS: [&str; 15] = [
    "awk",
    "buildah",
    "cargo",
    "cd",
    "gh",
    "jq",
    "mdbook",
    "mv",
    "rustup",
    "sha256sum",
    "sudo",
    "test",
    "xargs",
    "apt-get",
    "bash",
];

/// What cargo does besides what its aliases say.
const SUBCOMMANDS: [&str; 6] = ["doc", "install", "metadata", "publish", "test", "xtask"];

fn workflows() -> Vec<(String, Value)> {
    let folder = files::workspace().join(".github/workflows");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let workflow =
            serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        found.push((name, workflow));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// The steps of all jobs, with where each is.
fn steps() -> Vec<(String, Value)> {
    let mut steps = Vec::new();
    for (file, workflow) in workflows() {
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            let of_job = job["steps"].as_array().unwrap();
            steps.extend(
                of_job
                    .iter()
                    .map(|step| (format!("{file}: {name}"), step.clone())),
            );
        }
    }
    steps
}

/// The scripts of all steps, with a word in place of what GitHub fills in.
fn scripts() -> Vec<(String, String)> {
    let mut scripts = Vec::new();
    for (place, step) in steps() {
        let Some(script) = step["run"].as_str() else {
            continue;
        };
        let mut parts = script.split("${{");
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            text = text + "FILLED-IN" + part.split_once("}}").unwrap().1;
        }
        scripts.push((place, text));
    }
    assert!(scripts.len() > 10);
    scripts
}

/// The simple commands of a script, as words. Quotes are kept together; what a `$(…)` inside them
/// starts is not looked at.
pub(crate) fn commands(script: &str) -> Vec<Vec<String>> {
    let mut commands = vec![vec![String::new()]];
    let mut quote = None;
    for each in script.replace("\\\n", " ").chars() {
        let words = commands.last_mut().unwrap();
        match (quote, each) {
            (None, '\'' | '"') => quote = Some(each),
            (Some(begun), _) if begun == each => quote = None,
            (None, '\n' | '|' | '&' | ';') => commands.push(vec![String::new()]),
            (None, each) if each.is_whitespace() => words.push(String::new()),
            (_, each) => words.last_mut().unwrap().push(each),
        }
    }
    for words in &mut commands {
        words.retain(|word| !word.is_empty());
    }
    commands.retain(|words| !words.is_empty());
    commands
}

/// Only what is itself started: behind `sudo` and `xargs`, too.
fn started(words: &[String]) -> Vec<&[String]> {
    let mut started = vec![words];
    if words[0] == "sudo" {
        started.push(&words[1..]);
    }
    if words[0] == "xargs" {
        started.push(&words[3..]);
    }
    started
}

#[test]
fn scripts_are_cut_into_commands() {
    let script = "cd a && test \"v$(b | c)\" = 'd; e'\nf --g \\\n  h | xargs -n 1 i j";
    let cut = commands(script);
    let cut: Vec<Vec<&str>> = cut
        .iter()
        .map(|words| words.iter().map(String::as_str).collect())
        .collect();
    let expected: [&[&str]; 4] = [
        &["cd", "a"],
        &["test", "v$(b | c)", "=", "d; e"],
        &["f", "--g", "h"],
        &["xargs", "-n", "1", "i", "j"],
    ];
    assert_eq!(cut, expected);
}

#[test]
fn every_workflow_has_jobs_on_machines() {
    let all = workflows();
    let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["docs.yml", "image.yml", "release.yml", "test.yml"]);
    for (file, workflow) in &all {
        assert!(workflow["on"].is_object(), "{file}: when?");
        assert!(
            workflow["permissions"].is_object(),
            "{file}: with all permissions?"
        );
        let jobs = workflow["jobs"].as_object().unwrap();
        for (name, job) in jobs {
            assert!(job["runs-on"].is_string(), "{file}: {name}: where?");
            let needs = match &job["needs"] {
                Value::Array(needs) => needs.iter().filter_map(Value::as_str).collect(),
                needs => needs.as_str().into_iter().collect::<Vec<_>>(),
            };
            for needed in needs {
                assert!(jobs.contains_key(needed), "{file}: {name} needs {needed}");
            }
        }
    }
}

#[test]
fn steps_start_something_or_use_a_version_of_an_action() {
    for (place, step) in steps() {
        match (step["run"].as_str(), step["uses"].as_str()) {
            (Some(_), None) => {}
            (None, Some(action)) => {
                let (_, version) = action.split_once("@v").unwrap_or_default();
                assert!(version.parse::<u32>().is_ok(), "{place}: {action}");
            }
            _ => panic!("{place}: {step}"),
        }
    }
}

#[test]
fn bash_reads_the_scripts() {
    if Command::new("bash")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        eprintln!("bash is not here: the scripts are not read");
        return;
    }
    for (place, script) in scripts() {
        let output = Command::new("bash")
            .args(["-n", "-c", &script])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{place}: {told}");
    }
    let status = Command::new("bash")
        .arg("-n")
        .arg(files::workspace().join("image/build.sh"))
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn scripts_start_what_is_there() {
    let members = members();
    let mut of_ours = 0;
    for (place, script) in scripts() {
        for words in commands(&script) {
            for words in started(&words) {
                let program = words[0].as_str();
                if program.contains('/') {
                    let path = files::workspace().join(program);
                    assert!(path.is_file(), "{place}: {program}");
                } else {
                    assert!(PROGRAMS.contains(&program), "{place}: {program}");
                }
                if program == "cargo" {
                    of_ours += usize::from(cargo_takes(&place, words, &members));
                }
            }
        }
    }
    assert!(of_ours >= 3);
}

/// Fails unless a command of cargo names what there is; whether it is one of ours.
fn cargo_takes(place: &str, words: &[String], members: &BTreeSet<String>) -> bool {
    let subcommand = words[1].as_str();
    assert!(
        SUBCOMMANDS.contains(&subcommand),
        "{place}: cargo {subcommand}"
    );
    if subcommand == "xtask" {
        if let Err(error) = Arguments::try_parse_from(&words[1..]) {
            panic!("{place}: {error}");
        }
        return true;
    }
    for pair in words.windows(2).filter(|pair| pair[0] == "--package") {
        assert!(members.contains(&pair[1]), "{place}: {}", pair[1]);
    }
    false
}

/// The packages of the workspace.
fn members() -> BTreeSet<String> {
    let mut command = cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata = output(command.current_dir(files::workspace())).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| package["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_image_holds_what_its_script_lays_beside_it() {
    let folder: PathBuf = files::workspace().join("image");
    let recipe = fs::read_to_string(folder.join("Containerfile")).unwrap();
    let script = fs::read_to_string(folder.join("build.sh")).unwrap();
    let mut copied = 0;
    for line in recipe.lines().filter(|line| line.starts_with("COPY ")) {
        let sources = line
            .split(' ')
            .skip(1)
            .filter(|word| !word.starts_with("--"));
        let source = sources
            .clone()
            .next()
            .unwrap()
            .replace("${TARGETARCH}", "$processor");
        assert_eq!(sources.count(), 2, "{line}");
        assert!(script.contains(&source), "{source} is not laid there");
        copied += 1;
    }
    assert_eq!(copied, 3);
    assert!(recipe.contains("\nFROM scratch\n"));
}
