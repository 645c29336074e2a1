//! Which files have profiles, which profile is meant, and what is found.

use std::path::{Path, PathBuf};

use tcloud_core::credentials::{Credentials, CredentialsError, Variables};

use super::ini::Ini;
use super::official;
use super::settings::{Role, Settings};
use crate::files;

const PROFILE: &str = "TENCENTCLOUD_PROFILE";
const OFFICIAL_PROFILE: &str = "TCCLI_PROFILE";
const FILE: &str = "TENCENTCLOUD_CREDENTIALS_FILE";
const OF_ALL_USERS: &str = "/etc/tencentcloud/credentials";

/// Where profiles are, and which one is meant.
///
/// Looked at are the file that `TENCENTCLOUD_CREDENTIALS_FILE` names, or else
/// `~/.tencentcloud/credentials` and `/etc/tencentcloud/credentials`; then the files of the official
/// command line, `~/.tccli/NAME.credential` and `NAME.configure`. The first that has keys of the
/// profile counts.
///
/// The profile is the one that [`profile`](Self::profile) names, or the variable
/// `TENCENTCLOUD_PROFILE`, or `TCCLI_PROFILE`, which has the files of the official command line looked
/// at first; else `default`.
#[derive(Clone, Debug)]
pub struct ProfileFiles {
    variables: Variables,
    home: Option<PathBuf>,
    of_all_users: PathBuf,
    profile: Option<String>,
}

/// A profile that was found.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) settings: Settings,
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Ini,
    Official,
}

/// The name of the profile that is meant, and who says so.
struct Chosen {
    name: String,
    by: Option<&'static str>,
}

impl Default for ProfileFiles {
    fn default() -> Self {
        Self::new()
    }
}

impl ProfileFiles {
    /// The files of the user who runs this process.
    pub fn new() -> Self {
        Self {
            variables: Variables::of_process(),
            home: std::env::home_dir(),
            of_all_users: OF_ALL_USERS.into(),
            profile: None,
        }
    }

    /// Looks at these variables instead of those of the process.
    pub fn variables(mut self, variables: Variables) -> Self {
        self.variables = variables;
        self
    }

    /// Looks below this folder instead of the user's home.
    pub fn home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.home = Some(folder.into());
        self
    }

    /// Looks at this file instead of `/etc/tencentcloud/credentials`.
    pub fn of_all_users(mut self, file: impl Into<PathBuf>) -> Self {
        self.of_all_users = file.into();
        self
    }

    /// Means the profile `name`, whatever variables say.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// The name of the profile that is meant.
    pub fn name(&self) -> String {
        self.chosen().name
    }

    /// What names the profile: a variable, or `the program` if [`profile`](Self::profile) does;
    /// `None` for the default.
    pub fn named_by(&self) -> Option<&'static str> {
        self.chosen().by
    }

    /// The file that profiles are written to; `None` if the user has no home.
    pub fn file(&self) -> Option<PathBuf> {
        match self.variables.get(FILE) {
            Some(file) => Some(file.into()),
            None => Some(
                self.home
                    .as_ref()?
                    .join(".tencentcloud")
                    .join("credentials"),
            ),
        }
    }

    /// The profile, if there is one with keys.
    ///
    /// # Errors
    /// No file has it: an [absent](CredentialsError::is_absent) one, unless someone has named it. Or
    /// a file that may have it cannot be read.
    pub fn load(&self) -> Result<Profile, CredentialsError> {
        let chosen = self.chosen();
        let mut looked = Vec::new();
        let official_first = chosen.by == Some(OFFICIAL_PROFILE);
        if official_first && let Some(found) = self.load_official(&chosen, &mut looked)? {
            return Ok(found);
        }
        for path in self.ini_files() {
            if let Some(found) = self.load_ini(&path, &chosen, &mut looked)? {
                return Ok(found);
            }
        }
        if !official_first && let Some(found) = self.load_official(&chosen, &mut looked)? {
            return Ok(found);
        }
        let looked = if looked.is_empty() {
            "the user has no home folder".to_owned()
        } else {
            looked.join(", ")
        };
        Err(match chosen.by {
            Some(by) => CredentialsError::new(format!(
                "{by} names the profile {0}, which has no keys: {looked}; write it by `tcloud \
                 configure --profile {0}`, or correct the name",
                chosen.name
            )),
            None => CredentialsError::absent(looked),
        })
    }

    /// The region of the profile, whether or not it has keys. Files that cannot be read have none.
    pub fn region(&self) -> Option<String> {
        if let Ok(profile) = self.load()
            && let Some(region) = profile.region()
        {
            return Some(region.to_owned());
        }
        let name = self.name();
        let ini = self.ini_files().into_iter().find_map(|path| {
            let ini = Ini::parse(&files::read(&path).ok()??).ok()?;
            ini.get(&name, "region").map(str::to_owned)
        });
        ini.or_else(|| self.official_region(&name))
    }

    /// Another profile of the same files.
    pub(super) fn other(&self, name: &str) -> Self {
        self.clone().profile(name)
    }

    pub(super) fn variables_ref(&self) -> &Variables {
        &self.variables
    }

    fn chosen(&self) -> Chosen {
        if let Some(name) = &self.profile {
            return Chosen {
                name: name.clone(),
                by: Some("the program"),
            };
        }
        let named = [PROFILE, OFFICIAL_PROFILE]
            .into_iter()
            .find_map(|variable| Some((variable, self.variables.get(variable)?)));
        match named {
            Some((variable, name)) => Chosen {
                name,
                by: Some(variable),
            },
            None => Chosen {
                name: "default".to_owned(),
                by: None,
            },
        }
    }

    fn ini_files(&self) -> Vec<PathBuf> {
        let own = self.file();
        if self.variables.get(FILE).is_some() {
            return own.into_iter().collect();
        }
        own.into_iter().chain([self.of_all_users.clone()]).collect()
    }

    fn load_ini(
        &self,
        path: &Path,
        chosen: &Chosen,
        looked: &mut Vec<String>,
    ) -> Result<Option<Profile>, CredentialsError> {
        let shown = path.display();
        let Some(text) = files::read(path).map_err(CredentialsError::new)? else {
            if self.variables.get(FILE).is_some() {
                return Err(CredentialsError::new(format!(
                    "{FILE} names {shown}, which does not exist"
                )));
            }
            looked.push(format!("{shown} does not exist"));
            return Ok(None);
        };
        let ini = Ini::parse(&text).map_err(|error| {
            CredentialsError::new(format!("{shown}, line {}: {}", error.line, error.reason))
        })?;
        let sections = ini.sections();
        let name = &chosen.name;
        if !sections.contains(&name.as_str()) {
            looked.push(if sections.is_empty() {
                format!("{shown} has no profile")
            } else {
                format!("{shown} has no profile {name}, but {}", sections.join(", "))
            });
            return Ok(None);
        }
        let settings = of_ini(&ini, name)
            .map_err(|why| CredentialsError::new(format!("{shown}, profile {name}: {why}")))?;
        if !settings.has_credentials() {
            looked.push(format!("{shown} has a profile {name} without keys"));
            return Ok(None);
        }
        Ok(Some(Profile {
            name: name.clone(),
            path: path.to_owned(),
            settings,
            format: Format::Ini,
        }))
    }

    fn load_official(
        &self,
        chosen: &Chosen,
        looked: &mut Vec<String>,
    ) -> Result<Option<Profile>, CredentialsError> {
        let Some(path) = self.official_file(&chosen.name, "credential") else {
            return Ok(None);
        };
        let shown = path.display();
        let Some(text) = files::read(&path).map_err(CredentialsError::new)? else {
            looked.push(format!("{shown} does not exist"));
            return Ok(None);
        };
        let mut settings = official::credential(&text)
            .map_err(|why| CredentialsError::new(format!("{shown}: {why}")))?;
        if !settings.has_credentials() {
            looked.push(format!("{shown} has no keys"));
            return Ok(None);
        }
        settings.region = self.official_region(&chosen.name);
        Ok(Some(Profile {
            name: chosen.name.clone(),
            settings,
            path,
            format: Format::Official,
        }))
    }

    fn official_region(&self, name: &str) -> Option<String> {
        let path = self.official_file(name, "configure")?;
        official::region(&files::read(&path).ok()??).ok()?
    }

    /// A file of the official command line. A name that would lead elsewhere has none.
    fn official_file(&self, name: &str, kind: &str) -> Option<PathBuf> {
        if name.contains(['/', '\\', '\0']) {
            return None;
        }
        Some(
            self.home
                .as_ref()?
                .join(".tccli")
                .join(format!("{name}.{kind}")),
        )
    }
}

