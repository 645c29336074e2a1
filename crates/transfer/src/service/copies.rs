//! Copies that the service makes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use tcloud_core::error::Error as CallError;
use tcloud_core::host::Hosts;
use tcloud_core::http::header::HOST;
use tcloud_cos::MetadataDirective;

use super::client::{Service, options};
use super::facts::{Source, Stored, incomplete};
use super::with::{with_settings, with_source_key};
use crate::checksum;
use crate::object::Object;
use crate::settings::Settings;

impl Service {
    /// A copy in one request. With settings, the copy has them in place of the source's.
    pub(crate) async fn copy(
        &self,
        source: &Source<'_>,
        to: &Object,
        settings: &Settings,
        replaces: bool,
    ) -> Result<Stored, CallError> {
        let call = self
            .client
            .put_object_copy(&to.bucket, &to.key, source.name)
            .copy_source_if_match(source.etag)
            .metadata_directive(replaces.then_some(MetadataDirective::Replaced));
        let call = with_source_key!(call, source.key);
        let reply = with_settings!(call, settings)
            .options(options(to.region.as_ref()))
            .send()
            .await?;
        Ok(Stored {
            crc64: checksum::parse(reply.crc64.as_deref()),
            attempts: reply.attempts(),
            version: reply
                .version_id
                .clone()
                .or_else(|| reply.version_id_element.clone()),
            etag: reply.into_output().etag,
        })
    }

    /// The part `number` from bytes of another object.
    pub(crate) async fn copy_part(
        &self,
        source: &Source<'_>,
        to: &Object,
        id: &str,
        number: u32,
        bytes: (u64, u64),
    ) -> Result<Stored, CallError> {
        let (first, last) = bytes;
        let call = self
            .client
            .upload_part_copy(&to.bucket, &to.key, i64::from(number), id, source.name)
            .copy_source_range(format!("bytes={first}-{last}"))
            .copy_source_if_match(source.etag);
        let call = with_source_key!(call, source.key);
        let reply = call.options(options(to.region.as_ref())).send().await?;
        let etag = reply.etag.clone().filter(|etag| !etag.is_empty());
        Ok(Stored {
            etag: Some(etag.ok_or_else(|| incomplete("the part that was copied has no ETag"))?),
            version: None,
            crc64: checksum::parse(reply.crc64.as_deref()),
            attempts: reply.attempts(),
        })
    }

    /// The name of an object as the source of a copy: host and key.
    pub(crate) async fn source_name(&self, of: &Object) -> Result<String, CallError> {
        // The request is not sent: it knows the region, wherever that comes from.
        let call = self.client.head_object(&of.bucket, &of.key);
        let own_host = options(of.region.as_ref()).hosts(Hosts::default());
        let signed = call.options(own_host).sign().await?;
        let host = signed.http().headers().get(HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let key = encoded(&of.key);
        Ok(match &of.version {
            Some(version) => format!("{host}/{key}?versionId={}", encoded(version)),
            None => format!("{host}/{key}"),
        })
    }
}

/// A key in URL encoding, slashes as they are.
fn encoded(key: &str) -> PercentEncode<'_> {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~')
        .remove(b'/');
    utf8_percent_encode(key, RESERVED)
}
