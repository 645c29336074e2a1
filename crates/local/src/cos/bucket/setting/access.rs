//! Who may ask for what is in a bucket, beside access control: by the page they come from, and by how
//! they sign.

use http::StatusCode;
use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_referer::DeleteBucketRefererRequest;
use tcloud_cos::operation::delete_bucket_strict_signature::DeleteBucketStrictSignatureRequest;
use tcloud_cos::operation::get_bucket_referer::{
    GetBucketRefererRequest, GetBucketRefererResponse,
};
use tcloud_cos::operation::get_bucket_strict_signature::{
    GetBucketStrictSignatureRequest, GetBucketStrictSignatureResponse,
};
use tcloud_cos::operation::put_bucket_referer::PutBucketRefererRequest;
use tcloud_cos::operation::put_bucket_strict_signature::PutBucketStrictSignatureRequest;

use super::kept::{self, Absent, Deletable, Setting};
use super::rules::{at_most, each_once};
use crate::cos::fault::invalid;
use crate::state::State;
use crate::store::Bucket;

/// How many domains a protection against hotlinks names.
const DOMAINS: usize = 30;

/// Protection against hotlinks.
pub(super) struct Referer;

impl Setting for Referer {
    type Put = PutBucketRefererRequest;
    type Get = GetBucketRefererRequest;

    const KIND: &'static str = "referer";
    const ABSENT: Absent = Absent::Empty;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        let domains = request.domain_list.iter().flat_map(|list| &list.domains);
        let domains = domains.map(String::as_str);
        at_most(domains.clone().count(), DOMAINS, "domains")?;
        if domains.clone().any(|domain| domain.trim().is_empty()) {
            return Err(invalid("a Domain is empty; write one as in *.example.com"));
        }
        each_once(domains, "Domain")
    }
}

impl Deletable for Referer {
    type Delete = DeleteBucketRefererRequest;

    // It is a PUT of nothing.
    const DELETED: StatusCode = StatusCode::OK;
}

/// The protection of `bucket` against hotlinks, if it has one.
pub(in crate::cos) async fn referer(
    state: &State,
    bucket: &Bucket,
) -> Result<Option<GetBucketRefererResponse>, Fault> {
    kept::of_found::<Referer>(state, bucket).await
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

/// What signatures of requests to `bucket` must cover, if that was set.
pub(in crate::cos) async fn strict_signature(
    state: &State,
    bucket: &Bucket,
) -> Result<Option<GetBucketStrictSignatureResponse>, Fault> {
    kept::of_found::<StrictSignature>(state, bucket).await
}
