//! `tcloud configure`: writes profiles, and shows what is configured.

mod ask;
mod list;

use clap::{Args, Subcommand};
use tcloud_core::credentials::Credentials;
use tcloud_credentials::{ProfileFile, ProfileFiles};

use self::ask::Questions;
use crate::console;
use crate::error::{Error, Outcome};

const SECRET_ID: &str = "secret_id";
const SECRET_KEY: &str = "secret_key";
const REGION: &str = "region";
/// What a temporary key has besides.
const TOKENS: [&str; 3] = ["token", "session_token", "security_token"];

/// Write an access key and a region into a profile, or show what is configured
///
/// Asks for SecretId, SecretKey and region; an empty answer keeps what is there. Where the standard
/// input is no terminal, three lines of it are the answers. The file is ~/.tencentcloud/credentials,
/// or the one that TENCENTCLOUD_CREDENTIALS_FILE names; only its owner may read it, and what else is
/// in it stays as it is.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ConfigureArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    which: WhichArgs,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show where each value comes from; keys are shortened
    List(WhichArgs),
}

#[derive(Debug, Args)]
struct WhichArgs {
    /// The profile, instead of that of TENCENTCLOUD_PROFILE or `default`
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

pub(crate) async fn run(args: ConfigureArgs) -> Result<Outcome, Error> {
    match args.action {
        Some(Action::List(which)) => list::run(which.profile.as_deref()),
        None => write(args.which.profile).await,
    }
}

async fn write(profile: Option<String>) -> Result<Outcome, Error> {
    let failed = |why: String| Error::Failed(format!("configure: {why}"));
    let files = match profile {
        Some(name) => ProfileFiles::new().profile(name),
        None => ProfileFiles::new(),
    };
    let name = files.name();
    let path = files.file().ok_or_else(|| {
        failed("the user has no home folder; set TENCENTCLOUD_CREDENTIALS_FILE".to_owned())
    })?;
    let mut file = ProfileFile::open(&path).map_err(failed)?;
    let old = |key: &str| file.get(&name, key).map(str::to_owned);
    let (old_id, old_key, old_region) = (old(SECRET_ID), old(SECRET_KEY), old(REGION));

    let mut questions = Questions::new();
    let shown = old_id.as_deref().map(shortened);
    let id = questions.ask("SecretId", shown.as_deref()).await?;
    let kept = old_key.as_ref().map(|_| "as it is");
    let key = questions.ask_secret("SecretKey", kept).await?;
    let region = questions.ask("Region", old_region.as_deref()).await?;

    let is_new = id.is_some() && id != old_id;
    if id.is_none() && old_id.is_none() {
        return Err(failed(
            "no SecretId was given; nothing is written".to_owned(),
        ));
    }
    if key.is_none() && (is_new || old_key.is_none()) {
        return Err(failed(
            "a new SecretId needs its SecretKey; nothing is written".to_owned(),
        ));
    }
    for (key, value) in [(SECRET_ID, id), (SECRET_KEY, key), (REGION, region)] {
        if let Some(value) = value {
            file.set(&name, key, &value)
                .map_err(|why| failed(format!("{key}: {why}; nothing is written")))?;
        }
    }
    if is_new {
        // It belongs to the key that was there before.
        for token in TOKENS {
            file.remove(&name, token);
        }
    }
    file.save().map_err(failed)?;
    console::note(&format!("the profile {name} is in {}", path.display()));
    Ok(Outcome::Done)
}

/// An id as it may be shown.
fn shortened(id: &str) -> String {
    Credentials::new(id, "").shortened_id()
}
