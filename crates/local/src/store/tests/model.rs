//! Random schedules of operations, crashes and lease ends on a simulated clock, compared with a
//! model that keeps everything in a few maps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;
use tokio::runtime::Runtime;

#[cfg(feature = "postgres")]
use super::cluster::schema;
use super::fixture::{BUCKET, LEASE, REGION, START, content, job, long, name, success, text};
use crate::clock::{Clock, ManualClock};
#[cfg(feature = "postgres")]
use crate::database_url::DatabaseUrl;
#[cfg(feature = "postgres")]
use crate::store::blobs::Blobs;
use crate::store::{
    Acl, ClaimedJob, Effect, JobClass, JobState, ListQuery, NewCallback, NewJob, Object, Overwrite,
    StagedBlob, Store, StoreError, VersionId, VersionQuery, Versioning,
};

/// What is done. Numbers choose among what there is.
#[derive(Debug, Clone)]
enum Step {
    Submit {
        process: usize,
        level: u8,
    },
    Claim {
        process: usize,
    },
    /// Ends a claim, with an object and a callback as effects.
    Finish {
        claim: usize,
        key: u8,
        is_long: bool,
    },
    GiveBack {
        claim: usize,
        delay: i64,
    },
    Extend {
        claim: usize,
    },
    Cancel {
        process: usize,
        job: usize,
    },
    Stage {
        process: usize,
        is_long: bool,
    },
    /// Makes an object of what was staged.
    Put {
        staged: usize,
        key: u8,
    },
    Discard {
        staged: usize,
    },
    Delete {
        process: usize,
        key: u8,
    },
    /// Deletes one of the versions of a key, if it has any.
    DeleteVersion {
        process: usize,
        key: u8,
        version: usize,
    },
    /// Copies what a key shows, or gives it another name.
    Copy {
        process: usize,
        from: u8,
        to: u8,
        is_move: bool,
    },
    /// Sets whether the bucket keeps versions.
    Version {
        process: usize,
        is_enabled: bool,
    },
    Advance {
        millis: i64,
    },
    Release {
        process: usize,
    },
    Collect {
        process: usize,
    },
    /// The process is gone, with all that it held, and another one takes its place.
    Crash {
        process: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let one = 0..64_usize;
    let key = 0..4_u8;
    prop_oneof![
        4 => (one.clone(), 0..3_u8).prop_map(|(process, level)| Step::Submit { process, level }),
        5 => one.clone().prop_map(|process| Step::Claim { process }),
        4 => (one.clone(), key.clone(), any::<bool>())
            .prop_map(|(claim, key, is_long)| Step::Finish { claim, key, is_long }),
        1 => (one.clone(), 0..3_000_i64)
            .prop_map(|(claim, delay)| Step::GiveBack { claim, delay }),
        1 => one.clone().prop_map(|claim| Step::Extend { claim }),
        1 => (one.clone(), one.clone()).prop_map(|(process, job)| Step::Cancel { process, job }),
        3 => (one.clone(), any::<bool>())
            .prop_map(|(process, is_long)| Step::Stage { process, is_long }),
        3 => (one.clone(), key.clone()).prop_map(|(staged, key)| Step::Put { staged, key }),
        1 => one.clone().prop_map(|staged| Step::Discard { staged }),
        2 => (one.clone(), key.clone()).prop_map(|(process, key)| Step::Delete { process, key }),
        2 => (one.clone(), key.clone(), one.clone())
            .prop_map(|(process, key, version)| Step::DeleteVersion { process, key, version }),
        2 => (one.clone(), key.clone(), key, any::<bool>())
            .prop_map(|(process, from, to, is_move)| Step::Copy { process, from, to, is_move }),
        1 => (one.clone(), any::<bool>())
            .prop_map(|(process, is_enabled)| Step::Version { process, is_enabled }),
        3 => prop_oneof![1..5_000_i64, Just(LEASE / 2), Just(LEASE)]
            .prop_map(|millis| Step::Advance { millis }),
        2 => one.clone().prop_map(|process| Step::Release { process }),
        1 => one.clone().prop_map(|process| Step::Collect { process }),
        1 => one.prop_map(|process| Step::Crash { process }),
    ]
}

/// Where the state lies.
enum Place {
    Memory,
    Folder(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(DatabaseUrl, Blobs),
}

/// A claim, and what the model says about it.
struct Held {
    claim: ClaimedJob,
    process: usize,
}

struct Staged {
    blob: StagedBlob,
    made: String,
    process: usize,
    /// The life of the process: after a crash it is another one.
    life: u32,
}

/// A job as the model has it.
#[derive(Debug, Clone)]
struct Job {
    id: String,
    level: u8,
    state: JobState,
    attempt: u32,
    run_at: i64,
    lease_until: i64,
}

/// A version of an object as the model has it; a delete marker has no content.
#[derive(Debug, Clone, PartialEq)]
struct Version {
    id: VersionId,
    made: Option<String>,
}

/// The versions of each key as the model has them, the newest last.
#[derive(Debug, Default)]
struct Objects {
    versioning: Versioning,
    keys: BTreeMap<u8, Vec<Version>>,
}

impl Objects {
    /// What `key` shows.
    fn shown(&self, key: u8) -> Option<&String> {
        self.keys.get(&key)?.last()?.made.as_ref()
    }

