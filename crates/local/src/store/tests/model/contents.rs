//! Steps of objects, and what the model says of them.

use super::step::ContentStep;
use super::world::{Staged, World, versions};
use crate::store::tests::fixture::{BUCKET, name, text};
use crate::store::{Overwrite, StoreError, VersionId, Versioning};

impl World {
    pub(super) async fn run_content_step(&mut self, step: ContentStep) {
        match step {
            ContentStep::Stage { process, is_long } => self.stage(process, is_long).await,
            ContentStep::Delete { process, key } => {
                let store = &self.processes[self.process(process)];
                let at = name(&key.to_string());
                let deleted = store.delete_version(&at, None).await.unwrap();
                assert_eq!(deleted.existed, self.objects.shown(key).is_some());
                self.objects.delete(key, deleted.marker);
            }
            ContentStep::DeleteVersion {
                process,
                key,
                version,
            } => self.delete_version(process, key, version).await,
            ContentStep::Copy { process, from, to } => self.copy(process, from, to).await,
            ContentStep::Move { process, from, to } => self.rename(process, from, to).await,
            ContentStep::Version {
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
            // There is nothing to do it with.
            _ if self.staged.is_empty() => {}
            ContentStep::Put { staged, key } => self.put(staged, key).await,
            ContentStep::Discard { staged } => {
                let index = staged % self.staged.len();
                drop(self.staged.remove(index));
            }
        }
    }

    async fn stage(&mut self, process: usize, is_long: bool) {
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

    async fn put(&mut self, staged: usize, key: u8) {
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

    async fn delete_version(&mut self, process: usize, key: u8, version: usize) {
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

    async fn copy(&mut self, process: usize, from: u8, to: u8) {
        let Some(made) = self.shown(process, from).await else {
            return;
        };
        let store = &self.processes[self.process(process)];
        let (at, target) = (name(&from.to_string()), name(&to.to_string()));
        let source = store.head_object(&at).await.unwrap();
        let copy = store.copy_object(&source, &target, text(), Overwrite::Allow);
        copy.await.unwrap();
        let id = store.head_object(&target).await.unwrap().version_id();
        self.objects.put(to, id, Some(made));
    }

    async fn rename(&mut self, process: usize, from: u8, to: u8) {
        let Some(made) = self.shown(process, from).await else {
            return;
        };
        let store = &self.processes[self.process(process)];
        let (at, target) = (name(&from.to_string()), name(&to.to_string()));
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
        let id = store.head_object(&target).await.unwrap().version_id();
        self.objects.put(to, id, Some(made));
    }

    /// What `key` shows. If that is nothing, the store says so as well.
    async fn shown(&self, process: usize, key: u8) -> Option<String> {
        let shown = self.objects.shown(key).cloned();
        if shown.is_none() {
            let store = &self.processes[self.process(process)];
            let missing = store.head_object(&name(&key.to_string())).await;
            assert!(matches!(missing, Err(StoreError::NoSuchObject(_))));
        }
        shown
    }
}
