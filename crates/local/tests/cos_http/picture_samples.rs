//! The samples of the documents about pictures, as the tables have them, sent to a cloud that listens
//! but for names of buckets and ids: the answer has every node of the document's. A call that has no
//! sample is sent as its table describes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use tcloud_core::operation::Operation;
use tcloud_core::schema::{Kind, Place};
use tcloud_inspect::demo;
use tcloud_local::{AuthMode, Settings, Support, support};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fixture::{BUCKET, REGION, bucket_host};
use crate::sockets::{Served, status};

/// What a file of `api-spec` is read for.
#[derive(Deserialize)]
struct Table {
    operation: String,
    #[serde(default)]
    samples: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    name: String,
    request: Option<String>,
    response: Option<String>,
}

/// A request to be sent.
struct Call {
    operation: &'static str,
    /// The sample it is, if it is one.
    sample: &'static str,
    key: &'static str,
    /// What comes behind the query that chooses the operation.
    query: &'static str,
    header: &'static str,
    /// The body where the document prints none.
    body: &'static str,
}

impl Call {
    const fn new(operation: &'static str, sample: &'static str) -> Self {
        Self {
            operation,
            sample,
            key: "input/deer.jpg",
            query: "",
            header: "",
            body: "",
        }
    }

    const fn key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    const fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    const fn header(self, header: &'static str) -> Self {
        Self { header, ..self }
    }

    const fn body(self, body: &'static str) -> Self {
        Self { body, ..self }
    }
}

const RULES: &str = r#"Pic-Operations: {"is_pic_info": 1, "rules": [{"fileid": "test.jpg", "rule": "imageMogr2/format/png"}]}"#;
const HIDING: &str = r#"Pic-Operations: {"is_pic_info": 1, "rules": [{"fileid": "exampleobject", "rule": "watermark/3/type/2/image/$MARK"}]}"#;
const FINDING: &str = r#"Pic-Operations: {"is_pic_info": 1, "rules": [{"fileid": "exampleobject2", "rule": "watermark/4/type/2/image/$MARK"}]}"#;
const STYLE: &str = "<AddStyle><StyleName>style_name</StyleName><StyleBody>imageMogr2/thumbnail/!50px</StyleBody></AddStyle>";
const TEMPLATE: &str = "<Request><Tag>PicProcess</Tag><Name>test</Name><PicProcess><IsPicInfo>true</IsPicInfo><ProcessRule>imageMogr2/rotate/90</ProcessRule></PicProcess></Request>";

/// Everything that runs, in an order in which each finds what it needs: every sample, and what has
/// none.
const CALLS: &[Call] = &[
    Call::new("CreatePicBucket", "enable"),
    Call::new("DescribePicBuckets", "two buckets"),
    Call::new("UpdateBucketStyle", "scale to half"),
    Call::new("DescribeBucketStyle", "one style"),
    Call::new("DeleteBucketStyle", "remove"),
    Call::new("UpdateBucketStyle", "").body(STYLE),
    Call::new("UpdateBucketHotlink", "refuse one address"),
    Call::new("DescribeBucketHotlink", "two addresses"),
    Call::new("UpdateBucketGuetzli", ""),
    Call::new("DescribeBucketGuetzli", "switched on"),
    Call::new("DeleteBucketGuetzli", ""),
    Call::new("UpdateBucketOriginProtect", ""),
    Call::new("DescribeBucketOriginProtect", "switched on"),
    Call::new("DeleteBucketOriginProtect", ""),
    Call::new(
        "UpdateBucketImageSlim",
        "every JPEG and PNG (closing tag mended)",
    ),
    Call::new(
        "DescribeBucketImageSlim",
        "switched off (closing tag mended)",
    ),
    Call::new("DeleteBucketImageSlim", ""),
    Call::new("GetImageAve", "a colour"),
    Call::new("GetImageInfo", "a JPEG picture"),
    Call::new("GetImageInfo", "format and size only"),
    Call::new("GetImageExif", ""),
    Call::new("GetOriginImage", ""),
    Call::new("PutImage", "a picture in another format")
        .key("filename.jpg")
        .header(RULES),
    Call::new("ProcessStoredImage", "a picture in another format")
        .key("filename.jpg")
        .header(RULES),
    Call::new("ProcessStoredImage", "a blind watermark is added")
        .key("exampleobject")
        .header(HIDING),
    Call::new("PutImage", "a blind watermark is read")
        .key("exampleobject1")
        .header(FINDING),
    Call::new("AssessQuality", "large picture"),
    Call::new("GetImageInspect", "video behind a picture").key("input/test.png"),
    Call::new("GetQrCode", "").query("&cover=1"),
    Call::new("GenerateQrCode", "").query("&qrcode-content=tcloud&width=200"),
    Call::new("GetAiEnhanceImage", ""),
    Call::new("GetAiSuperResolution", ""),
    Call::new("GetAiImageCrop", "").query("&width=30&height=30"),
    // [[8,8],[20,8],[20,20]]
    Call::new("GetImageRepair", "").query("&MaskPoly=W1s4LDhdLFsyMCw4XSxbMjAsMjBdXQ"),
    // It tells the id.
    Call::new("DescribePicQueues", ""),
    Call::new("UpdatePicQueue", "call back an address"),
    Call::new("DescribePicQueues", "one queue"),
    Call::new("CreatePicProcessTemplate", "").body(TEMPLATE),
    Call::new("UpdatePicProcessTemplate", "").body(TEMPLATE),
    Call::new("CreateImageInspectJob", "submit"),
    Call::new(
        "CreatePicProcessPicJob",
        "by template (closing tags mended)",
    ),
    Call::new(
        "CreatePicProcessPicJob",
        "by settings (closing tags mended)",
    ),
    Call::new("CreatePicProcessJob", "").body(JOB),
    Call::new("ListPicJobs", "two jobs").query("&queueId=$QUEUE&tag=PicProcess"),
    Call::new("DescribePicJob", ""),
];
const JOB: &str = "<Request><Tag>PicProcess</Tag><Input><Object>input/deer.jpg</Object></Input><Operation><TemplateId/><Output><Region>ap-chongqing</Region><Bucket/><Object>output/out.jpg</Object></Output><UserData>This is my PicProcess job.</UserData></Operation></Request>";

