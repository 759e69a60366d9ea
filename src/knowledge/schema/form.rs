//! Turns a form as written into a row: reads its words, derives what follows from its cases.
//!
//! It knows nothing of files, tables or look-up.

use super::super::vocabulary::{EffectKind, FactKind, How, ThingKind};
use super::cases::{Case, Names, Outcome};
use super::derive::{Derived, derive};
use super::mistake::{Wrong, explain, unknown};
use super::model::{
    Class, EffectRow, FactRow, Form, Need, Pattern, Piece, Reader, Rewrite, RewriteAction, Role, RootKind, Safety,
    Slot, Text, ThingTemplate, When,
};
use super::raw::{OneOrMany, RawForm, RawRewrite};
use super::remedies::remedies;
use super::rows::{ROOTS, optional};
use super::template::{pieces, template};
use super::world::{Predicate, Things};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// The text that the readers of small scripts give to roles.
const READER_ROLES: [(&str, Reader, &[&str]); 2] =
    [("sed", Reader::Sed, &["TEXT"]), ("sql", Reader::Sql, &["KIND", "OBJECT"])];

/// The role of what comes in on standard input.
const INPUT: &str = "STDIN";

/// The role of where that comes from: the file that is read, or the last word of the command that begins the pipe.
const SOURCE: &str = "SOURCE";

/// The role of what the command is called, without its folder.
const NAME: &str = "NAME";

/// Four paths are 10,000 worlds; more would make a row a denial of service.
const MOST_WORLDS: usize = 20_000;

/// A form on its way to becoming a row.
struct Lowering {
    roles: Vec<String>,
    kinds: BTreeMap<String, String>,
}

/// Lowers a form. `grammars` are the indexes of the grammars that read its options, one for each alternative of its
/// leading words.
pub fn lower(raw: &RawForm, grammars: Vec<usize>) -> Result<Form, Wrong> {
    let mut lowering = Lowering { roles: Vec::new(), kinds: BTreeMap::new() };
    let mut pattern = lowering.pattern(raw, grammars)?;
    let (templates, keys) = lowering.things(raw, &mut pattern)?;
    let names: Vec<String> = templates.iter().map(|thing| thing.name.to_string()).collect();
    let names = Names { things: &names, roles: &lowering.roles };
    let cases = Lowering::cases(raw, &names)?;
    let assume = match &raw.assume {
        Some(text) => names.precondition(text.get_ref(), &text.span())?.unwrap_or_default(),
        None => Vec::new(),
    };
    let kinds: Vec<ThingKind> = templates.iter().map(|thing| thing.kind).collect();
    let things = Things::new(keys);
    if things.size() > MOST_WORLDS {
        return Err(Wrong::new(raw.id.span(), "too many things: their states cannot all be tried"));
    }
    let Some(derived) = derive(&things, &kinds, &cases, &assume, &[]) else {
        return Err(Wrong::new(raw.id.span(), "in no world does this form end in a case and succeed"));
    };
    let effects = raw.effects.iter().map(|text| effect(text, &names)).collect::<Result<Vec<_>, _>>()?;
    let changes_nothing = raw.effects.is_empty() && cases.iter().all(|case| case.changes.is_empty());
    let answers = cases.iter().any(|case| case.outcome == Outcome::Fail) || raw.lists.is_some();
    let asks = raw.asks || changes_nothing && answers;
    let (mut ok, mut fail) = (derived.ok.clone(), derived.fail.clone());
    let (prints, prints_nothing) = lists(raw, &names, &kinds)?;
    if asks {
        let asked = asked(&cases, &prints, &kinds);
        ok.extend(asked.iter().copied());
        fail.extend(asked);
    }
    for (texts, rows) in [(&raw.makes.ok, &mut ok), (&raw.makes.fail, &mut fail)] {
        for text in texts {
            rows.push(fact(text, &names)?);
        }
    }
    let Derived { touches, transfers, second_run, second_run_elsewhere, excuses, .. } = derived;
    let unasked = unasked(&cases);
    Ok(Form {
        id: owned(raw.id.get_ref()),
        fail_is_answer: raw.closed || !unasked.is_empty(),
        unasked: Cow::Owned(unasked),
        ok: Cow::Owned(ok),
        fail: Cow::Owned(fail),
        prints: Cow::Owned(prints),
        prints_nothing: Cow::Owned(prints_nothing),
        says: owned(raw.says.as_deref().unwrap_or_default()),
        effects: Cow::Owned(effects),
        touches: Cow::Owned(touches),
        transfers: Cow::Owned(transfers),
        second_run,
        second_run_elsewhere: Cow::Owned(second_run_elsewhere),
        excuses: Cow::Owned(excuses),
        asks,
        quiet: raw.quiet,
        fails_silently: raw.fails_silently,
        atomic: raw.atomic,
        elsewhere: optional("root", raw.elsewhere.as_ref(), &ROOTS, RootKind::Same)?,
        idempotent: raw.idempotent.as_ref().map(|raw| rewrite(raw, &lowering.roles)).transpose()?,
        remedies: Cow::Owned(remedies(&raw.remedies, &lowering.roles)?),
        marks: raw.marks.iter().map(|mark| owned(mark)).collect(),
        told_ok: raw.tells.ok.iter().map(|mark| owned(mark)).collect(),
        answers: raw
            .tells
            .says
            .iter()
            .map(|(text, marks)| (owned(text), marks.iter().map(|mark| owned(mark)).collect()))
            .collect(),
        told_fail: raw.tells.fail.iter().map(|mark| owned(mark)).collect(),
        source: owned(raw.source.as_deref().unwrap_or_default()),
        roles: lowering.roles.iter().map(|role| owned(role)).collect(),
        things: Cow::Owned(templates),
        pattern,
    })
}

