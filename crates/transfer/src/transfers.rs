//! Where transfers are begun.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tcloud_cos::Client;

use crate::batch::{Action, Folder, Place, Plan, Sync};
use crate::copy::Copy;
use crate::download::Download;
use crate::engine::{Engine, Parts, Tuning};
use crate::error::Error;
use crate::limits::{Bandwidth, Memory, Slots};
use crate::object::{Object, Prefix};
use crate::parts::{LARGEST, MIB};
use crate::service::{ObjectInfo, Service};
use crate::source::Source;
use crate::unfinished::UnfinishedUploads;
use crate::upload::Upload;

/// Requests at a time at first, and at most.
const FIRST: usize = 6;
const MOST: usize = 32;
/// Of 64 MiB, the rest is for what the network has under way.
const MEMORY: u64 = 48 * MIB;

/// Begins transfers that share requests at a time, memory and bandwidth. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Transfers {
    engine: Engine,
}

impl Transfers {
    /// Transfers by `client`, with the usual limits.
    pub fn new(client: &Client) -> Self {
        Self::builder(client).build()
    }

    /// Transfers by `client`, with limits of your own.
    pub fn builder(client: &Client) -> TransfersBuilder {
        TransfersBuilder {
            client: client.clone(),
            concurrency: None,
            memory: MEMORY,
            bandwidth: None,
            tuning: Tuning {
                part_size: None,
                threshold: 16 * MIB,
                copy_threshold: 1024 * MIB,
                rounds: 4,
                pause: Duration::from_secs(1),
                checkpoints: None,
            },
        }
    }

    /// An upload of `source` to an object. Nothing happens until [`Upload::run`] is awaited.
    pub fn upload(&self, source: impl Into<Source>, to: impl Into<Object>) -> Upload {
        Upload::new(&self.engine, source.into(), to.into())
    }

    /// A download of an object. Nothing happens until a target is chosen and awaited.
    pub fn download(&self, from: impl Into<Object>) -> Download {
        Download::new(&self.engine, from.into())
    }

    /// What is known of an object, without its content.
    ///
    /// # Errors
    /// `Call`: there is no such object, or it cannot be asked for.
    pub async fn info(&self, of: impl Into<Object>) -> Result<ObjectInfo, Error> {
        let of = of.into();
        let head = self.engine.service.head(&of, None).await;
        head.map_err(|error| Error::from(error).about(&of))
    }

    /// A copy of an object by the service, also across buckets and regions.
    pub fn copy(&self, from: impl Into<Object>, to: impl Into<Object>) -> Copy {
        Copy::new(&self.engine, from.into(), to.into())
    }

    /// An upload of all files of a folder.
    pub fn upload_folder(&self, from: impl AsRef<Path>, to: impl Into<Prefix>) -> Folder {
        Folder::upload(&self.engine, from.as_ref(), &to.into())
    }

    /// A download of all objects of a prefix to a folder.
    pub fn download_folder(&self, from: impl Into<Prefix>, to: impl AsRef<Path>) -> Folder {
        Folder::download(&self.engine, &from.into(), to.as_ref())
    }

    /// A copy of all objects of a prefix by the service.
    pub fn copy_folder(&self, from: impl Into<Prefix>, to: impl Into<Prefix>) -> Folder {
        Folder::copy(&self.engine, &from.into(), &to.into())
    }

    /// A deletion of all objects whose keys begin with a prefix, a thousand with a request.
    pub fn delete(&self, of: impl Into<Prefix>) -> Folder {
        Folder::delete(&self.engine, &of.into())
    }

    /// A plan that deletes these objects, a thousand with a request.
    pub fn delete_objects(&self, objects: impl IntoIterator<Item = Object>) -> Plan {
        let actions = objects
            .into_iter()
            .map(|object| Action::DeleteObject { object });
        self.plan(actions.map(|action| (action, 0)))
    }

    /// A plan of these actions, each with the bytes that it moves, as far as they are known.
    pub fn plan(&self, actions: impl IntoIterator<Item = (Action, u64)>) -> Plan {
        Plan::of(&self.engine, actions)
    }

    /// Makes one side like the other: a folder and a prefix, or two prefixes.
    pub fn sync(&self, from: impl Into<Place>, to: impl Into<Place>) -> Sync {
        Sync::new(&self.engine, from.into(), to.into())
    }

    /// Uploads in parts that were begun and never ended.
    pub fn unfinished(&self, of: impl Into<Prefix>) -> UnfinishedUploads {
        UnfinishedUploads::new(&self.engine, of.into())
    }
}

/// Limits of [`Transfers`].
#[derive(Debug, Clone)]
pub struct TransfersBuilder {
    client: Client,
    concurrency: Option<(usize, usize)>,
    memory: u64,
    bandwidth: Option<u64>,
    tuning: Tuning,
}

impl TransfersBuilder {
    /// So many requests at a time, in place of a number that is found by trying, from 6 up to 32.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = Some((requests, requests));
        self
    }

    /// No more than so many requests at a time; how many within that is found by trying.
    pub fn concurrency_up_to(mut self, requests: usize) -> Self {
        self.concurrency = Some((FIRST.min(requests), requests));
        self
    }

    /// Bytes of memory for parts that cannot be read again, such as those of standard input, and for
    /// parts that arrive before their turn; 48 MiB unless set. Parts that are too large for it go to
    /// temporary files.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes.max(MIB);
        self
    }

    /// At most so many bytes a second, up and down together.
    pub fn bandwidth(mut self, bytes_a_second: u64) -> Self {
        self.bandwidth = Some(bytes_a_second);
        self
    }

    /// The size of parts, in place of one that follows the object's: 8 MiB for most.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.tuning.part_size = Some(bytes);
        self
    }

    /// Objects of this size and more move in parts; 16 MiB unless set.
    pub fn parts_from(mut self, bytes: u64) -> Self {
        self.tuning.threshold = bytes.min(LARGEST);
        self
    }

    /// Objects of this size and more are copied in parts; 1 GiB unless set, and 5 GiB at most.
    pub fn copy_in_parts_from(mut self, bytes: u64) -> Self {
        self.tuning.copy_threshold = bytes.min(LARGEST);
        self
    }

    /// How often a part is begun again after the attempts of a call have failed, and the pause
    /// before the second time, which doubles each time: 4 and a second unless set.
    pub fn rounds(mut self, rounds: u32, pause: Duration) -> Self {
        self.tuning.rounds = rounds;
        self.tuning.pause = pause;
        self
    }

    /// Keeps checkpoints of uploads of files in `folder`, so that an upload which is begun again
    /// goes on where it was. See [`Resume`](crate::Resume).
    pub fn checkpoints(mut self, folder: impl Into<PathBuf>) -> Self {
        self.tuning.checkpoints = Some(folder.into());
        self
    }

    /// The transfers.
    pub fn build(self) -> Transfers {
        let (first, most) = self.concurrency.unwrap_or((FIRST, MOST));
        Transfers {
            engine: Engine::new(Parts {
                service: Service::new(&self.client),
                slots: Slots::new(first, most),
                memory: Memory::new(self.memory),
                bandwidth: self.bandwidth.map(Bandwidth::new),
                tuning: self.tuning,
            }),
        }
    }
}
