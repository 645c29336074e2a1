//! The key of the last window.

use std::sync::{Mutex, PoisonError};

use hmac::Mac;

use super::canonical::{Window, sign_key};
use crate::sign::digest::{HmacSha1, keyed};

/// What signatures of one window begin with, kept because the next request mostly has the same
/// window: the key is derived once a second and not for each of thousands of requests.
///
/// It belongs to one secret key and is no part of what that key is: a copy has its own, and all are
/// equal.
#[derive(Default)]
pub(crate) struct KeptKey(Mutex<Option<(Window, HmacSha1)>>);

impl KeptKey {
    /// The signature of `string_to_sign` by `secret_key`, valid during `window`, whose text is
    /// `times`.
    pub(super) fn sign(
        &self,
        secret_key: &str,
        window: Window,
        times: &str,
        string_to_sign: &str,
    ) -> HmacSha1 {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = match &*kept {
            Some((known, begun)) if *known == window => begun.clone(),
            _ => {
                let begun: HmacSha1 = keyed(sign_key(secret_key, times).as_bytes());
                *kept = Some((window, begun.clone()));
                begun
            }
        };
        drop(kept);
        begun.chain_update(string_to_sign)
    }
}

impl Clone for KeptKey {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for KeptKey {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for KeptKey {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::digest::mac_hex;

    #[test]
    fn another_window_has_another_key() {
        let kept = KeptKey::default();
        let signature = |kept: &KeptKey, start: i64| {
            let window = Window::new(start, start + 900);
            mac_hex(kept.sign("secret", window, &window.to_string(), "text"))
        };
        let fresh = |start| signature(&KeptKey::default(), start);
        for start in [7, 7, 8, 7] {
            assert_eq!(signature(&kept, start), fresh(start), "{start}");
        }
        assert_ne!(fresh(7), fresh(8));
        assert_eq!(signature(&kept.clone(), 8), fresh(8));
    }
}
