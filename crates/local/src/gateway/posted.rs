//! Forms: who has signed one, and what they let it hold.

use http::StatusCode;
use http::request::Parts;
use tcloud_core::body::Body;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;

use super::log::Entry;
use super::signature::{self, Checked, Signed};
use super::{Gateway, noted, via};
use crate::form::{Form, FormPolicy, Posted};
use crate::s3;

impl Gateway {
    /// Reads the fields of the form that `body` is, and leaves its content in `body`. A form without
    /// a policy is from whoever has signed the request, which mostly is nobody.
    pub(super) async fn posted(
        &self,
        parts: &Parts,
        body: &mut Body,
        bucket: &str,
        by_head: Checked,
        entry: &mut Entry,
    ) -> Result<(Posted, Checked), Fault> {
        let form = Form::read(&parts.headers, std::mem::take(body)).await?;
        let Form {
            mut fields,
            key,
            content,
        } = form;
        *body = content;
        let (checked, length) = match fields.get("policy") {
            Some(sent) if let Some(signature) = s3::FormSignature::read(&fields)? => {
                let policy = FormPolicy::read(sent)?;
                let directory = self.state.directory();
                let terms = self.terms(&directory);
                let verify = |secret: Option<&str>, _| signature.verify(sent, secret);
                let outcome =
                    signature::s3::check(terms, via(parts), signature.signature(), verify);
                let (checked, _) = noted(outcome, entry)?;
                let now = self.state.unix_seconds();
                let length = policy.admit(now, bucket, &key, &fields)?;
                fields = s3::form_as_cos(&fields)?;
                (checked, length)
            }
            Some(policy) => {
                let policy = FormPolicy::read(policy)?;
                let signed = Signed::Form {
                    fields: &fields,
                    policy: policy.text(),
                };
                let checked = self.check(Protocol::Cos, via(parts), &signed, entry)?;
                let now = self.state.unix_seconds();
                (checked, policy.admit(now, bucket, &key, &fields)?)
            }
            None if ["q-signature", "x-amz-signature"]
                .iter()
                .any(|name| fields.get(name).is_some()) =>
            {
                let message = "the form is signed and has no field `policy`, which is what a \
                    signature is of; send it before the field `file`";
                let code = "MalformedPOSTRequest";
                return Err(Fault::new(StatusCode::BAD_REQUEST, code, message));
            }
            None => (by_head, 0..=u64::MAX),
        };
        let posted = Posted {
            fields,
            key,
            length,
        };
        Ok((posted, checked))
    }
}
