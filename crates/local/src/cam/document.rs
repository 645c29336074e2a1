//! The account as a document that shows no secret, and how such a document is read again.

use serde_json::error::Category;
use serde_json::{Map, Value, json};
use tcloud_core::codec::SECRET;
use tcloud_core::credentials::Credentials;

use super::account::{Account, IdentityProvider, OtherAccount, Role, User};
use super::directory::AccountError;

impl Account {
    /// The account in the JSON document `text`, as `tcloud local --account FILE` has it.
    ///
    /// # Errors
    ///
    /// It cannot be read. The message says where, and repeats nothing that may be a secret.
    pub fn from_json(text: &str) -> Result<Self, AccountError> {
        serde_json::from_str(text).map_err(|error| AccountError::new(without_values(&error)))
    }

    /// All keys that there are.
    pub(super) fn all_keys(&self) -> impl Iterator<Item = &Credentials> {
        fn of(users: &[User]) -> impl Iterator<Item = &Credentials> {
            users.iter().flat_map(|user| &user.keys)
        }
        let of_others = self.others.iter();
        let of_others = of_others.flat_map(|it| it.keys.iter().chain(of(&it.users)));
        self.keys.iter().chain(of(&self.users)).chain(of_others)
    }

    /// The document that [`Self::read_again`] takes: `(secret)` stands for each secret.
    pub(crate) fn shown(&self) -> Value {
        json!({
            "appId": self.app_id,
            "uin": self.uin,
            "keys": keys(&self.keys),
            "users": self.users.iter().map(user).collect::<Vec<_>>(),
            "roles": self.roles.iter().map(role).collect::<Vec<_>>(),
            "providers": self.providers.iter().map(provider).collect::<Vec<_>>(),
            "instance": {
                "id": self.instance.id,
                "name": self.instance.name,
                "zone": self.instance.zone,
                "role": self.instance.role,
            },
            "others": self.others.iter().map(other).collect::<Vec<_>>(),
        })
    }

    /// The account in the document `text`: what is `(secret)` in it is as it is in this one.
    ///
    /// # Errors
    ///
    /// It cannot be read, or this one has no such secret.
    pub(crate) fn read_again(&self, text: &str) -> Result<Self, AccountError> {
        let unreadable = |error: serde_json::Error| AccountError::new(without_values(&error));
        let mut document: Value = serde_json::from_str(text).map_err(unreadable)?;
        self.fill_keys(&mut document)?;
        let mut tokens = Vec::new();
        self.fill_users(&mut document, &mut tokens)?;
        for other in list(&mut document, "others") {
            self.fill_keys(other)?;
            self.fill_users(other, &mut tokens)?;
        }
        for provider in list(&mut document, "providers") {
            self.fill_provider(provider)?;
        }
        let mut account: Self = serde_json::from_value(document).map_err(unreadable)?;
        let of_others = account.others.iter_mut().flat_map(|it| &mut it.users);
        for user in account.users.iter_mut().chain(of_others) {
            if tokens.contains(&user.uin) {
                let of_others = self.others.iter().flat_map(|it| &it.users);
                let known = self.users.iter().chain(of_others);
                let mut known = known.filter(|it| it.uin == user.uin);
                let secret = known.next().and_then(|known| known.mfa.clone());
                user.mfa = Some(secret.ok_or_else(|| unknown("software token", &user.uin))?);
            }
        }
        Ok(account)
    }

    /// Fills in the keys of the users of `owner`, and notes in `tokens` whose second factor stays as it
    /// is.
    fn fill_users(&self, owner: &mut Value, tokens: &mut Vec<String>) -> Result<(), AccountError> {
        for user in list(owner, "users") {
            self.fill_keys(user)?;
            if is_secret(user.get("mfa"))
                && let Some(user) = user.as_object_mut()
            {
                user.remove("mfa");
                tokens.push(text_of(user, "uin"));
            }
        }
        Ok(())
    }

    fn fill_keys(&self, owner: &mut Value) -> Result<(), AccountError> {
        for key in list(owner, "keys") {
            if !is_secret(key.get("secretKey")) {
                continue;
            }
            let Some(key) = key.as_object_mut() else {
                continue;
            };
            let id = text_of(key, "secretId");
            let mut known = self.all_keys();
            let known = known.find(|known| known.secret_id() == id);
            let secret = known
                .ok_or_else(|| unknown("access key", &id))?
                .secret_key();
            key.insert("secretKey".to_owned(), secret.into());
        }
        Ok(())
    }

    fn fill_provider(&self, provider: &mut Value) -> Result<(), AccountError> {
        if !is_secret(provider.get("keys")) {
            return Ok(());
        }
        let Some(provider) = provider.as_object_mut() else {
            return Ok(());
        };
        let name = text_of(provider, "name");
        let known = self.providers.iter().find(|known| known.name == name);
        let keys = &known
            .ok_or_else(|| unknown("identity provider", &name))?
            .keys;
        let keys =
            serde_json::to_value(keys).map_err(|error| AccountError::new(error.to_string()))?;
        provider.insert("keys".to_owned(), keys);
        Ok(())
    }
}

fn keys(keys: &[Credentials]) -> Vec<Value> {
    let shown = |key: &Credentials| json!({ "secretId": key.secret_id(), "secretKey": SECRET });
    keys.iter().map(shown).collect()
}

