//! The statement around the expressions.

use sqlparser::tokenizer::Token;

use super::expression::{Compiler, bracket};
use super::names::{Columns, Scope};
use super::program::{Aggregate, Item, Items, Query, Step};
use super::tokens::{Name, Tokens};
use crate::cos::select::failure::Failure;

/// Names of the object that is selected from, this service's and S3's.
const TABLES: [&str; 2] = ["COSObject", "S3Object"];

/// Reads a statement about rows of `scope`.
///
/// # Errors
///
/// It is none, or asks for what the service has not.
pub(in crate::cos::select) fn query(text: &str, mut scope: Scope) -> Result<Query, Failure> {
    let mut tokens = Tokens::of(text)?;
    if !tokens.passes_word("SELECT") {
        return Err(tokens.unexpected("SELECT"));
    }
    let selected = tokens.at;
    let Some(from) = tokens.find_word("FROM") else {
        return Err(Failure::sql("FROM is missing in the SQL expression"));
    };
    // What the items mean depends on what the row is called.
    tokens.at = from + 1;
    let path = row(&mut tokens, &mut scope)?;
    let behind = tokens.at;
    tokens.at = selected;
    let (items, aggregates) = items(&mut tokens, &scope)?;
    if tokens.at != from {
        return Err(tokens.unexpected("a comma or FROM"));
    }
    tokens.at = behind;
    let filter = if tokens.passes_word("WHERE") {
        let (program, _) = Compiler::new(&mut tokens, &scope).program()?;
        Some(program)
    } else {
        None
    };
    let limit = if tokens.passes_word("LIMIT") {
        Some(limit(&mut tokens)?)
    } else {
        None
    };
    let _ = tokens.passes(&Token::SemiColon);
    end(&tokens)?;
    Ok(Query {
        path,
        items,
        filter,
        limit,
        aggregates,
    })
}

/// Refuses whatever follows, by its name if it has one.
fn end(tokens: &Tokens) -> Result<(), Failure> {
    if tokens.peek().is_none() {
        return Ok(());
    }
    let clauses = [
        "GROUP",
        "ORDER",
        "UNION",
        "HAVING",
        "JOIN",
        "INNER",
        "LEFT",
        "RIGHT",
        "FULL",
        "CROSS",
        "NATURAL",
        "INTERSECT",
        "EXCEPT",
        "OFFSET",
        "FETCH",
        "WINDOW",
        "FOR",
        "AT",
        "BY",
    ];
    if let Some(clause) = clauses.into_iter().find(|clause| tokens.is_word(clause)) {
        return Err(tokens.unsupported(clause));
    }
    if tokens.peek() == Some(&Token::Comma) {
        return Err(tokens.unsupported("more than one table"));
    }
    Err(tokens.unexpected("the end"))
}

/// Reads what the rows are, and what they are called.
fn row(tokens: &mut Tokens, scope: &mut Scope) -> Result<Vec<Step>, Failure> {
    let table = tokens.name("COSObject")?;
    if !TABLES
        .iter()
        .any(|own| table.text.eq_ignore_ascii_case(own))
    {
        tokens.at -= 1;
        return Err(tokens.unexpected("COSObject"));
    }
    let is_path = matches!(tokens.peek(), Some(Token::LBracket | Token::Period));
    let path = if is_path { path(tokens)? } else { Vec::new() };
    if is_path && scope.columns != Columns::Document {
        let message = "only objects of JSON have paths in FROM; leave out what is behind COSObject";
        return Err(Failure::sql(message));
    }
    scope.row = match path.last() {
        None => Some(table),
        Some(Step::Name(name)) => Some(name.clone()),
        Some(_) => None,
    };
    if let Some(name) = alias(tokens)? {
        scope.row = Some(name);
    }
    Ok(path)
}

