//! What survives a process that is killed: which parts of a transfer are done.
//!
//! A checkpoint is a text file, each line of which is a checksum and a JSON object. The first line
//! says what is transferred, and a file that says anything else is another transfer's: it is begun
//! again. Each further line is a part that is done. The first line gets there by a rename, and the
//! others are appended, so that a process that is killed at any moment leaves a checkpoint that
//! holds, but perhaps for its last line. Lines behind one that is damaged are ignored.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tcloud_core::body::crc64;
use tokio::sync::Mutex;

use crate::blocking::blocking;

/// Checkpoints of other formats are begun again.
const FORMAT: &str = "tcloud-transfer/1";
/// No checkpoint is larger: 10,000 parts of at most 200 bytes, and room.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What is transferred: a checkpoint of anything else is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// `upload` or `download`.
    pub(crate) direction: String,
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// The object's version, or nothing.
    pub(crate) version: Option<String>,
    /// The local file.
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    /// When the local file changed last, in nanoseconds since 1970; of uploads.
    pub(crate) modified: Option<u64>,
    /// The object's ETag; of downloads.
    pub(crate) etag: Option<String>,
    pub(crate) part_size: u64,
    /// What the object is stored with, in short; of uploads.
    pub(crate) settings: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: String,
    #[serde(flatten)]
    identity: Identity,
    upload_id: Option<String>,
}

/// A part that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Done {
    pub(crate) part: u32,
    pub(crate) length: u64,
    pub(crate) crc64: u64,
    /// What the service calls it; of uploads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
}

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) identity: Identity,
    pub(crate) upload_id: Option<String>,
    pub(crate) done: Vec<Done>,
}

impl Saved {
    /// The checkpoint at `path`; `None` if there is none that can be read.
    pub(crate) async fn read(path: &Path) -> Option<Self> {
        let path = path.to_owned();
        let text = blocking(move || {
            if fs::metadata(&path)?.len() > LARGEST {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            fs::read(&path)
        });
        Self::parse(&text.await.ok()?)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        // A line without its end was being written when the process was killed.
        let end = text.iter().rposition(|byte| *byte == b'\n')?;
        let mut lines = text.get(..end)?.split(|byte| *byte == b'\n');
        let head: Head = unpacked(lines.next()?)?;
        if head.format != FORMAT {
            return None;
        }
        let done = lines.map_while(unpacked);
        Some(Self {
            identity: head.identity,
            upload_id: head.upload_id,
            done: done.collect(),
        })
    }

    fn print(&self) -> io::Result<Vec<u8>> {
        let head = Head {
            format: FORMAT.to_owned(),
            identity: self.identity.clone(),
            upload_id: self.upload_id.clone(),
        };
        let mut text = packed(&head)?;
        for done in &self.done {
            text.extend(packed(done)?);
        }
        Ok(text)
    }
}

/// A line: the checksum of what follows, a space, and the value.
fn packed(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let text = serde_json::to_string(value)?;
    Ok(format!("{:016x} {text}\n", crc64(text.as_bytes())).into_bytes())
}

/// The value of a line without its end; `None` if the line is damaged.
fn unpacked<T: DeserializeOwned>(line: &[u8]) -> Option<T> {
    let (sum, text) = line.split_at_checked(17)?;
    let sum = std::str::from_utf8(sum).ok()?.strip_suffix(' ')?;
    if u64::from_str_radix(sum, 16) != Ok(crc64(text)) {
        return None;
    }
    serde_json::from_slice(text).ok()
}

/// A checkpoint that is being written.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoint(Arc<Open>);

#[derive(Debug)]
struct Open {
    path: PathBuf,
    /// Taken while a line is written.
    file: Mutex<Arc<File>>,
}

impl Checkpoint {
    /// Puts what is `saved` in place of whatever is at `path`.
    pub(crate) async fn begin(path: &Path, saved: &Saved) -> io::Result<Self> {
        let text = saved.print()?;
        let path = path.to_owned();
        let open = blocking(move || {
            let folder = path.parent().filter(|folder| *folder != Path::new(""));
            let folder = folder.unwrap_or(Path::new("."));
            fs::create_dir_all(folder)?;
            let mut new = tempfile::NamedTempFile::new_in(folder)?;
            new.write_all(&text)?;
            new.as_file().sync_all()?;
            new.persist(&path).map_err(|error| error.error)?;
            let file = OpenOptions::new().append(true).open(&path)?;
            Ok(Open {
                path,
                file: Mutex::new(Arc::new(file)),
            })
        });
        Ok(Self(Arc::new(open.await?)))
    }