/// What is not compared, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "DescribePicJob",
        "poster",
        "jobs of posters are refused when they are submitted",
    ),
    (
        "ListPicJobs",
        "posters",
        "jobs of posters are refused when they are submitted",
    ),
    (
        "CreatePicProcessPicJob",
        "the job when it has ended, as its callback reports it (without EventName)",
        "`a_job_that_has_ended_is_told_as_the_document_shows` compares it",
    ),
];
/// Nodes that documents show and answers lack, and why.
const MISSING: &[(&str, &str, &str)] = &[(
    "AssessQuality",
    "Response.AestheticScore",
    "only people, and networks that have learnt from them, know what is beautiful",
)];

/// The tables of Cloud Infinite that samples or calls here are of, by operation.
fn tables() -> BTreeMap<String, Table> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../api-spec/ci/operations");
    let folders = fs::read_dir(root).unwrap().map(|it| it.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut tables = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("operation: "));
        let operation = tcloud_ci::CATALOG.operation(name.unwrap()).unwrap();
        if support(operation).is_some() {
            let table: Table = serde_saphyr::from_str(&text).unwrap();
            tables.insert(table.operation.clone(), table);
        }
    }
    tables
}

/// The paths of all nodes of an XML document, or the names of all members of a JSON one.
fn nodes(document: &str) -> BTreeSet<String> {
    let document = document.trim();
    if document.starts_with('{') {
        let members: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(document).unwrap();
        return members.into_iter().map(|(name, _)| name).collect();
    }
    let mut path: Vec<&str> = Vec::new();
    let mut paths = BTreeSet::new();
    let parts = document
        .split('<')
        .skip(1)
        .filter(|it| !it.starts_with(['?', '!']));
    for part in parts {
        if part.starts_with('/') {
            path.pop();
            continue;
        }
        let (tag, _) = part.split_once('>').unwrap();
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        path.push(name);
        paths.insert(path.join("."));
        if tag.ends_with('/') {
            path.pop();
        }
    }
    paths
}

/// `document` with `value` in each element `name`.
fn with(document: &str, name: &str, value: &str) -> String {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    let document = document.replace(&format!("<{name}/>"), &format!("{begin}{end}"));
    let mut parts = document.split(&*begin);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once(&*end).unwrap();
        text.extend([&*begin, value, &*end, rest]);
    }
    text
}

/// The address of a picture in the bucket, in Base64.
fn mark() -> String {
    URL_SAFE_NO_PAD.encode(format!("http://{}/mark.png", bucket_host()))
}

