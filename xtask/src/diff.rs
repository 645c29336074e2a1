//! What the tables change for users since a revision.

use std::error::Error;
use std::io::{self, Read};
use std::process::{Command, Output};

use clap::{Args, ValueEnum};
use tcloud_codegen::evolution::{Evolution, Level, compare};
use tcloud_codegen::load::{SourceFile, Spec, load};
use tcloud_codegen::lower::lower;
use tcloud_codegen::model::Service;

use crate::print::{self, say};
use crate::{files, lint};

/// Folder of the tables, as seen from the workspace.
const FOLDER: &str = "api-spec";

/// What is compared.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Revision to compare with; the last tag unless given, or HEAD if there is none.
    pub(crate) revision: Option<String>,
    /// Prints the section of the changelog.
    #[arg(long)]
    pub(crate) changelog: bool,
    /// Fails if anything of this level changed, or of a graver one.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) deny: Option<Deny>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Deny {
    /// Code that no longer builds, or builds and means something else.
    Breaking,
    /// Code that builds and does something else.
    Behaviour,
}

/// Compares the tables of a revision with those of the working tree.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let revision = match &arguments.revision {
        Some(revision) => revision.clone(),
        None => last_tag("HEAD")?.unwrap_or_else(|| "HEAD".to_owned()),
    };
    let evolution = since(&revision)?;
    if arguments.changelog {
        print::text(format_args!("{}", evolution.changelog()));
    } else if evolution.changes.is_empty() && evolution.documentation.is_empty() {
        say!("nothing changes for users since {revision}");
    } else {
        print::text(format_args!("{evolution}"));
    }
    denied(&evolution, arguments.deny, &revision)
}

/// What the tables of the working tree change since `revision`.
pub(crate) fn since(revision: &str) -> Result<Evolution, Box<dyn Error>> {
    let before = load(sources(revision)?).map_err(|found| {
        lint::show(&found);
        format!(
            "this generator cannot read the tables of {revision}: they are older than its format"
        )
    })?;
    let before = models(&before).map_err(|error| format!("at {revision}: {error}"))?;
    Ok(compare(&before, &models(&lint::spec()?)?))
}

fn denied(evolution: &Evolution, deny: Option<Deny>, revision: &str) -> Result<(), Box<dyn Error>> {
    let Some(deny) = deny else {
        return Ok(());
    };
    let (level, what) = match deny {
        Deny::Breaking => (Level::Breaking, "break code"),
        Deny::Behaviour => (Level::Behaviour, "break code or change what it does"),
    };
    let changes = evolution.changes.iter();
    match changes.filter(|change| change.level() <= level).count() {
        0 => Ok(()),
        count => Err(format!("{count} changes since {revision} {what}").into()),
    }
}

fn models(spec: &Spec) -> Result<Vec<Service>, tcloud_codegen::Error> {
    let services = spec.services.iter();
    services
        .map(|service| lower(&spec.sources, service))
        .collect()
}

/// The last tag that `revision` has, if there is one.
pub(crate) fn last_tag(revision: &str) -> Result<Option<String>, Box<dyn Error>> {
    let output = git(&["describe", "--tags", "--abbrev=0", revision])?;
    let tag = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok((output.status.success() && !tag.is_empty()).then_some(tag))
}

/// The tables of a revision.
fn sources(revision: &str) -> Result<Vec<SourceFile>, Box<dyn Error>> {
    let output = git(&["archive", "--format=tar", revision, FOLDER])?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(format!("git has no `{FOLDER}` of {revision}: {}", told.trim()).into());
    }
    let mut sources = Vec::new();
    for entry in tar::Archive::new(output.stdout.as_slice()).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        if path.extension().is_some_and(|it| it == "yaml") {
            let path = path.strip_prefix(FOLDER).unwrap_or(&path);
            let path = path.to_string_lossy().into_owned();
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            sources.push(SourceFile { path, text });
        }
    }
    Ok(sources)
}

fn git(arguments: &[&str]) -> Result<Output, Box<dyn Error>> {
    let mut command = Command::new("git");
    command.current_dir(files::workspace()).args(arguments);
    command.output().map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => "revisions are read by `git`, which is not installed".into(),
        _ => format!("cannot run `git`: {cause}").into(),
    })
}
