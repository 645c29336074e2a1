//! What `cp` and `mv` have in common: which file or object goes where.

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};
use tcloud_transfer::{Action, Plan, Transfers};

use super::carry::carry_out;
use super::files::FilesArgs;
use super::filters::FilterArgs;
use super::places;
use super::session::Session;
use super::settings::SettingsArgs;
use super::streams;
use super::transfer::TransferArgs;
use crate::args::ConnectionArgs;
use crate::error::{Error, Outcome};
use crate::location::{Location, Remote};

/// What the help of both says of their rules.
pub(super) const RULES: &str = "\
Places:
  cos://BUCKET/KEY  an object; with / at its end, or with --recursive, what is below it. * and ? are
                    wildcards that stop at /, ** is any number of parts; \\* and \\? are the characters
  PATH              a file or a folder
  -                 the standard input or output

A target that is a bucket, ends with / or is a folder gets the source's name; another is the new name.
The content of one folder goes into the target; of several sources each folder keeps its name.

Rules:
  keys              one with a part `..`, an absolute path, a drive or a control character never
                    becomes a file; it is reported as failed
  markers           an empty object whose key ends with / becomes a folder, and an empty folder an
                    object with --empty-folders
  symbolic links    are left out and reported, or followed with --follow-symlinks; no download goes
                    through one that leads out of the target folder
  times             a downloaded file has the time of its object's last change; with --keep-times on
                    both ways, that of the uploaded file (x-cos-meta-mtime, as rclone has it)
  interruptions     what was interrupted goes on when the same command is given again

Exit code: 0 done; 1 something failed, which is reported, and the rest was done; 2 a wrong command
line; 4 what was named is not there; 130 interrupted.";

/// The arguments of both.
#[derive(Debug, Args)]
pub(super) struct CopyArgs {
    /// Files, folders or objects
    #[arg(required = true, value_name = "SOURCE", value_parser = places::any(),
        value_hint = ValueHint::AnyPath)]
    sources: Vec<Location>,
    /// A file, a folder, an object or a prefix
    #[arg(value_name = "TARGET", value_parser = places::any(), value_hint = ValueHint::AnyPath)]
    target: Location,
    /// Take all that is below folders
    #[arg(short, long)]
    recursive: bool,
    #[command(flatten)]
    files: FilesArgs,
    /// Store an object for each empty folder
    #[arg(long, alias = "create-empty-src-dirs")]
    empty_folders: bool,
    /// Region of the source, if it is another one than that of the target
    #[arg(long, value_name = "REGION")]
    source_region: Option<String>,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(flatten)]
    transfer: TransferArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// Copies, or moves if `moves`.
pub(super) async fn run(args: CopyArgs, moves: bool) -> Result<Outcome, Error> {
    let streams = args.sources.contains(&Location::Stream) || args.target == Location::Stream;
    if moves && streams {
        return Err(Error::Usage(
            "mv: a stream cannot be moved; use cp".to_owned(),
        ));
    }
    let session = Session::open(&args.connection)?;
    let region = session.other_region(args.source_region.as_deref());
    match (args.sources.as_slice(), &args.target) {
        ([Location::Stream], Location::Remote(to)) => {
            streams::up(&session, to, &args.settings, &args.transfer).await
        }
        ([Location::Remote(from)], Location::Stream) => {
            streams::down(&session, from, region, &args.transfer).await
        }
        _ if streams => Err(Error::Usage(
            "`-` takes one object at a time: `cp - cos://BUCKET/KEY`, or `cp cos://BUCKET/KEY -`"
                .to_owned(),
        )),
        _ => {
            let transfers = session.transfers(&args.transfer);
            let copying = Copying {
                args: &args,
                transfers: &transfers,
                region,
                moves,
            };
            let plan = session.interruption.or(copying.plan()).await?;
            carry_out(plan, &session, &args.transfer.show).await
        }
    }
}

struct Copying<'a> {
    args: &'a CopyArgs,
    transfers: &'a Transfers,
    /// That of the sources.
    region: Option<&'a str>,
    moves: bool,
}

