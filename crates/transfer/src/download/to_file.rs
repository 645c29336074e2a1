//! A download to a file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tcloud_core::body::Body;
use tokio::task::JoinSet;

use super::fetch::{From, fetch};
use super::part_file::{Names, PartFile, write_whole};
use super::verify::Verified;
use crate::blocking::blocking;
use crate::checkpoint::{Checkpoint, Done, Identity, Saved};
use crate::checksum::Checksums;
use crate::engine::{Job, Turn};
use crate::error::{Error, ErrorKind};
use crate::parts::Parts;
use crate::paths::make_parents;
use crate::service::ObjectInfo;
use crate::times;

/// An object of at most this size is in memory before its file is begun, since each change to a
/// thread that may wait for the disk costs more than writing it.
const SMALL: u64 = 256 * 1024;

/// What is downloaded to where.
pub(super) struct ToFile<'a> {
    pub(super) job: &'a Job,
    pub(super) from: &'a From,
    pub(super) info: &'a ObjectInfo,
    pub(super) target: &'a Path,
    /// The folder that no link may lead out of.
    pub(super) within: Option<&'a Path>,
    pub(super) part_size: Option<u64>,
    pub(super) resumes: bool,
    pub(super) keeps_time: bool,
}

impl ToFile<'_> {
    /// Downloads; `opened` is an answer with all of the object, not yet read.
    pub(super) async fn run(&self, opened: Option<Body>) -> Result<(Verified, u32), Error> {
        let (size, target) = (self.info.size, self.target);
        let names = Names::of(target, &self.from.object.to_string());
        let tuning = &self.job.engine.tuning;
        let is_large = size >= tuning.threshold;
        if !is_large && size <= SMALL {
            return Ok((self.small(opened, names.part).await?, 0));
        }
        let folder = self.folder();
        let made = blocking(move || Ok(folder.make())).await;
        made.map_err(|error| Error::file("make the folder of", target, error))??;
        // With the content not named by an ETag, what is there might be of another one.
        let resumes = self.resumes && is_large && self.from.etag.is_some();
        let parts = if is_large {
            Parts::of(size, self.part_size)?
        } else {
            Parts::pieces(size, size)
        };
        self.job
            .meter
            .expect(Some(size), Some(u64::from(parts.count())));
        let known = if resumes {
            self.known(&names, parts).await
        } else {
            None
        };
        let file = PartFile::open(&names.part, size, known.is_some()).await?;
        let mut sums = Checksums::default();
        let mut done = Vec::new();
        for part in known.unwrap_or_default() {
            let range = parts.range(part.part);
            // What was written may not have reached the disk.
            if file.holds(range, part.crc64).await {
                self.job.meter.resume(part.length);
                sums.add(part.part, part.length, part.crc64);
                done.push(part);
            }
        }
        let numbers = done.iter().map(|done| done.part).collect();
        let checkpoint = if resumes {
            let saved = Saved {
                identity: self.identity(parts),
                upload_id: None,
                done,
            };
            let begun = Checkpoint::begin(&names.checkpoint, &saved).await;
            let begun = begun.map_err(|error| Error::file("write", &names.checkpoint, error))?;
            file.keep(true);
            Some(begun)
        } else {
            None
        };
        let fetched = self.fetch(
            opened,
            &file,
            parts,
            &numbers,
            checkpoint.as_ref(),
            &mut sums,
        );
        let fetched = self.job.control.unless_cancelled(fetched).await;
        let verified = fetched
            .and_then(|fetched| fetched)
            .and_then(|()| Verified::of(self.info, sums.whole()));
        match verified {
            Ok(verified) => {
                let modified = times::of_file(self.info, self.keeps_time);
                file.become_target(target, modified, is_large).await?;
                if let Some(checkpoint) = checkpoint {
                    checkpoint.remove().await;
                }
                Ok((verified, if is_large { parts.count() } else { 0 }))
            }
            Err(error) => {
                // Of another content, or of one that is damaged, nothing is worth keeping.
                let is_useless = matches!(error.kind(), ErrorKind::Integrity | ErrorKind::Changed);
                if let Some(checkpoint) = checkpoint.filter(|_| is_useless) {
                    file.keep(false);
                    checkpoint.remove().await;
                }
                Err(error)
            }
        }
    }

    /// Downloads what is small: the file is written in one go when all is there and right.
    async fn small(&self, opened: Option<Body>, part: PathBuf) -> Result<Verified, Error> {
        let (job, size) = (self.job, self.info.size);
        job.meter.expect(Some(size), Some(1));
        let mut pieces = Vec::new();
        let fetched = async {
            let slot = job.engine.slots.take().await;
            fetch(job, self.from, 0..size, opened, Some(&slot), &mut pieces).await
        };
        let crc64 = job.control.unless_cancelled(fetched).await??;
        let verified = Verified::of(self.info, crc64)?;
        let modified = times::of_file(self.info, self.keeps_time);
        let (folder, target) = (self.folder(), self.target.to_owned());
        let written = blocking(move || {
            let made = folder.make();
            Ok(made.and_then(|()| write_whole(&part, pieces, &target, modified)))
        });
        written
            .await
            .map_err(|error| Error::file("write", self.target, error))??;
        Ok(verified)
    }

    fn folder(&self) -> Folder {
        Folder {
            target: self.target.to_owned(),
            within: self.within.map(Path::to_owned),
        }
    }

    /// Fetches the parts that are not there yet.
    async fn fetch(
        &self,
        mut opened: Option<Body>,
        file: &PartFile,
        parts: Parts,
        done: &BTreeSet<u32>,
        checkpoint: Option<&Checkpoint>,
        sums: &mut Checksums,
    ) -> Result<(), Error> {
        let mut tasks: JoinSet<Result<Done, Error>> = JoinSet::new();
        let mut note = async |ended: Result<Result<Done, Error>, tokio::task::JoinError>| {
            let done = ended.map_err(|error| {
                Error::new(ErrorKind::Stream, format!("a part's task ended: {error}"))
            })??;
            sums.add(done.part, done.length, done.crc64);
            if let Some(checkpoint) = checkpoint {
                let added = checkpoint.add(&done).await;
                added
                    .map_err(|error| Error::file("write the checkpoint of", self.target, error))?;
            }
            Ok::<(), Error>(())
        };
        for number in (1..=parts.count()).filter(|number| !done.contains(number)) {
            let length = parts.length(number);
            if length == 0 {
                continue;
            }
            // Whatever has ended is noted at once: a kill loses no more than what is under way.
            let slot = loop {
                match self.job.slot_or(&mut tasks).await? {
                    Turn::Slot(slot) => break slot,
                    Turn::Ended(ended) => note(ended).await?,
                }
            };
            // It begins at the start of the object, so it is of use for the first part only.
            let opened = opened.take().filter(|_| number == 1);
            let (job, from) = (self.job.clone(), self.from.clone());
            let (range, file) = (parts.range(number), file.clone());
            tasks.spawn(async move {
                let mut writer = file.writer(range.start);
                let crc64 = fetch(&job, &from, range, opened, Some(&slot), &mut writer).await?;
                writer.flush().await?;
                Ok(Done {
                    part: number,
                    length,
                    crc64,
                    etag: None,
                })
            });
        }
        while let Some(ended) = tasks.join_next().await {
            note(ended).await?;
        }
        Ok(())
    }

    /// The parts that an earlier process has written, if it downloaded the same.
    async fn known(&self, names: &Names, parts: Parts) -> Option<Vec<Done>> {
        let saved = Saved::read(&names.checkpoint).await?;
        let is_same = saved.identity == self.identity(parts) && names.part.exists();
        let fits = |done: &Done| {
            (1..=parts.count()).contains(&done.part) && done.length == parts.length(done.part)
        };
        is_same.then(|| saved.done.into_iter().filter(fits).collect())
    }

    fn identity(&self, parts: Parts) -> Identity {
        let object = &self.from.object;
        Identity {
            direction: "download".to_owned(),
            bucket: object.bucket.clone(),
            key: object.key.clone(),
            version: object.version.clone(),
            path: std::path::absolute(self.target).unwrap_or_else(|_| self.target.to_owned()),
            size: self.info.size,
            modified: None,
            etag: self.from.etag.clone(),
            part_size: parts.part_size(),
            settings: None,
        }
    }
}

/// The folder of a target.
struct Folder {
    target: PathBuf,
    within: Option<PathBuf>,
}

impl Folder {
    /// Makes it, if need be. It waits for the disk.
    fn make(&self) -> Result<(), Error> {
        let inner = self.within.as_ref().and_then(|root| {
            let relative = self.target.strip_prefix(root).ok()?;
            Some((root, relative))
        });
        if let Some((root, relative)) = inner {
            return make_parents(root, relative);
        }
        match self.target.parent() {
            Some(folder) if folder != Path::new("") => std::fs::create_dir_all(folder)
                .map_err(|error| Error::file("make the folder", folder, error)),
            _ => Ok(()),
        }
    }
}
