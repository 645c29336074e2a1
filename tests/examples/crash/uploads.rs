//! Objects that are stored, replaced and deleted under the kills, and what may be there in the end.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, SystemTime};
use std::{fmt, fs};

use http::StatusCode;
use tcloud_core::error::Error;
use tokio::time::{Instant, sleep};

use crate::content::Content;
use crate::link::{BUCKET, Clients, Link, is_lost};
use crate::server::{Server, State};
use crate::{Failure, report};

/// How many keys each stream stores at, again and again.
const KEYS: usize = 12;
/// How long objects are, in bytes: within one part of what is written at once, about it, and many.
const SIZES: [usize; 7] = [0, 1, 1_000, 70_000, 1_048_576, 1_048_577, 6_000_000];
/// The longest content that is kept with the rows.
const LONGEST_INLINE: usize = 64 * 1024;
/// How much longer than the largest object an answer is read.
const LIMIT: usize = 16 * 1024 * 1024;
/// How long the sweep of content that nobody names may take.
const SWEEP: Duration = Duration::from_secs(30);
/// How old content is made before the sweep: older than anything that may still be arriving.
const AGE: Duration = Duration::from_hours(48);

/// What a key holds: an object, or nothing.
type Version = Option<Content>;

/// What became of the requests that were sent.
#[derive(Default)]
pub(crate) struct Ledger {
    /// What each key may hold: what the last answer said, and what was sent since unanswered.
    keys: BTreeMap<String, Vec<Version>>,
    stored: usize,
    deleted: usize,
    unanswered: usize,
}

impl crate::Ledger for Ledger {
    fn add(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.stored += other.stored;
        self.deleted += other.deleted;
        self.unanswered += other.unanswered;
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} uploads and {} deletions acknowledged; {} requests cut off unanswered",
            self.stored, self.deleted, self.unanswered
        )
    }
}

/// Stores, replaces and deletes objects until `stop`.
pub(crate) async fn stream(
    number: u32,
    link: Link,
    stop: Rc<Cell<bool>>,
) -> Result<Ledger, Failure> {
    let mut chance = fastrand::Rng::with_seed(number.into());
    let mut ledger = Ledger::default();
    while !stop.get() {
        let key = format!("uploads/{number}/{}", chance.usize(..KEYS));
        let version = (chance.u8(..8) > 0).then(|| Content {
            seed: chance.u64(..),
            size: *chance.choice(&SIZES).unwrap_or(&0),
        });
        let clients = link.clients().await?;
        let known = ledger.keys.entry(key.clone()).or_insert_with(|| vec![None]);
        match send(&clients, &key, version).await {
            Ok(()) => {
                *known = vec![version];
                match version {
                    Some(_) => ledger.stored += 1,
                    None => ledger.deleted += 1,
                }
            }
            Err(Sent::Lost) => {
                known.push(version);
                ledger.unanswered += 1;
            }
            Err(Sent::Failed(error)) => return Err(error),
        }
    }
    Ok(ledger)
}

enum Sent {
    Lost,
    Failed(Failure),
}

impl From<Error> for Sent {
    fn from(error: Error) -> Self {
        if is_lost(&error) {
            Self::Lost
        } else {
            Self::Failed(error.into())
        }
    }
}

async fn send(clients: &Clients, key: &str, version: Version) -> Result<(), Sent> {
    let Some(content) = version else {
        clients.cos.delete_object(BUCKET, key).send().await?;
        return Ok(());
    };
    let bytes = content.bytes();
    let expected = Content::etag(&bytes);
    let reply = clients.cos.put_object(BUCKET, key, bytes).send().await?;
    match reply.etag.as_deref() {
        Some(etag) if etag == expected => Ok(()),
        other => {
            let wrong = format!("{key} was acknowledged with {other:?} instead of {expected}");
            Err(Sent::Failed(wrong.into()))
        }
    }
}

