//! Arithmetic over what slots hold: counters of failures, sums of statuses, numbers of tries.
//!
//! ```sh
//! bad=0
//! nginx -t || bad=$((bad + 1))
//! [ "$bad" -eq 0 ] || exit 1    # 0 only where the check has succeeded
//! ```
//! Every pair of cases is computed, and what holds in both holds in the case that comes of them.

use super::facts::{Cases, certain, put};
use super::question::{Excluded, Outcome};
use super::set::Extra;
use crate::flow::forest::constant;
use crate::flow::graph::{Names, Slot};
use crate::syntax::tree::{ArithmeticExpression, Word};
use std::rc::Rc;

/// Up to which number a variable that is computed is followed exactly: one that counts would never settle. Enough for
/// the tries that scripts count.
const MOST_COUNTED: i64 = 5;

/// What a variable is computed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Computed {
    /// A number.
    Number(i64),
    /// What a slot holds.
    Slot(Slot),
    /// An operator as written, and its two sides.
    Binary(Box<str>, Box<Self>, Box<Self>),
    /// How many a slot counts, and so many more: never fewer.
    More(Slot, i64),
    /// Nobody knows.
    Unknown,
}

/// A number as far as it is known.
#[derive(Clone, Copy)]
enum Number {
    Exactly(i64),
    /// Some number above 0.
    Positive,
    Unknown,
}

impl Computed {
    /// What `expr A + B` prints, where a word of the substitution that is no number stands for what `slot` says.
    pub fn of_expr(words: &[Word], slot: &mut dyn FnMut(&Word) -> Option<Slot>) -> Option<Self> {
        let [name, left, operator, right] = words else { return None };
        let operator = constant(operator).filter(|sign| matches!(&**sign, "+" | "-"))?;
        constant(name).filter(|name| &**name == "expr")?;
        let mut operand = |word: &Word| match constant(word) {
            Some(text) => number(&text).map(Self::Number),
            None => slot(word).map(Self::Slot),
        };
        Some(Self::binary(&operator, operand(left)?, operand(right)?))
    }

    /// What an expression is, whose variables stand for what `slot` says.
    pub fn of(expression: &ArithmeticExpression, names: &mut Names) -> Self {
        use ArithmeticExpression as E;
        match expression {
            E::Number(text) => number(text).map_or(Self::Unknown, Self::Number),
            E::Variable(name) => Self::Slot(Slot::named(name, names)),
            E::Count(name) => Self::Slot(Slot::Count(names.intern(name))),
            E::Element(name, number) => Self::Slot(Slot::element(name, *number, names)),
            E::Unary(operator, inner) if &**operator == "-" => {
                Self::binary("-", Self::Number(0), Self::of(inner, names))
            }
            E::Unary(operator, inner) if &**operator == "!" => {
                Self::binary("==", Self::of(inner, names), Self::Number(0))
            }
            E::Binary(operator, left, right) => Self::binary(operator, Self::of(left, names), Self::of(right, names)),
            // What an expression sets on the way is not known by then.
            E::Unary(..) | E::Postfix(..) | E::Conditional(_) | E::Assign(..) | E::Opaque => Self::Unknown,
        }
    }

    fn binary(operator: &str, left: Self, right: Self) -> Self {
        Self::Binary(operator.into(), Box::new(left), Box::new(right))
    }

    /// The slots that it reads.
    pub fn slots(&self, found: &mut Vec<Slot>) {
        match self {
            Self::Slot(slot) | Self::More(slot, _) => found.push(*slot),
            Self::Binary(_, left, right) => {
                left.slots(found);
                right.slots(found);
            }
            Self::Number(_) | Self::Unknown => {}
        }
    }

    /// Its cases, where `held` gives those of a slot.
    pub fn cases(&self, held: &dyn Fn(Slot) -> Option<Rc<Cases>>) -> Rc<Cases> {
        let unknown = || certain(Number::Unknown.outcome());
        match self {
            Self::Number(number) => certain(Number::Exactly(*number).outcome()),
            Self::Slot(slot) => held(*slot).unwrap_or_else(unknown),
            Self::Binary(operator, left, right) => {
                let (left, right) = (left.cases(held), right.cases(held));
                let pairs = left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
                gathered(pairs.map(|((a, first), (b, second))| {
                    (Number::of(a).with(operator, Number::of(b)).outcome(), first.and(second))
                }))
            }
            Self::More(slot, more) => {
                let before = held(*slot).unwrap_or_else(unknown);
                gathered(before.iter().map(|(held, extra)| (Number::of(held).grown(*more).outcome(), extra.clone())))
            }
            Self::Unknown => unknown(),
        }
    }
}

/// The cases that come of outcomes with what holds in each.
fn gathered(found: impl Iterator<Item = (Outcome, Extra)>) -> Rc<Cases> {
    let mut cases = Cases::new();
    for (outcome, extra) in found {
        put(&mut cases, &outcome, extra);
    }
    cases.sort_by(|a, b| a.0.order(&b.0));
    Rc::new(cases)
}

