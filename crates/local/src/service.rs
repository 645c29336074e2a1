//! The services of the local cloud, each registered as one value.

use std::sync::{Arc, LazyLock};

use http::HeaderMap;
use tcloud_core::future::BoxFuture;
use tcloud_core::operation::{Catalog, Operation};
use tcloud_core::server::{Fault, Handlers};

use crate::jobs::Kind;
use crate::state::State;
use crate::store::Bucket;
use crate::{ci, cos, mps};

/// All services. Of those without handlers every operation is refused by its name.
static SERVICES: LazyLock<[Service; 6]> = LazyLock::new(|| {
    [
        cos::service(),
        ci::service(),
        mps::service(),
        Service::new(&tcloud_ims::CATALOG),
        Service::new(&tcloud_sts::CATALOG),
        Service::new(&tcloud_tiia::CATALOG),
    ]
});

/// What sets one service apart from another.
#[derive(Debug)]
pub(crate) struct Service {
    /// The operations it is known for.
    pub(crate) catalog: &'static Catalog,
    /// The operations that are implemented.
    pub(crate) handlers: Handlers<State>,
    /// The labels of its hosts, as in `<bucket>.cos.<region>.myqcloud.com`. A service of API 3.0
    /// has none: the first label of its host is its name.
    pub(crate) hosts: &'static [&'static str],
    /// Makes its kinds of jobs.
    pub(crate) kinds: fn(&Arc<State>) -> Vec<Arc<dyn Kind>>,
    /// Refuses what the tables have and the handlers do not do, by query parameters and headers.
    pub(crate) admit: Admit,
    /// Whether anyone may call an operation, on a bucket or on the object of this key in it.
    pub(crate) is_public: IsPublic,
}

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
            hosts: &[],
            kinds: |_| Vec::new(),
            admit: |_, _| Ok(()),
            is_public: |_, _, _, _| Box::pin(async { Ok(false) }),
        }
    }

    /// All services.
    pub(crate) fn all() -> &'static [Self] {
        &*SERVICES
    }

    /// The service whose hosts have the label `label`.
    pub(crate) fn at(label: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|it| it.hosts.contains(&label))
    }

    /// The service that `operation` belongs to.
    pub(crate) fn of(operation: &Operation) -> Option<&'static Self> {
        let name = operation.service.name;
        SERVICES.iter().find(|it| it.catalog.service.name == name)
    }
}

/// Whether the local cloud does what `operation` asks for. What it does not do it refuses by name:
/// `NotImplemented`, or `UnsupportedOperation` in API 3.0.
pub fn implements(operation: &Operation) -> bool {
    Service::of(operation).is_some_and(|service| service.handlers.implements(operation))
}

/// The service that does what `operation` asks for.
///
/// # Errors
///
/// It is not implemented.
pub(crate) fn require(operation: &Operation) -> Result<&'static Service, Fault> {
    Service::of(operation)
        .filter(|service| service.handlers.implements(operation))
        .ok_or_else(|| Fault::not_implemented(operation))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Service, implements};

    /// Two services of one name would hide one another.
    #[test]
    fn each_service_is_registered_once_and_knows_its_operations() {
        let mut names = BTreeSet::new();
        for service in Service::all() {
            assert!(names.insert(service.catalog.service.name));
            for operation in service.catalog.operations {
                let found = Service::of(operation).unwrap();
                assert_eq!(found.catalog.service.name, service.catalog.service.name);
            }
        }
    }

    #[test]
    fn what_is_implemented_is_what_has_a_handler() {
        let implemented = |name| {
            let all = Service::all().iter();
            let service = all
                .clone()
                .find(|it| it.catalog.service.name == name)
                .unwrap();
            let operations = service.catalog.operations.iter();
            operations
                .filter(|it| implements(it))
                .map(|it| it.name)
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(
            implemented("mps"),
            BTreeSet::from(["DescribeImageTaskDetail", "ProcessImage"])
        );
        assert_eq!(implemented("sts"), BTreeSet::new());
    }
}
