//! `tcloud demo-image`: pictures to try an inspection on.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use tcloud_inspect::demo;

use crate::console;
use crate::error::{Error, Outcome};

/// Write a clean picture and one that hides an MPEG transport stream
///
/// The files are called clean.png and hidden.png. Each call writes the same bytes.
#[derive(Debug, Args)]
pub(crate) struct DemoImageArgs {
    /// Folder to write to, made if needed
    #[arg(value_name = "FOLDER", default_value = ".", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &DemoImageArgs) -> Result<Outcome, Error> {
    fs::create_dir_all(&args.folder).map_err(|error| unwritable(&args.folder, &error))?;
    let files = pictures(&args.folder);
    if let Some(existing) = files
        .iter()
        .map(|(path, _)| path)
        .find(|path| path.exists())
        && !args.force
    {
        return Err(Error::Failed(format!(
            "demo-image: {} exists; name another folder, or overwrite it by --force",
            existing.display()
        )));
    }
    for (path, bytes) in &files {
        fs::write(path, bytes).map_err(|error| unwritable(path, &error))?;
        console::print(&format!("{} ({} bytes)", path.display(), bytes.len()))?;
    }
    Ok(Outcome::Done)
}

/// Writes the pictures into `folder`, which holds nothing else, and returns their paths.
pub(crate) fn write(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    pictures(folder)
        .into_iter()
        .map(|(path, bytes)| {
            fs::write(&path, bytes).map_err(|error| unwritable(&path, &error))?;
            Ok(path)
        })
        .collect()
}

fn pictures(folder: &Path) -> [(PathBuf, Vec<u8>); 2] {
    [
        (folder.join("clean.png"), demo::clean_png()),
        (folder.join("hidden.png"), demo::png_with_mpeg_ts()),
    ]
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::Failed(format!(
        "demo-image: cannot write {}: {error}; name a folder you may write to",
        path.display()
    ))
}
