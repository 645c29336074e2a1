//! The table of the account: whose key is this, which role is meant, who may do what.

use std::collections::HashSet;
use std::fmt::Arguments;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tcloud_core::credentials::Credentials;

use super::account::{Account, IdentityProvider, OtherAccount, Role, User};
use super::caller::{Caller, Foreign, Kind, Session};
use super::condition::{Facts, NoFacts};
use super::policy::{self, Decision, Policy, Question};
use super::principal::{Asker, Sort};
use super::resource::Resource;
use super::seal::{Seal, TooLong};
use super::web_identity::{self, Claims, WebIdentityError};

/// The name of the identity provider that every account has.
const LOCAL_PROVIDER: &str = "local";
/// The `iss` of its tokens.
const LOCAL_ISSUER: &str = "https://oidc.localhost";
/// The `aud` of its tokens, as clusters of the cloud have it.
const LOCAL_AUDIENCE: &str = "sts.cloud.tencent.com";
/// Names of the service that gives roles to virtual machines.
const VIRTUAL_MACHINES: [&str; 2] = ["cvm.qcloud.com", "cvm.cloud.tencent.com"];

/// How the policies of buckets name everyone.
const ANYONE: &str = "qcs::cam::anyone:anyone";

/// What an account must not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the account cannot be used: {0}")]
pub struct AccountError(String);

impl AccountError {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// An account, and the keys it knows.
#[derive(Debug)]
pub(crate) struct Directory {
    account: Account,
    seal: Seal,
    /// The provider [`LOCAL_PROVIDER`], and its secret.
    local: IdentityProvider,
    local_secret: String,
}

/// A key that is known.
#[derive(Debug)]
pub(crate) struct Key {
    /// The key itself.
    pub(crate) credentials: Credentials,
    /// Whose it is.
    pub(crate) caller: Caller,
}

/// Whether a caller still is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Yes.
    Good,
    /// The session has ended.
    Ended,
    /// The role or user is not there any more.
    Gone,
}

impl Directory {
    /// The table of `account`, whose temporary keys are sealed with `secret`.
    ///
    /// # Errors
    ///
    /// Something of the account is there twice, or names what is not there.
    pub(crate) fn new(account: Account, secret: [u8; 32]) -> Result<Self, AccountError> {
        check(&account)?;
        let seal = Seal::new(secret);
        let local_secret = seal.derived("provider", LOCAL_PROVIDER.as_bytes());
        let keys = json!({ "keys": [{
            "kty": "oct",
            "alg": "HS256",
            "k": URL_SAFE_NO_PAD.encode(&local_secret),
        }] });
        let audiences = [LOCAL_AUDIENCE];
        let local =
            IdentityProvider::new(LOCAL_PROVIDER, LOCAL_ISSUER, audiences, &keys.to_string())
                .map_err(|error| AccountError(error.to_string()))?;
        Ok(Self {
            account,
            seal,
            local,
            local_secret,
        })
    }

    /// The table of `account` in the place of this one: temporary keys are sealed as before.
    ///
    /// # Errors
    ///
    /// As of [`Self::new`].
    pub(crate) fn with(&self, account: Account) -> Result<Self, AccountError> {
        check(&account)?;
        Ok(Self {
            account,
            seal: self.seal.clone(),
            local: self.local.clone(),
            local_secret: self.local_secret.clone(),
        })
    }

    /// That of the default account, for tests that are about something else.
    #[cfg(test)]
    pub(crate) fn fixture() -> Self {
        Self::new(Account::default(), [0; 32]).unwrap()
    }

    /// The account.
    pub(crate) const fn account(&self) -> &Account {
        &self.account
    }

    /// The names of the account in resources: `uid/<APPID>` and `uin/<UIN>`.
    pub(crate) fn account_names(&self) -> [String; 2] {
        let Account { app_id, uin, .. } = &self.account;
        [format!("uid/{app_id}"), format!("uin/{uin}")]
    }

    /// The user of the number `uin`.
    pub(crate) fn user(&self, uin: &str) -> Option<&User> {
        self.account.users.iter().find(|user| user.uin == uin)
    }

    /// The role of the number `id`.
    pub(crate) fn role(&self, id: &str) -> Option<&Role> {
        self.account.roles.iter().find(|role| role.id() == id)
    }

    /// The role called `name`.
    pub(crate) fn role_called(&self, name: &str) -> Option<&Role> {
        self.account.roles.iter().find(|role| role.name == name)
    }

