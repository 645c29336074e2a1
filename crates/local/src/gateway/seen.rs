//! What a request carried, as the console may show it: without its secrets.

use std::borrow::Cow;
use std::sync::{Arc, Weak};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use tcloud_core::sign::{encode, explain};

use crate::recorded::Arrived;
use crate::s3;

/// What stands for a secret.
const SECRET: &str = "(secret)";
/// How much of one request is kept, in bytes.
const MOST: usize = 16 * 1024;
/// Parameters of a query by which whoever has them can make the request again.
const SIGNATURES: [&str; 4] = ["q-signature", "Signature", "X-Amz-Signature", "token"];

/// What a request carried.
#[derive(Debug)]
pub(super) struct Seen {
    /// The query, decoded where that is possible.
    pub(super) query: Vec<(String, String)>,
    /// The headers, in the order of their names.
    pub(super) headers: Vec<(String, String)>,
    /// Whether something did not fit.
    pub(super) is_cut: bool,
    /// What was read of it, for as long as it is recorded.
    arrived: Weak<Arrived>,
}

impl Seen {
    /// What the head of a request carried.
    pub(super) fn new(parts: &Parts) -> Self {
        let mut room = MOST;
        let mut is_cut = false;
        let mut keep = |pair: &(String, String)| {
            let size = pair.0.len().saturating_add(pair.1.len());
            match room.checked_sub(size) {
                Some(left) => room = left,
                None => is_cut = true,
            }
            !is_cut
        };
        let query = query(parts.uri.query().unwrap_or_default());
        let query = query.into_iter().filter(&mut keep).collect();
        let mut headers = headers(&parts.headers);
        headers.retain(&mut keep);
        headers.sort();
        Self {
            query,
            headers,
            is_cut,
            arrived: Weak::new(),
        }
    }

    /// Notes what was read of it.
    pub(super) fn arrived(&mut self, arrived: &Arc<Arrived>) {
        // The bound of what is recorded holds for this, too.
        self.arrived = Arc::downgrade(arrived);
    }

    /// What was read of it, if it is still recorded.
    pub(super) fn read(&self) -> Option<Arc<Arrived>> {
        self.arrived.upgrade()
    }
}

/// The parameters of a query, without secrets.
pub(super) fn query(text: &str) -> Vec<(String, String)> {
    let Some(pairs) = encode::decode_query(text) else {
        return Vec::new();
    };
    let shown = |(name, value): (String, String)| {
        let value = if SIGNATURES.contains(&name.as_str()) || is_secret(&name) {
            SECRET.to_owned()
        } else if name == "sign" {
            without_signature(&value)
        } else {
            value
        };
        (name, value)
    };
    pairs.into_iter().map(shown).collect()
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = if name == AUTHORIZATION {
            without_signature(&value)
        } else if is_secret(name.as_str()) {
            SECRET.to_owned()
        } else {
            value.into_owned()
        };
        (name.as_str().to_owned(), value)
    };
    headers.iter().map(shown).collect()
}

/// Whether the value of a header or of a parameter is one, as canonical texts have it.
fn is_secret(name: &str) -> bool {
    if s3::is_secret(name) {
        return true;
    }
    let item = format!("{}=.", name.to_ascii_lowercase());
    matches!(explain::redacted(&item), struck if struck != item)
}

/// An `Authorization` as a method of the cloud writes it, without what proves the request. Nothing
/// is left of any other.
fn without_signature(text: &str) -> String {
    let (start, separator) = if text.starts_with("q-") {
        ("q-signature=", '&')
    } else if text.starts_with("TC3-") || text.starts_with("AWS4-") {
        ("Signature=", ',')
    } else {
        return SECRET.to_owned();
    };
    let items = text.split(separator).map(|item| {
        let (name, _) = item.split_at(item.len().saturating_sub(item.trim_start().len()));
        if item.trim_start().starts_with(start) {
            Cow::Owned(format!("{name}{start}{SECRET}"))
        } else {
            Cow::Borrowed(item)
        }
    });
    let items: Vec<_> = items.collect();
    items.join(separator.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::Seen;

    #[test]
    fn secrets_are_struck_out() {
        let request = Request::get(
            "/k?a=1&q-ak=id&q-signature=abc&x-cos-security-token=t&sign=q-ak%3Did%26q-signature%3Dabc",
        )
        .header("authorization", "q-sign-algorithm=sha1&q-ak=id&q-signature=abc")
        .header("x-cos-security-token", "t")
        .header("x-amz-security-token", "t")
        .header("x-tc-token", "t")
        .header("cookie", "c")
        .header("x-cos-meta-a", "b")
        .header("x-cos-server-side-encryption-customer-key", "k")
        .body(())
        .unwrap();
        let seen = Seen::new(&request.into_parts().0);
        let text = |pairs: &[(String, String)]| {
            let lines = pairs.iter().map(|(name, value)| format!("{name}: {value}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(
            text(&seen.query),
            "a: 1\nq-ak: id\nq-signature: (secret)\nx-cos-security-token: (secret)\n\
             sign: q-ak=id&q-signature=(secret)"
        );
        assert_eq!(
            text(&seen.headers),
            "authorization: q-sign-algorithm=sha1&q-ak=id&q-signature=(secret)\n\
             cookie: (secret)\n\
             x-amz-security-token: (secret)\n\
             x-cos-meta-a: b\n\
             x-cos-security-token: (secret)\n\
             x-cos-server-side-encryption-customer-key: (secret)\n\
             x-tc-token: (secret)"
        );
        assert!(!seen.is_cut);
    }

    #[test]
    fn of_tc3_the_signature_goes_and_of_others_all() {
        let struck = super::without_signature;
        assert_eq!(
            struck(
                "TC3-HMAC-SHA256 Credential=id/d/s/tc3_request, SignedHeaders=host, Signature=f"
            ),
            "TC3-HMAC-SHA256 Credential=id/d/s/tc3_request, SignedHeaders=host, Signature=(secret)"
        );
        assert_eq!(
            struck("AWS4-HMAC-SHA256 Credential=id/s, SignedHeaders=host, Signature=f"),
            "AWS4-HMAC-SHA256 Credential=id/s, SignedHeaders=host, Signature=(secret)"
        );
        assert_eq!(struck("Basic abc"), "(secret)");
        assert_eq!(struck("Bearer abc"), "(secret)");
    }

    #[test]
    fn what_only_an_attack_makes_long_is_not_kept() {
        let request = Request::get("/k").header("x-long", "x".repeat(60_000));
        let seen = Seen::new(&request.body(()).unwrap().into_parts().0);
        assert!(seen.is_cut);
        assert!(seen.headers.is_empty());
    }
}
