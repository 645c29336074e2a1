//! Functions: what stands between their parentheses.

use sqlparser::tokenizer::Token;

use super::expression::Compiler;
use super::program::{Aggregate, Field, Function, Kind, Op, Program, Side};
use crate::cos::select::failure::{Failure, shortened};
use crate::cos::select::value::Value;
use crate::cos::select::value::cast::Type;
use crate::cos::select::value::timestamp::Part;

impl Compiler<'_> {
    /// Reads the function `name`, of which the name comes.
    pub(super) fn function(&mut self, name: &str) -> Result<(), Failure> {
        let at = self.tokens.at;
        self.tokens.skip();
        self.tokens.require(&Token::LParen)?;
        let plain = |function, count| Some((function, count));
        let found = match name {
            "AVG" => return self.aggregate(Kind::Average),
            "COUNT" => return self.aggregate(Kind::Count),
            "MAX" => return self.aggregate(Kind::Maximum),
            "MIN" => return self.aggregate(Kind::Minimum),
            "SUM" => return self.aggregate(Kind::Sum),
            "CAST" => return self.cast(),
            "COALESCE" => return self.coalesce(),
            "EXTRACT" => return self.extract(),
            "SUBSTRING" => return self.substring(),
            "TRIM" => return self.trim(),
            "TO_STRING" => return self.formatted_time(),
            "UTCNOW" => {
                self.tokens.require(&Token::RParen)?;
                self.ops.push(Op::Push(Value::Timestamp(self.scope.now)));
                return Ok(());
            }
            "DATE_ADD" => plain(Function::DateAdd(self.part()?), 2),
            "DATE_DIFF" => plain(Function::DateDiff(self.part()?), 2),
            "CHAR_LENGTH" | "CHARACTER_LENGTH" => plain(Function::CharLength, 1),
            "LOWER" => plain(Function::Lower, 1),
            "NULLIF" => plain(Function::NullIf, 2),
            "TO_TIMESTAMP" => plain(Function::ToTimestamp, 1),
            "UPPER" => plain(Function::Upper, 1),
            _ => None,
        };
        let Some((function, wanted)) = found else {
            self.tokens.at = at;
            let what = format!("the function {}", shortened(name));
            return Err(self.tokens.unsupported(&what));
        };
        let count = self.list(&Token::RParen)?;
        if count != wanted {
            let message = format!("{name} takes {wanted} arguments, and got {count}");
            return Err(Failure::sql(message));
        }
        self.ops.push(Op::Call(function, count));
        Ok(())
    }

    /// Reads the part of a time that a function works on, and the comma behind it.
    fn part(&mut self) -> Result<Part, Failure> {
        let part = self.tokens.word().and_then(Part::named);
        let part = part.ok_or_else(|| {
            self.tokens
                .unexpected("one of year, month, day, hour, minute, second")
        })?;
        self.tokens.skip();
        self.tokens.require(&Token::Comma)?;
        Ok(part)
    }

    /// Reads a function of all rows.
    fn aggregate(&mut self, kind: Kind) -> Result<(), Failure> {
        if !self.may_aggregate {
            return Err(self.tokens.unsupported(
                "a function of all rows outside of the SELECT list, or within another one,",
            ));
        }
        let argument = if kind == Kind::Count && self.tokens.passes(&Token::Mul) {
            self.tokens.require(&Token::RParen)?;
            None
        } else {
            if self.tokens.is_word("DISTINCT") || self.tokens.is_word("ALL") {
                return Err(self.tokens.unsupported("DISTINCT or ALL in a function"));
            }
            let outer = std::mem::take(&mut self.ops);
            let named = self.names_columns;
            self.may_aggregate = false;
            self.expression(0)?;
            self.may_aggregate = true;
            self.names_columns = named;
            self.tokens.require(&Token::RParen)?;
            Some(Program(std::mem::replace(&mut self.ops, outer)))
        };
        self.ops.push(Op::Aggregate(self.aggregates.len()));
        self.aggregates.push(Aggregate { kind, argument });
        Ok(())
    }

    fn cast(&mut self) -> Result<(), Failure> {
        self.expression(0)?;
        self.tokens.require_word("AS")?;
        let kind = self.tokens.word().and_then(Type::named);
        let kind = kind.ok_or_else(|| {
            self.tokens
                .unexpected("one of bool, int, string, float, decimal, timestamp")
        })?;
        self.tokens.skip();
        // As the document says, how many digits a number is to have is not looked at.
        if self.tokens.passes(&Token::LParen) {
            self.digits()?;
            if self.tokens.passes(&Token::Comma) {
                self.digits()?;
            }
            self.tokens.require(&Token::RParen)?;
        }
        self.tokens.require(&Token::RParen)?;
        self.ops.push(Op::Cast(kind));
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Failure> {
        match self.tokens.peek() {
            Some(Token::Number(..)) => {
                self.tokens.skip();
                Ok(())
            }
            _ => Err(self.tokens.unexpected("a number of digits")),
        }
    }

    fn coalesce(&mut self) -> Result<(), Failure> {
        let mut jumps = Vec::new();
        loop {
            self.expression(0)?;
            jumps.push(self.placeholder());
            if !self.tokens.passes(&Token::Comma) {
                break;
            }
        }
        self.tokens.require(&Token::RParen)?;
        self.ops.push(Op::Push(Value::Null));
        let end = self.ops.len();
        for jump in jumps {
            self.set(jump, Op::JumpIfKnown(end));
        }
        Ok(())
    }

    fn extract(&mut self) -> Result<(), Failure> {
        let field = match self.tokens.word() {
            Some(word) if word.eq_ignore_ascii_case("timezone_hour") => Some(Field::TimezoneHour),
            Some(word) if word.eq_ignore_ascii_case("timezone_minute") => {
                Some(Field::TimezoneMinute)
            }
            Some(word) => Part::named(word).map(Field::Part),
            None => None,
        };
        let field = field.ok_or_else(|| {
            let wanted =
                "one of year, month, day, hour, minute, second, timezone_hour, timezone_minute";
            self.tokens.unexpected(wanted)
        })?;
        self.tokens.skip();
        self.tokens.require_word("FROM")?;
        self.expression(0)?;
        self.tokens.require(&Token::RParen)?;
        self.ops.push(Op::Call(Function::Extract(field), 1));
        Ok(())
    }

    /// Reads `text FROM start FOR length` or the same with commas.
    fn substring(&mut self) -> Result<(), Failure> {
        self.expression(0)?;
        let mut count = 1;
        for word in ["FROM", "FOR"] {
            if self.tokens.passes(&Token::Comma) || self.tokens.passes_word(word) {
                self.expression(0)?;
                count += 1;
            }
        }
        self.tokens.require(&Token::RParen)?;
        if count == 1 {
            let message = "SUBSTRING takes a text and where to start in it";
            return Err(Failure::sql(message));
        }
        self.ops.push(Op::Call(Function::Substring, count));
        Ok(())
    }

    /// Reads `LEADING 'characters' FROM text`, or less of it. The text is pushed last.
    fn trim(&mut self) -> Result<(), Failure> {
        let mut side = Side::Both;
        for (word, own) in [
            ("LEADING", Side::Leading),
            ("TRAILING", Side::Trailing),
            ("BOTH", Side::Both),
        ] {
            if self.tokens.passes_word(word) {
                side = own;
            }
        }
        let mut count = 1;
        if self.tokens.passes_word("FROM") {
            self.expression(0)?;
        } else {
            self.expression(0)?;
            if self.tokens.passes_word("FROM") {
                self.expression(0)?;
                count = 2;
            }
        }
        self.tokens.require(&Token::RParen)?;
        self.ops.push(Op::Call(Function::Trim(side), count));
        Ok(())
    }

    /// Reads a time and a pattern; the document's syntax has no comma between them, its samples have.
    fn formatted_time(&mut self) -> Result<(), Failure> {
        self.expression(0)?;
        let _ = self.tokens.passes(&Token::Comma);
        self.expression(0)?;
        self.tokens.require(&Token::RParen)?;
        self.ops.push(Op::Call(Function::ToString, 2));
        Ok(())
    }
}
