//! Objects that a job command puts into a bucket for its work, and takes away afterwards.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use tcloud_core::body::Body;
use tcloud_cos::Client;

use crate::args::FileArgs;
use crate::bucket::require_full_name;
use crate::connection::Connection;
use crate::console;
use crate::error::Error;
use crate::files::{Source, key_name};
use crate::interrupt::Interruption;

/// The bucket of a local cloud that lives as long as the command.
const LOCAL_BUCKET: &str = "tcloud-1250000000";

/// A folder of a bucket, for one run of the command.
pub(crate) struct Stage {
    /// For objects.
    pub(crate) cos: Client,
    /// The bucket's full name.
    pub(crate) bucket: String,
    prefix: String,
    keep: bool,
    /// The objects that are in the bucket, or on their way there.
    there: Mutex<BTreeSet<String>>,
}

impl Stage {
    /// A stage in the bucket that is asked for; in the local cloud, one that is made.
    pub(crate) async fn open(connection: &Connection, args: &FileArgs) -> Result<Self, Error> {
        let named = args.bucket.as_deref().filter(|name| !name.is_empty());
        let bucket = match named {
            Some(bucket) => bucket,
            None if connection.is_embedded() => LOCAL_BUCKET,
            None => {
                return Err(Error::Usage(
                    "no bucket to upload to; give --bucket, or set TCLOUD_BUCKET".to_owned(),
                ));
            }
        };
        require_full_name(bucket)?;
        let cos = Client::new(&connection.config);
        if connection.is_embedded() {
            cos.put_bucket(bucket).send().await?;
        }
        let moment = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        Ok(Self {
            cos,
            bucket: bucket.to_owned(),
            prefix: format!("tcloud/{moment:x}-{:x}", std::process::id()),
            keep: args.keep,
            there: Mutex::default(),
        })
    }

    /// The folder results go to, so that they cannot meet the uploads.
    #[cfg_attr(
        not(feature = "pictures"),
        allow(dead_code, reason = "only `process` has results")
    )]
    pub(crate) fn output_folder(&self, index: usize) -> String {
        format!("/{}/{index}/output/", self.prefix)
    }

    /// Uploads the file at `path`, the `index`th of this run, and returns its size and key.
    pub(crate) async fn upload(&self, path: &Path, index: usize) -> Result<(u64, String), Error> {
        let body = Body::from_path(path).await?;
        let length = body.length().unwrap_or_default();
        let key = format!("{}/{index}/{}", self.prefix, key_name(path));
        self.remember(&key);
        self.cos.put_object(&self.bucket, &key, body).send().await?;
        Ok((length, key))
    }

    /// The object `key`, to be read once.
    #[cfg_attr(
        not(feature = "pictures"),
        allow(dead_code, reason = "only `process` has results")
    )]
    pub(crate) async fn download(&self, key: &str) -> Result<(Option<String>, Body), Error> {
        let reply = self.cos.get_object(&self.bucket, key).send().await?;
        let engine = reply
            .headers()
            .get("x-cos-meta-engine")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok((engine, reply.into_body()))
    }

    /// Takes the object `key` away, unless objects are kept. A failure is reported and has no
    /// other consequence: the work is done.
    pub(crate) async fn remove(&self, key: &str) {
        if self.keep {
            return;
        }
        match self.cos.delete_object(&self.bucket, key).send().await {
            Ok(_) => {
                self.objects().remove(key);
            }
            Err(error) => console::note(&format!(
                "{error}; the object {key} is left in {}",
                self.bucket
            )),
        }
    }

    /// Notes that the object `key` is to be taken away at the end, whatever happens.
    pub(crate) fn remember(&self, key: &str) {
        self.objects().insert(key.to_owned());
    }

    /// Takes away what an interruption has left in the bucket.
    pub(crate) async fn clear(&self) {
        let left: Vec<_> = self.objects().iter().cloned().collect();
        if self.keep || left.is_empty() {
            return;
        }
        console::note(&format!(
            "removing {} uploaded objects from {}; interrupt again to leave them there",
            left.len(),
            self.bucket
        ));
        for key in left {
            self.remove(&key).await;
        }
    }

    fn objects(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        // What another task has left behind in a panic is still a set of keys.
        self.there.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where the objects are, if they are kept where someone can get at them.
    pub(crate) fn tell_kept(&self, connection: &Connection) {
        if !self.keep {
            return;
        }
        if connection.is_embedded() {
            console::note("--keep has no effect: the local cloud ends with this command");
        } else {
            console::note(&format!("kept in {}: {}/", self.bucket, self.prefix));
        }
    }
}

/// Does `work` for each of `files`, at most `jobs` at a time, and gives the results in the order of
/// the files. An interruption leaves out what is not done by then.
pub(crate) async fn side_by_side<R, F>(
    files: Vec<Source>,
    jobs: u8,
    interruption: &Interruption,
    work: impl Fn(usize, Source) -> F,
) -> Vec<R>
where
    F: Future<Output = R>,
{
    let work = |index, file| {
        let done = work(index, file);
        async move { (index, done.await) }
    };
    let mut results: Vec<_> = futures_util::stream::iter(files.into_iter().enumerate())
        .map(|(index, file)| work(index, file))
        .buffer_unordered(usize::from(jobs))
        .take_until(Box::pin(interruption.wanted()))
        .collect()
        .await;
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::side_by_side;
    use crate::files::Source;
    use crate::interrupt::Interruption;
    use crate::signals::Signal;

    #[tokio::test]
    async fn an_interruption_keeps_the_results_so_far() {
        let files = ["endless", "first", "second"].map(|name| Source {
            path: name.into(),
            name: name.into(),
            label: name.to_owned(),
        });
        let interruption = Interruption::default();
        let results = side_by_side(files.into(), 2, &interruption, |index, file| {
            let interruption = interruption.clone();
            async move {
                match index {
                    0 => std::future::pending().await,
                    1 => {}
                    _ => interruption.want(Signal::Interrupt),
                }
                file.name
            }
        })
        .await;
        let names: Vec<_> = results.iter().filter_map(|name| name.to_str()).collect();
        assert_eq!(names, ["first", "second"]);
    }
}
