//! Settings of buckets that are changed under the kills, and what may be set in the end.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use http::StatusCode;
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::codec::{self, CodecError, Document, json, xml};
use tcloud_core::error::Error;
use tcloud_core::node::Node;
use tcloud_core::operation::{BodyFormat, Operation};
use tcloud_cos::types::VersioningStatus;

use crate::link::{BUCKET, Clients, Link, is_lost};
use crate::{Failure, report};

/// A setting that can be changed at any time.
struct Setting {
    /// What follows the verb and `Bucket` in the names of its operations.
    name: &'static str,
    /// What it is set to, in the form in which it is returned; `{bucket}` stands for the bucket.
    documents: &'static [&'static str],
}

const fn setting(name: &'static str, documents: &'static [&'static str]) -> Setting {
    Setting { name, documents }
}

/// The name that an inventory has.
const ID: &str = "list";

const SETTINGS: [Setting; 14] = [
    setting(
        "Referer",
        &[
            "<RefererConfiguration><Status>Enabled</Status><RefererType>White-List</RefererType>\
             <DomainList><Domain>*.example.com</Domain></DomainList></RefererConfiguration>",
            "<RefererConfiguration><Status>Enabled</Status><RefererType>Black-List</RefererType>\
             <DomainList><Domain>a.example.com</Domain><Domain>b.example.com</Domain></DomainList>\
             </RefererConfiguration>",
        ],
    ),
    setting(
        "Website",
        &[
            "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>\
             </WebsiteConfiguration>",
            "<WebsiteConfiguration><IndexDocument><Suffix>home.html</Suffix></IndexDocument>\
             <ErrorDocument><Key>404.html</Key></ErrorDocument></WebsiteConfiguration>",
        ],
    ),
    setting(
        "Lifecycle",
        &[
            "<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>logs/</Prefix></Filter>\
             <Status>Enabled</Status><Expiration><Days>100</Days></Expiration></Rule>\
             </LifecycleConfiguration>",
            "<LifecycleConfiguration><Rule><ID>b</ID><Filter><Prefix>old/</Prefix></Filter>\
             <Status>Disabled</Status><Expiration><Days>7</Days></Expiration></Rule>\
             </LifecycleConfiguration>",
        ],
    ),
    setting(
        "Encryption",
        &[
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
             <SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
             </ServerSideEncryptionConfiguration>",
        ],
    ),
    setting(
        "Origin",
        &[
            "<OriginConfiguration><OriginRule><OriginType>Mirror</OriginType><OriginCondition>\
             <HTTPStatusCode>404</HTTPStatusCode></OriginCondition><OriginInfo><HostInfo>\
             <HostName>www.example.com</HostName></HostInfo></OriginInfo></OriginRule>\
             </OriginConfiguration>",
            "<OriginConfiguration><OriginRule><OriginType>Redirect</OriginType><OriginCondition>\
             <HTTPStatusCode>404</HTTPStatusCode></OriginCondition><OriginInfo><HostInfo>\
             <HostName>other.example.com</HostName></HostInfo></OriginInfo></OriginRule>\
             </OriginConfiguration>",
        ],
    ),
    setting(
        "Replication",
        &[
            "<ReplicationConfiguration><Role>qcs::cam::uin/1:uin/1</Role><Rule><ID>a</ID>\
             <Status>Enabled</Status><Prefix>a/</Prefix><Destination>\
             <Bucket>qcs::cos:ap-guangzhou::crash-1250000000</Bucket></Destination></Rule>\
             </ReplicationConfiguration>",
            "<ReplicationConfiguration><Role>qcs::cam::uin/1:uin/1</Role><Rule><ID>b</ID>\
             <Status>Disabled</Status><Prefix>b/</Prefix><Destination>\
             <Bucket>qcs::cos:ap-guangzhou::crash-1250000000</Bucket></Destination></Rule>\
             </ReplicationConfiguration>",
        ],
    ),
    setting(
        "StrictSignature",
        &[
            "<StrictSignatureConfiguration><Rule><ID>a</ID><headerlist><header>Host</header>\
             </headerlist></Rule></StrictSignatureConfiguration>",
            "<StrictSignatureConfiguration><Rule><ID>b</ID><headerlist><header>host</header>\
             </headerlist></Rule></StrictSignatureConfiguration>",
        ],
    ),
    setting(
        "Inventory",
        &[
            "<InventoryConfiguration><Id>list</Id><IsEnabled>true</IsEnabled>\
             <IncludedObjectVersions>All</IncludedObjectVersions>\
             <Schedule><Frequency>Daily</Frequency></Schedule><Destination><COSBucketDestination>\
             <Bucket>qcs::cos:ap-guangzhou::crash-1250000000</Bucket><Format>CSV</Format>\
             </COSBucketDestination></Destination></InventoryConfiguration>",
            "<InventoryConfiguration><Id>list</Id><IsEnabled>false</IsEnabled>\
             <IncludedObjectVersions>Current</IncludedObjectVersions>\
             <Schedule><Frequency>Weekly</Frequency></Schedule><Destination><COSBucketDestination>\
             <Bucket>qcs::cos:ap-guangzhou::crash-1250000000</Bucket><Format>CSV</Format>\
             </COSBucketDestination></Destination></InventoryConfiguration>",
        ],
    ),
    setting(
        "Cors",
        &[
            "<CORSConfiguration><CORSRule><AllowedOrigin>http://example.com</AllowedOrigin>\
             <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
            "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>\
             <AllowedMethod>PUT</AllowedMethod></CORSRule></CORSConfiguration>",
        ],
    ),
    setting(
        "Tagging",
        &[
            "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>",
            "<Tagging><TagSet><Tag><Key>b</Key><Value>2</Value></Tag><Tag><Key>c</Key>\
             <Value>3</Value></Tag></TagSet></Tagging>",
        ],
    ),
    setting(
        "Logging",
        &[
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>crash-1250000000</TargetBucket>\
             <TargetPrefix>a/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>",
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>crash-1250000000</TargetBucket>\
             <TargetPrefix>b/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>",
        ],
    ),
    setting(
        "Accelerate",
        &[
            "<AccelerateConfiguration><Status>Enabled</Status><Type>COS</Type>\
             </AccelerateConfiguration>",
            "<AccelerateConfiguration><Status>Suspended</Status><Type>COS</Type>\
             </AccelerateConfiguration>",
        ],
    ),
    setting(
        "Notification",
        &[
            "<NotificationConfiguration><CloudFunctionConfiguration><Id>a</Id>\
             <CloudFunction>qcs::scf:ap-guangzhou:appid/1250000000:default.f.$DEFAULT\
             </CloudFunction><Event>cos:ObjectCreated:*</Event></CloudFunctionConfiguration>\
             </NotificationConfiguration>",
            "<NotificationConfiguration><CloudFunctionConfiguration><Id>b</Id>\
             <CloudFunction>qcs::scf:ap-guangzhou:appid/1250000000:default.g.$DEFAULT\
             </CloudFunction><Event>cos:ObjectRemove:*</Event></CloudFunctionConfiguration>\
             </NotificationConfiguration>",
        ],
    ),
    setting(
        "Policy",
        &[
            r#"{"Statement":[{"Principal":{"qcs":["qcs::cam::uin/1:uin/2"]},"Effect":"allow","Action":["name/cos:GetObject"],"Resource":["qcs::cos:ap-guangzhou:uid/1250000000:{bucket}/*"]}],"version":"2.0"}"#,
            r#"{"Statement":[{"Principal":{"qcs":["qcs::cam::uin/1:uin/3"]},"Effect":"deny","Action":["name/cos:PutObject"],"Resource":["qcs::cos:ap-guangzhou:uid/1250000000:{bucket}/*"]}],"version":"2.0"}"#,
        ],
    ),
];

/// What is set: one of the documents, or nothing.
type Set = Option<&'static str>;

/// What became of the requests that were sent.
#[derive(Default)]
pub(crate) struct Ledger {
    /// What each setting of each bucket may be: what the last answer said, and what was sent since
    /// unanswered.
    settings: BTreeMap<(String, &'static str), Vec<Set>>,
    changed: usize,
    unanswered: usize,
}

impl crate::Ledger for Ledger {
    fn add(&mut self, other: Self) {
        self.settings.extend(other.settings);
        self.changed += other.changed;
        self.unanswered += other.unanswered;
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} changes of settings acknowledged; {} cut off unanswered",
            self.changed, self.unanswered
        )
    }
}

