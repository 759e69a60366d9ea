//! The things that words and nodes stand for.

use super::super::step::Step;
use super::super::thing::{Fact, Thing, ThingId, above};
use super::super::universe::implied;
use super::super::variants::choices;
use crate::flow::graph::NodeId;
use crate::flow::state::State;
use crate::flow::value::{Value, ValueId};
use crate::knowledge::{Bindings, FactKind, Form, Operand, Piece, ThingKind};

use super::{Evaluated, Resolver};

/// How many meetings of values are looked through.
const MOST_MEETINGS: u32 = 3;

impl Resolver<'_, '_> {
    /// The thing that stands for what is known of a value.
    pub fn value_thing(&mut self, value: ValueId) -> ThingId {
        self.things.intern(Thing { kind: ThingKind::Value, root: None, key: smallvec::smallvec![value] })
    }

    /// What is there after a command has a name: nothing has the empty one.
    pub(super) fn not_empty(&mut self, form: &Form, bindings: &Bindings, words: &[Evaluated], step: &mut Step) {
        for row in form.ok.iter().filter(|row| is_there(row.fact)) {
            let Some(template) = form.things.get(row.thing) else { continue };
            // Without quotes the empty name is no word.
            if let (ThingKind::Path | ThingKind::Mount, [Piece::Role(role)]) = (template.kind, &template.pieces[..])
                && let Some(Operand::Word { argument, offset: 0 }) = bindings.get(*role)
                && let Some(word) = words.get(*argument).filter(|word| !word.argument.splits)
                && self.flow.values.text(word.value).is_none()
            {
                let thing = self.value_thing(word.value);
                step.ok.push(Fact { kind: FactKind::NonEmpty, thing });
            }
        }
    }

    /// The thing that stands for the step which chose the working directory.
    pub fn directory_thing(&mut self) -> ThingId {
        let key = self.flow.values.constant("cd");
        self.things.intern(Thing { kind: ThingKind::Step, root: None, key: smallvec::smallvec![key] })
    }

    /// The mounts that a path would lie in.
    pub fn mounts_above(&mut self, path: ValueId, state: &State) -> Vec<ThingId> {
        let path = super::super::thing::normal(path, state.directory, &mut self.flow.values);
        let mut directories = above(path, &mut self.flow.values);
        // A name that is not known may hold slashes: `$root/$socket` lies in `$root/$(dirname $socket)`.
        if let Some((&last, before)) = self.flow.values.pieces(&path).to_vec().split_last()
            && self.flow.values.text(last).is_none()
        {
            let directory = self.flow.values.derived(last, "%/*");
            directories.push(self.flow.values.concat(before.iter().copied().chain([directory])));
        }
        // Whichever it is of a few, it lies in what all of them lie in.
        for choice in choices(path, &mut self.flow.values) {
            let mut each = choice.variants.into_iter().map(|variant| above(variant, &mut self.flow.values));
            let mut shared = each.next().unwrap_or_default();
            each.for_each(|other| shared.retain(|directory| other.contains(directory)));
            directories.extend(shared);
        }
        directories
            .into_iter()
            .map(|directory| {
                self.things.intern(Thing { kind: ThingKind::Mount, root: None, key: smallvec::smallvec![directory] })
            })
            .collect()
    }

    /// What the kernel shows as a directory of this path: an interface below `/sys/class/net`, a module below `/sys/module`.
    pub fn kernel_object(&mut self, path: ValueId) -> Option<ThingId> {
        const DIRECTORIES: [(&str, ThingKind, &str); 2] = [
            ("/sys/class/net/", ThingKind::Network, "interface "),
            ("/sys/module/", ThingKind::Object, "object module "),
        ];
        let begins = self.flow.values.begins(path);
        let &(directory, kind, word) = DIRECTORIES.iter().find(|(directory, ..)| begins.starts_with(directory))?;
        let name = self.flow.values.tail(path, directory.len());
        let word = self.flow.values.constant(word);
        let key = self.flow.values.concat([word, name]);
        Some(self.things.intern(Thing { kind, root: None, key: smallvec::smallvec![key] }))
    }

    /// A logical volume by the name that its tools show, where it is given as the file of its device.
    pub(super) fn volume_name(&mut self, key: ValueId) -> ValueId {
        const BY_DEVICE: &str = "lv /dev/";
        if !self.flow.values.begins(key).starts_with(BY_DEVICE) {
            return key;
        }
        let name = self.flow.values.tail(key, BY_DEVICE.len());
        let word = self.flow.values.constant("lv ");
        self.flow.values.concat([word, name])
    }

    /// The thing that stands for the run of the script.
    pub fn run_thing(&mut self) -> ThingId {
        let key = self.flow.values.constant("run");
        self.things.intern(Thing { kind: ThingKind::Step, root: None, key: smallvec::smallvec![key] })
    }

    /// The thing that stands for a node.
    pub(super) fn step_thing(&mut self, id: NodeId) -> ThingId {
        let key = self.flow.values.constant(&format!("step {}", id.0));
        self.things.intern(Thing { kind: ThingKind::Step, root: None, key: smallvec::smallvec![key] })
    }