fn of_ini(ini: &Ini, section: &str) -> Result<Settings, String> {
    let value = |key: &str| ini.get(section, key).map(str::to_owned);
    let first = |keys: &[&str]| keys.iter().find_map(|key| value(key));
    let seconds = match value("duration_seconds") {
        None => None,
        Some(text) => Some(
            text.parse()
                .map_err(|_| "duration_seconds is not a number of seconds".to_owned())?,
        ),
    };
    Ok(Settings {
        secret_id: value("secret_id"),
        secret_key: value("secret_key"),
        token: first(&["token", "session_token", "security_token"]),
        expires_at: None,
        region: value("region"),
        of_machine: false,
        process: value("credential_process"),
        role: value("role_arn").map(|arn| Role {
            arn,
            caller: value("source_profile"),
            session_name: value("role_session_name"),
            external_id: value("external_id"),
            seconds,
        }),
    })
}

impl Profile {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file it is in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The region it names.
    pub fn region(&self) -> Option<&str> {
        self.settings.region.as_deref()
    }

    /// The role it takes.
    pub fn role_arn(&self) -> Option<&str> {
        self.settings.role.as_ref().map(|role| role.arn.as_str())
    }

    /// The key that is in it; `None` if it takes its keys from elsewhere.
    ///
    /// # Errors
    /// It has half a key.
    pub fn key(&self) -> Result<Option<Credentials>, CredentialsError> {
        let names = match self.format {
            Format::Ini => ["secret_id", "secret_key"],
            Format::Official => ["secretId", "secretKey"],
        };
        let key = self.settings.key(&self.place(), names)?;
        Ok(match (key, self.region()) {
            (Some(key), Some(region)) => Some(key.with_region(region)),
            (key, _) => key,
        })
    }

    /// How people call it.
    pub(super) fn place(&self) -> String {
        match self.format {
            Format::Ini => format!("{}, profile {}", self.path.display(), self.name),
            Format::Official => self.path.display().to_string(),
        }
    }

    /// Whether the official command line renews it.
    pub(super) fn is_login(&self) -> bool {
        self.format == Format::Official && self.settings.expires_at.is_some()
    }
}
