//! What operations are called on the command line.

use tcloud_core::operation::Operation;

/// The name of an operation as a command.
pub(super) fn command_name(operation: &Operation) -> String {
    operation.function.replace('_', "-")
}
