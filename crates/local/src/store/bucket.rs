//! A bucket, as its row has it.

use sqlx::FromRow;

use super::acl::Acl;
use super::version::Versioning;

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Bucket {
    /// The name with the account's number, as in `examplebucket-1250000000`.
    pub(crate) name: String,
    /// The region, as in `ap-chongqing`.
    pub(crate) region: String,
    /// Who may use the bucket.
    #[sqlx(try_from = "String")]
    pub(crate) acl: Acl,
    /// When it was created.
    pub(crate) created_at: i64,
    /// Whether it keeps versions of its objects.
    #[sqlx(try_from = "String")]
    pub(crate) versioning: Versioning,
    /// The kinds of its settings, but for those of which it can have several, with commas between them;
    /// as far as that was asked for: by [`Store::bucket`].
    #[sqlx(default)]
    settings: Option<String>,
    /// Whether its objects can be locked: for how many days new ones are, and 0 if each says it itself.
    pub(crate) retention: Option<i64>,
}

impl Bucket {
    /// A bucket of which nothing matters but its name.
    #[cfg(test)]
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            region: String::new(),
            acl: Acl::default(),
            created_at: 0,
            versioning: Versioning::Never,
            settings: None,
            retention: None,
        }
    }

    /// Whether it has a setting of `kind`, or may have one since that was not asked for.
    pub(crate) fn has(&self, kind: &str) -> bool {
        let kinds = self.settings.as_deref();
        kinds.is_none_or(|kinds| kinds.split(',').any(|it| it == kind))
    }
}
