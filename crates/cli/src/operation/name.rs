//! What operations are called on the command line.

use tcloud_core::operation::Operation;

/// The name of an operation as a command.
pub(super) fn command_name(operation: &Operation) -> String {
    operation.function.replace('_', "-")
}

/// The other names that lead to the command of an operation: those of the spec, as they are and as
/// a command would be called.
pub(super) fn other_names(operation: &Operation) -> Vec<String> {
    let mut names = vec![operation.function.to_owned(), operation.name.to_owned()];
    for alias in operation.aliases {
        names.push((*alias).to_owned());
        names.push(dashed(alias));
    }
    let own = command_name(operation);
    names.retain(|name| *name != own);
    names.sort_unstable();
    names.dedup();
    names
}

/// `text` in lower case, with dashes between its words.
pub(super) fn dashed(text: &str) -> String {
    let mut name = String::new();
    let mut before = '-';
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            name.push('-');
        }
        name.push(if letter == '_' {
            '-'
        } else {
            letter.to_ascii_lowercase()
        });
        before = letter;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{command_name, dashed, other_names};

    #[test]
    fn every_name_leads_to_one_operation() {
        for (catalog, _) in crate::catalogs::CATALOGS {
            let mut seen = std::collections::BTreeMap::new();
            for operation in catalog.operations {
                let mut names = other_names(operation);
                names.push(command_name(operation));
                for name in names {
                    let before = seen.insert(name.clone(), operation.name);
                    assert_eq!(before, None, "{name} of {}", operation.name);
                }
            }
        }
    }

    #[test]
    fn names_of_other_sdks_become_commands() {
        assert_eq!(dashed("list_objects"), "list-objects");
        assert_eq!(dashed("sliceUploadFile"), "slice-upload-file");
        assert_eq!(dashed("PutACL"), "put-acl");
    }
}
