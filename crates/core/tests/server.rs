//! The tables from the other side: routes, requests decoded, answers and refusals written.
#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use http::{HeaderName, Method, StatusCode};
use tcloud_core::body::Body;
use tcloud_core::call::Request;
use tcloud_core::codec::Document;
use tcloud_core::node::{Node, Ref, Slot, Unknown};
use tcloud_core::operation::{BodyFormat, Catalog, Operation, Protocol, Service};
use tcloud_core::schema::{Field, Flags, Kind, Limits, Place, Structure};
use tcloud_core::server::{
    Answer, Context, Fault, Handlers, Head, Incoming, Outgoing, Route, Unroutable, route,
};

static COS: Service = Service::new("cos", "COS", "", Protocol::Cos);
static CI: Service = Service::new("ci", "CI", "", Protocol::Ci);
static MPS: Service = Service::new("mps", "MPS", "2019-06-12", Protocol::Tc3);

static COS_CATALOG: Catalog =
    Catalog::new(&COS, &[&GET_OBJECT, &GET_ACL, &GET_BUCKET, &GET_SERVICE]);
static CI_CATALOG: Catalog = Catalog::new(
    &CI,
    &[&CREATE_SEVERAL, &CREATE_A, &CREATE_B, &CANCEL, &DESCRIBE],
);
static MPS_CATALOG: Catalog = Catalog::new(&MPS, &[&PROCESS]);

const OBJECT_HOST: &str = "{bucket}.cos.{region}.myqcloud.com";
const JOB_HOST: &str = "{bucket}.ci.{region}.myqcloud.com";

static PAGE: Limits = Limits::new().range(1, 100);
static JOB: Structure = Structure::new(
    "Job",
    &[
        Field::new("bucket", Kind::Text)
            .at(Place::Host)
            .with(Flags::REQUIRED),
        Field::new("size", Kind::Integer)
            .at(Place::Query)
            .limited(&PAGE),
        Field::new("x-ci-meta-", Kind::Map).at(Place::Header),
        Field::new("Tag", Kind::Fixed("A")).with(Flags::REQUIRED),
        Field::new("Level", Kind::Integer),
    ],
);
static TAG_B: Structure = Structure::new("Job", &[Field::new("Tag", Kind::Fixed("B"))]);
static NONE: Structure = Structure::new("None", &[]);
static TASK: Structure = Structure::new(
    "Task",
    &[
        Field::new("TaskId", Kind::Text).with(Flags::REQUIRED),
        Field::new("Count", Kind::Integer),
    ],
);

static GET_OBJECT: Operation = Operation::new(
    &COS,
    "GetObject",
    "GET",
    "/{key+}",
    OBJECT_HOST,
    &NONE,
    &NONE,
);
static GET_ACL: Operation = Operation::new(
    &COS,
    "GetObjectAcl",
    "GET",
    "/{key+}",
    OBJECT_HOST,
    &NONE,
    &NONE,
)
.query(&[("acl", "")]);
static GET_BUCKET: Operation =
    Operation::new(&COS, "GetBucket", "GET", "/", OBJECT_HOST, &NONE, &NONE);
static GET_SERVICE: Operation = Operation::new(
    &COS,
    "GetService",
    "GET",
    "/",
    "service.cos.myqcloud.com",
    &NONE,
    &NONE,
);
static CREATE_A: Operation =
    Operation::new(&CI, "CreateAJob", "POST", "/jobs", JOB_HOST, &JOB, &JOB)
        .request_body(BodyFormat::Xml("Request"))
        .response_body(BodyFormat::Xml("Response"));
static CREATE_B: Operation =
    Operation::new(&CI, "CreateBJob", "POST", "/jobs", JOB_HOST, &TAG_B, &NONE)
        .request_body(BodyFormat::Xml("Request"));
static CREATE_SEVERAL: Operation =
    Operation::new(&CI, "CreateJobs", "POST", "/jobs", JOB_HOST, &NONE, &NONE)
        .request_body(BodyFormat::Xml("Request"));
