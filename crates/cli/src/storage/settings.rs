//! What objects are stored with.

use clap::Args;
use tcloud_cos::{ObjectAcl, StorageClass};
use tcloud_transfer::Settings;

/// What objects are stored with.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Stored with")]
pub(super) struct SettingsArgs {
    /// Storage class, such as STANDARD_IA, ARCHIVE or INTELLIGENT_TIERING
    #[arg(long, value_name = "CLASS", value_parser = storage_class)]
    storage_class: Option<StorageClass>,
    /// Who may use it: default (as the bucket says), private or public-read
    #[arg(long, value_name = "ACL", value_parser = acl)]
    acl: Option<ObjectAcl>,
    /// Metadata of your own, sent as x-cos-meta-NAME; repeat the flag for more
    #[arg(long, visible_alias = "metadata", value_name = "NAME=VALUE", value_parser = pair)]
    meta: Vec<(String, String)>,
    /// Media type, in place of one guessed from the file's name
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// How caches treat it, such as max-age=3600
    #[arg(long, value_name = "TEXT")]
    cache_control: Option<String>,
    /// How a browser shows or saves it, such as attachment
    #[arg(long, value_name = "TEXT")]
    content_disposition: Option<String>,
    /// Encoding of the content, such as gzip
    #[arg(long, value_name = "TEXT")]
    content_encoding: Option<String>,
    /// Language of the content, such as de
    #[arg(long, value_name = "TEXT")]
    content_language: Option<String>,
    /// HTTP date from which caches ask again
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// Tags, written like a query string: team=blue&year=2024
    #[arg(long, value_name = "TAGS")]
    tagging: Option<String>,
}

impl SettingsArgs {
    /// The settings.
    pub(super) fn settings(&self) -> Settings {
        let mut settings = Settings::new();
        settings.storage_class.clone_from(&self.storage_class);
        settings.acl.clone_from(&self.acl);
        settings.metadata = self.meta.iter().cloned().collect();
        settings.content_type.clone_from(&self.content_type);
        settings.cache_control.clone_from(&self.cache_control);
        settings
            .content_disposition
            .clone_from(&self.content_disposition);
        settings.content_encoding.clone_from(&self.content_encoding);
        settings.content_language.clone_from(&self.content_language);
        settings.expires.clone_from(&self.expires);
        settings.tagging.clone_from(&self.tagging);
        settings
    }
}

fn storage_class(text: &str) -> Result<StorageClass, String> {
    match StorageClass::from(text.to_ascii_uppercase()) {
        StorageClass::Unknown(_) => Err(format!("use {}", StorageClass::WORDS.join(", "))),
        class => Ok(class),
    }
}

fn acl(text: &str) -> Result<ObjectAcl, String> {
    match ObjectAcl::from(text) {
        ObjectAcl::Unknown(_) => Err(format!("use {}", ObjectAcl::WORDS.join(", "))),
        acl => Ok(acl),
    }
}

/// A name and a value. The name goes into a header, so it is in lower case.
fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| "write it as NAME=VALUE".to_owned())?;
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("x-cos-meta-").unwrap_or(&name);
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{acl, pair, storage_class};

    #[test]
    fn words_are_checked_before_anything_is_sent() {
        assert!(storage_class("standard_ia").is_ok() && acl("public-read").is_ok());
        assert!(storage_class("COLD").unwrap_err().contains("STANDARD_IA"));
        assert!(acl("everyone").unwrap_err().contains("public-read"));
        let meta = |text| pair(text).unwrap();
        assert_eq!(meta("X-Cos-Meta-Author=a=b").0, "author");
        assert_eq!(meta("author=a=b").1, "a=b");
        assert!(pair("author").is_err() && pair("=x").is_err());
    }
}
