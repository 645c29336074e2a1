//! Profiles of the official command line: `NAME.credential` and `NAME.configure`, both JSON.

use serde::Deserialize;

use super::settings::{Role, Settings};

/// `NAME.credential`.
#[derive(Deserialize)]
struct Credential {
    #[serde(rename = "secretId")]
    secret_id: Option<String>,
    #[serde(rename = "secretKey")]
    secret_key: Option<String>,
    token: Option<String>,
    #[serde(rename = "role-arn")]
    role_arn: Option<String>,
    #[serde(rename = "role-session-name")]
    role_session_name: Option<String>,
    /// `oauth` and `sso` of a login, which the command line renews, or `cvm-role`.
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "expiresAt")]
    expires_at: Option<f64>,
}

/// `NAME.configure`; the region stood at the top in early versions.
#[derive(Deserialize)]
struct Configure {
    #[serde(rename = "_sys_param")]
    common: Option<Common>,
    #[serde(flatten)]
    early: Common,
}

#[derive(Deserialize)]
struct Common {
    region: Option<String>,
}

fn full(text: Option<String>) -> Option<String> {
    let text = text?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What `NAME.credential` says, without its region.
///
/// # Errors
/// Where the text stops being what the command line writes; never a word of it.
pub(super) fn credential(json: &str) -> Result<Settings, String> {
    let Credential {
        secret_id,
        secret_key,
        token,
        role_arn,
        role_session_name,
        kind,
        expires_at,
    } = read(json)?;
    let role = full(role_arn).map(|arn| Role {
        arn,
        session_name: full(role_session_name),
        ..Role::default()
    });
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number that is no time saturates, and a second is precise enough"
    )]
    let expires_at = expires_at.map(|seconds| seconds as i64);
    Ok(Settings {
        secret_id: full(secret_id),
        secret_key: full(secret_key),
        token: full(token),
        expires_at,
        of_machine: kind.as_deref() == Some("cvm-role"),
        role,
        ..Settings::default()
    })
}

/// The region in `NAME.configure`.
///
/// # Errors
/// As [`credential`].
pub(super) fn region(json: &str) -> Result<Option<String>, String> {
    let Configure { common, early } = read(json)?;
    let common = common.and_then(|common| full(common.region));
    Ok(common.or_else(|| full(early.region)))
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
    let json = json.trim_start_matches('\u{feff}');
    // What the parser says in words may quote a secret.
    serde_json::from_str(json)
        .map_err(|error| format!("line {} is not as tccli writes it", error.line()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_official_command_line_writes_is_read() {
        let settings = credential(
            "\u{feff}{\r\n\"secretId\": \"i\", \"secretKey\": \"k\", \"token\": \"t\",\
             \"role-arn\": \"qcs::cam::uin/1:roleName/r\", \"role-session-name\": \"s\",\
             \"type\": \"default\", \"more\": [1]}",
        );
        let expected = Settings {
            secret_id: Some("i".to_owned()),
            secret_key: Some("k".to_owned()),
            token: Some("t".to_owned()),
            role: Some(Role {
                arn: "qcs::cam::uin/1:roleName/r".to_owned(),
                session_name: Some("s".to_owned()),
                ..Role::default()
            }),
            ..Settings::default()
        };
        assert_eq!(settings, Ok(expected));
        let login = r#"{"secretId": "i", "secretKey": "k", "token": "t", "type": "oauth",
            "expiresAt": 1780000000, "oauth": {"accessToken": "a"}}"#;
        assert_eq!(credential(login).unwrap().expires_at, Some(1_780_000_000));
        let machine = credential(r#"{"type": "cvm-role"}"#).unwrap();
        assert!(machine.of_machine && machine.has_credentials());
        let empty = credential(r#"{"secretId": "", "secretKey": " "}"#).unwrap();
        assert!(!empty.has_credentials());
    }

    #[test]
    fn the_region_is_read_from_both_places() {
        let now = r#"{"_sys_param": {"region": "ap-x", "output": "json"}, "cvm": {}}"#;
        assert_eq!(region(now), Ok(Some("ap-x".to_owned())));
        assert_eq!(region(r#"{"region": "ap-y"}"#), Ok(Some("ap-y".to_owned())));
        assert_eq!(region(r#"{"_sys_param": {}}"#), Ok(None));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line_alone() {
        for json in [
            "{\n\"secretKey\": 1, \"secretId\": \"s3cret\"}",
            "{\n\"secretKey\": \"s3cret\"",
            "{\n\"secretKey\": s3cret}",
        ] {
            let error = credential(json).unwrap_err();
            assert_eq!(error, "line 2 is not as tccli writes it", "{json}");
        }
        let error = credential("[\"s3cret\"]").unwrap_err();
        assert!(!error.contains("s3cret"), "{error}");
    }
}
