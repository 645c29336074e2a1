//! Which versions are to be copied to other buckets.
//!
//! The transaction that makes a version in a bucket with rules for that notes it; the one that makes
//! the copies strikes the note ([`replicating`](super::replicating)). So none is lost and none is made
//! twice, whichever process does it and whenever it dies.

use super::connection::Connection;
use super::error::Result;
use super::object::Object;
use super::sql::sql;

/// Under which name it is kept among the headers of an object what became of its copies.
pub(crate) const REPLICATION_STATUS: &str = "x-cos-replication-status";
/// What a copy says of itself.
pub(super) const REPLICA: &str = "REPLICA";

/// Notes that `object`, a version that was just made, is to be copied, if its bucket has rules for
/// that. A copy is not copied on.
pub(super) async fn note(tx: &mut Connection, object: &Object) -> Result<()> {
    let status = object.attributes.headers.get(REPLICATION_STATUS);
    if object.is_null || status.is_some_and(|status| status == REPLICA) {
        return Ok(());
    }
    sql(
        "INSERT INTO replications (bucket, key, version) SELECT bucket, $2, $3 FROM bucket_settings \
         WHERE bucket = $1 AND kind = 'replication' AND id = ''",
    )
    .bind(&object.bucket)
    .bind(&object.key)
    .bind(object.version)
    .execute(tx)
    .await
    .map(drop)
}
