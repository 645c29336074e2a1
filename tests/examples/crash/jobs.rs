//! The jobs that are streamed at the server.

use std::cell::Cell;
use std::fmt;
use std::io::Read;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use flate2::read::ZlibEncoder;
use flate2::{Compression, Crc};
use tcloud_ci::operation::create_image_inspect_job::Input;
use tcloud_ci::types::{ImageInspect, ImageInspectProcessType};
use tcloud_core::error::{Error, ErrorKind};
use tcloud_inspect::demo;
use tcloud_mps::types::{
    CosInputInfo, ImageEncodeConfig, ImageFormat, ImageTaskInput, MediaInputInfo, MediaInputType,
};

use crate::Failure;
use crate::link::{BUCKET, Clients, Link, REGION, is_lost};

/// One job in so many is looked after at once: its end is awaited and its effect undone.
const UNDONE: usize = 3;
/// How often a job's state is asked for.
const INTERVAL: Duration = Duration::from_millis(50);

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Inspects a picture that is only a picture.
    Clean,
    /// Inspects a picture with something behind it, which moves it away.
    Suspicious,
    /// Converts a picture, which makes another object.
    Converted,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Clean, Self::Suspicious, Self::Converted];

    /// The picture of the job `turn`. Every other one is more than is kept with the rows.
    fn picture(self, turn: usize) -> Vec<u8> {
        let mut picture = if (turn / Self::ALL.len()).is_multiple_of(2) {
            demo::clean_png()
        } else {
            large_png()
        };
        if self == Self::Suspicious {
            picture.extend(demo::mpeg_ts());
        }
        picture
    }

    /// Submits a job on the object `key` and tells its id. Sent once, whatever happens.
    async fn submit(self, clients: &Clients, key: &str) -> Result<Option<String>, Error> {
        if self == Self::Converted {
            let object = CosInputInfo::new(BUCKET, REGION, format!("/{key}"));
            let input = MediaInputInfo::new(MediaInputType::Cos).cos_input_info(object);
            let encoding = ImageEncodeConfig::new().format(ImageFormat::Jpeg);
            let reply = clients
                .mps
                .process_image(input)
                .output_dir("/converted/")
                .image_task(ImageTaskInput::new().encode_config(encoding))
                .send()
                .await?;
            return Ok(reply.into_output().task_id);
        }
        let moving = ImageInspect::new()
            .auto_process(true)
            .process_type(ImageInspectProcessType::BackupObject);
        let reply = clients
            .ci
            .create_image_inspect_job(BUCKET, Input::new(key))
            .image_inspect(moving)
            .send()
            .await?;
        let job = reply.into_output().jobs_detail.into_iter().next();
        Ok(job.and_then(|job| job.job_id))
    }
}

/// A picture of noise, stored as it is.
fn large_png() -> Vec<u8> {
    const SIDE: u32 = 180;
    let chunk = |png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]| {
        let mut sum = Crc::new();
        sum.update(kind);
        sum.update(data);
        png.extend(u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
        png.extend(kind);
        png.extend(data);
        png.extend(sum.sum().to_be_bytes());
    };
    let mut noise = fastrand::Rng::with_seed(SIDE.into());
    let mut rows = Vec::new();
    for _ in 0..SIDE {
        // The row's filter, none, is first.
        rows.push(0);
        rows.extend((0..3 * SIDE).map(|_| noise.u8(..)));
    }
    let mut packed = ZlibEncoder::new(rows.as_slice(), Compression::none());
    let mut data = Vec::new();
    // Reading from memory cannot fail.
    let _ = packed.read_to_end(&mut data);
    let mut header = [SIDE.to_be_bytes(), SIDE.to_be_bytes()].concat();
    // Eight bits a channel, red green blue, no interlacing.
    header.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &data);
    chunk(&mut png, b"IEND", &[]);
    png
}

/// A job that the server accepted.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    /// The object it works on.
    pub(crate) key: String,
    /// Which turn of its stream it was.
    turn: usize,
    /// Whether its effect was undone after it had ended. It must stay so: a job that ran again
    /// would repeat it.
    pub(crate) undone: bool,
}

