//! Forms of browsers, `multipart/form-data`: fields, and behind them the content of one file, which
//! is read as it comes.

mod feed;
mod policy;

use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, StatusCode, header};
use multer::{Field, Multipart};
use tcloud_core::body::Body;
use tcloud_core::server::Fault;

use self::feed::{Fed, Feed};
pub(crate) use self::policy::FormPolicy;

/// How many bytes a form may have besides its file: what comes before it is kept in memory.
const FIELDS_LIMIT: u64 = 64 * 1024;
/// The part of a key that is replaced by the name of the file.
const FILE_NAME: &str = "${filename}";
/// The field that is the content.
const FILE: &str = "file";

/// The fields of a form. Their names are compared as those of headers are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of the field `name`, if the form has it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.iter();
        fields.find_map(|(own, value)| own.eq_ignore_ascii_case(name).then_some(value))
    }

    /// All of them, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn add(&mut self, name: String, value: String) -> Result<(), Fault> {
        if self.get(&name).is_some() {
            return Err(malformed(format!(
                "the form has the field `{}` twice; send it once",
                name.escape_debug()
            )));
        }
        self.0.push((name, value));
        Ok(())
    }
}

impl FromIterator<(String, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// A form whose fields were read, and found to be what whoever signed it allows.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) fields: Fields,
    /// The key under which its content is to be stored.
    pub(crate) key: String,
    /// How many bytes the content may have.
    pub(crate) length: RangeInclusive<u64>,
}

/// A form whose fields were read.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) fields: Fields,
    /// The key under which its content is to be stored, with the name of the file in it.
    pub(crate) key: String,
    /// The content.
    pub(crate) content: Body,
}

impl Form {
    /// Reads the fields of the form that `body` is, up to the content.
    ///
    /// # Errors
    ///
    /// It is no form, has no key or no content, or its fields are too long.
    pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Fault> {
        let media_type = headers.get(header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let boundary = multer::parse_boundary(media_type.unwrap_or_default()).map_err(|_| {
            malformed("the Content-Type is not `multipart/form-data` with a boundary")
        })?;
        let feed = Arc::new(Feed::default());
        feed.allow(FIELDS_LIMIT);
        let mut parts = Multipart::new(Fed::new(body, Arc::clone(&feed)), boundary);
        let mut fields = Fields::default();
        loop {
            let Some(part) = feed.drive(parts.next_field()).await.map_err(unreadable)? else {
                let message = "the form has no field `file`; send the content as its last field";
                return Err(incorrect_number(message));
            };
            let Some(name) = part.name().map(str::to_owned) else {
                return Err(malformed("a field of the form has no name"));
            };
            if name != FILE {
                let value = feed.drive(part.bytes()).await.map_err(unreadable)?;
                let value = String::from_utf8(value.into()).map_err(|_| {
                    malformed(format!("the field `{}` is not UTF-8", name.escape_debug()))
                })?;
                fields.add(name, value)?;
                continue;
            }
            let key = key(&fields, part.file_name().unwrap_or_default())?;
            // Whoever stores it counts.
            feed.allow(u64::MAX);
            let content = Content {
                file: Some(part),
                parts,
                feed,
            };
            let content = stream::try_unfold(content, Content::next);
            return Ok(Self {
                fields,
                key,
                content: Body::from_stream(content, None),
            });
        }
    }
}

/// The key of a form whose file has this name. Some browsers send the name with its folders, of
/// which nothing counts.
fn key(fields: &Fields, file_name: &str) -> Result<String, Fault> {
    let file_name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let key = fields
        .get("key")
        .map(|key| key.replace(FILE_NAME, file_name));
    key.filter(|key| !key.is_empty()).ok_or_else(|| {
        let message = "the form does not say where to store its content; send the field `key`, \
            before the field `file`";
        Fault::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
    })
}

/// The rest of a form whose fields were read.
struct Content {
    /// The file, until it was read to its end.
    file: Option<Field<'static>>,
    parts: Multipart<'static>,
    feed: Arc<Feed>,
}

impl Content {
    /// The next chunk of the file.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let Some(file) = &mut self.file else {
            return Ok(None);
        };
        if let Some(chunk) = self.feed.drive(file.chunk()).await.map_err(broken)? {
            return Ok(Some((chunk, self)));
        }
        self.file = None;
        self.feed.allow(FIELDS_LIMIT);
        // A form without its end was not received whole. The name of a button may come here.
        while let Some(part) = self
            .feed
            .drive(self.parts.next_field())
            .await
            .map_err(broken)?
        {
            let name = part.name().unwrap_or_default();
            if means_something(name) {
                let message = format!(
                    "the field `{}` comes behind the content; send the field `file` as the last one",
                    name.escape_debug()
                );
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
        }
        Ok(None)
    }
}

/// Whether the service does something with the field `name`.
fn means_something(name: &str) -> bool {
    const NAMES: [&str; 11] = [
        "acl",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-md5",
        "content-type",
        "expires",
        FILE,
        "key",
        "policy",
        "pic-operations",
    ];
    const STARTS: [&str; 3] = ["q-", "success_action_", "x-cos-"];
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || STARTS.iter().any(|start| name.starts_with(start))
}

fn malformed(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "MalformedPOSTRequest", message)
}

fn incorrect_number(message: &str) -> Fault {
    let code = "IncorrectNumberOfFilesInPostRequest";
    Fault::new(StatusCode::BAD_REQUEST, code, message)
}

/// Why the fields of a form could not be read.
fn unreadable(error: multer::Error) -> Fault {
    let error = broken(error);
    match error.kind() {
        io::ErrorKind::TimedOut => {
            Fault::new(StatusCode::BAD_REQUEST, "RequestTimeout", error.to_string())
        }
        io::ErrorKind::FileTooLarge => malformed(format!(
            "the fields of the form have more than {FIELDS_LIMIT} bytes; the content goes into the \
             field `file`"
        )),
        _ => malformed(format!("the form could not be read: {error}")),
    }
}

/// What has broken the stream under a form, or the form itself.
fn broken(error: multer::Error) -> io::Error {
    match error {
        multer::Error::StreamReadFailed(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(error) => io::Error::other(error),
        },
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

#[cfg(test)]
mod tests;
