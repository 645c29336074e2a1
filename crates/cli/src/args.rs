//! Arguments that several commands share.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::bucket;

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
    /// Take all files below directories
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// Bucket to upload to, with its APPID, such as examplebucket-1250000000
    #[arg(
        long,
        env = bucket::VARIABLE,
        value_name = "NAME",
        hide_env_values = true
    )]
    pub(crate) bucket: Option<String>,
    /// Keep the uploaded objects instead of deleting them at the end
    #[arg(long)]
    pub(crate) keep: bool,
    /// Files processed at the same time
    #[arg(short, long, value_name = "NUMBER", default_value_t = 4,
        value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: u8,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}
