//! What the commands of every day say where they are not built.

use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::args::ConnectionArgs;
use crate::error::{Error, Outcome};
use crate::files::Source;
use crate::location::Remote;

const NAMES: [&str; 12] = [
    "ls", "cp", "mv", "rm", "sync", "cat", "stat", "du", "mb", "rb", "presign", "restore",
];

/// A command for each, which takes anything and is in no list.
pub(crate) fn commands(_: &[OsString]) -> Vec<Command> {
    let rest = Arg::new("rest")
        .action(ArgAction::Append)
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
        .hide(true);
    NAMES
        .iter()
        .map(|name| Command::new(*name).hide(true).arg(rest.clone()))
        .collect()
}

/// None of these does anything.
pub(crate) const fn ends_in_order(_: &str) -> bool {
    false
}

/// Refuses objects as pictures.
#[expect(clippy::unused_async, reason = "as the function that is built")]
pub(crate) async fn fetch(
    from: &Remote,
    _: bool,
    _: &Path,
    _: u64,
    _: &ConnectionArgs,
) -> Result<Vec<Result<Source, Error>>, Error> {
    Err(Error::Failed(format!(
        "{from}: this tcloud was built without objects as pictures; build it with its default \
         features"
    )))
}

/// Refuses the command `name`, if it is one of these.
#[expect(clippy::unused_async, reason = "as the commands that are built")]
pub(crate) async fn run(name: &str, _: &ArgMatches) -> Option<Result<Outcome, Error>> {
    NAMES.contains(&name).then(|| {
        Err(Error::Failed(format!(
            "{name}: this tcloud was built without the commands of every day; build it with its \
             default features"
        )))
    })
}
