//! From an operation's host and the choice to what is connected to and asked for.

use super::policy::{ApiDomain, ApiHost, CiHost, CosHost, Hosts};
use crate::endpoint::{Endpoint, Site, is_host_label, next_label};
use crate::error::{Error, ErrorKind};
use crate::operation::{Operation, Protocol};

const STORAGE: &str = ".myqcloud.com";
const COS_SECOND: &str = ".tencentcos.cn";
const CI_SECOND: &str = ".tencentci.cn";
const API: &str = ".tencentcloudapi.com";

/// Where a request goes, and whom it asks there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// `http` or `https`.
    pub(crate) scheme: String,
    /// What is connected to: host and port.
    pub(crate) authority: String,
    /// The value of the header `Host`.
    pub(crate) host: String,
}

/// The addresses of a request, each of which may replace the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) first: Address,
    pub(crate) backups: Vec<Address>,
}

/// What decides on the addresses besides the operation.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) hosts: &'a Hosts,
    pub(crate) site: Site,
    pub(crate) endpoint: Option<&'a Endpoint>,
    pub(crate) region: Option<&'a str>,
    /// What the request says, by label.
    pub(crate) labels: &'a [(&'static str, String)],
}

/// A host with labels that are still to be filled in.
enum Template {
    /// Connected to by its own name.
    Own(String),
    /// Connected to by the name of another host.
    Behind { host: String, connect: String },
    /// With a scheme and a port.
    Url { scheme: String, authority: String },
}

impl Addresses {
    /// The addresses of a request of `operation`.
    ///
    /// # Errors
    /// A label is missing, or cannot be part of a host name.
    pub(crate) fn of(operation: &Operation, given: Given<'_>) -> Result<Self, Error> {
        let (first, backups) = given.templates(operation);
        let address = |template| given.address(operation, template);
        Ok(Self {
            first: address(first)?,
            backups: backups.into_iter().map(address).collect::<Result<_, _>>()?,
        })
    }
}

