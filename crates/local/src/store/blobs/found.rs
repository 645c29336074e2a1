//! What a listing of content finds.

/// Something in the place where content is kept, by a name that this program gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Found {
    /// Its name there: the id, or that of a file into which content is still being received.
    pub(in crate::store) name: String,
    /// The id of the content, or of what is to become it.
    pub(in crate::store) id: String,
    /// The number of bytes.
    pub(in crate::store) size: u64,
    /// When it was last changed, by the clock of that place, in Unix milliseconds.
    pub(in crate::store) modified: i64,
}

impl Found {
    /// What has the name `name` and `size` bytes, if this program gives such names.
    pub(in crate::store) fn named(name: &str, size: u64) -> Option<Self> {
        Some(Self {
            id: own_name(name)?.to_owned(),
            name: name.to_owned(),
            size,
            modified: 0,
        })
    }

    /// Whether it is whole: what is still being received is not.
    pub(in crate::store) fn is_whole(&self) -> bool {
        self.name == self.id
    }
}

/// The id in a name that this program gives: 32 hexadecimal digits, and a `#` with a number while
/// the content is being received.
pub(super) fn own_name(name: &str) -> Option<&str> {
    let (id, number) = name.split_once('#').unwrap_or((name, "1"));
    let is_id = id.len() == 32
        && id
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_id && is_number).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::own_name;

    #[test]
    fn only_names_this_store_gives_are_its_own() {
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(own_name(id), Some(id));
        assert_eq!(own_name(&format!("{id}#12")), Some(id));
        for foreign in [
            "",
            "store-id",
            "notes#1.txt",
            "0123456789abcdef",
            "0123456789ABCDEF0123456789ABCDEF",
            "0123456789abcdef0123456789abcdef#",
            "0123456789abcdef0123456789abcdef#1#2",
            "0123456789abcdef0123456789abcdef.txt",
        ] {
            assert_eq!(own_name(foreign), None, "{foreign}");
        }
    }
}
