//! Many objects at a time: lists and deletions.

use tcloud_core::error::Error as CallError;
use tcloud_cos::types::ObjectIdentifier;

use super::client::{Service, options};
use super::facts::{Entry, NotDeleted, seconds, unsigned};
use crate::object::Prefix;

impl Service {
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
}