impl Copying<'_> {
    async fn plan(&self) -> Result<Plan, Error> {
        let mut plan = self.transfers.plan([]);
        for source in &self.args.sources {
            plan = plan.and(match source {
                Location::Remote(source) => self.object(source).await?,
                Location::Local(path) => self.file(path).await?,
                Location::Stream | Location::Url(_) => {
                    return Err(Error::Usage(format!("{source} cannot be copied")));
                }
            });
        }
        Ok(plan
            .settings(self.args.settings.settings())
            .keep_times(self.args.files.keep_times)
            .remove_sources(self.moves))
    }

    /// A local file or folder.
    async fn file(&self, path: &Path) -> Result<Plan, Error> {
        let Location::Remote(to) = &self.args.target else {
            return Err(Error::Usage(format!(
                "{} and {} are both on this machine; write one as cos://BUCKET/KEY",
                path.display(),
                self.args.target
            )));
        };
        let metadata = tokio::fs::metadata(path).await;
        let metadata = metadata.map_err(|error| unreadable(path, &error))?;
        if !metadata.is_dir() {
            let name = || local_name(path);
            let action = Action::Upload {
                from: path.to_owned(),
                to: self.target_object(to, name)?,
            };
            return Ok(self.transfers.plan([(action, metadata.len())]));
        }
        if !self.args.recursive {
            return Err(Error::Usage(format!(
                "{} is a folder; give --recursive",
                path.display()
            )));
        }
        let mut to = to.folder(None);
        if self.are_several() {
            to.prefix.push_str(&local_name(path)?);
            to.prefix.push('/');
        }
        let folder = self.transfers.upload_folder(path, to);
        let folder = folder
            .markers(self.args.empty_folders)
            .links(self.args.files.links());
        Ok(folder
            .filter(self.args.filters.filter(None)?)
            .plan()
            .await?)
    }

    /// An object, or many.
    async fn object(&self, from: &Remote) -> Result<Plan, Error> {
        if let Some(pattern) = from.pattern() {
            let prefix = from.prefix(&pattern.folder, self.region);
            return self.folder(prefix, None, Some(&pattern.rest)).await;
        }
        let is_object = !from.is_folder();
        if is_object {
            let object = from.object(self.region);
            match self.transfers.info(&object).await {
                Ok(info) => {
                    let action = self.one(object, from)?;
                    return Ok(self.transfers.plan([(action, info.size)]));
                }
                Err(error) if !error.is_not_found() || self.args.recursive => {
                    if !error.is_not_found() {
                        return Err(error.into());
                    }
                }
                Err(error) => {
                    return Err(Error::Missing(format!(
                        "{error}; if it is a folder, give --recursive"
                    )));
                }
            }
        }
        if !self.args.recursive {
            return Err(Error::Usage(format!(
                "{from} is a folder; give --recursive"
            )));
        }
        let name = if self.are_several() {
            let folder = from.plain_key();
            let folder = folder.trim_end_matches('/').rsplit('/').next();
            folder.filter(|name| !name.is_empty()).map(str::to_owned)
        } else {
            None
        };
        self.folder(from.folder(self.region), name, None).await
    }

    /// All objects of a prefix, below `name` if there is one.
    async fn folder(
        &self,
        from: tcloud_transfer::Prefix,
        name: Option<String>,
        only: Option<&str>,
    ) -> Result<Plan, Error> {
        let folder = match &self.args.target {
            Location::Remote(to) => {
                let mut to = to.folder(None);
                if let Some(name) = name {
                    to.prefix.push_str(&name);
                    to.prefix.push('/');
                }
                self.transfers.copy_folder(from, to)
            }
            target => {
                let mut to = local_target(target)?.to_owned();
                if let Some(name) = name {
                    to.push(tcloud_transfer::relative_path(&name)?);
                }
                self.transfers.download_folder(from, to)
            }
        };
        let filter = self.args.filters.filter(only)?;
        Ok(folder.filter(filter).plan().await?)
    }

    /// One object, which is there.
    fn one(&self, object: tcloud_transfer::Object, from: &Remote) -> Result<Action, Error> {
        if let Location::Remote(to) = &self.args.target {
            let to = self.target_object(to, || from.name())?;
            if self.moves && to == object {
                return Err(Error::Usage(format!("{object} is source and target")));
            }
            return Ok(Action::Copy { from: object, to });
        }
        let to = local_target(&self.args.target)?;
        let (folder, name) = if self.are_several() || is_folder(to) {
            (to.to_owned(), PathBuf::from(from.name()?))
        } else {
            let name = to
                .file_name()
                .ok_or_else(|| Error::Usage(format!("{} is no name of a file", to.display())))?;
            let folder = to.parent().filter(|folder| *folder != Path::new(""));
            (folder.unwrap_or(Path::new(".")).to_owned(), name.into())
        };
        Ok(Action::Download {
            from: object,
            folder,
            to: name,
        })
    }

    /// The object that a source of this name becomes.
    fn target_object(
        &self,
        to: &Remote,
        name: impl Fn() -> Result<String, Error>,
    ) -> Result<tcloud_transfer::Object, Error> {
        if !to.is_folder() && !self.are_several() {
            return Ok(to.object(None));
        }
        let folder = to.folder(None);
        Ok(tcloud_transfer::Object::new(
            &to.bucket,
            format!("{}{}", folder.prefix, name()?),
        ))
    }

    fn are_several(&self) -> bool {
        self.args.sources.len() > 1
    }
}

/// The folder or file of a target on this machine.
fn local_target(target: &Location) -> Result<&Path, Error> {
    match target {
        Location::Local(path) => Ok(path),
        other => Err(Error::Usage(format!("{other} cannot be written"))),
    }
}

/// Whether a target is a folder, or is written as one.
fn is_folder(path: &Path) -> bool {
    let text = path.as_os_str().to_string_lossy();
    path.is_dir() || text.ends_with(std::path::is_separator)
}

/// The last part of a path as a part of a key.
fn local_name(path: &Path) -> Result<String, Error> {
    let name = path.file_name().map(ToOwned::to_owned);
    // `.` and `..` have names elsewhere.
    let name = name.or_else(|| path.canonicalize().ok()?.file_name().map(ToOwned::to_owned));
    let name = name.and_then(|name| name.into_string().ok());
    name.ok_or_else(|| {
        Error::Usage(format!(
            "{} has no name in UTF-8, as keys have; name the target in full",
            path.display()
        ))
    })
}

/// Why a file cannot be taken.
pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let text = crate::files::unreadable(path, error).to_string();
    if error.kind() == std::io::ErrorKind::NotFound {
        Error::Missing(text)
    } else {
        Error::Failed(text)
    }
}