impl Lowering {
    fn role(&mut self, written: &str) -> Role {
        let (name, kind) = written.split_once(':').unwrap_or((written, ""));
        if !kind.is_empty() {
            self.kinds.insert(name.to_owned(), kind.to_owned());
        }
        let index = self.roles.iter().position(|role| role == name).unwrap_or_else(|| {
            self.roles.push(name.to_owned());
            self.roles.len() - 1
        });
        Role(u8::try_from(index).unwrap_or(u8::MAX))
    }

    fn pattern(&mut self, raw: &RawForm, grammars: Vec<usize>) -> Result<Pattern, Wrong> {
        let need = self.needs(raw.need.as_ref());
        let may = self.needs(raw.may.as_ref());
        let operands: Vec<Slot> = words(raw.args.as_ref()).into_iter().map(|word| self.slot(word)).collect();
        let asks_input = raw.r#where.contains_key(INPUT) || raw.classify.contains_key(INPUT);
        let name_role = raw.r#where.contains_key(NAME).then(|| self.role(NAME));
        let source_role = raw.r#where.contains_key(SOURCE).then(|| self.role(SOURCE));
        let mut input_roles: Vec<Role> = asks_input.then(|| self.role(INPUT)).into_iter().collect();
        let mut defaults = Vec::new();
        for (name, value) in &raw.default {
            let role = self.known(name, &value.span())?;
            match value.get_ref().as_str() {
                INPUT => input_roles.push(role),
                text => defaults.push((role, owned(text))),
            }
        }
        let mut globs = Vec::new();
        for (name, value) in &raw.r#where {
            globs.push((self.known(name, &value.span())?, value.get_ref().split('|').map(owned).collect()));
        }
        let mut classes = Vec::new();
        for (name, value) in &raw.classify {
            let (reader, wanted) = value.get_ref().split_once(':').unwrap_or((value.get_ref(), ""));
            let Some((_, reader, fills)) = READER_ROLES.iter().find(|(known, ..)| *known == reader) else {
                let known = READER_ROLES.iter().map(|(known, ..)| *known);
                return Err(Wrong::new(value.span(), unknown("reader", reader, known)));
            };
            classes.push(Class {
                role: self.known(name, &value.span())?,
                reader: *reader,
                wanted: wanted.split('|').map(owned).collect(),
                fills: fills.iter().map(|role| (owned(role), self.role(role))).collect(),
            });
        }
        Ok(Pattern {
            leading: leading(&raw.on),
            need: Cow::Owned(need),
            may: Cow::Owned(may),
            without: words(raw.without.as_ref()).into_iter().map(owned).collect(),
            operands: Cow::Owned(operands),
            globs: Cow::Owned(globs),
            classes: Cow::Owned(classes),
            defaults: Cow::Owned(defaults),
            name_role,
            source_role,
            input_roles: Cow::Owned(input_roles),
            grammars: Cow::Owned(grammars),
        })
    }

    fn needs(&mut self, written: Option<&Spanned<String>>) -> Vec<Need> {
        words(written)
            .into_iter()
            .map(|word| {
                let (options, role) =
                    word.split_once('=').map_or((word, None), |(options, role)| (options, Some(role)));
                Need { options: options.split('|').map(owned).collect(), role: role.map(|role| self.role(role)) }
            })
            .collect()
    }

    fn slot(&mut self, word: &str) -> Slot {
        if let Some(literal) = word.strip_prefix('=') {
            return match literal.strip_suffix('?') {
                Some(literal) => Slot::MaybeWord(owned(literal)),
                None => Slot::Word(owned(literal)),
            };
        }
        if let Some(role) = word.strip_suffix("...") {
            return Slot::Rest(self.role(role));
        }
        if let Some(role) = word.strip_suffix("#?") {
            return Slot::MaybeNumber(self.role(role));
        }
        if let Some(role) = word.strip_suffix('?') {
            return Slot::Maybe(self.role(role));
        }
        if let Some(role) = word.strip_suffix('+') {
            return Slot::Many(self.role(role));
        }
        match word.split_once('/') {
            Some((role, option)) => Slot::Unless(self.role(role), owned(option)),
            None => Slot::One(self.role(word)),
        }
    }

    fn known(&self, name: &str, at: &Range<usize>) -> Result<Role, Wrong> {
        self.roles
            .iter()
            .position(|role| role == name)
            .and_then(|index| u8::try_from(index).ok())
            .map(Role)
            .ok_or_else(|| Wrong::new(at.clone(), unknown("role", name, self.roles.iter().map(String::as_str))))
    }

    /// The things: those that operands are, those that follow from others, and the server that is asked.
    fn things(&mut self, raw: &RawForm, pattern: &mut Pattern) -> Result<(Vec<ThingTemplate>, Vec<String>), Wrong> {
        let mut written: Vec<(String, String, Range<usize>)> =
            self.kinds.iter().map(|(role, kind)| (role.clone(), format!("{kind} {role}"), raw.id.span())).collect();
        written.retain(|(role, ..)| !raw.also.contains_key(role));
        for (name, text) in &raw.also {
            written.push((name.clone(), text.get_ref().clone(), text.span()));
        }
        if let Some(server) = &raw.server {
            let name = server.get_ref().split_whitespace().next().unwrap_or_default();
            written.push(("SERVER".to_owned(), format!("server {name}"), server.span()));
        }
        let uses = |word: &str| {
            written.iter().any(|(_, text, _)| text.split(|c: char| !c.is_ascii_uppercase()).any(|part| part == word))
        };
        let prefix = raw.idempotent.as_ref().and_then(|rewrite| rewrite.prefix.as_ref());
        if uses(NAME) || prefix.is_some_and(|text| text.get_ref().contains("{NAME}")) {
            pattern.name_role = Some(self.role(NAME));
        }
        if uses(INPUT) {
            let input = self.role(INPUT);
            if !pattern.input_roles.contains(&input) {
                pattern.input_roles.to_mut().push(input);
            }
        }
        let (mut things, mut keys) = (Vec::new(), Vec::new());
        for (name, text, at) in &written {
            let made = template(name, text, &self.roles, at)?;
            things.push(made.thing);
            keys.push(made.key);
        }
        Ok((things, keys))
    }

    fn cases(raw: &RawForm, names: &Names<'_>) -> Result<Vec<Case>, Wrong> {
        let mut cases = match &raw.cases {
            Some(written) => names.cases(written.all())?,
            None => Vec::new(),
        };
        if cases.is_empty() {
            let ok = |outcome, code| Case { when: Some(Vec::new()), outcome, code, changes: Vec::new() };
            cases.push(ok(Outcome::Ok, 0));
        }
        if let Some(server) = &raw.server {
            let code = server.get_ref().split_whitespace().nth(1).unwrap_or("1");
            let text = format!("SERVER absent => unasked {code}");
            cases.splice(0..0, names.cases(&[Spanned::new(server.span(), text)])?);
        }
        Ok(cases)
    }
}

