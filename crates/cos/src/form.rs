//! Forms by which a browser stores an object without a server in between.
//!
//! A [form](UploadForm) says what may be stored: under which key, of which size and type. It is
//! signed by the client's credentials, and a page sends it with the content as its last field,
//! `file`:
//!
//! ```
//! use std::time::Duration;
//! use tcloud_cos::form::Condition;
//! use tcloud_cos::types::ObjectAcl;
//! use tcloud_cos::{Client, Config, Credentials};
//! # use tcloud_cos::runtime::transport::Memory;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), tcloud_cos::Error> {
//! let config = Config::builder()
//!     .region("ap-guangzhou")
//!     .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
//! #   .transport(Memory::answering([(200, "")]))
//!     .build()?;
//! let client = Client::new(&config);
//!
//! let form = client
//!     .upload_form("examplebucket-1250000000", "photos/${filename}")
//!     .content_length(1..=10 * 1024 * 1024)
//!     .condition(Condition::starts_with("Content-Type", "image/"))
//!     .acl(ObjectAcl::PublicRead)
//!     .presign(Duration::from_secs(600))
//!     .await?;
//!
//! let mut html = format!(
//!     "<form method=\"post\" enctype=\"multipart/form-data\" action=\"{}\">\n",
//!     form.url(),
//! );
//! for (name, value) in form.fields() {
//!     html += &format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n");
//! }
//! // What the form leaves to the page: the type, and the file behind everything else.
//! html += "<input type=\"hidden\" name=\"Content-Type\" value=\"image/png\">\n\
//!          <input type=\"file\" name=\"file\"><button>Store</button></form>";
//! assert!(html.contains("name=\"q-signature\""));
//! # Ok(())
//! # }
//! ```
//!
//! A page escapes the values as HTML wants it, where they are not as plain as here.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use tcloud_core::call::CallOptions;
pub use tcloud_core::call::{Condition, PresignedForm};
use tcloud_core::client;
use tcloud_core::error::Error;
use tcloud_core::future::BoxFuture;

use crate::Client;
use crate::operation::post_object::{self, PostObjectRequest};
use crate::types::{ObjectAcl, StorageClass};

/// What stands for the name of the file in a key.
const FILE_NAME: &str = "${filename}";

/// The answer to a form that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SuccessStatus {
    /// 200.
    Ok,
    /// 201.
    Created,
    /// 204, as without any of them.
    NoContent,
}

/// A form that is being put together. Every field that is set here is part of the form and of what
/// is signed: a page cannot change it. What a page is to fill in itself is bounded by
/// [`condition`](Self::condition).
#[must_use = "a form is made when it is presigned"]
pub struct UploadForm {
    client: client::Client,
    bucket: String,
    fields: Vec<(String, String)>,
    conditions: Vec<Condition>,
    options: CallOptions,
}

impl Client {
    /// A form by which a browser stores an object under `key`, in which `${filename}` stands for
    /// the name of the file. See the module [`form`](crate::form).
    #[doc(alias = "generate_presigned_post")]
    #[doc(alias = "createPresignedPost")]
    #[doc(alias = "post_policy")]
    #[doc(alias = "PostObject")]
    pub fn upload_form(&self, bucket: impl Into<String>, key: impl Into<String>) -> UploadForm {
        let (bucket, key) = (bucket.into(), key.into());
        // The service compares the key with the name of the file in it.
        let own = match key.split_once(FILE_NAME) {
            Some((prefix, _)) => Condition::starts_with("key", prefix),
            None => Condition::equals("key", &key),
        };
        UploadForm {
            client: self.core.clone(),
            conditions: vec![Condition::equals("bucket", &bucket), own],
            fields: vec![("key".to_owned(), key)],
            bucket,
            options: CallOptions::default(),
        }
    }
}

impl UploadForm {
    /// Bounds the size of the content, in bytes, both ends included. Without it, the service takes
    /// up to 5 GiB.
    pub fn content_length(self, range: RangeInclusive<u64>) -> Self {
        self.condition(Condition::ContentLength(range))
    }

    /// Sets the media type of the object. The service does not look at what the browser says of
    /// the file.
    pub fn content_type(self, media_type: impl Into<String>) -> Self {
        self.field("Content-Type", media_type)
    }

    /// Sets how long and by whom the object may be cached.
    pub fn cache_control(self, value: impl Into<String>) -> Self {
        self.field("Cache-Control", value)
    }

    /// Sets under which name, and whether at all, browsers save the object.
    pub fn content_disposition(self, value: impl Into<String>) -> Self {
        self.field("Content-Disposition", value)
    }

    /// Sets who may use the object.
    pub fn acl(self, acl: impl Into<ObjectAcl>) -> Self {
        self.field("acl", acl.into().to_string())
    }

    /// Sets the storage class of the object.
    pub fn storage_class(self, class: impl Into<StorageClass>) -> Self {
        self.field("x-cos-storage-class", class.into().to_string())
    }

    /// Adds metadata of your own: `metadata("album", "summer")` is the header `x-cos-meta-album`.
    pub fn metadata(self, name: &str, value: impl Into<String>) -> Self {
        self.field(format!("x-cos-meta-{name}"), value)
    }

    /// Sets the status of the answer to a form that was taken.
    pub fn success_status(self, status: SuccessStatus) -> Self {
        let status = match status {
            SuccessStatus::Ok => "200",
            SuccessStatus::Created => "201",
            SuccessStatus::NoContent => "204",
        };
        self.field("success_action_status", status)
    }

    /// Sets where the browser goes once the object is stored. Bucket, key and `ETag` are added to
    /// the query of the address.
    pub fn success_redirect(self, url: impl Into<String>) -> Self {
        self.field("success_action_redirect", url)
    }

    /// Adds any other field of the service's document, with a value that cannot be changed.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.conditions.push(Condition::equals(&name, &value));
        self.fields.push((name, value));
        self
    }

    /// Adds a condition. A field that it names has to be in the form that is sent, and the page
    /// puts it there. The service takes fields for which there is no condition, too.
    pub fn condition(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Sets options of the call, such as its region.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Signs the form for `duration`. Nothing is sent.
    ///
    /// It is signed by the client's credentials, and is good no longer than they are.
    ///
    /// # Errors
    /// There are no credentials; `duration` is shorter than a second; there is no host of this name.
    pub fn presign(self, duration: Duration) -> BoxFuture<'static, Result<PresignedForm, Error>> {
        Box::pin(async move {
            let request = PostObjectRequest::new(self.bucket, "multipart/form-data");
            self.client
                .presign_form(
                    &post_object::OPERATION,
                    &request,
                    &self.options,
                    duration,
                    self.fields,
                    &self.conditions,
                )
                .await
        })
    }
}

impl fmt::Debug for UploadForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadForm")
            .field("bucket", &self.bucket)
            .field("fields", &self.fields)
            .field("conditions", &self.conditions)
            .finish_non_exhaustive()
    }
}