/// Changes the settings of a bucket of its own until `stop`.
pub(crate) async fn stream(
    number: u32,
    link: Link,
    stop: Rc<Cell<bool>>,
) -> Result<Ledger, Failure> {
    let mut chance = fastrand::Rng::with_seed(number.into());
    let mut ledger = Ledger::default();
    let bucket = format!("crash-{number}-1250000000");
    open(&link, &bucket).await?;
    open(&link, BUCKET).await?;
    while !stop.get() {
        let Some(Setting { name, documents }) = chance.choice(&SETTINGS) else {
            continue;
        };
        let can_go = operation("Delete", name).is_some();
        let is_set = !can_go || chance.u8(..4) > 0;
        let set = chance.choice(*documents).copied().filter(|_| is_set);
        let clients = link.clients().await?;
        let key = (bucket.clone(), *name);
        let known = ledger.settings.entry(key).or_insert_with(|| vec![None]);
        match change(&clients, &bucket, name, set).await {
            Ok(()) => {
                *known = vec![set];
                ledger.changed += 1;
            }
            Err(failure) if error(&failure).is_some_and(is_lost) => {
                known.push(set);
                ledger.unanswered += 1;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(ledger)
}

/// Makes `bucket`, which keeps versions, as some settings want.
async fn open(link: &Link, bucket: &str) -> Result<(), Failure> {
    link.persist(
        async |clients| match clients.cos.put_bucket(bucket).send().await {
            Err(error) if error.status() != Some(StatusCode::CONFLICT) => Err(error),
            // It may be there since an attempt whose answer was lost.
            _ => Ok(()),
        },
    )
    .await?;
    link.persist(async |clients| {
        let versions = clients
            .cos
            .put_bucket_versioning(bucket, VersioningStatus::Enabled);
        versions.send().await.map(drop)
    })
    .await
}

async fn change(clients: &Clients, bucket: &str, name: &str, set: Set) -> Result<(), Failure> {
    let verb = if set.is_some() { "Put" } else { "Delete" };
    let outcome = send(clients, verb, bucket, name, set).await;
    match outcome {
        // It was not set.
        Err(failure) if set.is_none() && is_missing(&failure) => Ok(()),
        outcome => outcome.map(drop),
    }
}

/// Calls the operation `verb` of the setting `name`, and returns its answer.
async fn send(
    clients: &Clients,
    verb: &str,
    bucket: &str,
    name: &str,
    set: Set,
) -> Result<(&'static Operation, Document), Failure> {
    let operation = operation(verb, name).ok_or_else(|| format!("{name} cannot be {verb}"))?;
    let mut request = Document::new(operation.request);
    if let Some(text) = set {
        read(operation.request_body, &of(bucket, text), &mut request)?;
    }
    codec::fill_labels(&mut request, [("bucket", bucket)]);
    codec::fill_query(&mut request, [("id", ID)]);
    let mut answer = Document::new(operation.response);
    let options = CallOptions::default();
    let calling = clients
        .tables
        .execute(operation, &request, Body::empty(), &options, &mut answer);
    calling.await?;
    Ok((operation, answer))
}

/// The document `text` of `bucket`.
fn of(bucket: &str, text: &str) -> String {
    text.replace("{bucket}", bucket)
}

/// The error of a call, if that is what has failed.
fn error(failure: &Failure) -> Option<&Error> {
    failure.downcast_ref()
}

fn is_missing(failure: &Failure) -> bool {
    error(failure).is_some_and(|error| error.status() == Some(StatusCode::NOT_FOUND))
}

fn operation(verb: &str, name: &str) -> Option<&'static Operation> {
    let wanted = format!("{verb}Bucket{name}");
    let mut operations = tcloud_cos::CATALOG.operations.iter();
    operations.find(|it| it.name == wanted).copied()
}

fn read(format: BodyFormat, text: &str, node: &mut dyn Node) -> Result<(), CodecError> {
    match format {
        BodyFormat::Xml(root) => xml::decode(text, root, node).map(drop),
        _ => json::decode(text, "", node).map(drop),
    }
}

/// What was found.
#[derive(Default)]
pub(crate) struct Audit {
    /// Settings that are whole.
    whole: usize,
    /// Settings that are not there, as it should be.
    absent: usize,
    faults: Vec<String>,
}

impl Audit {
    pub(crate) fn accept(&self) -> Result<(), Failure> {
        if self.whole == 0 {
            return Err("nothing was set: nothing was tested".into());
        }
        report(&self.faults)
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} settings whole, {} absent as they should be; {} faults",
            self.whole,
            self.absent,
            self.faults.len()
        )
    }
}

/// Reads every setting, and compares with what may be set.
pub(crate) async fn audit(link: &Link, ledger: &Ledger) -> Result<Audit, Failure> {
    let clients = link.clients().await?;
    let mut audit = Audit::default();
    for ((bucket, name), possible) in &ledger.settings {
        let found = match send(&clients, "Get", bucket, name, None).await {
            Ok((operation, answer)) => Some(match operation.response_body {
                BodyFormat::Xml(root) => xml::encode(root, &answer)?,
                _ => json::encode(&answer, json::Style::Typed)?,
            }),
            Err(failure) if is_missing(&failure) => None,
            Err(failure) => return Err(failure),
        };
        // Some are answered by an empty document if they are not set.
        let found = found.filter(|text| text.matches('<').count() != 2);
        let mut sent = possible.iter().map(|set| set.map(|text| of(bucket, text)));
        match found {
            found if !sent.any(|sent| sent == found) => {
                let fault = format!("{bucket}: {name} is {found:?}, and could be {possible:?}");
                audit.faults.push(fault);
            }
            Some(_) => audit.whole += 1,
            None => audit.absent += 1,
        }
    }
    Ok(audit)
}
