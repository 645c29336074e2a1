//! The call of a macro in lines. A printer of Rust leaves it in one, since it knows no grammar of
//! what is inside.

use std::fmt::Write as _;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

use super::wrap::WIDTH;

const INDENT: &str = "    ";

/// The call of `invoked`: in one line if there is room, else its arguments in lines of their own,
/// as many in each as there is room for.
pub(super) fn lines(invoked: &syn::Macro) -> String {
    let path = text(invoked.path.to_token_stream());
    let arguments = arguments(invoked.tokens.clone());
    let line = format!("{path}!({});\n", arguments.join(", "));
    if line.trim_end().len() <= WIDTH {
        return line;
    }
    let mut result = format!("{path}!(\n{INDENT}");
    let mut width = INDENT.len();
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            result.push(',');
            width += 1;
            if width + " ".len() + argument.len() + ",".len() > WIDTH {
                let _ = write!(result, "\n{INDENT}");
                width = INDENT.len();
            } else {
                result.push(' ');
                width += 1;
            }
        }
        result.push_str(argument);
        width += argument.len();
    }
    result.push_str("\n);\n");
    result
}

/// The parts between commas.
fn arguments(tokens: TokenStream) -> Vec<String> {
    let mut arguments = vec![TokenStream::new()];
    for token in tokens {
        match (&token, arguments.last_mut()) {
            (TokenTree::Punct(mark), _) if mark.as_char() == ',' => {
                arguments.push(TokenStream::new());
            }
            (_, Some(argument)) => argument.extend([token]),
            (_, None) => {}
        }
    }
    arguments.retain(|argument| !argument.is_empty());
    arguments.into_iter().map(text).collect()
}

/// Tokens with blanks where a person puts them.
fn text(tokens: TokenStream) -> String {
    let mut result = String::new();
    let mut close = true;
    for token in tokens {
        let (written, close_before, close_after) = match token {
            TokenTree::Group(group) => {
                let inner = arguments(group.stream()).join(", ");
                let written = match group.delimiter() {
                    Delimiter::Parenthesis => format!("({inner})"),
                    Delimiter::Bracket => format!("[{inner}]"),
                    Delimiter::Brace => format!("{{ {inner} }}"),
                    Delimiter::None => inner,
                };
                (written, true, false)
            }
            TokenTree::Punct(mark) => {
                let mark_before = result.ends_with([':', '-']);
                let joint = mark.spacing() == Spacing::Joint;
                let colon = mark.as_char() == ':';
                (
                    mark.to_string(),
                    colon || mark_before,
                    joint || colon && mark_before,
                )
            }
            other => (other.to_string(), false, false),
        };
        if !close && !close_before {
            result.push(' ');
        }
        result.push_str(&written);
        close = close_after;
    }
    result
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn laid(tokens: TokenStream) -> String {
        lines(&syn::parse2(tokens).unwrap())
    }

    #[test]
    fn a_short_call_is_one_line() {
        assert_eq!(
            laid(quote!(
                tcloud_core::node!(A, A_TABLE: text(a), fixed, nodes(b))
            )),
            "tcloud_core::node!(A, A_TABLE: text(a), fixed, nodes(b));\n"
        );
        assert_eq!(
            laid(quote!(tcloud_core::words!(A: B = "b , (c", D = "d"))),
            "tcloud_core::words!(A: B = \"b , (c\", D = \"d\");\n"
        );
        assert_eq!(
            laid(quote!(tcloud_core::builder!(A(B, body) -> C by OPERATION))),
            "tcloud_core::builder!(A(B, body) -> C by OPERATION);\n"
        );
    }

    #[test]
    fn a_long_call_fills_its_lines() {
        let rows = (0..30).map(|_| quote!(text(some_field)));
        let text = laid(quote!(tcloud_core::node!(A, A_TABLE: #(#rows),*)));
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.lines().count(), 9, "{text}");
        assert_eq!(text.matches("text(some_field)").count(), 30);
        assert!(text.ends_with("text(some_field)\n);\n"), "{text}");
    }
}