/// What an expression does to the slots of variables, in order. What it sets only on some way is not known.
pub fn assigned(expression: &ArithmeticExpression, names: &mut Names, found: &mut Vec<(Slot, Computed)>) {
    use ArithmeticExpression as E;
    match expression {
        E::Assign(name, operator, value) => {
            assigned(value, names, found);
            let slot = Slot::named(name, names);
            let computed = match (&**operator, &**value) {
                // `a = b = 0`.
                ("=", E::Assign(inner, ..)) => Computed::Slot(Slot::named(inner, names)),
                ("=", value) => Computed::of(value, names),
                (operator, value) => {
                    Computed::binary(operator.trim_end_matches('='), Computed::Slot(slot), Computed::of(value, names))
                }
            };
            found.push((slot, computed));
        }
        E::Unary(operator, inner) | E::Postfix(operator, inner) => match (&**operator, &**inner) {
            ("++" | "--", E::Variable(name)) => {
                let slot = Slot::named(name, names);
                found.push((slot, Computed::binary(&operator[1..], Computed::Slot(slot), Computed::Number(1))));
            }
            _ => assigned(inner, names, found),
        },
        E::Binary(operator, left, right) if &**operator == "," => {
            assigned(left, names, found);
            assigned(right, names, found);
        }
        _ => {
            let mut set = Vec::new();
            expression.assigned(&mut set);
            found.extend(set.into_iter().map(|name| (Slot::named(name, names), Computed::Unknown)));
        }
    }
}

/// A number as it is written in an expression; one that begins with 0 is octal, and rare.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    (text == "0" || !text.starts_with('0')).then(|| text.parse().ok()).flatten()
}

impl Number {
    /// What a text is in an expression.
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Constant(text) => number(text).map_or(Self::Unknown, Self::Exactly),
            Outcome::Empty => Self::Exactly(0),
            Outcome::Failure(_) | Outcome::Positive => Self::Positive,
            Outcome::Entry(_) | Outcome::Other(_) | Outcome::Any(_) => Self::Unknown,
        }
    }

    fn outcome(self) -> Outcome {
        match self {
            Self::Exactly(number) => Outcome::Constant(number.to_string().into()),
            Self::Positive => Outcome::Positive,
            Self::Unknown => Outcome::Any(Excluded::default()),
        }
    }

    /// Two numbers joined by an operator.
    fn with(self, operator: &str, other: Self) -> Self {
        let truth = |answer: bool| Self::Exactly(i64::from(answer));
        match (self, operator, other) {
            (Self::Exactly(a), _, Self::Exactly(b)) => exactly(a, operator, b).map_or(Self::Unknown, Self::settled),
            // Whatever the other side is.
            (Self::Exactly(0), "&&" | "*", _) | (_, "*", Self::Exactly(0)) => Self::Exactly(0),
            (Self::Positive, "||", _) | (_, "||", Self::Positive) => truth(true),
            (Self::Positive, "+" | "|", Self::Exactly(0..))
            | (Self::Exactly(0..), "+" | "|", Self::Positive)
            | (Self::Positive, "+" | "|" | "*", Self::Positive)
            | (Self::Positive, "*", Self::Exactly(1..))
            | (Self::Exactly(1..), "*", Self::Positive) => Self::Positive,
            (Self::Positive, "&&", Self::Positive) => truth(true),
            (Self::Positive, "!=" | ">", Self::Exactly(..=0)) | (Self::Exactly(..=0), "!=" | "<", Self::Positive) => {
                truth(true)
            }
            (Self::Positive, "==" | "<=", Self::Exactly(..=0)) | (Self::Exactly(..=0), "==" | ">=", Self::Positive) => {
                truth(false)
            }
            _ => Self::Unknown,
        }
    }

    /// A count that so many were added to.
    fn grown(self, more: i64) -> Self {
        match self {
            Self::Exactly(count) => count.checked_add(more).map_or(Self::Positive, Self::settled),
            Self::Positive => Self::Positive,
            Self::Unknown if more > 0 => Self::Positive,
            Self::Unknown => Self::Unknown,
        }
    }

    /// What is followed of a number that was computed.
    fn settled(number: i64) -> Self {
        if (0..=MOST_COUNTED).contains(&number) {
            Self::Exactly(number)
        } else if number > 0 {
            Self::Positive
        } else {
            Self::Unknown
        }
    }
}

/// Two numbers joined by an operator, where that is one of those that scripts count with.
fn exactly(a: i64, operator: &str, b: i64) -> Option<i64> {
    Some(match operator {
        "+" => a.checked_add(b)?,
        "-" => a.checked_sub(b)?,
        "*" => a.checked_mul(b)?,
        "/" => a.checked_div(b)?,
        "%" => a.checked_rem(b)?,
        "&" => a & b,
        "|" => a | b,
        "^" => a ^ b,
        "&&" => i64::from(a != 0 && b != 0),
        "||" => i64::from(a != 0 || b != 0),
        "==" => i64::from(a == b),
        "!=" => i64::from(a != b),
        "<" => i64::from(a < b),
        "<=" => i64::from(a <= b),
        ">" => i64::from(a > b),
        ">=" => i64::from(a >= b),
        "," => b,
        _ => return None,
    })
}
