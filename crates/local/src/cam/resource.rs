//! Resources: what a request is about, and what a statement names.

use std::fmt;

use super::pattern::Pattern;

/// What a request is about, in the six parts of CAM:
/// `qcs::cos:ap-guangzhou:uid/1250000000:album-1250000000/cat.png`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The service, such as `cos`.
    pub(crate) service: String,
    /// The region; empty where there is none.
    pub(crate) region: String,
    /// The names of the account it belongs to: `uid/<APPID>` and `uin/<UIN>`.
    pub(crate) accounts: [String; 2],
    /// Its own names, the first of which is shown; one that is empty where an operation is about
    /// nothing in particular.
    pub(crate) names: Vec<String>,
}

impl fmt::Display for Resource {
    /// `*` for nothing in particular, as the service writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            service,
            region,
            accounts: [by_app, by_uin],
            names,
        } = self;
        let name = names.first().map_or("", String::as_str);
        if name.is_empty() {
            return f.write_str("*");
        }
        let account = if service == "cam" { by_uin } else { by_app };
        write!(f, "qcs::{service}:{region}:{account}:{name}")
    }
}

/// Which resources a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ResourcePattern {
    /// All.
    Any,
    /// Those that fit all parts; of region and account an empty one fits everything.
    Parts {
        service: Pattern,
        region: Pattern,
        account: Pattern,
        name: Pattern,
    },
}

impl ResourcePattern {
    /// Reads `*` or the six parts; nothing if `text` is neither.
    pub(super) fn new(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        let parts: Vec<_> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            // The second part names a project, which nothing belongs to any more.
            ["qcs", _, service, region, account, name] if !service.is_empty() => {
                Some(Self::Parts {
                    service: Pattern::new(service),
                    region: Pattern::new(region),
                    account: Pattern::new(account),
                    name: Pattern::new(name),
                })
            }
            _ => None,
        }
    }

    /// Whether `resource` is one of them.
    pub(super) fn matches(&self, resource: &Resource) -> bool {
        match self {
            Self::Any => true,
            Self::Parts {
                service,
                region,
                account,
                name,
            } => {
                service.matches(&resource.service)
                    && (region.is_empty() || region.matches(&resource.region))
                    && names_one_of(account, &resource.accounts)
                    && resource.names.iter().any(|own| name.matches(own))
            }
        }
    }

    /// Whether it names an account that is called none of `accounts`.
    pub(super) fn is_of_another(&self, accounts: &[String; 2]) -> bool {
        match self {
            Self::Any => false,
            Self::Parts { account, .. } => !names_one_of(account, accounts),
        }
    }
}

fn names_one_of(account: &Pattern, accounts: &[String; 2]) -> bool {
    account.is_empty() || accounts.iter().any(|name| account.matches(name))
}

#[cfg(test)]
mod tests {
    use super::{Resource, ResourcePattern};

    fn cat() -> Resource {
        Resource {
            service: "cos".into(),
            region: "ap-guangzhou".into(),
            accounts: ["uid/1250000000".into(), "uin/100000000001".into()],
            names: vec!["album-1250000000/cats/a:b.png".into()],
        }
    }

    #[test]
    fn six_parts_are_compared_one_by_one() {
        for (text, fits) in [
            ("*", true),
            (
                "qcs::cos:ap-guangzhou:uid/1250000000:album-1250000000/*",
                true,
            ),
            (
                "qcs::cos:ap-guangzhou:uin/100000000001:album-1250000000/*",
                true,
            ),
            ("qcs::cos:::album-1250000000/cats/a:b.png", true),
            ("qcs::cos:*:uid/*:*", true),
            (
                "qcs::cos:ap-beijing:uid/1250000000:album-1250000000/*",
                false,
            ),
            (
                "qcs::cos:ap-guangzhou:uid/1250000001:album-1250000000/*",
                false,
            ),
            (
                "qcs::ci:ap-guangzhou:uid/1250000000:album-1250000000/*",
                false,
            ),
            (
                "qcs::cos:ap-guangzhou:uid/1250000000:album-1250000000",
                false,
            ),
            ("qcs::cos:ap-guangzhou:uid/1250000000:", false),
        ] {
            let pattern = ResourcePattern::new(text).unwrap();
            assert_eq!(pattern.matches(&cat()), fits, "{text}");
        }
    }

    #[test]
    fn what_has_no_six_parts_is_no_resource() {
        for text in [
            "",
            "album-1250000000/*",
            "qcs::cos:ap-guangzhou:uid/1",
            "acs::cos:::x",
            "qcs:::::x",
        ] {
            assert_eq!(ResourcePattern::new(text), None, "{text}");
        }
    }

    #[test]
    fn other_accounts_are_told_by_both_names() {
        let own = cat().accounts;
        for (text, other) in [
            ("*", false),
            ("qcs::cos:::x/*", false),
            ("qcs::cos::uid/1250000000:x/*", false),
            ("qcs::cam::uin/100000000001:roleName/x", false),
            ("qcs::cos::uid/1250000001:x/*", true),
        ] {
            let pattern = ResourcePattern::new(text).unwrap();
            assert_eq!(pattern.is_of_another(&own), other, "{text}");
        }
    }

    #[test]
    fn it_is_shown_in_six_parts() {
        let shown = "qcs::cos:ap-guangzhou:uid/1250000000:album-1250000000/cats/a:b.png";
        assert_eq!(cat().to_string(), shown);
        let nothing = Resource {
            names: vec![String::new()],
            ..cat()
        };
        assert_eq!(nothing.to_string(), "*");
    }
}
