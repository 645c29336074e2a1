//! Tokens of OIDC providers: who signed them, for whom, until when.

use std::fmt;

use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Map, Value, json};

use super::account::IdentityProvider;
use super::condition::{Fact, Facts};

mod signatures;

/// How far apart the clocks of provider and cloud may be, in seconds.
const LEEWAY: i64 = 60;

/// Why a token is not taken. The text never repeats the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebIdentityError(String);

impl WebIdentityError {
    /// There is no provider called `name`.
    pub(super) fn no_provider(name: &str) -> Self {
        Self(format!("the account has no identity provider {name}"))
    }
}

impl fmt::Display for WebIdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a token says that was found to be right.
#[derive(Debug)]
pub(super) struct Claims(Map<String, Value>);

impl Facts for Claims {
    /// `oidc:sub` and the like; `oidc:aud` may have several values.
    fn fact(&self, key: &str) -> Fact {
        let Some(name) = key.strip_prefix("oidc:") else {
            return Fact::Unknown;
        };
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match self.0.get(name) {
            None | Some(Value::Null) => Fact::Absent,
            Some(Value::Array(values)) => Fact::Values(values.iter().map(text).collect()),
            Some(value) => Fact::Values(vec![text(value)]),
        }
    }
}

/// Checks `token` by the keys and terms of `provider`.
pub(super) fn verify(
    provider: &IdentityProvider,
    token: &str,
    now: i64,
) -> Result<Claims, WebIdentityError> {
    let refuse = |why: &str| Err(WebIdentityError(why.to_owned()));
    let Ok(header) = jsonwebtoken::decode_header(token) else {
        return refuse("it is no signed JSON Web Token");
    };
    let key = match &header.kid {
        Some(kid) => provider.keys.find(kid),
        None => match provider.keys.keys.as_slice() {
            [only] => Some(only),
            _ => None,
        },
    };
    let Some(key) = key.and_then(|key| DecodingKey::from_jwk(key).ok()) else {
        return refuse("the provider has no key of the id that signed it");
    };
    // The key decides how it may be used, not the token.
    let mut terms = Validation::new_for_family(key.family());
    terms.set_audience(&provider.audiences);
    terms.set_issuer(&[&provider.issuer]);
    terms.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    // The library asks the clock of the machine; this one has its own.
    terms.validate_exp = false;
    signatures::install();
    let claims: Map<String, Value> = match jsonwebtoken::decode(token, &key, &terms) {
        Ok(decoded) => decoded.claims,
        Err(error) => {
            return Err(WebIdentityError(format!(
                "it is not one of the provider {} for {}: {error}",
                provider.issuer,
                provider.audiences.join(" or ")
            )));
        }
    };
    let time = |name| claims.get(name).and_then(Value::as_f64);
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact for the next 285 million years"
    )]
    let (earliest, latest) = ((now - LEEWAY) as f64, (now + LEEWAY) as f64);
    if time("exp").is_none_or(|end| end < earliest) {
        return refuse("its time is over");
    }
    if time("nbf").is_some_and(|start| start > latest) {
        return refuse("its time has not come");
    }
    Ok(Claims(claims))
}

/// A token of `provider`, which has one symmetric key, `secret`.
pub(super) fn issue(
    provider: &IdentityProvider,
    secret: &[u8],
    subject: &str,
    now: i64,
    seconds: i64,
) -> String {
    let claims = json!({
        "iss": provider.issuer,
        "aud": provider.audiences,
        "sub": subject,
        "iat": now,
        "nbf": now,
        "exp": now.saturating_add(seconds),
    });
    signatures::install();
    // Only a claim that cannot be written could fail.
    let key = EncodingKey::from_secret(secret);
    jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap_or_default()
}

#[cfg(test)]
mod tests;
