//! Fresh ids.

use uuid::Uuid;

/// A fresh id as the services write them: `prefix` (`c` for picture jobs, `p` for queues) and 32
/// hexadecimal digits.
pub(crate) fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", Uuid::new_v4().simple())
}
