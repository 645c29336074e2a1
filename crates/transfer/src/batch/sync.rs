//! Making one side like the other.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::batch::compare::{Compare, Facts, Side, Verdict, differing};
use crate::batch::event::Event;
use crate::batch::filter_of::Names;
use crate::batch::found::Found;
use crate::batch::item::{Action, Item, Reason};
use crate::batch::local::{Links, LocalFile, Tree, walk};
use crate::batch::plan::Plan;
use crate::batch::remote::{self, RemoteObject};
use crate::batch::report::Report;
use crate::batch::setup::Setup;
use crate::batch::unique::Unique;
use crate::blocking::blocking;
use crate::control::Control;
use crate::engine::{Engine, Job};
use crate::error::{Error, ErrorKind};
use crate::filter::Filter;
use crate::object::Prefix;
use crate::service::ObjectInfo;
use crate::settings::Settings;

/// One side of a [`Sync`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// The objects of a prefix.
    Prefix(Prefix),
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self::Folder(path.to_owned())
    }
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Self {
        Self::Folder(path)
    }
}

impl From<Prefix> for Place {
    fn from(prefix: Prefix) -> Self {
        Self::Prefix(prefix)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Prefix(prefix) => write!(f, "{prefix}"),
        }
    }
}

/// Makes one side like the other: what is new or has changed is transferred, and what the source
/// does not have is deleted, if asked for. Made by [`Transfers::sync`](crate::Transfers::sync).
///
/// What a filter leaves out is neither transferred nor deleted. Markers of folders are left alone.
/// Nothing is deleted if anything else failed.
#[must_use = "nothing is done before `run` is awaited"]
pub struct Sync {
    engine: Engine,
    from: Place,
    to: Place,
    compare: Compare,
    deletes: bool,
    allows_empty: bool,
    filter: Filter,
    links: Links,
    setup: Setup,
}

impl Sync {
    pub(crate) fn new(engine: &Engine, from: Place, to: Place) -> Self {
        let as_folder = |place| match place {
            Place::Prefix(prefix) => Place::Prefix(prefix.as_folder()),
            Place::Folder(path) => Place::Folder(path),
        };
        Self {
            engine: engine.clone(),
            from: as_folder(from),
            to: as_folder(to),
            compare: Compare::default(),
            deletes: false,
            allows_empty: false,
            filter: Filter::new(),
            links: Links::default(),
            setup: Setup {
                deletes_cautiously: true,
                ..Setup::default()
            },
        }
    }

    /// By what a change is seen.
    pub fn compare(mut self, compare: Compare) -> Self {
        self.compare = compare;
        self
    }

    /// Whether what the source does not have is deleted; not unless set. A source that has nothing
    /// at all is refused then: it is more often a mistake than a wish.
    pub fn delete(mut self, deletes: bool) -> Self {
        self.deletes = deletes;
        self
    }

    /// Lets an empty source empty the target.
    pub fn allow_empty_source(mut self, allows: bool) -> Self {
        self.allows_empty = allows;
        self
    }

    /// Which files and objects are meant.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// What is done with symbolic links of a source that is a folder.
    pub fn links(mut self, links: Links) -> Self {
        self.links = links;
        self
    }

    /// Whether uploads keep the times of files as metadata, and downloads give files the times that
    /// were kept; not unless set.
    pub fn keep_times(mut self, keep: bool) -> Self {
        self.setup.keeps_time = keep;
        self
    }