    /// Makes `made`, which the store calls `id`, the newest version of `key`.
    fn put(&mut self, key: u8, id: Option<VersionId>, made: Option<String>) {
        let versions = self.keys.entry(key).or_default();
        match self.versioning {
            Versioning::Never => versions.clear(),
            Versioning::Enabled => assert!(versions.iter().all(|it| Some(it.id) != id)),
            Versioning::Suspended => {
                versions.retain(|it| it.id != VersionId::Null);
                assert_eq!(id, Some(VersionId::Null));
            }
        }
        let id = id.unwrap_or(VersionId::Null);
        versions.push(Version { id, made });
    }

    /// Deletes what `key` shows, with the marker that the store has made.
    fn delete(&mut self, key: u8, marker: Option<VersionId>) {
        if self.versioning == Versioning::Never {
            assert_eq!(marker, None);
            self.keys.remove(&key);
        } else {
            assert!(marker.is_some());
            self.put(key, marker, None);
        }
    }

    /// All content there is.
    fn contents(&self) -> BTreeSet<&String> {
        let versions = self.keys.values().flatten();
        versions.filter_map(|it| it.made.as_ref()).collect()
    }
}

/// The stores, and beside them the model.
struct World {
    place: Place,
    clock: Arc<ManualClock>,
    processes: Vec<Store>,
    lives: Vec<u32>,
    claims: Vec<Held>,
    staged: Vec<Staged>,
    jobs: Vec<Job>,
    objects: Objects,
    callbacks: usize,
    made: usize,
    _folder: Option<TempDir>,
}

impl World {
    async fn new(place: Place, processes: usize, folder: Option<TempDir>) -> Self {
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

    async fn open(&self) -> Store {
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
            Place::Postgres(url, blobs) => super::fixture::process(url, blobs.clone(), clock).await,
        }
    }

    fn process(&self, number: usize) -> usize {
        number % self.processes.len()
    }

    fn job(&mut self, id: &str) -> &mut Job {
        self.jobs.iter_mut().find(|job| job.id == id).unwrap()
    }

    /// Whether the model says that the claim still holds.
    fn holds(&self, held: &Held) -> bool {
        self.jobs.iter().any(|job| {
            job.id == held.claim.job.id
                && job.state == JobState::Running
                && job.attempt == held.claim.job.attempt
        })
    }

