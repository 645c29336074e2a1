//! Steps of jobs, and what the model says of them.

use super::step::JobStep;
use super::world::{Held, Job, World};
use crate::clock::Clock;
use crate::store::tests::fixture::{LEASE, job, name, success, text};
use crate::store::{Effect, JobClass, JobState, NewCallback, NewJob, StoreError};

impl World {
    pub(super) async fn run_job_step(&mut self, step: JobStep) {
        match step {
            JobStep::Submit { process, level } => self.submit(process, level).await,
            JobStep::Claim { process } => self.claim(process).await,
            JobStep::Cancel { process, job } => self.cancel(process, job).await,
            // There is nothing to do it with.
            _ if self.claims.is_empty() => {}
            JobStep::Finish {
                claim,
                key,
                is_long,
            } => self.finish(claim, key, is_long).await,
            JobStep::GiveBack { claim, delay } => self.give_back(claim, delay).await,
            JobStep::Extend { claim } => self.extend(claim).await,
        }
    }

    async fn submit(&mut self, process: usize, level: u8) {
        let store = &self.processes[self.process(process)];
        let new = NewJob { level, ..job() };
        store.submit_job(&new).await.unwrap();
        self.jobs.push(Job {
            id: new.id,
            level,
            state: JobState::Submitted,
            attempt: 0,
            run_at: self.clock.now(),
            lease_until: 0,
        });
    }

    async fn claim(&mut self, process: usize) {
        let process = self.process(process);
        let owner = format!("{process} {}", self.lives[process]);
        let store = &self.processes[process];
        let claimed = store
            .claim_job(JobClass::Picture, &owner, LEASE)
            .await
            .unwrap();
        store.settle().await;
        let now = self.clock.now();
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
            job.lease_until = self.clock.monotonic() + LEASE;
            assert_eq!(claim.job.attempt, job.attempt);
            self.claims.push(Held { claim, process });
        }
    }

    async fn finish(&mut self, claim: usize, key: u8, is_long: bool) {
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

    async fn give_back(&mut self, claim: usize, delay: i64) {
        let held = self.claims.remove(claim % self.claims.len());
        let store = &self.processes[held.process];
        let run_at = self.clock.now() + delay;
        let given = store.retry_job(&held.claim, run_at).await;
        if self.holds(&held) {
            given.unwrap();
            let job = self.job(&held.claim.job.id);
            job.state = JobState::Submitted;
            job.run_at = run_at;
        } else {
            assert!(
                matches!(given, Err(StoreError::StaleClaim { .. })),
                "{given:?}"
            );
        }
    }

    async fn extend(&mut self, claim: usize) {
        let index = claim % self.claims.len();
        let held = &self.claims[index];
        let extended = self.processes[held.process]
            .extend_claim(&held.claim, LEASE)
            .await;
        self.processes[held.process].settle().await;
        let id = held.claim.job.id.clone();
        if self.holds(held) {
            extended.unwrap();
            let lease_until = self.clock.monotonic() + LEASE;
            self.job(&id).lease_until = lease_until;
        } else {
            assert!(matches!(extended, Err(StoreError::StaleClaim { .. })));
        }
    }

    async fn cancel(&mut self, process: usize, job: usize) {
        if self.jobs.is_empty() {
            return;
        }
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
}