/// The codes that tell *could not ask* from *no*.
fn unasked(cases: &[Case]) -> Vec<u8> {
    let codes = |outcome| cases.iter().filter(move |case| case.outcome == outcome).map(|case| case.code);
    codes(Outcome::Unasked).filter(|code| codes(Outcome::Fail).all(|other| other != *code)).collect()
}

/// The things that a check asks about: those in its preconditions, but not the server that answers.
fn asked(cases: &[Case], prints: &[FactRow], kinds: &[ThingKind]) -> Vec<FactRow> {
    let mut things: Vec<usize> = cases
        .iter()
        .flat_map(|case| case.when.iter().flatten())
        .map(|literal| literal.thing)
        .chain(prints.iter().map(|row| row.thing))
        .filter(|thing| kinds[*thing] != ThingKind::Server)
        .collect();
    things.sort_unstable();
    things.dedup();
    things.into_iter().map(|thing| FactRow { fact: FactKind::Asked, thing, other: None, when: When::Always }).collect()
}

/// What output says: `N present`, `P filled`.
fn lists(raw: &RawForm, names: &Names<'_>, kinds: &[ThingKind]) -> Result<(Vec<FactRow>, Vec<FactRow>), Wrong> {
    let Some(text) = &raw.lists else { return Ok((Vec::new(), Vec::new())) };
    let literals = names.precondition(text.get_ref(), &text.span())?.unwrap_or_default();
    let (mut some, mut none) = (Vec::new(), Vec::new());
    for literal in literals {
        let row = |fact| FactRow { fact, thing: literal.thing, other: None, when: When::Always };
        let facts = match (kinds[literal.thing], literal.predicate) {
            (ThingKind::Path, Predicate::Filled) => (Some(FactKind::Exists), Some(FactKind::EmptyDir)),
            (ThingKind::Text, _) => (Some(FactKind::Contains), Some(FactKind::ContainsNot)),
            (ThingKind::Service, _) => (Some(FactKind::Active), Some(FactKind::Inactive)),
            _ => (Some(FactKind::Exists), Some(FactKind::Absent)),
        };
        some.extend(facts.0.map(row));
        none.extend(facts.1.map(row));
    }
    Ok((some, none))
}

