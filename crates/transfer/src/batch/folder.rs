//! All files of a folder, or all objects of a prefix.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::batch::event::Event;
use crate::batch::filter_of::Names;
use crate::batch::found::Found;
use crate::batch::item::{Action, Item, Reason};
use crate::batch::local::{Links, walk};
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
use crate::object::{Object, Prefix};
use crate::settings::{CustomerKey, Settings};

/// All files of a folder or all objects of a prefix, to be transferred or deleted whatever the
/// target has. A [`Sync`](crate::Sync) transfers only what differs.
///
/// The rules for what is no plain file:
///
/// - **Markers**: an empty object whose key ends with `/` stands for a folder. A download makes
///   the folder, a copy copies the marker, and an upload stores one for each empty folder if
///   [`markers`](Self::markers) says so.
/// - **Symbolic links** are left out or followed, as [`links`](Self::links) says. What is downloaded
///   never goes through a link that leads out of the target folder.
/// - **Times**: a file that is downloaded gets the time of the object's last change, or that of the
///   file it was uploaded from, where [`keep_times`](Self::keep_times) was set both times.
/// - **Keys** with a part `..`, an absolute path, a drive or a control character are refused, and
///   the report names them as failed.
#[must_use = "nothing is done before `run` is awaited"]
pub struct Folder {
    engine: Engine,
    what: What,
    filter: Filter,
    links: Links,
    markers: bool,
    setup: Setup,
}

#[derive(Debug)]
enum What {
    Upload(PathBuf, Prefix),
    Download(Prefix, PathBuf),
    Copy(Prefix, Prefix),
    Delete(Prefix),
}

impl Folder {
    pub(crate) fn upload(engine: &Engine, from: &Path, to: &Prefix) -> Self {
        Self::new(engine, What::Upload(from.to_owned(), to.as_folder()))
    }

    pub(crate) fn download(engine: &Engine, from: &Prefix, to: &Path) -> Self {
        Self::new(engine, What::Download(from.as_folder(), to.to_owned()))
    }

    pub(crate) fn copy(engine: &Engine, from: &Prefix, to: &Prefix) -> Self {
        Self::new(engine, What::Copy(from.as_folder(), to.as_folder()))
    }

    pub(crate) fn delete(engine: &Engine, of: &Prefix) -> Self {
        Self::new(engine, What::Delete(of.clone()))
    }

    fn new(engine: &Engine, what: What) -> Self {
        Self {
            engine: engine.clone(),
            what,
            filter: Filter::new(),
            links: Links::default(),
            markers: false,
            setup: Setup::default(),
        }
    }

    /// Which files and objects are meant.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// What is done with symbolic links.
    pub fn links(mut self, links: Links) -> Self {
        self.links = links;
        self
    }

    /// Whether an upload stores markers of empty folders; not unless set.
    pub fn markers(mut self, markers: bool) -> Self {
        self.markers = markers;
        self
    }

    /// Whether uploads keep the times of files as metadata, and downloads give files the times that
    /// were kept; not unless set.
    pub fn keep_times(mut self, keep: bool) -> Self {
        self.setup.keeps_time = keep;
        self
    }

    /// Whether sources are deleted when all of it has been transferred: a move. What failed stays.
    pub fn remove_sources(mut self, removes: bool) -> Self {
        self.setup.removes_sources = removes;
        self
    }

    /// What objects are stored with.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.setup.settings = settings;
        self
    }

    /// The key of your own that objects are encrypted with which are read.
    pub fn customer_key(mut self, key: CustomerKey) -> Self {
        self.setup.key = Some(key);
        self
    }

    /// Lets `control` pause and cancel it.
    pub fn control(mut self, control: &Control) -> Self {
        self.setup.control = Some(control.clone());
        self
    }

    /// Calls `observer` with what happens.
    pub fn on_event(mut self, observer: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.setup.observer = Some(Arc::new(observer));
        self
    }

    /// Lists what is to be done, and does nothing.
    ///
    /// # Errors
    /// The folder or the bucket cannot be listed.
    pub async fn plan(self) -> Result<Plan, Error> {
        let subject = self.what.to_string();
        let job = Job::new(&self.engine, self.setup.control.as_ref(), None, None);
        let names = Names::new(self.filter);
        let found = match &self.what {
            What::Upload(from, to) => {
                let markers = self.markers;
                uploads(&job, from, to, names, (self.links, markers)).await
            }
            What::Download(from, to) => downloads(&job, from, to, &names).await,
            What::Copy(from, to) => copies(&job, from, to, &names).await,
            What::Delete(of) => deletions(&job, of, &names).await,
        };
        let found = found.map_err(|error| error.about(subject))?;
        Ok(Plan::new(&self.engine, found, self.setup))
    }

    /// Lists what is to be done, and does it.
    ///
    /// # Errors
    /// The folder or the bucket cannot be listed. What fails later is in the report.
    pub async fn run(self) -> Result<Report, Error> {
        Ok(self.plan().await?.run().await)
    }
}

