//! `tcloud whoami`: whose access key signs the calls.

use clap::Args;
use comfy_table::Cell;
use serde::Serialize;
use tcloud_core::time::format_iso_utc;
use tcloud_sts::Client;

use crate::args::ConnectionArgs;
use crate::connection::Connection;
use crate::console;
use crate::error::{Error, Outcome};
use crate::table::{table, text};

/// Show whose access key signs the calls, and where it comes from
///
/// Asks the token service (GetCallerIdentity). The key is looked for in the environment, in
/// profiles, and among the roles of a pod of TKE and of a virtual machine.
#[derive(Debug, Args)]
pub(crate) struct WhoamiArgs {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    arn: Option<String>,
    account_id: Option<String>,
    user_id: Option<String>,
    principal_id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    secret_id: String,
    source: Option<String>,
    expires: Option<String>,
}

pub(crate) async fn run(args: WhoamiArgs) -> Result<Outcome, Error> {
    let connection = Connection::configured(&args.connection)?;
    let client = Client::new(&connection.config);
    let caller = client.get_caller_identity().send().await?.into_output();
    let key = connection.config.credentials().await;
    let key = key.map_err(|error| Error::Failed(error.to_string()))?;
    let identity = Identity {
        arn: caller.arn,
        account_id: caller.account_id,
        user_id: caller.user_id,
        principal_id: caller.principal_id,
        kind: caller.type_,
        secret_id: key.shortened_id(),
        source: key.source().map(str::to_owned),
        expires: key.expires_at().map(format_iso_utc),
    };
    console::print(&if args.json {
        let json = serde_json::to_string_pretty(&identity)
            .map_err(|error| Error::Failed(error.to_string()))?;
        console::printable_json(&json).into_owned()
    } else {
        as_table(&identity)
    })?;
    Ok(Outcome::Done)
}

fn as_table(identity: &Identity) -> String {
    let mut table = table(["Who", ""]);
    for (name, value) in [
        ("ARN", &identity.arn),
        ("Account", &identity.account_id),
        ("User", &identity.user_id),
        ("Principal", &identity.principal_id),
        ("Type", &identity.kind),
        ("SecretId", &Some(identity.secret_id.clone())),
        ("From", &identity.source),
        ("Until", &identity.expires),
    ] {
        table.add_row([Cell::new(name), text(value.as_deref())]);
    }
    table.to_string()
}
