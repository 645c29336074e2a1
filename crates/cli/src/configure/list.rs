//! `tcloud configure list`: where each value comes from. Nothing is sent to find out.

use comfy_table::Cell;
use tcloud_core::credentials::{Credentials, CredentialsError, EnvironmentProvider};
use tcloud_credentials::{DefaultChain, ProfileFiles};

use crate::console;
use crate::error::{Error, Outcome};
use crate::table::{cell, table, text};

/// A value and the place it comes from; without a value, why there is none.
struct Row {
    name: &'static str,
    value: Option<String>,
    from: String,
}

pub(super) fn run(profile: Option<&str>) -> Result<Outcome, Error> {
    let chain = match profile {
        Some(name) => DefaultChain::new().profile(name),
        None => DefaultChain::new(),
    };
    let files = chain.files();
    let (keys, is_broken) = match keys(files, profile.is_some()) {
        Ok(rows) => (rows, false),
        Err(error) if error.is_absent() && chain.is_configured() => (
            vec![row(
                "secret_id",
                None,
                "the role of this pod of TKE (TKE_ROLE_ARN)",
            )],
            false,
        ),
        Err(error) if error.is_absent() => (
            vec![row(
                "secret_id",
                None,
                &format!("{error}; a virtual machine's role is asked for when a call is made"),
            )],
            false,
        ),
        Err(error) => (vec![row("secret_id", None, &error.to_string())], true),
    };
    let chosen_by = match files.named_by() {
        Some(_) if profile.is_some() => "--profile".to_owned(),
        Some(variable) => format!("variable {variable}"),
        None => "the default".to_owned(),
    };
    let mut rows = vec![row("profile", Some(&files.name()), &chosen_by)];
    rows.extend(keys);
    rows.push(region(files));
    rows.push(variable("endpoint", "TCLOUD_ENDPOINT"));

    let mut table = table(["Name", "Value", "From"]);
    for Row { name, value, from } in &rows {
        table.add_row([Cell::new(name), text(value.as_deref()), cell(from)]);
    }
    console::print(&table.to_string())?;
    Ok(if is_broken {
        Outcome::Incomplete
    } else {
        Outcome::Done
    })
}

fn row(name: &'static str, value: Option<&str>, from: &str) -> Row {
    Row {
        name,
        value: value.map(str::to_owned),
        from: from.to_owned(),
    }
}

fn keys(files: &ProfileFiles, profile_alone: bool) -> Result<Vec<Row>, CredentialsError> {
    if !profile_alone {
        match EnvironmentProvider::new().read() {
            Ok(key) => return Ok(rows_of(&key)),
            Err(error) if error.is_absent() => {}
            Err(error) => return Err(error),
        }
    }
    let profile = files.load()?;
    let path = profile.path().display().to_string();
    let mut rows = match profile.key()? {
        Some(key) => rows_of(&key),
        None => vec![row(
            "secret_id",
            None,
            &format!("whatever the profile in {path} names"),
        )],
    };
    if let Some(role) = profile.role_arn() {
        rows.push(row("role_arn", Some(role), &path));
    }
    Ok(rows)
}

fn rows_of(key: &Credentials) -> Vec<Row> {
    let source = key.source().unwrap_or_default();
    let mut rows = vec![
        row("secret_id", Some(&key.shortened_id()), source),
        row("secret_key", Some("…"), source),
    ];
    if key.token().is_some() {
        rows.push(row("token", Some("…"), source));
    }
    rows
}

fn region(files: &ProfileFiles) -> Row {
    let set = variable("region", "TENCENTCLOUD_REGION");
    if set.value.is_some() {
        return set;
    }
    match files.region() {
        Some(region) => row(
            "region",
            Some(&region),
            &format!("profile {}", files.name()),
        ),
        None => set,
    }
}

fn variable(name: &'static str, variable: &str) -> Row {
    let value = std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty());
    match value {
        Some(value) => row(name, Some(&value), &format!("variable {variable}")),
        None => row(name, None, "not set"),
    }
}
