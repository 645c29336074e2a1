//! A bucket as a website: which object answers for which address, and what is sent elsewhere.

use http::StatusCode;
use tcloud_core::server::Fault;
use tcloud_cos::operation::get_bucket_website::GetBucketWebsiteResponse;
use tcloud_cos::types::{RoutingRedirect, RoutingRule, SwitchStatus};

use super::bucket::setting::website;
use crate::state::State;

/// The website of a bucket.
#[derive(Debug)]
pub(crate) struct Website(GetBucketWebsiteResponse);

/// Where a browser is sent instead.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// Whether by HTTPS, however the request came.
    pub(crate) by_https: bool,
    /// The key.
    pub(crate) key: String,
}

/// The page that answers for an error.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ErrorPage<'a> {
    /// Its key.
    pub(crate) key: &'a str,
    /// The status of the answer.
    pub(crate) status: StatusCode,
}

impl Website {
    /// The website of `bucket`.
    ///
    /// # Errors
    ///
    /// It is none.
    pub(crate) async fn of(state: &State, bucket: &str) -> Result<Self, Fault> {
        match website::website(state, bucket).await? {
            Some(website) => Ok(Self(website)),
            None => Err(Fault::new(
                StatusCode::NOT_FOUND,
                "NoSuchWebsiteConfiguration",
                format!("the bucket {bucket} is no website; make it one by PutBucketWebsite"),
            )),
        }
    }

    /// Whether every request is to come by HTTPS.
    pub(crate) fn wants_https(&self) -> bool {
        self.0.redirect_all_requests_to.is_some()
    }

    /// The key of the object that answers for `key`: of a folder its page.
    pub(crate) fn page(&self, key: &str) -> String {
        if key.is_empty() || key.ends_with('/') {
            self.index(key)
        } else {
            key.to_owned()
        }
    }

    /// The key of the page of the folder `folder`, which ends with a slash or is the root.
    pub(crate) fn index(&self, folder: &str) -> String {
        let index = self.0.index_document.as_ref();
        let suffix = index.and_then(|it| it.suffix.as_deref());
        format!("{folder}{}", suffix.unwrap_or_default())
    }

    /// The key that answers for `key` if that is not there: `.html` can be left out.
    pub(crate) fn completed(&self, key: &str) -> Option<String> {
        let status = self.0.auto_addressing.as_ref();
        let status = status.and_then(|it| it.status.as_ref());
        let is_on = status.is_none_or(|status| *status == SwitchStatus::Enabled);
        (is_on && is_file(key)).then(|| format!("{key}.html"))
    }

    /// The folder that `key` may mean, if that is not there.
    pub(crate) fn folder(key: &str) -> Option<String> {
        is_file(key).then(|| format!("{key}/"))
    }

    /// Where requests for `key` are sent, whether it is there or not.
    pub(crate) fn moved(&self, key: &str) -> Option<Elsewhere> {
        self.rules().find_map(|rule| {
            let condition = rule.condition.as_ref()?;
            let prefix = condition.key_prefix_equals.as_deref()?;
            let rest = key.strip_prefix(prefix)?;
            let redirect = rule.redirect.as_ref()?;
            let moved = match &redirect.replace_key_prefix_with {
                Some(start) => format!("{start}{rest}"),
                None => redirect.replace_key_with.clone()?,
            };
            elsewhere(redirect, moved, key)
        })
    }

    /// Where requests for `key` are sent whose answer has this status.
    pub(crate) fn sent_on(&self, key: &str, status: StatusCode) -> Option<Elsewhere> {
        self.rules().find_map(|rule| {
            let condition = rule.condition.as_ref()?;
            let wanted = condition.http_error_code_equals?;
            if wanted != i64::from(status.as_u16()) {
                return None;
            }
            let redirect = rule.redirect.as_ref()?;
            elsewhere(redirect, redirect.replace_key_with.clone()?, key)
        })
    }

    /// The page that answers in place of an error.
    pub(crate) fn error_page(&self, status: StatusCode) -> Option<ErrorPage<'_>> {
        let page = self.0.error_document.as_ref()?;
        let key = page.key.as_deref().filter(|key| !key.is_empty())?;
        let status = match page.original_http_status {
            Some(SwitchStatus::Disabled) => StatusCode::OK,
            _ => status,
        };
        Some(ErrorPage { key, status })
    }

    fn rules(&self) -> impl Iterator<Item = &RoutingRule> {
        self.0.routing_rules.iter().flat_map(|it| &it.rules)
    }
}

