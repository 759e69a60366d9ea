//! Commands that say whether a pattern of the shell finds a name.
//!
//! ```sh
//! compgen -G "/srv/app/*" > /dev/null && exit 1       # goes on where nothing is shown in /srv/app
//! ```

use super::super::step::Step;
use super::super::thing::Fact;
use crate::flow::state::State;
use crate::flow::value::ValueId;
use crate::knowledge::FactKind;

use super::{Evaluated, Resolver};

impl Resolver<'_, '_> {
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
