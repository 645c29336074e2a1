//! The commands of every day: `tcloud ls`, `cp`, `mv`, `rm`, `sync`, `cat`, `stat`, `du`, `mb`, `rb`,
//! `presign` and `restore`, of places such as `cos://BUCKET/KEY`.
//!
//! Each command is a thin layer over `tcloud-transfer`, which moves the bytes, and over the typed
//! client of COS.

mod carry;
mod cat;
mod clock;
mod copying;
mod cp;
mod du;
mod fetch;
mod files;
mod filters;
mod listing;
mod ls;
mod mb;
mod mv;
mod places;
mod presign;
mod progress;
mod rb;
mod report;
mod restore;
mod rm;
mod session;
mod settings;
mod show;
mod size;
mod stat;
mod streams;
mod sync;
mod transfer;

use std::ffi::OsString;

use clap::{ArgMatches, Args, Command, FromArgMatches};

pub(crate) use self::fetch::fetch;
use crate::error::{Error, Outcome};

macro_rules! table {
    ($($name:literal => $module:ident,)*) => {
        const NAMES: &[&str] = &[$($name),*];

        /// The command `name`, with its flags if it is to be whole.
        fn command(name: &'static str, whole: bool) -> Command {
            let command = Command::new(name);
            match name {
                $($name if whole => $module::Arguments::augment_args(command),
                $name => command.about($module::ABOUT),)*
                _ => command,
            }
        }

        /// Does what the command `name` asks for.
        async fn dispatch(name: &str, matches: &ArgMatches) -> Result<Outcome, Error> {
            match name {
                $($name => match $module::Arguments::from_arg_matches(matches) {
                    Ok(arguments) => Box::pin($module::run(arguments)).await,
                    Err(error) => Err(Error::Usage(error.to_string())),
                },)*
                _ => Err(Error::Usage(format!("there is no command {name}"))),
            }
        }
    };
}

table! {
    "ls" => ls,
    "cp" => cp,
    "mv" => mv,
    "rm" => rm,
    "sync" => sync,
    "cat" => cat,
    "stat" => stat,
    "du" => du,
    "mb" => mb,
    "rb" => rb,
    "presign" => presign,
    "restore" => restore,
}

/// A command for each. Only what `arguments` ask for is made whole, so that the program starts in no
/// time.
pub(crate) fn commands(arguments: &[OsString]) -> Vec<Command> {
    let given = |name: &str| arguments.iter().any(|argument| argument == name);
    let commands = NAMES.iter().map(|name| command(name, given(name)));
    commands.collect()
}

/// Whether the first signal lets the command `name` clear up, and say what it has done.
pub(crate) fn ends_in_order(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Does what the command `name` asks for, if it is one of these.
pub(crate) async fn run(name: &str, matches: &ArgMatches) -> Option<Result<Outcome, Error>> {
    if !NAMES.contains(&name) {
        return None;
    }
    Some(dispatch(name, matches).await)
}

impl From<tcloud_transfer::Error> for Error {
    fn from(error: tcloud_transfer::Error) -> Self {
        use tcloud_core::error::ErrorKind as Call;
        let kind = error.call().map(tcloud_core::error::Error::kind);
        match kind {
            _ if error.is_not_found() => Self::Missing(error.to_string()),
            Some(Call::Request | Call::Configuration) => Self::Usage(error.to_string()),
            Some(Call::Credentials) => Self::Failed(format!(
                "{error}; without an account, run `tcloud local` and give its address by --endpoint"
            )),
            _ => Self::Failed(error.to_string()),
        }
    }
}
