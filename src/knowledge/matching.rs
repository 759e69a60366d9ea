//! Finds the form that a command is of, and fills its roles.
//!
//! It knows patterns and words, and nothing of effects or facts.

use super::argument::{Argument, Bindings, Match, Operand};
use super::glob::{matches_statement, matches_text};
use super::options::{Read, Until, read};
use super::reader::classify;
use super::schema::model::{EffectRow, Form, Grammar, List, Piece, Role, Slot, Tables, Text, ThingTemplate};
use super::vocabulary::{EffectKind, ThingKind};
use std::borrow::Cow;

impl Bindings {
    /// The text of what is bound to a role, as far as it is known before the command runs.
    pub fn text<'a>(&'a self, role: Role, arguments: &'a [Argument]) -> Option<Cow<'a, str>> {
        match self.get(role)? {
            Operand::Word { argument, offset } => {
                arguments.get(*argument).and_then(|argument| argument.text.get(*offset..)).map(Cow::Borrowed)
            }
            Operand::Rest(indexes) => {
                let words: Vec<&str> =
                    indexes.iter().filter_map(|index| arguments.get(*index)).map(|word| word.text.as_str()).collect();
                Some(Cow::Owned(words.join(" ")))
            }
            Operand::Text(text) | Operand::Input(text) => Some(Cow::Borrowed(text)),
        }
    }

    /// Whether it is the path of a directory of which the script names something.
    fn holds_more(&self, role: Role, arguments: &[Argument]) -> bool {
        match self.get(role) {
            Some(Operand::Word { argument, .. }) => {
                arguments.get(*argument).is_some_and(|argument| argument.holds_more)
            }
            _ => false,
        }
    }
}

impl ThingTemplate {
    /// The key of the thing as text; none if it does not exist in this call.
    pub fn key(&self, bindings: &Bindings, arguments: &[Argument]) -> Option<String> {
        let mut key = String::new();
        for piece in self.pieces.iter() {
            match piece {
                Piece::Literal(text) => key.push_str(text),
                Piece::Role(role) => key.push_str(&bindings.text(*role, arguments)?),
                Piece::Base(role) => key.push_str(base(&bindings.text(*role, arguments)?)),
                Piece::Above(role) => key.push_str(bindings.text(*role, arguments)?.rsplit_once('/')?.0),
                Piece::Stem(role, end) => {
                    let path = bindings.text(*role, arguments)?;
                    let last = base(&path);
                    key.push_str(last.strip_suffix(&**end).unwrap_or(last));
                }
                Piece::Without(role, end) => {
                    let whole = bindings.text(*role, arguments)?;
                    key.push_str(whole.strip_suffix(&**end).unwrap_or(&whole));
                }
                Piece::Within => key.push('#'),
            }
        }
        Some(key)
    }
}

/// The last component of a path; nothing for `DIR/.`, whose content is meant.
pub(super) fn base(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or(path);
    if last == "." { "" } else { last }
}

/// The name of a command without its folder.
pub(super) fn name_of(arguments: &[Argument]) -> Option<&str> {
    let text = arguments.first()?.text.as_str();
    Some(text.rsplit('/').next().unwrap_or(text))
}

/// The name under which rows speak of every init script, whatever it is called.
const INIT_SCRIPT: &str = "init.d";

/// Whether a command is called by a path in a folder of init scripts: then it is one, whatever it is called.
pub(super) fn is_init_script(arguments: &[Argument]) -> bool {
    let folder = arguments.first().and_then(|command| command.text.rsplit('/').nth(1));
    matches!(folder, Some(INIT_SCRIPT | "rc.d"))
}

/// The first form that fits a command that reads this.
/// What comes in on a command's standard input.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Its text, with a hole for every piece that is not known.
    pub text: &'a str,
    /// Where it comes from, as one word; empty where that is not one.
    pub source: &'a str,
}

pub(super) fn find<'k>(tables: &'k Tables, arguments: &[Argument], input: Input<'_>) -> Option<Match<'k>> {
    let name = if is_init_script(arguments) { INIT_SCRIPT } else { name_of(arguments)? };
    match split_again(name, arguments) {
        Some(words) => named(tables, &words, name, input).map(|found| with_texts(found, &words)),
        None => named(tables, arguments, name, input),
    }
}

/// The words of a tool that puts its words together and reads the line anew: `nft "add rule …"`. None if there is
/// nothing to take apart, or more than one statement.
fn split_again(name: &str, arguments: &[Argument]) -> Option<Vec<Argument>> {
    let [command, line] = arguments else { return None };
    let text = line.text.trim();
    if name != "nft" || !text.contains(' ') || text.contains([';', '\n']) {
        return None;
    }
    let words = text.split_whitespace().map(Argument::literal);
    Some(std::iter::once(command.clone()).chain(words).collect())
}

/// A match whose roles are texts, for its words are none of the command's.
fn with_texts<'k>(mut found: Match<'k>, words: &[Argument]) -> Match<'k> {
    for instance in &mut found.instances {
        let texts = (0u8..).zip(&instance.roles).map(|(role, bound)| {
            bound.as_ref().and_then(|_| instance.text(Role(role), words)).map(|text| Operand::Text(text.into_owned()))
        });
        instance.roles = texts.collect();
    }
    found.leading = 1;
    found
}

