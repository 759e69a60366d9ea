//! What a comparison of texts asks: a variable, an output, the content or the target of a file.

use super::super::question::{Question, Relation};
use super::super::step::Condition;
use super::super::thing::{Fact, ThingId};
use super::{Conditions, found};
use crate::flow::forest::{constant, piped};
use crate::flow::graph::{Kind, Slot};
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{FactKind, HOLE};
use crate::syntax::tree::{Command, CommandKind, ParameterOperator, Part, PartKind, RedirectKind, Simple, Word};
use thin_vec::{ThinVec, thin_vec};

/// The script was told to do what it asks for.
const ACTION: &str = "is-action";
/// It was told to do something else.
const OTHER_ACTION: &str = "is-another-action";

impl Conditions<'_, '_, '_> {
    /// `a = b`; the right side is a pattern in `[[`.
    pub(super) fn equals(&mut self, left: &Word, right: &Word, patterns: bool) -> Condition {
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
            let shown: Vec<ThingId> = [left, right].into_iter().filter_map(|word| self.shown_file(word)).collect();
            if shown.is_empty() {
                let looked_at = |thing| Fact { kind: FactKind::CopyTried, thing };
                return match self.read_link(left) {
                    Some(link) => Condition::Facts {
                        yes: thin_vec![looked_at(link)],
                        no: thin_vec![Fact { kind: FactKind::Differs, thing: link }],
                        operator: None,
                    },
                    None => Condition::Unknown,
                };
            }
            let all = |kind| shown.iter().map(|&thing| Fact { kind, thing }).collect();
            return Condition::Facts { yes: all(FactKind::SameContent), no: all(FactKind::Differs), operator: None };
        }
        let is_pattern = patterns && right.parts.iter().any(|part| matches!(part.kind, PartKind::Glob(_)));
        self.compared(left, &wanted, is_pattern)
    }

    /// Whether a value is the first word that the script was given: what it is told to do.
    fn is_action(&self, value: ValueId) -> bool {
        match self.resolver.flow.values.get(value) {
            Value::Positional(0, number) => *number == 1,
            Value::Default(inner, _) | Value::Required(inner) => self.is_action(*inner),
            _ => false,
        }
    }

    pub(super) fn compared(&mut self, word: &Word, wanted: &str, pattern: bool) -> Condition {
        let question = if pattern { Question::Matches(wanted.into()) } else { Question::Equals(wanted.into()) };
        let slot = self.slot(word);
        if slot.is_none()
            && let Some(text) = self.known(word)
        {
            return Condition::Known(if pattern {
                crate::effects::glob::matches(wanted, &text)
            } else {
                text == wanted
            });
        }
        // `[ "${v:-no}" = yes ]`: the default is another answer.
        let slot = slot.or_else(|| {
            let (slot, other) = self.defaulted(word)?;
            (!pattern && !wanted.is_empty() && other != wanted).then_some(slot)
        });
        let value = self.value(word);
        // `[ "${v:-/}" != / ]`: another text is that of the variable, which is not empty.
        if let Value::Default(held, other) = *self.resolver.flow.values.get(value)
            && slot.is_none()
            && !pattern
            && self.resolver.flow.values.text(other) == Some(wanted)
        {
            let thing = self.resolver.value_thing(held);
            let no = thin_vec![Fact { kind: FactKind::NonEmpty, thing }];
            return Condition::Facts { yes: ThinVec::new(), no, operator: None };
        }
        let thing = self.resolver.value_thing(value);
        let named = wanted.trim_start_matches(['*', '?']);
        let mut yes = ThinVec::new();
        let mut no = ThinVec::new();
        if wanted.is_empty() {
            yes.push(Fact { kind: FactKind::IsEmpty, thing });
            no.push(Fact { kind: FactKind::NonEmpty, thing });
            no.extend(self.answered(value));
            yes.extend(self.printed_nothing(word));
        } else if !named.is_empty() || wanted.contains('?') {
            yes.push(Fact { kind: FactKind::NonEmpty, thing });
            yes.extend(self.answered(value));
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
        // `[ "$(sed -n 's/^key: //p' F)" = placeholder ]` looks at what is there as a search does.
        if !wanted.is_empty()
            && let Some(file) = self.excerpt(word)
        {
            yes.push(Fact { kind: FactKind::Differs, thing: file });
        }
        // `[ "$(readlink F)" = /usr/share/app/F ]` says which link it is; of what is no link nothing is printed.
        if !wanted.is_empty()
            && let Some(link) = self.read_link(word)
        {
            yes.push(Fact { kind: FactKind::Identified, thing: link });
            // Of another one, or of none, it was looked at as well.
            no.push(Fact { kind: FactKind::Differs, thing: link });
        }
        if pattern && let Some(text) = wanted.strip_prefix('*').and_then(|text| text.strip_suffix('*')) {
            yes.extend(self.resolver.said(self.id, word, text, self.state));
        }
        if self.is_action(value) {
            let answer = |mark| self.resolver.marks.get(mark).map(|&thing| Fact { kind: FactKind::Done, thing });
            yes.extend(answer(ACTION));
            no.extend(answer(OTHER_ACTION));
        }
        let mut asked = match slot {
            Some(slot) => Condition::Slot { slot, question, yes, no },
            None => Condition::Facts { yes, no, operator: None },
        };
        if pattern && let Some(thing) = self.resolver.kept_text(self.id, word, wanted, self.state) {
            found(thing, &mut asked);
        }
        asked
    }

    /// The variable of a `${v:-text}` and the text.
    fn defaulted(&mut self, word: &Word) -> Option<(Slot, String)> {
        let PartKind::Parameter(parameter) = &word.only_part()?.kind else { return None };
        let ParameterOperator::Default { word: other, .. } = &parameter.operator else { return None };
        let is_name = parameter.name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let slot = Slot::named(&parameter.name, &mut self.resolver.flow.names);
        self.known(other).filter(|_| is_name && parameter.subscript.is_none()).map(|other| (slot, other))
    }

    /// `[ "$(ls | wc -l)" -eq 0 ]`: is anything there? `[ "$(grep -c PATTERN FILE)" -eq 0 ]`: is anything found?
    pub(super) fn counted(&mut self, word: &Word, relation: Relation, number: i64) -> Condition {
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
    pub fn shown_file(&mut self, word: &Word) -> Option<ThingId> {
        if first_substituted(word).is_none() {
            let value = self.value(word);
            return self.shown_by(value);
        }
        self.told(word, &["cat", "head", "md5sum", "sha1sum", "sha256sum", "sha512sum", "cksum"])
    }

    /// The file whose content or sum a variable holds, or nothing where there is no file:
    /// `[ ! -f F ] || old=$(cat F)`.
    fn shown_by(&self, value: ValueId) -> Option<ThingId> {
        let values = &self.resolver.flow.values;
        // `${sum%% *}` is the sum without the name.
        if let Value::Derived(whole, _) = *values.get(value) {
            return self.shown_by(whole);
        }
        let printed = |value: &ValueId| match values.get(*value) {
            Value::Output(site) => self.resolver.shown.get(site).copied(),
            _ => None,
        };
        let others = values.alternatives(value);
        let mut files = others.iter().filter_map(printed);
        let first = files.next().or_else(|| printed(&value))?;
        let is_other = |one: &&ValueId| printed(one).is_none() && matches!(values.get(**one), Value::Output(_));
        (files.all(|file| file == first) && !others.iter().any(|one| is_other(&one))).then_some(first)
    }

    /// The file of which a word is a part: `$(sed -n SCRIPT F)`, or a variable that holds what that printed.
    pub fn excerpt(&mut self, word: &Word) -> Option<ThingId> {
        let Some((_, simple)) = first_substituted(word) else {
            let value = self.value(word);
            let Value::Output(site) = self.resolver.flow.values.get(value) else { return None };
            return self.resolver.excerpts.get(site).copied();
        };
        // What stands in front of the file says which part.
        let operands = simple.words.iter().skip(1);
        let operands = operands.filter(|word| constant(word).is_none_or(|text| !text.starts_with('-'))).count();
        (operands > 1).then(|| self.told(word, &["sed", "awk", "gawk", "mawk", "grep", "egrep", "fgrep"])).flatten()
    }

    /// The link whose target a word is: `$(readlink F)`.
    fn read_link(&mut self, word: &Word) -> Option<ThingId> {
        self.told(word, &["readlink", "realpath"])
    }

    /// The file that a word tells of by one of these commands: `$(COMMAND F)`.
    fn told(&mut self, word: &Word, commands: &[&str]) -> Option<ThingId> {
        let (command, simple) = first_substituted(word)?;
        let (name, operands) = simple.words.split_first()?;
        // `md5sum < FILE` reads it too.
        let inputs = command.redirects.iter().filter(|redirect| redirect.kind == RedirectKind::Input);
        let file = operands.last().or_else(|| inputs.map(|redirect| &redirect.target).next_back())?;
        let name = constant(name)?;
        if !commands.contains(&name.rsplit('/').next()?) {
            return None;
        }
        let value = self.value(file);
        let root = self.root();
        Some(self.resolver.path(value, root, self.state))
    }

    /// The root of what a test in a text for another shell speaks of: `ssh db1 '[ -e /etc/app.conf ] || …'`.
    pub(super) fn root(&mut self) -> Option<ValueId> {
        let Kind::Simple(simple) = &self.resolver.flow.graph.node(self.id).kind else { return None };
        let place = simple.place?;
        Some(self.resolver.place(self.id, place, self.state))
    }

    /// The mounts of this host that a path would lie in.
    pub(super) fn mounts_above(&mut self, path: ValueId, root: Option<ValueId>) -> Vec<ThingId> {
        if root.is_some() { Vec::new() } else { self.resolver.mounts_above(path, self.state) }
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
}

/// `x$v`: the letters in front and the word of the rest.
fn stripped(parts: &[Part]) -> Option<(Box<str>, Word)> {
    let [Part { kind: PartKind::Literal(prefix), .. }, rest] = parts else { return None };
    let rest = match &rest.kind {
        PartKind::DoubleQuoted(inner) => inner.first().filter(|_| inner.len() == 1)?,
        _ => rest,
    };
    matches!(rest.kind, PartKind::Parameter(_))
        .then(|| (prefix.clone(), Word { span: rest.span, parts: vec![rest.clone()] }))
}

/// The simple command that a word's substitution begins with: alone, or in front of filters.
fn first_substituted(word: &Word) -> Option<(&Command, &Simple)> {
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
        CommandKind::Simple(simple) => Some((command, simple)),
        _ => None,
    }
}

/// The one simple command of a word that is a substitution and nothing else.
fn substituted(word: &Word) -> Option<&Simple> {
    match piped(word)? {
        [Command { kind: CommandKind::Simple(simple), .. }] => Some(simple),
        _ => None,
    }
}