    /// A further part is done.
    pub(crate) async fn add(&self, done: &Done) -> io::Result<()> {
        let line = packed(done)?;
        let file = self.0.file.lock().await;
        let open = Arc::clone(&file);
        blocking(move || (&*open).write_all(&line)).await
    }

    /// The transfer is done, or given up.
    pub(crate) async fn remove(&self) {
        remove(&self.0.path).await;
    }
}

/// Takes away the checkpoint at `path`, if there is one. One that stays does no harm: it does not
/// fit what is transferred next, or leads to what is there already.
pub(crate) async fn remove(path: &Path) {
    let path = path.to_owned();
    let _ = blocking(move || fs::remove_file(path)).await;
}

/// A time as it is compared: nanoseconds since 1970.
pub(crate) fn nanoseconds(time: SystemTime) -> Option<u64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Checkpoint, Done, Identity, Saved, packed, remove, unpacked};

    fn saved() -> Saved {
        Saved {
            identity: Identity {
                direction: "upload".to_owned(),
                bucket: "b-1".to_owned(),
                key: "a \"quoted\"\nkey".to_owned(),
                version: None,
                path: "/data/a".into(),
                size: 100,
                modified: Some(u64::MAX),
                etag: None,
                part_size: 10,
                settings: Some(u64::MAX),
            },
            upload_id: Some("id".to_owned()),
            done: (1..=3).map(done).collect(),
        }
    }

    fn done(part: u32) -> Done {
        Done {
            part,
            length: 10,
            crc64: u64::MAX - u64::from(part),
            etag: Some(format!("\"{part}\"")),
        }
    }

    #[tokio::test]
    async fn what_is_added_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/checkpoint");
        assert_eq!(Saved::read(&path).await, None);
        let mut expected = saved();
        let checkpoint = Checkpoint::begin(&path, &expected).await.unwrap();
        checkpoint.add(&done(4)).await.unwrap();
        expected.done.push(done(4));
        assert_eq!(Saved::read(&path).await, Some(expected.clone()));
        // Another one takes its place at once.
        expected.done.clear();
        Checkpoint::begin(&path, &expected).await.unwrap();
        assert_eq!(Saved::read(&path).await, Some(expected));
        remove(&path).await;
        assert_eq!(Saved::read(&path).await, None);
    }

    #[test]
    fn other_formats_begin_again() {
        let text = String::from_utf8(saved().print().unwrap()).unwrap();
        assert!(Saved::parse(text.as_bytes()).is_some());
        let head: serde_json::Value = unpacked(text.lines().next().unwrap().as_bytes()).unwrap();
        let mut other = head.clone();
        other["format"] = "tcloud-transfer/2".into();
        assert!(Saved::parse(&packed(&head).unwrap()).is_some());
        assert_eq!(Saved::parse(&packed(&other).unwrap()), None);
        assert_eq!(Saved::parse(b""), None);
        assert_eq!(Saved::parse(b"\n\n"), None);
    }

    proptest! {
        /// A file that is cut anywhere gives what was whole in it, and nothing else.
        #[test]
        fn a_torn_line_is_no_part(cut in any::<prop::sample::Index>()) {
            let whole = saved();
            let text = whole.print().unwrap();
            let cut = cut.index(text.len() + 1);
            if let Some(read) = Saved::parse(&text[..cut]) {
                prop_assert_eq!(&read.identity, &whole.identity);
                prop_assert!(whole.done.starts_with(&read.done));
                let lines = text[..cut].split(|byte| *byte == b'\n').count() - 1;
                prop_assert_eq!(read.done.len() + 1, lines);
            } else {
                prop_assert!(!text[..cut].contains(&b'\n'));
            }
        }

        /// What is behind a byte that has changed is not believed.
        #[test]
        fn a_damaged_file_is_no_harm(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let whole = saved();
            let mut text = whole.print().unwrap();
            let at = at.index(text.len());
            text[at] = byte;
            if let Some(read) = Saved::parse(&text) {
                prop_assert_eq!(read.identity, whole.identity);
                prop_assert!(whole.done.starts_with(&read.done));
            }
        }
    }
}
