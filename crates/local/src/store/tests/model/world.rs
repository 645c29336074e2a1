//! Stores, and beside them the model.

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::objects::{Objects, Version};
use crate::clock::ManualClock;
#[cfg(feature = "postgres")]
use crate::database_url::DatabaseUrl;
#[cfg(feature = "postgres")]
use crate::store::blobs::Blobs;
use crate::store::tests::fixture::{BUCKET, LEASE, REGION, START, content, long, name};
use crate::store::{
    Acl, ClaimedJob, JobState, ListQuery, Object, StagedBlob, Store, StoreError, VersionId,
    VersionQuery,
};

/// Where the state lies.
pub(super) enum Place {
    Memory,
    Folder(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(DatabaseUrl, Blobs),
}

/// A claim, and what the model says about it.
pub(super) struct Held {
    pub(super) claim: ClaimedJob,
    pub(super) process: usize,
}

pub(super) struct Staged {
    pub(super) blob: StagedBlob,
    pub(super) made: String,
    pub(super) process: usize,
    /// The life of the process: after a crash it is another one.
    pub(super) life: u32,
}

/// A job as the model has it.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) level: u8,
    pub(super) state: JobState,
    pub(super) attempt: u32,
    pub(super) run_at: i64,
    pub(super) lease_until: i64,
}

/// The stores, and beside them the model.
pub(super) struct World {
    pub(super) place: Place,
    pub(super) clock: Arc<ManualClock>,
    pub(super) processes: Vec<Store>,
    pub(super) lives: Vec<u32>,
    pub(super) claims: Vec<Held>,
    pub(super) staged: Vec<Staged>,
    pub(super) jobs: Vec<Job>,
    pub(super) objects: Objects,
    pub(super) callbacks: usize,
    pub(super) made: usize,
    _folder: Option<TempDir>,
}

impl World {
    pub(super) async fn new(place: Place, processes: usize, folder: Option<TempDir>) -> Self {
        let mut world = Self {
            place,
            clock: Arc::new(ManualClock::new(START)),
            processes: Vec::new(),
            lives: vec![0; processes],
            claims: Vec::new(),
            staged: Vec::new(),
            jobs: Vec::new(),
            objects: Objects::default(),
            callbacks: 0,
            made: 0,
            _folder: folder,
        };
        for _ in 0..processes {
            let store = world.open().await;
            world.processes.push(store);
        }
        let created = world.processes[0]
            .create_bucket(BUCKET, REGION, Acl::Private)
            .await;
        created.unwrap();
        world
    }

    pub(super) async fn open(&self) -> Store {
        let clock = self.clock.clone();
        match &self.place {
            Place::Memory => Store::ephemeral_with_clock(clock).await.unwrap(),
            Place::Folder(path) => loop {
                match Store::in_folder(path, None, clock.clone(), true).await {
                    // What was dropped is still being cleaned away.
                    Err(StoreError::InUse { .. }) => tokio::task::yield_now().await,
                    opened => break opened.unwrap(),
                }
            },
            #[cfg(feature = "postgres")]
            Place::Postgres(url, blobs) => {
                crate::store::tests::fixture::process(url, blobs.clone(), clock).await
            }
        }
    }

    pub(super) fn process(&self, number: usize) -> usize {
        number % self.processes.len()
    }

    pub(super) fn job(&mut self, id: &str) -> &mut Job {
        self.jobs.iter_mut().find(|job| job.id == id).unwrap()
    }

    /// Whether the model says that the claim still holds.
    pub(super) fn holds(&self, held: &Held) -> bool {
        self.jobs.iter().any(|job| {
            job.id == held.claim.job.id
                && job.state == JobState::Running
                && job.attempt == held.claim.job.attempt
        })
    }

    pub(super) fn text(&mut self, is_long: bool) -> String {
        self.made += 1;
        let text = format!("content {} ", self.made);
        if is_long { long(&text) } else { text }
    }

    pub(super) async fn crash(&mut self, process: usize) {
        let process = self.process(process);
        // What is in memory is gone for good.
        if let Place::Memory = self.place {
            return;
        }
        self.claims.retain(|held| held.process != process);
        let life = self.lives[process];
        for lost in self
            .staged
            .extract_if(.., |it| it.process == process && it.life == life)
        {
            // Nothing of it is put in order.
            lost.blob.abandon();
        }
        self.lives[process] += 1;
        let dead = self.processes.remove(process);
        dead.die();
        drop(dead);
        let next = self.open().await;
        self.processes.insert(process, next);
        if let Place::Folder(_) = self.place {
            // The folder's lock proves that nobody works on them.
            for job in &mut self.jobs {
                if job.state == JobState::Running {
                    job.state = JobState::Submitted;
                }
            }
        }
    }

    /// Compares everything with the model.
    pub(super) async fn check(&mut self) {
        self.staged.clear();
        self.clock.advance(LEASE);
        let store = self.processes[0].clone();
        for process in &self.processes {
            process.settle().await;
        }
        for key in 0..4 {
            let at = name(&key.to_string());
            match self.objects.shown(key) {
                Some(made) => assert_eq!(&content(&store, &key.to_string()).await, made),
                None => assert!(matches!(
                    store.head_object(&at).await,
                    Err(StoreError::NoSuchObject(_))
                )),
            }
            let expected = self.objects.keys.get(&key).into_iter().flatten().rev();
            let expected: Vec<_> = expected.cloned().collect();
            let found = versions(&store, key).await;
            let latest: Vec<_> = found.iter().map(|it| it.2).collect();
            let first: Vec<_> = (0..found.len()).map(|index| index == 0).collect();
            assert_eq!(latest, first);
            let mut contents = Vec::new();
            for (id, is_marker, _) in found {
                let made = if is_marker {
                    None
                } else {
                    let reader = store.get_version(&at, Some(id), None).await.unwrap();
                    let bytes = reader.bytes().await.unwrap();
                    Some(String::from_utf8(bytes.to_vec()).unwrap())
                };
                contents.push(Version { id, made });
            }
            assert_eq!(contents, expected);
        }
        for job in &self.jobs {
            let found = store.job(&job.id).await.unwrap();
            assert_eq!((found.state, found.attempt), (job.state, job.attempt));
        }
        assert_eq!(store.callbacks().await.unwrap().len(), self.callbacks);
        let is_long = |made: &&String| made.len() > 65_536;
        let contents = self.objects.contents();
        let short = contents.into_iter().filter(|made| !is_long(made)).count();
        if !matches!(self.place, Place::Memory) {
            assert_eq!(store.inline_contents().await, short);
        }
        assert_eq!(store.named_but_missing().await, 0);
    }
}

/// The versions of a key, the newest first: id, whether it is a delete marker and whether the latest.
pub(super) async fn versions(store: &Store, key: u8) -> Vec<(VersionId, bool, bool)> {
    let query = VersionQuery {
        keys: ListQuery {
            prefix: key.to_string(),
            max_keys: 1000,
            ..ListQuery::default()
        },
        version_marker: None,
    };
    let all = store.list_versions(BUCKET, &query).await.unwrap().versions;
    let version = |(object, is_latest): (Object, bool)| {
        let id = object.version_id().unwrap_or(VersionId::Null);
        (id, object.is_marker, is_latest)
    };
    all.into_iter().map(version).collect()
}
