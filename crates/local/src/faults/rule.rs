//! One rule: which requests it is about, which of those it strikes, and how they fail.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tcloud_core::call::Request;
use tcloud_core::operation::{Operation, Protocol};

use crate::services;

/// Which requests fail, and how.
///
/// It is about all requests unless it names a service, an operation, a bucket or the beginning of
/// keys. Of those it leaves out the first [`skip`](Self::skip), strikes a
/// [`share`](Self::share) of the others, all unless given, and [`count`](Self::count) of them at most.
///
/// As JSON, for `POST /_local/faults`, only `fault` is needed:
///
/// ```
/// let rule: tcloud_local::FaultRule = serde_json::from_str(r#"{
///     "service": "cos",
///     "operation": "PutObject",
///     "bucket": "album-1250000000",
///     "keyPrefix": "2024/",
///     "skip": 1,
///     "count": 2,
///     "fault": { "refuse": { "status": 503, "code": "ServiceUnavailable" } }
/// }"#)?;
/// let same = tcloud_local::FaultRule::refuse(503, "ServiceUnavailable")
///     .service("cos")
///     .operation("PutObject")
///     .bucket("album-1250000000")
///     .key_prefix("2024/")
///     .skip(1)
///     .count(2);
/// assert_eq!(rule, same);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultRule {
    /// The service, such as `cos`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The operation, such as `PutObject`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The bucket, such as `album-1250000000`. Requests to API 3.0 are about none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The beginning of the object's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_prefix: Option<String>,
    /// How many of these requests are left alone first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u64,
    /// How many requests fail at most; without it all that come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Which part of the requests fails, above 0 and up to 1; without it all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// What decides with a share whether the first, the second … request fails: with the same seed it
    /// is always the same ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seed: u64,
    /// How the requests fail.
    pub fault: FaultKind,
}

/// How a request fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
#[non_exhaustive]
pub enum FaultKind {
    /// It is refused without being carried out, in the form of its service.
    Refuse {
        /// The status, 400 to 599; without it what is usual: 500, and 200 of API 3.0, which says in
        /// the document that something is wrong.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// The code, such as `InternalError`.
        code: String,
        /// The message; without it one that says where the fault is from.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// It is refused as one of too many: `SlowDown`, or `RequestLimitExceeded` of API 3.0.
    Throttle {
        /// The seconds that `Retry-After` asks to wait.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
    },
    /// It is refused as if its temporary key had expired.
    ExpiredToken,
    /// It is carried out later. The time passes on the cloud's clock, so that advancing that ends it.
    Latency {
        /// How much later.
        millis: u64,
    },
    /// It is carried out, and the connection breaks while the body of the answer is sent. An answer
    /// without a body is as it was.
    Cut {
        /// After how many bytes of the body; before its last one in any case.
        after: u64,
    },
    /// It is carried out, and `x-cos-hash-crc64ecma` in the answer is not the checksum of the
    /// content. An answer without the header is as it was.
    WrongChecksum,
}

/// What is known of a request that is compared with rules.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Met<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) bucket: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
}

impl<'a> Met<'a> {
    /// A request for `operation` that is about no bucket.
    pub(crate) const fn of(operation: &'a Operation) -> Self {
        Self {
            operation,
            bucket: None,
            key: None,
        }
    }
}

