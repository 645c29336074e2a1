//! The calls that transfers are made of. What the tables call things is used here only.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use tcloud_core::body::Body;
use tcloud_core::call::{CallOptions, Reply};
use tcloud_core::error::{Error as CallError, ErrorKind as CallErrorKind};
use tcloud_core::host::Hosts;
use tcloud_core::http::header::HOST;
use tcloud_core::time::{Timestamp, parse_http_date};
use tcloud_cos::operation::get_object::GetObjectResponse;
use tcloud_cos::types::{CompletedPart, ObjectIdentifier};
use tcloud_cos::{Client, MetadataDirective, ServerSideEncryption};

use crate::checksum;
use crate::object::{Object, Prefix};
use crate::settings::{CustomerKey, Encryption, Settings};

/// What is known of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// Size in bytes.
    pub size: u64,
    /// Changes with the content; in double quotes.
    pub etag: Option<String>,
    /// Version, in a bucket that keeps versions.
    pub version: Option<String>,
    /// When it last changed, in Unix seconds.
    pub modified: Option<i64>,
    /// CRC-64/XZ of the content, unless the object is older than the service's checksums.
    pub crc64: Option<u64>,
    /// Media type.
    pub content_type: Option<String>,
    /// Metadata of your own, by name without `x-cos-meta-`.
    pub metadata: BTreeMap<String, String>,
}

/// A part of an upload, as the service lists it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) number: u32,
    pub(crate) etag: String,
    pub(crate) size: u64,
}

/// What the service says of something that is stored now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stored {
    pub(crate) etag: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) crc64: Option<u64>,
    /// How often the request was sent.
    pub(crate) attempts: u32,
}

/// An upload that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// The object that it would have become.
    pub object: Object,
    /// ID of the upload.
    pub id: String,
    /// When it began, in Unix seconds.
    pub begun: Option<i64>,
}

/// An object of a list.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) etag: Option<String>,
    pub(crate) modified: Option<i64>,
}

/// An object that could not be deleted.
#[derive(Debug, Clone)]
pub(crate) struct NotDeleted {
    pub(crate) key: String,
    pub(crate) version: Option<String>,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// The settings that uploads have, whatever operation stores the object.
macro_rules! with_settings {
    ($call:expr, $settings:expr) => {{
        let settings: &Settings = $settings;
        let call = $call
            .cache_control(settings.cache_control.as_deref())
            .content_disposition(settings.content_disposition.as_deref())
            .content_encoding(settings.content_encoding.as_deref())
            .content_language(settings.content_language.as_deref())
            .content_type(settings.content_type.as_deref())
            .expires(settings.expires.as_deref())
            .acl(settings.acl.clone())
            .storage_class(settings.storage_class.clone())
            .tagging(settings.tagging.as_deref())
            .metadata(settings.metadata.clone());
        let call = match &settings.encryption {
            None | Some(Encryption::Customer(_)) => call,
            Some(Encryption::Service) => call.server_side_encryption(ServerSideEncryption::Aes256),
            Some(Encryption::Kms { key_id, context }) => call
                .server_side_encryption(ServerSideEncryption::CosKms)
                .kms_key_id(key_id.as_deref())
                .kms_context(context.as_deref()),
        };
        with_key!(call, settings.customer_key())
    }};
}

/// A key of the customer's own.
macro_rules! with_key {
    ($call:expr, $key:expr) => {{
        let key: Option<&CustomerKey> = $key;
        $call
            .sse_customer_algorithm(key.map(|_| CustomerKey::ALGORITHM))
            .sse_customer_key(key.map(|key| key.key.as_str()))
            .sse_customer_key_md5(key.map(|key| key.md5.as_str()))
    }};
}

/// The key that the source of a copy is encrypted with.
macro_rules! with_source_key {
    ($call:expr, $key:expr) => {{
        let key: Option<&CustomerKey> = $key;
        $call
            .copy_source_sse_customer_algorithm(key.map(|_| CustomerKey::ALGORITHM))
            .copy_source_sse_customer_key(key.map(|key| key.key.as_str()))
            .copy_source_sse_customer_key_md5(key.map(|key| key.md5.as_str()))
    }};
}

/// The client, and what transfers ask of it.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    client: Client,
}

impl Service {
    pub(crate) fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
        }
    }

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

    /// Calls `each` with the objects of a prefix, in the order of their keys.
    pub(crate) async fn objects(
        &self,
        of: &Prefix,
        mut each: impl FnMut(Entry),
    ) -> Result<(), CallError> {
        let prefix = Some(of.prefix.as_str()).filter(|prefix| !prefix.is_empty());
        let call = self.client.get_bucket(&of.bucket).prefix(prefix);
        let mut objects = call.options(options(of.region.as_ref())).items();
        while let Some(object) = objects.next().await {
            let object = object?;
            let Some(key) = object.key else {
                continue;
            };
            each(Entry {
                key,
                size: unsigned(object.size),
                etag: object.etag,
                modified: seconds(object.last_modified.as_ref()),
            });
        }
        Ok(())
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

    pub(crate) async fn delete(
        &self,
        of: &Prefix,
        keys: &[(String, Option<String>)],
    ) -> Result<Vec<NotDeleted>, CallError> {
        let objects = keys
            .iter()
            .map(|(key, version)| ObjectIdentifier::new(key).version_id(version.as_deref()));
        let call = self
            .client
            .delete_multiple_objects(&of.bucket, objects)
            .quiet(true);
        let reply = call.options(options(of.region.as_ref())).send().await?;
        let errors = reply.into_output().errors.into_iter();
        Ok(errors
            .map(|error| NotDeleted {
                key: error.key.unwrap_or_default(),
                version: error.version_id,
                code: error.code.unwrap_or_default(),
                message: error.message.unwrap_or_default(),
            })
            .collect())
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

/// The source of a copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Host and key.
    pub(crate) name: &'a str,
    pub(crate) etag: Option<&'a str>,
    pub(crate) key: Option<&'a CustomerKey>,
}

fn options(region: Option<&String>) -> CallOptions {
    let options = CallOptions::new();
    match region {
        Some(region) => options.region(region),
        None => options,
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

fn incomplete(message: &str) -> CallError {
    CallError::new(CallErrorKind::Response, message).advise("try again later")
}

fn seconds(time: Option<&Timestamp>) -> Option<i64> {
    time.and_then(Timestamp::unix_seconds)
}

fn unsigned(number: Option<i64>) -> u64 {
    number
        .and_then(|number| u64::try_from(number).ok())
        .unwrap_or_default()
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
