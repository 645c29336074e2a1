//! Objects: storing, reading, describing.

use tcloud_core::body::Body;
use tcloud_core::call::Reply;
use tcloud_core::error::Error as CallError;
use tcloud_core::time::parse_http_date;
use tcloud_cos::operation::get_object::GetObjectResponse;

use super::client::{Service, options};
use super::facts::{ObjectInfo, Stored, incomplete, unsigned};
use super::with::{with_key, with_settings};
use crate::checksum;
use crate::object::Object;
use crate::settings::{CustomerKey, Settings};

impl Service {
    pub(crate) async fn put(
        &self,
        to: &Object,
        body: Body,
        settings: &Settings,
    ) -> Result<Stored, CallError> {
        let call = self.client.put_object(&to.bucket, &to.key, body);
        let reply = with_settings!(call, settings)
            .options(options(to.region.as_ref()))
            .send()
            .await?;
        Ok(Stored {
            crc64: checksum::parse(reply.crc64.as_deref()),
            attempts: reply.attempts(),
            etag: reply.etag.clone(),
            version: reply.version_id.clone(),
        })
    }

    pub(crate) async fn head(
        &self,
        of: &Object,
        key: Option<&CustomerKey>,
    ) -> Result<ObjectInfo, CallError> {
        Ok(self.describe(of, key).await?.0)
    }

    /// What is known of an object, and what it is stored with, as far as an answer says so.
    pub(crate) async fn describe(
        &self,
        of: &Object,
        key: Option<&CustomerKey>,
    ) -> Result<(ObjectInfo, Settings), CallError> {
        let call = self.client.head_object(&of.bucket, &of.key);
        let call = call.version_id(of.version.as_deref());
        let reply = with_key!(call, key)
            .options(options(of.region.as_ref()))
            .send()
            .await?;
        let output = reply.into_output();
        let info = ObjectInfo {
            size: unsigned(output.content_length),
            etag: output.etag,
            version: output.version_id,
            modified: output.last_modified.as_deref().and_then(parse_http_date),
            crc64: checksum::parse(output.crc64.as_deref()),
            content_type: output.content_type.clone(),
            metadata: output.metadata.clone(),
        };
        let settings = Settings {
            cache_control: output.cache_control,
            content_disposition: output.content_disposition,
            content_encoding: output.content_encoding,
            content_language: output.content_language,
            content_type: output.content_type,
            expires: output.expires,
            metadata: output.metadata,
            ..Settings::new()
        };
        Ok((info, settings))
    }

    /// The object from its start, or bytes of it.
    pub(crate) async fn get(
        &self,
        of: &Object,
        bytes: Option<(u64, u64)>,
        etag: Option<&str>,
        key: Option<&CustomerKey>,
    ) -> Result<(ObjectInfo, Body), CallError> {
        let call = self
            .client
            .get_object(&of.bucket, &of.key)
            .version_id(of.version.as_deref())
            .range(bytes.map(|(first, last)| format!("bytes={first}-{last}")))
            .if_match(etag);
        let reply = with_key!(call, key)
            .options(options(of.region.as_ref()))
            .send()
            .await?;
        if bytes.is_some() && reply.status().as_u16() != 206 {
            return Err(incomplete(
                "a part was asked for, and the answer is no part",
            ));
        }
        Ok((info(&reply), reply.into_body()))
    }
}

fn info(reply: &Reply<GetObjectResponse>) -> ObjectInfo {
    let range = reply.content_range.as_deref();
    // `bytes 0-1023/4096`
    let whole = range.and_then(|range| range.rsplit('/').next()?.trim().parse().ok());
    ObjectInfo {
        size: whole.unwrap_or_else(|| unsigned(reply.content_length)),
        etag: reply.etag.clone(),
        version: reply.version_id.clone(),
        modified: reply.last_modified.as_deref().and_then(parse_http_date),
        crc64: checksum::parse(reply.crc64.as_deref()),
        content_type: reply.content_type.clone(),
        metadata: reply.metadata.clone(),
    }
}
