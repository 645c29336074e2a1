//! What kinds read of the request a job was submitted with.

use tcloud_ci::types::{JobOutput, ObjectInput};
use tcloud_core::node::{Node, RefVisitor};
use tcloud_core::server::Fault;

use super::failure::Failure;
use crate::ci::fault;
use crate::store::{Bucket, Job, ObjectName, Store};

/// The object a job reads.
pub(super) fn object_of(job: &Job, input: Option<&ObjectInput>) -> Result<ObjectName, Failure> {
    let key = input.and_then(|input| input.object.clone());
    let (Some(bucket), Some(key)) = (job.bucket.clone(), key) else {
        return Err(Failure::internal("the job names no object"));
    };
    Ok(ObjectName::new(bucket, key))
}

/// The bucket a job writes to.
pub(super) async fn output(store: &Store, output: Option<&JobOutput>) -> Result<Bucket, Failure> {
    let of = |text: fn(&JobOutput) -> &Option<String>| {
        let text = output.and_then(|output| text(output).clone());
        text.unwrap_or_default()
    };
    let (name, region) = (of(|it| &it.bucket), of(|it| &it.region));
    let bucket = store.bucket(&name).await?;
    if bucket.region == region {
        return Ok(bucket);
    }
    Err(Failure::new(
        "ResourceNotFound",
        format!("bucket {name} is in {}, not in {region}", bucket.region),
    ))
}

/// Refuses what `node`, a part of the operation, has beside the rows `built`.
pub(super) fn only(node: &dyn Node, name: &str, built: &[&str]) -> Result<(), Fault> {
    let mut other = None;
    node.refs(RefVisitor::new(&mut |refs| {
        let mut given = node.structure().fields().iter().zip(refs);
        other = given
            .find(|(field, value)| !value.is_absent() && !built.contains(&field.name))
            .map(|(field, _)| field.name);
    }));
    match other {
        None => Ok(()),
        Some(other) => Err(fault::not_built(format!(
            "Request.Operation.{name}.{other} is not supported by the local cloud; leave it out"
        ))),
    }
}
