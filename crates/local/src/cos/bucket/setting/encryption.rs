//! How the objects of a bucket are kept: encrypted.

use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_encryption::DeleteBucketEncryptionRequest;
use tcloud_cos::operation::get_bucket_encryption::GetBucketEncryptionRequest;
use tcloud_cos::operation::put_bucket_encryption::PutBucketEncryptionRequest;
use tcloud_cos::types::DefaultEncryptionAlgorithm;

use super::kept::{self, Absent, Deletable, Setting};
use crate::cos::fault::{invalid, not_implemented};
use crate::state::State;
use crate::store::Bucket;

/// The encryption of objects whose upload does not say it.
pub(super) struct Encryption;

impl Setting for Encryption {
    type Put = PutBucketEncryptionRequest;
    type Get = GetBucketEncryptionRequest;

    const KIND: &'static str = "encryption";
    const ABSENT: Absent = Absent::Refused("NoSuchEncryptionConfiguration");

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        let rule = request.rule.as_ref();
        let Some(default) = rule.and_then(|rule| rule.default_encryption.as_ref()) else {
            return Ok(());
        };
        let has_key = default.kms_key_id.is_some() || default.kms_algorithm.is_some();
        if has_key && default.algorithm != Some(DefaultEncryptionAlgorithm::Kms) {
            return Err(invalid(
                "KMSMasterKeyID and KMSAlgorithm go with the SSEAlgorithm KMS alone",
            ));
        }
        let cipher = default.kms_algorithm.as_deref();
        if let Some(other) = cipher.filter(|cipher| !matches!(*cipher, "AES256" | "SM4")) {
            return Err(invalid(format!(
                "KMSAlgorithm must be AES256 or SM4, got `{other}`"
            )));
        }
        if default.algorithm == Some(DefaultEncryptionAlgorithm::Kms) {
            return Err(not_implemented(
                "The SSEAlgorithm KMS, whose keys are those of the Key Management Service, which is \
                 not here,",
            ));
        }
        Ok(())
    }
}

impl Deletable for Encryption {
    type Delete = DeleteBucketEncryptionRequest;
}

/// Whether `bucket` may have a rule for objects whose upload does not say how they are encrypted.
pub(in crate::cos) fn may_have_default(bucket: &Bucket) -> bool {
    bucket.has(Encryption::KIND)
}

/// How objects of `bucket` are encrypted whose upload does not say it.
pub(in crate::cos) async fn default(
    state: &State,
    bucket: &str,
) -> Result<Option<DefaultEncryptionAlgorithm>, Fault> {
    let kept = kept::of::<Encryption>(state, bucket).await?;
    let rule = kept.and_then(|kept| kept.rule);
    Ok(rule.and_then(|rule| rule.default_encryption?.algorithm))
}