impl Job {
    /// The object it makes.
    pub(crate) fn output(&self) -> String {
        match self.kind {
            Kind::Clean | Kind::Suspicious => format!("abnormal_images_backup/{}", self.key),
            Kind::Converted => {
                let name = self.key.replace("in/", "converted/");
                format!("{}.jpeg", name.trim_end_matches(".png"))
            }
        }
    }

    /// Waits until it has ended well.
    pub(crate) async fn end(&self, link: &Link) -> Result<(), Failure> {
        let ended = link.persist(async |clients| match self.kind {
            Kind::Converted => {
                let wait = clients.mps.wait_image_task(&self.id).interval(INTERVAL);
                wait.await.map(|_| ())
            }
            Kind::Clean | Kind::Suspicious => {
                let wait = clients.ci.wait_job(BUCKET, &self.id).interval(INTERVAL);
                wait.await.and_then(|reply| {
                    let job = reply.jobs_detail.first();
                    let found = job
                        .and_then(|job| job.operation.as_ref()?.image_inspect_result.as_ref())
                        .and_then(|result| result.process_result.as_ref()?.suspicious);
                    if found == Some(self.kind == Kind::Suspicious) {
                        Ok(())
                    } else {
                        let wrong = format!("the verdict is {found:?}");
                        Err(Error::new(ErrorKind::Job, wrong))
                    }
                })
            }
        });
        ended
            .await
            .map_err(|error| format!("{:?} job {}: {error}", self.kind, self.id).into())
    }

    /// Undoes its effect: puts back what it moved, removes what it made.
    async fn undo(&mut self, link: &Link) -> Result<(), Failure> {
        match self.kind {
            Kind::Clean => return Ok(()),
            Kind::Suspicious => put(link, &self.key, self.kind.picture(self.turn)).await?,
            Kind::Converted => {
                let output = self.output();
                let delete = async |clients: &Clients| {
                    clients.cos.delete_object(BUCKET, &output).send().await
                };
                link.persist(delete).await?;
            }
        }
        self.undone = true;
        Ok(())
    }
}

/// What became of the jobs that were sent.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Those that the server accepted.
    pub(crate) jobs: Vec<Job>,
    /// How many were cut off by a kill: accepted or not, nobody was promised anything.
    pub(crate) unanswered: usize,
}

impl crate::Ledger for Ledger {
    fn add(&mut self, other: Self) {
        self.jobs.extend(other.jobs);
        self.unanswered += other.unanswered;
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} jobs accepted", self.jobs.len())?;
        for kind in Kind::ALL {
            let count = self.jobs.iter().filter(|job| job.kind == kind).count();
            write!(f, ", {count} {kind:?}")?;
        }
        write!(f, "; {} cut off unanswered", self.unanswered)
    }
}

/// Sends one job after the other until `stop`.
pub(crate) async fn stream(
    number: u32,
    link: Link,
    stop: Rc<Cell<bool>>,
) -> Result<Ledger, Failure> {
    let mut ledger = Ledger::default();
    for (turn, kind) in Kind::ALL.into_iter().cycle().enumerate() {
        if stop.get() {
            break;
        }
        let key = format!("in/{number}-{turn}.png");
        put(&link, &key, kind.picture(turn)).await?;
        let clients = link.clients().await?;
        match kind.submit(&clients, &key).await {
            Ok(id) => {
                let mut job = Job {
                    kind,
                    id: id.ok_or("a job was accepted without an id")?,
                    key,
                    turn,
                    undone: false,
                };
                if (turn / Kind::ALL.len()).is_multiple_of(UNDONE) {
                    job.end(&link).await?;
                    job.undo(&link).await?;
                }
                ledger.jobs.push(job);
            }
            Err(error) if is_lost(&error) => ledger.unanswered += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(ledger)
}

async fn put(link: &Link, key: &str, picture: Vec<u8>) -> Result<(), Failure> {
    let picture = Bytes::from(picture);
    let put = async |clients: &Clients| {
        let picture = picture.clone();
        clients.cos.put_object(BUCKET, key, picture).send().await
    };
    link.persist(put).await.map(|_| ())
}