fn named<'k>(tables: &'k Tables, arguments: &[Argument], name: &str, input: Input<'_>) -> Option<Match<'k>> {
    let row = tables.names.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
    let (_, forms) = tables.names.get(row)?;
    let runs_statements = tables.runs_statements.binary_search_by(|known| (**known).cmp(name)).is_ok();
    let matches = if runs_statements { matches_statement } else { matches_text };
    forms.iter().filter_map(|index| tables.forms.get(*index)).find_map(|form| {
        form.pattern
            .leading
            .iter()
            .zip(form.pattern.grammars.iter())
            .filter(|(leading, _)| leading.first().is_some_and(|first| is_one_of(name, first)))
            .find_map(|(leading, grammar)| {
                fits(form, leading, tables.grammars.get(*grammar)?, arguments, (name_of(arguments)?, input), matches)
            })
    })
}

/// Whether a word is one of those joined by `|`.
pub(super) fn is_one_of(word: &str, alternatives: &str) -> bool {
    word == alternatives || alternatives.split('|').any(|alternative| alternative == word)
}

/// Reads the words that lead: the index of the first word after them, and options that stood among them.
pub(super) fn lead(leading: &List<Text>, grammar: &Grammar, arguments: &[Argument]) -> Option<(usize, Read)> {
    if leading.len() < 2 {
        return Some((1, Read::default()));
    }
    let early = read(arguments, 1, grammar, true, Until::Operand);
    let mut at = early.next;
    for (leads, wanted) in leading.iter().skip(1).enumerate() {
        // What stands in front of the words that lead, and is known only as an expansion, holds options:
        // `etcdctl "${options[@]}" rm KEY`.
        while leads == 0 && arguments.get(at).is_some_and(Argument::may_be_none) {
            at += 1;
        }
        let word = arguments.get(at)?.text.as_str();
        let short = grammar.abbreviates
            && !word.is_empty()
            && wanted.split('|').any(|alternative| alternative.starts_with(word));
        if !short && !is_one_of(word, wanted) {
            return None;
        }
        at += 1;
    }
    Some((at, early))
}

fn fits<'k>(
    form: &'k Form,
    leading: &List<Text>,
    grammar: &Grammar,
    arguments: &[Argument],
    (name, input): (&str, Input<'_>),
    matches: fn(&str, &str) -> bool,
) -> Option<Match<'k>> {
    let pattern = &form.pattern;
    let (start, early) = lead(leading, grammar, arguments)?;
    let mut words = read(arguments, start, grammar, false, Until::End);
    words.surprised |= early.surprised;
    words.options.splice(0..0, early.options);
    if pattern.without.iter().any(|option| words.has(option)) {
        return None;
    }
    let mut bindings = Bindings { roles: vec![None; form.roles.len()] };
    for need in pattern.need.iter() {
        let option = need.options.iter().find(|option| words.has(option))?;
        if let Some(role) = need.role {
            let place = words.value(option)?;
            set(&mut bindings, role, Operand::Word { argument: place.argument, offset: place.offset });
        }
    }
    for may in pattern.may.iter() {
        let given = may.options.iter().find_map(|option| words.value(option));
        if let (Some(role), Some(place)) = (may.role, given) {
            set(&mut bindings, role, Operand::Word { argument: place.argument, offset: place.offset });
        }
    }
    if let Some(role) = pattern.name_role {
        set(&mut bindings, role, Operand::Text(name.to_owned()));
    }
    let mut instances = bind(&pattern.operands, &words, arguments, &bindings)?;
    for instance in &mut instances {
        for role in pattern.input_roles.iter() {
            if instance.get(*role).is_none() {
                set(instance, *role, Operand::Input(input.text.to_owned()));
            }
        }
        if let Some(role) = pattern.source_role {
            set(instance, role, Operand::Text(input.source.to_owned()));
        }
        for (role, text) in pattern.defaults.iter() {
            if instance.get(*role).is_none() {
                set(instance, *role, Operand::Text(text.to_string()));
            }
        }
        for class in pattern.classes.iter() {
            let read = classify(class.reader, &instance.text(class.role, arguments)?);
            if !class.wanted.iter().any(|wanted| *wanted == read.class) {
                return None;
            }
            for (name, text) in read.texts {
                if let Some((_, role)) = class.fills.iter().find(|(known, _)| *known == name) {
                    set(instance, *role, Operand::Text(text));
                }
            }
        }
        let globbed = |(role, globs): &(Role, List<Text>)| {
            let fits = |text: &str| globs.iter().any(|glob| matches(glob, text));
            instance.text(*role, arguments).is_some_and(|text| {
                // A directory is one with and without a slash behind it.
                fits(&text) || instance.holds_more(*role, arguments) && fits(&format!("{text}/"))
            })
        };
        if !pattern.globs.iter().all(globbed) || prints(form, instance, arguments) {
            return None;
        }
    }
    // Who removes something writes the options out: `rm -rf $DATA $LOGS/old`.
    let removes = form.effects.iter().any(|effect| effect.kind == EffectKind::Delete);
    let is_written_out = removes && !words.options.is_empty();
    let may_be_options = !is_written_out && may_be_options(&pattern.operands, &words, arguments, &bindings);
    let exact = !words.surprised && !may_be_options;
    Some(Match { form, instances, exact, leading: start })
}

