//! Renditions that were made while pictures were read, kept on the disk.
//!
//! A rendition is kept under the digest of its source and its recipe, so it is never stale: what
//! changes has another digest, and what nobody asks for any more makes room. Requests for the same
//! one at the same time wait for the first of them. Nothing outlives the process.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use quick_cache::sync::{Cache, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tcloud_imaging::Format;
use tempfile::{NamedTempFile, TempDir, TempPath};

use super::Rendition;
use crate::jobs::on_thread;

/// What an entry takes besides its file, in bytes.
const OVERHEAD: u64 = 512;
/// How many bytes a rendition is thought to have, to estimate how many there will be.
const USUAL: u64 = 64 * 1024;

/// Renditions on the disk.
#[derive(Debug)]
pub(crate) struct Renditions {
    entries: Entries,
    folder: Arc<Place>,
}

type Entries = Cache<String, Arc<Entry>, ByBytes>;

/// What is kept of a rendition.
#[derive(Debug)]
enum Entry {
    /// A picture. Its file goes when the last reader of it is done.
    Picture {
        path: TempPath,
        format: Format,
        engines: Vec<String>,
        bytes: u64,
    },
    Json(String),
    /// That it is the picture as it was.
    Original,
}

/// A rendition as it was kept.
#[derive(Debug)]
pub(crate) enum Kept {
    /// This one.
    Rendition(Rendition),
    /// The picture as it was, which is not kept twice.
    Original,
}

/// What is found under a digest.
pub(crate) enum Found<'a> {
    Kept(Kept),
    /// Nothing, and whoever asks for the same waits for what is put here.
    Missing(Vacancy<'a>),
}

/// A place for a rendition that is being made. Dropped, it goes to the next one who waits.
pub(crate) struct Vacancy<'a> {
    folder: &'a Arc<Place>,
    guard: PlaceholderGuard<'a, String, Arc<Entry>, ByBytes, DefaultHashBuilder, Lifecycle>,
}

type Lifecycle = quick_cache::sync::DefaultLifecycle<String, Arc<Entry>>;

/// Weighs entries by what they take on the disk or in memory.
#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<String, Arc<Entry>> for ByBytes {
    fn weight(&self, _: &String, entry: &Arc<Entry>) -> u64 {
        OVERHEAD.saturating_add(match &**entry {
            Entry::Picture { bytes, .. } => *bytes,
            Entry::Json(text) => u64::try_from(text.len()).unwrap_or(u64::MAX),
            Entry::Original => 0,
        })
    }
}

/// The folder of the files, made when it is needed.
#[derive(Debug)]
struct Place {
    parent: Option<PathBuf>,
    made: OnceLock<Option<TempDir>>,
}

impl Renditions {
    /// At most `limit` bytes of renditions in files below `parent`, which is this process's alone, or
    /// in the system's folder for temporary files.
    pub(crate) fn new(limit: u64, parent: Option<PathBuf>) -> Self {
        let items = usize::try_from(limit / USUAL).unwrap_or(usize::MAX);
        let mut options = OptionsBuilder::new();
        options
            // So that the limit is that of all renditions, not of a part of them.
            .shards(1)
            .estimated_items_capacity(items.clamp(16, 1 << 20))
            .weight_capacity(limit);
        let entries = match options.build() {
            Ok(options) => Cache::with_options(
                options,
                ByBytes,
                DefaultHashBuilder::default(),
                Lifecycle::default(),
            ),
            // It only says what is left out above.
            Err(_) => Cache::with_weighter(16, limit, ByBytes),
        };
        Self {
            entries,
            folder: Arc::new(Place {
                parent,
                made: OnceLock::new(),
            }),
        }
    }

    /// What is kept under `digest`.
    pub(crate) async fn find(&self, digest: &str) -> Found<'_> {
        loop {
            let entry = match self.entries.get_value_or_guard_async(digest).await {
                Ok(entry) => entry,
                Err(guard) => {
                    let folder = &self.folder;
                    return Found::Missing(Vacancy { folder, guard });
                }
            };
            match entry.read().await {
                Ok(kept) => return Found::Kept(kept),
                // Somebody has tidied up: it is made again.
                Err(error) => {
                    tracing::warn!(%error, "a rendition that was kept cannot be read");
                    self.entries.remove(digest);
                }
            }
        }
    }
}

impl Entry {
    async fn read(&self) -> io::Result<Kept> {
        Ok(match self {
            Self::Picture {
                path,
                format,
                engines,
                ..
            } => Kept::Rendition(Rendition::Picture {
                bytes: tokio::fs::read(path).await?.into(),
                format: *format,
                engines: engines.clone(),
            }),
            Self::Json(text) => Kept::Rendition(Rendition::Json(text.clone())),
            Self::Original => Kept::Original,
        })
    }
}

impl Vacancy<'_> {
    /// Keeps `rendition` here. Where that cannot be, it is made again the next time.
    pub(crate) async fn keep(self, rendition: &Rendition) {
        let entry = match rendition {
            Rendition::Picture {
                bytes,
                format,
                engines,
            } => {
                let (folder, content) = (Arc::clone(self.folder), bytes.clone());
                let written = on_thread(move |_| folder.write(&content)).await;
                let path = match written.map_err(io::Error::other) {
                    Ok(Ok(path)) => path,
                    Ok(Err(error)) | Err(error) => {
                        tracing::warn!(%error, "a rendition cannot be kept");
                        return;
                    }
                };
                Entry::Picture {
                    path,
                    format: *format,
                    engines: engines.clone(),
                    bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
                }
            }
            Rendition::Json(text) => Entry::Json(text.clone()),
            Rendition::Original(_) => Entry::Original,
            // What is found in pictures is found again.
            _ => return,
        };
        // It fails if the entry was removed meanwhile.
        let _ = self.guard.insert(Arc::new(entry));
    }
}

