//! Tests: what `[ … ]`, `[[ … ]]`, `(( … ))`, `case` and exit codes ask.
//!
//! The words of `[` are read by the rules of POSIX `test` for few arguments, and as one expression with `-a`,
//! `-o`, `!` and parentheses for many.

mod answered;
mod arithmetic;
mod compared;
mod regular;

use super::question::{Question, Relation};
use super::resolve::Resolver;
use super::step::{Assigned, Condition};
use super::thing::Fact;
use crate::flow::forest::constant;
use crate::flow::graph::{NodeId, Slot};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{FactKind, HOLE};
use crate::syntax::tree::{Parameter, ParameterOperator, Part, PartKind, TestExpression, TestKind, Word};
use thin_vec::{ThinVec, thin_vec};

/// Reads tests against one state.
pub struct Conditions<'r, 'a, 't> {
    /// Evaluates words and names things.
    pub resolver: &'r mut Resolver<'a, 't>,
    /// The node.
    pub id: NodeId,
    /// The state in front of it.
    pub state: &'r mut State,
}

impl Conditions<'_, '_, '_> {
    pub(super) fn value(&mut self, word: &Word) -> ValueId {
        self.resolver.word(self.id, word, self.state).value
    }

    /// The slot that a word reads: a variable, a status, an output, or a parameter that nothing in the script makes.
    fn slot(&mut self, word: &Word) -> Option<Slot> {
        match self.resolver.slot(word) {
            Some(Slot::Status) => Some(self.resolver.status(self.id)),
            Some(slot) => Some(slot),
            None => {
                if let Some(slot) = self.resolver.argument(self.id, word, self.state) {
                    return Some(slot);
                }
                let value = self.value(word);
                let held = match self.resolver.flow.values.get(value) {
                    Value::Default(held, other) if self.resolver.flow.values.text(*other) == Some("") => *held,
                    Value::Required(held) => *held,
                    _ => value,
                };
                let is_given = matches!(self.resolver.flow.values.get(held), Value::Positional(..));
                is_given.then_some(Slot::Value(held.0))
            }
        }
    }

    fn text(&mut self, word: &Word) -> String {
        let value = self.value(word);
        self.resolver.flow.values.render(value).0
    }

    fn known(&mut self, word: &Word) -> Option<String> {
        let value = self.value(word);
        self.resolver.flow.values.text(value).map(str::to_owned)
    }

    fn number(&mut self, word: &Word) -> Option<i64> {
        self.known(word).and_then(|text| text.trim().parse().ok())
    }

    /// `[ ${#v} -gt 0 ]`: where this length is not 0, the text is not empty.
    fn length(&mut self, measured: &Word, relation: Relation, number: i64) -> Condition {
        let (set, empty) = (self.fact(FactKind::NonEmpty, measured), self.fact(FactKind::IsEmpty, measured));
        let says = |answer: bool| match (answer, relation) {
            // A length is 0 only where it is less than 1.
            (true, Relation::Equal) if number == 0 => thin_vec![empty],
            (true, Relation::Less) if number == 1 => thin_vec![empty],
            (false, Relation::Greater) if number == 0 => thin_vec![empty],
            _ if relation.holds(0, number) != answer => thin_vec![set],
            _ => ThinVec::new(),
        };
        Condition::Facts { yes: says(true), no: says(false), operator: None }
    }

    /// `[[ … ]]`.
    pub fn expression(&mut self, test: &TestExpression) -> Condition {
        match &test.kind {
            TestKind::Word(word) => self.non_empty(word, true),
            TestKind::Unary(operator, word) => self.unary(operator, word, false),
            TestKind::Binary(left, operator, right) => self.binary(left, operator, right, true),
            TestKind::Not(inner) => Condition::Not(Box::new(self.expression(inner))),
            TestKind::And(left, right) => {
                Condition::And(Box::new(self.expression(left)), Box::new(self.expression(right)))
            }
            TestKind::Or(left, right) => {
                Condition::Or(Box::new(self.expression(left)), Box::new(self.expression(right)))
            }
        }
    }

    /// The words of `[` (with its `]`) or `test`.
    pub fn bracket(&mut self, words: &[Word], closed: bool) -> Condition {
        let words = if closed {
            match words.split_last() {
                Some((last, inner)) if constant(last).as_deref() == Some("]") => inner,
                _ => return Condition::Unknown,
            }
        } else {
            words
        };
        let mut at = 0;
        let condition = self.or(words, &mut at, 0);
        if at == words.len() { condition } else { Condition::Unknown }
    }

    fn or(&mut self, words: &[Word], at: &mut usize, depth: u32) -> Condition {
        let mut left = self.and(words, at, depth);
        while words.get(*at).and_then(constant).as_deref() == Some("-o") {
            *at += 1;
            let right = self.and(words, at, depth);
            left = Condition::Or(Box::new(left), Box::new(right));
        }
        left
    }

    fn and(&mut self, words: &[Word], at: &mut usize, depth: u32) -> Condition {
        let mut left = self.primary(words, at, depth);
        while words.get(*at).and_then(constant).as_deref() == Some("-a") {
            *at += 1;
            let right = self.primary(words, at, depth);
            left = Condition::And(Box::new(left), Box::new(right));
        }
        left
    }

    fn primary(&mut self, words: &[Word], at: &mut usize, depth: u32) -> Condition {
        let Some(first) = words.get(*at) else { return Condition::Known(false) };
        let left = words.len() - *at;
        let operator = words.get(*at + 1).and_then(constant);
        if left >= 3 && operator.as_deref().is_some_and(is_binary) {
            *at += 3;
            return self.binary(first, operator.as_deref().unwrap_or_default(), &words[*at - 1], false);
        }
        match constant(first).as_deref() {
            Some("!") if left > 1 && depth < 32 => {
                *at += 1;
                Condition::Not(Box::new(self.primary(words, at, depth + 1)))
            }
            Some("(") if left > 2 && depth < 32 => {
                *at += 1;
                let inner = self.or(words, at, depth + 1);
                if words.get(*at).and_then(constant).as_deref() == Some(")") {
                    *at += 1;
                }
                inner
            }
            Some(operator) if left > 1 && operator.len() == 2 && operator.starts_with('-') => {
                *at += 2;
                self.unary(operator, &words[*at - 1], true)
            }
            _ => {
                *at += 1;
                self.non_empty(first, true)
            }
        }
    }

    fn fact(&mut self, kind: FactKind, word: &Word) -> Fact {
        let value = self.value(word);
        let thing = self.resolver.value_thing(value);
        Fact { kind, thing }
    }

    fn non_empty(&mut self, word: &Word, yes: bool) -> Condition {
        if let Some(text) = self.known(word)
            && self.slot(word).is_none()
        {
            return Condition::Known(text.is_empty() != yes);
        }
        let mut value = self.value(word);
        // `"on: $mounted"` is never empty.
        let values = &self.resolver.flow.values;
        if matches!(values.get(value), Value::Concat(_))
            && values.pieces(&value).iter().any(|&piece| values.text(piece).is_some_and(|text| !text.is_empty()))
        {
            return Condition::Known(yes);
        }
        // `${x:+set}` is empty where `$x` is.
        if let Value::Derived(inner, operator) = self.resolver.flow.values.get(value)
            && &**operator == ":+"
        {
            value = *inner;
        }
        let thing = self.resolver.value_thing(value);
        let mut set = thin_vec![Fact { kind: FactKind::NonEmpty, thing }];
        set.extend(self.answered(value));
        let mut no = thin_vec![Fact { kind: FactKind::IsEmpty, thing }];
        no.extend(self.printed_nothing(word));
        let mut asked = match self.slot(word) {
            Some(slot) => Condition::Slot { slot, question: Question::NonEmpty, yes: set, no },
            None => Condition::Facts { yes: set, no, operator: Some('n') },
        };
        if let Some(thing) = self.resolver.sought(self.id, word, self.state) {
            found(thing, &mut asked);
        }
        if yes { asked } else { Condition::Not(Box::new(asked)) }
    }

    /// A test of one word; in `[` an unquoted word may be split, or vanish.
    fn unary(&mut self, operator: &str, word: &Word, splits: bool) -> Condition {
        match operator {
            // `[ -n ]` asks whether `-n` is empty.
            "-n" if splits && is_bare(word) => return Condition::Unknown,
            "-n" => return self.non_empty(word, true),
            "-z" => return self.non_empty(word, false),
            _ => {}
        }
        let Some(row) = self.resolver.knowledge.test_operator(operator) else { return Condition::Unknown };
        let value = self.value(word);
        let root = self.root();
        let thing = self.resolver.path(value, root, self.state);
        let facts = |kinds: &[FactKind]| -> ThinVec<Fact> { kinds.iter().map(|&kind| Fact { kind, thing }).collect() };
        let (mut yes, mut no) = (facts(&row.yes), facts(&row.no));
        // A device, a pipe or a socket is no file with a content of its own.
        if matches!(operator, "-b" | "-c" | "-p" | "-S") {
            yes.push(Fact { kind: FactKind::Guarded, thing });
        }
        // The kernel shows its interfaces and modules as directories.
        if matches!(operator, "-e" | "-d" | "-L" | "-h")
            && let Some(shown) = root.is_none().then(|| self.resolver.kernel_object(value)).flatten()
        {
            yes.push(Fact { kind: FactKind::Exists, thing: shown });
            no.push(Fact { kind: FactKind::Absent, thing: shown });
        }
        // A relative path that is there says that the directory is the one meant.
        let begins = self.resolver.flow.values.render(value).0;
        if !begins.is_empty() && !begins.starts_with(['/', '~', HOLE]) {
            let directory = self.resolver.directory_thing();
            yes.push(Fact { kind: FactKind::Clean, thing: directory });
        }
        // What is below a mount is there: something is mounted.
        if matches!(operator, "-e" | "-f" | "-d" | "-r" | "-s" | "-x") {
            let mounts = self.mounts_above(value, root);
            yes.extend(mounts.into_iter().map(|thing| Fact { kind: FactKind::Exists, thing }));
        }
        // Nothing has the empty name; unquoted, an empty word would vanish and the test be true.
        if !splits || !is_bare(word) {
            yes.push(self.fact(FactKind::NonEmpty, word));
        }
        // What is there is in a directory, which is there.
        if matches!(operator, "-e" | "-f" | "-d" | "-L" | "-h" | "-s" | "-r" | "-w" | "-x") {
            for directory in super::thing::above(value, &mut self.resolver.flow.values) {
                let thing = self.resolver.path(directory, root, self.state);
                yes.push(Fact { kind: FactKind::IsDir, thing });
            }
        }
        // "It is no directory" is an answer to "is it there", as far as making a directory goes.
        if matches!(
            operator,
            "-e" | "-f" | "-d" | "-L" | "-h" | "-s" | "-r" | "-w" | "-x" | "-b" | "-c" | "-S" | "-p" | "-a"
        ) {
            no.push(Fact { kind: FactKind::Asked, thing });
            // What should be below a mount is not there: nothing is mounted.
            let mounts = self.mounts_above(value, root);
            no.extend(mounts.into_iter().map(|thing| Fact { kind: FactKind::Asked, thing }));
        }
        if matches!(operator, "-e" | "-d" | "-a") {
            no.push(Fact { kind: FactKind::NothingBelow, thing });
        }
        // No file, or an empty one: a write loses nothing.
        if matches!(operator, "-e" | "-f" | "-s" | "-a") {
            no.push(Fact { kind: FactKind::NothingToLose, thing });
            no.push(Fact { kind: FactKind::RenewedHere, thing });
        }
        Condition::Facts { yes, no, operator: operator.chars().nth(1) }
    }

    fn binary(&mut self, left: &Word, operator: &str, right: &Word, patterns: bool) -> Condition {
        let numeric = match operator {
            "-eq" | "-ne" => Some(Relation::Equal),
            "-lt" | "-ge" => Some(Relation::Less),
            "-gt" | "-le" => Some(Relation::Greater),
            _ => None,
        };
        if let Some(relation) = numeric {
            let negated = matches!(operator, "-ne" | "-ge" | "-le");
            // `[ 0 -eq "$rc" ]`: as the other way round.
            if self.slot(left).is_none() && self.number(left).is_some() && self.number(right).is_none() {
                let mirrored = match operator {
                    "-lt" => "-gt",
                    "-gt" => "-lt",
                    "-le" => "-ge",
                    "-ge" => "-le",
                    same => same,
                };
                return self.binary(right, mirrored, left, patterns);
            }
            if let (Some(measured), Some(number)) = (measured(left), self.number(right)) {
                let condition = self.length(&measured, relation, number);
                return if negated { Condition::Not(Box::new(condition)) } else { condition };
            }
            let condition = match (self.slot(left), self.number(right)) {
                (Some(slot), Some(number)) if !matches!(slot, Slot::Capture(_)) => Condition::Slot {
                    slot,
                    question: Question::Number(relation, number),
                    yes: ThinVec::new(),
                    no: ThinVec::new(),
                },
                (slot, Some(number)) => match (self.counted(left, relation, number), slot) {
                    (Condition::Unknown, Some(slot)) => Condition::Slot {
                        slot,
                        question: Question::Number(relation, number),
                        yes: ThinVec::new(),
                        no: ThinVec::new(),
                    },
                    (counted, _) => counted,
                },
                _ => Condition::Unknown,
            };
            return if negated { Condition::Not(Box::new(condition)) } else { condition };
        }
        match operator {
            "=" | "==" | "!=" => {
                let mut condition = self.equals(left, right, patterns);
                // Unquoted, an empty word would be no word, and the test an error.
                if !patterns
                    && matches!(&left.parts[..], [Part { kind: PartKind::Parameter(_), .. }])
                    && let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = &mut condition
                {
                    let set = self.fact(FactKind::NonEmpty, left);
                    (if operator == "!=" { no } else { yes }).push(set);
                }
                if operator == "!=" { Condition::Not(Box::new(condition)) } else { condition }
            }
            "-ef" | "-nt" | "-ot" => Condition::Unknown,
            "=~" => {
                let pattern = self.text(right);
                let mut yes = ThinVec::new();
                if !regular::matches_empty(&pattern) {
                    yes.push(self.fact(FactKind::NonEmpty, left));
                    let value = self.value(left);
                    yes.extend(self.answered(value));
                }
                let mut asked = Condition::Facts { yes, no: ThinVec::new(), operator: None };
                if let Condition::Facts { yes, .. } = &mut asked {
                    yes.extend(self.resolver.said(self.id, left, &pattern, self.state));
                }
                if let Some(thing) = self.resolver.kept_match(self.id, left, &pattern, self.state) {
                    found(thing, &mut asked);
                }
                asked
            }
            _ => Condition::Unknown,
        }
    }

    /// The code of `exit` or `return`: ok where it is 0.
    pub fn code(&mut self, word: Option<&Word>) -> Condition {
        let zero = Question::Number(Relation::Equal, 0);
        let Some(word) = word else {
            return Condition::Slot { slot: Slot::Status, question: zero, yes: ThinVec::new(), no: ThinVec::new() };
        };
        match self.slot(word) {
            Some(slot) => Condition::Slot { slot, question: zero, yes: ThinVec::new(), no: ThinVec::new() },
            None => match self.known(word).and_then(|text| text.trim().parse::<i64>().ok()) {
                Some(code) => Condition::Known(code == 0),
                None => Condition::Unknown,
            },
        }
    }

    /// The status that `exit` or `return` leaves with, where that is known.
    pub fn status_left(&mut self, word: Option<&Word>) -> Option<Assigned> {
        let Some(word) = word else { return Some(Assigned::Copy(Slot::Status)) };
        match self.slot(word) {
            Some(slot) => Some(Assigned::Copy(slot)),
            None => self.known(word)?.trim().parse::<u8>().ok().map(|code| Assigned::Constant(code.to_string().into())),
        }
    }
}