/// Whether the file that it would write is `-`, standard output: to a redirection that is a name like any other.
fn prints(form: &Form, instance: &Bindings, arguments: &[Argument]) -> bool {
    let redirects = arguments.first().is_some_and(|command| command.text.contains('>'));
    let written =
        |effect: &EffectRow| matches!(effect.kind, EffectKind::Write | EffectKind::Create | EffectKind::Backup);
    !redirects
        && form.effects.iter().filter(|effect| written(effect)).any(|effect| {
            form.things.get(effect.target).is_some_and(|thing| {
                thing.kind == ThingKind::Path
                    && matches!(&*thing.pieces, [Piece::Role(role)] if instance.text(*role, arguments).as_deref() == Some("-"))
            })
        })
}

fn set(bindings: &mut Bindings, role: Role, operand: Operand) {
    if let Some(slot) = bindings.roles.get_mut(usize::from(role.0)) {
        *slot = Some(operand);
    }
}

/// Whether the first operand is nothing but an unquoted expansion, could be missing, and is followed by a word of
/// another kind: `mkdir $OPTIONS dir`. Then it may well hold options.
fn may_be_options(slots: &[Slot], words: &Read, arguments: &[Argument], given: &Bindings) -> bool {
    let unknown = |index: &usize| arguments.get(*index).is_some_and(Argument::may_be_none);
    match words.operands.split_first() {
        Some((first, rest)) if unknown(first) && !rest.iter().all(unknown) => {
            let without = Read { operands: rest.to_vec(), ..words.clone() };
            bind(slots, &without, arguments, given).is_some()
        }
        _ => false,
    }
}

/// Gives operands to roles; none if they do not fit.
fn bind(slots: &[Slot], words: &Read, arguments: &[Argument], given: &Bindings) -> Option<Vec<Bindings>> {
    let mut bindings = given.clone();
    let mut open: Vec<&Slot> = Vec::new();
    for slot in slots {
        match slot {
            Slot::Unless(role, option) => match words.value(option) {
                Some(place) => {
                    set(&mut bindings, *role, Operand::Word { argument: place.argument, offset: place.offset });
                }
                None => open.push(slot),
            },
            _ => open.push(slot),
        }
    }
    let operands = &words.operands;
    let needed = open.iter().filter(|slot| !is_optional(slot)).count();
    let endless = open.iter().any(|slot| matches!(slot, Slot::Many(_) | Slot::Rest(_)));
    if operands.len() < needed || operands.len() > open.len() && !endless {
        return None;
    }
    let extra = operands.len() - needed;
    let word = |at: usize| operands.get(at).and_then(|index| arguments.get(*index)).map_or("", |word| &*word.text);
    let one = |at: usize| operands.get(at).map(|index| Operand::Word { argument: *index, offset: 0 });
    let (mut at, mut spare) = (0, extra);
    let mut many: Option<(Role, &[usize])> = None;
    for slot in open {
        match slot {
            Slot::Rest(role) => {
                if at < operands.len() {
                    set(&mut bindings, *role, Operand::Rest(operands[at..].to_vec()));
                }
                at = operands.len();
            }
            Slot::Many(role) => {
                many = Some((*role, operands.get(at..=at + spare)?));
                at += spare + 1;
                spare = 0;
            }
            Slot::Word(literal) => {
                if word(at) != literal {
                    return None;
                }
                at += 1;
            }
            Slot::MaybeWord(literal) => {
                if spare > 0 && word(at) == literal {
                    at += 1;
                    spare -= 1;
                }
            }
            Slot::Maybe(role) | Slot::MaybeNumber(role) => {
                let number = matches!(slot, Slot::MaybeNumber(_));
                let digits = || !word(at).is_empty() && word(at).bytes().all(|byte| byte.is_ascii_digit());
                if spare > 0 && (!number || digits()) {
                    set(&mut bindings, *role, one(at)?);
                    at += 1;
                    spare -= 1;
                }
            }
            Slot::One(role) | Slot::Unless(role, _) => {
                set(&mut bindings, *role, one(at)?);
                at += 1;
            }
        }
    }
    if at < operands.len() {
        return None;
    }
    Some(match many {
        None => vec![bindings],
        Some((role, indexes)) => indexes
            .iter()
            .map(|index| {
                let mut instance = bindings.clone();
                set(&mut instance, role, Operand::Word { argument: *index, offset: 0 });
                instance
            })
            .collect(),
    })
}

fn is_optional(slot: &Slot) -> bool {
    matches!(slot, Slot::Maybe(_) | Slot::MaybeNumber(_) | Slot::MaybeWord(_) | Slot::Rest(_))
}