static CANCEL: Operation = Operation::new(
    &CI,
    "CancelJob",
    "PUT",
    "/jobs/{jobId}",
    JOB_HOST,
    &NONE,
    &NONE,
)
.query(&[("cancel", "")]);
static DESCRIBE: Operation = Operation::new(
    &CI,
    "DescribeJob",
    "GET",
    "/jobs/{jobId}",
    JOB_HOST,
    &NONE,
    &NONE,
);
static PROCESS: Operation = Operation::new(
    &MPS,
    "ProcessImage",
    "POST",
    "/",
    "mps.tencentcloudapi.com",
    &TASK,
    &TASK,
)
.request_body(BodyFormat::Json)
.response_body(BodyFormat::Json);

fn find(method: &Method, host: &str, path: &str, query: &[&str], body: &str) -> String {
    let query: Vec<_> = query
        .iter()
        .map(|name| ((*name).to_owned(), String::new()))
        .collect();
    let head = Head {
        method,
        host,
        path,
        query: &query,
        action: None,
        version: None,
        body: Some(body.as_bytes()),
    };
    match route(&[&COS_CATALOG, &CI_CATALOG, &MPS_CATALOG], &head) {
        Ok(route) => {
            let labels: Vec<_> = route
                .labels
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect();
            format!("{} {}", route.operation.name, labels.join(" "))
        }
        Err(error) => format!("{error:?}"),
    }
}

#[test]
fn requests_find_their_operation() {
    let object = "b-1.cos.ap-x.myqcloud.com";
    let job = "b-1.ci.ap-x.myqcloud.com";
    let get = &Method::GET;
    assert_eq!(
        find(get, object, "/a/b", &[], ""),
        "GetObject bucket=b-1 region=ap-x key=a/b"
    );
    assert_eq!(
        find(get, object, "/a/b", &["acl"], ""),
        "GetObjectAcl bucket=b-1 region=ap-x key=a/b"
    );
    assert_eq!(
        find(get, object, "/", &["prefix"], ""),
        "GetBucket bucket=b-1 region=ap-x"
    );
    assert_eq!(
        find(get, "service.cos.myqcloud.com", "/", &[], ""),
        "GetService "
    );
    assert_eq!(
        find(get, job, "/jobs/j1", &[], ""),
        "DescribeJob bucket=b-1 region=ap-x jobId=j1"
    );
    assert_eq!(find(get, job, "/jobs/a/b", &[], ""), "NoOperation");
    assert_eq!(find(&Method::PUT, job, "/jobs/j1", &[], ""), "NoOperation");
    assert_eq!(
        find(&Method::PUT, job, "/jobs/j1", &["cancel"], ""),
        "CancelJob bucket=b-1 region=ap-x jobId=j1"
    );
    assert_eq!(find(get, "example.com", "/", &[], ""), "NoOperation");
}

#[test]
fn a_fixed_node_of_the_body_selects_among_equals() {
    let host = "b-1.ci.ap-x.myqcloud.com";
    for (body, expected) in [
        (
            "<Request><Tag>A</Tag></Request>",
            "CreateAJob bucket=b-1 region=ap-x",
        ),
        (
            "<Request><Tag>B</Tag></Request>",
            "CreateBJob bucket=b-1 region=ap-x",
        ),
        (
            "<Request><Tag>C</Tag></Request>",
            "NoVariant { node: \"Tag\", found: \"C\" }",
        ),
        (
            "<Request><Operation><Tag>B</Tag></Operation></Request>",
            "CreateJobs bucket=b-1 region=ap-x",
        ),
    ] {
        assert_eq!(find(&Method::POST, host, "/jobs", &[], body), expected);
    }
}

#[test]
fn an_action_of_another_version_is_told_apart() {
    let head = |action, version| Head {
        method: &Method::POST,
        host: "127.0.0.1",
        path: "/",
        query: &[],
        action: Some(action),
        version: Some(version),
        body: None,
    };
    let found =
        |action, version| route(&[&MPS_CATALOG], &head(action, version)).map(|r| r.operation.name);
    assert_eq!(found("ProcessImage", "2019-06-12"), Ok("ProcessImage"));
    assert_eq!(
        found("ProcessImage", "2020-01-01"),
        Err(Unroutable::NoVersion)
    );
    assert_eq!(found("Other", "2019-06-12"), Err(Unroutable::NoOperation));
}

