//! What one service of the local cloud is: one value.

use std::sync::Arc;

use http::HeaderMap;
use tcloud_core::future::BoxFuture;
use tcloud_core::operation::{Catalog, Operation};
use tcloud_core::server::{Fault, Handlers};

use crate::cam::Caller;
use crate::jobs::Kind;
use crate::state::State;
use crate::store::{Bucket, VersionId};
use crate::support::Support;

/// What sets one service apart from another.
#[derive(Debug)]
pub(crate) struct Service {
    /// The operations it is known for.
    pub(crate) catalog: &'static Catalog,
    /// The operations that are implemented.
    pub(crate) handlers: Handlers<State>,
    /// What runs operations, or why they are refused or nothing acts on what they keep, by name, where
    /// there is more to say than that.
    pub(crate) support: Vec<(&'static str, Support)>,
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
    /// Whether somebody whom no policy allows it may call an operation all the same, by an access
    /// control list.
    pub(crate) is_granted: IsGranted,
}

/// Makes a kind of job for a local cloud with this state.
pub(crate) type MakeKind = fn(&Arc<State>) -> Arc<dyn Kind>;

/// See [`Service::admit`].
type Admit = fn(&[(String, String)], &HeaderMap) -> Result<(), Fault>;

/// What an access control list may allow.
pub(crate) struct Wish<'a> {
    /// Who calls.
    pub(crate) caller: &'a Caller,
    /// What is called.
    pub(crate) operation: &'a Operation,
    /// The bucket, if it exists.
    pub(crate) bucket: Option<&'a Bucket>,
    /// The key of the object, if it is about one.
    pub(crate) key: Option<&'a str>,
    /// The version of the object, if one is named.
    pub(crate) version: Option<VersionId>,
}

/// See [`Service::is_granted`].
type IsGranted = for<'a> fn(&'a State, Wish<'a>) -> BoxFuture<'a, Result<bool, Fault>>;

impl Service {
    /// The service of `catalog`, which implements nothing and grants nothing.
    pub(crate) fn new(catalog: &'static Catalog) -> Self {
        Self {
            catalog,
            handlers: Handlers::new(),
            support: Vec::new(),
            hosts: &[],
            kinds: Vec::new(),
            admit: |_, _| Ok(()),
            permits: false,
            is_granted: |_, _| Box::pin(async { Ok(false) }),
        }
    }
}
