//! The command as people download it: an archive with the program, manual pages, completions and
//! licences.

mod notices;

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use crate::command::{cargo, output, succeed};
use crate::files;
use crate::print::say;

/// Shells, and where each looks for completions of `tcloud`.
const SHELLS: [(&str, &str); 5] = [
    ("bash", "tcloud.bash"),
    ("elvish", "tcloud.elv"),
    ("fish", "tcloud.fish"),
    ("powershell", "tcloud.ps1"),
    ("zsh", "_tcloud"),
];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What the program runs on; this machine unless given. It must be able to run the program,
    /// which writes its own manual.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Packs this program instead of building one.
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// Folder for the archive; `target/dist` unless given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Builds the command unless it is given, and packs it.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let target = match &arguments.target {
        Some(target) => target.clone(),
        None => host()?,
    };
    let binary = match &arguments.binary {
        Some(path) => path.clone(),
        None => build(arguments.target.as_deref(), &[])?,
    };
    let name = format!("tcloud-{}-{target}", env!("CARGO_PKG_VERSION"));
    let out = match &arguments.out {
        Some(folder) => folder.clone(),
        None => files::target().join("dist"),
    };
    let staged = out.join(&name);
    if staged.exists() {
        fs::remove_dir_all(&staged)?;
    }
    stage(&staged, &binary, &target)?;
    let archive = out.join(format!("{name}.tar.gz"));
    // Every system that the command runs on has it, Windows since 2018.
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(&archive).arg("-C").arg(&out).arg(&name);
    succeed(&mut tar)?;
    let sum = checksum(&fs::read(&archive)?);
    fs::write(
        out.join(format!("{name}.tar.gz.sha256")),
        format!("{sum}  {name}.tar.gz\n"),
    )?;
    say!("{}", archive.display());
    Ok(())
}

/// Builds the command in the profile that is given to people; where it is then.
pub(crate) fn build(target: Option<&str>, flags: &[&str]) -> Result<PathBuf, Box<dyn Error>> {
    let mut command = cargo();
    command.args([
        "build",
        "--locked",
        "--profile",
        "dist",
        "--package",
        "tcloud-cli",
    ]);
    command.args(flags);
    let mut folder = files::target();
    if let Some(target) = target {
        command.args(["--target", target]);
        folder.push(target);
    }
    succeed(command.current_dir(files::workspace()))?;
    Ok(folder.join("dist").join(program()))
}

fn program() -> String {
    format!("tcloud{}", std::env::consts::EXE_SUFFIX)
}

/// The name of this machine's target.
fn host() -> Result<String, Box<dyn Error>> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let text = String::from_utf8(output(Command::new(rustc).arg("-vV"))?)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host
        .ok_or("rustc does not say what this machine is")?
        .to_owned())
}

/// Puts everything that is packed into `folder`.
fn stage(folder: &Path, binary: &Path, target: &str) -> Result<(), Box<dyn Error>> {
    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    let own = folder.join(program());
    fs::copy(binary, &own).map_err(|cause| format!("cannot pack {}: {cause}", binary.display()))?;
    for file in ["README.md", "CHANGELOG.md", "LICENSE"] {
        fs::copy(files::workspace().join(file), folder.join(file))?;
    }
    fs::write(
        folder.join("THIRD-PARTY.txt"),
        notices::of("tcloud-cli", target)?,
    )?;
    let manual = folder.join("man/man1");
    succeed(
        Command::new(&own)
            .arg("manual")
            .arg(&manual)
            .stdout(Stdio::null()),
    )?;
    for (shell, file) in SHELLS {
        let text = output(Command::new(&own).args(["completions", shell]))?;
        fs::write(completions.join(file), text)?;
    }
    Ok(())
}

/// SHA-256 in hexadecimal digits.
fn checksum(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_the_one_that_others_compute() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(checksum(b""), empty);
    }

    #[test]
    fn this_machine_has_a_target() {
        let host = host().unwrap();
        assert!(host.contains(std::env::consts::ARCH), "{host}");
    }
}