    /// The key `id`, which came with `token`, if it is known: a permanent one whatever came with
    /// it, a temporary one with its own token.
    pub(crate) fn key(&self, id: &str, token: Option<&str>) -> Option<Key> {
        let of = |keys: &[Credentials]| keys.iter().find(|key| key.secret_id() == id).cloned();
        if let Some(credentials) = of(&self.account.keys) {
            return Some(Key {
                credentials,
                caller: Caller::Root,
            });
        }
        for user in &self.account.users {
            if let Some(credentials) = of(&user.keys) {
                return Some(Key {
                    credentials,
                    caller: Caller::User(user.uin.clone()),
                });
            }
        }
        for other in &self.account.others {
            let root = of(&other.keys).map(|credentials| (credentials, None));
            let mut users = other.users.iter();
            let found = root
                .or_else(|| users.find_map(|user| Some((of(&user.keys)?, Some(user.uin.clone())))));
            if let Some((credentials, user)) = found {
                let account = other.uin.clone();
                return Some(Key {
                    credentials,
                    caller: Caller::Foreign(Foreign { account, user }),
                });
            }
        }
        let (credentials, session) = self.seal.open(id, token?)?;
        Some(Key {
            credentials,
            caller: Caller::Session(session),
        })
    }

    /// Whether `caller` still is one at `now`, in Unix seconds.
    pub(crate) fn standing(&self, caller: &Caller, now: i64) -> Standing {
        let Caller::Session(session) = caller else {
            return Standing::Good;
        };
        let issuer_is_there =
            session.issuer == self.account.uin || self.user(&session.issuer).is_some();
        let is_there = match &session.kind {
            Kind::Role { id, .. } => self.role(id).is_some(),
            Kind::Federated { .. } | Kind::Proven => issuer_is_there,
        };
        if now >= session.ends {
            Standing::Ended
        } else if is_there {
            Standing::Good
        } else {
            Standing::Gone
        }
    }

    /// A temporary key for `session`.
    ///
    /// # Errors
    ///
    /// Its policy is too long for a token.
    pub(crate) fn issue(&self, session: &Session) -> Result<Credentials, TooLong> {
        self.seal.issue(session)
    }

    /// The number of the other account that the user `uin` is of, or that has this number.
    pub(crate) fn other(&self, uin: &str) -> Option<&OtherAccount> {
        let has = |it: &&OtherAccount| it.uin == uin || it.users.iter().any(|user| user.uin == uin);
        self.account.others.iter().find(has)
    }

    /// Whether `caller` is the account or user `uin` below the root account `owner`, or a user of the
    /// other account that is meant as a whole.
    pub(crate) fn is(&self, caller: &Caller, owner: &str, uin: &str) -> bool {
        match caller {
            Caller::Foreign(Foreign { account, user }) => {
                account == owner && (account == uin || user.as_deref() == Some(uin))
            }
            _ => owner == self.account.uin && self.number(caller) == Some(uin),
        }
    }

    /// The number of the account or user that `caller` signs for. A role has none.
    pub(crate) fn number<'a>(&'a self, caller: &'a Caller) -> Option<&'a str> {
        match caller {
            Caller::Anonymous => None,
            Caller::Root => Some(&self.account.uin),
            Caller::User(uin) => Some(uin),
            Caller::Session(session) => match session.kind {
                Kind::Role { .. } => None,
                Kind::Federated { .. } | Kind::Proven => Some(&session.issuer),
            },
            Caller::Foreign(Foreign { account, user }) => Some(user.as_ref().unwrap_or(account)),
        }
    }

    /// Whether what bounds `caller` lets it do `action` to `resource`: the policy of a session, or those of
    /// a user of another account. Nothing that is granted reaches beyond it.
    pub(crate) fn bound(
        &self,
        caller: &Caller,
        action: &str,
        resource: &Resource,
        facts: &dyn Facts,
    ) -> Decision {
        let question = Question {
            action,
            resource: Some(resource),
            asker: None,
            facts,
        };
        match caller {
            Caller::Session(Session {
                policy: Some(policy),
                ..
            }) => policy::decide(format_args!("the session"), [policy], &question),
            Caller::Foreign(Foreign {
                account,
                user: Some(uin),
            }) => {
                let others = self.account.others.iter().filter(|it| it.uin == *account);
                let mut users = others.flat_map(|it| &it.users);
                let Some(user) = users.find(|it| it.uin == *uin) else {
                    return Decision::NotAllowed(None);
                };
                let whose = format_args!("the user {} of the account {account}", user.name);
                policy::decide(whose, &user.policies, &question)
            }
            _ => Decision::Allowed,
        }
    }

