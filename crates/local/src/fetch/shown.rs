//! Addresses as they may be shown.

/// What the names of parameters hold whose values are as good as a password.
const SECRET: [&str; 8] = [
    "auth",
    "credential",
    "key",
    "passw",
    "pwd",
    "secret",
    "sig",
    "token",
];

/// The address `url` with everything struck out that gives access: user and password, signatures
/// and tokens in its query. The rest stays as it is.
pub(crate) fn shown(url: &str) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), url),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (user, host) = match authority.rsplit_once('@') {
        Some((_, host)) => ("***@", host),
        None => ("", authority),
    };
    let (path, parameters) = match rest.find(['?', '#']) {
        Some(at) => rest.split_at_checked(at).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    let parameters: String = parameters
        .split_inclusive(['?', '&', '#'])
        .map(without_secret)
        .collect();
    format!("{scheme}{user}{host}{path}{parameters}")
}

/// The item `name=value`, with the separator behind it if there is one.
fn without_secret(item: &str) -> String {
    let Some((name, value)) = item.split_once('=') else {
        return item.to_owned();
    };
    let lower = name.to_ascii_lowercase();
    if !SECRET.iter().any(|part| lower.contains(part)) {
        return item.to_owned();
    }
    let separator = value
        .rfind(['?', '&', '#'])
        .and_then(|at| value.get(at..))
        .unwrap_or_default();
    format!("{name}=***{separator}")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_gives_access_is_struck_out() {
        for (url, expected) in [
            ("http://h/a%20b/c.png?v=2#x", "http://h/a%20b/c.png?v=2#x"),
            ("https://user:pa%40ss@h:80/p@q", "https://***@h:80/p@q"),
            ("https://user@evil@h", "https://***@h"),
            (
                "http://h/k?q-sign-algorithm=sha1&q-signature=abc&x=1",
                "http://h/k?q-sign-algorithm=***&q-signature=***&x=1",
            ),
            (
                "http://h/k?X-Amz-Signature=a&X-Amz-Security-Token=b=&X-Amz-Date=c",
                "http://h/k?X-Amz-Signature=***&X-Amz-Security-Token=***&X-Amz-Date=c",
            ),
            ("http://h?sig=a&se=b", "http://h?sig=***&se=b"),
            ("http://h/#access_token=a", "http://h/#access_token=***"),
            ("user:password@host/x", "***@host/x"),
            ("", ""),
        ] {
            assert_eq!(shown(url), expected);
        }
    }
}