fn element<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = document.split_once(&*format!("<{name}>"))?;
    rest.split('<').next()
}

/// A cloud that listens, and the ids that its answers gave.
struct Scene {
    served: Served,
    ids: BTreeMap<&'static str, String>,
}

impl Scene {
    /// With a bucket and pictures in it; jobs wait for `workers`.
    async fn new(workers: usize) -> Self {
        let settings = Settings::default().auth(AuthMode::Lenient).workers(workers);
        let served = Served::new(settings.default_region(REGION)).await;
        let scene = Self {
            served,
            ids: BTreeMap::new(),
        };
        let put = |key: &'static str, file: Vec<u8>| {
            let line = format!("PUT /{key}");
            let scene = &scene;
            async move { scene.send(&line, &bucket_host(), "", &file).await }
        };
        scene.send("PUT /", &bucket_host(), "", b"").await;
        for key in [
            "input/deer.jpg",
            "filename.jpg",
            "exampleobject",
            "mark.png",
        ] {
            assert_eq!(put(key, demo::clean_png()).await.0, 200);
        }
        put("input/test.png", demo::png_with_mpeg_ts()).await;
        scene
    }

    /// The status and the body of the answer to a request.
    async fn send(&self, line: &str, host: &str, header: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.served.port))
            .await
            .unwrap();
        let break_line = if header.is_empty() { "" } else { "\r\n" };
        let head = format!(
            "{line} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\nContent-Type: \
             application/xml\r\n{header}{break_line}Connection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);
        let head = String::from_utf8(answer).unwrap();
        (status(&head).parse().unwrap(), body)
    }

    /// `operation` about `key`, as its table has it.
    async fn call(
        &self,
        operation: &Operation,
        (key, query, header): (&str, &str, &str),
        body: &str,
    ) -> (u16, Vec<u8>) {
        let id = |name: &str| self.ids.get(name).map_or("x", String::as_str);
        let host = operation.host.replace("{bucket}", BUCKET);
        let host = host.replace("{region}", REGION);
        let host = host.replace("{uin}", "100000000001");
        let mut path = operation.path.replace("{key+}", key);
        path = path.replace("{jobId}", id("JobId"));
        path = path.replace("{templateId}", id("TemplateId"));
        path = path.replace("{queueId}", id("QueueId"));
        path = path.replace("{tplId}", "x");
        let mut queries: Vec<_> = operation
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let query = &query.replace("$QUEUE", id("QueueId"));
        let mut own = String::new();
        let mut headers = header.replace("$MARK", &mark());
        for field in operation.request.fields() {
            let is_given = |text: &str, end: char| text.contains(&format!("{}{end}", field.name));
            match (field.kind, field.place) {
                (Kind::Fixed(text), Place::Body) => {
                    own = format!("{own}<{0}>{text}</{0}>", field.name);
                }
                (Kind::Fixed(text), Place::Query) => queries.push(format!("{}={text}", field.name)),
                // Without these it would be another operation's request.
                (_, Place::Query) if field.is_required() && !is_given(query, '=') => {
                    queries.push(format!("{}=1", field.name));
                }
                (_, Place::Header) if field.is_required() && !is_given(&headers, ':') => {
                    let separator = if headers.is_empty() { "" } else { "\r\n" };
                    headers = format!("{headers}{separator}{}: x", field.name);
                }
                _ => {}
            }
        }
        let body = if body.is_empty() && !own.is_empty() {
            format!("<Request>{own}</Request>")
        } else {
            body.to_owned()
        };
        let mut body = with(&body, "Bucket", BUCKET);
        for (name, value) in self.ids.iter().filter(|(name, _)| **name != "JobId") {
            body = with(&body, name, value);
        }
        let line = format!("{} {path}?{}{query}", operation.method, queries.join("&"));
        let line = line.trim_end_matches('?');
        if operation.name == "PutImage" {
            self.send(line, &host, &headers, &demo::clean_png()).await
        } else {
            self.send(line, &host, &headers, body.as_bytes()).await
        }
    }

    /// The answer to `call`, which must be a good one.
    async fn done(&mut self, call: &Call, request: &str) -> Vec<u8> {
        let operation = tcloud_ci::CATALOG.operation(call.operation).unwrap();
        let about = (call.key, call.query, call.header);
        let (status, body) = self.call(operation, about, request).await;
        let text = String::from_utf8_lossy(&body);
        assert!(
            (200..300).contains(&status),
            "{}: {status} {text}",
            call.operation
        );
        for name in ["QueueId", "TemplateId", "JobId"] {
            if let Some(value) = element(&text, name) {
                self.ids.insert(name, value.to_owned());
            }
        }
        body
    }
}