/// Yes is what was looked for as it is wanted; no, that it is not there as it is wanted.
fn found(thing: super::thing::ThingId, asked: &mut Condition) {
    if let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = asked {
        yes.push(Fact { kind: FactKind::Contains, thing });
        no.push(Fact { kind: FactKind::ContainsNot, thing });
    }
}

/// The variable whose length a word is.
fn measured(word: &Word) -> Option<Word> {
    let part = word.only_part()?;
    let PartKind::Parameter(parameter) = &part.kind else { return None };
    if parameter.subscript.is_some() || !matches!(parameter.operator, ParameterOperator::Length) {
        return None;
    }
    let plain = Parameter { operator: ParameterOperator::None, ..Parameter::clone(parameter) };
    let parts = vec![Part { span: part.span, kind: PartKind::Parameter(Box::new(plain)) }];
    Some(Word { span: word.span, parts })
}

fn is_binary(operator: &str) -> bool {
    matches!(
        operator,
        "=" | "==" | "!=" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-ef" | "-nt" | "-ot" | "<" | ">" | "=~"
    )
}

/// Whether a word is an expansion without quotes and nothing else: where that is empty, it is no word at all.
fn is_bare(word: &Word) -> bool {
    matches!(word.parts[..], [Part { kind: PartKind::Parameter(_) | PartKind::Command(_), .. }])
}
