//! Which web pages may show the pictures of a bucket.

use serde::{Deserialize, Serialize};

/// A list of addresses of web pages, and what it says of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hotlink {
    /// Whether only these pages may show pictures, instead of all but these.
    pub(crate) only: bool,
    /// The addresses.
    pub(crate) pages: Vec<String>,
}

impl Hotlink {
    /// Whether a request that comes from the page `referer` is answered. One that names no page
    /// comes from none of the list.
    pub(crate) fn allows(&self, referer: Option<&str>) -> bool {
        let is_listed = referer.is_some_and(|referer| {
            let page = without_scheme(referer);
            self.pages.iter().any(|listed| begins(page, listed))
        });
        is_listed == self.only
    }
}

/// Whether `page` is at the address `listed` or below it. An address may begin with `*.`, for any
/// name below the domain, and may leave the port and the path out.
fn begins(page: &str, listed: &str) -> bool {
    let listed = without_scheme(listed.trim()).trim_end_matches('/');
    let end = page.find(['/', '?', '#']).unwrap_or(page.len());
    let (host, path) = page.split_at_checked(end).unwrap_or((page, ""));
    let host = host.to_ascii_lowercase();
    let (listed_host, listed_path) = match listed.find('/') {
        Some(at) => listed.split_at_checked(at).unwrap_or((listed, "")),
        None => (listed, ""),
    };
    let listed_host = listed_host.to_ascii_lowercase();
    let bare = host
        .rsplit_once(':')
        .map_or(host.as_str(), |(name, _)| name);
    let is_host = |host: &str| match listed_host.strip_prefix('*') {
        Some(domain) => domain.starts_with('.') && host.ends_with(domain) && host != domain,
        None => host == listed_host,
    };
    let below = path
        .strip_prefix(listed_path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    !listed.is_empty() && (is_host(&host) || is_host(bare)) && below
}

fn without_scheme(address: &str) -> &str {
    address.split_once("://").map_or(address, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_known_by_its_address() {
        for (page, listed, is) in [
            ("http://www.example.com/a?b", "www.example.com", true),
            ("https://WWW.example.com:8080/", "www.example.com", true),
            (
                "https://www.example.com:8080/",
                "www.example.com:8080",
                true,
            ),
            ("http://www.example.com.evil.org/", "www.example.com", false),
            ("http://evil.org/www.example.com", "www.example.com", false),
            ("http://a.example.com/", "*.example.com", true),
            ("http://example.com/", "*.example.com", false),
            (
                "http://example.com/shop/1",
                "http://example.com/shop/",
                true,
            ),
            ("http://example.com/shopping", "example.com/shop", false),
            ("http://example.com/", "", false),
            ("http://example.com/", "*", false),
        ] {
            assert_eq!(begins(without_scheme(page), listed), is, "{page} {listed}");
        }
    }

    #[test]
    fn the_list_says_who_may_or_who_may_not() {
        let pages = vec!["example.com".to_owned()];
        let white = Hotlink { only: true, pages };
        let black = Hotlink {
            only: false,
            ..white.clone()
        };
        for (page, listed) in [
            (Some("http://example.com/"), true),
            (Some("http://other.com/"), false),
            (None, false),
        ] {
            assert_eq!(white.allows(page), listed, "{page:?}");
            assert_eq!(black.allows(page), !listed, "{page:?}");
        }
    }
}
