//! What `(( … ))` asks.

use super::super::question::{Question, Relation};
use super::super::step::Condition;
use super::Conditions;
use crate::flow::graph::Slot;
use crate::syntax::tree::ArithmeticExpression;
use thin_vec::ThinVec;

impl Conditions<'_, '_, '_> {
    /// `(( … ))`: ok where it is not 0. Asked is what variables hold once all is set that it sets.
    pub fn arithmetic(&mut self, expression: Option<&ArithmeticExpression>) -> Condition {
        use ArithmeticExpression as E;
        match expression {
            Some(E::Number(text)) => {
                text.parse::<i64>().map_or(Condition::Unknown, |number| Condition::Known(number != 0))
            }
            Some(E::Variable(name) | E::Assign(name, ..)) => self.differs(name, 0),
            // The result is what the variable held before, and asked is what it holds afterwards.
            Some(E::Postfix(operator, inner)) => match (&**operator, &**inner) {
                ("++", E::Variable(name)) => self.differs(name, 1),
                ("--", E::Variable(name)) => self.differs(name, -1),
                _ => Condition::Unknown,
            },
            Some(E::Unary(operator, inner)) if matches!(&**operator, "++" | "--") => self.arithmetic(Some(inner)),
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
                        slot: Slot::named(name, &mut self.resolver.flow.names),
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

    /// Whether a variable is another number than this one.
    fn differs(&mut self, name: &str, number: i64) -> Condition {
        let slot = Slot::named(name, &mut self.resolver.flow.names);
        let question = Question::Number(Relation::Equal, number);
        Condition::Not(Box::new(Condition::Slot { slot, question, yes: ThinVec::new(), no: ThinVec::new() }))
    }
}