    /// Whether the `policy` of the bucket `bucket` lets `caller` do `action` to `resource`. It names
    /// whom it is about; nobody gets more by it than what bounds them allows.
    pub(crate) fn decide_by_bucket(
        &self,
        caller: &Caller,
        action: &str,
        resource: &Resource,
        facts: &dyn Facts,
        (bucket, policy): (&str, &Policy),
    ) -> Decision {
        let mut names = self.principals(caller);
        names.push(ANYONE.to_owned());
        let asker = Asker {
            sort: Sort::Identity,
            names,
        };
        let question = Question {
            action,
            resource: Some(resource),
            asker: Some(&asker),
            facts,
        };
        let by_bucket = policy::decide(format_args!("the bucket {bucket}"), [policy], &question);
        both(by_bucket, self.bound(caller, action, resource, facts))
    }

    /// Whether `caller` may do `action` to `resource`.
    pub(crate) fn decide(
        &self,
        caller: &Caller,
        action: &str,
        resource: &Resource,
        facts: &dyn Facts,
    ) -> Decision {
        let decide = |whose: Arguments<'_>, policies: &[Policy]| {
            let question = Question {
                action,
                resource: Some(resource),
                asker: None,
                facts,
            };
            policy::decide(whose, policies, &question)
        };
        let of_user = |uin: &str| match self.user(uin) {
            Some(user) => decide(format_args!("the user {}", user.name), &user.policies),
            None if uin == self.account.uin => Decision::Allowed,
            None => Decision::NotAllowed(None),
        };
        match caller {
            Caller::Anonymous => Decision::NotAllowed(None),
            Caller::Root => Decision::Allowed,
            Caller::User(uin) => of_user(uin),
            Caller::Session(session) => {
                let own = match &session.kind {
                    Kind::Role { id, .. } => match self.role(id) {
                        Some(role) => {
                            decide(format_args!("the role {}", role.name), &role.policies)
                        }
                        None => Decision::NotAllowed(None),
                    },
                    Kind::Federated { .. } | Kind::Proven => of_user(&session.issuer),
                };
                both(own, self.bound(caller, action, resource, facts))
            }
            Caller::Foreign(Foreign { account, .. }) => Decision::NotAllowed(Some(format!(
                "it belongs to another account than {account}; let that in by PutBucketPolicy or an \
                 access control list"
            ))),
        }
    }

    /// Whether `caller` may become `role`, by the role's own word.
    pub(crate) fn trusts(&self, role: &Role, caller: &Caller, facts: &dyn Facts) -> Decision {
        let asker = Asker {
            sort: Sort::Identity,
            names: self.principals(caller),
        };
        trusts(role, &asker, "sts:AssumeRole", facts)
    }

    /// Whether the service with these names may become `role`, by the role's own word.
    pub(crate) fn trusts_service(role: &Role, names: &[&str]) -> Decision {
        let asker = Asker {
            sort: Sort::Service,
            names: names.iter().map(ToString::to_string).collect(),
        };
        trusts(role, &asker, "sts:AssumeRole", &NoFacts)
    }

    /// Whether whoever has `token` of the provider called `provider` may become `role` at `now`.
    ///
    /// # Errors
    ///
    /// The token is not one of a provider of this name.
    pub(crate) fn trusts_token(
        &self,
        role: &Role,
        provider: &str,
        token: &str,
        now: i64,
    ) -> Result<Decision, WebIdentityError> {
        let providers = self.account.providers.iter().chain([&self.local]);
        let claims = providers
            .filter(|it| it.name == provider)
            .map(|it| web_identity::verify(it, token, now))
            .next()
            .unwrap_or_else(|| Err(WebIdentityError::no_provider(provider)))?;
        let uin = &self.account.uin;
        let asker = Asker {
            sort: Sort::Federated,
            names: vec![format!("qcs::cam::uin/{uin}:oidc-provider/{provider}")],
        };
        let facts: &Claims = &claims;
        Ok(trusts(role, &asker, "sts:AssumeRoleWithWebIdentity", facts))
    }

    /// A token of the provider [`LOCAL_PROVIDER`] for `subject`, of which `trusts_token` takes the
    /// right signature for `seconds` from `now` on.
    pub(crate) fn web_identity(&self, subject: &str, now: i64, seconds: i64) -> String {
        let secret = self.local_secret.as_bytes();
        web_identity::issue(&self.local, secret, subject, now, seconds)
    }

    /// The names of `caller` as a principal.
    fn principals(&self, caller: &Caller) -> Vec<String> {
        let owner = &self.account.uin;
        let of_account = |name: String| format!("qcs::cam::uin/{owner}:{name}");
        let root = of_account("root".to_owned());
        let of_uin = |uin: &str| vec![root.clone(), of_account(format!("uin/{uin}"))];
        match caller {
            Caller::Anonymous => Vec::new(),
            Caller::Root => of_uin(owner),
            Caller::User(uin) => of_uin(uin),
            Caller::Session(session) => match &session.kind {
                Kind::Role { id, .. } => {
                    let name = self.role(id).map(|role| &role.name);
                    let name = name.map(|name| of_account(format!("roleName/{name}")));
                    let by_id = of_account(format!("role/{id}"));
                    [root, by_id].into_iter().chain(name).collect()
                }
                Kind::Federated { .. } | Kind::Proven => of_uin(&session.issuer),
            },
            // A statement about another account is about its users, too: that account says which.
            Caller::Foreign(Foreign { account, user }) => {
                let of_account = |name: String| format!("qcs::cam::uin/{account}:{name}");
                let numbers = [account].into_iter().chain(user);
                let numbers = numbers.map(|uin| of_account(format!("uin/{uin}")));
                [of_account("root".to_owned())]
                    .into_iter()
                    .chain(numbers)
                    .collect()
            }
        }
    }
}

