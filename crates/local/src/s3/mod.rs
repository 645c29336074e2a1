//! S3's interface to Object Storage: what it says otherwise than the service's own.
//!
//! A request of S3 becomes the request of Object Storage that asks for the same, and goes its way;
//! its answer becomes that of S3. So there is one implementation of each operation, and what S3 has
//! and Object Storage has not is refused by its name.
//!
//! | what | file |
//! | --- | --- |
//! | which requests are of S3 | `dialect` |
//! | Signature Version 4 | `v4`, `mac` |
//! | what a body has to be: its hash, the signatures of its chunks, its checksum | `payload`, `chunked`, `checksum` |
//! | which operations there are, and their parameters | `operation` |
//! | the request, and its document | `request`, `asked` |
//! | the answer, and its document | `answer`, `answered`, `fault` |
//! | words that both have by other names | `words` |
//! | documents as trees | `document` |
//! | forms of browsers | `form` |

mod answer;
mod answered;
mod asked;
mod checksum;
mod chunked;
mod dialect;
mod document;
mod fault;
mod form;
mod mac;
mod operation;
mod payload;
mod request;
mod v4;
mod words;

pub(crate) use self::answer::{body, headers};
pub(crate) use self::asked::document as asked_document;
pub(crate) use self::dialect::is_spoken;
pub(crate) use self::fault::{refuse, translated as translated_fault};
pub(crate) use self::form::{FormSignature, as_cos as form_as_cos};
pub(crate) use self::operation::{Operation, Scope, find};
pub(crate) use self::payload::{Payload, Read};
pub(crate) use self::request::{Translated, translate, with_hoisted};
pub(crate) use self::v4::{Chain, Request, Signature, is_secret};
