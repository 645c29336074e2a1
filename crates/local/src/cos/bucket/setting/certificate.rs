//! Certificates of custom domains. Of a certificate's text and key nothing is kept: no answer has
//! them.

use http::StatusCode;
use tcloud_core::codec::xml;
use tcloud_core::operation::{Operation, Protocol};
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::delete_bucket_domain_certificate::{
    DeleteBucketDomainCertificateRequest, DeleteBucketDomainCertificateResponse,
};
use tcloud_cos::operation::get_bucket_domain_certificate::{
    self, GetBucketDomainCertificateRequest, GetBucketDomainCertificateResponse,
};
use tcloud_cos::operation::put_bucket_domain_certificate::{
    self, PutBucketDomainCertificateRequest, PutBucketDomainCertificateResponse,
};
use tcloud_cos::types::CertificateDetails;

use super::delivery::{Domain, domains};
use super::kept::{self, Setting};
use super::rules::each_once;
use crate::cos::fault::invalid;
use crate::cos::names;
use crate::state::State;
use crate::store::{SettingName, new_id};

/// The name under which they are kept, each by its domain.
const KIND: &str = "domaincertificate";
/// As many as a bucket has domains.
const MOST: i64 = 20;
/// The root of the document.
const ROOT: &str = "DomainCertificate";

/// The operation whose setting is kept and not acted on.
pub(super) fn put_operation() -> &'static Operation {
    &put_bucket_domain_certificate::OPERATION
}

/// Sets the certificate of domains that lead to the bucket.
pub(super) async fn put(
    state: &State,
    _: Context,
    request: PutBucketDomainCertificateRequest,
) -> Result<PutBucketDomainCertificateResponse, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let custom = request.certificate_info.and_then(|info| info.custom_cert);
    let custom = custom.ok_or_else(|| invalid("CertificateInfo.CustomCert is needed"))?;
    let is_pem = |text: &Option<String>, what: &str| {
        let text = text.as_deref().unwrap_or_default().trim_start();
        text.starts_with("-----BEGIN ") && text.contains(what)
    };
    let id = match custom.cert_id {
        Some(id) if !id.is_empty() => id,
        _ if is_pem(&custom.certificate, "CERTIFICATE-----")
            && is_pem(&custom.private_key, "PRIVATE KEY-----") =>
        {
            new_id("")
        }
        _ => {
            return Err(invalid(
                "CustomCert has neither a CertId nor a Cert and a PrivateKey in PEM",
            ));
        }
    };
    let wanted = request.domain_list.map(|list| list.domain_names);
    let wanted = wanted.unwrap_or_default();
    each_once(wanted.iter().map(String::as_str), "DomainName")?;

    let bound = SettingName {
        bucket: bucket.clone(),
        kind: Domain::KIND,
        id: String::new(),
    };
    let bound = match state.store.bucket_setting(&bound).await? {
        Some(kept) => domains(&kept)?.rules,
        None => Vec::new(),
    };
    let leads_here = |name: &String| bound.iter().any(|rule| rule.name.as_ref() == Some(name));
    if let Some(name) = wanted.iter().find(|name| !leads_here(name)) {
        return Err(invalid(format!(
            "the domain {name} does not lead to the bucket; set it by PutBucketDomain first"
        )));
    }
    let answer = GetBucketDomainCertificateResponse::new()
        .status("Enabled")
        .certificate_info(CertificateDetails::new().cert_id(id));
    let document = xml::encode(ROOT, &answer)
        .map_err(|error| Fault::malformed(Protocol::Cos, error.to_string()))?;
    for domain in &wanted {
        let name = name(&bucket, domain);
        let had_room = state
            .store
            .put_bucket_setting(&name, &document, MOST)
            .await?;
        if !had_room {
            return Err(invalid(format!("a bucket has at most {MOST} certificates")));
        }
    }
    Ok(PutBucketDomainCertificateResponse::new())
}

/// Returns the certificate of a domain.
pub(super) async fn get(
    state: &State,
    _: Context,
    request: GetBucketDomainCertificateRequest,
) -> Result<GetBucketDomainCertificateResponse, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let name = name(&bucket, request.domain_name.as_deref().unwrap_or_default());
    let mut answer = GetBucketDomainCertificateResponse::new();
    match state.store.bucket_setting(&name).await? {
        Some(kept) => {
            let format = get_bucket_domain_certificate::OPERATION.response_body;
            kept::read(format, &kept.document, &mut answer)?;
        }
        None => answer = answer.status("Disabled"),
    }
    Ok(answer)
}

/// Deletes the certificate of a domain.
pub(super) async fn delete(
    state: &State,
    _: Context,
    request: DeleteBucketDomainCertificateRequest,
) -> Result<Answer<DeleteBucketDomainCertificateResponse>, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let name = name(&bucket, request.domain_name.as_deref().unwrap_or_default());
    state.store.delete_bucket_setting(&name).await?;
    let answer = DeleteBucketDomainCertificateResponse::new();
    Ok(Answer::new(answer).status(StatusCode::NO_CONTENT))
}

fn name(bucket: &str, domain: &str) -> SettingName {
    SettingName {
        bucket: bucket.to_owned(),
        kind: KIND,
        id: domain.to_owned(),
    }
}