    /// What objects are stored with.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.setup.settings = settings;
        self
    }

    /// Lets `control` pause and cancel it.
    pub fn control(mut self, control: &Control) -> Self {
        self.setup.control = Some(control.clone());
        self
    }

    /// Calls `observer` with what happens.
    pub fn on_event(
        mut self,
        observer: impl Fn(&Event<'_>) + Send + std::marker::Sync + 'static,
    ) -> Self {
        self.setup.observer = Some(Arc::new(observer));
        self
    }

    /// Compares both sides, and changes nothing.
    ///
    /// # Errors
    /// A side cannot be listed, both are folders, or the source is empty and something would be
    /// deleted.
    pub async fn plan(self) -> Result<Plan, Error> {
        let subject = format!("sync of {} to {}", self.from, self.to);
        let found = self.found().await.map_err(|error| error.about(subject))?;
        Ok(Plan::new(&self.engine, found, self.setup))
    }

    /// Compares both sides, and makes the target like the source.
    ///
    /// # Errors
    /// As [`plan`](Self::plan). What fails later is in the report.
    pub async fn run(self) -> Result<Report, Error> {
        Ok(self.plan().await?.run().await)
    }

    async fn found(&self) -> Result<Found, Error> {
        let job = Job::new(&self.engine, self.setup.control.as_ref(), None, None);
        let names = Names::new(self.filter.clone());
        let mut synced = Synced {
            compare: self.compare,
            ..Synced::default()
        };
        match (&self.from, &self.to) {
            (Place::Folder(from), Place::Prefix(to)) => {
                synced.up(&job, from, to, &names, self.links).await?;
            }
            (Place::Prefix(from), Place::Folder(to)) => {
                synced.down(&job, from, to, &names).await?;
            }
            (Place::Prefix(from), Place::Prefix(to)) => {
                synced.across(&job, from, to, &names).await?;
            }
            (Place::Folder(_), Place::Folder(_)) => {
                return Err(Error::new(ErrorKind::Refused, "both sides are folders")
                    .advise("name one side as cos://BUCKET/PREFIX"));
            }
        }
        self.decide(&job, synced).await
    }

    /// What is to be done, of what was compared.
    async fn decide(&self, job: &Job, synced: Synced) -> Result<Found, Error> {
        let Synced {
            mut found,
            unknown,
            extra,
            seen,
            ..
        } = synced;
        let compared = u64::try_from(unknown.len()).unwrap_or(u64::MAX);
        let differing = differing(job, unknown).await?;
        let changed = u64::try_from(differing.len()).unwrap_or(u64::MAX);
        found.unchanged = found
            .unchanged
            .saturating_add(compared.saturating_sub(changed));
        found.items.extend(differing);
        if self.deletes {
            if seen == 0 && !extra.is_empty() && !self.allows_empty {
                return Err(Error::new(
                    ErrorKind::Refused,
                    format!("the source is empty, and {} would be deleted", extra.len()),
                )
                .advise("check its name; if everything is to go, allow an empty source"));
            }
            found.items.extend(extra.into_iter().map(|action| Item {
                action,
                size: 0,
                reason: Reason::Extra,
                info: None,
            }));
        }
        Ok(found)
    }
}

/// Both sides, compared by what lists say.
#[derive(Default)]
struct Synced {
    compare: Compare,
    found: Found,
    /// What has to be compared by content.
    unknown: Vec<(Item, Side, Side)>,
    /// What only the target has.
    extra: Vec<Action>,
    /// How much the source has.
    seen: u64,
}

impl Synced {
    async fn up(
        &mut self,
        job: &Job,
        from: &Path,
        to: &Prefix,
        names: &Names,
        links: Links,
    ) -> Result<(), Error> {
        let tree = walked(job, from, names, links).await?;
        let mut files = tree.files;
        self.found.skipped = tree.skipped;
        self.found.refuse_all(tree.failed);
        self.seen = u64::try_from(files.len()).unwrap_or(u64::MAX);
        let upload = |key: &str, file: &LocalFile| Action::Upload {
            from: file.path.clone(),
            to: to.object(key),
        };
        let each = |object: RemoteObject| {
            if object.is_itself() || object.is_marker() {
                return;
            }
            let target = to.object(&object.relative);
            match files.remove(&object.relative) {
                None => self.extra.push(Action::DeleteObject { object: target }),
                Some(file) => {
                    let sides = (Side::File(file.path.clone()), Side::Object(target));
                    let action = upload(&object.relative, &file);
                    let facts = (facts_of_file(&file), facts_of_object(&object.info));
                    self.compare(action, None, facts, sides);
                }
            }
        };
        remote::list(job, to, names, each).await?;
        for (key, file) in &files {
            self.add(upload(key, file), file.size, Reason::New, None);
        }
        Ok(())
    }

