//! Arithmetic: `$(( … ))`, `(( … ))`, subscripts, slices.

use super::Part;
use crate::span::Span;

/// An arithmetic text.
#[derive(Clone, Debug)]
pub struct Arithmetic {
    /// Its bytes, without the delimiters.
    pub span: Span,
    /// The text as written.
    pub text: Box<str>,
    /// The expansions and substitutions in it, in order: they run before anything is computed.
    pub parts: Vec<Part>,
    /// What is computed, where it could be read.
    pub expression: Option<ArithmeticExpression>,
}

/// An arithmetic expression. Operators are kept as written.
#[derive(Clone, Debug)]
pub enum ArithmeticExpression {
    /// A number as written.
    Number(Box<str>),
    /// A bare variable, `$x` or `${x}`.
    Variable(Box<str>),
    /// `list[3]` or `${list[3]}`: an element of an array by its number.
    Element(Box<str>, u32),
    /// `${#list[@]}`: how many elements an array has.
    Count(Box<str>),
    /// Any other word (`$(cmd)`, `arr[i]`, `"3"`): nothing is known of its value.
    Opaque,
    /// `-e`, `!e`, `++x` (as written, prefix).
    Unary(Box<str>, Box<ArithmeticExpression>),
    /// `x++`, `x--`.
    Postfix(Box<str>, Box<ArithmeticExpression>),
    /// `a + b`, `a == b`, `a && b` …
    Binary(Box<str>, Box<ArithmeticExpression>, Box<ArithmeticExpression>),
    /// `c ? a : b`.
    Conditional(Box<[ArithmeticExpression; 3]>),
    /// `x = e`, `x += e` …: the variable, the operator, the value.
    Assign(Box<str>, Box<str>, Box<ArithmeticExpression>),
}

impl ArithmeticExpression {
    /// The variables that it sets.
    pub fn assigned<'e>(&'e self, found: &mut Vec<&'e str>) {
        match self {
            Self::Unary(operator, inner) | Self::Postfix(operator, inner) => {
                if let Self::Variable(name) = &**inner
                    && matches!(&**operator, "++" | "--")
                {
                    found.push(name);
                }
                inner.assigned(found);
            }
            Self::Binary(_, left, right) => {
                left.assigned(found);
                right.assigned(found);
            }
            Self::Conditional(parts) => parts.iter().for_each(|part| part.assigned(found)),
            Self::Assign(name, _, value) => {
                found.push(name);
                value.assigned(found);
            }
            Self::Number(_) | Self::Variable(_) | Self::Element(..) | Self::Count(_) | Self::Opaque => {}
        }
    }
}
