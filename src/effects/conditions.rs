//! Tests: what `[ … ]`, `[[ … ]]`, `(( … ))`, `case` and exit codes ask.
//!
//! The words of `[` are read by the rules of POSIX `test` for few arguments, and as one expression with `-a`,
//! `-o`, `!` and parentheses for many.

use super::question::{Question, Relation};
use super::resolve::Resolver;
use super::step::Condition;
use super::thing::Fact;
use crate::flow::forest::constant;
use crate::flow::graph::{NodeId, Slot};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{FactKind, HOLE};
use crate::syntax::tree::{ArithmeticExpression, Part, PartKind, TestExpression, TestKind, Word};
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
        self.resolver.slot(word).or_else(|| {
            let value = self.value(word);
            let held = match self.resolver.flow.values.get(value) {
                Value::Default(held, other) if self.resolver.flow.values.text(*other) == Some("") => *held,
                _ => value,
            };
            let is_given = matches!(self.resolver.flow.values.get(held), Value::Positional(..));
            is_given.then_some(Slot::Value(held.0))
        })
    }

    fn text(&mut self, word: &Word) -> String {
        let value = self.value(word);
        self.resolver.flow.values.render(value).0
    }

    fn known(&mut self, word: &Word) -> Option<String> {
        let value = self.value(word);
        self.resolver.flow.values.text(value).map(str::to_owned)
    }

    /// `[[ … ]]`.
    pub fn expression(&mut self, test: &TestExpression) -> Condition {
        match &test.kind {
            TestKind::Word(word) => self.non_empty(word, true),
            TestKind::Unary(operator, word) => self.unary(operator, word),
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
                self.unary(operator, &words[*at - 1])
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
        let set = self.fact(FactKind::NonEmpty, word);
        let mut no = thin_vec![self.fact(FactKind::IsEmpty, word)];
        no.extend(self.printed_nothing(word));
        let mut asked = match self.slot(word) {
            Some(slot) => Condition::Slot { slot, question: Question::NonEmpty, yes: thin_vec![set], no },
            None => Condition::Facts { yes: thin_vec![set], no, operator: Some('n') },
        };
        if let Some(thing) = self.resolver.sought(self.id, word, self.state) {
            found(thing, &mut asked);
        }
        if yes { asked } else { Condition::Not(Box::new(asked)) }
    }

    fn unary(&mut self, operator: &str, word: &Word) -> Condition {
        match operator {
            "-n" => return self.non_empty(word, true),
            "-z" => return self.non_empty(word, false),
            _ => {}
        }
        let Some(row) = self.resolver.knowledge.test_operator(operator) else { return Condition::Unknown };
        let value = self.value(word);
        let thing = self.resolver.path(value, None, self.state);
        let facts = |kinds: &[FactKind]| -> ThinVec<Fact> { kinds.iter().map(|&kind| Fact { kind, thing }).collect() };
        let (mut yes, mut no) = (facts(&row.yes), facts(&row.no));
        // The kernel shows its interfaces as directories.
        if matches!(operator, "-e" | "-d" | "-L" | "-h")
            && let Some(interface) = self.resolver.interface(value)
        {
            yes.push(Fact { kind: FactKind::Exists, thing: interface });
            no.push(Fact { kind: FactKind::Absent, thing: interface });
        }
        // A relative path that is there says that the directory is the one meant.
        let begins = self.resolver.flow.values.render(value).0;
        if !begins.is_empty() && !begins.starts_with(['/', '~', HOLE]) {
            let directory = self.resolver.directory_thing();
            yes.push(Fact { kind: FactKind::Clean, thing: directory });
        }
        // What is below a mount is there: something is mounted.
        if matches!(operator, "-e" | "-f" | "-d" | "-r" | "-s" | "-x") {
            let mounts = self.resolver.mounts_above(value, self.state);
            yes.extend(mounts.into_iter().map(|thing| Fact { kind: FactKind::Exists, thing }));
        }
        // Nothing has the empty name; unquoted, an empty word would vanish and the test be true.
        if matches!(word.parts[..], [Part { kind: PartKind::DoubleQuoted(_), .. }]) {
            yes.push(self.fact(FactKind::NonEmpty, word));
        }
        // "It is no directory" is an answer to "is it there", as far as making a directory goes.
        if matches!(operator, "-e" | "-f" | "-d" | "-L" | "-h" | "-s" | "-r" | "-b" | "-S" | "-p" | "-a") {
            no.push(Fact { kind: FactKind::Asked, thing });
            // What should be below a mount is not there: nothing is mounted.
            no.extend(
                self.resolver
                    .mounts_above(value, self.state)
                    .into_iter()
                    .map(|thing| Fact { kind: FactKind::Asked, thing }),
            );
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
            let condition = match (self.slot(left), self.known(right).and_then(|text| text.trim().parse().ok())) {
                (Some(slot), Some(number)) if !matches!(slot, Slot::Capture(_)) => Condition::Slot {
                    slot,
                    question: Question::Number(relation, number),
                    yes: ThinVec::new(),
                    no: ThinVec::new(),
                },
                (_, Some(number)) => self.counted(left, relation, number),
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
                let set = self.fact(FactKind::NonEmpty, left);
                Condition::Facts { yes: thin_vec![set], no: ThinVec::new(), operator: None }
            }
            _ => Condition::Unknown,
        }
    }

    /// `a = b`; the right side is a pattern in `[[`.
    fn equals(&mut self, left: &Word, right: &Word, patterns: bool) -> Condition {
        // `[ "x$v" = xyes ]`: the same letters in front of both.
        let wanted = self.text(right);
        // `[ yes = "$v" ]`: as the other way round.
        if wanted.contains(HOLE) && self.slot(left).is_none() && self.known(left).is_some() {
            return self.equals(right, left, false);
        }
        let prefixed = match &left.parts[..] {
            [Part { kind: PartKind::DoubleQuoted(inner), .. }] => stripped(inner),
            parts => stripped(parts),
        };
        if let Some((prefix, word)) = prefixed
            && let Some(rest) = wanted.strip_prefix(&*prefix)
            && !rest.contains(HOLE)
        {
            let rest = rest.to_owned();
            return self.compared(&word, &rest, false);
        }
        if wanted.contains(HOLE) {
            let sought = self.resolver.sought(self.id, left, self.state);
            if let Some(thing) = sought.or_else(|| self.resolver.sought(self.id, right, self.state)) {
                let mut asked = Condition::Facts { yes: ThinVec::new(), no: ThinVec::new(), operator: None };
                found(thing, &mut asked);
                return asked;
            }
            return match self.shown_file(left).or_else(|| self.shown_file(right)) {
                Some(thing) => Condition::Facts {
                    yes: thin_vec![Fact { kind: FactKind::SameContent, thing }],
                    no: thin_vec![Fact { kind: FactKind::Differs, thing }],
                    operator: None,
                },
                None => Condition::Unknown,
            };
        }
        let is_pattern = patterns && right.parts.iter().any(|part| matches!(part.kind, PartKind::Glob(_)));
        self.compared(left, &wanted, is_pattern)
    }

    fn compared(&mut self, word: &Word, wanted: &str, pattern: bool) -> Condition {
        let question = if pattern { Question::Matches(wanted.into()) } else { Question::Equals(wanted.into()) };
        let slot = self.slot(word);
        if slot.is_none()
            && let Some(text) = self.known(word)
        {
            return Condition::Known(if pattern { super::glob::matches(wanted, &text) } else { text == wanted });
        }
        let value = self.value(word);
        let thing = self.resolver.value_thing(value);
        let named = wanted.trim_start_matches(['*', '?']);
        let mut yes = ThinVec::new();
        let mut no = ThinVec::new();
        if wanted.is_empty() {
            yes.push(Fact { kind: FactKind::IsEmpty, thing });
            no.push(Fact { kind: FactKind::NonEmpty, thing });
            yes.extend(self.printed_nothing(word));
        } else if !named.is_empty() || wanted.contains('?') {
            yes.push(Fact { kind: FactKind::NonEmpty, thing });
            // A prefix below the root, or a whole word, bounds what the value can be.
            if !pattern || wanted.starts_with('/') && wanted.len() > 2 {
                yes.push(Fact { kind: FactKind::Bounded, thing });
            }
        }
        if let Ok(number) = wanted.parse() {
            yes.extend(self.printed_number(word, number));
        }
        // `[ "$(cat F)" = "$wanted" ]` looks at what is there.
        if let Some(file) = self.shown_file(word) {
            yes.push(Fact { kind: FactKind::SameContent, thing: file });
            no.push(Fact { kind: FactKind::Differs, thing: file });
        }
        // `[ "$(readlink F)" = /usr/share/app/F ]` says which link it is; of what is no link nothing is printed.
        if !wanted.is_empty()
            && let Some(link) = self.read_link(word)
        {
            yes.push(Fact { kind: FactKind::Identified, thing: link });
        }
        match slot {
            Some(slot) => Condition::Slot { slot, question, yes, no },
            None => Condition::Facts { yes, no, operator: None },
        }
    }

    /// `[ "$(ls | wc -l)" -eq 0 ]`: is anything there? `[ "$(grep -c PATTERN FILE)" -eq 0 ]`: is anything found?
    fn counted(&mut self, word: &Word, relation: Relation, number: i64) -> Condition {
        let least = if relation == Relation::Less { number.saturating_sub(1) } else { number };
        let empty = self.printed_number(word, least);
        if !empty.is_empty() {
            let (yes, no) =
                if relation == Relation::Greater { (ThinVec::new(), empty) } else { (empty, ThinVec::new()) };
            return Condition::Facts { yes, no, operator: None };
        }
        // In these relations a number of hits says whether there is one.
        let none = match (relation, number) {
            (Relation::Equal, 0) | (Relation::Less, 1) => true,
            (Relation::Greater, 0) => false,
            _ => return Condition::Unknown,
        };
        let Some(step) = substituted(word).and_then(|simple| self.resolver.search(self.id, simple, self.state)) else {
            return Condition::Unknown;
        };
        let (yes, no) = if none { (step.fail, step.ok) } else { (step.ok, step.fail) };
        Condition::Facts { yes, no, operator: Some('c') }
    }

    /// The file whose content or sum a word is: `$(cat F)`, or a variable that holds what that printed.
    pub fn shown_file(&mut self, word: &Word) -> Option<super::thing::ThingId> {
        if first_substituted(word).is_none() {
            let value = self.value(word);
            return match self.resolver.flow.values.get(value) {
                Value::Output(site) => self.resolver.shown.get(site).copied(),
                _ => None,
            };
        }
        self.told(word, &["cat", "md5sum", "sha1sum", "sha256sum", "sha512sum", "cksum"])
    }

    /// The link whose target a word is: `$(readlink F)`.
    fn read_link(&mut self, word: &Word) -> Option<super::thing::ThingId> {
        self.told(word, &["readlink", "realpath"])
    }

    /// The file that a word tells of by one of these commands: `$(COMMAND F)`.
    fn told(&mut self, word: &Word, commands: &[&str]) -> Option<super::thing::ThingId> {
        let simple = first_substituted(word)?;
        let [name, .., file] = &simple.words[..] else { return None };
        let name = constant(name)?;
        if !commands.contains(&name.rsplit('/').next()?) {
            return None;
        }
        let value = self.value(file);
        Some(self.resolver.path(value, None, self.state))
    }

    /// One arm of a `case`.
    pub fn matching(&mut self, subject: &Word, patterns: &[Word]) -> Condition {
        let mut all: Option<Condition> = None;
        for pattern in patterns {
            let text = self.text(pattern);
            let is_glob = pattern.parts.iter().any(|part| matches!(part.kind, PartKind::Glob(_)));
            let one = if text == "*" && is_glob {
                Condition::Known(true)
            } else if text.contains(HOLE) {
                Condition::Unknown
            } else {
                self.compared(subject, &text, is_glob)
            };
            all = Some(match all {
                None => one,
                Some(before) => Condition::Or(Box::new(before), Box::new(one)),
            });
        }
        all.unwrap_or(Condition::Unknown)
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

    /// `(( … ))`: ok where it is not 0.
    pub fn arithmetic(&mut self, expression: Option<&ArithmeticExpression>) -> Condition {
        use ArithmeticExpression as E;
        match expression {
            Some(E::Number(text)) => {
                text.parse::<i64>().map_or(Condition::Unknown, |number| Condition::Known(number != 0))
            }
            Some(E::Variable(name)) => {
                let slot =
                    if &**name == "?" { Slot::Status } else { Slot::Variable(self.resolver.flow.names.intern(name)) };
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
                    let slot = if &**name == "?" {
                        Slot::Status
                    } else {
                        Slot::Variable(self.resolver.flow.names.intern(name))
                    };
                    let asked = Condition::Slot {
                        slot,
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
}

/// Yes is what was looked for as it is wanted; no, that it is not there as it is wanted.
fn found(thing: super::thing::ThingId, asked: &mut Condition) {
    if let Condition::Facts { yes, no, .. } | Condition::Slot { yes, no, .. } = asked {
        yes.push(Fact { kind: FactKind::Contains, thing });
        no.push(Fact { kind: FactKind::ContainsNot, thing });
    }
}

fn is_binary(operator: &str) -> bool {
    matches!(
        operator,
        "=" | "==" | "!=" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-ef" | "-nt" | "-ot" | "<" | ">" | "=~"
    )
}

/// `x$v`: the letters in front and the word of the rest.
fn stripped(parts: &[Part]) -> Option<(Box<str>, Word)> {
    let [Part { kind: PartKind::Literal(prefix), .. }, rest] = parts else { return None };
    matches!(rest.kind, PartKind::Parameter(_))
        .then(|| (prefix.clone(), Word { span: rest.span, parts: vec![rest.clone()] }))
}

/// The simple command that a word's substitution begins with: alone, or in front of filters.
fn first_substituted(word: &Word) -> Option<&crate::syntax::tree::Simple> {
    use crate::syntax::tree::CommandKind;
    let part = match &word.parts[..] {
        [Part { kind: PartKind::DoubleQuoted(inner), .. }] => inner.first()?,
        [part] => part,
        _ => return None,
    };
    let PartKind::Command(substitution) = &part.kind else { return None };
    let [statement] = &substitution.body.statements[..] else { return None };
    let command = match &statement.command.kind {
        CommandKind::Pipeline { stages, .. } => stages.first()?,
        _ => &statement.command,
    };
    match &command.kind {
        CommandKind::Simple(simple) => Some(simple),
        _ => None,
    }
}

/// The one simple command of a word that is a substitution and nothing else.
fn substituted(word: &Word) -> Option<&crate::syntax::tree::Simple> {
    let part = match &word.parts[..] {
        [Part { kind: PartKind::DoubleQuoted(inner), .. }] => match &inner[..] {
            [only] => only,
            _ => return None,
        },
        [part] => part,
        _ => return None,
    };
    let PartKind::Command(substitution) = &part.kind else { return None };
    let [statement] = &substitution.body.statements[..] else { return None };
    match &statement.command.kind {
        crate::syntax::tree::CommandKind::Simple(simple) => Some(simple),
        _ => None,
    }
}