/// The key `to`, unless that is where the browser is already.
fn elsewhere(redirect: &RoutingRedirect, to: String, from: &str) -> Option<Elsewhere> {
    let by_https = redirect.protocol.is_some();
    (by_https || to != from).then_some(Elsewhere { by_https, key: to })
}

fn is_file(key: &str) -> bool {
    !key.is_empty() && !key.ends_with('/')
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use tcloud_cos::operation::get_bucket_website::GetBucketWebsiteResponse;
    use tcloud_cos::types::{
        AutoAddressing, ErrorDocument, IndexDocument, RoutingCondition, RoutingRedirect,
        RoutingRule, RoutingRules, SwitchStatus,
    };

    use super::{Elsewhere, ErrorPage, Website};

    fn site() -> GetBucketWebsiteResponse {
        GetBucketWebsiteResponse::new().index_document(IndexDocument::new("index.html"))
    }

    #[test]
    fn a_folder_has_a_page() {
        let site = Website(site());
        for (key, page) in [
            ("", "index.html"),
            ("a/", "a/index.html"),
            ("a", "a"),
            ("a/b.css", "a/b.css"),
        ] {
            assert_eq!(site.page(key), page);
        }
        assert_eq!(site.index("a/"), "a/index.html");
        assert_eq!(Website::folder("a").as_deref(), Some("a/"));
        assert_eq!(Website::folder("a/"), None);
    }

    #[test]
    fn the_ending_can_be_left_out_unless_that_is_switched_off() {
        assert_eq!(Website(site()).completed("a").as_deref(), Some("a.html"));
        assert_eq!(Website(site()).completed("a/"), None);
        assert_eq!(Website(site()).completed(""), None);
        let off = AutoAddressing::new().status(SwitchStatus::Disabled);
        assert_eq!(Website(site().auto_addressing(off)).completed("a"), None);
    }

    fn to(by_https: bool, key: &str) -> Elsewhere {
        let key = key.to_owned();
        Elsewhere { by_https, key }
    }

    #[test]
    fn the_first_rule_that_fits_counts() {
        let below = |prefix: &str| RoutingCondition::new().key_prefix_equals(prefix);
        let status = |status| RoutingCondition::new().http_error_code_equals(status);
        let start = |text: &str| RoutingRedirect::new().replace_key_prefix_with(text);
        let whole = |text: &str| RoutingRedirect::new().replace_key_with(text);
        let rules = [
            RoutingRule::new(status(404), whole("404.html")),
            RoutingRule::new(below("old/"), start("new/")),
            RoutingRule::new(below("old/a/"), whole("never")),
            RoutingRule::new(below("img/"), whole("one.png").protocol("https")),
            RoutingRule::new(status(403), whole("login.html").protocol("https")),
        ];
        let site = Website(site().routing_rules(RoutingRules::new(rules)));
        assert_eq!(site.moved("old/a/b"), Some(to(false, "new/a/b")));
        assert_eq!(site.moved("img/x"), Some(to(true, "one.png")));
        assert_eq!(site.moved("older"), None);
        assert_eq!(
            site.sent_on("x", StatusCode::NOT_FOUND),
            Some(to(false, "404.html"))
        );
        assert_eq!(
            site.sent_on("x", StatusCode::FORBIDDEN),
            Some(to(true, "login.html"))
        );
        assert_eq!(site.sent_on("x", StatusCode::GONE), None);
        // A browser would go round in circles.
        assert_eq!(site.sent_on("404.html", StatusCode::NOT_FOUND), None);
    }

    #[test]
    fn an_error_has_a_page_and_keeps_its_status_unless_that_is_switched_off() {
        let page = ErrorDocument::new("error.html");
        for (switch, status) in [
            (None, StatusCode::NOT_FOUND),
            (Some(SwitchStatus::Enabled), StatusCode::NOT_FOUND),
            (Some(SwitchStatus::Disabled), StatusCode::OK),
        ] {
            let page = page.clone().original_http_status(switch);
            let site = Website(site().error_document(page));
            let key = "error.html";
            let found = site.error_page(StatusCode::NOT_FOUND);
            assert_eq!(found, Some(ErrorPage { key, status }));
        }
        assert_eq!(Website(site()).error_page(StatusCode::NOT_FOUND), None);
    }
}
