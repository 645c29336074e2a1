//! Who there is and who may do what: one table of accounts and one evaluator of policies, in the
//! terms of Cloud Access Management (CAM).
//!
//! | file | subject |
//! | --- | --- |
//! | `account` | the account: its users, roles, identity providers and virtual machine |
//! | `policy` | policies of version 2.0, and the decision |
//! | `pattern`, `resource`, `condition`, `principal` | what their statements are made of |
//! | `caller` | who signed a request, and which policies bound it |
//! | `seal` | temporary keys, whose tokens carry all there is to know of them |
//! | `web_identity` | tokens of OIDC providers |
//! | `mfa` | codes of software tokens |
//! | `document` | the account as JSON, with and without its secrets |
//! | `directory` | the table itself: keys, roles, decisions |
//!
//! Nothing here knows of requests; the gateway and the services ask.

mod account;
mod caller;
mod condition;
mod directory;
mod document;
mod mfa;
mod pattern;
mod policy;
mod principal;
mod resource;
mod seal;
mod web_identity;

pub use self::account::{
    Account, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, IdentityProvider, Instance, OtherAccount, Role,
    User,
};
pub use self::directory::AccountError;
pub use self::mfa::MfaSecret;
pub use self::policy::{Policy, PolicyError};

pub(crate) use self::caller::{Caller, Kind, Session};
pub(crate) use self::condition::{Fact, Facts};
pub(crate) use self::directory::{Directory, Key, Standing};
pub(crate) use self::pattern::Pattern;
pub(crate) use self::policy::Decision;
pub(crate) use self::resource::Resource;
