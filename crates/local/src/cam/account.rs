//! The account: what there is of users, roles, identity providers and virtual machines.

use std::fmt;

use jsonwebtoken::jwk::JwkSet;
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use tcloud_core::credentials::Credentials;

use super::mfa::MfaSecret;
use super::policy::Policy;

/// Id of the access key an account has that was given none.
pub const DEFAULT_SECRET_ID: &str = "AKIDlocalcloud";
/// Secret of the access key an account has that was given none. It protects nothing, hence works on
/// the cloud's own machine only.
pub const DEFAULT_SECRET_KEY: &str = "localcloudsecret";

/// How long a session of a role may last unless the role says otherwise, in seconds.
const LONGEST_SESSION: i64 = 43_200;

/// The account that owns everything in a local cloud.
///
/// As JSON, for `tcloud local --account FILE`, everything may be left out:
///
/// ```
/// let account: tcloud_local::Account = serde_json::from_str(r#"{
///     "appId": "1250000000",
///     "uin": "100000000001",
///     "keys": [{ "secretId": "AKIDroot", "secretKey": "…" }],
///     "users": [{
///         "uin": "100000000002",
///         "name": "reader",
///         "keys": [{ "secretId": "AKIDreader", "secretKey": "…" }],
///         "policies": [{
///             "version": "2.0",
///             "statement": { "effect": "allow", "action": "cos:Get*", "resource": "*" }
///         }]
///     }],
///     "roles": [{
///         "name": "uploader",
///         "trust": {
///             "version": "2.0",
///             "statement": {
///                 "effect": "allow",
///                 "action": "name/sts:AssumeRole",
///                 "principal": {
///                     "qcs": "qcs::cam::uin/100000000001:root",
///                     "service": "cvm.qcloud.com"
///                 }
///             }
///         },
///         "policies": [{
///             "version": "2.0",
///             "statement": {
///                 "effect": "allow",
///                 "action": "cos:PutObject",
///                 "resource": "qcs::cos:ap-guangzhou:uid/1250000000:album-1250000000/*"
///             }
///         }]
///     }],
///     "instance": { "role": "uploader" },
///     "others": [{
///         "uin": "100000000077",
///         "keys": [{ "secretId": "AKIDother", "secretKey": "…" }]
///     }]
/// }"#)?;
/// assert_eq!(account.users[0].name, "reader");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Account {
    /// The number that ends the names of its buckets.
    pub app_id: String,
    /// The number of the root account, which is also the owner's of everything below it.
    pub uin: String,
    /// The access keys of the root account, which may do everything.
    #[serde(deserialize_with = "keys")]
    pub keys: Vec<Credentials>,
    /// Its users, who may do what their policies allow.
    pub users: Vec<User>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// Whose tokens it takes in place of a key.
    pub providers: Vec<IdentityProvider>,
    /// The virtual machine that its metadata service is in.
    pub instance: Instance,
    /// Other accounts, to which nothing here belongs: the policies of buckets and access control lists
    /// let them in.
    pub others: Vec<OtherAccount>,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            app_id: "1250000000".to_owned(),
            uin: "100000000001".to_owned(),
            keys: vec![Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY)],
            users: Vec::new(),
            roles: Vec::new(),
            providers: Vec::new(),
            instance: Instance::default(),
            others: Vec::new(),
        }
    }
}

impl Account {
    /// Adds to [`Account::users`].
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds to [`Account::roles`].
    pub fn role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Adds to [`Account::providers`].
    pub fn provider(mut self, provider: IdentityProvider) -> Self {
        self.providers.push(provider);
        self
    }

    /// Adds to [`Account::others`].
    pub fn other(mut self, other: OtherAccount) -> Self {
        self.others.push(other);
        self
    }

    /// Gives the virtual machine of [`Account::instance`] the role `name`.
    pub fn instance_role(mut self, name: impl Into<String>) -> Self {
        self.instance.role = Some(name.into());
        self
    }
}

/// A user below the root account.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct User {
    /// The user's number.
    pub uin: String,
    /// The user's name.
    pub name: String,
    /// The user's access keys.
    #[serde(default, deserialize_with = "keys")]
    pub keys: Vec<Credentials>,
    /// What the user may do; nothing without one.
    #[serde(default)]
    pub policies: Vec<Policy>,
    /// The user's second factor, which `GetSessionToken` needs.
    #[serde(default)]
    pub mfa: Option<MfaSecret>,
}

impl User {
    /// A user who may do nothing.
    pub fn new(uin: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            uin: uin.into(),
            name: name.into(),
            keys: Vec::new(),
            policies: Vec::new(),
            mfa: None,
        }
    }

    /// Adds to [`User::keys`].
    pub fn key(mut self, key: Credentials) -> Self {
        self.keys.push(key);
        self
    }

    /// Adds to [`User::policies`].
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policies.push(policy);
        self
    }

    /// Sets [`User::mfa`].
    pub fn mfa(mut self, secret: MfaSecret) -> Self {
        self.mfa = Some(secret);
        self
    }
}

/// Another account, whose keys sign requests to buckets of the one that owns everything.
///
/// What its users may do is bounded by their own policies, too; its root account may do whatever a
/// bucket lets it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct OtherAccount {
    /// The number of its root account.
    pub uin: String,
    /// The access keys of its root account.
    #[serde(default, deserialize_with = "keys")]
    pub keys: Vec<Credentials>,
    /// Its users.
    #[serde(default)]
    pub users: Vec<User>,
}

impl OtherAccount {
    /// An account without keys and users.
    pub fn new(uin: impl Into<String>) -> Self {
        Self {
            uin: uin.into(),
            keys: Vec::new(),
            users: Vec::new(),
        }
    }

