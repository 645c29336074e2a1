//! A few tables, and requests of them.

use http::HeaderName;
use tcloud_core::body::Body;
use tcloud_core::call::Request;
use tcloud_core::codec::Document;
use tcloud_core::node::Node;
use tcloud_core::operation::{BodyFormat, Catalog, Operation, Protocol, Service};
use tcloud_core::schema::{Field, Flags, Kind, Limits, Place, Structure};
use tcloud_core::server::{Fault, Incoming, Outgoing, Route};

pub(crate) static COS: Service = Service::new("cos", "COS", "", Protocol::Cos);
pub(crate) static CI: Service = Service::new("ci", "CI", "", Protocol::Ci);
pub(crate) static MPS: Service = Service::new("mps", "MPS", "2019-06-12", Protocol::Tc3);

pub(crate) static COS_CATALOG: Catalog = Catalog::new(
    &COS,
    &[
        &GET_OBJECT,
        &GET_ACL,
        &GET_BUCKET,
        &GET_SERVICE,
        &PUT,
        &COPY,
        &PUT_PART,
        &COPY_PART,
        &ABORT,
        &PUT_STYLE,
        &DELETE_STYLE,
    ],
);
pub(crate) static CI_CATALOG: Catalog = Catalog::new(
    &CI,
    &[&CREATE_SEVERAL, &CREATE_A, &CREATE_B, &CANCEL, &DESCRIBE],
);
pub(crate) static MPS_CATALOG: Catalog = Catalog::new(&MPS, &[&PROCESS]);

pub(crate) const OBJECT_HOST: &str = "{bucket}.cos.{region}.myqcloud.com";
pub(crate) const JOB_HOST: &str = "{bucket}.ci.{region}.myqcloud.com";

