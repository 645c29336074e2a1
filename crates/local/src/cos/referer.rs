//! Which web pages may show what is in a bucket: protection against hotlinks.
//!
//! A request with a signature is let through, whatever page it comes from; one with a signature in its
//! URL may be protected, too (`VerifySignatureURL`).

use http::header::REFERER;
use http::{HeaderMap, StatusCode};
use tcloud_core::server::Fault;
use tcloud_cos::operation::get_bucket_referer::GetBucketRefererResponse;
use tcloud_cos::types::{EmptyReferer, RefererKind, SwitchStatus};

use super::bucket::setting::access;
use crate::cam::Pattern;
use crate::state::State;
use crate::store::Bucket;

/// How a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedBy {
    /// It is not.
    Nobody,
    /// By its URL, as links are that are handed on.
    Url,
    /// By a header or a form.
    Request,
}

/// Refuses a request that comes from a page which may not show what is in `bucket`.
pub(crate) async fn require_page(
    state: &State,
    bucket: &Bucket,
    headers: &HeaderMap,
    signed: SignedBy,
) -> Result<(), Fault> {
    if signed == SignedBy::Request {
        return Ok(());
    }
    let Some(rules) = access::referer(state, bucket).await? else {
        return Ok(());
    };
    let page = headers.get(REFERER).map(|page| page.to_str());
    // What is no text is on no list.
    let page = page.map(Result::unwrap_or_default);
    if covers(&rules, signed) && !allows(&rules, page) {
        let from = match page {
            None | Some("") => "names no page".to_owned(),
            Some(page) => format!("comes from {page}"),
        };
        let message = format!(
            "You are denied by bucket referer rule: the request {from}, which PutBucketReferer of \
             {} does not let through",
            bucket.name
        );
        return Err(Fault::new(StatusCode::FORBIDDEN, "AccessDenied", message));
    }
    Ok(())
}

/// Whether the rules are about a request that is signed like this.
fn covers(rules: &GetBucketRefererResponse, signed: SignedBy) -> bool {
    let is_on = |status: &Option<SwitchStatus>| *status == Some(SwitchStatus::Enabled);
    is_on(&rules.status)
        && match signed {
            SignedBy::Nobody => true,
            SignedBy::Url => is_on(&rules.verify_signed_urls),
            SignedBy::Request => false,
        }
}

/// Whether the rules let through what comes from `page`.
fn allows(rules: &GetBucketRefererResponse, page: Option<&str>) -> bool {
    let Some(page) = page.filter(|page| !page.is_empty()) else {
        return rules.empty_referer == Some(EmptyReferer::Allow);
    };
    let mut listed = rules.domain_list.iter().flat_map(|list| &list.domains);
    let is_listed = listed.any(|listed| begins(page, listed));
    is_listed == (rules.kind == Some(RefererKind::WhiteList))
}

/// Whether the address `page` begins like `listed`, in which a `*` stands for any part of a host.
/// `www.example.com` begins `www.example.com/123`, and `www.example.com.cn` likewise.
fn begins(page: &str, listed: &str) -> bool {
    let (host, path) = split(page);
    let (listed_host, listed_path) = split(listed.trim());
    if listed_path.is_empty() {
        Pattern::new(&format!("{listed_host}*")).matches(&host)
    } else {
        Pattern::new(&listed_host).matches(&host) && path.starts_with(listed_path)
    }
}

/// The host of an address in lower case, with its port, and the rest. There may be no scheme.
fn split(address: &str) -> (String, &str) {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = address.find(['/', '?', '#']).unwrap_or(address.len());
    let (host, path) = address.split_at_checked(end).unwrap_or((address, ""));
    (host.to_ascii_lowercase(), path)
}

#[cfg(test)]
mod tests {
    use tcloud_cos::operation::get_bucket_referer::GetBucketRefererResponse;
    use tcloud_cos::types::{EmptyReferer, RefererDomains, RefererKind, SwitchStatus};

    use super::{SignedBy, allows, begins, covers};

    #[test]
    fn a_page_is_known_by_how_its_address_begins() {
        for (page, listed, is) in [
            ("http://www.example.com/a?b", "www.example.com", true),
            ("https://WWW.example.com:8080/", "www.Example.com", true),
            ("http://www.example.com.cn/", "www.example.com", true),
            ("http://192.0.2.1:8080/x", "192.0.2.1:8080", true),
            ("http://192.0.2.1/x", "192.0.2.1:8080", false),
            ("http://a.b.example.com/123", "*.example.com", true),
            ("http://a.example.com", "http://*.example.com", true),
            ("http://example.com/", "*.example.com", false),
            ("http://evil.org/a.example.com", "*.example.com", false),
            (
                "http://evil.org/?www.example.com",
                "*www.example.com",
                false,
            ),
            (
                "http://www.example.com/shop/1",
                "www.example.com/shop",
                true,
            ),
            ("http://www.example.com/else", "www.example.com/shop", false),
            (
                "http://www.example.com.cn/shop",
                "www.example.com/shop",
                false,
            ),
            ("http://a.img.example.com/", "*.img.*.com", true),
            ("http://anything/", "*", true),
        ] {
            assert_eq!(begins(page, listed), is, "{page} {listed}");
        }
    }

    fn rules(kind: RefererKind) -> GetBucketRefererResponse {
        GetBucketRefererResponse::new()
            .status(SwitchStatus::Enabled)
            .kind(kind)
            .domain_list(RefererDomains::new(["example.com"]))
    }

    #[test]
    fn the_list_says_who_may_or_who_may_not() {
        let [white, black] = [RefererKind::WhiteList, RefererKind::BlackList].map(rules);
        for (page, listed) in [("http://example.com/", true), ("http://other.com/", false)] {
            assert_eq!(allows(&white, Some(page)), listed, "{page}");
            assert_eq!(allows(&black, Some(page)), !listed, "{page}");
        }
        for rules in [white, black] {
            for page in [None, Some("")] {
                assert!(!allows(&rules, page), "no page is refused by default");
                let rules = rules.clone().empty_referer(EmptyReferer::Allow);
                assert!(allows(&rules, page));
            }
        }
    }

    #[test]
    fn what_is_signed_is_let_through() {
        let rules = rules(RefererKind::WhiteList);
        let strict = rules.clone().verify_signed_urls(SwitchStatus::Enabled);
        for (signed, by_default, strictly) in [
            (SignedBy::Nobody, true, true),
            (SignedBy::Url, false, true),
            (SignedBy::Request, false, false),
        ] {
            assert_eq!(covers(&rules, signed), by_default, "{signed:?}");
            assert_eq!(covers(&strict, signed), strictly, "{signed:?}");
            let off = strict.clone().status(SwitchStatus::Disabled);
            assert!(!covers(&off, signed));
        }
    }
}
