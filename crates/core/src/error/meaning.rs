//! What a refusal means, whichever service it is of.

use http::StatusCode;

/// What callers distinguish refusals by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// What the request names is not there.
    NotFound,
    /// The caller is not known, or lacks a permission.
    AccessDenied,
    /// There are too many requests: the service did not look at this one, so it had no effect.
    Throttled,
    /// The request conflicts with what is there.
    Conflict,
}

impl Meaning {
    /// What an answer of `status`, with `code`, means. A code that is known says more than the
    /// status: Cloud Infinite answers 403 where a bucket is bound already, API 3.0 answers 200.
    pub(crate) fn of(status: Option<StatusCode>, code: Option<&str>) -> Option<Self> {
        match code.map_or(Known::Unknown, of_code) {
            Known::Means(meaning) => Some(meaning),
            Known::Otherwise => None,
            Known::Unknown => of_status(status?),
        }
    }
}

/// What is known of a code.
enum Known {
    Means(Meaning),
    /// Something else, whatever its status.
    Otherwise,
    Unknown,
}

fn of_code(code: &str) -> Known {
    // API 3.0 appends the detail: `ResourceNotFound.Template`.
    let family = code.split('.').next().unwrap_or(code);
    let is_dotted = family.len() < code.len();
    Known::Means(match family {
        // The queue of a job, and an object that is archived: who asks makes no difference. And no
        // such path at the service, which says nothing of the thing.
        "QueueSaturated" | "QueuePaused" | "InvalidObjectState" | "InvalidUrl" => {
            return Known::Otherwise;
        }
        // A version of an object in COS, which answers 404, or of API 3.0.
        "NoSuchVersion" => return Known::Unknown,
        "AuthFailure"
        | "UnauthorizedOperation"
        | "AccessDenied"
        | "MissingAuthorization"
        | "InvalidAuthorization"
        | "SignatureDoesNotMatch"
        | "SignatureExpired"
        | "RequestTimeTooSkewed"
        | "InvalidAccessKeyId"
        | "SecretidNotExist"
        | "ExpiredToken"
        | "InvalidToken"
        | "TokenExpired"
        | "CIRoleNotExist"
        | "WriteTargetBucketDenied" => Meaning::AccessDenied,
        "RequestLimitExceeded" | "SlowDown" => Meaning::Throttled,
        "ResourceInUse"
        | "BucketNotEmpty"
        | "BucketAlreadyOwnedByYou"
        | "TemplateNameDuplicate"
        | "ActiveWorkflowForbiddenUpdate" => Meaning::Conflict,
        "ResourceNotFound" => Meaning::NotFound,
        // Behind a dot is the cause of a failure, such as a face that a picture lacks.
        _ if is_dotted => return Known::Unknown,
        _ if family.ends_with("AccessDenied") => Meaning::AccessDenied,
        _ if family.starts_with("NoSuch") || family.ends_with("NotFound") => Meaning::NotFound,
        _ if ["AlreadyExists", "AlreadyExist", "AlreadyBinded"]
            .iter()
            .any(|end| family.ends_with(end)) =>
        {
            Meaning::Conflict
        }
        _ => return Known::Unknown,
    })
}

fn of_status(status: StatusCode) -> Option<Meaning> {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Some(Meaning::NotFound),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(Meaning::AccessDenied),
        StatusCode::TOO_MANY_REQUESTS => Some(Meaning::Throttled),
        StatusCode::CONFLICT => Some(Meaning::Conflict),
        _ => None,
    }
}
