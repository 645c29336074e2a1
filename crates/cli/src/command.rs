//! The command line as a whole, as far as it is known when the command is built. The operations of
//! the services are added from their tables.

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::configure::ConfigureArgs;
use crate::demo::DemoImageArgs;
use crate::inspect::InspectArgs;
use crate::local::LocalArgs;
#[cfg(feature = "manual")]
use crate::manual::ManualArgs;
#[cfg(feature = "pictures")]
use crate::process::ProcessArgs;
use crate::whoami::WhoamiArgs;

const EXIT_CODES: &str = "\
Exit codes:
  0    done; `inspect`: no file is suspicious
  1    an error, or some files could not be processed
  2    a wrong command line or request
  3    `inspect`: at least one file is suspicious, whatever became of the others;
       `local check`: something is wrong with the state, and not repaired
  4    `ls`, `cp`, `sync` and the other commands of every day: what was named is not there
  130  interrupted; 143 terminated

Environment:
  TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY  the access key
  TENCENTCLOUD_TOKEN                               the token of a temporary key
  TENCENTCLOUD_REGION                              as --region
  TENCENTCLOUD_PROFILE                             the profile, if no access key is set
  TENCENTCLOUD_CREDENTIALS_FILE                    the file of profiles
  TENCENTCLOUD_METADATA_DISABLED                   do not ask for a virtual machine's role
  TCLOUD_ENDPOINT                                  as --endpoint
  TCLOUD_BUCKET                                    as --bucket, of every command
  TCLOUD_LOCAL_KEYS                                `local`: access keys, as --keys-file
  AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
                                                   `local --blobs`: the bucket for content
  RUST_LOG                                         what a local cloud logs, as `local --log`
  http_proxy, https_proxy, ALL_PROXY, NO_PROXY     proxies, never for this machine
  NO_COLOR                                         no colours";

/// Copy files and objects, inspect and process pictures, call any operation of Tencent Cloud's
/// services, or serve a local cloud that does the same work
#[derive(Debug, Parser)]
#[command(
    name = "tcloud",
    version,
    max_term_width = 100,
    after_long_help = EXIT_CODES,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Inspect(InspectArgs),
    #[cfg(feature = "pictures")]
    Process(ProcessArgs),
    /// Process pictures (not in this build)
    #[cfg(not(feature = "pictures"))]
    Process {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        rest: Vec<std::ffi::OsString>,
    },
    DemoImage(DemoImageArgs),
    Local(Box<LocalArgs>),
    Configure(ConfigureArgs),
    Whoami(WhoamiArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    #[cfg(feature = "manual")]
    Manual(ManualArgs),
    /// Write manual pages to a folder (not in this build)
    #[cfg(not(feature = "manual"))]
    Manual {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        rest: Vec<std::ffi::OsString>,
    },
}