/// What two bounds come to that must both allow.
fn both(first: Decision, second: Decision) -> Decision {
    match (first, second) {
        (denied @ Decision::Denied(_), _) | (_, denied @ Decision::Denied(_)) => denied,
        (Decision::Allowed, other) => other,
        (not_allowed, _) => not_allowed,
    }
}

fn trusts(role: &Role, asker: &Asker, action: &str, facts: &dyn Facts) -> Decision {
    let question = Question {
        action,
        resource: None,
        asker: Some(asker),
        facts,
    };
    let whose = format_args!("the trust of the role {}", role.name);
    policy::decide(whose, [&role.trust], &question)
}

fn check(account: &Account) -> Result<(), AccountError> {
    let refuse = |why: String| Err(AccountError(why));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let others = account.others.iter();
    let of_others = others.clone().flat_map(|it| &it.users);
    let users = account.users.iter().chain(of_others);
    let numbers = [&account.app_id, &account.uin].into_iter();
    if let Some(text) = numbers
        .chain(others.clone().map(|it| &it.uin))
        .chain(users.clone().map(|user| &user.uin))
        .find(|text| !is_number(text))
    {
        return refuse(format!(
            "`{text}` is no number; an APPID and a UIN have only digits"
        ));
    }
    let uins = users.clone().map(|user| user.uin.as_str());
    let uins = uins.chain(others.map(|it| it.uin.as_str()));
    if let Some(uin) = twice(uins.chain([account.uin.as_str()])) {
        return refuse(format!("the UIN {uin} is given twice"));
    }
    if let Some(id) = twice(account.all_keys().map(Credentials::secret_id)) {
        return refuse(format!("the access key {id} is given twice"));
    }
    let roles = account.roles.iter();
    if let Some(name) = twice(roles.clone().map(|role| role.name.as_str())) {
        return refuse(format!("the role {name} is given twice"));
    }
    let ids: Vec<_> = roles.clone().map(Role::id).collect();
    if let Some(id) = twice(ids.iter().map(String::as_str)) {
        return refuse(format!("the number {id} is that of two roles"));
    }
    if let Some(role) = roles.clone().find(|role| !role.trust.names_principal()) {
        return refuse(format!(
            "nobody can become the role {}: no statement of its trust names a principal",
            role.name
        ));
    }
    let providers = account.providers.iter().map(|it| it.name.as_str());
    if let Some(name) = twice(providers.chain([LOCAL_PROVIDER])) {
        return refuse(format!(
            "the identity provider {name} is there already; `{LOCAL_PROVIDER}` is built in"
        ));
    }
    let Some(name) = &account.instance.role else {
        return Ok(());
    };
    let Some(role) = roles.clone().find(|role| role.name == *name) else {
        return refuse(format!(
            "the instance has the role {name}, which is not there"
        ));
    };
    match Directory::trusts_service(role, &VIRTUAL_MACHINES) {
        Decision::Allowed => Ok(()),
        _ => refuse(format!(
            "the role {name} of the instance does not trust the service {}",
            VIRTUAL_MACHINES.join(" or ")
        )),
    }
}

/// The first that is there twice.
fn twice<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = HashSet::new();
    let mut names = names;
    names.find(|name| !seen.insert(*name))
}

#[cfg(test)]
mod tests;
