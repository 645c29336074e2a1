//! The command line, as far as it is known when the command is built. The operations of the
//! services are added from their tables.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use crate::demo::DemoImageArgs;
use crate::inspect::InspectArgs;
use crate::local::LocalArgs;
use crate::process::ProcessArgs;

const EXIT_CODES: &str = "\
Exit codes:
  0    done; `inspect`: no file is suspicious
  1    an error, or some files could not be dealt with
  2    a wrong command line or request
  3    `inspect`: at least one file is suspicious, whatever became of the others
  130  interrupted; 143 terminated

Environment:
  TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY  the access key
  TENCENTCLOUD_TOKEN                               the token of a temporary key
  TENCENTCLOUD_REGION                              as --region
  TCLOUD_ENDPOINT                                  as --endpoint
  TCLOUD_BUCKET                                    as --bucket, of every command
  TCLOUD_LOCAL_KEYS                                `local`: access keys, as --keys-file
  RUST_LOG                                         what a local cloud logs, as `local --log`
  http_proxy, https_proxy, ALL_PROXY, NO_PROXY     proxies, never for this machine
  NO_COLOR                                         no colours";

/// Inspect and process pictures with Tencent Cloud, call any operation of its services, or serve a
/// local cloud that does the same work
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
    Process(ProcessArgs),
    DemoImage(DemoImageArgs),
    Local(LocalArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The variable that names the bucket wherever a command takes one.
pub(crate) const BUCKET_VARIABLE: &str = "TCLOUD_BUCKET";

/// Where requests go.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// Address to send to instead of the service's own, such as that of `tcloud local`
    #[arg(
        long,
        env = "TCLOUD_ENDPOINT",
        value_name = "URL",
        hide_env_values = true
    )]
    pub(crate) endpoint: Option<String>,
    /// Region, such as ap-guangzhou
    #[arg(
        long,
        env = "TENCENTCLOUD_REGION",
        value_name = "REGION",
        hide_env_values = true
    )]
    pub(crate) region: Option<String>,
    /// Use the hosts of the international site
    #[arg(long)]
    pub(crate) international: bool,
    /// Seconds a request may take in all
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: Option<u64>,
}

/// Which files a job command works on, and how.
#[derive(Debug, Args)]
pub(crate) struct FileArgs {
    /// The pictures
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,
    /// Take directories for all files below them
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// Bucket to upload to, with its APPID, such as examplebucket-1250000000
    #[arg(
        long,
        env = BUCKET_VARIABLE,
        value_name = "NAME",
        hide_env_values = true
    )]
    pub(crate) bucket: Option<String>,
    /// Keep the uploaded objects instead of deleting them at the end
    #[arg(long)]
    pub(crate) keep: bool,
    /// Files in work at the same time
    #[arg(short, long, value_name = "NUMBER", default_value_t = 4,
        value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: u8,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}
