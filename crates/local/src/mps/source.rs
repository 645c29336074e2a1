//! Where the picture comes from.

use std::fmt;

use http::Uri;
use percent_encoding::percent_decode_str;
use tcloud_core::server::Fault;
use tcloud_mps::types::MediaInputInfo;

use super::fault::{invalid, missing, unsupported};
use crate::fetch::shown;
use crate::store::ObjectName;

/// Where the picture comes from.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// An object of a bucket that lies in a region.
    Object {
        /// The object.
        name: ObjectName,
        /// The region its bucket is said to lie in.
        region: String,
    },
    /// An address of the web, or of the local cloud itself.
    Address(String),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object { name, region } => f
                .debug_struct("Object")
                .field("name", name)
                .field("region", region)
                .finish(),
            Self::Address(url) => f.debug_tuple("Address").field(&shown(url)).finish(),
        }
    }
}

impl Source {
    /// Reads `InputInfo`.
    pub(super) fn new(input: &MediaInputInfo) -> Result<Self, Fault> {
        const NODE: &str = "InputInfo.Type";
        const ADVICE: &str = "give the picture as COS or URL";
        let kind = input.type_.as_ref().ok_or_else(|| missing(NODE, ADVICE))?;
        match kind.as_str().to_ascii_uppercase().as_str() {
            "COS" => Self::object(input),
            "URL" => Self::address(input),
            _ => Err(unsupported(NODE, ADVICE)),
        }
    }

    fn object(input: &MediaInputInfo) -> Result<Self, Fault> {
        const NODE: &str = "InputInfo.CosInputInfo";
        let info = input
            .cos_input_info
            .as_ref()
            .ok_or_else(|| missing(NODE, "InputInfo.Type is COS"))?;
        let (Some(bucket), Some(region), Some(object)) = (&info.bucket, &info.region, &info.object)
        else {
            return Err(missing(NODE, "give its Bucket, Region and Object"));
        };
        // The samples write the path with a leading slash, which is not part of the key.
        let key = object.strip_prefix('/').unwrap_or(object);
        if key.is_empty() || key.ends_with('/') {
            return Err(invalid(
                "InputInfo.CosInputInfo.Object",
                "it must be the path of an object, not of a folder",
            ));
        }
        Ok(Self::Object {
            name: ObjectName::new(bucket, key),
            region: region.clone(),
        })
    }

    fn address(input: &MediaInputInfo) -> Result<Self, Fault> {
        const NODE: &str = "InputInfo.UrlInputInfo.Url";
        let url = input
            .url_input_info
            .as_ref()
            .and_then(|info| info.url.as_deref())
            .ok_or_else(|| missing(NODE, "InputInfo.Type is URL"))?;
        let is_web = url.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
        });
        if is_web {
            Ok(Self::Address(url.to_owned()))
        } else {
            Err(invalid(
                NODE,
                "it must be a whole address that starts with http:// or https://",
            ))
        }
    }

    /// The folder the picture lies in, without a slash before or behind it; empty at the root and
    /// for an address, whose folders belong to another machine.
    pub(super) fn folder(&self) -> &str {
        match self {
            Self::Object { name, .. } => name.key.rsplit_once('/').map_or("", |(folder, _)| folder),
            Self::Address(_) => "",
        }
    }

    /// The file's own name, empty for an address that ends in a slash.
    pub(super) fn file_name(&self) -> String {
        match self {
            Self::Object { name, .. } => last_part(&name.key).to_owned(),
            Self::Address(url) => url
                .parse::<Uri>()
                .map(|uri| {
                    percent_decode_str(last_part(uri.path()))
                        .decode_utf8_lossy()
                        .into_owned()
                })
                .unwrap_or_default(),
        }
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
