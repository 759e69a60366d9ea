//! Arithmetic expressions, by precedence.
//!
//! Operands that are more than a name or a number are opaque. What does not parse gives no expression: the text is
//! still there.

use crate::syntax::tree::{ArithmeticExpression as Expression, ParameterOperator, Part, PartKind};

/// How deep expressions may nest.
const DEPTH: usize = 32;

/// Binary operators, longest first, with how tightly they bind.
const BINARY: [(&str, u8); 19] = [
    ("**", 14),
    ("<<", 11),
    (">>", 11),
    ("<=", 10),
    (">=", 10),
    ("==", 9),
    ("!=", 9),
    ("&&", 5),
    ("||", 4),
    ("*", 13),
    ("/", 13),
    ("%", 13),
    ("+", 12),
    ("-", 12),
    ("<", 10),
    (">", 10),
    ("&", 8),
    ("^", 7),
    ("|", 6),
];

const ASSIGN: [&str; 11] = ["<<=", ">>=", "*=", "/=", "%=", "+=", "-=", "&=", "^=", "|=", "="];

/// Reads `text`, which starts at `base` and holds the expansions `parts`.
pub(in crate::syntax) fn read(text: &str, base: u32, parts: &[Part]) -> Option<Expression> {
    let mut reader = Reader { text, at: 0, base, parts, depth: 0 };
    let expression = reader.expression(0)?;
    reader.skip();
    (reader.at == text.len()).then_some(expression)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    base: u32,
    parts: &'a [Part],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start().trim_start_matches("\\\n");
            self.at = self.text.len() - trimmed.len();
            if trimmed.len() == rest.len() {
                return;
            }
        }
    }

    fn take(&mut self, written: &str) -> bool {
        self.skip();
        let found = self.rest().starts_with(written);
        if found {
            self.at += written.len();
        }
        found
    }

    fn expression(&mut self, floor: u8) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let expression = self.expression_within(floor);
        self.depth -= 1;
        expression
    }

    fn expression_within(&mut self, floor: u8) -> Option<Expression> {
        let mut left = self.unary()?;
        let mut links = 0;
        loop {
            self.skip();
            let rest = self.rest();
            links += 1;
            if rest.is_empty() || rest.starts_with([')', ':', ']']) {
                return Some(left);
            }
            if links > DEPTH {
                return None;
            }
            if rest.starts_with(',') {
                if floor > 0 {
                    return Some(left);
                }
                self.at += 1;
                let right = self.expression(1)?;
                left = Expression::Binary(",".into(), Box::new(left), Box::new(right));
                continue;
            }
            let assign = ASSIGN.iter().find(|operator| rest.starts_with(**operator) && !rest.starts_with("=="));
            if let Some(operator) = assign {
                let Expression::Variable(name) = left else { return None };
                self.at += operator.len();
                let value = self.expression(1)?;
                return Some(Expression::Assign(name, (*operator).into(), Box::new(value)));
            }
            if rest.starts_with('?') {
                if floor > 2 {
                    return Some(left);
                }
                self.at += 1;
                let yes = self.expression(0)?;
                if !self.take(":") {
                    return None;
                }
                let no = self.expression(2)?;
                left = Expression::Conditional(Box::new([left, yes, no]));
                continue;
            }
            let &(operator, binding) = BINARY.iter().find(|(operator, _)| rest.starts_with(operator))?;
            if binding < floor {
                return Some(left);
            }
            self.at += operator.len();
            // `**` leans right, all others left.
            let right = self.expression(if operator == "**" { binding } else { binding + 1 })?;
            left = Expression::Binary(operator.into(), Box::new(left), Box::new(right));
        }
    }

    fn unary(&mut self) -> Option<Expression> {
        self.skip();
        for operator in ["++", "--", "!", "~", "-", "+"] {
            if self.rest().starts_with(operator) {
                self.at += operator.len();
                let operand = self.expression(15)?;
                return Some(Expression::Unary(operator.into(), Box::new(operand)));
            }
        }
        let primary = self.primary()?;
        if let Expression::Variable(_) = primary {
            for operator in ["++", "--"] {
                if self.take(operator) {
                    return Some(Expression::Postfix(operator.into(), Box::new(primary)));
                }
            }
        }
        Some(primary)
    }

    fn primary(&mut self) -> Option<Expression> {
        if self.take("(") {
            let inner = self.expression(0)?;
            return self.take(")").then_some(inner);
        }
        let start = self.at;
        let mut only = None;
        let mut pieces = 0;
        loop {
            let rest = self.rest();
            pieces += 1;
            if let Some(part) = self.part() {
                self.at = (part.span.end - self.base) as usize;
                only = plain(part);
                continue;
            }
            let word = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '#' | '@' | '.'))
                    .len();
            if word > 0 {
                self.at += word;
                let text = &rest[..word];
                only = Some(if text.starts_with(|c: char| c.is_ascii_digit()) {
                    Expression::Number(text.into())
                } else {
                    Expression::Variable(text.into())
                });
            } else if rest.starts_with('[') && self.at > start {
                let length = matching(rest)?;
                self.at += length;
                only = Some(match (only, rest[1..length - 1].trim().parse()) {
                    (Some(Expression::Variable(name)), Ok(number)) => Expression::Element(name, number),
                    _ => Expression::Opaque,
                });
                pieces -= 1;
            } else if rest.starts_with(['"', '\'']) {
                self.at += 1;
                pieces -= 1;
            } else {
                pieces -= 1;
                break;
            }
        }
        match pieces {
            0 => None,
            1 => only.or(Some(Expression::Opaque)),
            _ => Some(Expression::Opaque),
        }
    }

    /// The expansion at this place.
    fn part(&self) -> Option<&'a Part> {
        let here = self.base + self.at as u32;
        self.parts.iter().find(|part| part.span.start == here)
    }
}

/// A plain `$x` or `${x}` as a variable, `${x[3]}` as an element, `${#x[@]}` as how many there are.
fn plain(part: &Part) -> Option<Expression> {
    match &part.kind {
        PartKind::Parameter(parameter) if matches!(parameter.operator, ParameterOperator::Length) => {
            parameter.subscript.as_ref()?.is_all().then(|| Expression::Count(parameter.name.clone()))
        }
        PartKind::Parameter(parameter) if matches!(parameter.operator, ParameterOperator::None) => {
            match &parameter.subscript {
                None => Some(Expression::Variable(parameter.name.clone())),
                Some(subscript) => Some(Expression::Element(parameter.name.clone(), subscript.number()?)),
            }
        }
        _ => None,
    }
}

/// The length of the `[…]` that `text` starts with.
fn matching(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 1 => return Some(at + 1),
            b']' => depth -= 1,
            _ => {}
        }
    }
    None
}
