//! Codecs that are programs of the machine: HEIF, and AVIF that is read.
//!
//! A program is looked for when it is needed. It works in a folder of its own, without the
//! environment of this process, and within limits that the system enforces: address space, processor
//! time, and the size of each file. It is killed when its time is over or nobody waits any more.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tcloud_imaging::{Allowance, CodecWork, Error, ExternalCodec, Format, Quality, Result};

/// The longest that a program may work.
const LONGEST: Duration = Duration::from_mins(2);
/// Address space that is set aside but never used: stacks and heaps of threads, libraries.
const UNUSED_SPACE: u64 = 1 << 30;
/// The most of a program's own words that is shown.
const MESSAGE: u64 = 300;
/// Sets the limits in kibibytes, seconds and blocks of 512 bytes, and becomes the program.
const LIMITED: &str =
    r#"ulimit -c 0 && ulimit -v "$1" && ulimit -t "$2" && ulimit -f "$3" && shift 3 && exec "$@""#;

/// The programs in some folders.
#[derive(Debug)]
pub(super) struct Programs {
    /// As in `PATH`.
    folders: OsString,
    longest: Duration,
    /// Address space beyond the memory that is used.
    unused_space: u64,
}

/// A program and what it is given.
struct Call {
    program: PathBuf,
    arguments: Vec<OsString>,
}

impl Programs {
    /// Those that a shell would find.
    pub(super) fn of_path() -> Self {
        Self {
            folders: env::var_os("PATH").unwrap_or_default(),
            longest: LONGEST,
            unused_space: UNUSED_SPACE,
        }
    }

    /// The program for `work` on `format`.
    fn find(&self, work: CodecWork, format: Format) -> Result<PathBuf> {
        let names: &[&str] = match (work, format) {
            (CodecWork::Reading, Format::Avif) => &["avifdec"],
            // Newer versions of libheif call it so.
            (CodecWork::Reading, Format::Heif) => &["heif-dec", "heif-convert"],
            (CodecWork::Writing, Format::Heif) => &["heif-enc"],
            _ => &[],
        };
        let folders: Vec<PathBuf> = env::split_paths(&self.folders).collect();
        let places = names
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        let mut places = places.filter(|place| place.is_absolute() && place.is_file());
        places.next().ok_or(Error::missing_codec(work, format))
    }

    /// Has `call` make the file `made` of the file `given`, both in a folder that is there for it.
    fn run(
        &self,
        (work, format): (CodecWork, Format),
        call: &Call,
        (given, content): (&str, &[u8]),
        made: &str,
        allowance: &Allowance<'_>,
    ) -> Result<Vec<u8>> {
        let broken = |error: io::Error| Error::Codec {
            work,
            format,
            detail: format!("{}: {error}", name(&call.program)),
        };
        let folder = tempfile::Builder::new().prefix("tcloud-").tempdir();
        let folder = folder.map_err(broken)?;
        fs::write(folder.path().join(given), content).map_err(broken)?;
        let messages = folder.path().join("messages");
        let file = File::create(&messages).map_err(broken)?;
        let child = self.start(call, folder.path(), file, allowance);
        let status = self.wait(child.map_err(broken)?, allowance);
        let status = status.map_err(broken)?;
        let Some(status) = status else {
            return Err(if (allowance.is_cancelled)() {
                Error::Cancelled
            } else {
                broken(io::Error::other(format!(
                    "it was stopped after {} seconds",
                    self.longest.as_secs()
                )))
            });
        };
        let made = folder.path().join(made);
        let length = fs::metadata(&made).map_or(0, |made| made.len());
        if length > allowance.file {
            return Err(match work {
                CodecWork::Reading => {
                    failed((work, format), &call.program, "its result is too large")
                }
                CodecWork::Writing => too_large(allowance),
            });
        }
        if !status.success() || length == 0 {
            // The system ends a program that writes more.
            if work == CodecWork::Writing && length >= allowance.file {
                return Err(too_large(allowance));
            }
            let detail = explained(status, &messages);
            return Err(failed((work, format), &call.program, &detail));
        }
        fs::read(&made).map_err(broken)
    }

    fn start(
        &self,
        call: &Call,
        folder: &Path,
        messages: File,
        allowance: &Allowance<'_>,
    ) -> io::Result<Child> {
        let space = allowance.memory.saturating_add(self.unused_space) / 1024;
        let blocks = allowance.file.div_ceil(512);
        Command::new("/bin/sh")
            .args(["-c", LIMITED, "sh"])
            .args([space, self.longest.as_secs().max(1), blocks].map(|limit| limit.to_string()))
            .arg(&call.program)
            .args(&call.arguments)
            .current_dir(folder)
            .env_clear()
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(messages)
            .spawn()
    }

    /// How it ended: nothing if it had to be stopped.
    fn wait(&self, mut child: Child, allowance: &Allowance<'_>) -> io::Result<Option<ExitStatus>> {
        let began = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if (allowance.is_cancelled)() || began.elapsed() >= self.longest {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            thread::sleep(pause);
            pause = (2 * pause).min(Duration::from_millis(20));
        }
    }
}

impl ExternalCodec for Programs {
    fn check(&self, work: CodecWork, format: Format) -> Result<()> {
        self.find(work, format).map(drop)
    }

    fn decode(&self, format: Format, file: &[u8], allowance: &Allowance<'_>) -> Result<Vec<u8>> {
        let work = CodecWork::Reading;
        let (given, made) = (format!("in.{}", format.extension()), "out.png");
        let options: &[&str] = match format {
            // What is read at once need not be small.
            Format::Avif => &["--png-compress", "1"],
            _ => &[],
        };
        let call = Call {
            program: self.find(work, format)?,
            arguments: arguments(options, &[&given, made]),
        };
        self.run((work, format), &call, (&given, file), made, allowance)
    }