impl Place {
    fn write(&self, content: &Bytes) -> io::Result<TempPath> {
        let folder = self.made.get_or_init(|| match self.make() {
            Ok(folder) => Some(folder),
            Err(error) => {
                tracing::warn!(%error, "renditions are not kept: they have no folder");
                None
            }
        });
        let folder = folder.as_ref().map(TempDir::path);
        let folder: &Path = folder.ok_or_else(|| io::Error::other("there is no folder for it"))?;
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        Ok(file.into_temp_path())
    }

    fn make(&self) -> io::Result<TempDir> {
        let Some(parent) = &self.parent else {
            return tempfile::Builder::new().prefix("tcloud-").tempdir();
        };
        // What a process that was killed has left.
        match fs::remove_dir_all(parent) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(parent)?;
        TempDir::new_in(parent)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn picture(byte: u8, bytes: usize) -> Rendition {
        Rendition::Picture {
            bytes: vec![byte; bytes].into(),
            format: Format::Png,
            engines: Vec::new(),
        }
    }

    async fn vacancy<'a>(cache: &'a Renditions, digest: &str) -> Vacancy<'a> {
        match cache.find(digest).await {
            Found::Missing(vacancy) => vacancy,
            Found::Kept(kept) => panic!("{kept:?}"),
        }
    }

    async fn kept(cache: &Renditions, digest: &str) -> Option<Kept> {
        match cache.find(digest).await {
            Found::Missing(_) => None,
            Found::Kept(kept) => Some(kept),
        }
    }

    fn files(folder: &Path) -> usize {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let count = |entry: fs::DirEntry| {
            if entry.file_type().unwrap().is_dir() {
                files(&entry.path())
            } else {
                1
            }
        };
        entries.map(count).sum()
    }

    #[tokio::test]
    async fn what_is_kept_is_found_again_and_goes_with_the_cloud() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path().join("renditions");
        fs::create_dir_all(parent.join("left by a process that was killed")).unwrap();
        let cache = Renditions::new(1 << 20, Some(parent.clone()));
        for (digest, rendition) in [
            ("a", picture(1, 100)),
            ("b", Rendition::Json("{}".to_owned())),
            ("c", Rendition::Original(Bytes::from_static(b"as it was"))),
        ] {
            vacancy(&cache, digest).await.keep(&rendition).await;
        }
        assert!(matches!(
            kept(&cache, "a").await,
            Some(Kept::Rendition(Rendition::Picture { bytes, format: Format::Png, .. }))
                if bytes == vec![1; 100]
        ));
        assert!(matches!(
            kept(&cache, "b").await,
            Some(Kept::Rendition(Rendition::Json(text))) if text == "{}"
        ));
        assert!(matches!(kept(&cache, "c").await, Some(Kept::Original)));
        assert_eq!(files(&parent), 1);
        assert_eq!(fs::read_dir(&parent).unwrap().count(), 1);
        drop(cache);
        assert_eq!(fs::read_dir(&parent).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn the_disk_takes_no_more_than_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path().join("renditions");
        let cache = Renditions::new(10_000, Some(parent.clone()));
        for number in 0..50_u8 {
            let digest = number.to_string();
            vacancy(&cache, &digest)
                .await
                .keep(&picture(number, 1000))
                .await;
            assert!(cache.entries.weight() <= 10_000);
        }
        assert!((1..=6).contains(&files(&parent)), "{}", files(&parent));
        // One that does not fit at all is not kept.
        vacancy(&cache, "large")
            .await
            .keep(&picture(0, 20_000))
            .await;
        assert!(kept(&cache, "large").await.is_none());
    }

    #[tokio::test]
    async fn equal_requests_wait_for_the_first() {
        let cache = Renditions::new(1 << 20, None);
        let first = vacancy(&cache, "a").await;
        let mut second = Box::pin(kept(&cache, "a"));
        assert!(second.as_mut().now_or_never().is_none());
        first.keep(&picture(1, 10)).await;
        assert!(second.await.is_some());
        // If the first gives up, the next one does it.
        let first = vacancy(&cache, "b").await;
        let mut second = Box::pin(vacancy(&cache, "b"));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        second.await.keep(&picture(2, 10)).await;
        assert!(kept(&cache, "b").await.is_some());
    }

    #[tokio::test]
    async fn a_file_that_is_gone_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let parent = folder.path().join("renditions");
        let cache = Renditions::new(1 << 20, Some(parent.clone()));
        vacancy(&cache, "a").await.keep(&picture(1, 10)).await;
        for entry in fs::read_dir(&parent).unwrap() {
            for file in fs::read_dir(entry.unwrap().path()).unwrap() {
                fs::remove_file(file.unwrap().path()).unwrap();
            }
        }
        vacancy(&cache, "a").await.keep(&picture(1, 10)).await;
        assert!(kept(&cache, "a").await.is_some());
    }

    #[tokio::test]
    async fn without_room_nothing_is_kept() {
        let cache = Renditions::new(0, None);
        vacancy(&cache, "a").await.keep(&picture(1, 10)).await;
        assert!(kept(&cache, "a").await.is_none());
    }
}