async fn uploads(
    job: &Job,
    from: &Path,
    to: &Prefix,
    names: Names,
    (links, markers): (Links, bool),
) -> Result<Found, Error> {
    let root = from.to_owned();
    let walked = blocking(move || Ok(walk(&root, &names, links)));
    let walked = job.control.unless_cancelled(walked).await?;
    let tree = walked.map_err(|error| Error::file("read the folder", from, error))??;
    let mut found = Found {
        skipped: tree.skipped,
        ..Found::default()
    };
    found.refuse_all(tree.failed);
    let files = tree.files.into_iter().map(|(key, file)| Item {
        action: Action::Upload {
            from: file.path,
            to: to.object(&key),
        },
        size: file.size,
        reason: Reason::Asked,
        info: None,
    });
    found.items.extend(files);
    if markers {
        let markers = tree.empty.into_iter().map(|key| Item {
            action: Action::MakeMarker {
                to: to.object(&format!("{key}/")),
            },
            size: 0,
            reason: Reason::Asked,
            info: None,
        });
        found.items.extend(markers);
    }
    Ok(found)
}

async fn downloads(job: &Job, from: &Prefix, to: &Path, names: &Names) -> Result<Found, Error> {
    let (mut found, mut unique) = (Found::default(), Unique::default());
    let each = |object: RemoteObject| {
        if object.is_itself() {
            return;
        }
        let source = from.object(&object.relative);
        let path = object.path().and_then(|path| unique.require(path));
        match path {
            Ok(path) => found.items.push(download(source, to, path, &object)),
            Err(error) => found.refuse(source.to_string(), error),
        }
    };
    remote::list(job, from, names, each).await?;
    require_any(&found, from)?;
    Ok(found)
}

/// The download of an object, or the folder that it marks.
fn download(from: Object, folder: &Path, to: PathBuf, object: &RemoteObject) -> Item {
    let folder = folder.to_owned();
    let action = if object.is_marker() {
        Action::MakeFolder { folder, to }
    } else {
        Action::Download { from, folder, to }
    };
    Item {
        action,
        size: object.info.size,
        reason: Reason::Asked,
        info: Some(object.info.clone()),
    }
}

async fn copies(job: &Job, from: &Prefix, to: &Prefix, names: &Names) -> Result<Found, Error> {
    let is_one = from.bucket == to.bucket && from.region == to.region;
    let within = to.prefix.strip_prefix(&from.prefix).filter(|_| is_one);
    // What would be copied again, into itself, the next time.
    let mut returns = false;
    let mut found = Found::default();
    let each = |object: RemoteObject| {
        returns |=
            within.is_some_and(|within| names.takes(&format!("{within}{}", object.relative)));
        found.items.push(Item {
            action: Action::Copy {
                from: from.object(&object.relative),
                to: to.object(&object.relative),
            },
            size: object.info.size,
            reason: Reason::Asked,
            info: Some(object.info),
        });
    };
    remote::list(job, from, names, each).await?;
    if returns {
        return Err(
            Error::new(ErrorKind::Refused, format!("{to} lies within {from}"))
                .advise("choose a target outside of the source, or leave it out by a filter"),
        );
    }
    require_any(&found, from)?;
    Ok(found)
}

/// Any text is a prefix, so a mistyped one is recognized by what it lacks.
fn require_any(found: &Found, from: &Prefix) -> Result<(), Error> {
    if found.items.is_empty() && found.refused.is_empty() {
        return Err(
            Error::new(ErrorKind::NotFound, format!("there is no object in {from}"))
                .advise("check the name, and the filter if there is one"),
        );
    }
    Ok(())
}

async fn deletions(job: &Job, of: &Prefix, names: &Names) -> Result<Found, Error> {
    let mut found = Found::default();
    let each = |object: RemoteObject| {
        let object = of.object(&object.relative);
        found.items.push(Item {
            action: Action::DeleteObject { object },
            size: 0,
            reason: Reason::Asked,
            info: None,
        });
    };
    remote::list(job, of, names, each).await?;
    Ok(found)
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upload(from, to) => write!(f, "upload of {} to {to}", from.display()),
            Self::Download(from, to) => write!(f, "download of {from} to {}", to.display()),
            Self::Copy(from, to) => write!(f, "copy of {from} to {to}"),
            Self::Delete(of) => write!(f, "deletion of {of}"),
        }
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Folder({})", self.what)
    }
}
