//! The services of the local cloud, each registered as one value.

use std::sync::LazyLock;

use tcloud_core::operation::Operation;
use tcloud_core::server::Fault;

#[cfg(feature = "pictures")]
use crate::mps;
use crate::service::Service;
use crate::support::Support;
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
    matches!(support(operation), Some(Support::Kept(_)))
}

/// What runs `operation` in the local cloud, or why it is refused or nothing acts on what it keeps,
/// where there is more to say than [`implements`] does: of everything about pictures, of Object
/// Storage, and of what may not have been built.
pub fn support(operation: &Operation) -> Option<Support> {
    let mut support = of(operation)?.support.iter();
    let own = support.find(|(name, _)| *name == operation.name);
    own.map(|(_, support)| *support)
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
            if let Some(reason) = support(operation).and_then(Support::reason) {
                fault.message = format!("{}: {reason}", fault.message);
            }
            fault
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tcloud_core::operation::Operation;

    use super::{all, implements, of, only_keeps, support};
    use crate::support::Support;

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

    /// The settings of buckets that nothing acts on.
    const KEPT: [&str; 3] = [
        "PutBucketDomainCertificate",
        "PutBucketIntelligentTieringConfiguration",
        "PutBucketNotification",
    ];
    /// What of Cloud Infinite has an object or a word of pictures in its name, and is about films,
    /// documents and files.
    const NO_PICTURES: [&str; 13] = [
        "CreateSnapshot",
        "GenerateAvInfo",
        "GeneratePm3u8",
        "GetAvInfo",
        "GetDocPreview",
        "GetDocPreviewHtml",
        "GetDocPreviewToken",
        "GetDocPreviewUrl",
        "GetFileHash",
        "GetPm3u8",
        "GetSnapshot",
        "GetVideoInfo",
        "GetZipPreview",
    ];
    /// What the names of operations about pictures and their buckets have.
    const WORDS: [&str; 8] = [
        "Image", "Pic", "Poster", "Style", "Guetzli", "Hotlink", "Protect", "QrCode",
    ];

    /// Nothing of it can be forgotten, nor said in two ways.
    #[test]
    fn every_call_and_job_about_pictures_runs_by_an_engine_or_is_refused_with_a_reason() {
        for service in all() {
            let mut names = BTreeSet::new();
            for (name, support) in &service.support {
                assert!(names.insert(*name), "{name} twice");
                let mut operations = service.catalog.operations.iter();
                let operation = operations.find(|it| it.name == *name).unwrap();
                let is_refused = matches!(support, Support::Refused(_));
                assert_eq!(implements(operation), !is_refused, "{name}: {support:?}");
            }
        }
        let is_about_pictures = |it: &Operation| {
            let has_object = it.path.contains("{key+}");
            let processes = it.query.iter().any(|(name, _)| *name == "ci-process");
            let named = WORDS.iter().any(|word| it.name.contains(word));
            (has_object || processes || named) && !NO_PICTURES.contains(&it.name)
        };
        let operations = tcloud_ci::CATALOG.operations.iter();
        let unsaid = operations
            .filter(|it| is_about_pictures(it))
            .filter(|it| support(it).is_none())
            .map(|it| it.name)
            .collect::<Vec<_>>();
        assert!(unsaid.is_empty(), "{unsaid:?}");
    }

    /// Each acts, or keeps what it is given with a reason, or is refused with one.
    #[test]
    fn every_operation_of_object_storage_acts_or_says_why_not() {
        let operations = tcloud_cos::CATALOG.operations.iter();
        let unsaid: Vec<_> = operations
            .clone()
            .filter(|it| !implements(it) && support(it).is_none())
            .map(|it| it.name)
            .collect();
        assert!(unsaid.is_empty(), "{unsaid:?}");
        let kept = operations.filter(|it| only_keeps(it));
        let kept: BTreeSet<_> = kept.map(|it| it.name).collect();
        assert_eq!(kept, KEPT.into());
        for support in tcloud_cos::CATALOG
            .operations
            .iter()
            .filter_map(|it| support(it))
        {
            let (Support::Kept(reason) | Support::Refused(reason)) = support else {
                continue;
            };
            assert!(reason.len() > 20 && !reason.contains('\n'), "{reason}");
        }
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
