//! Names of operations as documents print them.

use super::casing::capital;

/// `PUT Object acl` as a name; `None` for what is no such name.
pub(in crate::import::doc) fn printed(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['`', '*', '.', '"']);
    let words: Vec<&str> = text
        .split([' ', '-'])
        .filter(|word| !word.is_empty())
        .collect();
    let letters = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric());
    if words.is_empty() || words.len() > 7 || !words.iter().all(letters) {
        return None;
    }
    let first = *words.first()?;
    let method = matches!(
        first,
        "GET" | "PUT" | "POST" | "DELETE" | "HEAD" | "OPTIONS" | "APPEND" | "LIST" | "SELECT"
    );
    let verb = matches!(
        first,
        "Get"
            | "Put"
            | "Post"
            | "Delete"
            | "Head"
            | "List"
            | "Upload"
            | "Complete"
            | "Initiate"
            | "Abort"
            | "Append"
            | "Copy"
            | "Restore"
            | "Options"
            | "Select"
            | "Create"
            | "Describe"
            | "Update"
            | "Rename"
    );
    let about = [
        "Bucket",
        "Object",
        "Service",
        "Part",
        "Parts",
        "Upload",
        "Uploads",
        "Multipart",
        "Objects",
        "Job",
        "Jobs",
        "Versions",
        "Content",
    ];
    let one = words.len() == 1 && verb_and_noun(first);
    if !(one
        || words.len() > 1 && (method || verb) && words.iter().any(|word| about.contains(word)))
    {
        return None;
    }
    Some(
        words
            .iter()
            .map(|word| {
                let upper = word.chars().all(|c| c.is_ascii_uppercase());
                if upper && method && word == &first {
                    capital(&word.to_ascii_lowercase())
                } else {
                    capital(word)
                }
            })
            .collect(),
    )
}

/// The title of a page as a name, if it is the method and what that is done to: `DELETE LiveChannel`.
pub(in crate::import::doc) fn titled(title: &str, method: &str) -> Option<String> {
    let words: Vec<&str> = title.split_whitespace().collect();
    let letters = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric());
    let (first, rest) = words.split_first()?;
    let noun = rest.first()?;
    let named = noun.starts_with(|c: char| c.is_ascii_uppercase())
        && noun.contains(|c: char| c.is_ascii_lowercase());
    if *first != method || !named || rest.len() > 4 || !rest.iter().all(letters) {
        return None;
    }
    let rest = rest.iter().map(|word| capital(word));
    Some(capital(&method.to_ascii_lowercase()) + &rest.collect::<String>())
}

/// As [`printed`], if the name fits the method of the request.
pub(in crate::import::doc) fn printed_with(method: &str) -> impl Fn(&str) -> Option<String> + '_ {
    move |text| {
        let first = text.trim().split([' ', '-']).next().unwrap_or_default();
        let methods = ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"];
        let other =
            methods.contains(&first) && first != method && !(first == "DELETE" && method == "POST");
        let name = printed(text).filter(|_| !other)?;
        let verb = methods.iter().find(|verb| {
            let verb = capital(&verb.to_ascii_lowercase());
            name.strip_prefix(&verb)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        });
        // What deletes several things at once is a POST.
        let several = method == "POST" && name.starts_with("Delete");
        verb.is_none_or(|verb| *verb == method || several)
            .then_some(name)
    }
}

/// Whether a word is a name in camel case: `PutBucketAcl`.
fn verb_and_noun(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase())
        && word
            .chars()
            .skip(1)
            .filter(char::is_ascii_uppercase)
            .count()
            >= 1
        && word.chars().skip(1).any(|c| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_documents_print() {
        assert_eq!(printed("PUT Object acl").as_deref(), Some("PutObjectAcl"));
        assert_eq!(
            printed("GET Bucket website").as_deref(),
            Some("GetBucketWebsite")
        );
        assert_eq!(
            printed("Complete Multipart Upload").as_deref(),
            Some("CompleteMultipartUpload")
        );
        assert_eq!(
            printed("PutBucketLifecycle").as_deref(),
            Some("PutBucketLifecycle")
        );
        assert_eq!(printed("Request Signature"), None);
        assert_eq!(printed("Transition"), None);
        let title = "DELETE LiveChannel";
        assert_eq!(
            titled(title, "DELETE").as_deref(),
            Some("DeleteLiveChannel")
        );
        assert_eq!(
            titled("PUT LiveChannel switch", "PUT").as_deref(),
            Some("PutLiveChannelSwitch")
        );
        assert_eq!(titled(title, "PUT"), None);
        assert_eq!(titled("GET HTTP", "GET"), None);
    }
}
