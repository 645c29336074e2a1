//! The pictures that a job command works on, wherever they are: what is no file is fetched first.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::io::AsyncReadExt;

use crate::args::{ConnectionArgs, FileArgs};
use crate::error::Error;
use crate::files::{self, Gathered, LARGEST, Source, unreadable};
use crate::location::Location;
use crate::{storage, web};

/// The pictures, and what holds those that were fetched.
pub(crate) struct Inputs {
    /// The files, in the order of the command line.
    pub(crate) files: Vec<Source>,
    /// Why others cannot be taken.
    pub(crate) refused: Vec<Error>,
    /// Dropped, and with it what was fetched, when the work is done.
    pub(crate) folder: Option<TempDir>,
}

impl Inputs {
    /// All that `args` name. What cannot be fetched does not stop the others.
    pub(crate) async fn gather(
        args: &FileArgs,
        connection: &ConnectionArgs,
    ) -> Result<Self, Error> {
        let mut found = Gathered::default();
        let mut folder = None;
        for (index, place) in args.files.iter().enumerate() {
            if let Location::Local(path) = place {
                files::gather(path, args.recursive, &mut found);
                continue;
            }
            let folder: &TempDir = match &mut folder {
                Some(folder) => folder,
                none => none.insert(temporary()?),
            };
            // Each has a folder of its own, so that equal names do not meet.
            let to = folder.path().join(index.to_string());
            let fetched = match place {
                Location::Remote(from) => {
                    storage::fetch(from, args.recursive, &to, LARGEST, connection).await
                }
                Location::Url(url) => one(place, &to, &name_of(url), Some(url)).await,
                _ => one(place, &to, "stdin", None).await,
            };
            match fetched {
                Err(error) => found.refused.push(error),
                Ok(sources) => {
                    for source in sources {
                        match source {
                            Ok(source) => {
                                let metadata = tokio::fs::metadata(&source.path).await;
                                found.take(source, metadata.map(|it| it.len()));
                            }
                            Err(error) => found.refused.push(error),
                        }
                    }
                }
            }
        }
        Ok(Self {
            files: found.files,
            refused: found.refused,
            folder,
        })
    }
}

fn temporary() -> Result<TempDir, Error> {
    TempDir::with_prefix("tcloud-inputs-").map_err(|error| {
        Error::Failed(format!(
            "cannot make a temporary folder: {error}; set TMPDIR to a folder you may write to"
        ))
    })
}

/// What a URL has, or else the standard input, as the file `name` in `folder`. A byte more than the
/// service takes is enough to refuse it.
async fn one(
    place: &Location,
    folder: &Path,
    name: &str,
    url: Option<&str>,
) -> Result<Vec<Result<Source, Error>>, Error> {
    let most = LARGEST.saturating_add(1);
    let bytes = if let Some(url) = url {
        web::fetch(url, most).await?
    } else {
        let mut bytes = Vec::new();
        let read = tokio::io::stdin().take(most).read_to_end(&mut bytes).await;
        read.map_err(|error| unreadable(Path::new("the standard input"), &error))?;
        bytes
    };
    let path = folder.join(name);
    let written = async {
        tokio::fs::create_dir_all(folder).await?;
        tokio::fs::write(&path, bytes).await
    };
    written
        .await
        .map_err(|error| Error::Failed(format!("cannot write {}: {error}", path.display())))?;
    Ok(vec![Ok(Source {
        path,
        name: PathBuf::from(name),
        label: place.to_string(),
    })])
}

/// The last part of a URL's path as the name of a file.
fn name_of(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let name = files::key_name(Path::new(last));
    if name.is_empty() || name.contains(['\\', ':']) {
        "picture".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_url_names_its_file() {
        assert_eq!(name_of("https://example.com/a/sea.png?x=1/2#z"), "sea.png");
        assert_eq!(name_of("https://example.com/a/"), "picture");
        assert_eq!(name_of("https://example.com/a/.."), "picture");
        assert_eq!(name_of("https://example.com/C:\\x"), "picture");
    }
}
