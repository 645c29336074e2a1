//! The services of the local cloud, each registered as one value.

use std::sync::LazyLock;

use tcloud_core::operation::Operation;
use tcloud_core::server::Fault;

#[cfg(feature = "pictures")]
use crate::mps;
use crate::service::Service;
use crate::{ci, cos, sts};

/// All services. Of those without handlers every operation is refused by its name.
static SERVICES: LazyLock<[Service; 6]> = LazyLock::new(|| {
    [
        cos::service(),
        ci::service(),
        #[cfg(feature = "pictures")]
        mps::service(),
        #[cfg(not(feature = "pictures"))]
        Service::new(&tcloud_mps::CATALOG),
        Service::new(&tcloud_ims::CATALOG),
        sts::service(),
        Service::new(&tcloud_tiia::CATALOG),
    ]
});

/// All services.
pub(crate) fn all() -> &'static [Service] {
    &*SERVICES
}

/// The service whose hosts have the label `label`.
pub(crate) fn at(label: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|it| it.hosts.contains(&label))
}

/// The service that `operation` belongs to.
fn of(operation: &Operation) -> Option<&'static Service> {
    let name = operation.service.name;
    SERVICES.iter().find(|it| it.catalog.service.name == name)
}

/// Whether the local cloud does what `operation` asks for. What it does not do it refuses by name:
/// `NotImplemented`, or `UnsupportedOperation` in API 3.0.
pub fn implements(operation: &Operation) -> bool {
    of(operation).is_some_and(|service| service.handlers.implements(operation))
}

/// Whether the local cloud keeps what `operation` sets, checks it and returns it, and does not act
/// on it.
pub fn only_keeps(operation: &Operation) -> bool {
    of(operation).is_some_and(|service| service.kept.contains(&operation.name))
}

/// Why the local cloud does not do what `operation` asks for, where there is more to say than that it
/// does not.
pub fn why_not(operation: &Operation) -> Option<&'static str> {
    let reasons = of(operation)?.reasons.iter();
    let mut own = reasons.filter(|(name, _)| *name == operation.name);
    own.next().map(|(_, reason)| *reason)
}

/// The service that does what `operation` asks for.
///
/// # Errors
///
/// It is not implemented.
pub(crate) fn require(operation: &Operation) -> Result<&'static Service, Fault> {
    of(operation)
        .filter(|service| service.handlers.implements(operation))
        .ok_or_else(|| {
            let mut fault = Fault::not_implemented(operation);
            if let Some(reason) = why_not(operation) {
                fault.message = format!("{}: {reason}", fault.message);
            }
            fault
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{all, implements, of, why_not};

    /// Two services of one name would hide one another.
    #[test]
    fn each_service_is_registered_once_and_knows_its_operations() {
        let mut names = BTreeSet::new();
        for service in all() {
            assert!(names.insert(service.catalog.service.name));
            for operation in service.catalog.operations {
                let found = of(operation).unwrap();
                assert_eq!(found.catalog.service.name, service.catalog.service.name);
            }
        }
    }

    /// Calls of Cloud Infinite with an object that are about films, documents and files.
    #[cfg(feature = "pictures")]
    const NO_PICTURES: [&str; 13] = [
        "CreateSnapshot",
        "GenerateAvInfo",
        "GeneratePm3u8",
        "GetAvInfo",
        "GetDocPreview",
        "GetDocPreviewHtml",
        "GetDocPreviewToken",
        "GetDocPreviewUrl",
        "GetPm3u8",
        "GetSnapshot",
        "GetVideoInfo",
        "GetZipPreview",
        "ModifyM3u8Token",
    ];

    /// Without the feature nothing about pictures is done.
    #[cfg(feature = "pictures")]
    #[test]
    fn every_picture_call_is_done_or_refused_with_a_reason() {
        for service in all() {
            let mut names = BTreeSet::new();
            for (name, _) in service.reasons {
                assert!(names.insert(*name), "{name} twice");
                let mut operations = service.catalog.operations.iter();
                let operation = operations.find(|it| it.name == *name);
                assert!(operation.is_some_and(|it| !implements(it)), "{name}");
            }
        }
        let operations = tcloud_ci::CATALOG.operations.iter();
        let without: Vec<_> = operations
            .filter(|it| it.path.contains("{key+}"))
            .filter(|it| !implements(it) && why_not(it).is_none())
            .map(|it| it.name)
            .filter(|name| !NO_PICTURES.contains(name))
            .collect();
        assert!(without.is_empty(), "{without:?}");
    }

    #[test]
    fn what_is_implemented_is_what_has_a_handler() {
        let implemented = |name| {
            let all = all().iter();
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
        let pictures = ["DescribeImageTaskDetail", "ProcessImage"];
        let pictures = pictures.into_iter().filter(|_| cfg!(feature = "pictures"));
        assert_eq!(implemented("mps"), pictures.collect());
        assert_eq!(
            implemented("sts"),
            BTreeSet::from([
                "AssumeRole",
                "AssumeRoleWithWebIdentity",
                "GetCallerIdentity",
                "GetFederationToken",
                "GetSessionToken",
            ])
        );
        assert_eq!(implemented("ims"), BTreeSet::new());
    }
}
