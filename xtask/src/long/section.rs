//! What there is to count.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::command::cargo;
use crate::crash::{self, Blobs, Kills, Mode};
use crate::files;
use crate::print::say;

/// Cases of each target of fuzzing.
const FUZZ_CASES: &str = "1000000";

/// Services of the official metadata, by their names in the packages of the SDK.
const MOCKS: &str = "cam cbs cdb cdn ckafka clb cloudaudit cls cvm cwp dc dnspod ecm es kms lighthouse \
                     mariadb mongodb monitor postgres redis scf sms ssl ssm tag tat tke tmt vpc";

/// One count.
pub(crate) struct Section {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    work: Work,
}

enum Work {
    /// The local cloud killed or loaded: all lines that it ends with are figures.
    Crash(Mode),
    /// Tests: the figures are the lines that they print as such, or else how many passed.
    Tests {
        target: &'static [&'static str],
        filter: &'static str,
        /// The full counts, where tests take them from their environment.
        counts: &'static [(&'static str, &'static str)],
    },
    /// A target of fuzzing, by its name.
    Fuzz(&'static str),
    /// Every service of the official metadata.
    Conformance,
    /// The official SDK against these services, mocked.
    Mocks(&'static str),
}

pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "kills-jobs",
        about: "kill -9 while jobs are submitted",
        work: Work::Crash(Mode::Jobs(Kills {
            kills: 70,
            seed: None,
        })),
    },
    Section {
        name: "kills-uploads",
        about: "kill -9 while objects are stored, replaced and deleted",
        work: Work::Crash(Mode::Uploads(Kills {
            kills: 20,
            seed: None,
        })),
    },
    Section {
        name: "kills-settings",
        about: "kill -9 while settings of buckets are changed",
        work: Work::Crash(Mode::Settings(Kills {
            kills: 50,
            seed: None,
        })),
    },
    Section {
        name: "kills-shared",
        about: "kill -9 of two processes on one database, which is away for a minute",
        work: shared(Blobs::Folder),
    },
    Section {
        name: "kills-shared-s3",
        about: "the same with content in a bucket, which is away for a minute as well",
        work: shared(Blobs::S3),
    },
    Section {
        name: "full-disk",
        about: "a disk that gets full while objects are stored",
        work: Work::Crash(Mode::Full),
    },
    Section {
        name: "load",
        about: "many uploads at the same time",
        work: Work::Crash(Mode::Load {
            puts: 10_000,
            connections: 64,
        }),
    },
    Section {
        name: "start",
        about: "how soon the local cloud is ready, and with how much memory",
        work: Work::Crash(Mode::Start),
    },
    Section {
        name: "steady",
        about: "memory of the local cloud over a million requests",
        work: Work::Crash(Mode::Steady {
            requests: 1_000_000,
        }),
    },
    Section {
        name: "kills-transfers",
        about: "transfers of 1 GiB, killed 30 times each",
        work: Work::Tests {
            target: &["--test", "transfers"],
            filter: "survives_kills",
            counts: &[
                ("TCLOUD_TRANSFER_MIB", "1024"),
                ("TCLOUD_TRANSFER_KILLS", "30"),
            ],
        },
    },
    Section {
        name: "memory-transfers",
        about: "memory of an upload of 1 GiB of unknown length",
        work: Work::Tests {
            target: &["--test", "transfers"],
            filter: "takes_little_memory",
            counts: &[("TCLOUD_TRANSFER_MIB", "1024")],
        },
    },
    Section {
        name: "addresses",
        about: "addresses that must not be reached (SSRF)",
        work: tests(&["--lib"], "forbidden_addresses"),
    },
    Section {
        name: "hostile",
        about: "malformed requests, smuggling and hostile documents over a socket",
        work: tests(&["--test", "hostile"], ""),
    },
    Section {
        name: "blind-watermarks",
        about: "blind watermarks read from 200 pictures after JPEG and scaling",
        work: Work::Tests {
            target: &["--test", "blind"],
            filter: "",
            counts: &[("TCLOUD_BLIND_PICTURES", "200")],
        },
    },
    fuzz("fuzz-xml", "mutated XML documents", "xml"),
    fuzz("fuzz-json", "mutated JSON documents", "json"),
    fuzz("fuzz-signatures", "mutated signatures", "signatures"),
    fuzz("fuzz-spec", "mutated tables", "spec_files"),
    fuzz("fuzz-decoders", "mutated pictures, decoded", "decoders"),
    fuzz(
        "fuzz-inspection",
        "mutated pictures, inspected",
        "inspection",
    ),
    fuzz("fuzz-grammar", "mutated picture processing", "grammar"),
    fuzz(
        "fuzz-pipelines",
        "mutated picture processing, of mutated pictures",
        "pipelines",
    ),
    fuzz("fuzz-networks", "mutated files of networks", "networks"),
    fuzz("fuzz-codes", "mutated pictures of codes", "codes"),
    Section {
        name: "conformance",
        about: "every example of every API 3.0 service through the codec",
        work: Work::Conformance,
    },
    Section {
        name: "mocks",
        about: "the official SDK against thirty services that the local cloud mocks",
        work: Work::Mocks(MOCKS),
    },
];

const fn shared(blobs: Blobs) -> Work {
    Work::Crash(Mode::Shared {
        kills: Kills {
            kills: 50,
            seed: None,
        },
        blobs,
        outage: 60,
        lease: 120,
    })
}

const fn tests(target: &'static [&'static str], filter: &'static str) -> Work {
    Work::Tests {
        target,
        filter,
        counts: &[],
    }
}

const fn fuzz(name: &'static str, about: &'static str, target: &'static str) -> Section {
    Section {
        name,
        about,
        work: Work::Fuzz(target),
    }
}

