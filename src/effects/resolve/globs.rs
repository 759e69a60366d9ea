//! Patterns of the shell that stand for all that a directory shows: whether they find a name, and what a removal of it leaves.
//!
//! ```sh
//! compgen -G "/srv/app/*" > /dev/null && exit 1       # goes on where nothing is shown in /srv/app
//! rm -rf /srv/app/*                                   # /srv/app is there, and what it was for is not
//! ```

use super::super::step::Step;
use super::super::thing::{Fact, Thing, ThingId};
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{FactKind, Form, ThingKind};

use super::forms::Placed;
use super::{Evaluated, Resolver};

/// It removes all that is in a directory.
const EMPTIES: &str = "empties-directory";

impl Resolver<'_, '_> {
    /// The directory whose content a removal takes, of which that is all that is shown.
    pub(super) fn emptied_directory(
        &mut self,
        form: &Form,
        target: &Placed,
        (root, state): (Option<ValueId>, &State),
    ) -> Option<ThingId> {
        if form.marks.iter().any(|mark| **mark == *EMPTIES) {
            if let Some((directory, _)) = target.holder {
                return Some(self.path(directory, root, state));
            }
            return self.directory_of(target.thing);
        }
        // What `xargs` is handed is not all that is there.
        let written = self.source.get(target.span?.range())?;
        let (all, slash) = match self.flow.values.get(*self.things.get(target.thing).key.first()?) {
            Value::Concat(pieces) => (*pieces.last()?, pieces.len().checked_sub(2).map(|at| pieces[at])?),
            _ => return None,
        };
        let is_all = matches!(self.flow.values.get(all), Value::Pattern(pattern) if &**pattern == "*");
        let is_within = self.flow.values.text(slash).is_some_and(|text| text.ends_with('/'));
        if is_all && is_within && written.ends_with(b"*") { self.directory_of(target.thing) } else { None }
    }

    /// The directory that a path lies in.
    fn directory_of(&mut self, path: ThingId) -> Option<ThingId> {
        let thing = self.things.get(path).clone();
        let &[path] = &thing.key[..] else { return None };
        let directory = self.flow.values.derived(path, "%/*");
        let key = smallvec::smallvec![directory];
        (thing.kind == ThingKind::Path).then(|| self.things.intern(Thing { key, ..thing }))
    }

    /// What the failure of `compgen -G PATTERN` says: of all names in a directory there is none that does not begin with a
    /// dot.
    pub(super) fn globbed(&mut self, words: &[Evaluated], root: Option<ValueId>, state: &State, step: &mut Step) {
        let [name, option, pattern] = words else { return };
        let is_all = pattern.argument.text.strip_suffix("/*").is_some_and(|above| !above.contains(['*', '?', '[']));
        if name.argument.text != "compgen" || option.argument.text != "-G" || !is_all || pattern.argument.splits {
            return;
        }
        let directory = self.flow.values.derived(pattern.value, "%/*");
        let thing = self.path(directory, root, state);
        step.fail.push(Fact { kind: FactKind::NothingShown, thing });
    }
}
