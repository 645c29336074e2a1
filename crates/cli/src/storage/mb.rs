//! `tcloud mb`: makes buckets.

use clap::Args;
use tcloud_cos::BucketAcl;

use super::places;
use super::session::Session;
use crate::args::ConnectionArgs;
use crate::console;
use crate::error::{Error, Outcome};
use crate::location::Remote;

/// What it does.
pub(super) const ABOUT: &str = "Make buckets";

/// The arguments of `tcloud mb`.
#[derive(Debug, Args)]
#[command(
    about = ABOUT,
    after_help = "The bucket is in the region of --region. Exit code: 0 done; 1 it failed."
)]
pub(super) struct Arguments {
    /// Buckets with their APPID, such as cos://album-1250000000
    #[arg(required = true, value_name = "BUCKET", value_parser = places::remote())]
    buckets: Vec<Remote>,
    /// Who may use it: private, public-read, public-read-write or authenticated-read
    #[arg(long, value_name = "ACL", value_parser = acl)]
    acl: Option<BucketAcl>,
    #[command(flatten)]
    connection: ConnectionArgs,
}

fn acl(text: &str) -> Result<BucketAcl, String> {
    match BucketAcl::from(text) {
        BucketAcl::Unknown(_) => Err(format!("use {}", BucketAcl::WORDS.join(", "))),
        acl => Ok(acl),
    }
}

/// Makes the buckets.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    for bucket in &args.buckets {
        bucket.require_bucket()?;
    }
    let session = Session::open(&args.connection)?;
    for bucket in &args.buckets {
        let call = session
            .client
            .put_bucket(&bucket.bucket)
            .acl(args.acl.clone());
        let made = async { Ok(call.send().await?) };
        session.interruption.or(made).await?;
        console::print(&format!("make cos://{}", bucket.bucket))?;
    }
    Ok(Outcome::Done)
}