/// `KIND [HOW] THING [from THING]`.
fn effect(text: &Spanned<String>, names: &Names<'_>) -> Result<EffectRow, Wrong> {
    let mut words = text.get_ref().split_whitespace().peekable();
    let kind: EffectKind = word(words.next().unwrap_or_default(), text.span())?;
    let first = words.next().unwrap_or_default();
    let (how, target) =
        if names.things.iter().any(|thing| thing == first) && words.peek().is_none_or(|next| *next == "from") {
            (How::Other, first)
        } else {
            (word(first, text.span())?, words.next().unwrap_or_default())
        };
    let source = match (words.next(), words.next()) {
        (Some("from"), Some(thing)) => Some(names.thing(thing, text.span())?),
        (None, _) => None,
        (Some(other), _) => {
            return Err(Wrong::new(text.span(), format!("`{other}` is too much: KIND HOW THING [from THING]")));
        }
    };
    Ok(EffectRow { kind, how, target: names.thing(target, text.span())?, source })
}

/// `FACT THING [OTHER] [if PATH of SERVICE]`.
fn fact(text: &Spanned<String>, names: &Names<'_>) -> Result<FactRow, Wrong> {
    let (row, condition) = text.get_ref().split_once(" if ").unwrap_or((text.get_ref(), ""));
    let mut words = row.split_whitespace();
    let kind = word(words.next().unwrap_or_default(), text.span())?;
    let thing = names.thing(words.next().unwrap_or_default(), text.span())?;
    let other = words.next().map(|other| names.thing(other, text.span())).transpose()?;
    let when = match condition.split_once(" of ") {
        Some((path, service)) => When::Covered {
            path: names.thing(path.trim(), text.span())?,
            service: names.thing(service.trim(), text.span())?,
        },
        None if condition.is_empty() => When::Always,
        None => return Err(Wrong::new(text.span(), "a condition reads `if PATH of SERVICE`")),
    };
    Ok(FactRow { fact: kind, thing, other, when })
}

