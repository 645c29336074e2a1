//! Keys of a profile, wherever it takes them from.

use std::time::Duration;

use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, ProviderContext, StaticProvider,
};
use tcloud_core::future::BoxFuture;

use super::locate::{Profile, ProfileFiles};
use crate::assume_role::AssumeRole;
use crate::metadata::CvmRole;
use crate::process::ExternalProcess;

/// Roles may take each other this many times.
const DEPTH: usize = 8;

/// The keys of a profile. Its files are read anew with each refresh.
///
/// A profile of `~/.tencentcloud/credentials` has `secret_id` and `secret_key`, with `token` for a
/// temporary key, or a `credential_process`, a [program](ExternalProcess) that prints keys; and
/// `region`. With `role_arn` it takes that role, by its own keys or those of `source_profile`, and
/// may say `role_session_name`, `external_id` and `duration_seconds`.
///
/// ```ini
/// [default]
/// secret_id = AKID…
/// secret_key = …
/// region = ap-guangzhou
///
/// [uploads]
/// role_arn = qcs::cam::uin/100000000001:roleName/uploads
/// source_profile = default
/// ```
#[derive(Clone, Debug, Default)]
pub struct ProfileProvider {
    files: ProfileFiles,
}

impl ProfileProvider {
    /// The profile that variables name, or `default`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The profile that `files` means.
    pub const fn of(files: ProfileFiles) -> Self {
        Self { files }
    }

    /// The profile `name`.
    pub fn named(name: impl Into<String>) -> Self {
        Self::of(ProfileFiles::new().profile(name))
    }

    fn resolve(
        files: ProfileFiles,
        depth: usize,
        context: &ProviderContext,
    ) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async move {
            let profile = files.load()?;
            let keys = match &profile.settings.role {
                None => own_keys(&files, &profile, context).await?,
                Some(role) => {
                    let caller = match &role.caller {
                        Some(caller) if depth == 0 => {
                            return Err(CredentialsError::new(format!(
                                "{}: source_profile {caller} leads around in a circle",
                                profile.place()
                            )));
                        }
                        Some(caller) => {
                            Self::resolve(files.other(caller), depth - 1, context).await?
                        }
                        None => own_keys(&files, &profile, context).await?,
                    };
                    let mut provider = AssumeRole::new(&role.arn, StaticProvider::new(caller));
                    if let Some(name) = &role.session_name {
                        provider = provider.session_name(name);
                    }
                    if let Some(id) = &role.external_id {
                        provider = provider.external_id(id);
                    }
                    if let Some(seconds) = role.seconds {
                        provider = provider.duration(Duration::from_secs(seconds));
                    }
                    if let Some(region) = profile.region() {
                        provider = provider.region(region);
                    }
                    provider.credentials(context).await?
                }
            };
            Ok(match profile.region() {
                Some(region) => keys.with_region(region),
                None => keys,
            })
        })
    }
}

/// The keys of a profile but for its role.
async fn own_keys(
    files: &ProfileFiles,
    profile: &Profile,
    context: &ProviderContext,
) -> Result<Credentials, CredentialsError> {
    let place = profile.place();
    if let Some(key) = profile.key()? {
        let now = context.environment.now().div_euclid(1000);
        if profile.is_login() && key.expires_at().is_some_and(|end| end <= now) {
            return Err(CredentialsError::new(format!(
                "{place}: the login has ended; run any command of `tccli` to renew it, or `tccli \
                 auth login`"
            )));
        }
        return Ok(key);
    }
    if let Some(line) = &profile.settings.process {
        let program = ExternalProcess::of_line(line).ok_or_else(|| {
            CredentialsError::new(format!("{place}: credential_process is not a command line"))
        })?;
        return program.credentials(context).await;
    }
    if profile.settings.of_machine {
        let machine = CvmRole::of(files.variables_ref().clone());
        let keys = machine.credentials(context).await;
        // The profile is there: that the machine has no role is no reason to look elsewhere.
        return keys.map_err(|error| CredentialsError::new(format!("{place}: {error}")));
    }
    Err(CredentialsError::new(format!(
        "{place} takes a role but has no keys to take it with; give it secret_id and secret_key, or \
         source_profile"
    )))
}

impl CredentialsProvider for ProfileProvider {
    fn credentials<'a>(
        &'a self,
        context: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Self::resolve(self.files.clone(), DEPTH, context)
    }
}