    async fn down(
        &mut self,
        job: &Job,
        from: &Prefix,
        to: &Path,
        names: &Names,
    ) -> Result<(), Error> {
        // A target that is not there yet is empty.
        let tree = if to.exists() {
            walked(job, to, names, Links::Skip).await?
        } else {
            Tree::default()
        };
        let mut files = tree.files;
        self.found.refuse_all(tree.failed);
        let mut unique = Unique::default();
        let each = |object: RemoteObject| {
            if object.is_itself() || object.is_marker() {
                return;
            }
            self.seen = self.seen.saturating_add(1);
            let source = from.object(&object.relative);
            let path = match object.path().and_then(|path| unique.require(path)) {
                Ok(path) => path,
                Err(error) => return self.found.refuse(source.to_string(), error),
            };
            let download = Action::Download {
                from: source.clone(),
                folder: to.to_owned(),
                to: path,
            };
            let info = Some(object.info.clone());
            match files.remove(&object.relative) {
                None => self.add(download, object.info.size, Reason::New, info),
                Some(file) => {
                    let facts = (facts_of_object(&object.info), facts_of_file(&file));
                    let sides = (Side::Object(source), Side::File(file.path));
                    self.compare(download, info, facts, sides);
                }
            }
        };
        remote::list(job, from, names, each).await?;
        let extra = files
            .into_values()
            .map(|file| Action::DeleteFile { path: file.path });
        self.extra.extend(extra);
        Ok(())
    }

    async fn across(
        &mut self,
        job: &Job,
        from: &Prefix,
        to: &Prefix,
        names: &Names,
    ) -> Result<(), Error> {
        let mut targets = remote::all(job, to, names).await?;
        let each = |object: RemoteObject| {
            if object.is_itself() || object.is_marker() {
                return;
            }
            self.seen = self.seen.saturating_add(1);
            let (source, target) = (from.object(&object.relative), to.object(&object.relative));
            let copy = Action::Copy {
                from: source.clone(),
                to: target.clone(),
            };
            let info = Some(object.info.clone());
            match targets.remove(&object.relative) {
                None => self.add(copy, object.info.size, Reason::New, info),
                Some(old) => {
                    let facts = (facts_of_object(&object.info), facts_of_object(&old));
                    let sides = (Side::Object(source), Side::Object(target));
                    self.compare(copy, info, facts, sides);
                }
            }
        };
        remote::list(job, from, names, each).await?;
        let extra = targets.keys().map(|key| Action::DeleteObject {
            object: to.object(key),
        });
        self.extra.extend(extra);
        Ok(())
    }

    /// Something that both sides have.
    fn compare(
        &mut self,
        action: Action,
        info: Option<ObjectInfo>,
        (source, target): (Facts, Facts),
        (from, to): (Side, Side),
    ) {
        match self.compare.judge(source, target) {
            Verdict::Same => self.found.unchanged = self.found.unchanged.saturating_add(1),
            Verdict::Differs(reason) => self.add(action, source.size, reason, info),
            Verdict::Unknown => {
                let item = Item {
                    action,
                    size: source.size,
                    reason: Reason::Checksum,
                    info,
                };
                self.unknown.push((item, from, to));
            }
        }
    }

    fn add(&mut self, action: Action, size: u64, reason: Reason, info: Option<ObjectInfo>) {
        self.found.items.push(Item {
            action,
            size,
            reason,
            info,
        });
    }
}

async fn walked(job: &Job, root: &Path, names: &Names, links: Links) -> Result<Tree, Error> {
    let (at, names) = (root.to_owned(), names.clone());
    let walked = blocking(move || Ok(walk(&at, &names, links)));
    let walked = job.control.unless_cancelled(walked).await?;
    walked.map_err(|error| Error::file("read the folder", root, error))?
}

fn facts_of_file(file: &LocalFile) -> Facts {
    Facts {
        size: file.size,
        modified: Some(file.modified),
    }
}

fn facts_of_object(info: &ObjectInfo) -> Facts {
    Facts {
        size: info.size,
        modified: info.modified,
    }
}

impl fmt::Debug for Sync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sync({} to {})", self.from, self.to)
    }
}