fn rewrite(raw: &RawRewrite, roles: &[String]) -> Result<Rewrite, Wrong> {
    let action = match (&raw.add, &raw.replace, &raw.prefix) {
        (Some(option), None, None) => RewriteAction::AddOption(owned(option)),
        (None, Some(text), None) => match text.get_ref().split_once("=>") {
            Some((from, to)) => RewriteAction::ReplaceWord { from: owned(from.trim()), to: owned(to.trim()) },
            None => return Err(Wrong::new(text.span(), "a replacement reads `WORD => WORD`")),
        },
        (None, None, Some(text)) => RewriteAction::Prefix(Cow::Owned(braced(text, roles)?)),
        _ => return Err(Wrong::new(0..0, "`idempotent` has exactly one of `add`, `replace` and `prefix`")),
    };
    let safety = if raw.safe { Safety::Safe } else { Safety::Unsafe };
    Ok(Rewrite { action, safety, needs_bash: raw.bash })
}

/// Text with roles in braces.
fn braced(text: &Spanned<String>, roles: &[String]) -> Result<Vec<Piece>, Wrong> {
    let mut made = Vec::new();
    let mut rest = text.get_ref().as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((role, later)) = after.split_once('}') else {
            return Err(Wrong::new(text.span(), "`{` is not closed"));
        };
        made.push(Piece::Literal(owned(before)));
        made.extend(pieces(role, roles, &text.span())?);
        rest = later;
    }
    made.push(Piece::Literal(owned(rest)));
    made.retain(|piece| !matches!(piece, Piece::Literal(text) if text.is_empty()));
    Ok(made)
}

/// A word of the vocabulary, in kebab case.
pub fn word<T: DeserializeOwned>(text: &str, at: Range<usize>) -> Result<T, Wrong> {
    toml::Value::String(text.to_owned())
        .try_into()
        .map_err(|error: toml::de::Error| Wrong::new(at, explain(error.message())))
}

/// The words of an optional text.
pub fn words(text: Option<&Spanned<String>>) -> Vec<&str> {
    text.map(|text| text.get_ref().split_whitespace().collect()).unwrap_or_default()
}

/// The words that lead, for every alternative.
pub fn leading(on: &OneOrMany) -> super::model::List<super::model::List<Text>> {
    on.all().iter().map(|alternative| alternative.get_ref().split_whitespace().map(owned).collect()).collect()
}

/// A text of one's own.
pub fn owned(text: &str) -> Text {
    Cow::Owned(text.to_owned())
}