/// Reads the path of a row, which begins at each document of the object.
fn path(tokens: &mut Tokens) -> Result<Vec<Step>, Failure> {
    let is_start = |tokens: &mut Tokens| {
        tokens.passes(&Token::LBracket)
            && tokens.passes(&Token::Mul)
            && tokens.passes(&Token::RBracket)
    };
    if !is_start(tokens) {
        let message =
            "a path in FROM has to begin with COSObject[*], which is each document of the object";
        return Err(Failure::sql(message));
    }
    let mut steps = Vec::new();
    loop {
        if tokens.passes(&Token::Period) {
            steps.push(if tokens.passes(&Token::Mul) {
                Step::Fields
            } else {
                Step::Name(tokens.name("a name")?)
            });
        } else if tokens.peek() == Some(&Token::LBracket) {
            steps.push(if tokens.is_followed_by(&Token::Mul) {
                tokens.skip();
                tokens.skip();
                tokens.require(&Token::RBracket)?;
                Step::Elements
            } else {
                bracket(tokens)?
            });
        } else {
            return Ok(steps);
        }
    }
}

/// Reads a name that is given, with or without `AS`.
fn alias(tokens: &mut Tokens) -> Result<Option<Name>, Failure> {
    if tokens.passes_word("AS") {
        return tokens.name("a name").map(Some);
    }
    match tokens.peek() {
        // No clause begins with a word that is not reserved.
        Some(Token::Word(word)) if word.quote_style == Some('"') => tokens.name("a name").map(Some),
        Some(Token::Word(word))
            if word.quote_style.is_none()
                && !super::words::is_reserved(&word.value)
                && !word.value.eq_ignore_ascii_case("OFFSET") =>
        {
            tokens.name("a name").map(Some)
        }
        _ => Ok(None),
    }
}

/// Reads what is selected, and the functions of all rows in it.
fn items(tokens: &mut Tokens, scope: &Scope) -> Result<(Items, Vec<Aggregate>), Failure> {
    let alone = "Other expressions are not allowed in the SELECT list when '*' is used without dot notation.";
    if tokens.is_word("FROM") {
        return Err(Failure::sql("The SQL expression contains an empty SELECT"));
    }
    if tokens.is_word("DISTINCT") || tokens.is_word("ALL") {
        return Err(tokens.unsupported("DISTINCT or ALL"));
    }
    if tokens.passes(&Token::Mul) {
        if !tokens.is_word("FROM") {
            return Err(Failure::sql(alone));
        }
        return Ok((Items::All, Vec::new()));
    }
    let mut items = Vec::new();
    let mut compiler = Compiler::new(tokens, scope);
    compiler.may_aggregate = true;
    loop {
        if compiler.tokens.peek() == Some(&Token::Mul) {
            return Err(Failure::sql(alone));
        }
        items.push(if is_all(compiler.tokens, scope) {
            compiler.names_columns = true;
            Item::All
        } else {
            let (program, own) = compiler.program()?;
            let given = alias(compiler.tokens)?.map(|name| name.text);
            let name = given.or(own);
            let name = name.unwrap_or_else(|| format!("_{}", items.len() + 1));
            Item::Value { name, program }
        });
        if !compiler.tokens.passes(&Token::Comma) {
            break;
        }
    }
    let aggregates = std::mem::take(&mut compiler.aggregates);
    if !aggregates.is_empty() && compiler.names_columns {
        let message = "columns cannot be selected beside functions of all rows: GROUP is not supported in \
                       the SQL expression";
        return Err(Failure::sql(message));
    }
    Ok((Items::These(items), aggregates))
}

/// Passes `alias.*` if it comes.
fn is_all(tokens: &mut Tokens, scope: &Scope) -> bool {
    let start = tokens.at;
    let is_all = tokens.name("").is_ok_and(|name| scope.is_row(&name))
        && tokens.passes(&Token::Period)
        && tokens.passes(&Token::Mul);
    if !is_all {
        tokens.at = start;
    }
    is_all
}

fn limit(tokens: &mut Tokens) -> Result<u64, Failure> {
    let number = match tokens.peek() {
        Some(Token::Number(digits, _)) => digits.parse().ok(),
        _ => None,
    };
    let number = number.ok_or_else(|| tokens.unexpected("a number of rows"))?;
    tokens.skip();
    Ok(number)
}
