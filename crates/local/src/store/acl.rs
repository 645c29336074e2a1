//! Who may use a bucket or an object.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::value::Value;

/// An access control list. The database has it as the word of the `x-cos-acl` header, or, where no
/// word says it, as the JSON array of its grants.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Acl {
    /// An object has the list of its bucket.
    #[default]
    Default,
    /// Only the owner.
    Private,
    /// Anyone may read.
    PublicRead,
    /// Anyone may read and write.
    PublicReadWrite,
    /// Anyone with an account may read.
    AuthenticatedRead,
    /// Whom these grants name.
    Grants(Vec<Grant>),
}

/// One permission of one grantee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// Who has the permission.
    pub(crate) grantee: Grantee,
    /// The permission.
    pub(crate) right: Right,
}

/// Whom a grant names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Grantee {
    /// Everyone.
    Everyone,
    /// Everyone who signs requests.
    Authenticated,
    /// One account, or a user of it.
    Account {
        /// The number of the root account.
        owner: String,
        /// The number of the user, or of the root account again.
        uin: String,
    },
}

/// What a grant allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Right {
    /// To read.
    Read,
    /// To write.
    Write,
    /// To read the list.
    ReadAcp,
    /// To change the list.
    WriteAcp,
    /// All of this.
    FullControl,
}

impl Acl {
    /// What it grants to others than the owner.
    pub(crate) fn grants(&self) -> Cow<'_, [Grant]> {
        let grant = |grantee, right| Grant { grantee, right };
        let grants = match self {
            Self::Default | Self::Private => vec![],
            Self::PublicRead => vec![grant(Grantee::Everyone, Right::Read)],
            Self::PublicReadWrite => vec![
                grant(Grantee::Everyone, Right::Read),
                grant(Grantee::Everyone, Right::Write),
            ],
            Self::AuthenticatedRead => vec![grant(Grantee::Authenticated, Right::Read)],
            Self::Grants(grants) => return Cow::Borrowed(grants),
        };
        Cow::Owned(grants)
    }
}

impl TryFrom<String> for Acl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let list = if text.starts_with('[') {
            serde_json::from_str(&text).map(Self::Grants)
        } else {
            serde_json::from_value(serde_json::Value::String(text.clone()))
        };
        list.map_err(|error| format!("{text:?} is no access control list: {error}"))
    }
}

impl Acl {
    /// As the database has it.
    pub(super) fn kept(&self) -> sqlx::Result<Value> {
        let word = match self {
            Self::Default => "default",
            Self::Private => "private",
            Self::PublicRead => "public-read",
            Self::PublicReadWrite => "public-read-write",
            Self::AuthenticatedRead => "authenticated-read",
            Self::Grants(grants) => {
                let json = serde_json::to_string(grants);
                return Ok(json
                    .map_err(|error| sqlx::Error::Encode(error.into()))?
                    .into());
            }
        };
        Ok(word.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Acl, Grant, Grantee, Right};
    use crate::store::value::Value;

    #[test]
    fn a_list_is_kept_as_a_word_or_as_its_grants() {
        let account = |uin: &str| Grantee::Account {
            owner: "1".to_owned(),
            uin: uin.to_owned(),
        };
        let grants = vec![
            Grant {
                grantee: Grantee::Everyone,
                right: Right::ReadAcp,
            },
            Grant {
                grantee: account("2"),
                right: Right::FullControl,
            },
        ];
        for (acl, text) in [
            (Acl::Default, "default"),
            (Acl::Private, "private"),
            (Acl::PublicRead, "public-read"),
            (Acl::PublicReadWrite, "public-read-write"),
            (Acl::AuthenticatedRead, "authenticated-read"),
            (
                Acl::Grants(grants),
                r#"[{"grantee":"everyone","right":"read-acp"},{"grantee":{"account":{"owner":"1","uin":"2"}},"right":"full-control"}]"#,
            ),
        ] {
            let Ok(Value::Text(Some(kept))) = acl.kept() else {
                panic!("{acl:?} is kept as a text");
            };
            assert_eq!(kept, text);
            assert_eq!(Acl::try_from(kept), Ok(acl));
        }
        for bad in [
            "",
            "everyone",
            "[",
            r#"[{"grantee":"nobody","right":"read"}]"#,
        ] {
            assert!(Acl::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