/// Why a rule is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FaultRuleError(String);

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is that of serde"
)]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl FaultRule {
    /// All requests fail by `fault`.
    pub const fn new(fault: FaultKind) -> Self {
        Self {
            service: None,
            operation: None,
            bucket: None,
            key_prefix: None,
            skip: 0,
            count: None,
            share: None,
            seed: 0,
            fault,
        }
    }

    /// All requests are refused with `status` and `code`.
    pub fn refuse(status: u16, code: impl Into<String>) -> Self {
        Self::new(FaultKind::Refuse {
            status: Some(status),
            code: code.into(),
            message: None,
        })
    }

    /// All requests are refused as too many.
    pub const fn throttle() -> Self {
        Self::new(FaultKind::Throttle { retry_after: None })
    }

    /// All requests are refused as if their temporary keys had expired.
    pub const fn expired_token() -> Self {
        Self::new(FaultKind::ExpiredToken)
    }

    /// All requests are carried out later.
    pub fn latency(latency: Duration) -> Self {
        let millis = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        Self::new(FaultKind::Latency { millis })
    }

    /// All answers break off after so many bytes of their bodies.
    pub const fn cut(after: u64) -> Self {
        Self::new(FaultKind::Cut { after })
    }

    /// No checksum of content is right.
    pub const fn wrong_checksum() -> Self {
        Self::new(FaultKind::WrongChecksum)
    }

    /// Only requests of the operation of `Q`.
    pub fn of<Q: Request>(self) -> Self {
        let operation = Q::operation();
        self.service(operation.service.name)
            .operation(operation.name)
    }

    /// Sets [`FaultRule::service`].
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// Sets [`FaultRule::operation`].
    pub fn operation(mut self, name: impl Into<String>) -> Self {
        self.operation = Some(name.into());
        self
    }

    /// Sets [`FaultRule::bucket`].
    pub fn bucket(mut self, name: impl Into<String>) -> Self {
        self.bucket = Some(name.into());
        self
    }

    /// Sets [`FaultRule::key_prefix`].
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = Some(prefix.into());
        self
    }

    /// Sets [`FaultRule::skip`].
    pub const fn skip(mut self, requests: u64) -> Self {
        self.skip = requests;
        self
    }

    /// Sets [`FaultRule::count`].
    pub const fn count(mut self, requests: u64) -> Self {
        self.count = Some(requests);
        self
    }

    /// Sets [`FaultRule::share`] and [`FaultRule::seed`].
    pub const fn share(mut self, share: f64, seed: u64) -> Self {
        self.share = Some(share);
        self.seed = seed;
        self
    }

    /// Refuses what no request could ever meet, and what is no fault.
    pub(super) fn check(&self) -> Result<(), FaultRuleError> {
        self.check_names()?;
        let wrong = |what: &str| Err(FaultRuleError(what.to_owned()));
        if self
            .share
            .is_some_and(|share| !(share > 0.0 && share <= 1.0))
        {
            return wrong(
                "share must be above 0 and at most 1; leave it out to strike all requests",
            );
        }
        if self.count == Some(0) {
            return wrong("count must be at least 1; leave it out to strike all requests");
        }
        match &self.fault {
            FaultKind::Refuse {
                status: Some(status),
                ..
            } if !((400..600).contains(status) || (*status == 200 && self.is_of_api())) => {
                wrong("status must be 400 to 599; only the services of API 3.0 refuse with 200")
            }
            FaultKind::Refuse { code, .. }
                if code.is_empty() || !code.bytes().all(|it| it.is_ascii_graphic()) =>
            {
                wrong("code must be the code of an error, such as InternalError")
            }
            FaultKind::WrongChecksum if self.service.as_deref().is_some_and(|it| it != "cos") => {
                wrong(
                    "wrongChecksum is for answers of cos; no other service has a checksum in them",
                )
            }
            _ => Ok(()),
        }
    }

    fn check_names(&self) -> Result<(), FaultRuleError> {
        let catalogs = || services::all().iter().map(|service| service.catalog);
        if let Some(name) = &self.service
            && !catalogs().any(|catalog| catalog.service.name == name)
        {
            let names: Vec<_> = catalogs().map(|catalog| catalog.service.name).collect();
            return Err(FaultRuleError(format!(
                "there is no service `{name}`; there are {}",
                names.join(", ")
            )));
        }
        let mut named = catalogs().filter(|catalog| self.is_of_service(catalog.service.name));
        if let Some(name) = &self.operation
            && !named.any(|catalog| catalog.operation(name).is_some())
        {
            let of = self.service.as_deref().unwrap_or("any service");
            return Err(FaultRuleError(format!(
                "there is no operation `{name}` of {of}; `tcloud local --list` names those that are \
                 implemented"
            )));
        }
        Ok(())
    }

    fn is_of_service(&self, name: &str) -> bool {
        self.service
            .as_deref()
            .is_none_or(|service| service == name)
    }

    fn is_of_api(&self) -> bool {
        services::all()
            .iter()
            .map(|service| service.catalog.service)
            .any(|service| {
                service.protocol == Protocol::Tc3 && self.service.as_deref() == Some(service.name)
            })
    }

    /// Whether it is about a request.
    pub(super) fn is_about(&self, met: Met<'_>) -> bool {
        let named = |own: &Option<String>, name: Option<&str>| {
            own.as_deref().is_none_or(|own| name == Some(own))
        };
        named(&self.service, Some(met.operation.service.name))
            && named(&self.operation, Some(met.operation.name))
            && named(&self.bucket, met.bucket)
            && self
                .key_prefix
                .as_deref()
                .is_none_or(|prefix| met.key.is_some_and(|key| key.starts_with(prefix)))
    }

    /// Whether it strikes the request `number`, from 0, of those that it is about, once it has struck
    /// `hits`.
    pub(super) fn strikes(&self, number: u64, hits: u64) -> bool {
        let Some(number) = number.checked_sub(self.skip) else {
            return false;
        };
        self.count.is_none_or(|count| hits < count)
            && self
                .share
                .is_none_or(|share| part(self.seed, number) < share)
    }
}

/// A number from 0 to 1, without that, for each `number`, as good as random: SplitMix64 of it and of
/// the seed.
fn part(seed: u64, number: u64) -> f64 {
    let mut mixed = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // As many bits as the fraction of a floating-point number is exact for.
    let high = u32::try_from(mixed >> 32).unwrap_or(u32::MAX);
    f64::from(high) / (f64::from(u32::MAX) + 1.0)
}
