//! Keys as JSON: as the token service, the metadata service and programs print them.

use serde::Deserialize;
use serde_json::Value;
use tcloud_core::credentials::Credentials;
use tcloud_core::time::Timestamp;

/// What stands around the keys: nothing, or what the token service puts there.
#[derive(Deserialize)]
struct Outer {
    #[serde(rename = "Response")]
    response: Option<Box<Outer>>,
    #[serde(rename = "Credentials")]
    credentials: Option<Keys>,
    #[serde(flatten)]
    keys: Keys,
}

#[derive(Deserialize, Default)]
struct Keys {
    #[serde(alias = "TmpSecretId", alias = "secretId", rename = "SecretId")]
    secret_id: Option<String>,
    #[serde(alias = "TmpSecretKey", alias = "secretKey", rename = "SecretKey")]
    secret_key: Option<String>,
    #[serde(alias = "SessionToken", alias = "token", rename = "Token")]
    token: Option<String>,
    #[serde(rename = "ExpiredTime")]
    expired_time: Option<i64>,
    #[serde(rename = "Expiration")]
    expiration: Option<String>,
}

/// The credentials in a JSON document: `SecretId`, `SecretKey`, `Token`, and the end as
/// `ExpiredTime` (Unix seconds) or `Expiration` (ISO 8601), alone or in `Credentials` of an answer
/// of the token service. The names of temporary keys (`TmpSecretId`, `TmpSecretKey`) and of the
/// official command line (`secretId`, `secretKey`, `token`) are understood as well.
///
/// # Errors
/// What is wrong, without a word of the document.
pub(crate) fn parse(json: &str) -> Result<Credentials, &'static str> {
    let outer = serde_json::from_str(json).map_err(|_| "it is not a JSON object of keys")?;
    credentials(outer)
}

/// As [`parse`], of a document that is read already.
pub(crate) fn of_value(value: Value) -> Result<Credentials, &'static str> {
    let outer = serde_json::from_value(value).map_err(|_| "it is not a JSON object of keys")?;
    credentials(outer)
}

fn credentials(outer: Outer) -> Result<Credentials, &'static str> {
    if let Some(inner) = outer.response {
        return credentials(*inner);
    }
    let around = outer.keys;
    let end = |keys: &Keys| match (keys.expired_time, &keys.expiration) {
        (Some(seconds), _) => Ok(Some(seconds)),
        (None, Some(text)) => Timestamp::from_text(text.clone())
            .unix_seconds()
            .map(Some)
            .ok_or("its `Expiration` is not a time such as 2026-01-02T03:04:05Z"),
        (None, None) => Ok(None),
    };
    let around_end = end(&around)?;
    let keys = outer.credentials.unwrap_or(around);
    let end = end(&keys)?.or(around_end);
    let full = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let id = full(keys.secret_id).ok_or("it has no `SecretId`")?;
    let key = full(keys.secret_key).ok_or("it has no `SecretKey`")?;
    let mut credentials = Credentials::new(id, key);
    if let Some(token) = full(keys.token) {
        credentials = credentials.with_token(token);
    }
    if let Some(end) = end {
        credentials = credentials.with_expiry(end);
    }
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_each_way_they_are_printed() {
        let temporary = Credentials::new("i", "k")
            .with_token("t")
            .with_expiry(1_767_323_045);
        for json in [
            // The metadata service.
            r#"{"TmpSecretId": "i", "TmpSecretKey": "k", "Token": "t", "ExpiredTime": 1767323045,
                "Expiration": "2026-01-02T03:04:05Z", "Code": "Success"}"#,
            // The token service, and what the official command line prints of it.
            r#"{"Response": {"Credentials": {"TmpSecretId": "i", "TmpSecretKey": "k", "Token": "t"},
                "ExpiredTime": 1767323045, "RequestId": "r"}}"#,
            r#"{"Credentials": {"TmpSecretId": "i", "TmpSecretKey": "k", "Token": "t"},
                "Expiration": "2026-01-02T03:04:05Z"}"#,
            // A program.
            r#"{"SecretId": "i", "SecretKey": "k", "Token": "t",
                "Expiration": "2026-01-02T11:04:05+08:00"}"#,
            r#"{"secretId": "i", "secretKey": "k", "token": "t", "ExpiredTime": 1767323045}"#,
        ] {
            assert_eq!(parse(json), Ok(temporary.clone()), "{json}");
            assert_eq!(
                of_value(serde_json::from_str(json).unwrap()),
                Ok(temporary.clone())
            );
        }
        let permanent = r#"{"SecretId": "i", "SecretKey": "k", "Token": ""}"#;
        assert_eq!(parse(permanent), Ok(Credentials::new("i", "k")));
    }

    #[test]
    fn what_is_wrong_is_said_without_a_word_of_the_document() {
        for (json, reason) in [
            ("", "not a JSON object"),
            ("s3cret", "not a JSON object"),
            (
                r#"{"SecretId": 5, "SecretKey": "s3cret"}"#,
                "not a JSON object",
            ),
            (r#"["s3cret"]"#, "not a JSON object"),
            ("{}", "no `SecretId`"),
            (
                r#"{"SecretId": " ", "SecretKey": "s3cret"}"#,
                "no `SecretId`",
            ),
            (r#"{"SecretId": "s3cret"}"#, "no `SecretKey`"),
            (
                r#"{"SecretId": "i", "SecretKey": "s3cret", "Expiration": "s3cret"}"#,
                "`Expiration`",
            ),
        ] {
            let error = parse(json).unwrap_err();
            assert!(error.contains(reason), "{json}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
