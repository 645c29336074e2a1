//! The way to the service, and how a command is interrupted.

use tcloud_cos::Client;
use tcloud_transfer::{Control, Transfers};

use super::transfer::TransferArgs;
use crate::args::ConnectionArgs;
use crate::connection::Connection;
use crate::error::Error;
use crate::interrupt::Interruption;

/// A command under way.
pub(super) struct Session {
    /// For everything that moves no content.
    pub(super) client: Client,
    /// Cancelled by the first signal.
    pub(super) control: Control,
    /// Whether the user wants an end.
    pub(super) interruption: Interruption,
    region: Option<String>,
}

impl Session {
    /// To the service or endpoint that is configured.
    pub(super) fn open(args: &ConnectionArgs) -> Result<Self, Error> {
        let connection = Connection::configured(args)?;
        let interruption = Interruption::listen();
        let control = Control::new();
        tokio::spawn({
            let (interruption, control) = (interruption.clone(), control.clone());
            async move {
                interruption.wanted().await;
                control.cancel();
            }
        });
        Ok(Self {
            client: Client::new(&connection.config),
            control,
            interruption,
            region: connection.config.region().map(str::to_owned),
        })
    }

    /// Transfers as `args` say.
    pub(super) fn transfers(&self, args: &TransferArgs) -> Transfers {
        args.transfers(&self.client)
    }

    /// The region of a source, unless it is that of the target as well: what is one bucket has one
    /// name.
    pub(super) fn other_region<'a>(&self, region: Option<&'a str>) -> Option<&'a str> {
        region.filter(|region| self.region.as_deref() != Some(*region))
    }
}