    fn encode(
        &self,
        format: Format,
        png: &[u8],
        quality: Quality,
        allowance: &Allowance<'_>,
    ) -> Result<Vec<u8>> {
        let work = CodecWork::Writing;
        let (given, made) = ("in.png", format!("out.{}", format.extension()));
        let quality = quality.to_string();
        let call = Call {
            program: self.find(work, format)?,
            // libheif's own preset is `slow`.
            arguments: arguments(
                &["-q", &quality, "-p", "preset=fast", "-o"],
                &[&made, given],
            ),
        };
        self.run((work, format), &call, (given, png), &made, allowance)
    }
}

fn arguments(options: &[&str], files: &[&str]) -> Vec<OsString> {
    options.iter().chain(files).map(OsString::from).collect()
}

fn name(program: &Path) -> String {
    let name = program.file_name().unwrap_or(OsStr::new("the program"));
    name.to_string_lossy().into_owned()
}

/// That `program` did not do its work on the picture.
fn failed((work, format): (CodecWork, Format), program: &Path, detail: &str) -> Error {
    let detail = format!("{} {detail}", name(program));
    match work {
        CodecWork::Reading => Error::Corrupt { format, detail },
        CodecWork::Writing => Error::Codec {
            work,
            format,
            detail,
        },
    }
}

const fn too_large(allowance: &Allowance<'_>) -> Error {
    Error::OutputTooLarge {
        bytes: None,
        limit: allowance.file,
    }
}

/// How a program ended, and the start of what it wrote to `messages`.
fn explained(status: ExitStatus, messages: &Path) -> String {
    let mut words = Vec::new();
    let file = File::open(messages);
    let _ = file.and_then(|file| file.take(MESSAGE).read_to_end(&mut words));
    let words = String::from_utf8_lossy(&words);
    let words: Vec<&str> = words.split_whitespace().collect();
    if words.is_empty() {
        return format!("ended with {status}");
    }
    format!("ended with {status}: {}", words.join(" "))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    /// A folder with a program `heif-enc` and one `avifdec` that are this script.
    fn scripted(script: &str) -> (TempDir, Programs) {
        let folder = tempfile::tempdir().unwrap();
        for name in ["heif-enc", "avifdec"] {
            let place = folder.path().join(name);
            fs::write(&place, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let programs = Programs {
            folders: folder.path().into(),
            longest: LONGEST,
            unused_space: 64 << 20,
        };
        (folder, programs)
    }

    const MOST: u64 = 4096;

    /// What becomes of writing HEIF with at most `MOST` bytes.
    fn encoded(programs: &Programs, is_cancelled: &dyn Fn() -> bool) -> Result<Vec<u8>> {
        let allowance = Allowance::new(1 << 20, MOST, is_cancelled);
        programs.encode(Format::Heif, b"a picture", Quality::default(), &allowance)
    }

    fn message(result: Result<Vec<u8>>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_file_goes_in_and_a_file_comes_out() {
        // -q 85 -p preset=fast -o out.heic in.png
        let (_folder, programs) = scripted(r#"cat "$7" > "$6"; echo "$2 $4 $HOME" >> "$6""#);
        let file = encoded(&programs, &|| false).unwrap();
        assert_eq!(file, b"a picture85 preset=fast \n");
    }

    #[test]
    fn a_program_that_is_not_there_is_named_with_its_package() {
        let (_folder, mut programs) = scripted("");
        programs.folders = OsString::new();
        let message = message(encoded(&programs, &|| false));
        let expected = "writing HEIF needs the program heif-enc of Debian's libheif-examples";
        assert!(message.starts_with(expected), "{message}");
        let missing = programs
            .check(CodecWork::Reading, Format::Avif)
            .unwrap_err();
        assert!(missing.to_string().contains("libavif-bin"), "{missing}");
    }

    #[test]
    fn a_program_that_fails_says_why() {
        let (_folder, programs) = scripted("echo no such luck >&2; exit 3");
        let message = message(encoded(&programs, &|| false));
        assert!(
            message.contains("heif-enc") && message.contains("3: no such luck"),
            "{message}"
        );
        let allowance = Allowance::new(1 << 20, MOST, &|| false);
        let refused = programs.decode(Format::Avif, b"a file", &allowance);
        assert!(matches!(refused, Err(Error::Corrupt { .. })), "{refused:?}");
        let (_folder, silent) = scripted("exit 0");
        assert!(encoded(&silent, &|| false).is_err(), "there is no file");
    }

    #[test]
    fn a_program_that_writes_too_much_is_stopped() {
        let (_folder, programs) = scripted(r#"exec cat /dev/zero > "$6""#);
        let refused = encoded(&programs, &|| false);
        assert!(
            matches!(refused, Err(Error::OutputTooLarge { limit: MOST, .. })),
            "{refused:?}"
        );
    }

    #[test]
    fn a_program_that_takes_too_much_memory_is_stopped() {
        // What tail keeps of a file without lines is all of it.
        let (_folder, programs) = scripted("exec tail /dev/zero");
        let message = message(encoded(&programs, &|| false));
        assert!(message.contains("memory exhausted"), "{message}");
    }

    #[test]
    fn a_program_that_takes_too_long_is_stopped() {
        let (_folder, mut programs) = scripted("exec sleep 3600");
        programs.longest = Duration::from_millis(1);
        let message = message(encoded(&programs, &|| false));
        assert!(message.contains("stopped after 0 seconds"), "{message}");
    }

    #[test]
    fn a_program_that_nobody_waits_for_is_stopped() {
        let (_folder, programs) = scripted("exec sleep 3600");
        assert_eq!(encoded(&programs, &|| true), Err(Error::Cancelled));
    }
}