impl Given<'_> {
    fn templates(&self, operation: &Operation) -> (Template, Vec<Template>) {
        let own = operation.host;
        if operation.service.protocol == Protocol::Tc3 {
            return self.api(own);
        }
        if is_of_cos(own) {
            self.cos(own)
        } else {
            self.ci(own)
        }
    }

    fn cos(&self, own: &str) -> (Template, Vec<Template>) {
        let bucket = self.labels.iter().find(|(name, _)| *name == "bucket");
        let domain = bucket.and_then(|(_, bucket)| self.hosts.domains.get(bucket));
        if let Some(domain) = domain.filter(|_| own.contains("{bucket}")) {
            let host = domain.name().to_owned();
            let template = if domain.has_cname() {
                Template::Own(host)
            } else {
                let connect = own.to_owned();
                Template::Behind { host, connect }
            };
            return (template, Vec::new());
        }
        let is_about_bucket = own.contains(".cos.{region}.");
        let host = match &self.hosts.cos {
            CosHost::Url(url) => return (Template::url(url), Vec::new()),
            CosHost::SecondDomain => under(own, COS_SECOND),
            CosHost::DualStack if is_about_bucket => own.replacen(".cos.", ".cos-dualstack.", 1),
            CosHost::Accelerate if is_about_bucket => {
                own.replacen(".cos.{region}.", ".cos.accelerate.", 1)
            }
            CosHost::Internal if is_about_bucket => {
                under(&own.replacen(".cos.", ".cos-internal.", 1), COS_SECOND)
            }
            CosHost::Internal => format!("cos-internal.{{region}}{COS_SECOND}"),
            CosHost::Own | CosHost::DualStack | CosHost::Accelerate => {
                return self.with_backup(own, COS_SECOND, self.hosts.cos == CosHost::Own);
            }
        };
        (Template::Own(host), Vec::new())
    }

    fn ci(&self, own: &str) -> (Template, Vec<Template>) {
        match &self.hosts.ci {
            CiHost::Own => self.with_backup(own, CI_SECOND, true),
            CiHost::SecondDomain => (Template::Own(under(own, CI_SECOND)), Vec::new()),
            CiHost::Url(url) => (Template::url(url), Vec::new()),
        }
    }

    /// The service's own host, and the same under its second domain.
    fn with_backup(&self, own: &str, second: &str, has: bool) -> (Template, Vec<Template>) {
        let has = has && self.hosts.backup && own.ends_with(STORAGE);
        let backup = has.then(|| Template::Own(under(own, second)));
        (Template::Own(own.to_owned()), backup.into_iter().collect())
    }

    fn api(&self, own: &str) -> (Template, Vec<Template>) {
        let is_finance = self.region.is_some_and(|region| region.ends_with("-fsi"));
        let label = match &self.hosts.api {
            ApiHost::Url(url) => return (Template::url(url), Vec::new()),
            ApiHost::Internal => ".internal",
            ApiHost::Regional => ".{region}",
            ApiHost::Own if is_finance => ".{region}",
            ApiHost::Own if self.site == Site::International => ".intl",
            ApiHost::Own => "",
        };
        let Some(service) = own.strip_suffix(API) else {
            return (Template::Own(own.to_owned()), Vec::new());
        };
        let at = |domain: ApiDomain| Template::Own(format!("{service}{label}.{}", domain.as_str()));
        let chosen = self.hosts.api_domain;
        let others = ApiDomain::ALL.into_iter().filter(|it| *it != chosen);
        let backups = others.filter(|_| self.hosts.backup).map(at).collect();
        (at(chosen), backups)
    }

    fn address(&self, operation: &Operation, template: Template) -> Result<Address, Error> {
        let (scheme, connect, host) = match template {
            Template::Own(host) => ("https".to_owned(), None, self.filled(operation, &host)?),
            Template::Behind { host, connect } => {
                let connect = self.filled(operation, &connect)?;
                ("https".to_owned(), Some(connect), host)
            }
            Template::Url { scheme, authority } => {
                (scheme, None, self.filled(operation, &authority)?)
            }
        };
        Ok(match self.endpoint {
            Some(endpoint) => Address {
                scheme: endpoint.scheme().to_owned(),
                authority: endpoint.authority().to_owned(),
                host,
            },
            None => Address {
                scheme,
                authority: connect.unwrap_or_else(|| host.clone()),
                host,
            },
        })
    }

    /// A host with its labels filled in.
    fn filled(&self, operation: &Operation, template: &str) -> Result<String, Error> {
        let mut host = String::new();
        let mut rest = template;
        while let Some((before, label, after)) = next_label(rest) {
            host.push_str(before);
            let value = self.label(operation, label)?;
            if !is_host_label(value) {
                return Err(Error::new(
                    ErrorKind::Request,
                    format!("{value:?} cannot be the `{label}` of a host name"),
                )
                .advise("use lower-case letters, digits and hyphens only"));
            }
            host.push_str(value);
            rest = after;
        }
        host.push_str(rest);
        Ok(host)
    }

    fn label<'s>(&'s self, operation: &'s Operation, label: &str) -> Result<&'s str, Error> {
        let given = || self.labels.iter().find(|(name, _)| *name == label);
        match label {
            "region" => self.region.ok_or_else(|| {
                Error::new(ErrorKind::Configuration, "no region is configured")
                    .advise("set one by `Config::builder().region(…)` or TENCENTCLOUD_REGION")
            }),
            "service" => Ok(operation.service.name),
            _ => given().map(|(_, value)| value.as_str()).ok_or_else(|| {
                Error::new(ErrorKind::Request, format!("`{label}` is missing"))
                    .advise(format!("give a `{label}`"))
            }),
        }
    }
}

impl Template {
    fn url(url: &super::url::HostUrl) -> Self {
        Self::Url {
            scheme: url.scheme.clone(),
            authority: url.authority.clone(),
        }
    }
}

/// Whether a host is one of Object Storage.
fn is_of_cos(template: &str) -> bool {
    template.split('.').any(|label| label == "cos")
}

/// A host of storage under another domain.
fn under(template: &str, domain: &str) -> String {
    match template.strip_suffix(STORAGE) {
        Some(name) => format!("{name}{domain}"),
        None => template.to_owned(),
    }
}