    fn text(&mut self, is_long: bool) -> String {
        self.made += 1;
        let text = format!("content {} ", self.made);
        if is_long { long(&text) } else { text }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one arm a kind of step reads best beside the others"
    )]
    async fn run(&mut self, step: Step) {
        let now = self.clock.now();
        let monotonic = self.clock.monotonic();
        match step {
            Step::Submit { process, level } => {
                let store = &self.processes[self.process(process)];
                let new = NewJob { level, ..job() };
                store.submit_job(&new).await.unwrap();
                self.jobs.push(Job {
                    id: new.id,
                    level,
                    state: JobState::Submitted,
                    attempt: 0,
                    run_at: now,
                    lease_until: 0,
                });
            }
            Step::Claim { process } => {
                let process = self.process(process);
                let owner = format!("{process} {}", self.lives[process]);
                let store = &self.processes[process];
                let claimed = store
                    .claim_job(JobClass::Picture, &owner, LEASE)
                    .await
                    .unwrap();
                store.settle().await;
                let due = |job: &&mut Job| {
                    job.state == JobState::Submitted && (job.attempt == 0 || job.run_at <= now)
                };
                // The greatest level, and of those the first.
                let expected = self
                    .jobs
                    .iter_mut()
                    .filter(due)
                    .reduce(|best, job| if job.level > best.level { job } else { best });
                let found = claimed.as_ref().map(|claim| claim.job.id.as_str());
                assert_eq!(found, expected.as_ref().map(|job| job.id.as_str()));
                if let (Some(claim), Some(job)) = (claimed, expected) {
                    job.state = JobState::Running;
                    job.attempt += 1;
                    job.lease_until = monotonic + LEASE;
                    assert_eq!(claim.job.attempt, job.attempt);
                    self.claims.push(Held { claim, process });
                }
            }
            Step::Finish {
                claim,
                key,
                is_long,
            } if !self.claims.is_empty() => {
                let made = self.text(is_long);
                let held = self.claims.remove(claim % self.claims.len());
                let store = &self.processes[held.process];
                let blob = store.upload_bytes(made.clone().into()).await.unwrap();
                let effects = [
                    Effect::PutObject {
                        name: name(&key.to_string()),
                        blob,
                        attributes: text(),
                    },
                    Effect::Callback(NewCallback {
                        url: "http://example.com/".into(),
                        content_type: String::new(),
                        body: Vec::new(),
                    }),
                ];
                let ended = store.finish_job(&held.claim, &success(), &effects).await;
                if self.holds(&held) {
                    assert_eq!(ended.unwrap().state, JobState::Success);
                    let put = store.head_object(&name(&key.to_string())).await.unwrap();
                    self.job(&held.claim.job.id).state = JobState::Success;
                    self.objects.put(key, put.version_id(), Some(made));
                    self.callbacks += 1;
                } else {
                    assert!(
                        matches!(ended, Err(StoreError::StaleClaim { .. })),
                        "{ended:?}"
                    );
                }
            }
            Step::GiveBack { claim, delay } if !self.claims.is_empty() => {
                let held = self.claims.remove(claim % self.claims.len());
                let store = &self.processes[held.process];
                let given = store.retry_job(&held.claim, now + delay).await;
                if self.holds(&held) {
                    given.unwrap();
                    let job = self.job(&held.claim.job.id);
                    job.state = JobState::Submitted;
                    job.run_at = now + delay;
                } else {
                    assert!(
                        matches!(given, Err(StoreError::StaleClaim { .. })),
                        "{given:?}"
                    );
                }
            }
            Step::Extend { claim } if !self.claims.is_empty() => {
                let index = claim % self.claims.len();
                let held = &self.claims[index];
                let extended = self.processes[held.process]
                    .extend_claim(&held.claim, LEASE)
                    .await;
                self.processes[held.process].settle().await;
                let id = held.claim.job.id.clone();
                if self.holds(held) {
                    extended.unwrap();
                    self.job(&id).lease_until = monotonic + LEASE;
                } else {
                    assert!(matches!(extended, Err(StoreError::StaleClaim { .. })));
                }
            }
            Step::Cancel { process, job } if !self.jobs.is_empty() => {
                let index = job % self.jobs.len();
                let store = &self.processes[self.process(process)];
                let cancelled = store.cancel_job(&self.jobs[index].id).await;
                let job = &mut self.jobs[index];
                if job.state == JobState::Submitted {
                    cancelled.unwrap();
                    job.state = JobState::Cancel;
                } else {
                    assert!(
                        matches!(cancelled, Err(StoreError::NotCancellable { state, .. })
                        if state == job.state)
                    );
                }
            }
            Step::Stage { process, is_long } => {
                let process = self.process(process);
                let made = self.text(is_long);
                let upload = self.processes[process].upload_bytes(made.clone().into());
                self.staged.push(Staged {
                    blob: upload.await.unwrap(),
                    made,
                    process,
                    life: self.lives[process],
                });
            }
            Step::Put { staged, key } if !self.staged.is_empty() => {
                let staged = self.staged.remove(staged % self.staged.len());
                let store = &self.processes[staged.process];
                let at = name(&key.to_string());
                let put = store
                    .put_object(&at, staged.blob, &text(), Overwrite::Allow)
                    .await;
                match put {
                    Ok(put) => self.objects.put(key, put.version_id(), Some(staged.made)),
                    // Only where its process was taken for dead.
                    Err(StoreError::StaleUpload) => {
                        assert!(self.processes.len() > 1 && staged.made.len() > 65_536);
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            Step::Discard { staged } if !self.staged.is_empty() => {
                let index = staged % self.staged.len();
                drop(self.staged.remove(index));
            }
            Step::Delete { process, key } => {
                let store = &self.processes[self.process(process)];
                let at = name(&key.to_string());
                let deleted = store.delete_version(&at, None).await.unwrap();
                assert_eq!(deleted.existed, self.objects.shown(key).is_some());
                self.objects.delete(key, deleted.marker);
            }
            Step::DeleteVersion {
                process,
                key,
                version,
            } => {
                let store = &self.processes[self.process(process)];
                let versions = self.objects.keys.entry(key).or_default();
                let id = match versions.len() {
                    0 => VersionId::Null,
                    count => versions[version % count].id,
                };
                let at = name(&key.to_string());
                let deleted = store.delete_version(&at, Some(id)).await.unwrap();
                let before = versions.clone();
                versions.retain(|it| it.id != id);
                assert_eq!(deleted.existed, before.len() > versions.len());
                let was_marker = before.iter().any(|it| it.id == id && it.made.is_none());
                assert_eq!(deleted.marker, was_marker.then_some(id));
            }
            Step::Copy {
                process,
                from,
                to,
                is_move,
            } => {
                let store = &self.processes[self.process(process)];
                let (at, target) = (name(&from.to_string()), name(&to.to_string()));
                let Some(made) = self.objects.shown(from).cloned() else {
                    let missing = store.head_object(&at).await;
                    assert!(matches!(missing, Err(StoreError::NoSuchObject(_))));
                    return;
                };
                if is_move {
                    let moved = store.rename_object(&at, &target, Overwrite::Allow);
                    moved.await.unwrap();
                    if from != to || self.objects.versioning == Versioning::Enabled {
                        let marker = match self.objects.versioning {
                            Versioning::Never => None,
                            Versioning::Suspended => Some(VersionId::Null),
                            Versioning::Enabled => {
                                // Of a key that is moved onto itself it is behind.
                                let skipped = usize::from(from == to);
                                let all = versions(store, from).await;
                                Some(all[skipped].0)
                            }
                        };
                        self.objects.delete(from, marker);
                    }
                } else {
                    let source = store.head_object(&at).await.unwrap();
                    let copy = store.copy_object(&source, &target, text(), Overwrite::Allow);
                    copy.await.unwrap();
                }
                let id = store.head_object(&target).await.unwrap().version_id();
                self.objects.put(to, id, Some(made));
            }
            Step::Version {
                process,
                is_enabled,
            } => {
                let versioning = if is_enabled {
                    Versioning::Enabled
                } else {
                    Versioning::Suspended
                };
                let store = &self.processes[self.process(process)];
                store.set_versioning(BUCKET, versioning).await.unwrap();
                self.objects.versioning = versioning;
            }
            Step::Advance { millis } => {
                self.clock.advance(millis);
                #[cfg(feature = "postgres")]
                if let Place::Postgres(..) = &self.place {
                    // Those that live say so, most of the time in time.
                    for store in &self.processes {
                        store.beat().await.unwrap();
                    }
                }
            }
            Step::Release { process } => {
                let store = &self.processes[self.process(process)];
                let released = store.release_expired_claims().await.unwrap();
                let mut expected = 0;
                for job in &mut self.jobs {
                    if job.state == JobState::Running && job.lease_until <= monotonic {
                        job.state = JobState::Submitted;
                        expected += 1;
                    }
                }
                assert_eq!(released, expected);
                store.take_over_dead_processes().await.unwrap();
            }
            Step::Collect { process } => {
                let store = &self.processes[self.process(process)];
                store.collect_garbage().await.unwrap();
            }
            Step::Crash { process } => self.crash(process).await,
            // There is nothing to do it with.
            _ => {}
        }
    }

    async fn crash(&mut self, process: usize) {
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
    async fn check(&mut self) {
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
async fn versions(store: &Store, key: u8) -> Vec<(VersionId, bool, bool)> {
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

fn explore(cases: u32, processes: usize, place: impl Fn() -> (Place, Option<TempDir>)) {
    let runtime = Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config::with_cases(cases));
    let schedule = prop::collection::vec(step(), 1..60);
    let explored = runner.run(&schedule, |steps| {
        runtime.block_on(async {
            let (place, folder) = place();
            let mut world = World::new(place, processes, folder).await;
            for step in steps {
                world.run(step).await;
            }
            world.check().await;
        });
        Ok(())
    });
    if let Err(error) = explored {
        panic!("{error}");
    }
}

#[test]
fn a_store_in_memory_does_what_the_model_does() {
    explore(64, 1, || (Place::Memory, None));
}

#[test]
fn a_store_on_disk_does_what_the_model_does() {
    explore(24, 1, || {
        let folder = tempfile::tempdir().unwrap();
        (Place::Folder(folder.path().to_owned()), Some(folder))
    });
}

#[cfg(feature = "postgres")]
#[test]
fn processes_on_postgres_do_what_the_model_does() {
    let runtime = Runtime::new().unwrap();
    explore(24, 3, || {
        let url = std::thread::scope(|scope| {
            let schema = || runtime.block_on(schema());
            scope.spawn(schema).join().unwrap()
        });
        (Place::Postgres(url, Blobs::in_memory(u64::MAX)), None)
    });
}