/// A request of any table, as generated code would have one.
#[derive(Clone)]
struct AnyJob(Document);

impl Default for AnyJob {
    fn default() -> Self {
        Self(Document::new(&JOB))
    }
}

#[derive(Clone)]
struct AnyTask(Document);

impl Default for AnyTask {
    fn default() -> Self {
        Self(Document::new(&TASK))
    }
}

macro_rules! delegate {
    ($name:ident) => {
        impl Node for $name {
            fn structure(&self) -> &'static Structure {
                self.0.structure()
            }
            fn refs(&self, visit: &mut dyn FnMut(&[Ref<'_>])) {
                self.0.refs(visit);
            }
            fn slots(&mut self, visit: &mut dyn FnMut(&mut [Slot<'_>])) {
                self.0.slots(visit);
            }
            fn unknown(&self) -> &Unknown {
                self.0.unknown()
            }
            fn unknown_mut(&mut self) -> &mut Unknown {
                self.0.unknown_mut()
            }
        }
    };
}
delegate!(AnyJob);
delegate!(AnyTask);

fn incoming(operation: &'static Operation, query: &[(&str, &str)], body: &'static str) -> Incoming {
    routed(operation, query, &[("x-ci-meta-colour", "red")], body).unwrap()
}

fn routed(
    operation: &'static Operation,
    query: &[(&str, &str)],
    headers: &[(&'static str, &str)],
    body: &'static str,
) -> Result<Incoming, Fault> {
    let route = Route {
        operation,
        labels: vec![("bucket".into(), "b-1".into())],
    };
    let query = query
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    let headers = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    Incoming::new(route, query, headers, Body::from(body))
}

fn refused<T: Node + Default>(incoming: Incoming) -> String {
    match incoming.decode::<T>() {
        Ok(_) => "accepted".to_owned(),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn a_request_is_decoded_from_all_its_parts() {
    let body = "<Request><Tag>A</Tag><Level>1</Level></Request>";
    let (request, _) = incoming(&CREATE_A, &[("size", "5")], body)
        .decode::<AnyJob>()
        .unwrap();
    assert_eq!(
        format!("{:?}", request.0),
        "Job { bucket: \"b-1\", size: 5, x-ci-meta-: {\"colour\": \"red\"}, Level: 1 }"
    );
}

#[test]
fn what_the_table_does_not_know_is_refused_by_name() {
    let outcome = |query: &[&str], headers: &[&'static str], body: &'static str| {
        let query: Vec<_> = query.iter().map(|name| (*name, "")).collect();
        let headers: Vec<_> = headers.iter().map(|name| (*name, "x")).collect();
        match routed(&CREATE_A, &query, &headers, body) {
            Ok(incoming) => refused::<AnyJob>(incoming),
            Err(fault) => fault.to_string(),
        }
    };
    for name in [
        "size",
        "q-sign-algorithm",
        "q-signature",
        "sign",
        "x-cos-security-token",
    ] {
        assert_eq!(outcome(&[name], &[], "<Request/>"), "accepted", "{name}");
    }
    for header in [
        "x-cos-meta-a",
        "x-cos-sdk-retry",
        "x-ci-security-token",
        "x-cos-traceid",
        "traceparent",
        "x-amzn-trace-id",
        "x-ci-meta-more",
    ] {
        let outcome = outcome(&[], &[header], "<Request/>");
        assert_eq!(outcome, "accepted", "{header}");
    }
    let says = |part: &str| {
        format!(
            "NotImplemented: CreateAJob has no {part} here, and what that asks for is not \
             implemented. Leave it out only if CreateAJob without it is what you want."
        )
    };
    for name in [
        "cancel",
        "Size",
        "foo",
        "q-other",
        "imageMogr2/thumbnail/5x",
    ] {
        let part = format!("query parameter `{name}`");
        assert_eq!(outcome(&[name], &[], "<Request/>"), says(&part));
    }
    for header in [
        "x-cos-callback",
        "x-amz-copy-source",
        "x-ci-other",
        "pic-operations",
    ] {
        let part = format!("header `{header}`");
        assert_eq!(outcome(&[], &[header], "<Request/>"), says(&part));
    }
    assert_eq!(
        outcome(&[], &[], "<Request><More><Deep/></More></Request>"),
        says("node `Request.More`")
    );
    let long = "p".repeat(5000);
    let told = outcome(&[&long], &[], "<Request/>");
    assert!(told.len() < 400, "{told}");
}

#[test]
fn a_selecting_parameter_is_known_and_a_body_that_has_no_table_is_not() {
    let cancel = |body| {
        let incoming = routed(&CANCEL, &[("cancel", "")], &[], body).unwrap();
        refused::<AnyJob>(incoming)
    };
    assert_eq!(cancel("\n"), "accepted");
    assert_eq!(
        cancel("<Request/>"),
        "NotImplemented: CancelJob has no body here, and what that asks for is not implemented. \
         Leave it out only if CancelJob without it is what you want."
    );
}

#[test]
fn what_violates_the_table_is_refused_in_the_protocols_words() {
    let job = |query: &[(&str, &str)], body| refused::<AnyJob>(incoming(&CREATE_A, query, body));
    assert_eq!(
        job(&[("size", "0")], "<Request/>"),
        "InvalidArgument: size must be from 1 to 100, got 0"
    );
    assert_eq!(
        job(&[("size", "many")], "<Request/>"),
        "InvalidArgument: size: expected a number, got text"
    );
    assert_eq!(
        job(&[], "<Request><Level>x</Level></Request>"),
        "InvalidArgument: Request.Level: expected a number, got text"
    );
    assert!(job(&[], "<Request>").starts_with("InvalidContent: "));

    let task = |body| refused::<AnyTask>(incoming(&PROCESS, &[], body));
    assert_eq!(task("{}"), "MissingParameter: TaskId is required");
    assert_eq!(
        task(r#"{"TaskId":"t","More":1}"#),
        "UnknownParameter: The parameter `More` is not recognized"
    );
    assert_eq!(
        task(r#"{"TaskId":"t","Count":"1"}"#),
        "InvalidParameterValue: Count: expected a number, got text"
    );
    assert!(task("{").starts_with("InvalidRequest: "));
}

async fn text(outgoing: Outgoing) -> String {
    let bytes = outgoing.body.collect(10_000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn answers_are_written_as_their_table_says() {
    let mut task = AnyTask::default();
    tcloud_core::codec::set(&mut task, "TaskId", "t");
    let outgoing = Outgoing::encode(&PROCESS, Answer::new(task)).unwrap();
    assert_eq!(outgoing.headers["content-type"], "application/json");
    assert_eq!(text(outgoing).await, r#"{"Response":{"TaskId":"t"}}"#);

    let mut job = AnyJob::default();
    tcloud_core::codec::set(&mut job, "Level", "2");
    let outgoing = Outgoing::encode(&CREATE_A, Answer::new(job)).unwrap();
    assert_eq!(
        text(outgoing).await,
        "<Response><Tag>A</Tag><Level>2</Level></Response>"
    );
}

#[tokio::test]
async fn refusals_are_told_as_each_protocol_tells_them() {
    let fault = Fault::new(StatusCode::FORBIDDEN, "AccessDenied", "a < b\u{1}")
        .detail("FormatString", "get\n/");
    let outgoing = fault.render(Protocol::Cos, "r-1", "/x");
    assert_eq!(outgoing.status, 403);
    assert_eq!(
        text(outgoing).await,
        "<Error><Code>AccessDenied</Code><Message>a &lt; b </Message><Resource>/x</Resource>\
         <RequestId>r-1</RequestId><TraceId>r-1</TraceId><FormatString>get\n/</FormatString></Error>"
    );
    let outgoing = Fault::not_implemented(&PROCESS).render(Protocol::Tc3, "r-1", "/");
    assert_eq!(outgoing.status, 200);
    assert_eq!(
        text(outgoing).await,
        "{\"Response\":{\"Error\":{\"Code\":\"UnsupportedOperation\",\
         \"Message\":\"ProcessImage is not implemented here\"},\"RequestId\":\"r-1\"}}"
    );
}

impl Request for AnyJob {
    type Response = Self;

    fn operation() -> &'static Operation {
        &CREATE_A
    }
}

impl Request for AnyTask {
    type Response = Self;

    fn operation() -> &'static Operation {
        &PROCESS
    }
}

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