/// What the document shows and the answer lacks.
#[track_caller]
fn compare(operation: &str, answer: &[u8], documented: &str) {
    let answer = String::from_utf8_lossy(answer);
    let answered = nodes(&answer);
    let accepted = |path: &String| {
        let mut known = MISSING.iter();
        known.any(|(of, node, _)| *of == operation && node == path)
    };
    let missing: Vec<_> = nodes(documented)
        .into_iter()
        .filter(|path| !answered.contains(path) && !accepted(path))
        .collect();
    assert!(
        missing.is_empty(),
        "{operation}: {missing:?} are not in {answer}"
    );
    for (of, node, reason) in MISSING.iter().filter(|(of, ..)| *of == operation) {
        assert!(
            !answered.contains(*node),
            "{of} has {node} after all: {reason}"
        );
    }
}

#[tokio::test]
async fn whatever_runs_is_answered_as_the_documents_show() {
    let tables = tables();
    let mut scene = Scene::new(0).await;
    let mut sent = BTreeSet::new();
    for call in CALLS {
        let samples = tables.get(call.operation).unwrap().samples.iter();
        let sample = samples.clone().find(|it| it.name == call.sample);
        assert_eq!(
            sample.is_none(),
            call.sample.is_empty(),
            "{} {}",
            call.operation,
            call.sample
        );
        let request = sample.and_then(|it| it.request.as_deref());
        let answer = scene.done(call, request.unwrap_or(call.body)).await;
        if let Some(response) = sample.and_then(|it| it.response.as_deref()) {
            compare(call.operation, &answer, response);
        }
        sent.insert((call.operation, call.sample));
    }
    let listed = EXCEPTIONS
        .iter()
        .map(|(operation, sample, _)| (*operation, *sample));
    sent.extend(listed);
    for (name, table) in &tables {
        let operation = tcloud_ci::CATALOG.operation(name).unwrap();
        if let Some(Support::By(_)) = support(operation) {
            assert!(
                sent.iter().any(|(own, _)| own == name),
                "{name} was not sent"
            );
            for sample in &table.samples {
                let is_sent = sent.contains(&(&**name, &*sample.name));
                assert!(is_sent, "{name}: {} was not sent", sample.name);
            }
        }
    }
}

#[tokio::test]
async fn whatever_is_refused_is_refused_for_its_reason() {
    let scene = Scene::new(0).await;
    for (name, table) in &tables() {
        let operation = tcloud_ci::CATALOG.operation(name).unwrap();
        let Some(Support::Refused(reason)) = support(operation) else {
            continue;
        };
        let mut requests: Vec<_> = table
            .samples
            .iter()
            .filter_map(|it| it.request.as_deref())
            .collect();
        requests.push("");
        for request in requests {
            let about = ("input/deer.jpg", "", "");
            let (status, body) = scene.call(operation, about, request).await;
            let text = String::from_utf8_lossy(&body);
            assert_eq!(status, 501, "{name}: {text}");
            for part in [reason, name] {
                assert!(text.contains(part), "{name}: {part} is not in {text}");
            }
        }
    }
}

#[tokio::test]
async fn a_job_that_has_ended_is_told_as_the_document_shows() {
    let tables = tables();
    let mut scene = Scene::new(1).await;
    for call in [
        Call::new("CreatePicBucket", ""),
        Call::new("CreatePicProcessTemplate", "").body(TEMPLATE),
        Call::new("CreatePicProcessJob", "").body(JOB),
    ] {
        scene.done(&call, call.body).await;
    }
    let mut told = Vec::new();
    while element(&String::from_utf8_lossy(&told), "State") != Some("Success") {
        told = scene.done(&Call::new("DescribePicJob", ""), "").await;
        let text = String::from_utf8_lossy(&told);
        assert!(!text.contains("<State>Failed"), "{text}");
    }
    let samples = &tables.get("CreatePicProcessPicJob").unwrap().samples;
    let documented = samples.iter().find(|it| it.name.contains("ended")).unwrap();
    compare(
        "DescribePicJob",
        &told,
        documented.response.as_deref().unwrap(),
    );
}
