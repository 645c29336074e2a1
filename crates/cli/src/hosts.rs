//! Words for the hosts of services.

use tcloud_core::host::{ApiHost, CiHost, CosHost, HostUrl, Hosts};

/// The hosts that `text` means: a word for those of all services that have such, or an address.
pub(crate) fn parse(text: &str) -> Result<Hosts, String> {
    Ok(match text {
        "own" => Hosts::new(),
        "second" => Hosts::second_domain(),
        "accelerate" => Hosts::new().cos(CosHost::Accelerate),
        "dualstack" => Hosts::new().cos(CosHost::DualStack),
        "internal" => Hosts::internal(),
        "regional" => Hosts::new().api(ApiHost::Regional),
        address if address.contains("://") => {
            let url = HostUrl::parse(address).map_err(|error| error.to_string())?;
            Hosts::new()
                .cos(CosHost::Url(url.clone()))
                .ci(CiHost::Url(url.clone()))
                .api(ApiHost::Url(url))
        }
        _ => {
            return Err(
                "use own, second, accelerate, dualstack, internal or regional, or an address such \
                 as https://img.example.com"
                    .to_owned(),
            );
        }
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn words_and_addresses_are_hosts() {
        for text in [
            "own",
            "second",
            "accelerate",
            "dualstack",
            "internal",
            "regional",
            "https://img.example.com",
            "http://{bucket}.storage.example.com:8080/",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "Own",
            "img.example.com",
            "http://a/b",
            "http://{key}.com",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
