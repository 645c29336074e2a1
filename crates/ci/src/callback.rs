//! Callbacks: what the service posts to an address when a job, a workflow or a moderation has
//! ended.
//!
//! [`parse`] takes the body of any callback, in either notation, and returns its kind. A receiver
//! of one known kind reads it with [`read`].

use tcloud_core::codec::{Drift, json, xml};
use tcloud_core::error::{Error, ErrorKind};
use tcloud_core::node::{Node, Value};

use crate::types::{
    AudioAuditingCallback, AuditingCallbackSimple, DocumentAuditingCallback, ImageAuditingCallback,
    JobCallback, TextAuditingCallback, VideoAuditingCallback, WebpageAuditingCallback,
    WorkflowCallback,
};

/// What a callback is about.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Callback {
    /// A job has ended.
    Job(Box<JobCallback>),
    /// A workflow has ended.
    Workflow(Box<WorkflowCallback>),
    /// A picture was looked at.
    ImageAuditing(Box<ImageAuditingCallback>),
    /// A video file was looked at, or a live stream is being looked at.
    VideoAuditing(Box<VideoAuditingCallback>),
    /// A sound was looked at.
    AudioAuditing(Box<AudioAuditingCallback>),
    /// A text was looked at.
    TextAuditing(Box<TextAuditingCallback>),
    /// A document was looked at.
    DocumentAuditing(Box<DocumentAuditingCallback>),
    /// A webpage was looked at.
    WebpageAuditing(Box<WebpageAuditingCallback>),
    /// Any of them was moderated, reported in the simple form.
    AuditingSimple(Box<AuditingCallbackSimple>),
}

/// A callback that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// Its content.
    pub callback: Callback,
    /// Where it departs from its table.
    pub drift: Vec<Drift>,
}

/// Reads the body of a callback, XML or JSON, of any kind.
///
/// ```
/// use tcloud_ci::callback::{self, Callback};
///
/// let body = r#"{"EventName": "TaskFinish", "JobsDetail": {"JobId": "c01", "State": "Success"}}"#;
/// let received = callback::parse(body)?;
/// let Callback::Job(job) = received.callback else {
///     panic!("it is about a job");
/// };
/// assert_eq!(job.jobs_detail[0].job_id.as_deref(), Some("c01"));
/// // One job comes as an object, several as a list: that is no departure from the table.
/// assert_eq!(received.drift, []);
/// # Ok::<(), tcloud_ci::Error>(())
/// ```
///
/// # Errors
/// The body is neither well-formed XML nor well-formed JSON, or it is about nothing that is
/// documented.
pub fn parse(body: &str) -> Result<Received, Error> {
    let kind = Kind::of(&outline(body)?)?;
    let (callback, drift) = match kind {
        Kind::Job => boxed(body, Callback::Job),
        Kind::Workflow => boxed(body, Callback::Workflow),
        Kind::Image => boxed(body, Callback::ImageAuditing),
        Kind::Video => boxed(body, Callback::VideoAuditing),
        Kind::Audio => boxed(body, Callback::AudioAuditing),
        Kind::Text => boxed(body, Callback::TextAuditing),
        Kind::Document => boxed(body, Callback::DocumentAuditing),
        Kind::Webpage => boxed(body, Callback::WebpageAuditing),
        Kind::Simple => boxed(body, Callback::AuditingSimple),
    }?;
    Ok(Received { callback, drift })
}

/// Reads the body of a callback whose kind is known, such as [`JobCallback`], and reports where it
/// departs from its table.
///
/// # Errors
/// The body is neither well-formed XML nor well-formed JSON.
pub fn read<T: Node + Default>(body: &str) -> Result<(T, Vec<Drift>), Error> {
    let mut callback = T::default();
    let outcome = if is_json(body) {
        // Callbacks of jobs write numbers in quotes, those of moderation do not.
        json::decode_styled(body, "", &mut callback, json::Style::Text)
    } else {
        xml::decode(body, "Response", &mut callback)
    };
    match outcome {
        Ok(drift) => Ok((callback, drift)),
        Err(error) => Err(unreadable(&error).caused_by(error)),
    }
}

fn boxed<T: Node + Default>(
    body: &str,
    of: fn(Box<T>) -> Callback,
) -> Result<(Callback, Vec<Drift>), Error> {
    let (callback, drift) = read(body)?;
    Ok((of(Box::new(callback)), drift))
}

fn is_json(body: &str) -> bool {
    body.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('{')
}

/// The body without a table.
fn outline(body: &str) -> Result<Value, Error> {
    if is_json(body) {
        let text = body.trim_start_matches('\u{feff}');
        return text.parse().map_err(|error| unreadable(&error));
    }
    match xml::decode_any(body) {
        Ok((_, value)) => Ok(value),
        Err(error) => Err(unreadable(&error).caused_by(error)),
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Response,
        format!("the callback cannot be read: {error}"),
    )
    .advise("check that the request comes from the service")
}

/// The kinds of callbacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Job,
    Workflow,
    Image,
    Video,
    Audio,
    Text,
    Document,
    Webpage,
    Simple,
}

impl Kind {
    /// What `outline` is the outline of.
    fn of(outline: &Value) -> Result<Self, Error> {
        let event = outline.get("EventName").and_then(Value::as_str);
        let has = |name: &str| outline.get(name).is_some();
        Ok(match event {
            Some("TaskFinish") => Self::Job,
            Some("WorkflowFinish") => Self::Workflow,
            Some("ReviewImage") => Self::Image,
            Some("ReviewVideo") => Self::Video,
            Some("ReviewAudio") => Self::Audio,
            Some("ReviewText") => Self::Text,
            Some("ReviewDocument") => Self::Document,
            Some("ReviewHtml") => Self::Webpage,
            None if has("code") && has("data") => Self::Simple,
            // Older callbacks do not say what has happened.
            None if has("JobsDetail") => Self::Job,
            None if has("WorkflowExecution") => Self::Workflow,
            event => {
                let told = event.map_or_else(
                    || "it names no event".to_owned(),
                    |event| format!("its event is `{event}`"),
                );
                return Err(Error::new(
                    ErrorKind::Response,
                    format!("the callback is of no known kind: {told}"),
                )
                .advise("read it with `callback::read` if its structure is known"));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Callback, parse};

    #[test]
    fn either_notation_is_read() {
        let xml = "<Response><EventName>TaskFinish</EventName><JobsDetail><JobId>j1</JobId>\
                   </JobsDetail></Response>";
        let json = r#"{"JobsDetail":[{"JobId":"j1"}]}"#;
        for body in [xml, json] {
            let Callback::Job(job) = parse(body).unwrap().callback else {
                panic!("{body}");
            };
            assert_eq!(job.jobs_detail[0].job_id.as_deref(), Some("j1"));
        }
    }

    #[test]
    fn what_is_no_callback_is_refused_with_a_reason() {
        for (body, reason) in [
            ("", "cannot be read"),
            ("{", "cannot be read"),
            ("<a>", "cannot be read"),
            ("{}", "it names no event"),
            (r#"{"EventName":"Other"}"#, "its event is `Other`"),
        ] {
            let error = parse(body).unwrap_err().to_string();
            assert!(error.contains(reason), "{body}: {error}");
        }
    }
}
