//! What one service of the local cloud is: one value.

use std::sync::Arc;

use http::HeaderMap;
use tcloud_core::future::BoxFuture;
use tcloud_core::operation::{Catalog, Operation};
use tcloud_core::server::{Fault, Handlers};

use crate::jobs::Kind;
use crate::state::State;
use crate::store::Bucket;

/// What sets one service apart from another.
#[derive(Debug)]
pub(crate) struct Service {
    /// The operations it is known for.
    pub(crate) catalog: &'static Catalog,
    /// The operations that are implemented.
    pub(crate) handlers: Handlers<State>,
    /// The operations among them, by name, that keep what they are given, and nothing acts on it.
    pub(crate) kept: Vec<&'static str>,
    /// Why operations are not implemented, by name, where there is more to say than that.
    pub(crate) reasons: &'static [(&'static str, &'static str)],
    /// The labels of its hosts, as in `<bucket>.cos.<region>.myqcloud.com`. A service of API 3.0
    /// has none: the first label of its host is its name.
    pub(crate) hosts: &'static [&'static str],
    /// Its kinds of jobs.
    pub(crate) kinds: Vec<MakeKind>,
    /// Refuses what the tables have and the handlers do not do, by query parameters and headers.
    pub(crate) admit: Admit,
    /// Whether it says itself who may call its operations, instead of the gateway by their
    /// permissions.
    pub(crate) permits: bool,
    /// Whether anyone may call an operation, on a bucket or on the object of this key in it.
    pub(crate) is_public: IsPublic,
}

/// Makes a kind of job for a local cloud with this state.
pub(crate) type MakeKind = fn(&Arc<State>) -> Arc<dyn Kind>;

/// See [`Service::admit`].
type Admit = fn(&[(String, String)], &HeaderMap) -> Result<(), Fault>;

/// See [`Service::is_public`].
type IsPublic = for<'a> fn(
    &'a State,
    &'a Operation,
    Option<&'a Bucket>,
    Option<&'a str>,
) -> BoxFuture<'a, Result<bool, Fault>>;

impl Service {
    /// The service of `catalog`, which implements nothing, and nothing for everyone.
    pub(crate) fn new(catalog: &'static Catalog) -> Self {
        Self {
            catalog,
            handlers: Handlers::new(),
            kept: Vec::new(),
            reasons: &[],
            hosts: &[],
            kinds: Vec::new(),
            admit: |_, _| Ok(()),
            permits: false,
            is_public: |_, _, _, _| Box::pin(async { Ok(false) }),
        }
    }
}
