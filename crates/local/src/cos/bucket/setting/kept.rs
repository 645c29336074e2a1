//! What every setting of a bucket has in common: it is put, returned and deleted as a document.
//!
//! The request is decoded and checked by the table of its operation. What is kept is the document
//! written again by that table, so that it has one form, whatever the client sent; what is returned
//! is read from it by the table of the operation that returns it.

use http::StatusCode;
use tcloud_core::call::Request;
use tcloud_core::codec::{bind, json, xml};
use tcloud_core::node::Node;
use tcloud_core::operation::{BodyFormat, Protocol};
use tcloud_core::server::{Answer, Context, Fault};

use crate::cos::names;
use crate::state::State;
use crate::store::{Bucket, BucketSetting, SettingName, StoreError};

/// A kind of setting.
pub(super) trait Setting: Sized + Send + Sync + 'static {
    /// The request that sets it.
    type Put: Request + Default;
    /// The request that returns it.
    type Get: Request + Default;

    /// The name under which it is kept.
    const KIND: &'static str;
    /// What is answered for a bucket without it.
    const ABSENT: Absent;
    /// The status with which setting it is answered.
    const STATUS: StatusCode = StatusCode::OK;
    /// The query parameter that says which one is meant, where a bucket can have several; otherwise
    /// empty.
    const ID: &'static str = "";
    /// How many of them a bucket can have.
    const MOST: i64 = 1;
    /// The code with which one more is refused.
    const FULL: &'static str = "InvalidArgument";

    /// Refuses what its document, by itself, must not say, and gives names to rules without one.
    fn check(_: &mut Self::Put) -> Result<(), Fault> {
        Ok(())
    }

    /// Refuses what does not go with the bucket or with others.
    fn check_beside(
        _: &State,
        _: &Bucket,
        _: &Self::Put,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async { Ok(()) }
    }

    /// Whether the document says that the bucket is to be without the setting.
    fn removes(_: &Self::Put) -> bool {
        false
    }

    /// Keeps its document, and what else the store is to know of it.
    fn keep(
        state: &State,
        name: &SettingName,
        document: &str,
        _: &Self::Put,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        keep::<Self>(state, name, document)
    }

    /// Adds what an answer says besides the document.
    fn complete(_: &mut <Self::Get as Request>::Response, _: &BucketSetting) {}
}

/// A kind of setting that can be deleted.
pub(super) trait Deletable: Setting {
    /// The request that deletes it.
    type Delete: Request + Default;

    /// The status with which deleting it is answered.
    const DELETED: StatusCode = StatusCode::NO_CONTENT;
}

