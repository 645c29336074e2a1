//! What all lists have in common: how long a page is, and whose everything is.

use tcloud_core::server::Fault;
use tcloud_cos::types::Owner;

use super::fault::invalid;
use crate::state::State;

/// How much an answer lists unless the request says.
pub(super) const PAGE: i64 = 1000;

/// The length of a page, which the parameter `parameter` gives.
///
/// # Errors
///
/// It is not from 1 to 1000.
pub(super) fn length(parameter: &str, most: i64) -> Result<u32, Fault> {
    let most = u32::try_from(most).ok();
    let most = most.filter(|most| (1..=1000).contains(most));
    most.ok_or_else(|| invalid(format!("{parameter} must be 1 to 1000")))
}

/// The owner of what is listed: lists name the account by its APPID.
pub(super) fn owner(state: &State) -> Owner {
    let directory = state.directory();
    let app_id = &directory.account().app_id;
    Owner::new().id(app_id).display_name(app_id)
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn a_page_has_bounds() {
        assert_eq!(length("max-keys", 1), Ok(1));
        assert_eq!(length("max-keys", 1000), Ok(1000));
        for wrong in [-1, 0, 1001, i64::MAX] {
            let fault = length("max-keys", wrong).unwrap_err();
            assert_eq!(fault.code, "InvalidArgument");
            assert!(fault.message.contains("max-keys"));
        }
    }
}
