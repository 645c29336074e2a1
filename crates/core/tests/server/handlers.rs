//! Handlers in a table.

use http::StatusCode;
use tcloud_core::call::Request;
use tcloud_core::codec::Document;
use tcloud_core::operation::{BodyFormat, Operation};
use tcloud_core::server::{Answer, Context, Fault, Handlers, Incoming, Outgoing};

use crate::fixture::{
    AnyJob, AnyTask, CANCEL, COS, CREATE_A, NONE, OBJECT_HOST, PROCESS, delegate, incoming, routed,
    text,
};

/// The state of a server: what it says.
struct Words(&'static str);

/// Answers with the request and what its context says.
async fn create_job(words: &Words, context: Context, job: AnyJob) -> Result<Answer<AnyJob>, Fault> {
    let mut answer = Answer::new(job).status(StatusCode::CREATED);
    let text = format!("{} {}", words.0, context.request_id);
    answer.headers.insert("x-words", text.parse().unwrap());
    Ok(answer)
}

async fn process(words: &Words, _: Context, task: AnyTask) -> Result<AnyTask, Fault> {
    if words.0.is_empty() {
        return Err(Fault::new(StatusCode::OK, "FailedOperation", "no words"));
    }
    Ok(task)
}

async fn answered(
    handlers: &Handlers<Words>,
    words: &'static str,
    incoming: Incoming,
) -> Result<Outgoing, Fault> {
    let context = Context::new("r-1");
    handlers.call(&Words(words), context, incoming).await
}

#[tokio::test]
async fn a_handler_answers_the_operation_of_its_request() {
    let handlers = Handlers::new().on(create_job).on(process);
    let job = incoming(
        &CREATE_A,
        &[("size", "5")],
        "<Request><Level>1</Level></Request>",
    );
    let outgoing = answered(&handlers, "hello", job).await.unwrap();
    assert_eq!(outgoing.status, StatusCode::CREATED);
    assert_eq!(outgoing.headers["x-words"], "hello r-1");
    assert_eq!(outgoing.headers["x-ci-meta-colour"], "red");
    assert_eq!(
        text(outgoing).await,
        "<Response><Tag>A</Tag><Level>1</Level></Response>"
    );

    let task = || incoming(&PROCESS, &[], r#"{"TaskId":"t"}"#);
    let outgoing = answered(&handlers, "hello", task()).await.unwrap();
    assert_eq!(outgoing.status, StatusCode::OK);
    assert_eq!(text(outgoing).await, r#"{"Response":{"TaskId":"t"}}"#);
    let fault = answered(&handlers, "", task()).await.unwrap_err();
    assert_eq!(fault.to_string(), "FailedOperation: no words");
}

#[tokio::test]
async fn what_is_registered_is_implemented_and_what_is_not_is_refused_by_name() {
    let handlers = Handlers::new().on(process);
    assert!(handlers.implements(&PROCESS));
    assert!(!handlers.implements(&CREATE_A) && !handlers.implements(&CANCEL));
    assert_eq!(format!("{handlers:?}"), r#"{("mps", "ProcessImage")}"#);

    let job = || incoming(&CREATE_A, &[], "<no XML");
    let fault = answered(&handlers, "hello", job()).await.unwrap_err();
    assert_eq!(fault.status, StatusCode::NOT_IMPLEMENTED);
    assert_eq!(
        fault.to_string(),
        "NotImplemented: CreateAJob is not implemented here"
    );

    let none = Handlers::<Words>::new();
    let task = incoming(&PROCESS, &[], "{}");
    let fault = answered(&none, "hello", task).await.unwrap_err();
    assert_eq!(fault.status, StatusCode::OK);
    assert_eq!(
        fault.to_string(),
        "UnsupportedOperation: ProcessImage is not implemented here"
    );
}

/// A request that violates its table never comes to its handler.
#[tokio::test]
async fn a_request_is_checked_before_its_handler_sees_it() {
    let handlers = Handlers::new().on(create_job).on(process);
    for (incoming, expected) in [
        (
            incoming(&PROCESS, &[], "{}"),
            "MissingParameter: TaskId is required",
        ),
        (
            incoming(&PROCESS, &[], r#"{"TaskId":"t","More":1}"#),
            "UnknownParameter: The parameter `More` is not recognized",
        ),
        (
            incoming(&CREATE_A, &[("size", "0")], "<Request/>"),
            "InvalidArgument: size must be from 1 to 100, got 0",
        ),
    ] {
        let fault = answered(&handlers, "", incoming).await.unwrap_err();
        assert_eq!(fault.to_string(), expected);
    }
}

/// The raw body of a request is in its context, that of the answer in the answer.
#[tokio::test]
async fn bytes_go_through_a_handler_as_they_are() {
    static PUT: Operation =
        Operation::new(&COS, "PutObject", "PUT", "/", OBJECT_HOST, &NONE, &NONE)
            .request_body(BodyFormat::Raw)
            .response_body(BodyFormat::Raw);

    #[derive(Clone)]
    struct Put(Document);
    impl Default for Put {
        fn default() -> Self {
            Self(Document::new(&NONE))
        }
    }
    delegate!(Put);
    impl Request for Put {
        type Response = Self;
        fn operation() -> &'static Operation {
            &PUT
        }
    }
    async fn put(_: &Words, context: Context, request: Put) -> Result<Answer<Put>, Fault> {
        Ok(Answer::new(request).body(context.body))
    }

    let handlers = Handlers::new().on(put);
    let incoming = routed(&PUT, &[], &[], "<not XML").unwrap();
    let outgoing = answered(&handlers, "", incoming).await.unwrap();
    assert_eq!(text(outgoing).await, "<not XML");
}
