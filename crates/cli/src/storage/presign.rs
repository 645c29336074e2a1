//! `tcloud presign`: URLs that work without a key.

use std::time::Duration;

use clap::{Args, ValueEnum};
use tcloud_core::body::Body;

use super::places;
use super::session::Session;
use crate::args::ConnectionArgs;
use crate::error::{Error, Outcome};
use crate::location::Remote;
use crate::{duration, presigned};

/// What it does.
pub(super) const ABOUT: &str = "Print a URL by which anyone can read an object for a time";

/// The arguments of `tcloud presign`.
#[derive(Debug, Args)]
#[command(
    about = ABOUT,
    after_help = "Nothing is sent: whether the object is there is not asked. Exit code: 0 done; 1 it failed."
)]
pub(super) struct Arguments {
    /// An object, such as cos://album-1250000000/2024/sea.jpg
    #[arg(value_name = "OBJECT", value_parser = places::remote())]
    object: Remote,
    /// How long it works: seconds, or a time such as 30m, 12h or 7d
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = time)]
    expires_in: Duration,
    /// What can be done with it
    #[arg(long, value_enum, default_value = "get")]
    method: Method,
    /// The version, in a bucket that keeps versions
    #[arg(long, value_name = "ID")]
    version_id: Option<String>,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// What can be done with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// Read the object
    Get,
    /// Store the object
    Put,
    /// Ask whether it is there
    Head,
    /// Delete it
    Delete,
}

/// A number alone is seconds, as in other commands.
fn time(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => duration::parse(text),
    }
}

/// Prints the URL.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    args.object.require_key()?;
    let session = Session::open(&args.connection)?;
    let (bucket, key) = (&args.object.bucket, args.object.plain_key());
    let (client, time) = (&session.client, args.expires_in);
    let version = args.version_id.as_deref();
    let signed = match args.method {
        Method::Get => client
            .get_object(bucket, key)
            .version_id(version)
            .presign(time),
        Method::Put => client.put_object(bucket, key, Body::empty()).presign(time),
        Method::Head => client
            .head_object(bucket, key)
            .version_id(version)
            .presign(time),
        Method::Delete => client
            .delete_object(bucket, key)
            .version_id(version)
            .presign(time),
    };
    presigned::print(&signed.await?)?;
    Ok(Outcome::Done)
}