fn user(user: &User) -> Value {
    let mut shown = json!({
        "uin": user.uin,
        "name": user.name,
        "keys": keys(&user.keys),
        "policies": user.policies,
    });
    if user.mfa.is_some()
        && let Some(shown) = shown.as_object_mut()
    {
        shown.insert("mfa".to_owned(), SECRET.into());
    }
    shown
}

fn other(other: &OtherAccount) -> Value {
    json!({
        "uin": other.uin,
        "keys": keys(&other.keys),
        "users": other.users.iter().map(user).collect::<Vec<_>>(),
    })
}

fn role(role: &Role) -> Value {
    json!({
        "name": role.name,
        "id": role.id(),
        "trust": role.trust,
        "policies": role.policies,
        "longestSession": role.longest_session,
    })
}

fn provider(provider: &IdentityProvider) -> Value {
    json!({
        "name": provider.name,
        "issuer": provider.issuer,
        "audiences": provider.audiences,
        // They may be symmetric.
        "keys": SECRET,
    })
}

/// The elements of the list `name`, none if there is no such list.
fn list<'a>(owner: &'a mut Value, name: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = owner.get_mut(name).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

fn is_secret(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str) == Some(SECRET)
}

fn text_of(object: &Map<String, Value>, name: &str) -> String {
    let text = object.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn unknown(what: &str, name: &str) -> AccountError {
    AccountError::new(format!(
        "the {what} of {name} is not known here, so its secret cannot stay as it is; write it out"
    ))
}

/// The error without what the document says in the wrong place, which may be a secret.
fn without_values(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let repeats = ["invalid type: string", "invalid value: string"];
    if error.classify() == Category::Data && repeats.iter().any(|it| text.starts_with(it)) {
        return match (error.line(), error.column()) {
            (0, _) => "a text is not what belongs there".to_owned(),
            (line, column) => {
                format!("a text is not what belongs there, at line {line} column {column}")
            }
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Account;

    const ACCOUNT: &str = r#"{
        "keys": [{"secretId": "AKIDroot", "secretKey": "hidden1"}],
        "users": [{"uin": "1", "name": "a", "mfa": "NBUWIZDFNYZA",
            "keys": [{"secretId": "AKIDa", "secretKey": "hidden2"}],
            "policies": [{"version": "2.0", "statement":
                {"effect": "allow", "action": "cos:GetObject", "resource": "*"}}]}],
        "providers": [{"name": "p", "issuer": "b", "audiences": [],
            "keys": {"keys": [{"kty": "oct", "k": "aGlkZGVuMw", "alg": "HS256"}]}}],
        "others": [{"uin": "7", "keys": [{"secretId": "AKIDo", "secretKey": "hidden4"}],
            "users": [{"uin": "8", "name": "b", "mfa": "NBUWIZDFNYZQ",
                "keys": [{"secretId": "AKIDb", "secretKey": "hidden5"}]}]}]
    }"#;

    #[test]
    fn what_is_shown_has_no_secret_and_is_read_again() {
        let account = Account::from_json(ACCOUNT).unwrap();
        let shown = account.shown().to_string();
        for secret in ["hidden", "NBUWIZDFNYZ", "aGlkZGVuMw"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        let again = account.read_again(&shown).unwrap();
        assert_eq!(again.keys, account.keys);
        assert_eq!(again.users[0].keys, account.users[0].keys);
        assert_eq!(again.users[0].mfa, account.users[0].mfa);
        assert_eq!(again.others[0].keys, account.others[0].keys);
        let (user, known) = (&again.others[0].users[0], &account.others[0].users[0]);
        assert_eq!((&user.keys, &user.mfa), (&known.keys, &known.mfa));
        assert_eq!(again.providers[0].keys, account.providers[0].keys);
        assert_eq!(again.shown().to_string(), shown);
    }

    #[test]
    fn a_secret_that_nobody_knows_is_asked_for() {
        let account = Account::from_json(ACCOUNT).unwrap();
        let shown = account.shown().to_string();
        for (there, other, named) in [
            ("AKIDa", "AKIDc", "the access key of AKIDc"),
            ("AKIDo", "AKIDp", "the access key of AKIDp"),
            ("\"p\"", "\"q\"", "the identity provider of q"),
            ("\"uin\":\"1\"", "\"uin\":\"2\"", "the software token of 2"),
        ] {
            let error = account
                .read_again(&shown.replace(there, other))
                .unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
    }

    #[test]
    fn an_error_repeats_no_secret() {
        let hidden = Account::from_json(r#"{"keys": "hidden"}"#)
            .unwrap_err()
            .to_string();
        assert!(!hidden.contains("hidden"), "{hidden}");
        assert!(hidden.contains("line 1"), "{hidden}");
        let slip = Account::from_json(r#"{"role": []}"#)
            .unwrap_err()
            .to_string();
        assert!(slip.contains("unknown field `role`"), "{slip}");
        let account = Account::default();
        let hidden = account
            .read_again(r#"{"keys": "hidden"}"#)
            .unwrap_err()
            .to_string();
        assert!(!hidden.contains("hidden"), "{hidden}");
    }
}
