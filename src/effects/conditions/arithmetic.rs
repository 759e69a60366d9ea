//! What `(( … ))` asks.

use super::super::question::{Question, Relation};
use super::super::step::Condition;
use super::Conditions;
use crate::flow::graph::Slot;
use crate::syntax::tree::ArithmeticExpression;
use thin_vec::ThinVec;

impl Conditions<'_, '_, '_> {
    /// `(( … ))`: ok where it is not 0. Asked is what variables hold once all is set that it sets, and of `((n++))` what
    /// it held before.
    pub fn arithmetic(&mut self, expression: Option<&ArithmeticExpression>) -> Condition {
        match expression {
            Some(ArithmeticExpression::Postfix(_, inner)) => self.differs(Some(inner), 0),
            _ => self.result(expression),
        }
    }

    /// The same of a part of such an expression.
    fn result(&mut self, expression: Option<&ArithmeticExpression>) -> Condition {
        use ArithmeticExpression as E;
        match expression {
            Some(E::Number(text)) => {
                text.parse::<i64>().map_or(Condition::Unknown, |number| Condition::Known(number != 0))
            }
            Some(E::Variable(_) | E::Element(..) | E::Count(_) | E::Assign(..)) => self.differs(expression, 0),
            // The result is what the variable held before, and asked is what it holds afterwards.
            Some(E::Postfix(operator, inner)) => self.differs(Some(inner), if &**operator == "++" { 1 } else { -1 }),
            Some(E::Unary(operator, inner)) if matches!(&**operator, "++" | "--") => self.result(Some(inner)),
            Some(E::Unary(operator, inner)) if &**operator == "!" => Condition::Not(Box::new(self.result(Some(inner)))),
            Some(E::Binary(operator, left, right)) => match (&**operator, &**left, &**right) {
                ("&&", ..) => {
                    let left = self.result(Some(left));
                    Condition::And(Box::new(left), Box::new(self.result(Some(right))))
                }
                ("||", ..) => {
                    let left = self.result(Some(left));
                    Condition::Or(Box::new(left), Box::new(self.result(Some(right))))
                }
                (operator, left, right) => {
                    let (Some(number), Some(slot)) = (self.stands_for(right), self.held(left)) else {
                        return Condition::Unknown;
                    };
                    let (relation, negated) = match operator {
                        "==" => (Relation::Equal, false),
                        "!=" => (Relation::Equal, true),
                        "<" => (Relation::Less, false),
                        ">=" => (Relation::Less, true),
                        ">" => (Relation::Greater, false),
                        "<=" => (Relation::Greater, true),
                        _ => return Condition::Unknown,
                    };
                    let question = Question::Number(relation, number);
                    let asked = Condition::Slot { slot, question, yes: ThinVec::new(), no: ThinVec::new() };
                    if negated { Condition::Not(Box::new(asked)) } else { asked }
                }
            },
            _ => Condition::Unknown,
        }
    }

    /// Whether a variable or an element is another number than this one.
    fn differs(&mut self, expression: Option<&ArithmeticExpression>, number: i64) -> Condition {
        let Some(slot) = expression.and_then(|expression| self.held(expression)) else { return Condition::Unknown };
        let question = Question::Number(Relation::Equal, number);
        Condition::Not(Box::new(Condition::Slot { slot, question, yes: ThinVec::new(), no: ThinVec::new() }))
    }

    /// The number that an expression is: written out, or by a name that stands for one everywhere (`OCF_SUCCESS`).
    fn stands_for(&self, expression: &ArithmeticExpression) -> Option<i64> {
        match expression {
            ArithmeticExpression::Number(text) => text.parse().ok(),
            ArithmeticExpression::Variable(name) => self.resolver.knowledge.constant(name)?.parse().ok(),
            _ => None,
        }
    }

    /// The slot of what an expression is, or sets.
    fn held(&mut self, expression: &ArithmeticExpression) -> Option<Slot> {
        let names = &mut self.resolver.flow.names;
        match expression {
            ArithmeticExpression::Variable(name) | ArithmeticExpression::Assign(name, ..) => {
                Some(Slot::named(name, names))
            }
            ArithmeticExpression::Count(name) => Some(Slot::Count(names.intern(name))),
            ArithmeticExpression::Element(name, number) => Some(Slot::element(name, *number, names)),
            _ => None,
        }
    }
}
