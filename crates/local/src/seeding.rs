//! Seeding a cloud: a client of its own sends what the seed has, by the root account.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use serde::Serialize;
use tcloud_core::body::Body;
use tcloud_core::call::{self, CallOptions};
use tcloud_core::client::Client;
use tcloud_core::codec::Document;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::environment::{Environment, System};
use tcloud_core::error::Error;
use tcloud_core::future::BoxFuture;
use tcloud_core::operation::Operation;
use tcloud_core::transport::{Transport, TransportError};
use tcloud_cos::operation::put_object::PutObjectRequest;

use crate::cam::{Kind, Session};
use crate::cos::is_bucket_name;
use crate::fetch::Own;
use crate::seed::{Call, Seed, SeedError};
use crate::state::State;
use crate::store::Store;

/// How long the key of the client lasts, in seconds.
const LIFETIME: i64 = 12 * 60 * 60;

/// What came of a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Seeded {
    /// How many buckets it has.
    pub buckets: u64,
    /// How many objects were stored.
    pub objects: u64,
    /// How many calls were made besides.
    pub calls: u64,
}

/// Puts what `seed` has into the cloud of `state`, which `own` is.
pub(crate) async fn apply(
    seed: &Seed,
    state: &State,
    own: Arc<dyn Own>,
) -> Result<Seeded, SeedError> {
    if let Some(bucket) = seed.buckets.iter().find(|it| !is_bucket_name(&it.name)) {
        let why = "a folder is a bucket, which it cannot be by this name; use lower-case letters, \
                   digits and hyphens, and the number of the account at the end, as in \
                   album-1250000000";
        return Err(SeedError::at(&seed.folder().join(&bucket.name), why));
    }
    let mut client = Sender {
        state,
        own,
        key: key(state),
        regions: BTreeMap::new(),
    };
    let mut seeded = Seeded::default();
    for bucket in &seed.buckets {
        let region = region(state, bucket.region.as_deref());
        let name = std::slice::from_ref(&bucket.name);
        state.store.make_buckets(name, region).await?;
        seeded.buckets += 1;
        for call in &bucket.settings {
            client.make(call, region).await?;
            seeded.calls += 1;
        }
        for object in &bucket.objects {
            let stored = async {
                let content = Body::from_path(&object.path).await?;
                let operation = <PutObjectRequest as call::Request>::operation();
                client
                    .send(operation, &object.request, content, region)
                    .await
            };
            let stored = stored.await;
            stored.map_err(|error| SeedError::not_stored(&object.path, error))?;
            seeded.objects += 1;
        }
    }
    for call in &seed.calls {
        let mut buckets = seed.buckets.iter();
        let bucket = buckets.find(|it| Some(&it.name) == call.bucket.as_ref());
        let region = region(state, bucket.and_then(|it| it.region.as_deref()));
        client.make(call, region).await?;
        seeded.calls += 1;
    }
    Ok(seeded)
}

/// The region of a bucket, or of what is of none.
fn region<'a>(state: &'a State, of_bucket: Option<&'a str>) -> &'a str {
    of_bucket.unwrap_or(&state.settings.default_region)
}

/// The client.
struct Sender<'a> {
    state: &'a State,
    own: Arc<dyn Own>,
    key: Credentials,
    /// One for each region.
    regions: BTreeMap<String, Client>,
}

impl Sender<'_> {
    async fn make(&mut self, call: &Call, region: &str) -> Result<(), SeedError> {
        let sent = self.send(call.operation, &call.request, Body::empty(), region);
        let sent = sent.await;
        sent.map_err(|error| SeedError::refused(call.line, call.operation.name, error))
    }

    async fn send(
        &mut self,
        operation: &'static Operation,
        request: &Document,
        body: Body,
        region: &str,
    ) -> Result<(), Error> {
        let mut answer = Document::new(operation.response);
        let options = CallOptions::new();
        let client = self.of(region)?;
        let sent = client.execute(operation, request, body, &options, &mut answer);
        sent.await.map(drop)
    }

    fn of(&mut self, region: &str) -> Result<&Client, Error> {
        match self.regions.entry(region.to_owned()) {
            Entry::Occupied(client) => Ok(client.into_mut()),
            Entry::Vacant(none) => {
                let config = Config::builder()
                    .region(region)
                    .credentials(self.key.clone())
                    .environment(CloudTime(self.state.store.clone()))
                    .transport(ToOwn(Arc::clone(&self.own)))
                    .build()?;
                Ok(none.insert(Client::new(&config)))
            }
        }
    }
}

/// A key of the root account, which need not have one.
fn key(state: &State) -> Credentials {
    let directory = state.directory();
    let session = Session {
        kind: Kind::Federated {
            name: "seed".to_owned(),
        },
        issuer: directory.account().uin.clone(),
        ends: state.unix_seconds().saturating_add(LIFETIME),
        policy: None,
    };
    // Only a policy makes a token too long; without a key, each call is refused.
    let key = directory.issue(&session);
    key.unwrap_or_else(|_| Credentials::new("", ""))
}

/// Brings requests to the cloud itself.
#[derive(Debug)]
struct ToOwn(Arc<dyn Own>);

impl Transport for ToOwn {
    fn send(
        &self,
        request: Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(async move { Ok(self.0.answer(request).await) })
    }
}

/// The time by which the cloud checks signatures.
#[derive(Debug)]
struct CloudTime(Store);

impl Environment for CloudTime {
    fn now(&self) -> i64 {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        System.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        System.sleep(duration)
    }

    fn random(&self) -> u64 {
        System.random()
    }
}
