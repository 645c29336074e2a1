//! A bucket as a website.

use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_website::DeleteBucketWebsiteRequest;
use tcloud_cos::operation::get_bucket_website::{
    GetBucketWebsiteRequest, GetBucketWebsiteResponse,
};
use tcloud_cos::operation::put_bucket_website::PutBucketWebsiteRequest;
use tcloud_cos::types::{RoutingRule, SwitchStatus};

use super::kept::{self, Absent, Deletable, Setting};
use super::rules::{at_most, one_of};
use crate::cos::fault::{invalid, not_implemented};
use crate::state::State;

/// How many rules a website has.
const RULES: usize = 100;

/// A website.
pub(super) struct Website;

impl Setting for Website {
    type Put = PutBucketWebsiteRequest;
    type Get = GetBucketWebsiteRequest;

    const KIND: &'static str = "website";
    const ABSENT: Absent = Absent::Refused("NoSuchWebsiteConfiguration");

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        let index = request.index_document.as_ref();
        let suffix = index.and_then(|index| index.suffix.as_deref());
        if suffix.is_some_and(|suffix| suffix.contains('/')) {
            return Err(invalid(
                "IndexDocument.Suffix is a name in a folder, without a slash",
            ));
        }
        if suffix == Some("") {
            return Err(invalid(
                "IndexDocument.Suffix is empty; name the page of a folder",
            ));
        }
        let error = request.error_document.as_ref();
        if error.is_some_and(|it| it.key.as_deref() == Some("")) {
            return Err(invalid("ErrorDocument.Key is empty; name a page"));
        }
        if error.is_some_and(|it| it.charity_404 == Some(SwitchStatus::Enabled)) {
            return Err(not_implemented("ErrorDocument.Charity404"));
        }
        let all = request.redirect_all_requests_to.as_ref();
        require_https(
            all.and_then(|all| all.protocol.as_deref()),
            "RedirectAllRequestsTo",
        )?;
        let rules = request.routing_rules.iter().flat_map(|it| &it.rules);
        at_most(rules.clone().count(), RULES, "rules")?;
        rules.clone().try_for_each(check)
    }
}

impl Deletable for Website {
    type Delete = DeleteBucketWebsiteRequest;
}

/// The website of `bucket`, if it is one.
pub(in crate::cos) async fn website(
    state: &State,
    bucket: &str,
) -> Result<Option<GetBucketWebsiteResponse>, Fault> {
    kept::of::<Website>(state, bucket).await
}

fn check(rule: &RoutingRule) -> Result<(), Fault> {
    let condition = rule.condition.as_ref();
    let status = condition.and_then(|it| it.http_error_code_equals);
    let prefix = condition.and_then(|it| it.key_prefix_equals.as_ref());
    one_of(
        ("Condition.HttpErrorCodeReturnedEquals", status.is_some()),
        ("Condition.KeyPrefixEquals", prefix.is_some()),
    )?;
    if status.is_some_and(|status| !(400..=499).contains(&status)) {
        return Err(invalid(
            "Condition.HttpErrorCodeReturnedEquals must be a status of 4XX",
        ));
    }
    let Some(redirect) = &rule.redirect else {
        return Ok(());
    };
    require_https(redirect.protocol.as_deref(), "Redirect")?;
    // No document says what it does.
    if redirect.url_redirect.is_some() {
        return Err(not_implemented("Redirect.URLRedirect"));
    }
    let (key, start) = (
        (
            "Redirect.ReplaceKeyWith",
            redirect.replace_key_with.is_some(),
        ),
        (
            "Redirect.ReplaceKeyPrefixWith",
            redirect.replace_key_prefix_with.is_some(),
        ),
    );
    one_of(key, start)?;
    if start.1 && prefix.is_none() {
        return Err(invalid(
            "Redirect.ReplaceKeyPrefixWith needs Condition.KeyPrefixEquals, which it replaces",
        ));
    }
    Ok(())
}

fn require_https(protocol: Option<&str>, of: &str) -> Result<(), Fault> {
    match protocol {
        Some(other) if !other.eq_ignore_ascii_case("https") => Err(invalid(format!(
            "{of}.Protocol must be https, got `{other}`"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{RoutingCondition, RoutingRedirect, RoutingRule};

    use super::check;

    #[test]
    fn a_rule_has_one_condition_and_one_replacement() {
        let rule = |condition, redirect| RoutingRule::new(condition, redirect);
        let missing = || RoutingCondition::new().http_error_code_equals(404);
        let below = || RoutingCondition::new().key_prefix_equals("old/");
        let page = || RoutingRedirect::new().replace_key_with("404.html");
        let moved = || RoutingRedirect::new().replace_key_prefix_with("new/");
        assert!(check(&rule(missing(), page())).is_ok());
        assert!(check(&rule(below(), page().protocol("https"))).is_ok());
        assert!(check(&rule(below(), moved())).is_ok());
        for bad in [
            rule(RoutingCondition::new(), page()),
            rule(missing().key_prefix_equals("old/"), page()),
            rule(RoutingCondition::new().http_error_code_equals(500), page()),
            rule(missing(), RoutingRedirect::new()),
            rule(below(), page().replace_key_prefix_with("new/")),
            rule(missing(), moved()),
            rule(missing(), page().protocol("ftp")),
        ] {
            assert_eq!(check(&bad).unwrap_err().code, "InvalidArgument", "{bad:?}");
        }
        let unknown = check(&rule(below(), page().url_redirect("Enabled")));
        assert_eq!(unknown.unwrap_err().code, "NotImplemented");
    }
}
