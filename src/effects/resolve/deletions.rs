//! `eval` of a listing of rules that filters turn into deletions.

use super::super::cleared::Cleared;
use super::super::step::Step;
use crate::flow::forest::{constant, piped, program};
use crate::flow::graph::NodeId;
use crate::flow::state::State;
use crate::flow::value::ValueId;
use crate::knowledge::{Argument, ThingKind};
use crate::syntax::tree::{Command, CommandKind, Part, PartKind, Simple, Word};

use super::{Evaluated, Resolver};

impl Resolver<'_, '_> {
    /// The rules that the commands in a word delete, if that is what they do.
    pub(super) fn cleared(&mut self, id: NodeId, text: &Word, state: &State) -> Option<Cleared> {
        let [listing, filters @ ..] = piped(text)? else { return None };
        let mut state = state.clone();
        let words = self.evaluated_all(id, simple(listing)?, &mut state);
        let (words, root, _) = self.unwrapped(words, &state, &mut Step::default());
        let arguments: Vec<Argument> = words.iter().map(|word| word.argument.clone()).collect();
        let found = self.knowledge.command(&arguments)?;
        let row = found.form.prints.first()?;
        let listed = self.thing(id, found.form, row.thing, found.instances.first()?, &words, root, &state)?;
        if listed.kind != ThingKind::Rule {
            return None;
        }
        let mut patterns = Vec::new();
        let (mut deletes, mut ends_commands) = (false, false);
        for filter in filters {
            let filter = simple(filter)?;
            let name = program(filter)?;
            if super::asked::is_search(&name) {
                let words: Vec<Evaluated> =
                    filter.words[1..].iter().map(|word| self.evaluated(id, word, &mut state)).collect();
                patterns.push(pattern(&words)?);
            } else {
                let texts = filter.words[1..].iter().filter_map(constant);
                for text in texts {
                    deletes |= text.contains("-D") || text.contains("--delete");
                    ends_commands |= text.contains(";/");
                }
            }
        }
        // Without quotes all commands are one line, unless something ends each of them.
        let quoted = matches!(text.parts[..], [Part { kind: PartKind::DoubleQuoted(_), .. }]);
        let step = self.step_thing(id);
        (deletes && (quoted || ends_commands)).then_some(Cleared { step, root, listed: listed.value, patterns })
    }
}

fn simple(command: &Command) -> Option<&Simple> {
    match &command.kind {
        CommandKind::Simple(simple) => Some(simple),
        _ => None,
    }
}

/// The pattern of a `grep` by its operands, if it is one, and whether lines pass that it matches.
fn pattern(words: &[Evaluated]) -> Option<(ValueId, bool)> {
    let mut passes = true;
    let mut given = None;
    let mut operand = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = &word.argument.text;
        match text.strip_prefix('-') {
            Some("-invert-match") => passes = false,
            Some(long) if long.starts_with('-') => {}
            Some(letters) if !letters.is_empty() => {
                passes &= !letters.contains('v');
                if letters.ends_with('e') && given.replace(words.next()?.value).is_some() {
                    return None;
                }
            }
            _ => operand = operand.or(Some(word.value)),
        }
    }
    Some((given.or(operand)?, passes))
}