pub(crate) static PAGE: Limits = Limits::new().range(1, 100);
pub(crate) static JOB: Structure = Structure::new(
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
pub(crate) static TAG_B: Structure = Structure::new("Job", &[Field::new("Tag", Kind::Fixed("B"))]);
pub(crate) static NONE: Structure = Structure::new("None", &[]);
pub(crate) static TASK: Structure = Structure::new(
    "Task",
    &[
        Field::new("TaskId", Kind::Text).with(Flags::REQUIRED),
        Field::new("Count", Kind::Integer),
    ],
);

pub(crate) static GET_OBJECT: Operation = Operation::new(
    &COS,
    "GetObject",
    "GET",
    "/{key+}",
    OBJECT_HOST,
    &NONE,
    &NONE,
);
pub(crate) static GET_ACL: Operation = Operation::new(
    &COS,
    "GetObjectAcl",
    "GET",
    "/{key+}",
    OBJECT_HOST,
    &NONE,
    &NONE,
)
.query(&[("acl", "")]);
pub(crate) static GET_BUCKET: Operation =
    Operation::new(&COS, "GetBucket", "GET", "/", OBJECT_HOST, &NONE, &NONE);
pub(crate) static GET_SERVICE: Operation = Operation::new(
    &COS,
    "GetService",
    "GET",
    "/",
    "service.cos.myqcloud.com",
    &NONE,
    &NONE,
);
const UPLOAD_ID: Field = Field::new("uploadId", Kind::Text)
    .at(Place::Query)
    .with(Flags::REQUIRED);
const SOURCE: Field = Field::new("x-cos-copy-source", Kind::Text)
    .at(Place::Header)
    .with(Flags::REQUIRED);
static OF_COPY: Structure = Structure::new("Copy", &[SOURCE]);
static OF_PART: Structure = Structure::new("Part", &[UPLOAD_ID]);
static OF_COPIED_PART: Structure = Structure::new("CopiedPart", &[UPLOAD_ID, SOURCE]);
pub(crate) static PUT: Operation = Operation::new(
    &COS,
    "PutObject",
    "PUT",
    "/{key+}",
    OBJECT_HOST,
    &NONE,
    &NONE,
);
pub(crate) static COPY: Operation = Operation::new(
    &COS,
    "PutObjectCopy",
    "PUT",
    "/{key+}",
    OBJECT_HOST,
    &OF_COPY,
    &NONE,
);
pub(crate) static PUT_PART: Operation = Operation::new(
    &COS,
    "UploadPart",
    "PUT",
    "/{key+}",
    OBJECT_HOST,
    &OF_PART,
    &NONE,
);
pub(crate) static COPY_PART: Operation = Operation::new(
    &COS,
    "UploadPartCopy",
    "PUT",
    "/{key+}",
    OBJECT_HOST,
    &OF_COPIED_PART,
    &NONE,
);
pub(crate) static ABORT: Operation = Operation::new(
    &COS,
    "AbortMultipartUpload",
    "DELETE",
    "/{key+}",
    OBJECT_HOST,
    &OF_PART,
    &NONE,
);
static OF_NOTHING: Structure = Structure::new(
    "Nothing",
    &[Field::new("x-empty", Kind::Fixed("1")).at(Place::Header)],
);
pub(crate) static PUT_STYLE: Operation = Operation::new(
    &COS,
    "PutStyle",
    "PUT",
    "/{key+}",
    OBJECT_HOST,
    &NONE,
    &NONE,
)
.query(&[("style", "")]);
pub(crate) static DELETE_STYLE: Operation = Operation::new(
    &COS,
    "DeleteStyle",
    "PUT",
    "/{key+}",
    OBJECT_HOST,
    &OF_NOTHING,
    &NONE,
)
.query(&[("style", "")]);
pub(crate) static CREATE_A: Operation =
    Operation::new(&CI, "CreateAJob", "POST", "/jobs", JOB_HOST, &JOB, &JOB)
        .request_body(BodyFormat::Xml("Request"))
        .response_body(BodyFormat::Xml("Response"));
pub(crate) static CREATE_B: Operation =
    Operation::new(&CI, "CreateBJob", "POST", "/jobs", JOB_HOST, &TAG_B, &NONE)
        .request_body(BodyFormat::Xml("Request"));
pub(crate) static CREATE_SEVERAL: Operation =
    Operation::new(&CI, "CreateJobs", "POST", "/jobs", JOB_HOST, &NONE, &NONE)
        .request_body(BodyFormat::Xml("Request"));
pub(crate) static CANCEL: Operation = Operation::new(
    &CI,
    "CancelJob",
    "PUT",
    "/jobs/{jobId}",
    JOB_HOST,
    &NONE,
    &NONE,
)
.query(&[("cancel", "")]);
pub(crate) static DESCRIBE: Operation = Operation::new(
    &CI,
    "DescribeJob",
    "GET",
    "/jobs/{jobId}",
    JOB_HOST,
    &NONE,
    &NONE,
);
pub(crate) static PROCESS: Operation = Operation::new(
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

/// A request of any table, as generated code would have one.
#[derive(Clone)]
pub(crate) struct AnyJob(pub(crate) Document);

impl Default for AnyJob {
    fn default() -> Self {
        Self(Document::new(&JOB))
    }
}

#[derive(Clone)]
pub(crate) struct AnyTask(pub(crate) Document);

impl Default for AnyTask {
    fn default() -> Self {
        Self(Document::new(&TASK))
    }
}

/// Makes a type a node by the document in it.
macro_rules! delegate {
    ($name:ident) => {
        impl tcloud_core::node::Node for $name {
            fn structure(&self) -> &'static tcloud_core::schema::Structure {
                self.0.structure()
            }
            fn refs(&self, visitor: tcloud_core::node::RefVisitor<'_>) {
                self.0.refs(visitor);
            }
            fn slots(&mut self, visitor: tcloud_core::node::SlotVisitor<'_>) {
                self.0.slots(visitor);
            }
            fn unknown(&self) -> &tcloud_core::node::Unknown {
                self.0.unknown()
            }
            fn unknown_mut(&mut self) -> &mut tcloud_core::node::Unknown {
                self.0.unknown_mut()
            }
        }
    };
}
pub(crate) use delegate;

delegate!(AnyJob);
delegate!(AnyTask);

pub(crate) fn incoming(
    operation: &'static Operation,
    query: &[(&str, &str)],
    body: &'static str,
) -> Incoming {
    routed(operation, query, &[("x-ci-meta-colour", "red")], body).unwrap()
}

pub(crate) fn routed(
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

pub(crate) fn refused<T: Node + Default>(incoming: Incoming) -> String {
    match incoming.decode::<T>() {
        Ok(_) => "accepted".to_owned(),
        Err(fault) => fault.to_string(),
    }
}

pub(crate) async fn text(outgoing: Outgoing) -> String {
    let bytes = outgoing.body.collect(10_000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
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
