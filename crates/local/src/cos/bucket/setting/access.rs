//! Who may ask for what is in a bucket, beside access control: by the page they come from, and by how
//! they sign.

use http::StatusCode;
use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_referer::DeleteBucketRefererRequest;
use tcloud_cos::operation::delete_bucket_strict_signature::DeleteBucketStrictSignatureRequest;
use tcloud_cos::operation::get_bucket_referer::GetBucketRefererRequest;
use tcloud_cos::operation::get_bucket_strict_signature::GetBucketStrictSignatureRequest;
use tcloud_cos::operation::put_bucket_referer::PutBucketRefererRequest;
use tcloud_cos::operation::put_bucket_strict_signature::PutBucketStrictSignatureRequest;

use super::kept::{Absent, Deletable, Setting};
use super::rules::each_once;

/// Protection against hotlinks.
pub(super) struct Referer;

impl Setting for Referer {
    type Put = PutBucketRefererRequest;
    type Get = GetBucketRefererRequest;

    const KIND: &'static str = "referer";
    const ABSENT: Absent = Absent::Empty;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        let domains = request.domain_list.iter().flat_map(|list| &list.domains);
        each_once(domains.map(String::as_str), "Domain")
    }
}

impl Deletable for Referer {
    type Delete = DeleteBucketRefererRequest;

    // It is a PUT of nothing.
    const DELETED: StatusCode = StatusCode::OK;
}

/// What signatures must cover.
pub(super) struct StrictSignature;

impl Setting for StrictSignature {
    type Put = PutBucketStrictSignatureRequest;
    type Get = GetBucketStrictSignatureRequest;

    const KIND: &'static str = "strict-signature";
    const ABSENT: Absent = Absent::Empty;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        each_once(
            request.rules.iter().filter_map(|rule| rule.id.as_deref()),
            "ID",
        )
    }
}

impl Deletable for StrictSignature {
    type Delete = DeleteBucketStrictSignatureRequest;
}
