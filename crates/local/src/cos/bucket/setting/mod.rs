//! What is set for buckets. What a setting says is checked as far as the documents say what it may
//! be. Some are kept and answered, and nothing acts on them; which, and why, is said here.

pub(in crate::cos) mod access;
mod certificate;
pub(in crate::cos) mod conflicts;
pub(in crate::cos) mod cors;
pub(in crate::cos) mod delivery;
pub(in crate::cos) mod encryption;
pub(in crate::cos) mod inventory;
mod kept;
pub(in crate::cos) mod lifecycle;
mod lock;
pub(in crate::cos) mod origin;
pub(in crate::cos) mod policy;
pub(in crate::cos) mod replication;
pub(in crate::cos) mod reports;
pub(in crate::cos) mod rules;
pub(in crate::cos) mod tagging;
pub(in crate::cos) mod tiering;
pub(in crate::cos) mod website;

use tcloud_core::call::Request;
use tcloud_core::server::Handlers;

use self::kept::{Deletable, Setting};
use crate::state::State;
use crate::support::Support;

const CERTIFICATES: Support = Support::Kept(
    "an authority of the local cloud certifies every name it answers to, and no key of others is kept",
);
const TIERS: &str =
    "the rule `default` acts, but no table has what an object in an archive tier answers";

/// Handlers of settings, and the operations whose settings are kept and not acted on, with the reason.
pub(in crate::cos) struct Registered {
    pub(in crate::cos) handlers: Handlers<State>,
    pub(in crate::cos) kept: Vec<(&'static str, Support)>,
}

impl Registered {
    /// Registers a setting that is kept and not acted on, for this reason.
    fn kept<S: Setting>(mut self, reason: &'static str) -> Self {
        let name = S::Put::operation().name;
        self.kept.push((name, Support::Kept(reason)));
        self.acted_on::<S>()
    }

    /// Registers a setting that is acted on.
    fn acted_on<S: Setting>(mut self) -> Self {
        self.handlers = self.handlers.on(kept::put::<S>).on(kept::get::<S>);
        self
    }

    /// Registers that it can be deleted.
    fn deleted<S: Deletable>(mut self) -> Self {
        self.handlers = self.handlers.on(kept::delete::<S>);
        self
    }
}

/// Adds all settings to `handlers`.
pub(in crate::cos) fn register(handlers: Handlers<State>) -> Registered {
    let handlers = handlers
        .on(inventory::list)
        .on(tiering::list)
        .on(tiering::delete)
        .on(certificate::put)
        .on(certificate::get)
        .on(certificate::delete);
    let registered = Registered {
        handlers,
        kept: vec![(certificate::put_operation().name, CERTIFICATES)],
    };
    registered
        .acted_on::<cors::Cors>()
        .deleted::<cors::Cors>()
        .acted_on::<tagging::Tagging>()
        .deleted::<tagging::Tagging>()
        .acted_on::<access::Referer>()
        .deleted::<access::Referer>()
        .acted_on::<access::StrictSignature>()
        .deleted::<access::StrictSignature>()
        .acted_on::<delivery::Accelerate>()
        .acted_on::<delivery::Domain>()
        .deleted::<delivery::Domain>()
        .acted_on::<inventory::Inventory>()
        .deleted::<inventory::Inventory>()
        .acted_on::<lifecycle::Lifecycle>()
        .deleted::<lifecycle::Lifecycle>()
        .acted_on::<origin::Origin>()
        .deleted::<origin::Origin>()
        .acted_on::<policy::BucketPolicy>()
        .deleted::<policy::BucketPolicy>()
        .acted_on::<replication::Replication>()
        .deleted::<replication::Replication>()
        .acted_on::<reports::Logging>()
        .kept::<reports::Notification>("no functions run here that an event could be told to")
        .acted_on::<encryption::Encryption>()
        .deleted::<encryption::Encryption>()
        .acted_on::<lock::ObjectLock>()
        .acted_on::<tiering::Switch>()
        .kept::<tiering::Rule>(TIERS)
        .acted_on::<website::Website>()
        .deleted::<website::Website>()
}
