//! Expressions: operators by how tightly they bind, and what stands between them.

use sqlparser::tokenizer::{Token, Word};

use super::names::Scope;
use super::program::{Aggregate, Comparison, Op, Program, Step};
use super::tokens::Tokens;
use crate::cos::select::failure::{Failure, shortened};
use crate::cos::select::value::decimal::Decimal;
use crate::cos::select::value::timestamp::Timestamp;
use crate::cos::select::value::{Sum, Value};

/// How tightly operators bind, as the service's document has it: more is tighter.
mod binding {
    pub(super) const OR: u8 = 1;
    pub(super) const AND: u8 = 2;
    pub(super) const NOT: u8 = 3;
    pub(super) const EQUAL: u8 = 4;
    pub(super) const UNEQUAL: u8 = 5;
    pub(super) const LIKE: u8 = 6;
    pub(super) const BETWEEN: u8 = 7;
    pub(super) const IN: u8 = 8;
    pub(super) const SUM: u8 = 9;
    pub(super) const PRODUCT: u8 = 10;
    pub(super) const SIGN: u8 = 11;
}

/// How deep parentheses, functions and signs may be within each other.
const DEEPEST: usize = 100;

/// Makes programs of expressions.
pub(super) struct Compiler<'t> {
    pub(super) tokens: &'t mut Tokens,
    pub(super) scope: &'t Scope,
    pub(super) ops: Vec<Op>,
    pub(super) aggregates: Vec<Aggregate>,
    /// Whether there is a row whose parts can be named, and functions of all rows.
    pub(super) may_aggregate: bool,
    /// Whether a part of a row is named outside of functions of all rows.
    pub(super) names_columns: bool,
    depth: usize,
}

impl<'t> Compiler<'t> {
    pub(super) fn new(tokens: &'t mut Tokens, scope: &'t Scope) -> Self {
        Self {
            tokens,
            scope,
            ops: Vec::new(),
            aggregates: Vec::new(),
            may_aggregate: false,
            names_columns: false,
            depth: 0,
        }
    }

    /// The program of the expression that comes, and the name of its result if it has one of its own.
    pub(super) fn program(&mut self) -> Result<(Program, Option<String>), Failure> {
        let name = self.named(0)?;
        Ok((Program(std::mem::take(&mut self.ops)), name))
    }

