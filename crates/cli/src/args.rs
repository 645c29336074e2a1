//! Arguments that several commands share.

use clap::{Args, ValueHint};
use tcloud_core::host::Hosts;

use crate::location::{self, Location};
use crate::{bucket, hosts};

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
    /// Profile with access key and region, instead of those of the environment
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Use the hosts of the international site
    #[arg(long)]
    pub(crate) international: bool,
    /// Which of a service's hosts to ask: own, second (its second domain), accelerate, dualstack,
    /// internal (from machines in the cloud), regional (API 3.0), or an address with its own host,
    /// in which {bucket}, {region} and {service} are filled in [default: own]
    #[arg(long, value_name = "HOST", value_parser = hosts::parse)]
    pub(crate) host: Option<Hosts>,
    /// Ask the same under the service's other domain where a host cannot be reached
    #[arg(long)]
    pub(crate) backup_hosts: bool,
    /// Sign nothing: for objects that everyone may read
    #[arg(long)]
    pub(crate) anonymous: bool,
    /// Seconds a request may take in all, 0 for as many as it needs [default: 60, or 0 if it
    /// uploads or downloads content]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// Seconds to make a connection, 0 for as many as it needs [default: 10]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) connect_timeout: Option<u64>,
    /// Seconds from the last byte sent to the head of the answer, 0 for as many as it needs
    /// [default: 30]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) attempt_timeout: Option<u64>,
    /// Seconds without a byte in an upload or download, 0 for as many as it needs [default: 20]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) stall_timeout: Option<u64>,
}

/// Which files a job command works on, and how.
#[derive(Debug, Args)]
pub(crate) struct FileArgs {
    /// The pictures: files, objects (cos://BUCKET/KEY), URLs, or `-` for the standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = location::parser())]
    pub(crate) files: Vec<Location>,
    /// Take all files below directories, and all objects below a prefix
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
