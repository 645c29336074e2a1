//! Requests that the rules for the origin of a bucket are about.

use http::request::Parts;
use tcloud_core::operation::Operation;
use tcloud_core::server::{Fault, Outgoing};
use tcloud_core::sign::encode;
use tcloud_cos::operation::{get_object, head_object};

use super::Gateway;
use super::log::Entry;
use super::operation_name;
use super::target::Target;
use super::website::{ForAPage, is_secure};
use crate::cos::origin::{self, Asking};
use crate::store::Bucket;

/// The operations that read objects.
const READING: [&Operation; 2] = [&get_object::OPERATION, &head_object::OPERATION];

fn is(one: &Operation, other: &Operation) -> bool {
    one.name == other.name && one.service.name == other.service.name
}

/// What of a request for `operation` the origin of `bucket` may be asked with, if there may be one
/// and the request reads an object. A website has rules of its own.
pub(super) fn asking(
    parts: &Parts,
    bucket: Option<&Bucket>,
    operation: &Operation,
) -> Option<Asking> {
    let may_ask = bucket.is_some_and(origin::may_have)
        && READING.iter().any(|it| is(it, operation))
        && parts.extensions.get::<ForAPage>().is_none();
    if !may_ask {
        return None;
    }
    let query = encode::decode_query(parts.uri.query().unwrap_or_default());
    let query = query.unwrap_or_default();
    Some(Asking::new(&query, &parts.headers, is_secure(parts)))
}

impl Gateway {
    /// The answer in place of `fault`, where a rule sends the client elsewhere.
    pub(super) async fn sent_on(
        &self,
        parts: &Parts,
        target: &Target,
        entry: &Entry,
        fault: Fault,
    ) -> Result<Outgoing, Fault> {
        let asked = entry.operation.as_deref();
        let operation = READING
            .into_iter()
            .find(|it| asked == Some(&operation_name(it)));
        // In another region it is another bucket.
        let (Some(operation), false) = (operation, fault.code == "NoSuchBucket") else {
            return Err(fault);
        };
        let bucket = self.bucket(target).await?;
        let asking = asking(parts, bucket.as_ref(), operation);
        let (Some(bucket), Some(asking)) = (bucket, asking) else {
            return Err(fault);
        };
        let key = target.path.strip_prefix('/').unwrap_or_default();
        let sent = origin::redirected(&self.state, &bucket, key, fault.status, &asking);
        match sent.await? {
            Some(answer) => Outgoing::encode(&get_object::OPERATION, answer),
            None => Err(fault),
        }
    }
}
