//! What `(( … ))` asks.

use super::super::question::{Question, Relation};
use super::super::step::Condition;
use super::Conditions;
use crate::flow::graph::Slot;
use crate::syntax::tree::ArithmeticExpression;
use thin_vec::ThinVec;

impl Conditions<'_, '_, '_> {
    /// `(( … ))`: ok where it is not 0.
    pub fn arithmetic(&mut self, expression: Option<&ArithmeticExpression>) -> Condition {
        use ArithmeticExpression as E;
        match expression {
            Some(E::Number(text)) => {
                text.parse::<i64>().map_or(Condition::Unknown, |number| Condition::Known(number != 0))
            }
            Some(E::Variable(name)) => {
                let slot = self.named(name);
                let question = Question::Number(Relation::Equal, 0);
                Condition::Not(Box::new(Condition::Slot { slot, question, yes: ThinVec::new(), no: ThinVec::new() }))
            }
            Some(E::Unary(operator, inner)) if &**operator == "!" => {
                Condition::Not(Box::new(self.arithmetic(Some(inner))))
            }
            Some(E::Binary(operator, left, right)) => match (&**operator, &**left, &**right) {
                ("&&", ..) => {
                    let left = self.arithmetic(Some(left));
                    Condition::And(Box::new(left), Box::new(self.arithmetic(Some(right))))
                }
                ("||", ..) => {
                    let left = self.arithmetic(Some(left));
                    Condition::Or(Box::new(left), Box::new(self.arithmetic(Some(right))))
                }
                (operator, E::Variable(name), E::Number(number)) => {
                    let Ok(number) = number.parse::<i64>() else { return Condition::Unknown };
                    let (relation, negated) = match operator {
                        "==" => (Relation::Equal, false),
                        "!=" => (Relation::Equal, true),
                        "<" => (Relation::Less, false),
                        ">=" => (Relation::Less, true),
                        ">" => (Relation::Greater, false),
                        "<=" => (Relation::Greater, true),
                        _ => return Condition::Unknown,
                    };
                    let asked = Condition::Slot {
                        slot: self.named(name),
                        question: Question::Number(relation, number),
                        yes: ThinVec::new(),
                        no: ThinVec::new(),
                    };
                    if negated { Condition::Not(Box::new(asked)) } else { asked }
                }
                _ => Condition::Unknown,
            },
            _ => Condition::Unknown,
        }
    }

    /// The slot of a variable, or of `?`.
    fn named(&mut self, name: &str) -> Slot {
        if name == "?" { Slot::Status } else { Slot::Variable(self.resolver.flow.names.intern(name)) }
    }
}
