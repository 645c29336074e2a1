//! Which requests are of S3.

use http::Method;
use http::header::AUTHORIZATION;
use http::request::Parts;

/// Headers that the SDKs of S3 send with every request.
const OF_SDKS: [&str; 2] = ["amz-sdk-invocation-id", "amz-sdk-request"];

/// Whether a request speaks S3: it is signed as S3 is, by the fourth version of its signature, or it
/// is signed by nobody and names what only S3 has.
///
/// One that is signed otherwise is not: a header of S3 in it is refused by its name, as any that
/// nobody knows. Nor is the question of a browser that comes before a request.
pub(crate) fn is_spoken(parts: &Parts) -> bool {
    if parts.method == Method::OPTIONS {
        return false;
    }
    let authorization = parts.headers.get(AUTHORIZATION);
    if let Some(authorization) = authorization.filter(|value| !value.is_empty()) {
        return authorization.as_bytes().starts_with(b"AWS4-");
    }
    let query = parts.uri.query().unwrap_or_default();
    let mut names = query
        .split('&')
        .filter_map(|item| item.split('=').next())
        .map(str::to_ascii_lowercase);
    let is_signed = |name: &str| matches!(name, "x-amz-algorithm" | "x-amz-signature");
    let is_cos = |name: &str| matches!(name, "q-signature" | "q-sign-algorithm" | "sign");
    let is_old = |name: &str| name == "awsaccesskeyid";
    if names.clone().any(|name| is_cos(&name) || is_old(&name)) {
        return false;
    }
    names.any(|name| is_signed(&name) || name == "list-type" || name == "x-id")
        || OF_SDKS.iter().any(|name| parts.headers.contains_key(*name))
        || parts
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("x-amz-"))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::is_spoken;

    fn speaks(line: &str, headers: &[(&str, &str)]) -> bool {
        let (method, uri) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        is_spoken(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn the_signature_tells() {
        let v4 = ("authorization", "AWS4-HMAC-SHA256 Credential=a");
        let cos = ("authorization", "q-sign-algorithm=sha1&q-ak=a");
        let v2 = ("authorization", "AWS a:b");
        let acl = ("x-amz-acl", "private");
        assert!(speaks("GET /", &[v4]));
        assert!(speaks(
            "GET /",
            &[("authorization", "AWS4-ECDSA-P256-SHA256 a")]
        ));
        assert!(!speaks("GET /", &[cos]));
        assert!(!speaks("GET /", &[cos, acl]));
        assert!(!speaks("GET /?list-type=2", &[cos]));
        assert!(!speaks("GET /", &[v2]));
        assert!(speaks("GET /k?X-Amz-Algorithm=AWS4-HMAC-SHA256", &[]));
        assert!(speaks("GET /k?a&x-amz-signature=0", &[]));
        assert!(!speaks("GET /k?q-signature=0", &[acl]));
        assert!(!speaks("GET /k?AWSAccessKeyId=a&Signature=b", &[]));
    }

    #[test]
    fn what_is_not_signed_names_something_of_s3() {
        assert!(speaks("PUT /k", &[("x-amz-acl", "private")]));
        assert!(speaks("GET /?list-type=2", &[]));
        assert!(speaks("GET /k?x-id=GetObject", &[]));
        assert!(speaks("GET /k", &[("amz-sdk-request", "attempt=1")]));
        assert!(!speaks("GET /k", &[]));
        assert!(!speaks("GET /k", &[("x-amzn-trace-id", "1")]));
        assert!(!speaks("OPTIONS /k", &[("x-amz-acl", "private")]));
    }
}