    /// Adds to [`OtherAccount::keys`].
    pub fn key(mut self, key: Credentials) -> Self {
        self.keys.push(key);
        self
    }

    /// Adds to [`OtherAccount::users`].
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }
}

/// A role, which others become for a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Role {
    /// The role's name.
    pub name: String,
    /// The role's number; one is made of the name where none is given.
    #[serde(default)]
    id: Option<String>,
    /// Who may become it: a policy whose statements name principals.
    pub trust: Policy,
    /// What it may do; nothing without one.
    #[serde(default)]
    pub policies: Vec<Policy>,
    /// How long a session may last, in seconds: 43,200 unless said otherwise.
    #[serde(default = "longest_session")]
    pub longest_session: i64,
}

impl Role {
    /// A role that may do nothing, and who may become it.
    pub fn new(name: impl Into<String>, trust: Policy) -> Self {
        Self {
            name: name.into(),
            id: None,
            trust,
            policies: Vec::new(),
            longest_session: LONGEST_SESSION,
        }
    }

    /// Sets the role's number.
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds to [`Role::policies`].
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policies.push(policy);
        self
    }

    /// The role's number. It stays the same for as long as the role has its name.
    pub fn id(&self) -> String {
        /// Where the service's own numbers begin.
        const FIRST: u64 = 4_611_686_018_427_387_904;
        self.id.clone().unwrap_or_else(|| {
            let digest = Sha256::digest(self.name.as_bytes());
            let offset = digest.iter().take(5);
            let offset = offset.fold(0, |sum, byte| sum << 8 | u64::from(*byte));
            (FIRST + offset).to_string()
        })
    }
}

/// An OIDC provider, whose tokens `AssumeRoleWithWebIdentity` takes.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct IdentityProvider {
    /// The name, as `ProviderId` has it.
    pub name: String,
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Its client ids: a token must have one of them among its `aud`.
    pub audiences: Vec<String>,
    /// Its public keys, as a JSON Web Key Set.
    pub(super) keys: JwkSet,
}

impl IdentityProvider {
    /// A provider whose tokens say `issuer`, are for one of `audiences` and are signed with one of
    /// `keys`, the text of a JSON Web Key Set.
    ///
    /// # Errors
    ///
    /// The set cannot be read.
    pub fn new(
        name: impl Into<String>,
        issuer: impl Into<String>,
        audiences: impl IntoIterator<Item = impl Into<String>>,
        keys: &str,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            name: name.into(),
            issuer: issuer.into(),
            audiences: audiences.into_iter().map(Into::into).collect(),
            keys: serde_json::from_str(keys)?,
        })
    }
}

impl fmt::Debug for IdentityProvider {
    /// Without the keys, which may be symmetric.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityProvider")
            .field("name", &self.name)
            .field("issuer", &self.issuer)
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}

/// The virtual machine that asks the metadata service at `metadata.tencentyun.com`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Instance {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The number of its zone in the default region, such as 3 of `ap-guangzhou-3`.
    pub zone: u8,
    /// The name of its role, which must trust the service `cvm.qcloud.com`.
    pub role: Option<String>,
}

impl Default for Instance {
    fn default() -> Self {
        Self {
            id: "ins-local000".to_owned(),
            name: "local".to_owned(),
            zone: 3,
            role: None,
        }
    }
}

const fn longest_session() -> i64 {
    LONGEST_SESSION
}

fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Credentials>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Key {
        secret_id: String,
        secret_key: String,
    }
    let keys = Vec::<Key>::deserialize(deserializer)?.into_iter();
    let keys = keys.map(|key| Credentials::new(key.secret_id, key.secret_key));
    Ok(keys.collect())
}

#[cfg(test)]
mod tests {
    use super::super::policy::Policy;
    use super::{Account, Role};

    #[test]
    fn an_empty_document_is_the_default() {
        let account: Account = serde_json::from_str("{}").unwrap();
        assert_eq!(account.keys, Account::default().keys);
        assert_eq!(account.instance.role, None);
    }

    #[test]
    fn a_slip_is_named() {
        for (text, named) in [
            (r#"{"user":[]}"#, "user"),
            (r#"{"users":[{"uin":"1"}]}"#, "name"),
            (
                r#"{"users":[{"uin":"1","name":"a","keys":[{"id":"a"}]}]}"#,
                "id",
            ),
            (r#"{"roles":[{"name":"a","trust":{}}]}"#, "version"),
        ] {
            let error = serde_json::from_str::<Account>(text)
                .unwrap_err()
                .to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_role_has_a_number_of_its_own() {
        let id = |name: &str| Role::new(name, Policy::administrator()).id();
        assert_eq!(id("a"), id("a"));
        assert_ne!(id("a"), id("b"));
        assert_eq!(id("a").len(), 19);
        assert_eq!(
            Role::new("a", Policy::administrator()).with_id("7").id(),
            "7"
        );
    }

    #[test]
    fn nothing_secret_is_shown() {
        let text = r#"{
            "keys": [{"secretId": "AKIDxxxxxxxxxxxx", "secretKey": "hidden1"}],
            "users": [{"uin": "1", "name": "a", "mfa": "NBUWIZDFNYZA"}],
            "providers": [{"name": "a", "issuer": "b", "audiences": [],
                "keys": {"keys": [{"kty": "oct", "k": "aGlkZGVuMw", "alg": "HS256"}]}}]
        }"#;
        let account: Account = serde_json::from_str(text).unwrap();
        let shown = format!("{account:?}");
        for secret in ["hidden1", "NBUWIZDFNYZA", "aGlkZGVuMw"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