/// The section of that name.
pub(super) fn named(name: &str) -> Result<&'static Section, String> {
    let found = SECTIONS.iter().find(|section| section.name == name);
    found.ok_or_else(|| {
        let names: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
        format!("there is no such section; there are {}", names.join(", "))
    })
}

impl Section {
    /// Does it, and returns the figure.
    pub(super) fn run(&self) -> Result<String, Box<dyn Error>> {
        match &self.work {
            Work::Crash(mode) => Ok(of_crash(&output(&mut crash::command(mode)?)?)),
            Work::Tests {
                target,
                filter,
                counts,
            } => {
                let mut command = cargo();
                command
                    .args(["test", "--quiet", "--workspace"])
                    .args(*target);
                command.args(["--", "--nocapture", filter]);
                command.envs(counts.iter().copied());
                of_tests(&output(&mut command)?).map_err(Into::into)
            }
            Work::Fuzz(target) => {
                let mut command = cargo();
                command.args(["test", "--quiet", "--workspace", "--test", "fuzz"]);
                command.args(["--", "--nocapture", "--exact", target]);
                command.env("TCLOUD_FUZZ_CASES", FUZZ_CASES);
                of_tests(&output(&mut command)?).map_err(Into::into)
            }
            Work::Mocks(services) => {
                let mut command = Command::new("tests/clients/run.sh");
                command.arg("mocks").env("CLIENTS_MOCKS", services);
                let lines = output(&mut command)?;
                Ok(lines.last().cloned().unwrap_or_default())
            }
            Work::Conformance => {
                let mut command = Command::new(std::env::current_exe()?);
                Ok(of_conformance(&output(
                    command.args(["conformance", "tc3"]),
                )?))
            }
        }
    }
}

/// Runs a command that must end well, shows what it prints, and gives it back.
fn output(command: &mut Command) -> Result<Vec<String>, Box<dyn Error>> {
    command
        .current_dir(files::workspace())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut lines = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            say!("{line}");
            lines.push(line);
        }
    }
    let status = child.wait()?;
    if status.success() {
        Ok(lines)
    } else {
        Err(format!("{}: {status}", command.get_program().display()).into())
    }
}

/// All lines but the seed and the time, which is measured here.
fn of_crash(lines: &[String]) -> String {
    let figures = lines
        .iter()
        .filter(|line| !line.starts_with("seed ") && !line.ends_with(" s in all"));
    figures.map(String::as_str).collect::<Vec<_>>().join("; ")
}

/// What tests print as figures, or else how many have passed.
fn of_tests(lines: &[String]) -> Result<String, String> {
    let figures: Vec<_> = lines
        .iter()
        .filter_map(|line| Some(line.split_once("figure: ")?.1))
        .collect();
    if !figures.is_empty() {
        return Ok(figures.join("; "));
    }
    let passed: u32 = lines
        .iter()
        .filter_map(|line| line.strip_prefix("test result: ok. ")?.split(' ').next())
        .filter_map(|number| number.parse::<u32>().ok())
        .sum();
    if passed == 0 {
        return Err("no test has run".to_owned());
    }
    Ok(format!("{passed} tests passed"))
}

/// What the summary counts, without the kinds of departures.
fn of_conformance(lines: &[String]) -> String {
    let counts = lines
        .iter()
        .filter(|line| line.contains(" services: ") || line.ends_with(" failures"));
    counts.map(String::as_str).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{SECTIONS, Work, named, of_conformance, of_crash, of_tests};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn sections_have_names_of_their_own() {
        let names: BTreeSet<_> = SECTIONS.iter().map(|section| section.name).collect();
        assert_eq!(names.len(), SECTIONS.len());
        assert_eq!(named("load").map(|section| section.name), Ok("load"));
        let unknown = named("lod").map(|section| section.name).unwrap_err();
        assert!(unknown.contains("kills-jobs, kills-uploads"), "{unknown}");
    }

    #[test]
    fn every_fuzz_target_is_a_section() {
        let folder = crate::files::workspace().join("tests/fuzz/fuzz_targets");
        let mut targets: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        targets.sort();
        let targets: Vec<_> = targets
            .iter()
            .map(|path| path.file_stem().unwrap().to_str().unwrap())
            .collect();
        let mut counted: Vec<_> = SECTIONS
            .iter()
            .filter_map(|section| match section.work {
                Work::Fuzz(target) => Some(target),
                _ => None,
            })
            .collect();
        counted.sort_unstable();
        assert_eq!(counted, targets);
    }

    #[test]
    fn figures_are_what_is_worth_quoting() {
        let crash = lines("seed 7\n70 kills\n900 jobs accepted\n81 s in all");
        assert_eq!(of_crash(&crash), "70 kills; 900 jobs accepted");
        let whole = lines("mps (0.1 s)\n\n3 services: 9 examples\n  a: 1\n\n0 failures\n\n2.0 s");
        assert_eq!(of_conformance(&whole), "3 services: 9 examples; 0 failures");
    }

    #[test]
    fn tests_that_did_not_run_are_no_figure() {
        let quiet = lines("running 2 tests\n..\ntest result: ok. 2 passed; 0 failed; 0 ignored");
        assert_eq!(of_tests(&quiet).unwrap(), "2 tests passed");
        let told = lines("figure: 43 addresses\ntest result: ok. 1 passed; 0 failed");
        assert_eq!(of_tests(&told).unwrap(), "43 addresses");
        let none = lines("running 0 tests\ntest result: ok. 0 passed; 0 failed");
        assert_eq!(of_tests(&none).unwrap_err(), "no test has run");
    }
}
