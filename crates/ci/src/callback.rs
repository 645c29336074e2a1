//! Callbacks: what the service posts to a job's `CallBack` address when the job ends.

use tcloud_core::codec::{Drift, json, xml};
use tcloud_core::error::{Error, ErrorKind};

use crate::types::JobCallback;

/// Reads the body of a callback, in either notation, and tells where it departs from its table.
///
/// ```
/// use tcloud_ci::callback;
///
/// let body = r#"{"EventName": "TaskFinish", "JobsDetail": {"JobId": "c01", "State": "Success"}}"#;
/// let (callback, drift) = callback::parse(body)?;
/// assert_eq!(callback.jobs_detail[0].job_id.as_deref(), Some("c01"));
/// // One job comes as an object, several as a list: both are read.
/// assert_eq!(drift.len(), 1);
/// # Ok::<(), tcloud_ci::Error>(())
/// ```
///
/// # Errors
/// The body is neither well-formed XML nor well-formed JSON.
pub fn parse(body: &str) -> Result<(JobCallback, Vec<Drift>), Error> {
    let mut callback = JobCallback::default();
    let outcome = if body.trim_start().starts_with('{') {
        json::decode(body, "", &mut callback)
    } else {
        xml::decode(body, "Response", &mut callback)
    };
    match outcome {
        Ok(drift) => Ok((callback, drift)),
        Err(error) => Err(Error::new(
            ErrorKind::Response,
            format!("the callback cannot be read: {error}"),
        )
        .advise("check that the request comes from the service")
        .caused_by(error)),
    }
}
