//! `--endpoint`: the running cloud that a command is about.

use clap::Args;
use url::Url;

/// Which running cloud.
#[derive(Debug, Args)]
pub(super) struct RunningArgs {
    /// Address of the cloud
    #[arg(
        long,
        env = "TCLOUD_ENDPOINT",
        value_name = "URL",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8273"
    )]
    pub(super) endpoint: Url,
}