    /// Reads an expression whose operators bind at least as tightly as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Result<(), Failure> {
        self.named(least).map(|_| ())
    }

    fn named(&mut self, least: u8) -> Result<Option<String>, Failure> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let message = format!("the SQL expression is nested deeper than {DEEPEST} levels");
            return Err(Failure::sql(message));
        }
        let mut name = self.operand()?;
        while self.operator(least)? {
            name = None;
        }
        self.depth -= 1;
        Ok(name)
    }

    /// Reads an operator that binds at least as tightly as `least`, and what is to its right.
    fn operator(&mut self, least: u8) -> Result<bool, Failure> {
        let Some(token) = self.tokens.peek() else {
            return Ok(false);
        };
        if let Token::Word(word) = token {
            let word = match word.quote_style {
                None => word.value.to_ascii_uppercase(),
                Some(_) => return Ok(false),
            };
            return self.word_operator(&word, least);
        }
        let (binds, op) = match token {
            Token::Eq | Token::DoubleEq => (binding::EQUAL, Op::Compare(Comparison::Equal)),
            Token::Neq => (binding::UNEQUAL, Op::Compare(Comparison::NotEqual)),
            Token::Lt => (binding::UNEQUAL, Op::Compare(Comparison::Less)),
            Token::LtEq => (binding::UNEQUAL, Op::Compare(Comparison::LessOrEqual)),
            Token::Gt => (binding::UNEQUAL, Op::Compare(Comparison::Greater)),
            Token::GtEq => (binding::UNEQUAL, Op::Compare(Comparison::GreaterOrEqual)),
            Token::Plus => (binding::SUM, Op::Sum(Sum::Plus)),
            Token::Minus => (binding::SUM, Op::Sum(Sum::Minus)),
            Token::Mul => (binding::PRODUCT, Op::Sum(Sum::Times)),
            Token::Div => (binding::PRODUCT, Op::Sum(Sum::Divided)),
            Token::Mod => (binding::PRODUCT, Op::Sum(Sum::Modulo)),
            Token::StringConcat => return Err(self.tokens.unsupported("||")),
            _ => return Ok(false),
        };
        if binds < least {
            return Ok(false);
        }
        self.tokens.skip();
        // Only `=` is read from the right.
        let right = if binds == binding::EQUAL {
            binds
        } else {
            binds + 1
        };
        self.expression(right)?;
        self.ops.push(op);
        Ok(true)
    }

    fn word_operator(&mut self, word: &str, least: u8) -> Result<bool, Failure> {
        match word {
            "AND" => self.logical(binding::AND, least, false, Op::And),
            "OR" => self.logical(binding::OR, least, true, Op::Or),
            "IS" if binding::IN >= least => {
                self.tokens.skip();
                let negated = self.tokens.passes_word("NOT");
                let op = match self.tokens.word().map(str::to_ascii_uppercase).as_deref() {
                    Some("NULL") => Op::IsNull { negated },
                    Some("MISSING") => Op::IsMissing { negated },
                    _ => return Err(self.tokens.unexpected("NULL or MISSING")),
                };
                self.tokens.skip();
                self.ops.push(op);
                Ok(true)
            }
            "NOT" | "IN" | "LIKE" | "BETWEEN" => self.membership(word == "NOT", least),
            _ => Ok(false),
        }
    }

    /// Reads an operator whose right side is not looked at if the left one decides.
    fn logical(&mut self, binds: u8, least: u8, decides: bool, op: Op) -> Result<bool, Failure> {
        if binds < least {
            return Ok(false);
        }
        self.tokens.skip();
        let jump = self.placeholder();
        self.expression(binds + 1)?;
        self.ops.push(op);
        let end = self.ops.len();
        self.set(jump, Op::JumpOn(decides, end));
        Ok(true)
    }

    /// Reads `IN`, `LIKE` or `BETWEEN`.
    fn membership(&mut self, negated: bool, least: u8) -> Result<bool, Failure> {
        let place = usize::from(negated);
        let word = self.tokens.word_after(place).map(str::to_ascii_uppercase);
        let binds = match word.as_deref() {
            Some("IN") => binding::IN,
            Some("LIKE") => binding::LIKE,
            Some("BETWEEN") => binding::BETWEEN,
            _ => return Ok(false),
        };
        if binds < least {
            return Ok(false);
        }
        self.tokens.at = self.tokens.at.saturating_add(place + 1);
        match binds {
            binding::IN => {
                self.tokens.require(&Token::LParen)?;
                let count = self.list(&Token::RParen)?;
                self.ops.push(Op::In { count, negated });
            }
            binding::LIKE => {
                self.expression(binds + 1)?;
                let has_escape = self.tokens.passes_word("ESCAPE");
                if has_escape {
                    self.expression(binds + 1)?;
                }
                self.ops.push(Op::Like {
                    negated,
                    has_escape,
                });
            }
            _ => {
                self.expression(binds + 1)?;
                self.tokens.require_word("AND")?;
                self.expression(binds + 1)?;
                self.ops.push(Op::Between { negated });
            }
        }
        Ok(true)
    }

    /// Reads expressions up to `end`, at least one. Returns how many there are.
    pub(super) fn list(&mut self, end: &Token) -> Result<usize, Failure> {
        let mut count = 0;
        loop {
            self.expression(0)?;
            count += 1;
            if !self.tokens.passes(&Token::Comma) {
                self.tokens.require(end)?;
                return Ok(count);
            }
        }
    }

    /// Reads what stands between operators, and returns the name that its value has.
    fn operand(&mut self) -> Result<Option<String>, Failure> {
        let Some(token) = self.tokens.peek() else {
            return Err(self.tokens.unexpected("an expression"));
        };
        let value = match token {
            Token::Number(digits, _) => number(digits)?,
            Token::SingleQuotedString(text) => Value::Text(text.clone()),
            Token::Word(Word {
                value,
                quote_style: Some('`'),
                ..
            }) => Value::Timestamp(Timestamp::read(value).ok_or_else(|| {
                let message = format!("{} is no timestamp", shortened(value));
                Failure::new("ValueParseFailure", message)
            })?),
            Token::Word(word) => {
                let is_plain = word.quote_style.is_none();
                let word = word.value.to_ascii_uppercase();
                return self.word(&word, is_plain);
            }
            Token::Minus => {
                self.tokens.skip();
                self.expression(binding::SIGN)?;
                self.ops.push(Op::Negate);
                return Ok(None);
            }
            Token::Plus => {
                self.tokens.skip();
                self.ops.push(Op::Push(Value::Int(0)));
                self.expression(binding::SIGN)?;
                self.ops.push(Op::Sum(Sum::Plus));
                return Ok(None);
            }
            Token::LParen => {
                self.tokens.skip();
                if self.tokens.is_word("SELECT") {
                    return Err(self.tokens.unsupported("a subquery"));
                }
                self.expression(0)?;
                self.tokens.require(&Token::RParen)?;
                return Ok(None);
            }
            Token::LBracket => {
                self.tokens.skip();
                let count = self.list(&Token::RBracket)?;
                self.ops.push(Op::List(count));
                return Ok(None);
            }
            _ => return Err(self.tokens.unexpected("an expression")),
        };
        self.tokens.skip();
        self.ops.push(Op::Push(value));
        Ok(None)
    }

    fn word(&mut self, word: &str, is_plain: bool) -> Result<Option<String>, Failure> {
        let value = match word {
            _ if !is_plain => None,
            "TRUE" => Some(Value::Bool(true)),
            "FALSE" => Some(Value::Bool(false)),
            "NULL" => Some(Value::Null),
            "MISSING" => Some(Value::Missing),
            "NOT" => {
                self.tokens.skip();
                self.expression(binding::NOT)?;
                self.ops.push(Op::Not);
                return Ok(None);
            }
            "CASE" => return self.case().map(|()| None),
            "SELECT" => return Err(self.tokens.unsupported("a subquery")),
            _ => None,
        };
        if let Some(value) = value {
            self.tokens.skip();
            self.ops.push(Op::Push(value));
            return Ok(None);
        }
        if is_plain && self.tokens.is_followed_by(&Token::LParen) {
            return self.function(word).map(|()| None);
        }
        let first = self.tokens.name("an expression")?;
        let rest = self.steps()?;
        let (reference, name) = self.scope.reference(first, rest)?;
        self.names_columns = true;
        self.ops.push(Op::Column(reference));
        Ok(name)
    }

    /// Reads the path that follows a name.
    fn steps(&mut self) -> Result<Vec<Step>, Failure> {
        let mut steps = Vec::new();
        loop {
            if self.tokens.passes(&Token::Period) {
                steps.push(Step::Name(self.tokens.name("a name")?));
            } else if self.tokens.peek() == Some(&Token::LBracket) {
                steps.push(bracket(self.tokens)?);
            } else {
                return Ok(steps);
            }
        }
    }

    /// Reads `CASE`, with an operand that is compared or with conditions.
    fn case(&mut self) -> Result<(), Failure> {
        self.tokens.skip();
        let compares = !self.tokens.is_word("WHEN");
        if compares {
            self.expression(0)?;
        }
        let mut ends = Vec::new();
        while self.tokens.passes_word("WHEN") {
            if compares {
                self.ops.push(Op::Duplicate);
            }
            self.expression(0)?;
            if compares {
                self.ops.push(Op::Compare(Comparison::Equal));
            }
            let next = self.placeholder();
            self.tokens.require_word("THEN")?;
            if compares {
                self.ops.push(Op::Pop);
            }
            self.expression(0)?;
            ends.push(self.placeholder());
            let place = self.ops.len();
            self.set(next, Op::JumpUnless(place));
        }
        if ends.is_empty() {
            return Err(self.tokens.unexpected("WHEN"));
        }
        if compares {
            self.ops.push(Op::Pop);
        }
        if self.tokens.passes_word("ELSE") {
            self.expression(0)?;
        } else {
            self.ops.push(Op::Push(Value::Null));
        }
        self.tokens.require_word("END")?;
        let place = self.ops.len();
        for end in ends {
            self.set(end, Op::Jump(place));
        }
        Ok(())
    }

    /// A step that is known later.
    pub(super) fn placeholder(&mut self) -> usize {
        self.ops.push(Op::Pop);
        self.ops.len().saturating_sub(1)
    }

    pub(super) fn set(&mut self, place: usize, op: Op) {
        if let Some(slot) = self.ops.get_mut(place) {
            *slot = op;
        }
    }
}

