//! Uploads in parts.

use tcloud_core::body::Body;
use tcloud_core::error::Error as CallError;
use tcloud_cos::types::CompletedPart;

use super::client::{Service, options};
use super::facts::{Listed, Stored, Unfinished, incomplete, seconds};
use super::with::{with_key, with_settings};
use crate::checksum;
use crate::object::{Object, Prefix};
use crate::settings::{CustomerKey, Settings};

impl Service {
    pub(crate) async fn initiate(
        &self,
        to: &Object,
        settings: &Settings,
    ) -> Result<String, CallError> {
        let call = self.client.initiate_multipart_upload(&to.bucket, &to.key);
        let reply = with_settings!(call, settings)
            .options(options(to.region.as_ref()))
            .send()
            .await?;
        let id = reply.into_output().upload_id;
        id.filter(|id| !id.is_empty())
            .ok_or_else(|| incomplete("the upload that was begun has no ID"))
    }

    pub(crate) async fn upload_part(
        &self,
        to: &Object,
        id: &str,
        number: u32,
        body: Body,
        key: Option<&CustomerKey>,
    ) -> Result<Stored, CallError> {
        let call = self
            .client
            .upload_part(&to.bucket, &to.key, i64::from(number), id, body);
        let reply = with_key!(call, key)
            .options(options(to.region.as_ref()))
            .send()
            .await?;
        let etag = reply.etag.clone().filter(|etag| !etag.is_empty());
        Ok(Stored {
            etag: Some(etag.ok_or_else(|| incomplete("the part that was stored has no ETag"))?),
            version: None,
            crc64: checksum::parse(reply.crc64.as_deref()),
            attempts: reply.attempts(),
        })
    }

    pub(crate) async fn complete(
        &self,
        to: &Object,
        id: &str,
        parts: &[(u32, String)],
    ) -> Result<Stored, CallError> {
        let parts = parts
            .iter()
            .map(|(number, etag)| CompletedPart::new(i64::from(*number), etag));
        let call = self
            .client
            .complete_multipart_upload(&to.bucket, &to.key, id, parts);
        let reply = call.options(options(to.region.as_ref())).send().await?;
        Ok(Stored {
            crc64: checksum::parse(reply.crc64.as_deref()),
            attempts: reply.attempts(),
            version: reply.version_id.clone(),
            etag: reply.into_output().etag,
        })
    }

    pub(crate) async fn abort(&self, to: &Object, id: &str) -> Result<(), CallError> {
        let call = self.client.abort_multipart_upload(&to.bucket, &to.key, id);
        match call.options(options(to.region.as_ref())).send().await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// The parts that the upload has so far.
    pub(crate) async fn parts(&self, to: &Object, id: &str) -> Result<Vec<Listed>, CallError> {
        let call = self.client.list_parts(&to.bucket, &to.key, id);
        let mut parts = call.options(options(to.region.as_ref())).items();
        let mut all = Vec::new();
        while let Some(part) = parts.next().await {
            let part = part?;
            let number = part
                .part_number
                .and_then(|number| u32::try_from(number).ok());
            let size = part.size.and_then(|size| u64::try_from(size).ok());
            if let (Some(number), Some(size), Some(etag)) = (number, size, part.etag) {
                all.push(Listed { number, etag, size });
            }
        }
        Ok(all)
    }

    /// Calls `each` with the uploads of a prefix, until it returns `false`.
    pub(crate) async fn uploads(
        &self,
        of: &Prefix,
        mut each: impl FnMut(Unfinished) -> bool,
    ) -> Result<(), CallError> {
        let prefix = Some(of.prefix.as_str()).filter(|prefix| !prefix.is_empty());
        let call = self
            .client
            .list_multipart_uploads(&of.bucket)
            .prefix(prefix);
        let mut uploads = call.options(options(of.region.as_ref())).items();
        while let Some(upload) = uploads.next().await {
            let upload = upload?;
            let (Some(key), Some(id)) = (upload.key, upload.upload_id) else {
                continue;
            };
            let goes_on = each(Unfinished {
                object: Object {
                    bucket: of.bucket.clone(),
                    key,
                    region: of.region.clone(),
                    version: None,
                },
                id,
                begun: seconds(upload.initiated.as_ref()),
            });
            if !goes_on {
                break;
            }
        }
        Ok(())
    }
}
