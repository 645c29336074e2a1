//! Where results go.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::args::ProcessArgs;
use crate::error::Error;
use crate::files::Source;
use crate::save;

/// Where the result of `file` goes: below the folder for results as the file is below the folder
/// that was named, with the extension of the format that is asked for.
pub(super) fn of(file: &Source, args: &ProcessArgs, format: Option<&str>) -> PathBuf {
    let mut path = args.output.join(&file.name);
    if let Some(format) = format {
        path.set_extension(format);
    }
    path
}

/// The files whose results have a place; of the others, `refused` says why.
pub(super) fn choose(
    files: Vec<Source>,
    args: &ProcessArgs,
    format: Option<&str>,
    refused: &mut Vec<Error>,
) -> Vec<Source> {
    let mut taken: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut chosen = Vec::new();
    for file in files {
        let place = of(&file, args, format);
        if let Some(other) = taken.get(&place) {
            refused.push(Error::Failed(format!(
                "{} and {} would both be written to {}; process them one by one, each with its own \
                 --output",
                other,
                file.label,
                place.display()
            )));
        } else if !args.force && place.exists() {
            refused.push(save::exists(&place));
        } else {
            taken.insert(place, file.label.clone());
            chosen.push(file);
        }
    }
    chosen
}
