//! What is to be done for one file or object of many.

use std::fmt;
use std::path::PathBuf;

use crate::error::Error;
use crate::object::Object;
use crate::service::ObjectInfo;

/// What is to be done for one file or object. `Display` says it in a line, as a dry run prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// What is to be done.
    pub action: Action,
    /// Bytes that move; 0 where none do.
    pub size: u64,
    /// Why.
    pub reason: Reason,
    /// What a list says of the object that is read.
    pub(super) info: Option<ObjectInfo>,
}

/// What can be done for a file or an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// A file is uploaded.
    Upload {
        /// The file.
        from: PathBuf,
        /// The object.
        to: Object,
    },
    /// An object is downloaded.
    Download {
        /// The object.
        from: Object,
        /// The folder that everything goes to.
        folder: PathBuf,
        /// The file, from there.
        to: PathBuf,
    },
    /// An object is copied.
    Copy {
        /// The source.
        from: Object,
        /// The copy.
        to: Object,
    },
    /// A folder is made, since there is a marker of it: an empty object whose key ends with `/`.
    MakeFolder {
        /// The folder that everything goes to.
        folder: PathBuf,
        /// The new folder, from there.
        to: PathBuf,
    },
    /// A marker of an empty folder is stored.
    MakeMarker {
        /// The object.
        to: Object,
    },
    /// An object is deleted.
    DeleteObject {
        /// The object, or a version of it.
        object: Object,
    },
    /// A file is deleted.
    DeleteFile {
        /// The file.
        path: PathBuf,
    },
}

/// Why something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// It was asked for.
    Asked,
    /// The target does not have it.
    New,
    /// The target has another size.
    Size,
    /// The source changed later.
    Time,
    /// The target has another checksum, or none.
    Checksum,
    /// The source does not have it.
    Extra,
    /// It has been moved.
    Moved,
}

impl Reason {
    /// The reason in a word or two.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked for",
            Self::New => "new",
            Self::Size => "other size",
            Self::Time => "newer",
            Self::Checksum => "other checksum",
            Self::Extra => "not in the source",
            Self::Moved => "moved",
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.action {
            Action::Upload { from, to } => write!(f, "upload {} to {to}", from.display()),
            Action::Download { from, folder, to } => {
                write!(f, "download {from} to {}", folder.join(to).display())
            }
            Action::Copy { from, to } => write!(f, "copy {from} to {to}"),
            Action::MakeFolder { folder, to } => {
                write!(f, "make the folder {}", folder.join(to).display())
            }
            Action::MakeMarker { to } => write!(f, "make the marker {to}"),
            Action::DeleteObject { object } => write!(f, "delete {object}"),
            Action::DeleteFile { path } => write!(f, "delete {}", path.display()),
        }
    }
}

/// What was left out, and why: a symbolic link, a device.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// The file or the object.
    pub name: String,
    /// Why it was left out.
    pub why: String,
}

/// What failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The file or the object.
    pub name: String,
    /// What was to be done; `None` if it was refused before.
    pub item: Option<Item>,
    /// Why it failed.
    pub error: Error,
}