/// Reads `[0]` or `['name']`.
pub(super) fn bracket(tokens: &mut Tokens) -> Result<Step, Failure> {
    tokens.require(&Token::LBracket)?;
    let step = match tokens.peek() {
        Some(Token::Number(digits, _)) => {
            let index = digits.parse().ok();
            Step::Index(index.ok_or_else(|| tokens.unexpected("an index from 0"))?)
        }
        Some(Token::SingleQuotedString(text)) => Step::Name(super::tokens::Name {
            text: text.clone(),
            exact: true,
        }),
        _ => return Err(tokens.unexpected("an index from 0")),
    };
    tokens.skip();
    tokens.require(&Token::RBracket)?;
    Ok(step)
}

/// A number as it is written: one with a point is exact, one with an exponent is not.
fn number(digits: &str) -> Result<Value, Failure> {
    let too_long = || Failure::sql(format!("{} has too many digits", shortened(digits)));
    if let Ok(number) = digits.parse() {
        return Ok(Value::Int(number));
    }
    if digits.contains(['e', 'E']) {
        let number: f64 = digits.parse().map_err(|_| too_long())?;
        let number = number.is_finite().then_some(Value::Float(number));
        return number.ok_or_else(too_long);
    }
    Decimal::read(digits)
        .map(Value::Decimal)
        .ok_or_else(too_long)
}