/// What was found.
#[derive(Default)]
pub(crate) struct Audit {
    /// Keys with an object that is whole.
    whole: usize,
    /// Those of them whose content is not kept with the rows.
    long: usize,
    /// Keys without one, as it should be.
    absent: usize,
    /// Contents in the folder after the sweep.
    contents: usize,
    faults: Vec<String>,
}

impl Audit {
    pub(crate) fn accept(&self) -> Result<(), Failure> {
        if self.whole == 0 {
            return Err("no object was stored: nothing was tested".into());
        }
        report(&self.faults)
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} objects whole, {} keys empty as they should be; {} long contents kept; {} faults",
            self.whole,
            self.absent,
            self.contents,
            self.faults.len()
        )
    }
}

/// Reads every key, and compares with what may be there.
pub(crate) async fn audit(link: &Link, ledger: &Ledger) -> Result<Audit, Failure> {
    let mut audit = Audit::default();
    let mut present = Vec::new();
    for (key, possible) in &ledger.keys {
        match read(link, key, possible).await {
            Ok(Some(size)) => {
                audit.whole += 1;
                audit.long += usize::from(size > LONGEST_INLINE);
                present.push(key.clone());
            }
            Ok(None) => audit.absent += 1,
            Err(fault) => audit.faults.push(format!("{key}: {fault}")),
        }
    }
    let clients = link.clients().await?;
    let mut listed = Vec::new();
    let mut list = clients.cos.get_bucket(BUCKET).prefix("uploads/").items();
    while let Some(object) = list.next().await {
        listed.extend(object?.key);
    }
    if audit.faults.is_empty() && listed != present {
        let fault = format!("the list has {listed:?}, the objects are {present:?}");
        audit.faults.push(fault);
    }
    Ok(audit)
}

/// How long the object at `key` is, if there is one; it must be one of `possible`.
async fn read(link: &Link, key: &str, possible: &[Version]) -> Result<Option<usize>, Failure> {
    let clients = link.clients().await?;
    let reply = match clients.cos.get_object(BUCKET, key).send().await {
        Ok(reply) => reply,
        Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => {
            return if possible.contains(&None) {
                Ok(None)
            } else {
                Err("acknowledged, and gone".into())
            };
        }
        Err(error) => return Err(error.into()),
    };
    let etag = reply.etag.clone().unwrap_or_default();
    let bytes = reply.into_body().collect(LIMIT).await?;
    if Content::etag(&bytes) != etag {
        return Err(format!("{} bytes do not have the ETag {etag}", bytes.len()).into());
    }
    let known = possible.iter().flatten();
    if known.clone().any(|content| content.bytes() == bytes) {
        Ok(Some(bytes.len()))
    } else {
        let sizes: Vec<_> = known.map(|content| content.size).collect();
        Err(format!("{} bytes, but what was sent has {sizes:?}", bytes.len()).into())
    }
}

/// Starts the server once more, so that it removes what nobody names, and counts what stays: one
/// file for each object that is too long to be kept with the rows. All is made to look old first, for what is young may still be arriving.
pub(crate) async fn sweep(server: &Path, data: &Path, audit: &mut Audit) -> Result<(), Failure> {
    let folder = data.join("blobs");
    let then = SystemTime::now() - AGE;
    for entry in fs::read_dir(&folder)? {
        let file = fs::File::options().append(true).open(entry?.path())?;
        file.set_modified(then)?;
    }
    let mut last = Server::spawn(server, &State::in_folder(data))?;
    last.address().await?;
    let deadline = Instant::now() + SWEEP;
    loop {
        audit.contents = contents(&folder)?;
        if audit.contents == audit.long || Instant::now() > deadline {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    last.kill().await?;
    if audit.contents != audit.long {
        audit.faults.push(format!(
            "{} contents are kept for {} long objects",
            audit.contents, audit.long
        ));
    }
    Ok(())
}

/// How many contents a folder has. What it has besides belongs to the store itself.
fn contents(folder: &Path) -> Result<usize, Failure> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        // Half an upload has a `#` in its name.
        count += usize::from(name.contains('#') || is_id(&name));
    }
    Ok(count)
}

fn is_id(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
