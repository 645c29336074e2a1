//! Redirects, which are not followed: the signature would not fit, and a key must not be shown to
//! whoever is named. The error says where to ask instead.

use http::header::LOCATION;
use http::{HeaderMap, StatusCode, Uri};

/// Whether an answer points elsewhere. 304 says that nothing has changed.
pub(super) fn is_one(status: StatusCode) -> bool {
    status.is_redirection() && status != StatusCode::NOT_MODIFIED
}

/// What to do about a redirect that came with `headers` and, in its document, `endpoint`.
pub(super) fn advice(headers: &HeaderMap, endpoint: Option<&str>) -> String {
    let header = |name| headers.get(name)?.to_str().ok();
    let location: Option<Uri> = header(LOCATION.as_str()).and_then(|text| text.parse().ok());
    let host = location.as_ref().and_then(Uri::host).or(endpoint);
    let region = header("x-cos-bucket-region").or_else(|| region_of(host?));
    match (region, host) {
        (Some(region), _) => format!(
            "the bucket is in the region {region}: set it by `ConfigBuilder::region` or \
             `CallOptions::region`"
        ),
        // Its path and query may hold a signature.
        (None, Some(host)) => format!(
            "redirects are not followed, since the signature would not fit: if {host} is to be \
             asked, set it by `ConfigBuilder::hosts`"
        ),
        (None, None) => {
            "redirects are not followed; check the region, the bucket and the endpoint".to_owned()
        }
    }
}

/// The region in a bucket's own host, such as `b-125.cos.ap-guangzhou.myqcloud.com`.
fn region_of(host: &str) -> Option<&str> {
    let own = [".myqcloud.com", ".tencentcos.cn", ".tencentci.cn"];
    let name = own.iter().find_map(|suffix| host.strip_suffix(suffix))?;
    let (rest, region) = name.rsplit_once('.')?;
    let is_regional = ["cos", "ci", "cos-internal", "cos-dualstack"]
        .contains(&rest.rsplit('.').next().unwrap_or_default());
    (is_regional && region != "accelerate").then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advised(headers: &[(&'static str, &'static str)], endpoint: Option<&str>) -> String {
        let headers = headers.iter().map(|(name, value)| {
            (
                http::HeaderName::from_static(name),
                http::HeaderValue::from_static(value),
            )
        });
        advice(&headers.collect(), endpoint)
    }

    #[test]
    fn the_region_of_a_bucket_is_named() {
        let own = "https://b-125.cos.ap-guangzhou.myqcloud.com/a?q-signature=secret";
        for (headers, endpoint) in [
            (vec![("x-cos-bucket-region", "ap-guangzhou")], None),
            (vec![("location", own)], None),
            (vec![], Some("b-125.cos.ap-guangzhou.myqcloud.com")),
            (
                vec![],
                Some("b-125.cos-internal.ap-guangzhou.tencentcos.cn"),
            ),
        ] {
            let advice = advised(&headers, endpoint);
            assert!(advice.contains("region ap-guangzhou:"), "{advice}");
            assert!(!advice.contains("secret"), "{advice}");
        }
    }

    #[test]
    fn another_host_is_named_without_what_may_be_a_secret() {
        let advice = advised(
            &[("location", "https://mirror.example/a?sign=secret")],
            None,
        );
        assert!(advice.contains("mirror.example"), "{advice}");
        assert!(!advice.contains("secret"), "{advice}");
        for host in ["b-125.cos.accelerate.myqcloud.com", "example.myqcloud.com"] {
            let advice = super::advice(&HeaderMap::new(), Some(host));
            assert!(advice.contains(host), "{advice}");
        }
        assert!(advised(&[("location", "/a")], None).contains("not followed"));
    }
}
