//! The grammar of picture processing as it is written: `api-spec/<service>/pictures/`.
//!
//! One file an operation of the grammar, such as `imageMogr2`, and `words.yaml` for the words that
//! several of them use. A form is copied from the document's table, `/thumbnail/!<Scale>p`; what
//! its slots hold is beside it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::document::Document;

/// `pictures/<operation>.yaml`: an operation of the grammar.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureFile {
    /// Name of the operation in upper camel case: that of its type.
    #[schemars(with = "String")]
    pub operation: Spanned<String>,
    /// What it does to a picture.
    #[serde(default)]
    pub doc: String,
    /// Where the document is.
    #[serde(default)]
    pub document: Document,
    /// The segments an operation begins with: `imageMogr2`, `imageView2/<Mode>`.
    #[schemars(with = "String")]
    pub head: Spanned<String>,
    /// What the slots of `head` hold.
    #[serde(default)]
    #[schemars(with = "Vec<PictureSlot>")]
    pub slots: Vec<Spanned<PictureSlot>>,
    /// What may follow, in the document's order.
    #[serde(default)]
    #[schemars(with = "Vec<PictureParameter>")]
    pub parameters: Vec<Spanned<PictureParameter>>,
}

/// A parameter of an operation: its name and, unless it is a mere switch, one segment after it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureParameter {
    /// Name as it travels.
    pub name: String,
    /// Name of the method in Rust, where its own would mislead.
    #[serde(default)]
    pub rename: Option<String>,
    /// Name of the type that holds one of several forms. Parameters that share it must agree in
    /// the forms' names and slots.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Whether the operation means nothing without it.
    #[serde(default)]
    pub required: bool,
    /// The forms it is written in.
    #[schemars(with = "Vec<PictureForm>")]
    pub forms: Vec<Spanned<PictureForm>>,
    /// What the slots of the forms hold.
    #[serde(default)]
    #[schemars(with = "Vec<PictureSlot>")]
    pub slots: Vec<Spanned<PictureSlot>>,
    /// What it does, in our words.
    #[serde(default)]
    pub doc: String,
}

/// One way to write a parameter.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureForm {
    /// The text with its slots between `<` and `>`, as in the document.
    pub form: String,
    /// Name of the variant, where there are several forms.
    #[serde(default)]
    pub name: Option<String>,
    /// A bare value is read as this form, whose only slot takes it.
    #[serde(default)]
    pub bare: bool,
    /// What this form means, where there are several.
    #[serde(default)]
    pub doc: String,
}

/// A place in a form that a value takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureSlot {
    /// Name, as between the form's `<` and `>`.
    pub name: String,
    /// `Int`, `Float`, `Switch` (`0` or `1`), `Text`, `Base64` (text in URL-safe Base64), or the
    /// name of a list in `words.yaml`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Smallest and largest number: `[0, 100]`; `null` for an open end.
    #[serde(default)]
    pub range: Option<[Option<i32>; 2]>,
    /// What it means. A parameter's only slot may do without: the parameter says it.
    #[serde(default)]
    pub doc: String,
}

/// `pictures/words.yaml`: words that slots take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureWordsFile {
    /// The lists.
    #[schemars(with = "Vec<PictureWords>")]
    pub words: Vec<Spanned<PictureWords>>,
}

/// A list of words. More may come, so the generated enum is open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureWords {
    /// Name of the enum.
    pub name: String,
    /// What a word of it means.
    #[serde(default)]
    pub doc: String,
    /// The words.
    #[schemars(with = "Vec<PictureWord>")]
    pub words: Vec<Spanned<PictureWord>>,
}

/// A word and its meaning.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureWord {
    /// The text as it travels. The service ignores upper and lower case.
    pub word: String,
    /// Name of the variant, where the word is a number or says too little.
    #[serde(default)]
    pub name: Option<String>,
    /// What it means.
    #[serde(default)]
    pub doc: String,
}