    /// The thing of a service.
    pub fn service_thing(&mut self, name: &str, root: Option<ValueId>) -> ThingId {
        // By its program or its process-number file: what these are called after.
        let base = name.rsplit('/').next().unwrap_or_default();
        let name = self.knowledge.service(name).map_or_else(
            || base.trim_end_matches(".service").trim_end_matches(".pid").to_owned(),
            |service| service.name.to_string(),
        );
        let key = self.flow.values.constant(&name);
        self.things.intern(Thing { kind: ThingKind::Service, root, key: smallvec::smallvec![key] })
    }

    /// Where a service runs that is called something else on other systems, it runs by that name as well: a script that stops
    /// one by the init script that it finds may start it by the other.
    pub(super) fn started_elsewhere(&mut self, step: &mut Step) {
        let knowledge = self.knowledge;
        for at in 0..step.ok.len() {
            let fact = step.ok[at];
            let thing = self.things.get(fact.thing);
            if fact.kind != FactKind::Active || thing.kind != ThingKind::Service {
                continue;
            }
            let root = thing.root;
            let Some(service) = self.flow.values.text(thing.key[0]).and_then(|name| knowledge.service(name)) else {
                continue;
            };
            for other in service.elsewhere.iter() {
                let thing = self.service_thing(other, root);
                step.ok.push(Fact { thing, ..fact });
            }
        }
    }

    /// The directory that the script chose, where paths meet with it and another one. In a loop that is one below where
    /// the script was in that turn, whichever turn it is, and not the one of the first.
    pub(super) fn chosen(&self, directory: ValueId) -> String {
        let values = &self.flow.values;
        let met = values.alternatives(directory);
        let is_below_any = |&&value: &&ValueId| {
            let (begins, first) = (values.begins(value), values.pieces(&value)[0]);
            let is_below = first != value && matches!(values.get(first), Value::Phi(_, u32::MAX));
            is_below || !begins.is_empty() && !begins.starts_with('/')
        };
        let elsewhere =
            |&&value: &&ValueId| !matches!(values.get(value), Value::Environment(_, name) if &**name == "PWD");
        let value = met.iter().find(is_below_any).or_else(|| met.iter().find(elsewhere)).copied().unwrap_or(directory);
        let shown = values.display(value, &self.flow.names);
        // Below where the script was it is what the script writes.
        let begins = values.pieces(&value)[0];
        let below = (begins != value && self.is_working_directory(begins))
            .then(|| shown.strip_prefix(&values.display(begins, &self.flow.names))?.strip_prefix('/'));
        below.flatten().map(str::to_owned).unwrap_or(shown)
    }

    /// Whether a name is new with each run.
    pub(in crate::effects) fn is_new_each_run(&self, value: ValueId) -> bool {
        self.is_made_of(value, &|value| matches!(value, Value::Fresh(_) | Value::Unique(_)))
    }

    /// Whether something of the kind is in a value: by its text, or by what a variable in it is wherever the script set it.
    pub(super) fn is_made_of(&self, value: ValueId, kind: &dyn Fn(&Value) -> bool) -> bool {
        let values = &self.flow.values;
        values.any(value, kind)
            || values.pieces(&value).iter().any(|&piece| {
                // What a function finds set may be what another one has made.
                if let Value::Environment(since, name) = values.get(piece)
                    && *since != 0
                    && self.assigned_anywhere.anew.contains(name)
                {
                    return kind(&Value::Fresh(*since));
                }
                let mut set = Vec::new();
                self.set_to(piece, MOST_MEETINGS, &mut set);
                // What a call left empty is no name of anything.
                set.retain(|&other| values.text(other) != Some(""));
                !set.is_empty() && set.into_iter().all(|other| values.any(other, kind))
            })
    }

    /// What the script set a variable to, where paths meet with different values of it.
    fn set_to(&self, met: ValueId, depth: u32, set: &mut Vec<ValueId>) {
        for &other in self.flow.values.alternatives(met) {
            match self.flow.values.get(other) {
                Value::Environment(..) => {}
                Value::Phi(..) if depth > 0 => self.set_to(other, depth - 1, set),
                _ => set.push(other),
            }
        }
    }

    /// Whether a value is what a function that was not read may have printed.
    pub(super) fn is_unread(&self, value: ThingId) -> bool {
        let held = self.things.get(value).key[0];
        matches!(self.flow.values.get(held), Value::Output(start) if self.unread.contains(start))
    }

    /// Whether paths meet with different working directories here.
    pub(super) fn may_differ(&self, directory: ValueId) -> bool {
        self.flow.values.any(directory, &|value| matches!(value, Value::Phi(_, u32::MAX)))
    }
}

/// Whether a fact says that something is there.
fn is_there(fact: FactKind) -> bool {
    fact == FactKind::Exists || implied(fact).contains(&FactKind::Exists)
}