/// What is answered where nothing was set.
#[derive(Debug, Clone, Copy)]
pub(super) enum Absent {
    /// An empty document.
    Empty,
    /// A refusal with this code.
    Refused(&'static str),
}

impl Absent {
    /// The refusal, if there is to be one.
    pub(super) fn fault(self, name: &SettingName) -> Option<Fault> {
        let SettingName { bucket, kind, id } = name;
        let which = if id.is_empty() {
            String::new()
        } else {
            format!(" `{id}`")
        };
        match self {
            Self::Empty => None,
            Self::Refused(code) => Some(Fault::new(
                StatusCode::NOT_FOUND,
                code,
                format!("the bucket {bucket} has no {kind}{which}; set it first"),
            )),
        }
    }
}

/// Sets it.
pub(super) async fn put<S: Setting>(
    state: &State,
    _: Context,
    mut request: S::Put,
) -> Result<Answer<<S::Put as Request>::Response>, Fault> {
    let name = name::<S>(&request)?;
    let bucket = state.store.bucket(&name.bucket).await?;
    S::check(&mut request)?;
    S::check_beside(state, &bucket, &request).await?;
    if S::removes(&request) {
        state.store.delete_bucket_setting(&name).await?;
    } else {
        let document = document::<S>(&request)?;
        S::keep(state, &name, &document, &request).await?;
    }
    Ok(Answer::new(Default::default()).status(S::STATUS))
}

/// Keeps `document` as the setting `name`.
pub(super) async fn keep<S: Setting>(
    state: &State,
    name: &SettingName,
    document: &str,
) -> Result<(), Fault> {
    if state
        .store
        .put_bucket_setting(name, document, S::MOST)
        .await?
    {
        return Ok(());
    }
    let message = format!(
        "a bucket has at most {} of the kind {}; delete one first",
        S::MOST,
        S::KIND
    );
    Err(Fault::new(StatusCode::BAD_REQUEST, S::FULL, message))
}

/// Returns it.
pub(super) async fn get<S: Setting>(
    state: &State,
    _: Context,
    request: S::Get,
) -> Result<<S::Get as Request>::Response, Fault> {
    let name = name::<S>(&request)?;
    let mut response = <S::Get as Request>::Response::default();
    match state.store.bucket_setting(&name).await? {
        Some(kept) => {
            read(
                S::Get::operation().response_body,
                &kept.document,
                &mut response,
            )?;
            S::complete(&mut response, &kept);
        }
        None => {
            if let Some(fault) = S::ABSENT.fault(&name) {
                return Err(fault);
            }
        }
    }
    Ok(response)
}

/// The setting of `bucket` as it is returned; nothing if it has none, or is not there.
pub(super) async fn of<S: Setting>(
    state: &State,
    bucket: &str,
) -> Result<Option<<S::Get as Request>::Response>, Fault> {
    let named = named::<S>(state, bucket, "").await?;
    Ok(named.map(|(setting, _)| setting))
}

/// [`of`] the one with the id `id`, and when it was set.
pub(super) async fn named<S: Setting>(
    state: &State,
    bucket: &str,
    id: &str,
) -> Result<Option<(<S::Get as Request>::Response, i64)>, Fault> {
    let name = SettingName {
        bucket: bucket.to_owned(),
        kind: S::KIND,
        id: id.to_owned(),
    };
    let kept = match state.store.bucket_setting(&name).await {
        Ok(Some(kept)) => kept,
        Ok(None) | Err(StoreError::NoSuchBucket(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let mut setting = <S::Get as Request>::Response::default();
    let format = S::Get::operation().response_body;
    read(format, &kept.document, &mut setting)?;
    Ok(Some((setting, kept.set_at)))
}

/// [`of`] a bucket that was found: nothing is read if it has no such setting.
pub(super) async fn of_found<S: Setting>(
    state: &State,
    bucket: &Bucket,
) -> Result<Option<<S::Get as Request>::Response>, Fault> {
    if !bucket.has(S::KIND) {
        return Ok(None);
    }
    of::<S>(state, &bucket.name).await
}

/// Deletes it. One that is not there is no error, unless it has a name that says which was meant.
pub(super) async fn delete<S: Deletable>(
    state: &State,
    _: Context,
    request: S::Delete,
) -> Result<Answer<<S::Delete as Request>::Response>, Fault> {
    let name = name::<S>(&request)?;
    let deleted = state.store.delete_bucket_setting(&name).await?;
    match S::ABSENT.fault(&name) {
        Some(fault) if !deleted && !S::ID.is_empty() => Err(fault),
        _ => Ok(Answer::new(Default::default()).status(S::DELETED)),
    }
}

/// Which setting a request is about.
fn name<S: Setting>(request: &dyn Node) -> Result<SettingName, Fault> {
    let bound = bind(request);
    let bucket = bound.labels.into_iter().find(|(name, _)| *name == "bucket");
    let id = bound.query.into_iter().find(|(name, _)| name == S::ID);
    Ok(SettingName {
        bucket: names::bucket(bucket.map(|(_, bucket)| bucket))?,
        kind: S::KIND,
        id: id.map(|(_, id)| id).unwrap_or_default(),
    })
}

/// The body of `request`, in the one form it is kept in.
pub(super) fn document<S: Setting>(request: &S::Put) -> Result<String, Fault> {
    let written = match S::Put::operation().request_body {
        BodyFormat::Xml(root) => xml::encode(root, request),
        _ => json::encode(request, json::Style::Typed),
    };
    written.map_err(|error| Fault::malformed(Protocol::Cos, error.to_string()))
}

/// Reads a document that was kept.
pub(super) fn read(format: BodyFormat, document: &str, node: &mut dyn Node) -> Result<(), Fault> {
    let read = match format {
        BodyFormat::Xml(root) => xml::decode(document, root, node),
        _ => json::decode(document, "", node),
    };
    match read {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::internal(Protocol::Cos, error.to_string())),
    }
}
