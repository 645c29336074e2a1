//! How a list is paged, as data.

/// How a list is paged, as the spec says it.
#[derive(Debug)]
pub struct Paging {
    /// The request's parameter that names the next page.
    pub input: &'static str,
    /// The response's node with its value; without it, the parameter is a number that counts up.
    pub output: Option<&'static str>,
    /// Further parameters that name the next page, each with the response's node that has its value.
    pub also: &'static [(&'static str, &'static str)],
    /// Whether that number counts the items before the page, from 0, and not pages, from 1.
    pub by_items: bool,
    /// The response's node that says whether there is more.
    pub more: Option<&'static str>,
    /// The response's node with the number of items in all.
    pub total: Option<&'static str>,
    /// The response's node with the items.
    pub items: &'static str,
}
