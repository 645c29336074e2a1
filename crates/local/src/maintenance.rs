//! What is done to a state that is not being served: checked, repaired, copied, restored.

use std::path::Path;

use crate::store::{self, BackedUp, Checked, Finding, Store, StoreError};
use crate::{Data, DatabaseUrl, LocalError, Settings, opening};

/// A state that is opened to be checked. No cloud uses one in a folder meanwhile; others may use one
/// in a database.
#[derive(Debug)]
pub struct Check(Store);

impl Check {
    /// Opens the state that [`Settings::data`] and [`Settings::blobs`] name.
    ///
    /// # Errors
    ///
    /// [`LocalError::Store`]: there is none, it cannot be opened, or a cloud uses it.
    pub async fn open(settings: &Settings) -> Result<Self, LocalError> {
        match &settings.data {
            Data::Folder(folder) => store::require_state(folder)?,
            Data::Database { .. } => {}
            Data::Ephemeral => return Err(StoreError::NothingKept.into()),
        }
        let store = opening::open(settings).await?;
        Ok(Self(store))
    }

    /// Compares all rows with all content: whether it is there, its size, CRC-64 and `ETag`, and
    /// whether something names it. `report` receives what is wrong. Nothing is changed.
    ///
    /// # Errors
    ///
    /// [`LocalError::Store`]: the state cannot be read.
    pub async fn run(&self, mut report: impl FnMut(Finding) + Send) -> Result<Checked, LocalError> {
        Ok(self.0.check(&mut report).await?)
    }

    /// Does what [`Finding::remedy`] says, and returns whether there was something to do. What has
    /// changed since it was found is left alone.
    ///
    /// # Errors
    ///
    /// [`LocalError::Store`]: the state cannot be written.
    pub async fn repair(&self, finding: &Finding) -> Result<bool, LocalError> {
        Ok(self.0.repair(finding).await?)
    }

    /// Closes the state.
    pub async fn close(self) {
        self.0.close().await;
    }
}

/// Copies the state that `settings` name to `to`, a folder that does not exist or is empty, or a
/// file whose name ends in `.tar`. A cloud may be using the state meanwhile: what it had acknowledged
/// before is in the copy, as it was or newer.
///
/// # Errors
///
/// [`LocalError::Store`]: the state cannot be read or the copy not be written.
pub async fn back_up(settings: &Settings, to: &Path) -> Result<BackedUp, LocalError> {
    match &settings.data {
        Data::Folder(folder) => Ok(store::back_up(folder, settings.blobs.as_ref(), to).await?),
        Data::Database { .. } => Err(StoreError::CopiedByOthers.into()),
        Data::Ephemeral => Err(StoreError::NothingKept.into()),
    }
}

/// Makes the state of the backup `from` that which `settings` name, where there must be none yet.
///
/// # Errors
///
/// [`LocalError::Store`]: there is one, the backup cannot be read or the state not be written.
pub async fn restore(from: &Path, settings: &Settings) -> Result<BackedUp, LocalError> {
    match &settings.data {
        Data::Folder(folder) => Ok(store::restore(from, folder, settings.blobs.as_ref()).await?),
        Data::Database { .. } => Err(StoreError::CopiedByOthers.into()),
        Data::Ephemeral => Err(StoreError::NothingKept.into()),
    }
}

/// Moves the rows of the state in the folder that `settings` name, which no cloud uses, to the
/// database at `to`, which must have none, and returns how many there were. All of them are there in
/// the end, or none. Content stays where it is; the database in the folder is renamed.
///
/// # Errors
///
/// [`LocalError::Store`]: the state cannot be read, or the database has one or cannot be written.
pub async fn move_to_database(settings: &Settings, to: &DatabaseUrl) -> Result<u64, LocalError> {
    match &settings.data {
        #[cfg(feature = "postgres")]
        Data::Folder(folder) => {
            let clock = std::sync::Arc::clone(&settings.clock);
            Ok(store::move_rows(folder, settings.blobs.as_ref(), to, clock).await?)
        }
        #[cfg(not(feature = "postgres"))]
        Data::Folder(_) => {
            let url = to.to_string();
            Err(StoreError::NoDatabases { url }.into())
        }
        Data::Database { .. } => Err(StoreError::InDatabaseAlready.into()),
        Data::Ephemeral => Err(StoreError::NothingKept.into()),
    }
}
